"""Paragraphs and tables of an Office or OpenDocument XML part, read as a stream of tags.

Their vocabularies differ in words only, so one walk serves all. No entity is resolved from outside, nothing is fetched,
and lxml's ceilings on depth and size hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from detector.formats.plugin import Item, row
from detector.records import Text

ALT_TEXT = "alt text"
"""How the place of a text that describes a picture ends."""

_MAX_COVERED = 30
"""Columns that one cell may cover or repeat."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Local names of the elements that matter."""

    paragraph: frozenset[str]
    text: frozenset[str] = frozenset()
    """Elements that hold text; none where all text inside a paragraph counts."""
    table: str = ""
    row: str = ""
    cell: frozenset[str] = frozenset()
    span: tuple[str, str] = ("", "")
    """Element and attribute that say how many columns a cell covers."""
    breaks: Mapping[str, str] = field(default_factory=dict)
    skipped: frozenset[str] = frozenset()
    asides: Mapping[str, str] = field(default_factory=dict)
    """Elements whose paragraphs are told apart, with the word for their place."""
    page: str = ""
    """Element that is a slide, a comment or a note; places in it begin with its word and number, "slide 3"."""
    page_word: str = "slide"
    deleted: frozenset[str] = frozenset()
    """Elements of tracked changes whose text is gone, and those whose text is new."""
    inserted: frozenset[str] = frozenset()
    spoken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Attributes that describe a picture, by their element."""


@dataclass(slots=True)
class _Paragraph:
    """The words of a paragraph as it is, and as it was before the changes that are tracked in it."""

    now: list[str] = field(default_factory=list)
    was: list[str] = field(default_factory=list)
    has_lost: bool = False

    def versions(self) -> tuple[str, str]:
        """Both as texts; the second is "" where nothing was deleted."""
        return _joined(self.now), _joined(self.was) if self.has_lost else ""


@dataclass(slots=True)
class _Table:
    name: str
    row: int = 0
    texts: list[str] = field(default_factory=list)
    covered: int = 1


def blocks(chunks: Iterable[bytes], vocabulary: Vocabulary, *, where: str = "", prefix: str = "") -> Iterator[Item]:
    """Text and rows as the bytes come in.

    Paragraphs stand at `where`, or at "paragraph 3" behind `prefix` where that is empty; tables at "table 1".
    Raises XMLSyntaxError where the XML is damaged, after what was read before.
    """
    target = _Target(vocabulary, where, prefix)
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    is_fed = False
    for chunk in chunks:
        parser.feed(chunk)
        is_fed = True
        yield from target.taken()
    if is_fed:
        yield from _closed(parser, target)


def _closed(parser: etree.XMLParser, target: _Target) -> Iterator[Item]:
    try:
        parser.close()
    finally:
        rest = target.taken()
    yield from rest


class _Target:
    """What lxml calls at each tag."""

    def __init__(self, vocabulary: Vocabulary, where: str, prefix: str) -> None:
        self.words = vocabulary
        self.where = where
        self.prefix = prefix
        self.items: list[Item] = []
        self.skipping = 0
        self.in_text = 0
        self.open: list[_Paragraph] = []
        self.in_deleted = self.in_inserted = 0
        self.described: set[str] = set()
        self.asides: list[str] = []
        self.tables: list[_Table] = []
        self.cells: list[list[str]] = []
        self.paragraphs = self.table_count = self.pages = 0

    def taken(self) -> list[Item]:
        """What was found since it was asked last."""
        items, self.items = self.items, []
        return items

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag[tag.rfind("}") + 1 :]
        words = self.words
        if self.skipping or name in words.skipped:
            self.skipping += 1
        elif name in words.text:
            self.in_text += 1
        elif name in words.paragraph:
            self.open.append(_Paragraph())
        elif name in words.breaks and self.open:
            self.write(words.breaks[name] * _count(attributes, "c"))
        elif name in words.spoken:
            self.describe([attributes.get(each, "").strip() for each in words.spoken[name]])
        else:
            self.start_frame(name, attributes)
        if name in words.asides:
            self.asides.append(words.asides[name])
        self.in_deleted += name in words.deleted
        self.in_inserted += name in words.inserted
        if name == words.span[0] and self.tables:
            self.tables[-1].covered = _count(attributes, words.span[1])

    def describe(self, texts: list[str]) -> None:
        """What is said of a picture, once: it stands at the frame and at the picture in it."""
        for text in texts:
            if text and text not in self.described:
                self.described.add(text)
                self.items.append(Text(text, f"{self.where}, {ALT_TEXT}" if self.where else f"{self.prefix}{ALT_TEXT}"))

    def start_frame(self, name: str, attributes: Mapping[str, str]) -> None:
        """A table, a cell or a slide begins, if anything."""
        words = self.words
        if name == words.table and name:
            self.table_count += 1
            self.tables.append(_Table(f"{self.prefix}table {self.table_count}"))
        elif name in words.cell:
            self.cells.append([])
        elif name == words.page and name and not any(key.endswith("}type") for key in attributes):  # a separator of notes has a type
            self.pages += 1
            place = f"{words.page_word} {self.pages}"
            self.where, self.prefix, self.table_count = place, f"{place}, ", 0

    def end(self, tag: str) -> None:
        name = tag[tag.rfind("}") + 1 :]
        words = self.words
        if self.skipping:
            self.skipping -= 1
        elif name in words.text:
            self.in_text -= 1
        elif name in words.paragraph:
            self.end_paragraph()
        elif name == words.table and self.tables:
            self.tables.pop()
        elif name in words.cell:
            self.end_cell()
        elif name == words.row and self.tables:
            self.end_row(self.tables[-1])
        if name in words.asides and self.asides:
            self.asides.pop()
        self.in_deleted -= name in words.deleted
        self.in_inserted -= name in words.inserted

    def data(self, data: str) -> None:
        if self.open and not self.skipping and (self.in_text or not self.words.text):
            self.write(data)

    def write(self, text: str) -> None:
        """Words or blanks of the paragraph that is open."""
        paragraph = self.open[-1]
        if self.in_deleted:
            paragraph.has_lost = True
        else:
            paragraph.now.append(text)
        if not self.in_inserted:
            paragraph.was.append(text)

    def close(self) -> None:
        """lxml asks for it."""

    def end_paragraph(self) -> None:
        if not self.open:
            return
        now, was = self.open.pop().versions()
        if not now and not was:
            return
        if self.cells and not self.asides:
            self.cells[-1] += [text for text in (now, was) if text]
            return
        self.paragraphs += 1
        place = self.place()
        if now:
            self.items.append(Text(now, place))
        if was:
            self.items.append(Text(was, f"{place}, before changes" if now else f"{place}, deleted"))

    def place(self) -> str:
        if self.asides:
            return f"{self.prefix}{self.asides[-1]}"
        return self.where or f"{self.prefix}paragraph {self.paragraphs}"

    def end_cell(self) -> None:
        texts = self.cells.pop() if self.cells else []
        if self.tables:
            table = self.tables[-1]
            table.texts.append("\n".join(texts))
            table.texts += [""] * (table.covered - 1)
            table.covered = 1

    def end_row(self, table: _Table) -> None:
        table.row += 1
        if any(table.texts):
            self.items.append(row(table.name, table.texts, number=table.row, prefix=f"{table.name}, "))
        table.texts = []


def _joined(pieces: list[str]) -> str:
    return "".join(pieces).strip("\n ")


def _count(attributes: Mapping[str, str], name: str) -> int:
    for key, value in attributes.items():
        if key[key.rfind("}") + 1 :] == name and value.isascii() and value.isdigit():
            return max(1, min(int(value[:4]), _MAX_COVERED))
    return 1
