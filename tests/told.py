"""Texts with marks, for the tests of subjects.

`[Mette Holm]` is a name, `{health|er syg}` a finding; a letter in a `cpr` stands for a number.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from email.message import EmailMessage

from cprs import hyphenated, make

from detector import content, mime, policy, subjects
from detector.budget import Budget, Limits
from detector.recognizers import passages
from detector.records import Address, Cell, Document, Finding, Mention, Place, Role, Table, Text
from detector.threads import Writer

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
    """Who the findings of one document under a subject line are about."""
    reader = _Marks()
    over = Document("", Role.SUBJECT, (Text(reader.text(subject, Place(0, 0))),))
    body = Document("1", role, tuple(reader.block(block, Place(1, n)) for n, block in enumerate(blocks)))
    return _resolved([over, body], [Writer(sender, tuple(recipients))] * 2, reader)


def persons_of(message: EmailMessage) -> list[str]:
    """Who the findings of a whole message are about, its marks in whatever part they stand."""
    reader = _Marks()
    held = content.read(mime.parse(message.as_bytes(), budget=Budget(Limits())), budget=Budget(Limits()))
    documents = [
        replace(document, blocks=tuple(reader.taken(block, Place(number, n)) for n, block in enumerate(document.blocks)))
        for number, document in enumerate(held.documents)
    ]
    assert not held.unread
    return _resolved(documents, [Writer(m.sender, (*m.to, *m.cc)) for m in held.messages], reader)


def letter(
    body: str, *, subject: str = "Hej", sender: str = "Line Krogh <line@x.example>", to: str = "Bent Aaby <bent@x.example>",
    html: bool = False, files: Mapping[str, str | EmailMessage] | None = None,
) -> EmailMessage:
    """A message; `files` are attached by name, as text or as messages."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(body, subtype="html" if html else "plain")
    for name, held in (files or {}).items():
        if isinstance(held, str):
            message.add_attachment(held, subtype={"csv": "csv", "html": "html"}.get(name.rpartition(".")[2], "plain"), filename=name)
        else:
            message.add_attachment(held, filename=name)
    return message


def _resolved(documents: Sequence[Document], writers: Sequence[Writer], reader: _Marks) -> list[str]:
    """The persons as "name: categories"; "?" for one without a name."""
    lines = [line for n, document in enumerate(documents) for line in passages.lines(document, n)]
    found = sorted(reader.findings, key=lambda f: (f.place, f.span))
    told = subjects.resolve(found, reader.mentions, lines, documents, writers, RULES)
    return [f"{s.name or '?'}: {' '.join([*s.confidential, *s.sensitive])}" for s in told]


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

    def taken(self, block: Text | Table, place: Place) -> Text | Table:
        """A block that was read with its marks in it, without them."""
        if isinstance(block, Text):
            return replace(block, text=self.text(block.text, place))
        return replace(block, rows=tuple(
            tuple(replace(cell, text=self.text(cell.text, replace(place, row=r, column=c))) for c, cell in enumerate(row))
            for r, row in enumerate(block.rows)
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
