"""What looks like a Danish CPR number, and what its ten digits say.

Source: CPR-kontoret, "Personnummeret i CPR" (table of the seventh digit, replacement numbers, check digit).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import re2  # type: ignore[import-untyped]
from stdnum.dk import cpr as stdnum_cpr

from detector.recognizers.context import digit_mask

PIECE, OVERLAP = 1 << 18, 32
"""Characters scanned at a time, so that they stay in the processor's cache, and those that a number may reach beyond."""

HYPHENS = "\\-\u00ad\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
BLANKS = " \t\u00a0\u2000-\u200a\u202f\u3000"
MASKED_SHAPE = re.compile(rb"00[.q]?+00[.q]?+00(?:00)?[.q]{0,6}0000")
FAR_SHAPE = re2.compile(MASKED_SHAPE.pattern.replace(b"?+", b"?"))
NEAR = 128
"""Bytes from which RE2 finds the same sooner: it takes longer to begin, and a third of the time for each byte."""
LAYOUT = re.compile(
    rf"(?P<day>[0-36-9][0-9])(?P<mark>[{BLANKS}./{HYPHENS}]?)(?P<month>0[1-9]|1[0-2])(?P=mark)(?P<year>[0-9]{{4}}|[0-9]{{2}})"
    rf"(?P<gap>[{BLANKS}]{{0,2}}[{HYPHENS}./|:(\[][{BLANKS}]{{0,2}}(?:\r?\n[{BLANKS}>]{{0,3}})?|[{BLANKS}]{{0,3}}(?:\r?\n[{BLANKS}>]{{0,3}}[{HYPHENS}]?)?)"
    r"(?P<serial>[0-9]{4})"
)
HYPHENATED = re.compile(rf"[{HYPHENS}]")
DIGITS = re.compile(rb"0+")
CHAIN_BEFORE = re.compile(rf"[^\W_][{HYPHENS}/.+]$|[0-9],$|[+=#&%$£€\\]$")
GOES_ON = re.compile(rf"(?P<word>[^\W_])|(?P<decimals>,[0-9]{{1,2}}(?![0-9]))|[{HYPHENS}/][^\W_]|\.[0-9]|[@%=]|://")
ADDRESS_BEFORE = re.compile(r"(?:\w://|www\.|[?&/]\w{0,30}=|\b10\.[0-9]{4,6}/)\S*$")
LISTED_BEFORE = re.compile(rf"[0-9]{{6}}[{HYPHENS}][0-9]{{4}}/$|[,]$")
LISTED_AFTER = re.compile(rf"/(?:[0-9]{{6}}[{HYPHENS}]|[^\W\d_])")
GLUED_CUE = re.compile(r"(?:cpr|nr|no|pnr|nummer)$", re.IGNORECASE)

EXCEPTION_YEARS = frozenset({1960, 1962, 1964, 1965, 1966, 1967, 1969, 1970, 1974, 1975, 1978, *range(1980, 1993), 1994, 1995})
"""Birth years whose numbers for 1 January ran out, so that some fail modulus 11. CPR-kontoret, list of 10 May 2023."""

DUMMIES = frozenset({"1234567890", "0101010101", "1111111111", "0102030405", "0101011234", "1112131415", "1010101010"})
"""Numbers of forms and examples, whatever they say of themselves."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where ten digits that may be a CPR number stand, how they are written, and what they say."""

    start: int
    end: int
    form: str
    """"hyphen", "spaced" (any other mark between date and serial number) or "compact"."""
    born: datetime.date = field(repr=False)
    has_checksum: bool
    """Modulus 11 holds."""
    wrapped: bool = False
    """A line break without a hyphen stands in it: perhaps two numbers."""

    @property
    def may_lack_checksum(self) -> bool:
        """Whether numbers without modulus 11 have been issued for this birth date (from 2007 on, or an exhausted 1 January)."""
        return self.born.year >= 2007 or self.is_exception

    @property
    def is_exception(self) -> bool:
        """Whether it is a 1 January whose numbers with modulus 11 ran out."""
        return (self.born.month, self.born.day) == (1, 1) and self.born.year in EXCEPTION_YEARS


def may_hold(text: str) -> bool:
    """Whether a text has the shape of a CPR number anywhere; most have not, and cost no more than this."""
    return MASKED_SHAPE.search(digit_mask(text)) is not None


