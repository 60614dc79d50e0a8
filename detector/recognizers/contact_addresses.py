"""Homes: a street and number, given to a person by a postal code, a floor or the words around, and not to a body."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import re2  # type: ignore[import-untyped]

from detector.languages import lines, load
from detector.recognizers.contact_context import Spot, distance, pattern
from detector.records import Finding

CATEGORY = "private_address"
ENOUGH = 0.5
HEAD_REACH, TAIL_REACH = 40, 70
"""Characters before a house number that may be the street, and behind it that may be floor, code and town."""

CAPITAL = "A-ZÆØÅÉÖÜÄ"
HEAD = re.compile(
    rf"(?:[{CAPITAL}][\w.'’-]{{0,24}}[ \xa0](?:(?:[{CAPITAL}][\w.'’-]{{0,24}}|de|du|des|del|la|las|lille|store|af|i)[ \xa0]){{0,2}})?"
    rf"[{CAPITAL}0-9][\w.'’-]{{1,30}}$"
)
LOWER_HEAD = re.compile(r"[^\W\d_][\w.'’-]{2,30}$")
NUMBER = re.compile(
    r"[1-9][0-9]{0,2}(?:[ ]?[A-Z](?!\w)|[a-z](?!\w))?(?:-[0-9]{1,3})?(?![0-9])"
    r"(?!\.[0-9]|[ ]?(?:%|kr\b|stk\b|min\b|km\b|ECTS|år\b|timer?\b|pct\b))"
)
SIDE = r"(?:sal|th|tv|mf|floor|left|right|dør|lejl)\b"
FLOOR = re.compile(
    rf"[ ,]{{0,3}}(?:(?:[0-9]{{1,2}}(?:\.|st|nd|rd|th)?|st\.?|kl\.?|stuen|kld\.?)[ ,]{{0,2}}{SIDE}\.?(?:[ ]?(?:th|tv|mf)\b\.?)?"
    r"|(?:st|kl|kld)\.(?:[ ,]{0,2}(?:th|tv|mf)\b\.?)?|(?:[a-zæøå]{3,9}[ ])?sal\b|[0-9]{1,2}\.(?=[ ,;]|$)"
    r"|(?:vær(?:else)?|lejl(?:ighed)?|room|flat|apt)\b\.?[ ]?[0-9-]{1,8})",
    re.IGNORECASE,
)
CODE = re.compile(r"[\s,;]{1,3}(?:\r?\n[ >]{0,3})?(?:DK[ -]?)?([0-9]{4,5})(?:[ \xa0]+([^\W\d_][^\n,;|]{1,24}))?(?![0-9])")
TOWN = re.compile(
    rf"(?:[ ,;\n(]{{1,3}}|[ ](?:i|in|på|ved|near)[ ])([{CAPITAL}][\w-]{{1,24}}(?:[ ][{CAPITAL}]{{1,2}}(?!\w))?)"
)
CODE_CELL = re.compile(r"\| (?:DK[ -]?)?([0-9]{4})(?= \||$| [^\W\d_])")
"""Of a row: a postal code, with its town or alone."""
HOST = re.compile(
    rf"\bhos [{CAPITAL}][a-zæøå]{{1,20}}(?: [{CAPITAL}][\w-]{{1,20}})?,? (?:på|i|,)?[^.]{{0,12}}$|\bat [{CAPITAL}]\w{{1,20}}'s\b"
)
"""Somebody's place."""

LOWER_ENDINGS = ("vej", "gade", "vænget", "stræde", "allé", "boulevard", "parken")
MAYBE = re.compile(rb"a\.{1,2}0|0a?\.{1,2}a")
"""In a mask: a number behind a word, or before one."""

FOREIGN_OPENING = "rue|avenue|boulevard|calle|via|place|chemin"
FOREIGN_ENDING = "Street|Road|Avenue|Lane|Drive|Crescent|Close|Court|Terrace|Gardens|Square"


@dataclass(frozen=True, slots=True)
class Address:
    """A street with its number, and what follows."""

    start: int
    end: int
    street: str = field(repr=False)
    is_street: bool
    """The name ends as only streets do."""
    floor: bool
    code: bool
    town: bool


