"""Reads documents line by line: the gate says which lines, the encoder reads them in their context, the classifier judges them.

Only here do tokenizer and models run, and only over lines that the gate lets through or that hold a finding already (whose persons are
sought).
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from detector.budget import Budget, OverBudget
from detector.recognizers import context, cues, passages
from detector.recognizers.passages import Line
from detector.records import Document, Finding, Mention, Place, Reason, Role, Unread

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from detector.judge import Floats
    from detector.recognizers.categories import Classifier
    from detector.recognizers.gate import Gate

PERSONS = ("PER", "PERSON")
"""What spaCy pipelines call the name of a person."""
TITLES = (Role.SUBJECT, Role.FILENAME)
SOME_LINES = 1_000
"""Of a document, after which the clock is looked at again."""
LONGEST_WORD, LEAST_BESIDE = 80, 40
"""Characters of a word that may be one, and that stand beside a longer one where the line is to be read."""
MOST_LINES = 64
"""Of a passage; more are read in several."""
ABOVE, BELOW = 12, 24
"""Lines around a sentence in which its person may be named: above it, and in the mails quoted below."""
Spans = Mapping[Place, list[tuple[int, int]]]
"""(start, end) in characters of a place, in order."""


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
    lines: set[Line] = field(default_factory=set, repr=False)
    """Those whose names were read."""
    unread: list[Unread] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of one document that are read together, under its heading; what lies between them has been passed over."""

    heading: str = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    befores: tuple[str, ...] = field(repr=False)
    """What stands before each line: the heading and up to two lines."""
    is_title: bool
    """A subject line or a file's name, which has no other line to say whom it is about."""
    held: tuple[bool, ...]
    """Of each line, whether its names are wanted, whatever else it tells; else a glance may do."""


def candidates(
    documents: Sequence[Document], subjects: Sequence[str], found: Sequence[Finding], gate: Gate, *, budget: Budget,
    everything: bool = False,
) -> tuple[list[Line], list[Passage]]:
    """All lines, and the passages that have to be read; `subjects` are the subject lines over the documents. Raises OverBudget."""
    lines = [list(_lines(document, number, budget)) for number, document in enumerate(documents)]
    headings = [passages.heading(document, subject) for document, subject in zip(documents, subjects, strict=True)]
    texts = [(heading, [line.text for line in own]) for heading, own in zip(headings, lines, strict=True)]
    scored = gate.scores(texts, each=budget.check_time)
    spans = _spans(found)
    chosen: list[Passage] = []
    for document, heading, own, scores in zip(documents, headings, lines, scored, strict=True):
        flags = _chosen(scores, own, gate)
        held = [everything or any(_within(line, spans)) for line in own]
        leads = [*held[1:], False]  # the line before a number may say whose it is
        chosen += _passages(own, flags, [any(why) for why in zip(held, leads, strict=True)], heading, document.role in TITLES)
    return [line for own in lines for line in own], chosen


def _chosen(scores: Floats, lines: Sequence[Line], gate: Gate) -> list[bool]:
    """Which lines are read: none that is noise, and no row as a lead, since it is about somebody else."""
    noise = [is_read and _is_noise(line.text) for is_read, line in zip(gate.reads(scores), lines, strict=True)]
    scores = np.where(noise, -np.inf, scores)
    read = zip(gate.reads(scores), scores, lines, strict=True)
    return [is_read and bool(score >= gate.threshold or line.segments[0][2].row < 0) for is_read, score, line in read]


def _is_noise(text: str) -> bool:
    """Whether a line is hardly more than one word too long to be read: encoded data, an address of the web."""
    if len(text) <= LONGEST_WORD:
        return False
    longest = max(map(len, text.split()))
    return longest > LONGEST_WORD and len(text) - longest < LEAST_BESIDE


def _lines(document: Document, number: int, budget: Budget) -> Iterator[Line]:
    stream = passages.lines(document, number)
    while some := list(islice(stream, SOME_LINES)):
        yield from some
        budget.check_time()


