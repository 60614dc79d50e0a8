"""Private telephone numbers: valid numbers that the words around give to a person and not to an office."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from detector.languages import load
from detector.recognizers.contact_context import Spot, distance, pattern
from detector.records import Finding

CATEGORY = "private_phone"
ENOUGH = 0.5
CERTAIN = 0.8
"""Confidence from which eight digits need not lie in a series that is in use."""

REGION = "DK"
LIST_REACH = 40
"""Characters from one private number to the next of a list."""

MASKED_SHAPE = re.compile(rb"0(?:[.q]{0,3}0){7}")
NUMBER = re.compile(
    r"(?P<foreign>(?:\+|00)[1-9][0-9]{0,2}(?:[ \xa0.-]?\(0\))?(?:[ \xa0.-]?[0-9]{1,7}){2,6})"
    r"|(?P<danish>[2-9][0-9](?P<mark>[ \xa0.-]?)[0-9]{2}(?P=mark)[0-9]{2}(?P=mark)[0-9]{2}"
    r"|[2-9][0-9]{3}[ \xa0.-][0-9]{4}|[2-9][0-9][ \xa0][0-9]{3}[ \xa0][0-9]{3}"
    r"|[2-9][0-9]{2}[ \xa0][0-9]{2}[ \xa0][0-9]{3})"
    r"|(?P<national>0[1-9][0-9]{1,3}[ /-][0-9]{3,4}[ -]?[0-9]{3,5})"
)
OTHER_REACH = 14
YEARS = re.compile(r"(?:19|20)[0-9]{2}[ -][0-9]{4}")
FOURS = re.compile(r"[0-9]{4}([ \xa0.-])[0-9]{4}")
GOES_ON_BEFORE = re.compile(r"[\w@#$€£%&=/*]$|[0-9][ \xa0.,:/-]$|[\w][-–.]$")
CARD_AFTER = re.compile(r"[ \xa0.-][0-9]{4}(?![0-9])")
GOES_ON_AFTER = re.compile(r"[\w@%=]|[ \xa0.,/-][0-9]{1,3}(?![0-9])|-\w|[ \xa0]?(?:kr|dkk)\b")


def find(spot: Spot, mask: bytes) -> Iterator[Finding]:
    """The private numbers of a paragraph or cell."""
    text, listed_until, at = spot.text, -1, 0
    match = MASKED_SHAPE.search(mask)
    while match:
        number = NUMBER.search(text, max(at, match.start() - 3), match.end() + 16)
        if number is None or number.start() > match.end():
            at = match.end()
        else:
            at = number.end()
            value, why, end = _judge(spot, number, is_listed=number.start() <= listed_until)
            if value >= ENOUGH:
                yield Finding(CATEGORY, spot.place, (number.start(), end), text[number.start() : end], value, why)
                at, listed_until = end, end + LIST_REACH
        match = MASKED_SHAPE.search(mask, at)


def _judge(spot: Spot, number: re.Match[str], *, is_listed: bool) -> tuple[float, str, int]:
    """(confidence, why, end of the number)."""
    start, end = number.span()
    before = spot.text[max(0, start - 2) : start]
    fours = FOURS.fullmatch(number[0])
    if YEARS.fullmatch(number[0]) or (fours and (fours[1] == "-" or CARD_AFTER.match(spot.text, end)) and not _is_named(spot, start)):
        return 0.0, "", end
    if GOES_ON_BEFORE.search(before) or (_kind(number) == "danish" and GOES_ON_AFTER.match(spot.text, end)):
        return 0.0, "", end
    value, why = _weigh(spot, start, end, number, is_listed=is_listed)
    if value < ENOUGH:
        return 0.0, "", end
    length = end - start if value >= CERTAIN and _kind(number) == "danish" else _valid_length(number[0], _kind(number))
    return (value, why, start + length) if length else (0.0, "", end)


def _is_named(spot: Spot, start: int) -> bool:
    """Whether a word for a telephone stands right before, so that two numbers of four digits are one and no range."""
    return bool(pattern("phone").search(spot.before(start, 24).lower()) or pattern("phone_header").search(spot.header.lower()))


def _kind(number: re.Match[str]) -> str:
    return next(kind for kind in ("foreign", "danish", "national") if number[kind])


def _weigh(spot: Spot, start: int, end: int, number: re.Match[str], *, is_listed: bool) -> tuple[float, str]:
    if re.sub(r"\D", "", number[0])[-8:].startswith(tuple(load("contacts")["places"]["work_phones"])):
        return 0.0, ""
    before, after = spot.before(start), spot.after(end)
    low = before.lower(), after.lower()
    if spot.header:
        return _weigh_cell(spot, low[0])
    private, work = distance("private", *low), distance("work", *low, negatable=True)
    if _is_other_number(low[0]):
        return 0.0, ""
    if work is not None and (private is None or work < private):
        return 0.0, ""
    is_signed, is_compact = spot.is_signature(start), number[0].isdigit()
    phone = distance("phone", *low)
    if _kind(number) == "national":
        return (0.6, "private by its words") if private is not None and phone is not None else (0.0, "")
    if private is not None and (not is_compact or phone is not None or private < 24):
        return (0.55, "private by its words, in a signature") if is_signed else (0.85, "private by its words")
    if is_signed:
        return 0.0, ""
    if is_listed:
        return 0.7, "listed after a private number"
    if (phone is not None or not is_compact) and spot.is_about_person(before, after):
        return 0.6, "given for a person, no office named"
    return 0.0, ""


def _is_other_number(before: str) -> bool:
    """Whether a word for another number stands right before."""
    near = before[-24:]
    matches = list(pattern("not_phone").finditer(near))
    if not matches or len(near) - matches[-1].end() >= OTHER_REACH:
        return False
    between = pattern("phone").search(near, matches[-1].end())
    return between is None or between[0].startswith(("nr", "num"))


def _weigh_cell(spot: Spot, label: str) -> tuple[float, str]:
    """By the header of the column, or the label on the left, and by the other headers."""
    header = spot.header.lower()
    if pattern("own_header").match(header):
        return 0.9, "private by its header"
    if any(pattern(key).search(text) for key, text in (("office_header", header), ("work", header), ("work", spot.text.lower()))):
        return 0.0, ""
    if pattern("private_header").search(header) or pattern("private").search(label):
        return 0.9, "private by its header"
    if not pattern("phone_header").search(header):
        return 0.0, ""
    if pattern("office_header").search(spot.headers):
        return 0.0, ""
    if pattern("people_header").search(spot.headers):
        return 0.7, "beside a person's other columns"
    return 0.0, ""


def _valid_length(written: str, kind: str) -> int:
    """Characters of the longest valid number at the start, 0 where there is none."""
    if kind == "national":
        return len(written)
    text = f"+{written[2:]}" if written.startswith("00") else written
    for _ in range(4):
        try:
            parsed = phonenumbers.parse(text, REGION)
        except phonenumbers.NumberParseException:
            return 0
        if phonenumbers.is_valid_number(parsed) or (kind == "foreign" and phonenumbers.is_possible_number(parsed)):
            return len(text) + len(written[:2]) - 1 if written.startswith("00") else len(text)
        shorter = re.sub(r"[ \xa0.-][0-9]+$", "", text)
        if shorter == text:
            return 0
        text = shorter
    return 0
