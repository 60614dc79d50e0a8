"""Several tables in one, as on a sheet with a list under another: each begins with a header of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from detector.recognizers import columns, context
from detector.records import Cell, Document, Table

MOST_TITLES = 2
"""Rows with one filled cell between an empty row and the header of the next table."""

Row = Sequence[Cell]


def apart(document: Document) -> Document:
    """The document with each of its tables cut into those it holds."""
    if not any(isinstance(block, Table) for block in document.blocks):
        return document
    parts = (_parts(block) if isinstance(block, Table) else [block] for block in document.blocks)
    return replace(document, blocks=tuple(part for some in parts for part in some))


def _parts(table: Table) -> Iterator[Table]:
    starts = [0, *_starts(table.rows), len(table.rows)]
    if len(starts) == 2:
        yield table
        return
    for first, end in pairwise(starts):
        yield replace(table, rows=table.rows[first:end])


def _starts(rows: Sequence[Row]) -> Iterator[int]:
    """Where a further table begins: at its header, or at the titles over it, behind an empty row where that was kept."""
    begun = False
    for number in range(1, len(rows)):
        above = _filled(rows[number - 1])
        begun = begun or len(above) > 1
        if begun and (_is_header(rows[number]) or (len(above) != 1 and _is_title(rows, number, MOST_TITLES))):
            yield number
            begun = False


def _is_title(rows: Sequence[Row], number: int, most: int) -> bool:
    """Whether one of a few rows with one filled cell is at `number`, and a header behind them."""
    if not most or number + 1 >= len(rows) or len(_filled(rows[number])) != 1 or context.CONTENT_CELL.search(_filled(rows[number])[0]):
        return False
    return _is_header(rows[number + 1]) or _is_title(rows, number + 1, most - 1)


def _is_header(row: Row) -> bool:
    """Whether a row asks for persons in its first column, and holds no content."""
    filled = _filled(row)
    return len(filled) > 1 and columns.is_of_persons(filled[0]) and not any(context.CONTENT_CELL.search(text) for text in filled)


def _filled(row: Row) -> list[str]:
    return [cell.text.strip() for cell in row if cell.text.strip()]