def read_around(
    lines: Sequence[Line], documents: Sequence[Document], subjects: Sequence[str], read: Read, found: Sequence[Finding], models: Models, *,
    budget: Budget,
) -> None:  # fmt: skip
    """Adds the persons named in lines that were passed over, around sentences with a finding and no name: whom a pronoun there means, they
    may say. First those above, then those below of the sentences over which nobody is named yet. Sentences that the writer tells of
    himself or herself need none."""
    told, named = _spans(found), _spans(read.mentions)
    nameless = [
        n for n, line in enumerate(lines)
        if not line.is_row and any(_within(line, told)) and not any(_within(line, named)) and not _is_of_the_writer(line.text)
    ]
    above = {k for n in nameless for k in range(max(0, n - ABOVE), n + 1)}
    _read_names(_around(lines, documents, subjects, read, above), models, read, budget)
    named = _spans(read.mentions)
    nameless = [n for n in nameless if not any(_names_another(line, named) for line in lines[max(0, n - ABOVE) : n + 1])]
    below = {k for n in nameless for k in range(n, min(len(lines), n + BELOW))}
    _read_names(_around(lines, documents, subjects, read, below), models, read, budget)


def _around(
    lines: Sequence[Line], documents: Sequence[Document], subjects: Sequence[str], read: Read, wanted: set[int]
) -> list[Passage]:
    """Passages of those lines, given by number, whose names were not read."""
    of_document: dict[int, list[Line]] = defaultdict(list)
    for n in sorted(wanted):
        if lines[n] not in read.lines:
            of_document[lines[n].segments[0][2].document].append(lines[n])
    found_passages: list[Passage] = []
    for document, own in of_document.items():
        every = [True] * len(own)
        found_passages += _passages(own, every, every, passages.heading(documents[document], subjects[document]), False)
    return found_passages


def _names_another(line: Line, named: Spans) -> bool:
    """Whether a line names somebody whom it does not greet."""
    return any(not cues.is_greeted(line.text, start, end) for start, end in _within(line, named))


def _is_of_the_writer(text: str) -> bool:
    said = cues.read(text)
    return said.is_of_writer and not said.relative


def _spans(located: Iterable[Finding | Mention]) -> Spans:
    """Where each begins and ends, by place and in order."""
    found: dict[Place, list[tuple[int, int]]] = defaultdict(list)
    for each in located:
        found[each.place].append(each.span)
    return {place: sorted(spans) for place, spans in found.items()}


def _within(line: Line, spans: Spans) -> Iterator[tuple[int, int]]:
    """The spans that begin in a line, in its own characters; by a search, as a long mail has many of both."""
    for first, end, place, at in line.segments:
        known = spans.get(place, [])
        begun, ended = bisect_left(known, (at, 0)), bisect_left(known, (at + end - first, 0))
        yield from ((start - at + first, stop - at + first) for start, stop in known[begun:ended])


def _read_names(chosen: Sequence[Passage], models: Models, read: Read, budget: Budget) -> None:
    """Adds the persons named in passages to what was read, as far as the clock allows."""
    with contextlib.suppress(OverBudget):  # what is told has been read; at worst it is counted as an unnamed person's
        for passage in chosen:
            read.mentions += _mentions(passage, _read(passage, models, budget))
            read.lines.update(passage.lines)


def _read(passage: Passage, models: Models, budget: Budget) -> Doc:
    """The passage as the pipeline reads it. Raises OverBudget when the clock has run out."""
    budget.check_time()
    return models.nlp(make_doc(models.nlp, passage.heading, [line.text for line in passage.lines], held=passage.held))


def _passages(lines: list[Line], passed: Sequence[bool], held: Sequence[bool], heading: str, is_title: bool) -> Iterator[Passage]:
    chosen = [n for n, why in enumerate(zip(passed, held, strict=True)) if any(why)]
    texts = [line.text for line in lines]
    befores = {n: " / ".join(filter(None, [heading, *texts[max(0, n - 2) : n]])) for n in chosen}
    for start in range(0, len(chosen), MOST_LINES):
        numbers = chosen[start : start + MOST_LINES]
        own = tuple(held[n] for n in numbers)
        yield Passage(heading, tuple(lines[n] for n in numbers), tuple(befores[n] for n in numbers), is_title, own)


def unread(documents: Iterable[Document], reason: Reason) -> list[Unread]:
    """The parts of some documents, each once, as not read."""
    parts = {(document.part, document.file): None for document in documents}
    return [Unread(part, file, reason) for part, file in parts]


