"""The labelled mails that decisions are measured by: whole, of known categories, each once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from detector.training.lines import CONFIDENTIAL, SENSITIVE

MAILS = Path(__file__).parents[1] / "benchmarks" / "mails"
FILES = sorted(MAILS.glob("*/*.jsonl"))
FIELDS = {"id", "lang", "genre", "from", "to", "cc", "bcc", "subject", "body", "html", "attachments", "subjects", "why", "tags", "unsure"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mail_is_valid(path: Path) -> None:
    """All fields, known categories, somebody it goes to, a text; a clean one where it is called a hard negative."""
    assert [f"{mail['id']}: {problem}" for mail in read(path) for problem in problems(mail, path)] == []


def read(path: Path) -> list[dict[str, Any]]:
    """The mails of a file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def problems(mail: dict[str, Any], path: Path) -> list[str]:
    """What is wrong with one mail."""
    found = [] if set(mail) >= FIELDS else [f"lacks {sorted(FIELDS - set(mail))}"]
    found += [] if mail["id"].startswith(f"{path.stem}-") else ["another file's"]
    found += [] if mail["to"] or mail["cc"] or mail["bcc"] else ["to nobody"]
    found += [] if mail["body"] or mail["html"] or mail["attachments"] else ["empty"]
    found += ["not clean"] if "hard-negative" in mail["tags"] and mail["subjects"] else []
    for subject in mail["subjects"]:
        found += [f"{c} is not confidential" for c in set(subject["confidential"]) - set(CONFIDENTIAL)]
        found += [f"{c} is not sensitive" for c in set(subject["sensitive"]) - set(SENSITIVE)]
        found += [] if subject["confidential"] or subject["sensitive"] else ["a person without data"]
    return found


def test_mails_are_told_apart() -> None:
    """By number; half of each set is clean, and each set has all categories."""
    for name in ("dev", "test"):
        mails = [mail for path in FILES if path.parent.name == name for mail in read(path)]
        assert len({mail["id"] for mail in mails}) == len(mails) > 100
        assert 0.4 < sum(not mail["subjects"] for mail in mails) / len(mails) < 0.6
        told = {c for mail in mails for subject in mail["subjects"] for c in (*subject["confidential"], *subject["sensitive"])}
        assert told == {*CONFIDENTIAL, *SENSITIVE}
