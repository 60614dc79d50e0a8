"""Reads documents line by line: the gate says which lines, the encoder reads them in their context, the classifier judges them.

Only here do tokenizer and models run, and only over lines that the gate lets through or that hold a finding already (whose persons are
sought).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from itertools import compress, groupby, islice
from typing import TYPE_CHECKING

import numpy as np

from detector.budget import Budget, OverBudget
from detector.recognizers import context, cues, passages
from detector.recognizers.passages import Line, Passage
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
NEAR = -0.85
"""The log-odds from which on a line nearly tells something (a probability of 0.3); no higher than those of any threshold."""
UNLIKELY = -2.2
"""The log-odds below which reading a row denies what its columns say it tells (a probability of 0.1); of dev's rows under such headers all
30 that do tell it lie above, 29 of the 32 others below."""
AROUND = 5
"""Lines above and below one that tells something or nearly does, among which it is looked at again: about what fits a window."""


@dataclass(frozen=True, slots=True)
class Models:
    """What reads: the gate at once, the pipeline and the classifier when something has passed it."""

    gate: Gate = field(repr=False)
    nlp: Language = field(repr=False)
    classifier: Classifier = field(repr=False)
    labels: tuple[str, ...]
    """Categories of the encoder, in the order of its columns."""


@dataclass(frozen=True, slots=True)
class Look:
    """One reading of a passage: by the number of each line that was read in full, the log-odds of the categories, None for one that can
    tell of nobody."""

    passage: Passage
    doc: Doc = field(repr=False)
    odds: dict[int, Floats | None] = field(repr=False)

    def lines(self) -> Iterator[tuple[Line, Floats | None]]:
        """The lines that were read, with the odds."""
        return ((self.passage.lines[n], odds) for n, odds in self.odds.items())

    def beside(self, other: Mapping[Line, Floats | None]) -> Look:
        """The mean of this look and another at the same lines, where there was one."""
        return replace(self, odds={n: _mean(own, other.get(self.passage.lines[n])) for n, own in self.odds.items()})

    def without(self, lines: Set[Line]) -> Look:
        """What was seen of the other lines."""
        return replace(self, odds={n: odds for n, odds in self.odds.items() if self.passage.lines[n] not in lines})


def _mean(own: Floats | None, other: Floats | None) -> Floats | None:
    return own if own is None or other is None else np.mean([own, other], 0, dtype=np.float32)


@dataclass(slots=True)
class Read:
    """What reading gave."""

    findings: list[Finding] = field(default_factory=list, repr=False)
    mentions: list[Mention] = field(default_factory=list, repr=False)
    lines: set[Line] = field(default_factory=set, repr=False)
    """Those whose names were read."""
    denied: set[tuple[str, int, int, int]] = field(default_factory=set)
    """Category, document, block and row of what a row, read in full, hardly tells."""
    unread: list[Unread] = field(default_factory=list)


def candidates(
    documents: Sequence[Document], subjects: Sequence[str], found: Sequence[Finding], gate: Gate, *, budget: Budget,
    everything: bool = False,
) -> tuple[list[Line], list[Passage]]:
    """All lines, and the passages that have to be read; `subjects` are the subject lines over the documents. Raises OverBudget."""
    lines = [list(_lines(document, number, budget)) for number, document in enumerate(documents)]
    headings = [passages.heading(document, subject) for document, subject in zip(documents, subjects, strict=True)]
    texts = [(heading, [line.text for line in own]) for heading, own in zip(headings, lines, strict=True)]
    scored = gate.scores(texts, each=budget.check_time)
    spans = passages.by_place(found)
    chosen: list[Passage] = []
    for document, heading, own, scores in zip(documents, headings, lines, scored, strict=True):
        flags = [bool(score >= gate.threshold) and not _is_noise(line.text) for score, line in zip(scores, own, strict=True)]
        held = [everything or any(passages.within(line, spans)) for line in own]
        leads = [*held[1:], False]  # the line before a number may say whose it is
        wanted = [any(why) for why in zip(held, leads, strict=True)]
        chosen += passages.together(own, flags, wanted, heading, is_title=document.role in TITLES)
    return [line for own in lines for line in own], chosen


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


def as_read(passage: Passage, models: Models, budget: Budget) -> Doc:
    """The passage as the pipeline reads it. Raises OverBudget when the clock has run out."""
    budget.check_time()
    return models.nlp(make_doc(models.nlp, passage.heading, [line.text for line in passage.lines], held=passage.held))


def unread(documents: Iterable[Document], reason: Reason) -> list[Unread]:
    """The parts of some documents, each once, as not read."""
    parts = {(document.part, document.file): None for document in documents}
    return [Unread(part, file, reason) for part, file in parts]


def read(chosen: Sequence[Passage], lines: Sequence[Line], models: Models, documents: Sequence[Document], *, budget: Budget) -> Read:
    """Reads passages until the clock runs out; what is left then is listed as unread. What tells something, or nearly does, is looked at
    again among all the lines around it: a case that is made up, or whom a pronoun means, is often told by those that were passed over."""
    result = Read()
    of_document = {number: list(own) for number, own in groupby(chosen, key=lambda passage: passage.document)}
    for number, own in of_document.items():
        looks, is_over = _looks(own, models, budget)
        if is_over:
            result.unread += unread([documents[n] for n in of_document if n >= number], Reason.TIMEOUT)
        looked = _looked_again(looks, lines, models, budget)
        result.denied |= set(_denied(looked, models.classifier.categories))
        for look in looked:
            result.lines.update(look.passage.lines[n] for n in look.odds)
            result.mentions += mentions(look.passage, look.doc, look.odds)
            result.findings += _findings(look, models)
        if is_over:
            break
    return result


def _looks(some: Iterable[Passage], models: Models, budget: Budget) -> tuple[list[Look], bool]:
    """What was seen of passages in which anything was read in full, and whether the clock ran out before the last."""
    found: list[Look] = []
    for passage in some:
        try:
            doc = as_read(passage, models, budget)
        except OverBudget:
            return found, True
        if "reading" in doc.user_data:
            found.append(_look(passage, doc, models))
    return found, False


def _look(passage: Passage, doc: Doc, models: Models) -> Look:
    is_read = doc.user_data["reading"].is_read[doc.user_data["heading"] :]
    numbers = [n for n, line in enumerate(passage.lines) if is_read[n] and not _is_of_nobody(line)]
    odds: dict[int, Floats | None] = {n: None for n in range(len(passage.lines)) if is_read[n]}
    if numbers:
        reading = doc.user_data["reading"].of([n + doc.user_data["heading"] for n in numbers])
        texts, befores = ([some[n] for n in numbers] for some in ([line.text for line in passage.lines], passage.befores))
        odds |= dict(zip(numbers, models.classifier.log_odds(texts, befores, reading, models.labels), strict=True))
    return Look(passage, doc, odds)


def is_near(odds: Floats) -> bool:
    """Whether lines of such log-odds tell something or nearly do, so that they are looked at again among all that stands around them."""
    return bool(odds.max(initial=-np.inf) >= NEAR)


def _looked_again(looks: list[Look], lines: Sequence[Line], models: Models, budget: Budget) -> list[Look]:
    """The looks at one document, with others in their place at the lines around those that tell something or nearly do. What is seen of a
    line twice counts half each time; where the clock runs out, the first look is what there is."""
    near = {line for look in looks for line, odds in look.lines() if odds is not None and is_near(odds)}
    if not near:
        return looks
    first = {line: odds for look in looks for line, odds in look.lines()}
    own = [line for line in lines if line.document == looks[0].passage.document]
    around = {k for n, line in enumerate(own) if line in near for k in range(n - AROUND, n + AROUND + 1)}
    wanted = [n in around and not _is_noise(line.text) for n, line in enumerate(own)]
    if first.keys() >= set(compress(own, wanted)):
        return looks
    heading, is_title = looks[0].passage.heading, looks[0].passage.is_title
    again, _ = _looks(passages.together(own, wanted, wanted, heading, is_title=is_title), models, budget)
    seen = {line for look in again for line, _ in look.lines()}
    return [*(look.beside(first) for look in again), *(look.without(seen) for look in looks)]


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


def mentions(passage: Passage, doc: Doc, numbers: Container[int]) -> Iterator[Mention]:
    """The persons named in lines of a passage that was read, given by number."""
    spans = doc.user_data["lines"][doc.user_data["heading"] :]
    for name in doc.ents:
        if name.label_ not in PERSONS:
            continue
        for n, (line, (start, end)) in enumerate(zip(passage.lines, spans, strict=True)):
            if n in numbers and start <= name.start_char < end:
                located = line.locate(name.start_char - start, min(name.end_char, end) - start)
                if located:
                    yield Mention(*located, name.text)


def _findings(look: Look, models: Models) -> Iterator[Finding]:
    """What the lines of a passage tell."""
    judged = {n: odds for n, odds in look.odds.items() if odds is not None}
    if not judged:
        return
    judgement = models.classifier.judge(np.stack(list(judged.values())))
    for number, n in enumerate(judged):
        told, line = judgement.found(number), look.passage.lines[n]
        if not told or (look.passage.is_title and not _is_about_somebody(line.text, look.doc)):
            continue
        start, end, place, first = _segment(line, models.gate)
        for category, probability in told:
            why = f"sentence read in its context, probability {probability:.2f}"
            yield Finding(category, place, (first, first + end - start), line.text[start:end], round(probability, 3), why)


def _denied(looks: Iterable[Look], categories: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
    """What rows hardly tell; of one that was cut, in each part."""
    rows: dict[tuple[int, int, int], Floats] = {}
    for line, odds in (each for look in looks for each in look.lines()):
        place = line.segments[0][2]
        if odds is not None and place.row >= 0:
            row = place.document, place.block, place.row
            rows[row] = np.maximum(odds, rows.get(row, odds))
    yield from ((category, *row) for row, odds in rows.items() for category in compress(categories, odds < UNLIKELY))


def _is_of_nobody(line: Line) -> bool:
    """A header names what its column holds, a sum goes over all rows, a legend tells what marks stand for, a template waits for names."""
    start, end, place, _ = line.segments[0]
    if place.row < 0:
        return context.is_legend(line.text) or context.is_template(line.text)
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
