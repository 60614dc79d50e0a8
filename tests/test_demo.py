"""The demo mailbox: what a scan says of it, against the right answers in `corpora/demo.jsonl`."""

from __future__ import annotations

import email
import importlib.util
import json
import mailbox
import re
import subprocess
import sys
from contextlib import closing
from email import policy
from pathlib import Path
from typing import Any

import pytest

from detector.budget import Limits
from detector.mailboxes import open_source
from detector.records import Item, Verdict
from detector.scanner import Scanner

ROOT = Path(__file__).parent.parent
DEMO = ROOT / "corpora" / "demo"
CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in map(json.loads, (ROOT / "corpora" / "demo.jsonl").read_text(encoding="utf-8").splitlines())
}
EXACT = [name for name, case in CASES.items() if case["exact"]]
READ = [name for name, case in CASES.items() if not case["exact"]]
LEAST_SHARE = 0.8
"""Of the cases that take reading, so many must get the right decision."""

NO_TLS = re.compile(r"\[(notencrypted|ikkekrypteret|notls)\]", re.IGNORECASE)
SEVERITY = ["allow", "review", "secure", "block"]
WRITERS = ["openpyxl", "docx", "odf", "fpdf", "pptx", "pyzipper"]


@pytest.fixture(scope="module")
def items() -> list[Item]:
    """Everything in the demo mailbox, as one run meets it."""
    return list(open_source(DEMO))


@pytest.fixture(scope="module")
def verdicts(items: list[Item]) -> dict[str, Verdict]:
    """What the scanner says, by the name of the case."""
    scanner = Scanner.load(limits=Limits(ocr=False))  # the answers are the same wherever they are asked for
    return {case_id(item.raw): scanner.scan(item.raw) for item in items if item.raw is not None}


def case_id(raw: bytes) -> str:
    """The case that a message was built from; its Message-ID says it."""
    return str(email.message_from_bytes(raw)["Message-ID"]).partition("@")[0].lstrip("<")


def test_every_message_is_accounted_for_once(items: list[Item]) -> None:
    """A run over the folder meets each case once and nothing else."""
    assert [item.source for item in items if item.raw is None] == []
    assert sorted(case_id(item.raw or b"") for item in items) == sorted(CASES)
    assert [item.position for item in items] == list(range(1, len(CASES) + 1))


@pytest.mark.parametrize("name", CASES)
def test_expected_decision_follows_the_policy_table(name: str) -> None:
    """The right answers themselves: recipients as the headers say, the decision as the table says, the sizes consistent."""
    case, expect = CASES[name], CASES[name]["expect"]
    addresses = [re.sub(r".*<(.+)>", r"\1", address).lower() for field in ("to", "cc", "bcc") for address in case[field]]
    assert expect["recipients"] == len(set(addresses))
    assert bool(expect["persons_confidential"]) == bool(expect["confidential"])
    assert bool(expect["persons_sensitive"]) == bool(expect["sensitive"])
    assert (expect["decision"], expect["unlisted"]) == decide(case)


def decide(case: dict[str, Any]) -> tuple[str, bool]:
    """The decision by the policy table, and whether it rests on the row that neither list names."""
    expect = case["expect"]
    p, s, r = expect["persons_confidential"], expect["persons_sensitive"], expect["recipients"]
    if expect["protected"]:
        return "allow", False
    unlisted = 2 <= p <= 5 and 2 <= r <= 5
    rows = ["allow"]
    rows += ["block"] if NO_TLS.search(case["subject"]) and p + s > 0 else []
    rows += ["secure"] if s >= 1 or p > 5 or (p >= 1 and r > 5) or unlisted else []
    rows += ["review"] if expect["unread"] else []
    return max(rows, key=SEVERITY.index), unlisted


@pytest.mark.parametrize("name", EXACT)
def test_rules_give_the_expected_decision(name: str, verdicts: dict[str, Verdict]) -> None:
    """CPR numbers, counts, recipients, tags, unread parts and encryption are rules: nothing but the right answer will do."""
    expect, verdict = CASES[name]["expect"], verdicts[name]
    assert (verdict.decision, verdict.unlisted, verdict.protected) == (expect["decision"], expect["unlisted"], expect["protected"])


@pytest.mark.parametrize("name", EXACT)
def test_rules_give_the_expected_counts(name: str, verdicts: dict[str, Verdict]) -> None:
    """The right decision rests on the right numbers."""
    expect, verdict = CASES[name]["expect"], verdicts[name]
    assert verdict.counts.confidential_persons == expect["persons_confidential"]
    assert ("cpr" in verdict.counts.confidential) == ("cpr" in expect["confidential"])
    assert bool(verdict.unread) == bool(expect["unread"])


@pytest.mark.parametrize("name", CASES)
def test_recipients_are_counted_once_each(name: str, verdicts: dict[str, Verdict]) -> None:
    """Whatever their case, display name or field."""
    assert verdicts[name].counts.recipients == CASES[name]["expect"]["recipients"]


def test_most_of_what_takes_reading_is_right(verdicts: dict[str, Verdict]) -> None:
    """Categories found by a model: a share of the decisions must be right."""
    wrong = [name for name in READ if verdicts[name].decision != CASES[name]["expect"]["decision"]]
    assert 1 - len(wrong) / len(READ) >= LEAST_SHARE, f"wrong: {', '.join(wrong)}"


@pytest.mark.skipif(any(importlib.util.find_spec(name) is None for name in WRITERS), reason="needs the test extra")
def test_builder_gives_the_committed_mailbox(tmp_path: Path) -> None:
    """The mailbox is what `demo.jsonl` says: the same files, and in them the same headers, texts and attachments."""
    subprocess.run([sys.executable, "-m", "corpora.build_demo", "--out", str(tmp_path)], cwd=ROOT, check=True, timeout=120)
    built, committed = contents(tmp_path), contents(DEMO)
    assert len(committed) == len(CASES)
    assert built == committed


def contents(folder: Path) -> dict[tuple[str, str], object]:
    """What stands in each message of a demo mailbox, by file and case."""
    found: dict[tuple[str, str], object] = {}
    with closing(mailbox.mbox(folder / "inbox.mbox", create=False)) as box:
        for key in box.keys():  # noqa: SIM118 - iterating a mailbox gives messages
            raw = box.get_bytes(key)
            found["inbox.mbox", case_id(raw)] = content(raw)
    for path in sorted([*folder.glob("eml/*"), *folder.glob("Maildir/cur/*"), *folder.glob("Maildir/new/*")]):
        raw = path.read_bytes()
        found[str(path.relative_to(folder)), case_id(raw)] = content(raw)
    return found


def content(raw: bytes) -> tuple[list[tuple[str, str]], list[object]]:
    """Headers, and for each part its type and name, and the text where it is text."""
    message = email.message_from_bytes(raw, policy=policy.compat32)
    parts = [
        (part.get_content_type(), part.get_filename(), part.get_payload(decode=True) if part.get_content_maintype() == "text" else None)
        for part in message.walk()
    ]
    return [(name, str(value)) for name, value in message.items()], list(parts)
