"""XML that is no document format of its own: records as tables, all else as "name: value"; what is damaged is read as text.

Entities are never resolved: a file that declares some is read as text, declarations included.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from detector import charsets
from detector.formats import text as plain
from detector.formats import values
from detector.formats.plugin import Format, Item, Source
from detector.records import Defect, Text

_MAX_BYTES, _MAX_TAGS, _MAX_DEPTH = 10_000_000, 500_000, 200
"""Taken apart; a larger file, whose values could take thirty times its size, is read as text."""
_CHUNK_BYTES = 65_536


def read(source: Source) -> Iterator[Item]:
    """Cells "table 1, row 3, column 2", paragraphs "item 4", "comment"; "line 14" where it is read as text."""
    text, defect = charsets.decode(source.part.data, source.part.charset)
    if len(source.part.data) <= _MAX_BYTES and text.count("<") + text.count("=") <= _MAX_TAGS and "<!ENTITY" not in text:
        try:
            target = _parsed(source)
        except (etree.XMLSyntaxError, _TooDeep):
            pass
        else:
            yield from values.blocks(target.root, budget=source.budget)
            yield from (Text(comment, "comment") for comment in target.comments)
            return
    if defect is not None:
        yield Defect(source.part.index, defect)
    yield from plain.blocks(text)


def _parsed(source: Source) -> _Target:
    target = _Target()
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    data = source.part.data
    for at in range(0, len(data), _CHUNK_BYTES):
        source.budget.check_time()
        parser.feed(data[at : at + _CHUNK_BYTES])
    parser.close()
    return target


class _TooDeep(Exception):  # noqa: N818 - it says what happened, and is always caught here
    """Elements stand deeper in one another than lxml itself bears, which it only says of trees that it builds."""


class _Element:
    """An element that is not closed yet."""

    def __init__(self, name: str, attributes: list[tuple[str, str]]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[tuple[str, values.Value]] = []
        self.texts: list[str] = []
        """Its own, and those of its children where they stand."""
        self.has_words = False

    def value(self) -> values.Value:
        """A text where there is nothing else. Words between children make all of it one text, so that no sentence is torn."""
        if self.children and not self.has_words:
            return values.merged([*self.attributes, *self.children])
        text = "".join(self.texts).strip()
        named = [*self.attributes, *((name, value) for name, value in self.children if isinstance(value, dict))]
        return values.merged([*named, *([("", text)] if text else [])]) if named else text


class _Target:
    """What lxml calls at each tag."""

    def __init__(self) -> None:
        self.open: list[_Element] = []
        self.root: values.Value = None
        self.comments: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if len(self.open) >= _MAX_DEPTH:
            raise _TooDeep
        self.open.append(_Element(_local(tag), [(_local(name), value) for name, value in attributes.items()]))

    def data(self, data: str) -> None:
        self.open[-1].texts.append(data)
        self.open[-1].has_words = self.open[-1].has_words or not data.isspace()

    def end(self, _tag: str) -> None:
        element = self.open.pop()
        value = element.value()
        if self.open:
            self.open[-1].children.append((element.name, value))
            self.open[-1].texts.append("".join(element.texts))
        else:
            self.root = value

    def comment(self, text: str) -> None:
        if text.strip():
            self.comments.append(text.strip())

    def close(self) -> None:
        """lxml asks for it."""


def _local(name: str) -> str:
    return name[name.rfind("}") + 1 :]


FORMAT = Format("xml", ("xml",), (".xml",), "XML: records that are alike as tables, all else by name, comments.", read)