def may_be_street(raw: bytes, mask: bytes) -> bool:
    """Whether a word and a number that may be a street stand in the Latin-1 bytes of a text, whose mask is given."""
    return MAYBE.search(mask) is not None and _street_pattern().search(raw) is not None


def find(spot: Spot, raw: bytes) -> Iterator[Finding]:
    """The homes of a paragraph or cell, whose Latin-1 bytes are `raw`."""
    text, done = spot.text, 0
    for match in _street_pattern().finditer(raw):
        start, end = match.span()
        if start < done:
            continue
        if raw[start : start + 1].isdigit():
            finding = _foreign(spot, start, end)
        else:
            finding = _danish(spot, start + len(raw[start:end].rstrip(b"0123456789")))
        if finding:
            done = finding.span[1]
            yield finding
    if not done and text[:1].isupper() and pattern("home_header").search(spot.header.lower()):
        yield from _whole_cell(spot)


@cache
def _street_pattern() -> Any:
    """A word and a number of one to three digits, a capital or a street's ending before it; or a number and a street as abroad.

    Linear, over Latin-1 bytes.
    """
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    endings = "|".join(ending for ending in lines("street_endings") if not ending.startswith("!"))
    danish = rf"(?:[A-ZÆØÅ][^\s\d,;:()@/]{{3,30}}|(?i:{endings}))[ \xa0]{{1,2}}[1-9][0-9]{{0,2}}"
    word = r"[A-ZÆØÅ][^\s\d,;:()@/]{1,20} "
    romance = rf"(?i:{FOREIGN_OPENING}) (?:[a-z']{{1,4}} ?){{0,2}}{word[:-1]}"
    foreign = rf"\b[0-9]{{1,4}}[A-Za-z]?,? (?:{romance}|(?:{word}){{1,2}}(?:{FOREIGN_ENDING})\b)"
    return re2.compile(f"{danish}|{foreign}".encode("latin-1"), options=options)


