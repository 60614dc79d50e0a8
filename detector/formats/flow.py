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
    """Element that is a slide; places in it begin with "slide 3"."""


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
        self.open: list[list[str]] = []
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
            self.open.append([])
        elif name in words.breaks and self.open:
            self.open[-1].append(words.breaks[name] * _count(attributes, "c"))
        else:
            self.start_frame(name)
        if name in words.asides:
            self.asides.append(words.asides[name])
        if name == words.span[0] and self.tables:
            self.tables[-1].covered = _count(attributes, words.span[1])

    def start_frame(self, name: str) -> None:
        """A table, a cell or a slide begins, if anything."""
        words = self.words
        if name == words.table and name:
            self.table_count += 1
            self.tables.append(_Table(f"{self.prefix}table {self.table_count}"))
        elif name in words.cell:
            self.cells.append([])
        elif name == words.page and name:
            self.pages += 1
            self.where, self.prefix, self.table_count = f"slide {self.pages}", f"slide {self.pages}, ", 0

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

    def data(self, data: str) -> None:
        if self.open and not self.skipping and (self.in_text or not self.words.text):
            self.open[-1].append(data)

    def close(self) -> None:
        """lxml asks for it."""

    def end_paragraph(self) -> None:
        if not self.open:
            return
        text = "".join(self.open.pop()).strip("\n ")
        if not text:
            return
        if self.cells and not self.asides:
            self.cells[-1].append(text)
            return
        self.paragraphs += 1
        self.items.append(Text(text, self.place()))

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


def _count(attributes: Mapping[str, str], name: str) -> int:
    for key, value in attributes.items():
        if key[key.rfind("}") + 1 :] == name and value.isascii() and value.isdigit():
            return max(1, min(int(value[:4]), _MAX_COVERED))
    return 1
