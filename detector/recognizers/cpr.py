"""CPR numbers: ten digits that begin with a date, weighed by modulus 11 and by the words around them."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

from detector.recognizers import cpr_table
from detector.recognizers.context import text_after, text_before
from detector.recognizers.cpr_evidence import (
    BEFORE,
    ENOUGH,
    FOR,
    LISTED,
    NAME_REACH,
    NEARLY,
    NONE,
    Evidence,
    confidence,
    explain,
    is_person_near,
    read_words,
)
from detector.recognizers.cpr_shape import PIECE, Candidate, candidates, may_hold
from detector.records import Document, Finding, Place, Table, Text

CATEGORY = "cpr"
LIST_REACH = 60
"""Characters from one CPR number to the next that share the word before the first."""


def find(document: Document, number: int, *, today: datetime.date | None = None) -> list[Finding]:
    """The CPR numbers in a document, `number` being its index; nobody born after `today` (by default the day of the call) has one."""
    day = today or datetime.date.today()
    findings: list[Finding] = []
    for index, block in enumerate(document.blocks):
        if isinstance(block, Table):
            findings += cpr_table.find(block, Place(number, index), day)
        elif len(block.text) > PIECE or may_hold(block.text):
            before = document.blocks[index - 1] if index else None
            lead = before.text[-BEFORE:] if isinstance(before, Text) else ""
            findings += _in_text(block.text, Place(number, index), lead, day)
    return findings


def _in_text(text: str, place: Place, lead: str, today: datetime.date) -> Iterator[Finding]:
    """`lead` is the end of the block before, which may hold the word that governs a number at the start of this one."""
    listed_until = -1
    for candidate in candidates(text, today):
        evidence, value = _weigh(text, candidate, lead, today, is_listed=candidate.start <= listed_until)
        if value >= ENOUGH:
            span = (candidate.start, candidate.end)
            yield Finding(CATEGORY, place, span, text[span[0] : span[1]], round(value, 2), explain(candidate, evidence))
            listed_until = candidate.end + LIST_REACH if evidence.cue is FOR else -1


def _weigh(text: str, candidate: Candidate, lead: str, today: datetime.date, *, is_listed: bool) -> tuple[Evidence, float]:
    """What surrounds a candidate, and the confidence that follows."""
    before = text_before(text, candidate.start, reach=BEFORE, lead=lead)
    after = text_after(text, candidate.end, reach=NAME_REACH)
    evidence = read_words(before, after)
    if is_listed and evidence.cue is NONE:
        evidence = LISTED
    value = confidence(candidate, evidence, today)
    if NEARLY <= value < ENOUGH and is_person_near(before, after):
        evidence = replace(evidence, person=True)
        value = confidence(candidate, evidence, today)
    return evidence, value
