"""Words of a PDF page to paragraphs and table rows. A PDF has neither: only words at places.

Words that follow each other on one baseline make a piece, unless a gap wider than a blank can be parts them. Pieces are
taken in the order in which the page draws them, which keeps the columns of a newsletter apart: a piece to the right of
the one before, at about its height, is the next cell; a piece under it, in the same column, goes on with the cell (a
wrapped line); a step back to the left begins a row. Two rows and more whose pieces stand in the same columns are a table.

Units are PDF points; y grows upwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

_WIDE_GAP = 1.3
"""Gap between two cells, in heights of a word; a blank is about 0.25."""
_WIDE_GAP_IN_RUN = 3.0
"""The same where both are drawn at once, as words of a justified line are."""
_NEXT_LINE = 2.2
"""Distance of two lines of one paragraph or cell, in heights of a word, at most."""
_ROW_REACH = 4.0
"""How far cells of one row may stand apart in height (a wrapped cell beside one that is centred), in heights of a word."""
_ALIGNED = 3.0
"""Points by which edges of one column may differ."""
_BULLET = re.compile(r"(?:[-*•·–o▪●]|\(?[0-9a-zA-Z]{1,3}[.)])\Z")
_MAX_CELL = 400
_MAX_LINES_BESIDE = 6


class Word(NamedTuple):
    """A word with its box; words of one `run` are drawn at once."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    run: int


@dataclass(slots=True)
class Piece:
    """Words on one baseline without a wide gap."""

    text: str
    left: float
    right: float
    bottom: float
    top: float
    run: int = 0

    @property
    def height(self) -> float:
        """Of its letters, in points."""
        return max(self.top - self.bottom, 1.0)

    @property
    def middle(self) -> float:
        """Height above the foot of the page."""
        return (self.top + self.bottom) / 2


Cells = list[list[Piece]]
"""One row: for each cell its pieces (lines)."""


def layout(words: Sequence[Word]) -> Iterator[str | list[list[str]]]:
    """Paragraphs (strings) and tables (rows of cells), in the order of the page."""
    rows = _rows(_pieces(words))
    at = 0
    paragraph: list[Piece] = []
    while at < len(rows):
        end, columns = _table_end(rows, at)
        if columns:
            yield from _paragraphs(paragraph)
            paragraph = []
            yield [_filled(cells, columns) for cells in rows[at:end]]
        else:
            end = max(end, at + 1)
            paragraph += [_line(pieces) for cells in rows[at:end] for pieces in _lines(cells)]
        at = end
    yield from _paragraphs(paragraph)


def _pieces(words: Sequence[Word]) -> list[Piece]:
    pieces: list[Piece] = []
    for word in words:
        last = pieces[-1] if pieces else None
        if last is not None and _goes_on(last, word):
            last.text += " " + word.text
            last.run = word.run
            last.right = max(last.right, word.right)
            last.bottom, last.top = min(last.bottom, word.bottom), max(last.top, word.top)
        else:
            pieces.append(Piece(*word))
    return pieces


def _goes_on(last: Piece, word: Word) -> bool:
    if min(last.top, word.top) <= max(last.bottom, word.bottom) - 1:
        return False
    height = max(last.height, word.top - word.bottom, 4.0)
    return -height < word.left - last.right < (_WIDE_GAP_IN_RUN if word.run == last.run else _WIDE_GAP) * height


def _rows(pieces: list[Piece]) -> list[Cells]:
    rows: list[Cells] = []
    for piece in pieces:
        row = rows[-1] if rows else None
        if row is None:
            rows.append([[piece]])
        elif lines := _lines_beside(rows, piece):
            rows[-lines:] = [[[line for row in rows[-lines:] for line in row[0]], [piece]]]
        elif _is_next_cell(row, piece):
            row.append([piece])
        elif len(row) > 1 and _is_wrapped(row[-1][-1], piece):
            row[-1].append(piece)
        else:
            rows.append([[piece]])
    return rows


def _is_next_cell(row: Cells, piece: Piece) -> bool:
    """Whether it stands to the right of the last cell, at about the height of the row."""
    right = max(line.right for line in row[-1])
    height = max(piece.height, row[-1][0].height)
    nearest = min(abs(line.middle - piece.middle) for cell in row[-3:] for line in cell)
    reach = _ROW_REACH if len(row[-1]) > 1 or nearest > height / 2 else 1.0
    return piece.left > right + 1 and nearest < reach * height and not _is_lower_line(row, piece, height)


def _lines_beside(rows: list[Cells], piece: Piece) -> int:
    """How many of the last rows are lines of one wrapped cell that has `piece` to its right; 0 where there are none.

    Those are the lines from its height down, and as many above, in case the cells are centred.
    """
    count = below = 0
    for row in reversed(rows[-2 * _MAX_LINES_BESIDE :]):
        line = row[0][-1]
        if len(row) > 1 or piece.left <= line.right + 1 or (count and not _is_wrapped(line, rows[-count][0][0])):
            break
        if line.middle < piece.middle - line.height / 4:
            below += 1
            if below > _MAX_LINES_BESIDE:
                return 0
        elif count >= 2 * below + 1:
            break
        count += 1
    return count if below and count > below else 0


def _is_lower_line(row: Cells, piece: Piece, height: float) -> bool:
    """Whether it lies wholly under a row of one piece: then it is an indented line."""
    return len(row) == 1 and piece.top < row[0][0].bottom - height * 0.8


