"""What holds for every recognizer by rules, whatever the document."""

from __future__ import annotations

import random
import time

import pytest
from cprs import hyphenated, make
from hypothesis import given
from hypothesis import strategies as st

from detector import policy
from detector.recognizers import RECOGNIZERS, Recognizer, context
from detector.records import Cell, Document, Finding, Role, Table, Text

CATEGORIES = set(policy.load().categories)
CPR = hyphenated(make(random.Random(7)))
OWN = frozenset({"line@x.example"})

BITS = st.sampled_from([
    CPR, CPR.replace("-", ""), CPR[:6], CPR[7:], "CPR-nr.", "Privat tlf.", "+45 20 30 40 50", "20304050", "bor på", "Skovvej 3, 2. tv.",
    "8000 Aarhus C", "mette.lund@mail_hjem.example", "Mette Lund", "Navn", "Karakter", "7", "Diagnose", "gigt", "faktura", "ordre", "\n",
    " ", "\u00a0", "–", "🙂", "\0", "|", "Home address", "private phone", "Studienr.", "20231234",
])  # fmt: skip
TEXTS = st.lists(BITS | st.text(max_size=6), max_size=9).map(" ".join)
TABLES = st.lists(st.lists(TEXTS.map(Cell), max_size=5).map(tuple), max_size=7).map(lambda rows: Table(tuple(rows)))
DOCUMENTS = st.builds(Document, st.just("1"), st.sampled_from(Role), st.lists(TEXTS.map(Text) | TABLES, max_size=4).map(tuple))
numbered = pytest.mark.parametrize("find", RECOGNIZERS, ids=["cpr", "contacts", "columns"])


@numbered
@given(document=DOCUMENTS)
def test_findings_stand_where_they_say(find: Recognizer, document: Document) -> None:
    """Any document: nothing raises, a span is what it claims to be, and the same comes again."""
    findings = find(document, 5, OWN)
    for finding in findings:
        check(finding, document)
    assert find(document, 5, OWN) == findings


def check(finding: Finding, document: Document) -> None:
    """Place, span, text, category and confidence agree; what spoke for it does not repeat the value."""
    block = document.blocks[finding.place.block]
    text = block.rows[finding.place.row][finding.place.column].text if isinstance(block, Table) else block.text
    assert finding.place.document == 5
    assert (finding.place.row >= 0) == isinstance(block, Table)
    assert text[slice(*finding.span)] == finding.text != ""
    assert finding.category in CATEGORIES
    assert 0 < finding.confidence <= 1
    assert finding.why
    assert finding.text not in finding.why or finding.text.isalpha() or len(finding.text) < 3


@numbered
@pytest.mark.parametrize("bit", ["1234567890 ", "@", "a.b@c.d", "vej 1, ", "+45", "(", "\n", "010203 ", "1", "a1"])
def test_long_texts_take_no_long_time(find: Recognizer, bit: str) -> None:
    """Two hundred kilobytes of what each looks for, in seconds: time grows with the text, not with its square."""
    started = time.monotonic()
    find(Document("1", Role.BODY, (Text(bit * (200_000 // len(bit))),)), 0, frozenset())
    assert time.monotonic() - started < 10


@numbered
def test_large_tables_take_no_long_time(find: Recognizer) -> None:
    """Five thousand rows of persons."""
    rows = [("Navn", "CPR", "Tlf. privat", "Karakter"), *(("Mette Lund", CPR, "20304050", "7") for _ in range(5000))]
    table = Table(tuple(tuple(Cell(text) for text in row) for row in rows))
    started = time.monotonic()
    assert len(find(Document("1", Role.ATTACHMENT, (table,)), 0, frozenset())) == 5000
    assert time.monotonic() - started < 20
    assert context.header_rows(table) == 1