@cache
def _endings() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Endings that only streets have, and those that are ordinary words too."""
    every = lines("street_endings")
    return tuple(e for e in every if not e.startswith("!")), tuple(e[1:] for e in every if e.startswith("!"))


@cache
def _towns() -> tuple[frozenset[str], frozenset[str]]:
    """Names of Danish towns in lower case, and their postal codes."""
    towns: set[str] = set()
    codes: set[str] = set()
    for line in lines("postal_codes"):
        span, town = line.split(" ", 1)
        first, _, last = span.partition("-")
        codes.update(f"{code:04d}" for code in range(int(first), int(last or first) + 1))
        towns.update({town.lower(), re.sub(r" [A-ZØ]{1,2}$", "", town).lower()})
    return frozenset(towns), frozenset(codes)


def _read(text: str, number_at: int) -> Address | None:
    """The address around a house number."""
    before = text[max(0, number_at - HEAD_REACH) : number_at].rstrip()
    head = HEAD.search(before) or LOWER_HEAD.search(before)
    number = NUMBER.match(text, number_at)
    if not head or not number:
        return None
    name = head[0].lower().rstrip(".")
    if not _may_be_street_name(head[0], name):
        return None
    sure, weak = _endings()
    is_street = name.endswith(sure) or name.partition(" ")[0].rstrip(".") in load("contacts")["places"]["street_openings"]
    end, floor, code, town = _tail(text, number.end())
    if not (is_street or name.endswith(weak) or ((code or town) and len(name) > 4)):
        return None
    start = max(0, number_at - HEAD_REACH) + head.start()
    return Address(start, end, f"{head[0]} {number[0]}".lower(), is_street, floor, code, town)


def _may_be_street_name(written: str, name: str) -> bool:
    """Whether the words before a number can name a street: a capital, or in lower case an ending that is no word of its own."""
    if not written[0].isupper() and not written[0].isdigit():
        return name.endswith(LOWER_ENDINGS) and len(name) > 6
    towns, _ = _towns()
    return name not in load("contacts")["places"]["not_streets"] and name not in towns and name not in _endings()[0]


def _tail(text: str, end: int) -> tuple[int, bool, bool, bool]:
    """(end, floor, postal code, town) of what follows a house number."""
    towns, codes = _towns()
    floor = FLOOR.match(text, end)
    at = floor.end() if floor else end
    code = CODE.match(text, at)
    if code and (code[1] in codes or (len(code[1]) == 5 and code[2])):
        name = TOWN.match(text, code.end(1))
        return (name.end() if name else code.end(1)), bool(floor), True, bool(name)
    town = TOWN.match(text, at)
    if town and _is_town(town[1], towns):
        return town.end(), bool(floor), False, True
    return at, bool(floor), False, False


def _is_town(name: str, towns: frozenset[str]) -> bool:
    return name.lower() in towns or name.split(" ")[0].lower() in towns


def _danish(spot: Spot, number_at: int) -> Finding | None:
    """The home whose house number begins at a position."""
    text = spot.text
    address = _read(text, number_at)
    if address is None:
        return None
    value, why = _judge(spot, address)
    if value < ENOUGH:
        return None
    span = (address.start, address.end)
    return Finding(CATEGORY, spot.place, span, text[span[0] : span[1]], round(value, 2), why)


def _judge(spot: Spot, address: Address) -> tuple[float, str]:
    """What speaks for a home, added up; a body near by or a signature speaks against it."""
    if address.street.startswith(tuple(load("contacts")["places"]["work_streets"])):
        return 0.0, ""
    before, after = spot.before(address.start), spot.after(address.end)
    low = before.lower(), after.lower()
    header = spot.header.lower()
    reasons = []
    value = 0.3 if address.is_street else 0.15
    if pattern("home_header").search(header):
        value, reasons = value + 0.5, ["header"]
    elif pattern("address_header").search(header):
        is_office = pattern("office_header").search(spot.headers)
        value += 0 if is_office else 0.35
        reasons += [] if is_office else ["header"]
    for holds, weight, reason in (
        (address.floor, 0.2, "floor"),
        (address.code or _has_code(spot.row), 0.2, "postal code"),
        (address.town and not address.code, 0.1, "town"),
        (spot.is_about_person(before, after), 0.15, "person near by"),
        (distance("home", *low) is not None or bool(HOST.search(before)), 0.35, "home by its words"),
        (distance("address_word", *low) is not None, 0.15, "address by its words"),
    ):
        value += weight if holds else 0
        reasons += [reason] if holds else []
    value -= _against(spot, address, *low)
    return min(value, 0.95), ", ".join(["street and number", *reasons])


def _has_code(row: str) -> bool:
    """Whether a cell of a row is a postal code."""
    _, codes = _towns()
    return any(code in codes for code in CODE_CELL.findall(row))


def _against(spot: Spot, address: Address, before: str, after: str) -> float:
    """What speaks for a body or a place of work."""
    organisation, home = distance("organisation", before, after, negatable=True), distance("home", before, after)
    weight = 0.0
    if organisation is not None:
        weight = 0.2 if home is not None and home <= organisation else 0.5
    if spot.is_signature(address.start):
        weight += 0.4 if home is None else 0.15
    return weight


def _foreign(spot: Spot, start: int, end: int) -> Finding | None:
    """A house number before the street, as in English and French, where the words say that somebody lives there."""
    before, after = spot.before(start).lower(), spot.after(end).lower()
    is_home = distance("home", before, after[:20]) is not None or bool(pattern("home_header").search(spot.header.lower()))
    if not is_home or distance("organisation", before, after) is not None:
        return None
    return Finding(CATEGORY, spot.place, (start, end), spot.text[start:end], 0.65, "number and street, home by its words")


def _whole_cell(spot: Spot) -> Iterator[Finding]:
    """What stands under a header that says home, whatever the street is called."""
    if len(spot.text) < 90 and re.search(r"[^\W\d_]{3}.{0,90}[0-9]", spot.text) and "@" not in spot.text:
        yield Finding(CATEGORY, spot.place, (0, len(spot.text)), spot.text, 0.7, "header")
