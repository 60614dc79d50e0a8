"""Old PowerPoint presentations (.ppt, .pps, .pot): slides with tables, notes, comments, headers and footers, and files put in.

A file that was saved many times holds earlier slides as well; they leave with the file, and are read.
Source: Microsoft, "[MS-PPT]: PowerPoint (.ppt) Binary File Format", sections 2.1.2, 2.3, 2.4 and 2.9; shapes: "[MS-ODRAW]".
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import NamedTuple

from detector.budget import Budget
from detector.formats import ole_parts
from detector.formats.plugin import Format, Item, Source, row
from detector.ole import Compound
from detector.records import Reason, Text

_DOCUMENT, _SLIDE, _SLIDE_LIST, _SLIDE_OF_LIST, _NOTES, _NOTES_HEAD = 0x03E8, 0x03EE, 0x0FF0, 0x03F3, 0x03F0, 0x03F1
_MASTER, _EDIT, _PERSISTED, _FILE_PUT_IN = 0x03F8, 0x0FF5, 0x1772, 0x1011
_UNICODE, _BYTES, _STRING, _COMMENT, _FOOTER_TEXTS = 0x0FA0, 0x0FA8, 0x0FBA, 0x2EE0, 0x0FD9
_GROUP, _SHAPE, _TABLE_OPTIONS, _ANCHOR = 0xF003, 0xF004, 0xF122, 0xF00F
_IS_TABLE = 0x039F
_SLIDES = 0
"""Of the lists of slides in a document, the one that is shown; the others are masters and notes."""
_EDIT_LOCKED_BYTES = 0x20
"""Size of the record of an edit in a presentation with a password."""
_PACKED = 1
_MAX_DEPTH = 60
_TAGGED = 0x138B
"""What later versions added, comments among it: records in one that does not say that it holds any."""
_TAG, _PLACEHOLDER = "___PPT", "*"
_SIGNS = str.maketrans({"\x0b": "\n", "\0": " "})


class Record(NamedTuple):
    """One record: what it is, and where its content lies."""

    kind: int
    instance: int
    is_container: bool
    at: int
    end: int


@dataclass(slots=True)
class _Show:
    """What is known of the whole presentation."""

    data: bytes
    budget: Budget
    slide_at: dict[int, int] = field(default_factory=dict)
    """Number of the slide that begins at a place in the stream."""
    slide_of: dict[int, int] = field(default_factory=dict)
    """Number of the slide that has an identifier."""
    is_locked: bool = False
    tables: dict[str, int] = field(default_factory=dict)


def read(source: Source) -> Iterator[Item]:
    """Blocks "slide 3", "slide 3, notes", "slide 3, table 1, row 2, column 1", "earlier slide"."""
    compound = Compound(source.part.data)
    data = compound.stream("PowerPoint Document")
    show = _known(data, source.budget)
    if show.is_locked:
        yield Reason.ENCRYPTED
        return
    is_empty, number = True, 0
    for record in _records(show, 0, len(data)):
        if record.kind == _FILE_PUT_IN:
            number += 1
            yield source.member(f"{source.part.index}.{number}", None, partial(_unpacked, show, record))
            continue
        for item in _read_top(show, record):
            is_empty = False
            yield item
    if is_empty and len(compound.stream("Pictures")) >= ole_parts.LARGE:
        yield Reason.NO_OCR
    yield from ole_parts.properties(source, compound)


def _records(show: _Show, at: int, end: int) -> Iterator[Record]:
    """Those between two places, one after the other; a size that lies ends with what it lies in."""
    count = 0
    while at + 8 <= end:
        version, kind, size = struct.unpack_from("<HHI", show.data, at)
        yield Record(kind, version >> 4, version & 15 == 15, at + 8, min(end, at + 8 + size))
        at += 8 + size
        count += 1
        if count % 10_000 == 0:
            show.budget.check_time()


def _known(data: bytes, budget: Budget) -> _Show:
    """Where the slides lie that are shown, by the last record of each kind: one is added whenever the file is saved."""
    show = _Show(data, budget)
    places: dict[int, int] = {}
    order: list[tuple[int, int]] = []
    for record in _records(show, 0, len(data)):
        if record.kind == _PERSISTED:
            places |= _places(data, record)
        elif record.kind == _EDIT:
            show.is_locked = show.is_locked or record.end - record.at >= _EDIT_LOCKED_BYTES
        elif record.kind == _DOCUMENT:
            order = list(_order(show, record))
    for number, (reference, identifier) in enumerate(order, 1):
        show.slide_at[places.get(reference, -1)] = number
        show.slide_of[identifier] = number
    return show


def _places(data: bytes, record: Record) -> Iterator[tuple[int, int]]:
    at = record.at
    while at + 4 <= record.end:
        head = struct.unpack_from("<I", data, at)[0]
        count = min(head >> 20, (record.end - at - 4) // 4)
        for number, (place,) in enumerate(struct.iter_unpack("<I", data[at + 4 : at + 4 + 4 * count])):
            yield (head & 0xFFFFF) + number, place
        at += 4 + 4 * count


def _order(show: _Show, document: Record) -> Iterator[tuple[int, int]]:
    """Reference and identifier of each slide, in the order in which they are shown."""
    for inner in _records(show, document.at, document.end):
        if inner.kind == _SLIDE_LIST and inner.instance == _SLIDES:
            for each in _records(show, inner.at, inner.end):
                if each.kind == _SLIDE_OF_LIST and each.end - each.at >= 16:
                    reference, identifier = struct.unpack_from("<I8xI", show.data, each.at)
                    yield reference, identifier


# ---------------------------------------------------------------- texts


def _read_top(show: _Show, record: Record) -> Iterator[Item]:
    """What one record of the stream tells."""
    if record.kind == _SLIDE:
        number = show.slide_at.get(record.at - 8)
        yield from _texts(show, record, f"slide {number}" if number else "earlier slide")
    elif record.kind == _NOTES:
        head = next((each for each in _records(show, record.at, record.end) if each.kind == _NOTES_HEAD and each.end - each.at >= 4), None)
        number = show.slide_of.get(struct.unpack_from("<I", show.data, head.at)[0]) if head is not None else None
        yield from _texts(show, record, f"slide {number}, notes" if number else "notes")
    elif record.kind == _DOCUMENT:
        yield from _document(show, record)


def _document(show: _Show, document: Record) -> Iterator[Item]:
    """The texts of titles and bodies, which stand in the document rather than on the slides, and its headers and footers."""
    for inner in _records(show, document.at, document.end):
        if inner.kind == _SLIDE_LIST and inner.instance != 1:
            word, number = ("slide", 0) if inner.instance == _SLIDES else ("notes", 0)
            for each in _records(show, inner.at, inner.end):
                number += each.kind == _SLIDE_OF_LIST
                yield from _text(show, each, f"{word} {number}" if word == "slide" else word)
        elif inner.kind == _FOOTER_TEXTS:
            yield from _texts(show, inner, "footer")


def _texts(show: _Show, record: Record, place: str, depth: int = 0) -> Iterator[Item]:
    """All texts in a container, a table by its rows. Raises ValueError where containers lie too deep in one another."""
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deep")
    for inner in _records(show, record.at, record.end):
        if inner.kind == _GROUP and _is_table(show, inner):
            yield from _rows(show, inner, place)
        elif inner.kind == _COMMENT:
            yield from _texts(show, inner, f"{place}, comment", depth + 1)
        elif (inner.is_container or inner.kind == _TAGGED) and inner.kind != _MASTER:
            yield from _texts(show, inner, place, depth + 1)
        else:
            yield from _text(show, inner, place)


def _text(show: _Show, record: Record, place: str) -> Iterator[Text]:
    """The paragraphs of a record that is text."""
    raw = show.data[record.at : record.end]
    if record.kind in {_UNICODE, _STRING}:
        text = raw.decode("utf-16-le", "replace")
    elif record.kind == _BYTES:
        text = raw.decode("latin-1")
    else:
        return
    for paragraph in text.split("\r"):
        shown = paragraph.translate(_SIGNS).strip()
        if shown and shown != _PLACEHOLDER and not shown.startswith(_TAG):
            yield Text(shown, place)


# ---------------------------------------------------------------- tables


def _is_table(show: _Show, group: Record) -> bool:
    """Whether a group of shapes is a table: its first shape says it."""
    first = next(_records(show, group.at, group.end), None)
    if first is None or first.kind != _SHAPE:
        return False
    for inner in _records(show, first.at, first.end):
        if inner.kind == _TABLE_OPTIONS:
            options = range(inner.at, min(inner.end - 5, inner.at + 6 * inner.instance), 6)
            if any(struct.unpack_from("<H", show.data, at)[0] & 0x3FFF == _IS_TABLE for at in options):
                return True
    return False


def _rows(show: _Show, group: Record, place: str) -> Iterator[Item]:
    """Rows of a table: its cells are shapes, placed by where their upper left corners stand."""
    show.tables[place] = show.tables.get(place, 0) + 1
    name = f"{place}, table {show.tables[place]}"
    cells: list[tuple[int, int, str]] = []
    for shape in _records(show, group.at, group.end):
        if shape.kind == _SHAPE:
            texts = [item.text for item in _texts(show, shape, place) if isinstance(item, Text)]
            anchor = next((each for each in _records(show, shape.at, shape.end) if each.kind == _ANCHOR and each.end - each.at >= 8), None)
            left, top = struct.unpack_from("<ii", show.data, anchor.at) if anchor is not None else (0, 0)
            cells.append((top, left, "\n".join(texts)))
        show.budget.check_time()
    lefts = sorted({left for _, left, text in cells if text})
    for number, (_, inside) in enumerate(groupby(sorted(cell for cell in cells if cell[2]), key=lambda cell: cell[0]), 1):
        filled = {lefts.index(left): text for _, left, text in inside}
        yield row(name, [filled.get(column, "") for column in range(max(filled) + 1)], number=number, prefix=f"{name}, ")


def _unpacked(show: _Show, record: Record) -> bytes:
    """A file that was put into the presentation: a compound file, which may be packed behind its length."""
    raw = show.data[record.at : record.end]
    if record.instance != _PACKED:
        show.budget.spend_unpacked(len(raw))
        return raw
    packer, output = zlib.decompressobj(), bytearray()
    rest = raw[4:]
    while rest and not packer.eof:
        piece = packer.decompress(rest, 1_000_000)
        rest = packer.unconsumed_tail
        output += piece
        show.budget.spend_unpacked(len(piece))
        show.budget.check_ratio(len(output), len(raw))
        show.budget.check_time()
    return bytes(output)


FORMAT = Format(
    "ppt",
    ("ppt",),
    (".ppt", ".pps", ".pot"),
    "Old PowerPoint: slides with tables, notes, comments, headers and footers, and files put in.",
    ole_parts.never_silent(read),
    has_tab_lines=True,
)
