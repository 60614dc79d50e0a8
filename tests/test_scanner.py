"""The whole way through, on messages good and bad."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage

import pytest
from cprs import hyphenated, make
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detector import Decision, Envelope, Limits, Scanner

HEAD = b"From: Jens Holm <jh@au.dk>\r\nTo: Bodil Krag <bk@au.dk>\r\nMessage-ID: <1@au.dk>\r\nSubject: "


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    """One scanner for all tests of this file."""
    return Scanner.load()


def mail(subject: str, body: str) -> bytes:
    """A small mail in UTF-8."""
    return HEAD + subject.encode() + b"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body.encode()


def test_clean(scanner: Scanner) -> None:
    """Nothing found, nothing unread: allow, with no reasons."""
    verdict = scanner.scan(mail("Frokost", "Hej Bodil\r\n\r\nSkal vi spise kl. 12?\r\n\r\nJens"))
    assert (verdict.decision, verdict.reasons, verdict.unread) == (Decision.ALLOW, (), ())
    assert verdict.counts.recipients == 1


def test_confidential(scanner: Scanner) -> None:
    """One CPR number to one, to six, and with TLS off."""
    body = f"Mette Lund Hansens cpr-nr. er {hyphenated(make(random.Random(1)))}."
    assert scanner.scan(mail("Kontrakt", body)).decision is Decision.ALLOW
    six = Envelope(recipients=[f"{n}@x.example" for n in range(6)])
    assert scanner.scan(mail("Kontrakt", body), envelope=six).rules == ("confidential-recipients",)
    blocked = scanner.scan(mail("Kontrakt [NoTLS]", body))
    assert blocked.decision is Decision.BLOCK
    assert "Uden TLS" in blocked.reasons[0].text("da")
    assert "Without TLS" in blocked.reasons[0].text("en")


def test_sensitive(scanner: Scanner) -> None:
    """A plain statement of a named person's illness, in both languages."""
    for body in ("Mette Lund Hansen er blevet indlagt med en blodprop og er sygemeldt i tre måneder.",
                 "Sara Holm has been diagnosed with breast cancer and starts chemotherapy on Monday."):
        verdict = scanner.scan(mail("Hej", f"Hej Bodil\r\n\r\n{body}\r\n\r\nJens"))
        assert verdict.decision is Decision.SECURE
        assert "health" in verdict.counts.sensitive
        assert verdict.counts.sensitive_persons == 1


SENTENCES = ("Mette Lund Hansen er blevet indlagt med en blodprop.", "Ali Said er medlem af HK.", "Vi ses kl. 12.", "Bo Dam er skilt.",
             "Jeg er sygemeldt.", "Min søn har diabetes.")
MORE = ("a person", "a recipient", "a copy to one", "a sentence", "a tag", "a part that cannot be read")


@given(
    people=st.integers(0, 7), recipients=st.integers(1, 7), said=st.lists(st.sampled_from(SENTENCES), max_size=3),
    what=st.sampled_from(MORE),
)  # fmt: skip
@settings(max_examples=60)
def test_more_never_makes_it_milder(scanner: Scanner, people: int, recipients: int, said: list[str], what: str) -> None:
    """Over whole messages, what is added to one never lowers its decision."""
    before = scanner.scan(_list_of(people, recipients, said, ""))
    after = scanner.scan(_list_of(people + (what == "a person"), recipients + (what == "a recipient"), said, what))
    assert after.decision.severity >= before.decision.severity
    assert after.counts.recipients >= before.counts.recipients


def _list_of(people: int, recipients: int, said: list[str], more: str) -> bytes:
    """A mail with a CPR number for each person, some sentences, and perhaps something more."""
    message = EmailMessage()
    message["From"], message["To"] = "jh@au.dk", ", ".join(f"{n}@x.example" for n in range(recipients))
    message["Subject"] = "[notls] Liste" if more == "a tag" else "Liste"
    if more == "a copy to one":
        message["Cc"] = "cc@x.example"
    numbers = [f"Nr. {n}: {hyphenated(make(random.Random(n)))}" for n in range(people)]
    message.set_content("\n\n".join(["Hej", *said, *([SENTENCES[0]] if more == "a sentence" else []), *numbers]))
    if more == "a part that cannot be read":
        message.add_attachment(b"\x00\x01\x02", maintype="application", subtype="octet-stream", filename="x.dat")
    return message.as_bytes()


def test_text(scanner: Scanner) -> None:
    """Spans of a text that is no mail count its characters."""
    number = hyphenated(make(random.Random(2)))
    text = f"Mettes cpr er {number}"
    (found,) = [f for f in scanner.scan_text(text) if f.category == "cpr"]
    assert text[slice(*found.span)] == number


def test_pipeline(scanner: Scanner) -> None:
    """The spaCy pipeline names persons."""
    doc = scanner.nlp("Rektor Brian Bech Nielsen mødte Fatima Al-Rashid i Aarhus.")
    assert {"Brian Bech Nielsen", "Fatima Al-Rashid"} <= {e.text for e in doc.ents if e.label_ == "PER"}


