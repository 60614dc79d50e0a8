"""Reads labelled lines as the product reads mail: at first those that the gate lets through, and again all that stands around what tells
something."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from detector import pipeline
from detector.judge import Floats
from detector.recognizers import reader
from detector.training import lines as corpus
from detector.training.lines import JUDGED, Line

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

    from detector.recognizers.gate import Gate

FINDS = 0.3
"""The probability that the encoder gives a category in a line in which it finds something, at least; gate and glance are set by those."""
COLUMNS = ("person", "topic", "kind", "vectors", "early", "is_read")
"""Of a reading: what it says of each line."""
NOT_READ = -20.0
"""Log-odds of what a line tells that nobody looked at."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one split, with what stands before each and two readings of them: as the gate thins their documents, whose `is_read` says
    which of them that lets through, and in full."""

    lines: list[Line]
    befores: list[str]
    first: pipeline.Reading = field(repr=False)
    reading: pipeline.Reading = field(repr=False)

    @property
    def documents(self) -> list[np.ndarray]:
        """The numbers of each document's lines; a lone line is a document."""
        ends = np.cumsum([len(group) for group in corpus.documents(self.lines)])
        return np.split(np.arange(len(self.lines)), ends[:-1])

    @property
    def apart(self) -> list[np.ndarray]:
        """The same, a document's title apart from what stands below it, as the product reads them."""
        return [np.array(numbers) for _, numbers in _apart(self.lines)]

    def odds(self, first: Floats, again: Floats) -> Floats:
        """The log-odds (lines, categories) that the product comes to by those of the two readings: of lines that are read once what they
        told then, and of the documents that it looks at again the mean of both."""
        is_read = self.first.is_read[:, None]
        found = np.where(is_read, first, NOT_READ)
        for rows in self.apart:
            if reader.is_near(found[rows]):
                found[rows] = np.where(is_read[rows], (first[rows] + again[rows]) / 2, again[rows])
        return found


def read(lines: Sequence[Line], nlp: Language, gate: Gate) -> Part:
    """Runs the encoder over the lines twice, in the windows that the product would make of them."""
    docs, kept = as_docs(lines, nlp)
    readings = [doc.user_data["reading"] for doc in nlp.pipe(docs, batch_size=128)]
    rows = [[n for n, line in enumerate(group) if line is not None] for group in kept]

    parts = {name: np.concatenate([getattr(r, name)[keep] for r, keep in zip(readings, rows, strict=True)]) for name in COLUMNS}
    reading = pipeline.Reading((), **parts)
    found = [line for group in kept for line in group if line is not None]
    return Part(found, list(map(before, found)), _thinned(found, reading, nlp, gate), reading)


def _thinned(lines: Sequence[Line], like: pipeline.Reading, nlp: Language, gate: Gate) -> pipeline.Reading:
    """The reading of the lines that the gate lets through, with other rows for the others."""
    parts = {name: np.zeros_like(getattr(like, name)) for name in COLUMNS}
    for heading, numbers in _apart(lines):
        texts = [lines[n].text for n in numbers]
        (scores,) = gate.scores([(heading, texts)])
        chosen = np.flatnonzero(scores >= gate.threshold)
        if not len(chosen):
            continue
        doc = nlp(reader.make_doc(nlp, heading, [texts[n] for n in chosen], held=[False] * len(chosen)))
        if "reading" in doc.user_data:
            for name, part in parts.items():
                part[numbers[0] + chosen] = getattr(doc.user_data["reading"], name)[doc.user_data["heading"] :]
    return pipeline.Reading((), **parts)


def _apart(lines: Sequence[Line]) -> Iterator[tuple[str, range]]:
    """The heading of each document, and the numbers of the lines below it; and those of its title, over which nothing stands."""
    at = 0
    for group in corpus.documents(lines):
        heading, titles, _ = corpus.parted(group)
        body_at, end = at + len(titles), at + len(group)
        yield from ((over, numbers) for over, numbers in (("", range(at, body_at)), (heading, range(body_at, end))) if numbers)
        at = end


def as_docs(lines: Sequence[Line], nlp: Language) -> tuple[list[Doc], list[list[Line | None]]]:
    """A doc for each title, each document or lone line below it, not read yet, and the labelled line of each span; None for a heading."""
    docs = []
    kept: list[list[Line | None]] = []
    for heading, numbers in _apart(lines):
        own = [lines[n] for n in numbers]
        docs.append(reader.make_doc(nlp, heading, [line.text for line in own]))
        kept.append([*([None] * bool(heading)), *own])
    return docs, kept


def seen(lines: Sequence[Line], nlp: Language) -> Floats:
    """Of the lines but for titles: the highest log-odds that the encoder gives a category of a person."""
    docs, kept = as_docs(lines, nlp)
    columns = [pipeline.categories_of(nlp).index(category) for category in JUDGED]
    highest: list[float] = []
    for doc, group in zip(nlp.pipe(docs), kept, strict=True):
        body = [n for n, line in enumerate(group) if line is not None and not line.is_title]
        highest += doc.user_data["reading"].person[body][:, columns].max(1).tolist()
    return np.array(highest, np.float32)


def finds(odds: np.ndarray) -> np.ndarray:
    """Whether the encoder finds something at such log-odds."""
    return np.asarray(odds >= np.log(FINDS / (1 - FINDS)))


def before(line: Line) -> str:
    """What the product would see before a line; a title has nothing before it."""
    return "" if line.is_title else line.before
