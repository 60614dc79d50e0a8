"""CPR numbers in tables: read with the header of their column, the label of their row, and the column's other numbers."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import NamedTuple

from detector.recognizers.context import column_headers, digit_mask, has_name, header_of, header_rows, text_after, text_before
from detector.recognizers.cpr_evidence import (
    BEFORE,
    ENOUGH,
    NAME_REACH,
    Cue,
    Evidence,
    confidence,
    explain,
    is_person_near,
    lexicon,
    read_label,
    read_words,
)
from detector.recognizers.cpr_shape import DIGITS, Candidate, candidates, read_candidate
from detector.records import Cell, Finding, Place, Table

SAMPLE = 200
"""Cells of a column that its share of CPR numbers is taken from."""

LEAST_CHECKED = 4
"""Numbers of a column that cannot be dates and running numbers by chance; three in four of them hold by modulus 11."""

SHORT_HEADER = 24
"""Characters."""

LONE_NUMBER = re.compile(r"\s*([0-9]{9,10})(?:[.,]0{1,2})?\s*")
TEN_DIGITS = re.compile(r"\s*[0-9]{6}\s?-?\s?[0-9]{4}\s*")
DATE_CELL = re.compile(r"\s*([0-9]{2})[. /-]?([0-9]{2})[. /-]?([0-9]{2})\s*+-?\s*")
SHORT_DATE_CELL = re.compile(r"\s*([0-9])([0-9]{2})([0-9]{2})(?:\.0)?\s*")
SERIAL_CELL = re.compile(r"\s*+-?\s*([0-9]{1,4})(?:\.0)?\s*")
MANY_DIGITS = re.compile(rb"0(?:[^0]{0,6}0){7}")
"""Eight digits close together: less is no CPR number, with both its leading zeros lost."""

Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Columns:
    """What is known of the columns of one table."""

    headers: tuple[str, ...] = field(repr=False)
    cues: tuple[Cue, ...]
    rows: Sequence[Row] = field(repr=False)
    first: int
    """Number of the first row of content."""
    named: bool
    """A column holds names."""

    def cue(self, column: int) -> Cue:
        """What the header says."""
        return self.cues[column] if column < len(self.cues) else Cue.NONE


class Numbers(NamedTuple):
    """How many ten-digit numbers a column holds, how many begin with a date, and for how many of those modulus 11 holds.

    By chance modulus 11 holds for one in eleven, a date for one in 28.
    """

    every: int
    dated: int
    checked: int

    @property
    def cue(self) -> Cue:
        """What they are, where no header says so."""
        if self.every < 3:
            return Cue.NONE
        if 2 * self.checked > self.every:
            return Cue.FOR
        return Cue.OTHER if 2 * self.dated < self.every else Cue.NONE

    @property
    def is_beyond_chance(self) -> bool:
        """Whether so many hold by modulus 11 that they are CPR numbers, whatever the header calls them ("Id")."""
        return self.every >= LEAST_CHECKED and 4 * self.checked >= 3 * self.every


def find(table: Table, place: Place, today: datetime.date) -> Iterator[Finding]:
    """The CPR numbers of a table at `place`."""
    columns = _columns(table)
    numbers = cache(partial(_numbers, columns, today=today))  # of a column, counted once
    for number, row in enumerate(table.rows):
        if not _may_hold("\t".join(cell.text for cell in row)):
            continue
        for column, cell in enumerate(row):
            spot = replace(place, row=number, column=column)
            whole = _across_cells(row, column, columns, today) if DIGITS.match(digit_mask(cell.text.strip()[:1])) else None
            for candidate in [whole] if whole else candidates(cell.text, today):
                evidence = _evidence(row, column, candidate, columns, numbers)
                value = 0.9 if candidate is whole else confidence(candidate, evidence, today)
                if value >= ENOUGH:
                    span = (candidate.start, candidate.end)
                    yield Finding("cpr", spot, span, cell.text[span[0] : span[1]], round(value, 2), _why(candidate, evidence, whole))


def _may_hold(text: str) -> bool:
    return MANY_DIGITS.search(digit_mask(text)) is not None


def _columns(table: Table) -> Columns:
    headers = column_headers(table)
    named = any(lexicon().name_header.search(header.lower()) for header in headers)
    return Columns(headers, tuple(read_label(header) for header in headers), table.rows, header_rows(table), named)


def _why(candidate: Candidate, evidence: Evidence, whole: Candidate | None) -> str:
    return explain(candidate, evidence) + (", written as a number or over two cells" if candidate is whole else "")


def _evidence(row: Row, column: int, candidate: Candidate, columns: Columns, numbers: Callable[[int], Numbers]) -> Evidence:
    """The cell's own words, else its column's header, else the cell to the left, else the column's other numbers."""
    text = row[column].text
    before, after = text_before(text, candidate.start, reach=BEFORE), text_after(text, candidate.end, reach=NAME_REACH)
    own = read_words(before, after)
    if own.cue is not Cue.NONE:
        return own
    header = columns.cue(column)
    if header is not Cue.NONE and not (header is Cue.OTHER and numbers(column).is_beyond_chance):
        return Evidence(header, _named_header(header_of(columns.headers, column)) if header is Cue.FOR else "")
    label = read_label(row[column - 1].text) if column and not DIGITS.search(digit_mask(row[column - 1].text)) else Cue.NONE
    if label is not Cue.NONE:
        return Evidence(label, "label of the row" if label is Cue.FOR else "")
    person = columns.named or is_person_near(before, after) or any(has_name(cell.text) for cell in row)
    if not TEN_DIGITS.fullmatch(text):
        return Evidence(Cue.NONE, person=person)
    cue = numbers(column).cue
    return Evidence(cue, "most of the column are such numbers" if cue is Cue.FOR else "", person=person)


