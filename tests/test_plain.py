"""Disguised text: what cannot be seen, and what looks like the usual letters and digits, does not hide a number or a name."""

from __future__ import annotations

import random

import pytest
from cprs import hyphenated, make
from hypothesis import given
from hypothesis import strategies as st

from detector import Scanner, content, mime, plain
from detector.budget import Budget, Limits
from detector.recognizers import cpr
from detector.records import Cell, Document, Role, Table, Text

DIGITS = make(random.Random(5))
NUMBER = hyphenated(DIGITS)
SCRIPTS = {
    "full-width": 0xFF10, "Arabic-Indic": 0x660, "Persian": 0x6F0, "Devanagari": 0x966, "mathematical bold": 0x1D7CE, "segmented": 0x1FBF0,
}  # fmt: skip
HIDDEN = {
    "zero-width space": "\u200b", "zero-width joiner": "\u200d", "word joiner": "\u2060", "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad", "grapheme joiner": "\u034f", "right-to-left override": "\u202e", "right-to-left mark": "\u200f",
    "isolate": "\u2066", "variation selector": "\ufe0f", "tag": "\U000e0030", "several": "\u200b\u00ad\u2060", "accent": "\u0301",
    "keycap": "\ufe0f\u20e3",
}  # fmt: skip
DISGUISED = [
    *((name, "".join(chr(zero + int(digit)) for digit in DIGITS)) for name, zero in SCRIPTS.items()),
    *((f"{name}, hyphen", "".join(chr(zero + int(d)) if d.isdigit() else d for d in NUMBER)) for name, zero in SCRIPTS.items()),
    *((f"{name} between", mark.join(DIGITS)) for name, mark in HIDDEN.items()),
    *((f"{name} between, hyphen", mark.join(NUMBER)) for name, mark in HIDDEN.items() if name not in ("accent", "keycap")),
    ("in an override", f"\u202e{NUMBER}\u202c"),
    ("in an isolate", f"\u2066{NUMBER}\u2069"),
    ("full-width hyphen", NUMBER.replace("-", "\uff0d")),
    ("two scripts", DIGITS[:5] + "".join(chr(0xFF10 + int(digit)) for digit in DIGITS[5:])),
]


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """One scanner for all tests of this file."""
    return Scanner.load(isolated=False)


@pytest.mark.parametrize("disguised", [text for _, text in DISGUISED], ids=[name for name, _ in DISGUISED])
def test_disguised_number_is_found(scanner: Scanner, disguised: str) -> None:
    """Its span points into the text as it was given, and covers all its digits."""
    text = f"Å CPR: {disguised}."
    (finding,) = [found for found in scanner.scan_text(text) if found.category == "cpr"]
    assert finding.text == text[slice(*finding.span)]
    assert plain.text(finding.text) in (DIGITS, NUMBER)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"C\u200bP\u00adR: {DIGITS}", 1),  # the word that speaks for it
        (f"\uff23\uff30\uff32: {DIGITS}", 1),  # in full-width letters
        (f"Ordre\u200bn\u00adr.: {DIGITS}", 0),  # the word that speaks against it
        (f"{DIGITS[:6]}\u00ad{DIGITS[6:]}", 1),  # the only hyphen there is
        (f"\U0001d402\U0001d40f\U0001d411: {DIGITS}", 1),  # mathematical bold letters
        (f"CPR: {NUMBER}\u00b9", 0),  # a raised digit is not made a digit, and belongs to what it stands at
        (f"CPR: {DIGITS}\uff11", 0),  # an eleventh digit, whatever its script
    ],
)
def test_words_around_it(text: str, found: int) -> None:
    """Words are read through their disguise as the numbers are."""
    document = plain.document(Document("1", Role.BODY, (Text(text),)))
    assert len(cpr.find(document, 0)) == found


def test_parts_of_a_message_are_plain() -> None:
    """Subject, body, file names and cells, in the mail and in what is attached to it."""
    raw = (
        "Subject: =?utf-8?q?S=C2=ADubject?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
        "Met\u00adte H\u200bansen\n"
        "--b\nContent-Type: text/csv; charset=utf-8\nContent-Disposition: attachment; filename*=utf-8''a%E2%80%AEb.csv\n\n"
        "navn;cpr;by\nI\u00adda;\uff10\uff11;A\u030arhus\nBo;02;Vejle\n--b--\n"
    ).encode()
    budget = Budget(Limits())
    blocks = [block for d in content.read(mime.parse(raw, budget=budget), budget=budget).documents for block in d.blocks]
    cells = [[cell for row in block.rows for cell in row] if isinstance(block, Table) else [block] for block in blocks]
    texts = [cell.text for inside in cells for cell in inside]
    assert texts == ["Subject", "Mette Hansen", "ab.csv", "navn", "cpr", "by", "Ida", "01", "Århus", "Bo", "02", "Vejle"]


@pytest.mark.parametrize("text", ["", "Mette", "Søren – “Åse” 5 €…", "x² ½ №", "Привет", "文字"])
def test_ordinary_text_is_left_alone(text: str) -> None:
    """Danish letters and punctuation, notes, fractions and other alphabets stay as they are; what has not changed is not copied."""
    whole = Document("1", Role.BODY, (Text(text), Table(((Cell(text),),))))
    assert plain.text(text) == text
    assert plain.document(whole) is whole


@given(st.text(st.sampled_from("a1 -.\u00ad\u200b\u202e\u0301\u20e3\uff11\u0661\U0001d7ce\ufb01\ud800\0å"), max_size=30), st.data())
def test_origins_lie_in_the_text(written: str, data: st.DataObject) -> None:
    """Each span of the plain text stands somewhere in what was written, in the same order; nothing raises."""
    length = len(plain.text(written))
    start = data.draw(st.integers(0, max(length - 1, 0)))
    if length:
        first, last = plain.origins(written, [(start, start + 1), (start, length)])
        assert 0 <= first[0] == last[0] < first[1] <= last[1] <= len(written)


def test_hostile_text_raises_nothing(scanner: Scanner) -> None:
    """NULs, halves of surrogate pairs, and letters under heaps of marks."""
    text = f"CPR: \0\ud800{NUMBER}\udfff a" + "\u0301" * 5000 + "\u202e" * 5000
    assert [found.text for found in scanner.scan_text(text) if found.category == "cpr"] == [NUMBER]
