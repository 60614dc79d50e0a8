"""Texts that may hold contact details, each with what a reader sees beside it: the block before, the column's header, the signature."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from detector.languages import load
from detector.recognizers.context import (
    alternatives,
    column_headers,
    has_name,
    header_of,
    header_rows,
    text_after,
    text_before,
    words_of,
)
from detector.records import Block, Cell, Document, Place, Role, Table, Text

BEFORE, AFTER = 84, 46
"""Characters looked at before and behind a contact."""

LEAD = 90
SIGNATURE_CHARACTERS = 500
"""Behind a greeting; what comes later is a text again (an older mail)."""

GREETING = re.compile(
    r"^[ \t>]*(?:-- ?$|(?:(?:med\s+)?(?:de\s+)?(?:venlige?|bedste|mange|kærlige?)\s+hilsen(?:er)?|(?:de\s+bedste\s+|mange\s+)?hilsner"
    r"|mvh|m\.v\.h|vh|kh|bh|hilsen|(?:best|kind|warm|many)\s+(?:regards|wishes)|regards|sincerely|yours\s+\w+|best|cheers"
    r"|all\s+the\s+best)\b(?!(?:\s+\w+){5}))",
    re.IGNORECASE | re.MULTILINE,
)
"""A closing line; five words in a row behind it are a sentence."""

DIGIT = re.compile("[0-9]")
QUOTE_HEAD = re.compile(r"^[ \t>]*(?:fra|from|den|on|sendt|sent|emne|subject)\b[^\n]{0,80}(?::|skrev|wrote)", re.IGNORECASE | re.MULTILINE)
NEGATION = re.compile(r"(?:\b(?:ikke|aldrig|not|never|left|lost|glemt|without|uden)\b|n't)[^.!?\n]{0,16}$")
SPEAKER = re.compile(r"\bI(?:'m|'ve|'ll)?\b")
NAMED = re.compile(r"[A-ZÆØÅ][a-zæøåéöü]+")


@dataclass(frozen=True, slots=True)
class Spot:
    """One paragraph or cell."""

    place: Place
    text: str = field(repr=False)
    lead: str = field(default="", repr=False)
    """The end of the block before, or what labels the cell: its header, or the cell on its left."""
    header: str = field(default="", repr=False)
    headers: str = field(default="", repr=False)
    """All headers of the table, in lower case."""
    row: str = field(default="", repr=False)
    """All cells of the row."""
    mail: Document | None = field(default=None, repr=False)
    """The text of a mail that this is a block of."""

    def before(self, start: int, reach: int = BEFORE) -> str:
        """The words before a position, as they are written."""
        return text_before(self.text, start, reach=reach, lead=self.lead)

    def after(self, end: int, reach: int = AFTER) -> str:
        """The words behind a position."""
        return text_after(self.text, end, reach=reach)

    def is_signature(self, start: int) -> bool:
        """Whether a position stands under a closing greeting, here or some blocks before."""
        greeting = GREETING.search(self.text, max(0, start - SIGNATURE_CHARACTERS), start)
        if greeting:
            return not QUOTE_HEAD.search(self.text, greeting.end(), start)
        return self.mail is not None and not QUOTE_HEAD.match(self.text) and _is_signed(self.mail.blocks, self.place.block)

    def is_about_person(self, before: str, after: str) -> bool:
        """Whether somebody is spoken of near by: a name, a pronoun, a row with a name."""
        near = f"{before} | {after}"
        if pattern("person").search(near.lower()) or SPEAKER.search(near):
            return True
        return has_name(near) or has_name(self.row)


@cache
def pattern(key: str) -> re.Pattern[str]:
    """The words under `key` of `languages/contacts.toml`, for a text in lower case."""
    return re.compile(rf"(?<![^\W_])(?:{alternatives(words_of(load('contacts'), key))})")


def distance(key: str, before: str, after: str, *, negatable: bool = False) -> int | None:
    """Characters to the nearest word of a list on either side, both in lower case; None where there is none."""
    found = [len(before) - match.end() for match in pattern(key).finditer(before) if not (negatable and _is_negated(before, match))]
    found += [match.start() for match in pattern(key).finditer(after) if not (negatable and _is_negated(after, match))]
    return min(found, default=None)


def _is_negated(text: str, match: re.Match[str]) -> bool:
    return bool(NEGATION.search(text[max(0, match.start() - 24) : match.start()]))


def _is_signed(blocks: tuple[Block, ...], index: int) -> bool:
    """Whether a greeting closes one of the blocks shortly before, in words of the same writer."""
    reach = SIGNATURE_CHARACTERS
    for block in (blocks[number] for number in range(index - 1, -1, -1)):
        if isinstance(block, Table) or block.quote != blocks[index].quote or reach < 0 or QUOTE_HEAD.match(block.text):
            return False
        if GREETING.search(block.text):
            return True
        reach -= len(block.text) + 1
    return False


Wanted = Callable[[str], bool]


def spots(document: Document, number: int, wanted: Wanted) -> Iterator[Spot]:
    """Every paragraph, and every cell of a row, whose text is `wanted`; only for those is the surrounding looked up."""
    is_body = document.role is Role.BODY
    for index, block in enumerate(document.blocks):
        if isinstance(block, Table):
            yield from _cells(block, Place(number, index), wanted)
        elif wanted(block.text):
            before = document.blocks[index - 1] if index else None
            lead = before.text[-LEAD:] if isinstance(before, Text) else ""
            yield Spot(Place(number, index), block.text, lead, mail=document if is_body else None)


def _cells(table: Table, place: Place, wanted: Wanted) -> Iterator[Spot]:
    headers, first = column_headers(table), header_rows(table)
    joined = " | ".join(headers).lower() or _labels(table)
    for number, row in enumerate(table.rows[first:], first):
        line = " | ".join(cell.text for cell in row)
        if not wanted(line):
            continue
        for column, cell in enumerate(row):
            if wanted(cell.text) or DIGIT.search(cell.text):
                label = header_of(headers, column) or _label(row, column)
                yield Spot(Place(place.document, place.block, number, column), cell.text, label, label, joined, line)


def _label(row: tuple[Cell, ...], column: int) -> str:
    """The cell on the left where it reads as a label."""
    left = row[column - 1].text if column else ""
    return left if len(left) < 40 and not DIGIT.search(left) else ""


def _labels(table: Table) -> str:
    """The left column of a table without a header: a form of labels and values."""
    return " | ".join(row[0].text for row in table.rows[:40] if len(row) == 2).lower()
