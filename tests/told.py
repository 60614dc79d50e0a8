"""Texts with marks, for the tests of subjects.

`[Mette Holm]` is a name, `{health|er syg}` a finding; a letter in a `cpr` stands for a number.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace

from cprs import hyphenated, make

from detector import policy, subjects
from detector.recognizers import passages
from detector.records import Address, Cell, Document, Finding, Mention, Place, Role, Subject, Table, Text

MARK = re.compile(r"\[(?P<name>[^\]]+)\]|\{(?P<category>\w+)\|(?P<text>[^}]*)\}")
RULES = policy.load()
SENDER = Address("line@x.example", "Line Krogh")
RECIPIENT = Address("bent@x.example", "Bent Aaby")

Block = str | list[list[str]]


def number(letter: str) -> str:
    """The CPR number that a letter stands for, with a hyphen for a capital; the same in each run."""
    digits = make(random.Random(letter.lower()))
    return hyphenated(digits) if letter.isupper() else digits


def persons(blocks: Sequence[Block], role: Role = Role.BODY, subject: str = "", *, sender: Address | None = SENDER,
            recipients: Sequence[Address] = (RECIPIENT,)) -> list[str]:
    """Who the findings are about, as "name: categories"; "?" for a person without a name."""
    return [f"{s.name or '?'}: {' '.join([*s.confidential, *s.sensitive])}" for s in told(blocks, role, subject, sender, recipients)]


def told(
    blocks: Sequence[Block], role: Role, subject: str, sender: Address | None, recipients: Sequence[Address]
) -> tuple[Subject, ...]:
    """Resolves a message of one document under a subject line."""
    reader = _Marks()
    over = Document("", Role.SUBJECT, (Text(reader.text(subject, Place(0, 0))),))
    body = Document("1", role, tuple(reader.block(block, Place(1, n)) for n, block in enumerate(blocks)))
    documents = (over, body)
    lines = [line for n, document in enumerate(documents) for line in passages.lines(document, n)]
    writer = subjects.Writer(sender, tuple(recipients))
    found = sorted(reader.findings, key=lambda f: (f.place, f.span))
    return subjects.resolve(found, reader.mentions, lines, documents, [writer] * 2, RULES)


class _Marks:
    """Takes the marks out of texts and keeps what they say."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.mentions: list[Mention] = []

    def block(self, block: Block, place: Place) -> Text | Table:
        if isinstance(block, str):
            return Text(self.text(block, place))
        return Table(tuple(
            tuple(Cell(self.text(cell, replace(place, row=r, column=c))) for c, cell in enumerate(row)) for r, row in enumerate(block)
        ))

    def text(self, marked: str, place: Place) -> str:
        plain, at = "", 0
        for mark in MARK.finditer(marked):
            plain += marked[at:mark.start()]
            at = mark.end()
            said = mark["name"] or (number(mark["text"]) if mark["category"] == "cpr" else mark["text"])
            span = (len(plain), len(plain) + len(said))
            if mark["name"]:
                self.mentions.append(Mention(place, span, said))
            else:
                self.findings.append(Finding(mark["category"], place, span, said, 1.0, "marked"))
            plain += said
        return plain + marked[at:]
