"""Chains of a mailbox: what came back, and what was sent again without TLS."""

from __future__ import annotations

from pathlib import Path

import pytest
from verdicts import a_verdict

from detector import Scanner
from detector.mailboxes import open_sources
from detector.records import Bounce, Decision, Transport, Verdict
from detector.report.chains import Chain, Chains, Place, link

ROOT = Path(__file__).parents[1]
TO = ("ida@skole.example",)


def mail(subject: str = "Referat", *, to: tuple[str, ...] = TO, message_id: str | None = "<1@x>", tags: tuple[str, ...] = ()) -> Verdict:
    """A message that may come back, or a copy with a tag."""
    decision = Decision.BLOCK if tags else Decision.ALLOW
    return a_verdict(subject=subject, recipients=to, message_id=message_id, transport=Transport(tags=tags), decision=decision)


def report(subject: str = "Referat", *, to: tuple[str, ...] = TO, message_id: str | None = "<1@x>") -> Verdict:
    """A report about such a message."""
    bounce = Bounce(to, "5.7.3", True, message_id, subject)
    return a_verdict(subject="Undeliverable", recipients=("anna@kommune.example",), message_id="<9@mx>", transport=Transport(bounce=bounce))


def chains(*verdicts: Verdict) -> list[tuple[int | None, int | None, Decision | None]]:
    """Positions of original and copy, and the decision on the copy, for each report."""
    seen = Chains()
    for position, verdict in enumerate(verdicts, 1):
        seen.add("inbox.mbox", position, link(verdict), verdict.decision)

    def at(place: Place | None) -> int | None:
        return place and place.position

    return [(at(chain.original), at(chain.copy), chain.decision) for chain in seen.found()]


@pytest.mark.parametrize(("verdicts", "wanted"), [
    ((mail(), report(), mail("[NoTLS] SV: referat", tags=("notls",))), [(1, 3, Decision.BLOCK)]),  # the whole chain
    ((mail("[NoTLS] Referat", tags=("notls",)), report(), mail()), [(3, 1, Decision.BLOCK)]),  # a mailbox is in no order
    ((mail(), report()), [(1, None, None)]),  # not sent again
    ((report(),), [(None, None, None)]),  # sent from elsewhere
    ((mail(), mail("[NoTLS] Referat", tags=("notls",))), []),  # nothing came back
    ((mail(message_id=None), report(message_id=None)), [(1, None, None)]),  # by subject and recipient, where no id is told
    ((mail(message_id=None), report("Andet", message_id=None)), [(None, None, None)]),  # another subject
    ((mail(to=("bo@x.example",), message_id=None), report(message_id=None)), [(None, None, None)]),  # another recipient
    ((mail(), report(""), mail("[NoTLS] Referat", tags=("notls",))), [(1, None, None)]),  # a report without the subject finds no copy
    ((mail(), report(), mail("[NoTLS] Referat", to=("bo@x.example",), tags=("notls",))), [(1, None, None)]),  # a tag, to somebody else
    ((mail(), report(), report()), [(1, None, None), (1, None, None)]),  # two servers, two reports
])  # fmt: skip
def test_chains(verdicts: tuple[Verdict, ...], wanted: list[tuple[int | None, int | None, Decision | None]]) -> None:
    """Joined by Message-ID, else by subject and recipient; the copy by subject, recipient and tag."""
    assert chains(*verdicts) == wanted


def test_places_are_of_their_source() -> None:
    """Positions count in each source by itself."""
    seen = Chains()
    seen.add("a.mbox", 7, link(mail()), mail().decision)
    seen.add("b.mbox", 7, link(report()), report().decision)
    assert list(seen.found()) == [Chain(Place("b.mbox", 7), "5.7.3", True, Place("a.mbox", 7), None, None)]


def test_the_demo_holds_a_chain() -> None:
    """A mail, its report, the same mail again with a tag; real messages, read and scanned."""
    seen = Chains()
    scanner = Scanner.load()
    for source in open_sources([ROOT / "corpora" / "demo" / "inbox.mbox"]):
        for item in source:
            verdict = scanner.scan(item.raw or b"")
            if verdict.transport.bounce or "kursus" in (verdict.message_id or ""):
                seen.add(item.source, item.position, link(verdict), verdict.decision)
    (chain,) = seen.found()
    assert chain.needs_tls
    assert chain.original
    assert chain.copy
    assert chain.decision is Decision.BLOCK
