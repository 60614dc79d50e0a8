"""Reads documents line by line: the gate says which lines, the encoder reads them in their context, the classifier judges them.

Only here do tokenizer and models run, and only over lines that the gate lets through or that hold a finding already (whose persons are
sought).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from detector.budget import Budget, OverBudget
from detector.recognizers import gate as gates
from detector.recognizers import passages
from detector.recognizers.passages import Line
from detector.records import Document, Finding, Mention, Place, Reason, Unread

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from detector.recognizers.categories import Classifier
    from detector.recognizers.gate import Gate

BATCH = 16
"""Passages that are read before the clock is looked at again."""
MOST_LINES = 64
"""Of a passage; a longer run of lines is read in several."""


@dataclass(frozen=True, slots=True)
class Models:
    """What reads: the gate at once, the pipeline and the classifier when something has passed it."""

    gate: Gate = field(repr=False)
    nlp: Language = field(repr=False)
    classifier: Classifier = field(repr=False)
    labels: tuple[str, ...]
    """Categories of the encoder, in the order of its columns."""


@dataclass(slots=True)
class Read:
    """What reading gave."""

    findings: list[Finding] = field(default_factory=list, repr=False)
    mentions: list[Mention] = field(default_factory=list, repr=False)
    unread: list[Unread] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring lines that are read together, under the heading of their document."""

    heading: str = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    earlier: tuple[str, ...] = field(repr=False)
    """Up to two lines before it."""


def candidates(
    documents: Sequence[Document], subjects: Sequence[str], found: Sequence[Finding], gate: Gate, *, everything: bool = False
) -> tuple[list[Line], list[Passage]]:
    """All lines, and the passages that have to be read; `subjects` are the subject lines over the documents."""
    every: list[Line] = []
    chosen: list[Passage] = []
    places = {finding.place for finding in found}
    for number, (document, subject) in enumerate(zip(documents, subjects, strict=True)):
        lines = list(passages.lines(document, number))
        every += lines
        passed = [everything or gate.passes(line.text) or any(s[2] in places for s in line.segments) for line in lines]
        if any(passed):
            chosen += _passages(lines, gates.spread(passed), passages.heading(document, subject))
    return every, chosen


def _passages(lines: list[Line], wanted: list[bool], heading: str) -> Iterator[Passage]:
    for is_wanted, numbers in groupby(range(len(lines)), key=lambda n: wanted[n]):
        run = list(numbers)
        for start in range(run[0], run[-1] + 1, MOST_LINES) if is_wanted else ():
            earlier = tuple(line.text for line in lines[max(0, start - 2) : start])
            yield Passage(heading, tuple(lines[start : min(start + MOST_LINES, run[-1] + 1)]), earlier)


def read(chosen: Sequence[Passage], models: Models, documents: Sequence[Document], *, budget: Budget) -> Read:
    """Reads passages until the clock runs out; what is left then is listed as unread."""
    result = Read()
    for start in range(0, len(chosen), BATCH):
        try:
            budget.check_time()
        except OverBudget:
            left = {p.lines[0].segments[0][2].document for p in chosen[start:]}
            result.unread += [Unread(documents[n].part, documents[n].file, Reason.TIMEOUT) for n in sorted(left)]
            break
        batch = chosen[start : start + BATCH]
        docs = [make_doc(models.nlp, p.heading, [line.text for line in p.lines]) for p in batch]
        for passage, doc in zip(batch, models.nlp.pipe(docs), strict=True):
            result.mentions += _mentions(passage, doc)
            result.findings += _findings(passage, doc, models)
    return result


def make_doc(nlp: Language, heading: str, texts: Sequence[str]) -> Doc:
    """A doc of lines that are read together, as the encoder takes them; "" is no heading."""
    every = [heading] * bool(heading) + list(texts)
    spans, at = [], 0
    for text in every:
        spans.append((at, at + len(text)))
        at += len(text) + 1
    doc = nlp.make_doc("\n".join(every))
    doc.user_data["lines"], doc.user_data["heading"] = spans, int(bool(heading))
    return doc


def _mentions(passage: Passage, doc: Doc) -> Iterator[Mention]:
    spans = doc.user_data["lines"][doc.user_data["heading"] :]
    for name in doc.ents:
        if name.label_ != "PER":
            continue
        for line, (start, end) in zip(passage.lines, spans, strict=True):
            if start <= name.start_char < end:
                located = line.locate(name.start_char - start, min(name.end_char, end) - start)
                if located:
                    yield Mention(*located, name.text)


def _findings(passage: Passage, doc: Doc, models: Models) -> Iterator[Finding]:
    skipped = int(doc.user_data["heading"])
    reading = doc.user_data["reading"].after(skipped)
    texts = [line.text for line in passage.lines]
    context = [*passage.earlier, *texts]
    at = len(passage.earlier)
    befores = [" / ".join(filter(None, [passage.heading, *context[max(0, at + n - 2) : at + n]])) for n in range(len(texts))]
    judged = models.classifier.judge(texts, befores, reading, models.labels)
    for number, line in enumerate(passage.lines):
        if line.segments[0][2].row >= 0 and not line.is_row:
            continue  # a header names what its column holds, and tells of nobody
        for category, probability in judged.found(number):
            start, end, place, first = _segment(line, models.gate)
            why = f"sentence read in its context, probability {probability:.2f}"
            yield Finding(category, place, (first, first + end - start), line.text[start:end], round(probability, 3), why)


def _segment(line: Line, gate: Gate) -> tuple[int, int, Place, int]:
    """The whole sentence; of a row, the cell that the gate weighs most with its header."""
    if len(line.segments) == 1:
        return line.segments[0]
    starts = [0, *(s[1] for s in line.segments[:-1])]
    return max(zip(starts, line.segments, strict=True), key=lambda pair: gate.score(line.text[pair[0] : pair[1][1]]))[1]
