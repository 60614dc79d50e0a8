"""Findings that are given rather than found: `eval_places.jsonl` says where the example mails tell what, as paths into `dev.jsonl`.

A place is (path of a field, start, end, category), as `["attachments/0/rows/3/2", 0, 11, "cpr"]`; it does not say whom it is about. With
these in place of our own, resolution and policy are judged alone.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from detector.budget import Budget
from detector.recognizers import reader
from detector.records import Document, Finding, Mention, Message, Place, Role, Subject, Table, Unread
from detector.scanner import Scanner
from detector.subjects import resolve
from detector.threads import Writer

PLACES = Path(__file__).with_name("eval_places.jsonl")
BLANKS = re.compile(r"[\s\xa0]+")


class Given(Scanner):
    """A scanner that is told what stands where; all names are read."""

    case: dict[str, Any]
    """The mail that is scanned next, as a line of `dev.jsonl`."""

    def _find(
        self, documents: Sequence[Document], messages: Sequence[Message], own: frozenset[str], budget: Budget, *, names_wanted: bool = False
    ) -> tuple[list[Finding], list[Mention], tuple[Subject, ...], list[Unread]]:
        lines, passages = reader.candidates(documents, [m.subject for m in messages], [], self._gate, budget=budget, everything=True)
        read = reader.read(passages, lines, self._models, documents, budget=budget)
        found = sorted(findings(self.case, documents, messages), key=lambda f: (f.place, f.span, f.category))
        writers = [Writer(m.sender, (*m.to, *m.cc)) for m in messages]
        return found, read.mentions, resolve(found, read.mentions, lines, documents, writers, self.policy), read.unread


def places() -> dict[str, list[tuple[str, int, int, str]]]:
    """The places by the mail's id."""
    rows = map(json.loads, PLACES.read_text("utf-8").splitlines())
    return {row["id"]: [tuple(place) for place in row["places"]] for row in rows}


def findings(case: dict[str, Any], documents: Sequence[Document], messages: Sequence[Message]) -> Iterator[Finding]:
    """The findings of one mail. Ends the program, naming the mail and the path, where a place stands in none of the documents."""
    for path, start, end, category in places().get(case["id"], ()):
        located = next(_located(case, path.split("/"), (start, end), documents, messages), None)
        if located is None:
            sys.exit(f"{case['id']}: {path} {start}-{end} is in no document")
        yield Finding(category, *located, 1.0, "given")


def field(case: dict[str, Any], steps: Sequence[str]) -> Any:
    """What stands at a path."""
    value: Any = case
    for step in steps:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def _located(
    case: dict[str, Any], steps: list[str], span: tuple[int, int], documents: Sequence[Document], messages: Sequence[Message]
) -> Iterator[tuple[Place, tuple[int, int], str]]:
    text = str(field(case, steps))
    wanted, passed = (_bare(html.unescape(part)) for part in (text[slice(*span)], text[: span[0]]))
    is_cell = steps[-3:-2] in (["rows"], ["table"])
    row = [_bare(str(cell or "")) for cell in field(case, steps[:-1])] if is_cell else []
    column = sum(bool(cell) for cell in row[: int(steps[-1])]) if is_cell else 0
    skip = 0 if is_cell else passed.count(wanted)
    for number in _documents(case, steps, documents, messages):
        for place, content in _texts(documents[number], number, [cell for cell in row if cell], column):
            for start, end in _occurrences(content, wanted):
                if not skip:
                    yield place, (start, end), content[start:end]
                skip -= 1


def _documents(case: dict[str, Any], steps: list[str], documents: Sequence[Document], messages: Sequence[Message]) -> Iterator[int]:
    """Those that a path leads into: of the outer mail, of an attachment, of an attached mail."""
    role = {"subject": Role.SUBJECT, "filename": Role.FILENAME, "body": Role.BODY, "html": Role.BODY}.get(steps[-1], Role.ATTACHMENT)
    holders = [n for n, step in enumerate(steps) if step == "attachments"]
    inner = "case" in steps
    file = field(case, [*steps[: holders[-1] + 2], "filename"]) if holders else None
    for number, (document, message) in enumerate(zip(documents, messages, strict=True)):
        is_there = bool(message.part) is (inner or (role is Role.FILENAME and message.filename == file))
        if document.role is role and is_there and (role in (Role.SUBJECT, Role.BODY) or document.file == file):
            yield number


def _texts(document: Document, number: int, row: list[str], column: int) -> Iterator[tuple[Place, str]]:
    """Paragraphs and cells; of a row of filled cells only the one that stands there as the `column`th, or paragraphs that hold the row."""
    for index, block in enumerate(document.blocks):
        if not isinstance(block, Table):
            if "".join(row) in _bare(block.text):
                yield Place(number, index), block.text
            continue
        for r, cells in enumerate(block.rows):
            filled = [(c, cell.text) for c, cell in enumerate(cells) if cell.text.strip()]
            if not row or [_bare(text) for _, text in filled] == row:
                taken = filled[column : column + 1] if row else filled
                yield from ((Place(number, index, r, c), text) for c, text in taken)


def _occurrences(content: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Spans of the characters wanted, whatever blanks stand between them."""
    at = [n for n, letter in enumerate(content) if not BLANKS.fullmatch(letter)]
    bare = "".join(content[n] for n in at)
    start = bare.find(wanted)
    while start >= 0:
        yield at[start], at[start + len(wanted) - 1] + 1
        start = bare.find(wanted, start + 1)


def _bare(text: str) -> str:
    return BLANKS.sub("", text)
