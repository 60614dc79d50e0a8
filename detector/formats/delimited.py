"""CSV and its kin: the delimiter is found by trying; what turns out to be prose is read as text."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from detector import charsets
from detector.formats import text as plain
from detector.formats.plugin import Format, Item, Source, row
from detector.records import Defect

_DELIMITERS = ";\t,|"
_SAMPLE_LINES = 60
_MAX_QUOTED_LINES = 60
"""Lines of one quoted cell; a longer one is a quotation mark that was never closed."""
_MAX_LIST_CELL = 40
"""Characters of a line in a file with one column."""


def read(source: Source) -> Iterator[Item]:
    """Rows by number from 1, a title line and blank ones counted: "row 7, column 2"."""
    text, defect = charsets.decode(source.part.data, source.part.charset)
    if defect is not None:
        yield Defect(source.part.index, defect)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if lines[0][:4].lower() == "sep=":  # Excel's own way to name the delimiter
        lines[0] = ""
    delimiter = find_delimiter(lines)
    if delimiter is None:
        yield from plain.blocks(text)
        return
    for number, cells in enumerate(_records(lines, delimiter), 1):
        if any(cells):
            yield row("", cells, number=number)


def find_delimiter(lines: list[str]) -> str | None:
    """What parts the cells: the mark with the steadiest number of columns; a line end for one column, None for prose.

    >>> find_delimiter(["Hold 3", "navn;cpr", "Bo;1,5", "Ida;2,5"])
    ';'
    """
    sample = [line for line in islice(lines, 2 * _SAMPLE_LINES) if line.strip()][:_SAMPLE_LINES]
    scores = {delimiter: _score(sample, delimiter) for delimiter in _DELIMITERS}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if scores[best] > 0:
        return best
    is_list = len(sample) >= 3 and all(len(line) <= _MAX_LIST_CELL and line.count(" ") <= 3 and "," not in line for line in sample)
    return "\n" if is_list else None


def _score(sample: list[str], delimiter: str) -> float:
    """0 where it does not part columns, more the steadier and the more columns there are."""
    marks = sum(line.count(delimiter) for line in sample)
    if marks == 0 or (delimiter == "," and sum(line.count(", ") for line in sample) * 2 > marks):
        return 0.0  # a comma and a blank is prose
    counts = Counter(len(cells) for cells in _records(sample, delimiter) if cells)
    wide = {columns: number for columns, number in counts.items() if columns >= 2}
    if not wide:
        return 0.0
    columns = max(wide, key=lambda each: wide[each])
    share = wide[columns] / sum(counts.values())
    if delimiter != ",":  # ragged rows still are rows where the mark is none that prose uses
        share = max(share, 0.65 * sum(wide.values()) / sum(counts.values()))
    is_prose = any(len(line) / (line.count(delimiter) + 1) > 200 for line in sample)
    return share * (1 + min(columns, 10) / 10) if share >= 0.4 and not is_prose else 0.0


def _records(lines: list[str], delimiter: str) -> Iterator[list[str]]:
    """Cells of each record; from a quotation mark that is never closed on, every line is a record."""
    if delimiter == "\n":
        yield from ([line.strip()] for line in lines)
        return
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    done = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            break
        if reader.line_num - done > _MAX_QUOTED_LINES:
            break
        done = reader.line_num
        yield [cell.strip() for cell in cells]
    for line in lines[done:]:
        yield [cell.strip(' "') for cell in line.split(delimiter)]


FORMAT = Format(
    "csv", ("csv",), (".csv", ".tsv", ".tab"), "Comma, semicolon, tab or bar separated rows, the delimiter found by content.", read,
    is_own=True,
)  # fmt: skip