def _is_wrapped(above: Piece, piece: Piece) -> bool:
    """Whether it is the line under `above`, in the same column."""
    overlaps = piece.left < above.right and above.left < piece.right
    return overlaps and 0 < above.middle - piece.middle < _NEXT_LINE * max(above.height, piece.height)


def _table_end(rows: Sequence[Cells], at: int) -> tuple[int, list[tuple[float, float]]]:
    """Where the table ends that begins at row `at`, and the span of each of its columns; no columns where it is none."""
    columns: list[tuple[float, float]] = []
    end = at
    while end < len(rows) and (len(rows[end]) >= 2 or _is_lone(rows, at, end)) and (end == at or _is_near(rows[end - 1], rows[end])):
        grown = _with(columns, rows[end])
        if columns and (len(grown) < 2 or len(grown) > len(columns) + 2 or not (len(rows[end]) == 1 or _shares(columns, rows[end]))):
            break
        if any(len(_cell_text(cell)) > _MAX_CELL for cell in rows[end]) or _merges(grown, rows[end]):
            break
        columns = grown
        end += 1
    if end - at < 2:
        return at, []
    if _is_list(rows[at:end]):
        return end, []
    return end, columns


def _is_lone(rows: Sequence[Cells], at: int, end: int) -> bool:
    """Whether a row of one cell stands close between two of a table, under the first column of the one above."""
    if not at < end < len(rows) - 1 or len(rows[end - 1]) < 2 or len(rows[end + 1]) < 2:
        return False
    first, lone = rows[end - 1][0][-1], rows[end][0][0]
    reach = _NEXT_LINE * lone.height
    is_close = 0 < first.middle - lone.middle < reach and lone.middle - rows[end + 1][0][0].middle < reach
    return is_close and abs(first.left - lone.left) <= _ALIGNED and lone.right < min(line.left for line in rows[end - 1][1])


def _with(columns: list[tuple[float, float]], cells: Cells) -> list[tuple[float, float]]:
    """The columns, widened by the cells; those that overlap are one."""
    spans = sorted(columns + [(min(line.left for line in cell), max(line.right for line in cell)) for cell in cells])
    merged: list[tuple[float, float]] = []
    for left, right in spans:
        if merged and left < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], right))
        else:
            merged.append((left, right))
    return merged


def _merges(columns: list[tuple[float, float]], cells: Cells) -> bool:
    """Whether two cells of one row would fall into one column."""
    return len({_column(columns, cell) for cell in cells}) < len(cells)


def _shares(columns: list[tuple[float, float]], cells: Cells) -> bool:
    """Whether two cells and more stand in columns that are there, and not by chance: an edge or the middle agrees."""
    agreeing = 0
    for cell in cells:
        left, right = min(line.left for line in cell), max(line.right for line in cell)
        for begin, end in columns:
            edges = (abs(left - begin), abs(right - end), abs(left + right - begin - end) / 2)
            if min(edges) <= _ALIGNED or (begin <= left and right <= end):
                agreeing += 1
                break
    return agreeing >= 2


def _is_near(above: Cells, cells: Cells) -> bool:
    """Whether no more than a few lines lie between two rows, the second below."""
    foot = min(line.bottom for cell in above for line in cell)
    head = max(line.top for cell in cells for line in cell)
    height = max(line.height for cell in cells for line in cell)
    return -height < foot - head < 4 * height


def _is_list(rows: Sequence[Cells]) -> bool:
    """Bullets, numbers or "name:" before a text, which read better as lines."""
    firsts = [_cell_text(cells[0]) for cells in rows]
    is_pair = all(len(cells) == 2 for cells in rows)
    return is_pair and (all(_BULLET.match(first) for first in firsts) or all(first.endswith(":") for first in firsts))


def _filled(cells: Cells, columns: list[tuple[float, float]]) -> list[str]:
    texts = [""] * len(columns)
    for cell in cells:
        texts[_column(columns, cell)] = _cell_text(cell)
    return texts


def _column(columns: list[tuple[float, float]], cell: list[Piece]) -> int:
    left = min(line.left for line in cell)
    return max((number for number, (begin, _) in enumerate(columns) if begin <= left + 0.01), default=0)


def _cell_text(cell: list[Piece]) -> str:
    return " ".join(line.text for line in cell)


def _lines(cells: Cells) -> Iterator[list[Piece]]:
    """The pieces of a row that is in no table, as lines again."""
    line: list[Piece] = []
    for piece in (piece for cell in cells for piece in cell):
        if line and abs(piece.middle - line[-1].middle) > max(piece.height, line[-1].height) / 2:
            yield line
            line = []
        line.append(piece)
    yield line


def _line(pieces: list[Piece]) -> Piece:
    return Piece(
        "  ".join(piece.text for piece in pieces),
        min(piece.left for piece in pieces),
        max(piece.right for piece in pieces),
        min(piece.bottom for piece in pieces),
        max(piece.top for piece in pieces),
    )


def _paragraphs(lines: list[Piece]) -> Iterator[str]:
    """Lines joined to paragraphs; a gap of more than a line, or a step up the page, parts two."""
    begun = 0
    for number in range(1, len(lines) + 1):
        if number == len(lines) or not 0 <= lines[number - 1].middle - lines[number].middle < _NEXT_LINE * max(
            lines[number - 1].height, lines[number].height
        ):
            yield "\n".join(line.text for line in lines[begun:number])
            begun = number