def read(chosen: Sequence[Passage], models: Models, documents: Sequence[Document], *, budget: Budget) -> Read:
    """Reads passages until the clock runs out; what is left then is listed as unread."""
    result = Read()
    for number, passage in enumerate(chosen):
        try:
            doc = _read(passage, models, budget)
        except OverBudget:
            left = {p.lines[0].segments[0][2].document for p in chosen[number:]}
            result.unread += unread([documents[n] for n in sorted(left)], Reason.TIMEOUT)
            break
        if "reading" in doc.user_data:
            read_in_full = _lines_read(doc)
            result.lines.update(passage.lines[n] for n in read_in_full)
            result.mentions += _mentions(passage, doc)
            result.findings += _findings(passage, read_in_full, doc, models)
    return result


def make_doc(nlp: Language, heading: str, texts: Sequence[str], *, held: Sequence[bool] | None = None) -> Doc:
    """A doc of lines that are read together, as the encoder takes them; "" is no heading. Lines not `held` (None: all are) may do with a
    glance."""
    above = int(bool(heading))
    every = [heading] * above + list(texts)
    spans, at = [], 0
    for text in every:
        spans.append((at, at + len(text)))
        at += len(text) + 1
    doc = nlp.make_doc("\n".join(every))
    doc.user_data |= {"lines": spans, "heading": above}
    if held is not None:
        doc.user_data["held"] = frozenset(n for n, is_held in enumerate(held, above) if is_held)
    return doc


def _lines_read(doc: Doc) -> list[int]:
    """Numbers of a passage's lines that were read in full."""
    return [n for n, is_read in enumerate(doc.user_data["reading"].is_read[doc.user_data["heading"] :]) if is_read]


def _mentions(passage: Passage, doc: Doc) -> Iterator[Mention]:
    spans = doc.user_data["lines"][doc.user_data["heading"] :]
    for name in doc.ents:
        if name.label_ not in PERSONS:
            continue
        for line, (start, end) in zip(passage.lines, spans, strict=True):
            if start <= name.start_char < end:
                located = line.locate(name.start_char - start, min(name.end_char, end) - start)
                if located:
                    yield Mention(*located, name.text)


def _findings(passage: Passage, numbers: Sequence[int], doc: Doc, models: Models) -> Iterator[Finding]:
    """What the lines of such `numbers` tell."""
    numbers = [n for n in numbers if not _is_of_nobody(passage.lines[n])]
    if not numbers:
        return
    reading = doc.user_data["reading"].of([n + doc.user_data["heading"] for n in numbers])
    lines = [passage.lines[n] for n in numbers]
    judged = models.classifier.judge([line.text for line in lines], [passage.befores[n] for n in numbers], reading, models.labels)
    for number, line in enumerate(lines):
        told = judged.found(number)
        if not told or (passage.is_title and not _is_about_somebody(line.text, doc)):
            continue
        start, end, place, first = _segment(line, models.gate)
        for category, probability in told:
            why = f"sentence read in its context, probability {probability:.2f}"
            yield Finding(category, place, (first, first + end - start), line.text[start:end], round(probability, 3), why)


def _is_of_nobody(line: Line) -> bool:
    """A header names what its column holds, a sum goes over all rows, a legend tells what marks stand for."""
    start, end, place, _ = line.segments[0]
    if place.row < 0:
        return context.is_legend(line.text)
    return not line.is_row or context.is_total(line.text[start:end])


def _is_about_somebody(title: str, doc: Doc) -> bool:
    """Whether a title names a person, or says by a pronoun, a relative or a number whom it is about; "Epikrise" is about nobody yet."""
    said = cues.read(title)
    return _names_somebody(doc) or said.first or said.second or said.third or bool(said.relative or said.codes)


def _names_somebody(doc: Doc) -> bool:
    return any(name.label_ in PERSONS for name in doc.ents)


def _segment(line: Line, gate: Gate) -> tuple[int, int, Place, int]:
    """The whole sentence; of a row, the cell that the gate weighs most with its header, but for those that say whose row it is."""
    if len(line.segments) == 1:
        return line.segments[0]
    starts = [0, *(s[1] for s in line.segments[:-1])]
    cells = [n for n, (start, end, *_) in enumerate(line.segments) if not context.has_name(line.text[start:end])] or [*range(len(starts))]
    scores = gate.scores([("", [line.text[starts[n] : line.segments[n][1]] for n in cells])])[0]
    return line.segments[cells[int(scores.argmax())]]
