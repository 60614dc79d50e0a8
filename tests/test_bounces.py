"""Non-delivery reports: a table of raw mails, and what holds for any content."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from bounce_cases import CASES, LOOK_ALIKES, SLOW, Case, plain, report, status
from hypothesis import given
from hypothesis import strategies as st

from detector import bounces, mime
from detector.budget import Budget, Limits
from detector.records import Bounce


def read(raw: bytes) -> Bounce | None:
    """What a raw mail says of mail that came back."""
    return bounces.parse(mime.parse(raw, budget=Budget(Limits())))


@pytest.mark.parametrize("case", CASES, ids=[case[2] for case in CASES])
def test_cases(case: Case) -> None:
    """Each report gives what a person reads in it, and no other mail is taken for one."""
    raw, expected, _ = case
    found = read(raw)
    assert (found and (" ".join(found.recipients), found.status, found.needs_tls, found.message_id, found.subject)) == expected


def test_cases_are_told_apart() -> None:
    """A reason of its own for every case; enough of them, look-alikes among them."""
    assert [why for why, count in Counter(case[2] for case in CASES).items() if count > 1] == []
    assert len(CASES) - len([case for case in CASES if case[2].startswith("CRLF")]) >= 50
    assert len(LOOK_ALIKES) >= 10


@pytest.mark.parametrize("kind", ["plain", "html", "status", "headers"])
@pytest.mark.parametrize("content", SLOW, ids=[why for _, why in SLOW])
def test_hostile_text_takes_no_long_time(content: tuple[bytes, str], kind: str) -> None:
    """Whatever stands in a part, in whichever; several seconds would be a pattern that goes back over the text again and again."""
    text = content[0].decode()
    types = {"plain": "text/plain", "html": "text/html", "status": "message/delivery-status", "headers": "text/rfc822-headers"}
    message = mime.parse(report("MAILER-DAEMON@mx.example", "failure notice", f"{types[kind]}\n\n{text}"), budget=Budget(Limits()))
    start = time.process_time()
    bounces.parse(message)
    assert time.process_time() - start < 1.5


def test_many_parts_take_no_long_time() -> None:
    """A report has three or four parts; one of thousands is not read to its end."""
    message = mime.parse(report("MAILER-DAEMON@mx.example", "x", *[plain("a@" * 50_000)] * 200), budget=Budget(Limits()))
    start = time.process_time()
    bounces.parse(message)
    assert time.process_time() - start < 3


@pytest.mark.parametrize("subject", ["1" * 60_000 + "a: x", "re:" * 20_000, "(" * 60_000 + "x", "[" * 60_000])
def test_hostile_subjects_take_no_long_time(subject: str) -> None:
    """Subjects of the length that a header may have."""
    start = time.process_time()
    bounces.plain_subject(subject)
    assert time.process_time() - start < 1.5


@given(st.binary(max_size=300), st.sampled_from(["Final-Recipient: ", "Action: ", "Status: ", "Diagnostic-Code: ", ""]))
def test_any_bytes_are_read(data: bytes, field: str) -> None:
    """Content never raises."""
    raw = report("MAILER-DAEMON@mx.example", "x", status(field)) + data
    found = read(raw)
    assert found is None or found.status == "" or found.status[0] in "45"
