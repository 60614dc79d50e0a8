"""Persons named around a sentence that tells something, or gives a number or address, and names nobody: whose it is, the lines around
it may say."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

from detector.budget import Budget, OverBudget
from detector.recognizers import cues, passages, reader
from detector.recognizers.passages import Line, Passage, Spans
from detector.recognizers.reader import Models, Read
from detector.records import Document, Finding

ABOVE, BELOW = 12, 24
"""Lines around a sentence in which its person may be named: above it, and in the mails quoted below."""
NEAR = 4
"""Lines above a number or an address in which its owner may be named."""


def read_owners(
    lines: Sequence[Line], documents: Sequence[Document], subjects: Sequence[str], read: Read, given: Sequence[Finding], models: Models, *,
    budget: Budget,
) -> None:  # fmt: skip
    """Adds the persons named in lines that were passed over, shortly above numbers and addresses beside which nobody is named."""
    ownerless = [n for n in _nameless(lines, given, read) if not cues.read(lines[n].text).first]
    above = {k for n in ownerless for k in range(max(0, n - NEAR), n) if lines[k].document == lines[n].document}
    _read(_around(lines, documents, subjects, read, above), models, read, budget)


def read_names(
    lines: Sequence[Line], documents: Sequence[Document], subjects: Sequence[str], read: Read, found: Sequence[Finding], models: Models, *,
    budget: Budget,
) -> None:  # fmt: skip
    """Adds the persons named in lines that were passed over, around sentences with a finding and no name: whom a pronoun there means, they
    may say. First those above, then those below of the sentences over which nobody is named yet. Sentences that the writer tells of
    himself or herself need none."""
    nameless = [n for n in _nameless(lines, found, read) if not _is_of_the_writer(lines[n].text)]
    above = {k for n in nameless for k in range(max(0, n - ABOVE), n + 1)}
    _read(_around(lines, documents, subjects, read, above), models, read, budget)
    named = passages.by_place(read.mentions)
    nameless = [n for n in nameless if not any(_names_another(line, named) for line in lines[max(0, n - ABOVE) : n + 1])]
    below = {k for n in nameless for k in range(n, min(len(lines), n + BELOW))}
    _read(_around(lines, documents, subjects, read, below), models, read, budget)


def _nameless(lines: Sequence[Line], found: Sequence[Finding], read: Read) -> Iterator[int]:
    """The lines with a finding in which nobody is named, by number; a row has a label of its own."""
    told, named = passages.by_place(found), passages.by_place(read.mentions)
    for n, line in enumerate(lines):
        if not line.is_row and any(passages.within(line, told)) and not any(passages.within(line, named)):
            yield n


def _around(
    lines: Sequence[Line], documents: Sequence[Document], subjects: Sequence[str], read: Read, wanted: set[int]
) -> list[Passage]:
    """Passages of those lines, given by number, whose names were not read."""
    of_document: dict[int, list[Line]] = defaultdict(list)
    for n in sorted(wanted):
        if lines[n] not in read.lines:
            of_document[lines[n].document].append(lines[n])
    found_passages: list[Passage] = []
    for document, own in of_document.items():
        every = [True] * len(own)
        found_passages += passages.together(own, every, every, passages.heading(documents[document], subjects[document]), is_title=False)
    return found_passages


def _names_another(line: Line, named: Spans) -> bool:
    """Whether a line names somebody whom it does not greet."""
    return any(not cues.is_greeted(line.text, start, end) for start, end in passages.within(line, named))


def _is_of_the_writer(text: str) -> bool:
    said = cues.read(text)
    return said.is_of_writer and not said.relative


def _read(chosen: Sequence[Passage], models: Models, read: Read, budget: Budget) -> None:
    """Adds the persons named in passages to what was read, as far as the clock allows."""
    with contextlib.suppress(OverBudget):  # what is told has been read; at worst it is counted as an unnamed person's
        for passage in chosen:
            read.mentions += reader.mentions(passage, reader.as_read(passage, models, budget), range(len(passage.lines)))
            read.lines.update(passage.lines)
