"""HTML: what a reader of the page sees, block by block, with its tables kept as rows.

The tree is walked in a loop, so no nesting overflows a stack. A page nested so deep, or with so many attributes, that
building the tree would take seconds is read by stripping its tags instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detector import charsets
from detector.formats import columns, html_costly, html_tree, quotes
from detector.formats.plugin import Format, Item, Row, Source, row
from detector.records import Defect, Text

_META = re.compile(rb"<meta[^>]{0,200}?charset=[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_META_WITHIN = 4096


def read(source: Source) -> Iterator[Item]:
    """Blocks "paragraph 3" and "table 1, row 2, column 1" in the order of the page."""
    part = source.part
    declared = part.charset
    if declared is None:
        meta = _META.search(part.data[:_META_WITHIN])
        declared = meta[1].decode("ascii") if meta is not None else None
    text, defect = charsets.decode(part.data, declared)
    if defect is not None:
        yield Defect(part.index, defect)
    if html_costly.is_costly(text):
        yield Defect(part.index, "html-too-nested")
        pieces = html_costly.stripped(text)
    else:
        pieces = html_tree.pieces_of(text, budget=source.budget)
    yield from _items(pieces, has_history=quotes.may_hold_history(text))


def _items(pieces: list[html_tree.Piece], *, has_history: bool) -> Iterator[Item]:
    """Pieces with their places and depths of quotation; a history that begins inside a paragraph cuts it."""
    lines: list[quotes.Line] = []
    for piece in pieces:
        lines += [(piece.level, line) for line in piece.text.split("\n")]
    depths = quotes.depths(lines) if has_history else [level for level, _ in lines]
    at = paragraph = table = 0
    for piece in pieces:
        texts = piece.text.split("\n")
        if piece.rows is None:
            for text, depth in _cut(texts, depths[at : at + len(texts)]):
                paragraph += 1
                yield from _paragraph(text, paragraph, depth, is_preserved=piece.is_preserved)
        else:
            table += 1
            name = f"table {table}"
            for number, cells in enumerate(piece.rows, 1):
                yield row(name, cells, number=number, prefix=f"{name}, ", quote=depths[at])
        at += len(texts)


def _cut(lines: list[str], depths: list[int]) -> Iterator[tuple[str, int]]:
    begun = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or depths[number] != depths[begun]:
            yield "\n".join(lines[begun:number]), depths[begun]
            begun = number


def _paragraph(text: str, number: int, depth: int, *, is_preserved: bool) -> Iterator[Item]:
    where = f"paragraph {number}"
    if not is_preserved:
        yield Text(text, where, depth)
        return
    lines = [line.rstrip() for line in text.strip("\n").split("\n")]
    for block in columns.blocks(lines, first=1, quote=depth):
        if isinstance(block, Text):
            yield Text(block.text, where, depth)
        elif isinstance(block, Row):
            yield block._replace(table=f"{where}, {block.table}")


FORMAT = Format(
    "html",
    ("html",),
    (".html", ".htm", ".xhtml"),
    "HTML as it is seen: hidden elements left out, tables as rows, layout tables as text.",
    read,
)