def test_same_again(scanner: Scanner) -> None:
    """The same input gives the same verdict, but for the time it took."""
    raw = mail("x", "Hun er startet i kemo. Hilsen Jens")
    first, second = scanner.scan(raw), scanner.scan(raw)
    assert (first.decision, first.findings, first.subjects) == (second.decision, second.findings, second.subjects)
    assert first.versions == second.versions


def test_fault_of_ours_holds_the_message(scanner: Scanner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A fault inside the scan becomes a verdict that says nothing was read, and the log holds no content."""
    def fail(*_args: object, **_options: object) -> None:
        raise RuntimeError("secret content")

    monkeypatch.setattr("detector.scanner.mime.parse", fail)
    verdict = scanner.scan(mail("x", "y"))
    assert verdict.decision is Decision.REVIEW
    assert [u.reason for u in verdict.unread] == ["error"]
    assert "secret" not in caplog.text


def deep(count: int) -> bytes:
    """Parts nested so many times, a text at the bottom."""
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(count))
    return HEAD + b"x\r\n" + opened + b"Content-Type: text/plain\r\n\r\nbottom"


BAD = {
    "empty": (b"", False),
    "blank lines": (b"\r\n" * 20, False),
    "binary": (bytes(range(256)) * 40, False),
    "cut in a header": (HEAD[:40], False),
    "cut in base64": (HEAD + b"x\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQKJcfsj6", True),
    "NULs": (HEAD + b"x\r\n\r\n" + b"\0" * 5000, False),
    "no such charset": (HEAD + b"x\r\nContent-Type: text/plain; charset=klingon\r\n\r\nHej", False),
    "10,000 nested parts": (deep(10_000), True),
    "a header of 50 MB": (HEAD + b"x" * 50_000_000 + b"\r\n\r\nHej", True),
    "boundary missing": (HEAD + b"x\r\nContent-Type: multipart/mixed\r\n\r\nHej", False),
    "zip that is none": (
        HEAD + b"x\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=a.zip\r\n\r\nPK\3\4junk", True,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input(name: str) -> None:
    """A verdict for whatever comes, within its clock; what was not read asks for review."""
    raw, has_unread = BAD[name]
    verdict = Scanner.load(limits=Limits(seconds=3.0)).scan(raw)
    assert bool(verdict.unread) == has_unread
    assert (verdict.decision is Decision.REVIEW) == has_unread
    assert verdict.took_ms < 20_000


def test_clock_runs_out() -> None:
    """What the clock cut off is listed as unread."""
    verdict = Scanner.load(limits=Limits(seconds=0.0)).scan(mail("x", "Hun er startet i kemo."))
    assert "timeout" in {u.reason for u in verdict.unread}
    assert verdict.decision is not Decision.ALLOW


MANY = {"short": "ja", "contacts": "ring 12 34 56 78 eller skriv a@b.dk", "paragraphs": "ja\n", "cells": "navn;tal;by"}


@pytest.mark.parametrize("line", MANY.values(), ids=MANY)
def test_clock_holds_on_many_lines(line: str) -> None:
    """Megabytes of lines are left when time is up, and listed as unread."""
    verdict = Scanner.load(limits=Limits(seconds=1.0)).scan(mail("x", f"{line}\n" * (6_000_000 // len(line))))
    assert "timeout" in {u.reason for u in verdict.unread}
    assert verdict.took_ms < 10_000


@given(raw=st.binary(max_size=2000))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(scanner: Scanner, raw: bytes) -> None:
    """No bytes raise."""
    assert scanner.scan(raw).decision in Decision


def test_threads(scanner: Scanner) -> None:
    """One scanner serves threads, and each gets its own mail's verdict."""
    numbers = [hyphenated(make(random.Random(n))) for n in range(12)]
    raws = [mail("x", f"Mette Lund Hansens cpr-nr. er {number}.") if n % 2 else mail("x", "Hej") for n, number in enumerate(numbers)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda raw: scanner.scan(raw).counts.confidential_persons, raws))
    assert found == [n % 2 for n in range(12)]


@pytest.mark.parametrize(("body", "names"), [
    ("Hej Bodil\n\nHvordan går det med Karla Friis?\n\nHun har fået konstateret brystkræft og er indlagt.\n\nJens", ["Karla Friis"]),
    ("Hej Bodil\n\nHun har fået konstateret brystkræft.\n\nJens\n\nDen 5. nov. 2026 skrev Bodil Krag <bk@au.dk>:\n> Hvor er Karla Friis?\n",
     ["Karla Friis"]),
    ("Hej Bodil\n\nTak.\n\nJens\n\nDen 5. nov. 2026 skrev Bodil Krag <bk@au.dk>:\n> Jeg har fået konstateret kræft.\n", ["Bodil Krag"]),
])  # fmt: skip
def test_whom_a_pronoun_means(scanner: Scanner, body: str, names: list[str]) -> None:
    """A name stands in an ordinary line, in the mail that is answered, or over it."""
    verdict = scanner.scan(mail("Hej", body.replace("\n", "\r\n")))
    assert [subject.name for subject in verdict.subjects] == names
