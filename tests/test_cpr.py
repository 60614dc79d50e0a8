"""CPR numbers: a table of contexts, and the recall and precision over it."""

from __future__ import annotations

import datetime
import random
import re
import time

import pytest
from cpr_cases import CASES, Case
from cprs import has_checksum, hyphenated, make
from hypothesis import given
from hypothesis import strategies as st

from detector import plain
from detector.recognizers import cpr, cpr_shape
from detector.records import Cell, Document, Finding, Role, Table, Text

TODAY = datetime.date(2026, 6, 1)
ZERO_WIDTH_SPACE = "\u200b"


def values(seed: int) -> dict[str, str]:
    """What the braces of a case stand for; the same for each run."""
    rng = random.Random(seed)
    a, b, c = make(rng), make(rng), make(rng)
    n, o = make(rng, first=2008, last=2018, checksum=False), make(rng, last=1999, checksum=False)
    j = make(rng, born=datetime.date(1985, 1, 1), checksum=False)
    z = next(digits for digits in iter(lambda: make(rng), None) if digits[0] == "0" and digits[:2] != "00")
    r = next(digits for digits in iter(lambda: _replacement(make(rng, checksum=False)), None) if has_checksum(digits))
    future = make(rng, first=2028, last=2035)
    named = {"a": a, "b": b, "c": c, "n": n, "o": o, "j": j, "r": r, "z": z, "future": future}
    year = cpr_shape.birth_year(a)
    halves = {"a6": a[:6], "a4": a[6:], "A4": a[6:], "z9": z[1:], "dd": a[:2], "mm": a[2:4], "yy": a[4:6], "yyyy": str(year)}
    odd = {"zw": ZERO_WIDTH_SPACE.join(a), "fw": "".join(chr(0xFF10 + int(d)) for d in a), "ar": "".join(chr(0x660 + int(d)) for d in a)}
    compact = {name.upper(): digits for name, digits in named.items() if len(name) == 1}
    return {name: hyphenated(digits) for name, digits in named.items()} | compact | halves | odd | {"wrong": str(year + 100), "tab": "\t"}


def _replacement(digits: str) -> str:
    return f"{int(digits[:2]) + 60}{digits[2:]}"


def document(content: str | list[list[str]], seed: int) -> Document:
    """One block: a paragraph or a table."""
    filled = values(seed)
    if isinstance(content, str):
        return plain.document(Document("1", Role.BODY, (Text(content.format_map(filled)),)))
    rows = tuple(tuple(Cell(text.format_map(filled)) for text in row) for row in content)
    return plain.document(Document("1", Role.ATTACHMENT, (Table(rows),)))


def found_in(text: str) -> list[Finding]:
    return cpr.find(Document("1", Role.BODY, (Text(text),)), 0, today=TODAY)


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES)), ids=[case[2] for case in CASES])
def test_cases(number: int, case: Case) -> None:
    """Each context gives as many findings as it has CPR numbers, whichever numbers they are."""
    content, expected, _ = case
    for seed in range(3):
        assert len(cpr.find(document(content, 1000 * number + seed), 0, today=TODAY)) == expected


def test_recall_and_precision() -> None:
    """Over the whole table both are at least 0.98."""
    hits = expected = reported = 0
    for number, (content, count, _) in enumerate(CASES):
        found = len(cpr.find(document(content, number), 0, today=TODAY))
        hits, expected, reported = hits + min(found, count), expected + count, reported + found
    print(f"recall {hits / expected:.3f}, precision {hits / reported:.3f} over {len(CASES)} contexts")  # noqa: T201 - shown by pytest -s
    assert hits / expected >= 0.98
    assert hits / reported >= 0.98


def test_table_of_cases_is_balanced() -> None:
    """At least 170 contexts, and of each answer at least two in five."""
    positive = sum(count > 0 for _, count, _ in CASES)
    assert len(CASES) >= 170
    assert 0.4 < positive / len(CASES) < 0.6
    assert len({why for _, _, why in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("290204-4000", datetime.date(2004, 2, 29)),  # a leap day of this century
        ("290200-1000", None),  # 1900 was no leap year
        ("290200-4000", datetime.date(2000, 2, 29)),  # 2000 was one
        ("610190-1000", datetime.date(1990, 1, 1)),  # replacement number
        ("910190-1000", datetime.date(1990, 1, 31)),  # last replacement day
        ("920190-1000", None),  # and none beyond
        ("010158-5000", datetime.date(1858, 1, 1)),  # the earliest that the seventh digit allows
        ("010136-9000", datetime.date(2036, 1, 1)),  # the last year of this century for 9
        ("010137-9000", datetime.date(1937, 1, 1)),  # and the first of the last one
    ],
)
def test_birth_date(text: str, born: datetime.date | None) -> None:
    """The seventh digit gives the century; the day must exist in it."""
    assert cpr_shape.birth_date(text.replace("-", "")) == born


def test_span_is_the_written_number() -> None:
    """Spans count characters of the text, past letters outside the basic plane too."""
    digits = make(random.Random(5))
    text = f"\U0001f600 cpr {digits}\u2009."
    (finding,) = found_in(text)
    assert finding.text == text[slice(*finding.span)] == digits


def test_reason_never_holds_the_value() -> None:
    """`why` and `repr` are safe to log."""
    (finding,) = found_in(f"CPR-nr. {hyphenated(make(random.Random(6)))}")
    assert not re.search(r"\d{4}", finding.why + repr(finding))
    assert finding.why == "date, modulus 11, word before"


def test_header_is_named() -> None:
    """A short header stands in the reason, and the cell is the place."""
    source = document([["Navn", "CPR-nr."], ["Mette", "{a}"]], 8)
    (finding,) = cpr.find(source, 3, today=TODAY)
    assert finding.why == "date, modulus 11, header 'CPR-nr.'"
    assert (finding.place.document, finding.place.row, finding.place.column) == (3, 1, 1)


def test_word_in_the_block_before() -> None:
    """A label in a paragraph of its own governs the number in the next."""
    digits = make(random.Random(7))
    blocks = (Text("CPR-nr.:"), Text(digits))
    assert len(cpr.find(Document("1", Role.BODY, blocks), 0, today=TODAY)) == 1
    assert not cpr.find(Document("1", Role.BODY, (Text("Ordrenr.:"), Text(hyphenated(digits)))), 0, today=TODAY)


@given(st.text(alphabet=st.sampled_from("0123456789 -./\n\u200b\uff11\u0660cprCPR:,@?\ud800xÅ"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Nothing raises, and every span lies in its text."""
    for finding in found_in(text):
        assert finding.text == text[slice(*finding.span)] != ""


@pytest.mark.parametrize(
    "text",
    ["0" * 300_000, "01.01.01." * 30_000, "1 " * 150_000, "cpr " * 75_000, "0102031234 " * 20_000, "\uff11" * 100_000, "文字1" * 50_000],
    ids=["digits", "dates", "ones", "words", "candidates", "full-width", "no Latin"],
)
def test_long_text_is_linear(text: str) -> None:
    """No shape of text takes more than a few seconds a few hundred kilobytes."""
    start = time.perf_counter()
    found_in(text)
    assert time.perf_counter() - start < 5
