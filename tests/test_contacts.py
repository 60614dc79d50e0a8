"""Private contacts: a table of contexts, and what holds for any text."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from contact_cases import CASES, Case, Content
from hypothesis import given
from hypothesis import strategies as st

from detector.recognizers import contacts
from detector.records import Block, Cell, Document, Finding, Role, Table, Text

CATEGORIES = {"p": "private_phone", "e": "private_email", "a": "private_address"}


def document(content: Content) -> Document:
    """A mail's text, or an attached table."""
    if isinstance(content, list):
        rows = tuple(tuple(Cell(text) for text in row) for row in content)
        return Document("2", Role.ATTACHMENT, (Table(rows),))
    paragraphs = (content,) if isinstance(content, str) else content
    return Document("1", Role.BODY, tuple(Text(text) for text in paragraphs))


def cell(source: Document, finding: Finding) -> str:
    """The text at the place of a finding."""
    block: Block = source.blocks[finding.place.block]
    return block.text if isinstance(block, Text) else block.rows[finding.place.row][finding.place.column].text


@pytest.mark.parametrize("case", CASES, ids=[case[2] for case in CASES])
def test_cases(case: Case) -> None:
    """Each context gives the private contacts that a reader would find."""
    content, expected, _ = case
    source = document(content)
    found = contacts.find(source, 0)
    assert sorted(finding.category for finding in found) == sorted(CATEGORIES[letter] for letter in expected)
    for finding in found:
        assert finding.text == cell(source, finding)[slice(*finding.span)]
        assert 0.5 <= finding.confidence <= 1
        assert finding.text not in finding.why


def test_table_of_cases() -> None:
    """Sixty contexts or more, of each category some with and some without a finding."""
    assert len(CASES) >= 60
    assert len({why for _, _, why in CASES}) == len(CASES)
    letters = Counter(letter for _, expected, _ in CASES for letter in set(expected) or {"none"})
    assert min(letters.values()) >= 10


def test_own_addresses_are_no_findings() -> None:
    """Who wrote to whom is no secret between them, whatever the spelling."""
    source = document("Svar til Lone.Holm78@gmail.com eller bo@gmail.com")
    assert [finding.text for finding in contacts.find(source, 0, own=frozenset({"lone.holm78@gmail.com"}))] == ["bo@gmail.com"]


def test_span_of_an_address_over_lines() -> None:
    """Street, floor, code and town are one finding."""
    (finding,) = contacts.find(document("Hun bor på\nNy Elmevej 4, 2. tv.\n8260 Viby J, tror jeg"), 0)
    assert finding.text == "Ny Elmevej 4, 2. tv.\n8260 Viby J"


def test_signature_ends_with_the_older_mail() -> None:
    """What an older mail says is read as a text again."""
    source = document(("Mvh Lone", "Fra: Bo Krogh", "Min kone kan nås på 26 17 93 50"))
    assert len(contacts.find(source, 0)) == 1


@given(st.text(alphabet=st.sampled_from("0123456789 +-./@,\nabcvejEA:hjemtlfgmailå\ud800\u200b"), max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Nothing raises, and every span lies in its text."""
    for finding in contacts.find(document(text), 0):
        assert finding.text == text[slice(*finding.span)] != ""


@pytest.mark.parametrize(
    "text",
    [
        "@" * 100_000,
        "a@a." * 50_000,
        "1" * 200_000,
        "26 17 93 50 " * 10_000,
        "Elmevej 4 " * 10_000,
        "hjemme " * 30_000,
        "+45 " * 50_000,
        "A " * 100_000,
    ],
    ids=["at", "addresses", "digits", "phones", "streets", "words", "codes", "capitals"],
)
def test_long_text_is_linear(text: str) -> None:
    """No shape of text takes more than a few seconds a few hundred kilobytes."""
    start = time.perf_counter()
    contacts.find(document(text), 0)
    assert time.perf_counter() - start < 8