def _named_header(header: str) -> str:
    """A long header is not repeated: it may be no header, and hold a name."""
    return f"header '{header}'" if len(header) <= SHORT_HEADER else "header"


def _numbers(columns: Columns, column: int, today: datetime.date) -> Numbers:
    """Those of the first cells of a column."""
    cells = [row[column].text for row in columns.rows[columns.first : columns.first + SAMPLE] if column < len(row)]
    numbers = [text.strip() for text in cells if TEN_DIGITS.fullmatch(text)]
    dated = [found for text in numbers if (found := read_candidate(text, 0, today))]
    return Numbers(len(numbers), len(dated), sum(found.has_checksum for found in dated))


def _across_cells(row: Row, column: int, columns: Columns, today: datetime.date) -> Candidate | None:
    """A CPR number that the cell holds as a number (its leading zero lost), or whose last four digits stand in the next cell."""
    text, cue = row[column].text, columns.cue(column)
    lone = LONE_NUMBER.fullmatch(text)
    if lone and cue is Cue.FOR:
        return _of_digits(lone[1].zfill(10), lone.span(1), today)
    date = DATE_CELL.fullmatch(text) or (SHORT_DATE_CELL.fullmatch(text) if cue is Cue.FOR else None)
    serial = SERIAL_CELL.fullmatch(row[column + 1].text) if date and column + 1 < len(row) else None
    if not date or not serial or not _may_continue(columns, column):
        return None
    candidate = _of_digits("".join(date.groups()).zfill(6) + serial[1].zfill(4), (date.start(1), date.end(3)), today)
    if candidate is None or cue is Cue.FOR:
        return candidate
    is_full = len(serial[1]) == 4 and candidate.has_checksum
    return candidate if is_full and (columns.named or any(has_name(cell.text) for cell in row)) else None


def _may_continue(columns: Columns, column: int) -> bool:
    """Whether the next column may hold the last four digits, going by both headers."""
    following = header_of(columns.headers, column + 1)
    if columns.cue(column) in (Cue.OTHER, Cue.DUMMY):
        return False
    is_serial = bool(lexicon().serial.search(following.lower())) or columns.cue(column + 1) is Cue.FOR
    return is_serial or (not following and (columns.cue(column) is Cue.FOR or not header_of(columns.headers, column)))


def _of_digits(digits: str, span: tuple[int, int], today: datetime.date) -> Candidate | None:
    found = read_candidate(digits, 0, today)
    return replace(found, start=span[0], end=span[1]) if found else None
