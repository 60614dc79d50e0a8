"""The text in a picture of it, by tesseract: its words at their places, laid out to paragraphs and tables as those of a PDF are.

tesseract tells blocks and the lines in them. The columns of a table come as blocks of their own: lines that stand side by
side are one row, but for two columns of prose. Units are pixels until `_words`; y grows downwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import NamedTuple

from detector.budget import Budget, OverBudget
from detector.formats import tesseract
from detector.formats.pdf_layout import Word, layout
from detector.formats.plugin import Item, row
from detector.records import Reason, Text

_WORD_LEVEL, _COLUMNS = "5", 12
_CERTAIN, _LEGIBLE = 60.0, 20.0
"""Of tesseract's confidence, 0 to 100: from where a word is taken as read, and from where a stray mark is kept."""
_WORDLIKE = re.compile(r"\w{3}")
_PROSE = 3.5
"""Words a line from which a block reads as prose rather than as a column of a table."""
_LINE_POINTS = 12.0
"""Height of a line in the points that `layout` counts in."""
_ROWS_BACK = 300
"""How many rows up the neighbour of a line is sought."""


class _Box(NamedTuple):
    """A word and its box."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(slots=True)
class _Line:
    """Words on one baseline; `is_prose` by the block that it stands in."""

    words: list[_Box] = field(default_factory=list)
    is_prose: bool = False

    @property
    def middle(self) -> float:
        return median((word.top + word.bottom) / 2 for word in self.words)

    @property
    def height(self) -> float:
        return max(median(word.bottom - word.top for word in self.words), 1.0)


def is_installed() -> bool:
    """Whether tesseract and its Danish data are there."""
    return bool(tesseract.command())


def missing() -> str:
    """The command that installs it; "" where it is there."""
    return "" if is_installed() else tesseract.INSTALLED_BY


def is_wanted(budget: Budget) -> bool:
    """Whether pictures are to be read, and can be."""
    return budget.limits.ocr and is_installed()


def read(picture: bytes, *, budget: Budget, where: str, page: int | None = None, dpi: int | None = None) -> Iterator[Item]:
    """Texts at `where` and cells "`where`, row 3, column 1"; NO_OCR with them where most words are uncertain, as handwriting is."""
    try:
        table = tesseract.words(picture, budget=budget, page=page, dpi=dpi)
    except OverBudget as over:
        yield over.reason
        return
    except tesseract.UnreadableError:
        yield Reason.DAMAGED
        return
    except OSError:
        yield Reason.NO_OCR
        return
    lines, is_certain = _lines(table)
    rows = tables = 0
    for block in layout(_words(_rows(lines))):
        if isinstance(block, str):
            yield Text(block, where)
            continue
        tables += 1
        for texts in block:
            rows += 1
            yield row(where if tables == 1 else f"{where}, table {tables}", texts, number=rows, prefix=f"{where}, ")
    if not is_certain:
        yield Reason.NO_OCR


def _lines(table: str) -> tuple[list[_Line], bool]:
    """The lines of text, upright, and whether at least half of the words are certain."""
    found: dict[tuple[str, ...], _Line] = {}
    certain = uncertain = 0
    for each in table.splitlines():
        fields = each.split("\t")
        if fields[0] != _WORD_LEVEL or len(fields) != _COLUMNS or not fields[11].strip():
            continue
        confidence = float(fields[10])
        certain += confidence >= _CERTAIN
        uncertain += confidence < _CERTAIN
        if confidence >= _LEGIBLE or _WORDLIKE.search(fields[11]):
            left, top, width, height = (float(value) for value in fields[6:10])
            line = found.setdefault(tuple(fields[2:5]), _Line())
            line.words.append(_Box(fields[11].strip(), left, top, left + width, top + height))
    _tell_prose(found)
    return _upright(list(found.values())), certain >= uncertain


def _tell_prose(lines: dict[tuple[str, ...], _Line]) -> None:
    blocks: dict[str, list[_Line]] = {}
    for (block, *_), line in lines.items():
        blocks.setdefault(block, []).append(line)
    for inside in blocks.values():
        is_prose = sum(len(line.words) for line in inside) >= _PROSE * len(inside)
        for line in inside:
            line.is_prose = is_prose


def _upright(lines: list[_Line]) -> list[_Line]:
    """The lines as they stand when the page is turned so that they run from left to right; tesseract leaves it as it lies."""
    steps = [(b.left - a.left, b.top - a.top) for line in lines for a, b in zip(line.words, line.words[1:], strict=False)]
    across, down = sum(step[0] for step in steps), sum(step[1] for step in steps)
    if across >= abs(down):
        return lines
    for line in lines:
        line.words = [_turned(word, across, down) for word in line.words]
    return lines


def _turned(word: _Box, across: float, down: float) -> _Box:
    text, left, top, right, bottom = word
    if abs(down) <= -across:
        return _Box(text, -right, -bottom, -left, -top)
    return _Box(text, -bottom, left, -top, right) if down < 0 else _Box(text, top, -right, bottom, -left)


def _rows(lines: Sequence[_Line]) -> list[list[_Line]]:
    """Lines that stand beside each other, together; two lines of prose do not."""
    rows: list[list[_Line]] = []
    for line in lines:
        beside = next((each for each in reversed(rows[-_ROWS_BACK:]) if _is_beside(each, line)), None)
        if beside is None:
            rows.append([line])
        else:
            beside.append(line)
    return rows


def _is_beside(row: Sequence[_Line], line: _Line) -> bool:
    first = row[0]
    if abs(first.middle - line.middle) > max(first.height, line.height) / 2:
        return False
    left, right = line.words[0].left, line.words[-1].right
    return not any((each.is_prose and line.is_prose) or (left < each.words[-1].right and each.words[0].left < right) for each in row)


def _words(rows: Sequence[Sequence[_Line]]) -> list[Word]:
    """Words for the layout, row by row, at the height of their row: in points, y upwards."""
    scale = _LINE_POINTS / median([line.height for row in rows for line in row]) if rows else 1.0
    words: list[Word] = []
    for each in rows:
        middle, height = -median([line.middle for line in each]) * scale, median([line.height for line in each]) * scale
        for box in sorted((word for line in each for word in line.words), key=lambda word: word.left):
            words.append(Word(box.text, box.left * scale, box.right * scale, middle - height / 2, middle + height / 2, len(words)))
    return words
