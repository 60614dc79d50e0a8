"""Old Word documents (.doc, .dot): body, tables, headers, footers, notes, comments, text boxes, and files put in.

The text lies in pieces all over the file, which a table puts in order; a table's rows are told by paragraph properties.
Source: Microsoft, "[MS-DOC]: Word (.doc) Binary File Format", sections 2.4.1, 2.4.3 and 2.8.25; for Word 6 and 95,
Microsoft, "Word 6.0/95 Binary File Format", the file information block.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from detector.formats import ole_parts
from detector.formats.doc_rows import Marks, read_marks
from detector.formats.plugin import Format, Item, Source, row
from detector.ole import Compound
from detector.records import Reason, Text

_ENCRYPTED, _SECOND_TABLE, _IN_PIECES = 0x0100, 0x0200, 0x0004
_WORD_97 = 106
"""Version from which on the layout is that of today."""
_PLACES = ("", "footnote", "header", "macro", "comment", "endnote", "text box", "text box")
"""The texts that follow one another in the file."""
_COUNTS, _HEADERS, _PROPERTIES, _PIECES = 76, 242, 258, 418
_OLD_COUNTS, _OLD_PIECES, _OLD_TEXT = 52, 352, 24
"""Where the file information block tells their lengths, and where the lists of headers, properties and pieces are."""
_FIRST_STORY, _STORIES, _FOOTERS = 6, 6, frozenset({2, 3, 5})
"""Of a section: headers and footers of even, odd and first pages. Before them stand the lines above footnotes."""
_IS_BYTES = 0x40000000

_MARK = re.compile("[\r\x07\x0c]")
_FIELD = re.compile("([\x13-\x15])")
_SIGNS = str.maketrans({"\x0b": "\n", "\x0e": "\n", "\x1e": "-", **dict.fromkeys("\0\x01\x02\x03\x04\x05\x06\x08\x1f\x13\x14\x15", None)})


class Piece(NamedTuple):
    """A run of text: first and last character in the document, first byte in the file, bytes a character."""

    start: int
    end: int
    at: int
    width: int


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One paragraph or cell, the sign that ends it, and where that stands in the document and in the file."""

    text: str = field(repr=False)
    mark: str
    at: int
    file_at: int


def read(source: Source) -> Iterator[Item]:
    """Blocks "paragraph 12", "table 1, row 3, column 2", "header", "footnote", "comment", "text box"."""
    compound = Compound(source.part.data)
    stream = compound.stream("WordDocument")
    version, flags = struct.unpack_from("<2xH6xH", stream)
    if flags & _ENCRYPTED:
        yield Reason.ENCRYPTED
        return
    is_old = version < _WORD_97
    lists = stream if is_old else compound.stream("1Table" if flags & _SECOND_TABLE else "0Table")
    pieces = _old_pieces(stream, flags) if is_old else _pieces(_listed(stream, lists, _PIECES), may_be_wide=True)
    marks = Marks() if is_old else read_marks(stream, _listed(stream, lists, _PROPERTIES))
    layout = _Layout(marks, _places(stream, b"" if is_old else _listed(stream, lists, _HEADERS), _OLD_COUNTS if is_old else _COUNTS))
    for paragraph in _paragraphs(source, stream, pieces):
        yield from layout.take(paragraph)
    yield from layout.end()
    if any(piece.at + (piece.end - piece.start) * piece.width > len(stream) for piece in pieces):
        yield Reason.DAMAGED
    if not (layout.paragraph or layout.table) and len(compound.stream("Data")) >= ole_parts.LARGE:
        yield Reason.NO_OCR
    yield from ole_parts.properties(source, compound)
    yield from ole_parts.embedded(source, compound)


def _listed(stream: bytes, lists: bytes, at: int) -> bytes:
    """What the file information block points to at `at`."""
    start, size = struct.unpack_from("<II", stream, at)
    return lists[start : start + size]


# ---------------------------------------------------------------- pieces


def _pieces(table: bytes, *, may_be_wide: bool) -> list[Piece]:
    """The pieces in order. Characters take one byte; where they may be wide, two, but for the pieces that say otherwise."""
    at = 0
    while at + 5 <= len(table) and table[at] == 1:  # formatting that pieces refer to
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    if table[at : at + 1] != b"\2":
        raise ValueError("no pieces")
    size = struct.unpack_from("<I", table, at + 1)[0]
    count = (min(size, len(table) - at - 5) - 4) // 12
    places = struct.unpack_from(f"<{count + 1}I", table, at + 5)
    found = []
    for number in range(count):
        start = struct.unpack_from("<I", table, at + 5 + 4 * (count + 1) + 8 * number + 2)[0]
        is_wide = may_be_wide and not start & _IS_BYTES
        at_byte = (start & ~_IS_BYTES) // 2 if may_be_wide and not is_wide else start
        found.append(Piece(places[number], places[number + 1], at_byte, 2 if is_wide else 1))
    return found


def _old_pieces(stream: bytes, flags: int) -> list[Piece]:
    """Those of Word 6 and 95: one, but for a file that was saved fast."""
    if flags & _IN_PIECES:
        return _pieces(_listed(stream, stream, _OLD_PIECES), may_be_wide=False)
    start, end = struct.unpack_from("<II", stream, _OLD_TEXT)
    return [Piece(0, end - start, start, 1)]