def candidates(text: str, today: datetime.date) -> Iterator[Candidate]:
    """Each possible CPR number of a text, with spans in its characters. Most texts cost one compiled scan.

    Those of a piece are given when all of it was scanned: scan and what is done with them drive one another out of the cache.
    """
    end = 0
    for offset in range(0, len(text), PIECE):
        mask = digit_mask(text[offset : offset + PIECE + OVERLAP])
        for found in list(_scan(text, mask, offset, max(end - offset, 0), today)):
            yield found
            end = found.end


def _scan(text: str, mask: bytes, offset: int, start: int, today: datetime.date) -> Iterator[Candidate]:
    """Candidates where `mask` begins at `offset` of the text and is searched from `start`."""
    match = _next(mask, start)
    while match:
        start, end = match.span()
        found = read_candidate(text, offset + start, today)
        if found and _stands_alone(text, found):
            yield found
            end = found.end - offset
        else:  # what was swallowed with a number before it may be one itself
            run = DIGITS.match(mask, start)
            end = run.end() if run else end
        match = _next(mask, end)


def _next(mask: bytes, start: int) -> Any:
    """The first match from `start` on."""
    match = MASKED_SHAPE.search(mask, start, start + NEAR)
    return match or (FAR_SHAPE.search(mask, start + NEAR - OVERLAP) if start + NEAR < len(mask) else None)


def read_candidate(text: str, start: int, today: datetime.date) -> Candidate | None:
    """The number that begins at `start`, when its layout is consistent and its date a real one."""
    match = LAYOUT.match(text, start)
    if not match:
        return None
    day, mark, month, year, gap, serial = match.groups()
    digits = f"{day}{month}{year[-2:]}{serial}"
    born = birth_date(digits)
    if born is None or born > today or serial == "0000" or digits in DUMMIES or (mark and not gap):
        return None
    if len(year) == 4 and (born.year != int(year) or not (mark or gap)):
        return None
    is_hyphenated = gap == "-" or bool(gap and HYPHENATED.search(gap))
    form = "hyphen" if is_hyphenated else "spaced" if gap or mark else "compact"
    return Candidate(start, match.end(), form, born, stdnum_cpr.checksum(digits) == 0, wrapped="\n" in gap and not is_hyphenated)


def birth_date(digits: str) -> datetime.date | None:
    """The birth date in ten digits, None where there is no such day; a replacement number counts 60 up on the day.

    >>> birth_date("6102360000"), birth_date("2902010000"), birth_date("2902049000")
    (datetime.date(1936, 2, 1), None, datetime.date(2004, 2, 29))
    """
    day = int(digits[:2])
    try:
        return datetime.date(birth_year(digits), int(digits[2:4]), day - 60 if day > 60 else day)
    except ValueError:
        return None


def birth_year(digits: str) -> int:
    """Four-digit birth year of ten digits, by the seventh digit and then the year.

    >>> birth_year("3002379000"), birth_year("3002369000"), birth_year("3002588000")
    (1937, 2036, 1858)
    """
    year, seventh = int(digits[4:6]), digits[6]
    if seventh in "0123" or (seventh in "49" and year >= 37):
        return 1900 + year
    return 1800 + year if seventh in "5678" and year >= 58 else 2000 + year


def _stands_alone(text: str, found: Candidate) -> bool:
    """Whether it is no piece of a longer number, identifier, decimal, address or link."""
    return _ends_alone(text, found) and (not found.start or text[found.start - 1].isspace() or _begins_alone(text, found))


def _ends_alone(text: str, found: Candidate) -> bool:
    match = GOES_ON.match(text, found.end)
    if not match:
        return True
    if match.lastgroup == "word" or found.form == "compact":
        return False
    return match.lastgroup == "decimals" or LISTED_AFTER.match(text, found.end) is not None


def _begins_alone(text: str, found: Candidate) -> bool:
    before = text[max(0, found.start - 12) : found.start]
    if before[-1].isalnum() or CHAIN_BEFORE.search(before[-2:]):
        return _follows_cue(before) or (found.form != "compact" and bool(LISTED_BEFORE.search(before)))
    return not ADDRESS_BEFORE.search(text[max(0, found.start - 60) : found.start].rsplit(maxsplit=1)[-1])


def _follows_cue(before: str) -> bool:
    return bool(GLUED_CUE.search(before.rstrip("-.:=#")))