def _paragraphs(source: Source, stream: bytes, pieces: list[Piece]) -> Iterator[_Paragraph]:
    """Each in turn. Raises ValueError where pieces lie out of order, or together are more than the file."""
    kept: list[str] = []
    room = len(stream)
    for piece in pieces:
        source.budget.check_time()
        size = (piece.end - piece.start) * piece.width
        if size < 0:
            raise ValueError("pieces out of order")
        room -= size
        if room < 0:
            raise ValueError("more text than there are bytes")
        text = stream[piece.at : piece.at + size].decode("cp1252" if piece.width == 1 else "utf-16-le", "replace")
        begin = 0
        for match in _MARK.finditer(text):
            kept.append(text[begin : match.start()])
            yield _Paragraph("".join(kept), match[0], piece.start + match.start(), piece.at + match.start() * piece.width)
            kept, begin = [], match.end()
        kept.append(text[begin:])
    if pieces:
        yield _Paragraph("".join(kept), "", pieces[-1].end - 1, -1)


# ---------------------------------------------------------------- places


def _places(stream: bytes, headers: bytes, at: int) -> list[tuple[int, str]]:
    """Where each text begins, and the word for its place."""
    counts = [max(0, count) for count in struct.unpack_from("<8i", stream, at)]
    found: list[tuple[int, str]] = []
    for start, count, place in zip(accumulate(counts, initial=0), counts, _PLACES, strict=False):
        if count:
            found.append((start, place))
        if count and place == "header":
            found += _stories(headers, start)
    return found or [(0, "")]


def _stories(headers: bytes, start: int) -> Iterator[tuple[int, str]]:
    at = 0
    for number, (place,) in enumerate(struct.iter_unpack("<I", headers[: len(headers) // 4 * 4])):
        if number >= _FIRST_STORY and at <= place:
            at = place
            yield start + place, "footer" if (number - _FIRST_STORY) % _STORIES in _FOOTERS else "header"


class _Layout:
    """Paragraphs to blocks and rows, as they come."""

    def __init__(self, marks: Marks, places: list[tuple[int, str]]) -> None:
        self.marks = marks
        self.starts = [start for start, _ in places]
        self.words = [word for _, word in places]
        self.cell: list[str] = []
        self.cells: list[str] = []
        self.paragraph = self.table = self.row = 0

    def take(self, paragraph: _Paragraph) -> Iterator[Item]:
        """One paragraph, cell or end of a row."""
        place = self.words[max(0, bisect_right(self.starts, paragraph.at) - 1)]
        text = shown(paragraph.text).strip("\n \t" if place else "\n ")
        if paragraph.mark == "\x07":
            if self.marks.ends_row(paragraph.file_at):
                yield from self.end_row(place)
            else:
                self.cells.append("\n".join([*self.cell, *([text] if text else [])]))
                self.cell = []
        elif paragraph.mark == "\r" and self.marks.is_in_table(paragraph.file_at):
            self.cell += [text] if text else []
        else:
            yield from self.end_table(place)
            if text.strip():
                self.paragraph += 1
                yield Text(text, place or f"paragraph {self.paragraph}")

    def end_row(self, place: str) -> Iterator[Item]:
        """The cells so far, as one row."""
        if not self.row:
            self.table += 1
        self.row += 1
        name = f"{place}, table {self.table}" if place else f"table {self.table}"
        if any(self.cells):
            yield row(name, self.cells, number=self.row, prefix=f"{name}, ")
        self.cells = []

    def end_table(self, place: str) -> Iterator[Item]:
        """What no end of a row was found for is kept all the same."""
        if self.cell:
            self.cells.append("\n".join(self.cell))
            self.cell = []
        if self.cells:
            yield from self.end_row(place)
        self.row = 0

    def end(self) -> Iterator[Item]:
        """What is left at the end."""
        yield from self.end_table("")


def shown(text: str) -> str:
    """A paragraph as it is seen: of a field its result, not its instruction.

    >>> shown("se \\x13 HYPERLINK x \\x14her\\x15 og \\x13 PAGE \\x15slut"), shown("a \\x13 uden slut")
    ('se her og slut', 'a  uden slut')
    """
    if "\x13" not in text:
        return text.translate(_SIGNS)
    results: list[bool] = []
    hidden = 0
    output = []
    for piece in _FIELD.split(text):
        if piece == "\x13":
            results.append(False)
            hidden += 1
        elif piece == "\x14" and results and not results[-1]:
            results[-1] = True
            hidden -= 1
        elif piece == "\x15" and results:
            hidden -= not results.pop()
        elif not hidden:
            output.append(piece)
    return (text if hidden else "".join(output)).translate(_SIGNS)


FORMAT = Format(
    "doc",
    ("doc",),
    (".doc", ".dot"),
    "Old Word documents: body, tables, headers, footers, notes, comments, text boxes, and files put in.",
    ole_parts.never_silent(read),
    has_tab_lines=True,
)
