"""The categories that need reading: which lines tell what about a person.

Two readers judge each line, the encoder (`pipeline.py`) in its window and a linear model over words in their context; a third, small
one weighs the two, with the kind of text that the encoder takes the document for and with what the line says of persons. All are fitted
by `detector/training` with scikit-learn and saved with skops; the product computes them from the same weights in numpy, because importing
scikit-learn takes longer than all else at start-up.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from detector.judge import Floats
from detector.pipeline import Reading
from detector.recognizers import cues

WORD = re.compile(r"[^\W_]+")
BUCKETS = 2**16
"""Features are hashed into so many."""
FOLDER = "categories"
"""Of the fitted classifier among the trained files."""
WEIGHTS, SETTINGS = "weights.npz", "settings.json"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The probabilities from which on something counts as told."""

    each: Floats = field(repr=False)
    """Of each category."""
    beside: float
    """Of every category in a document of which a line reaches its own: where one thing is told, more is."""

    def reached(self, probabilities: Floats) -> npt.NDArray[np.bool_]:
        """What the lines of one document tell, (lines, categories); a threshold itself counts as reached.

        >>> thresholds = Thresholds(np.array([0.6, 0.5], np.float32), beside=0.25)
        >>> thresholds.reached(np.array([[0.0, 0.5], [0.25, 0.0]], np.float32)).tolist()
        [[False, True], [True, False]]
        >>> thresholds.reached(np.array([[0.25, 0.25]], np.float32)).tolist()
        [[False, False]]
        """
        told = probabilities >= self.each
        return told | (probabilities >= self.beside) if told.any() else told


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the lines of one document tell of a person: the categories' names, probabilities (lines, categories), which of them count."""

    categories: tuple[str, ...]
    probabilities: Floats = field(repr=False)
    told: npt.NDArray[np.bool_] = field(repr=False)

    def found(self, line: int) -> list[tuple[str, float]]:
        """(category, probability) of what one line tells."""
        row, told = self.probabilities[line], self.told[line]
        return [(category, float(p)) for category, p, counts in zip(self.categories, row, told, strict=True) if counts]


@dataclass(frozen=True, slots=True)
class Classifier:
    """The weights of both linear models, and the thresholds."""

    categories: tuple[str, ...]
    thresholds: Thresholds = field(repr=False)
    words: Floats = field(repr=False)
    """(buckets, categories), the rarity of a feature weighed in."""
    words_bias: Floats = field(repr=False)
    stack: Floats = field(repr=False)
    """Of the features that `stack_features` gives."""
    stack_bias: float

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Reads what the recipe saved; no pickle."""
        settings = json.loads((folder / SETTINGS).read_text("utf-8"))
        with np.load(folder / WEIGHTS, allow_pickle=False) as weights:
            words, bias, stack, stack_bias = (weights[name].astype(np.float32) for name in ("words", "words_bias", "stack", "stack_bias"))
        each = np.array([settings["thresholds"][c] for c in settings["categories"]], np.float32)
        thresholds = Thresholds(each, settings["beside"])
        return cls(tuple(settings["categories"]), thresholds, words, bias, stack, float(stack_bias))

    def judge(self, log_odds: Floats) -> Judgement:
        """What lines of one document tell, by the log-odds (lines, categories) that were found for them."""
        probabilities = probabilities_of(log_odds)
        return Judgement(self.categories, probabilities, self.thresholds.reached(probabilities))

    def log_odds(self, texts: Sequence[str], befores: Sequence[str], reading: Reading, labels: Sequence[str]) -> Floats:
        """The log-odds (lines, categories) that each line, with what stands before it and whatever document it is of, tells of a person;
        `labels` names the columns of the encoder's reading."""
        columns = [labels.index(c) for c in self.categories]
        rows = stack_features(self.by_words(texts, befores), reading, columns, said(texts, befores))
        return np.asarray((rows @ self.stack + self.stack_bias).reshape(len(texts), len(columns)), np.float32)

    def probabilities(self, texts: Sequence[str], befores: Sequence[str], reading: Reading, labels: Sequence[str]) -> Floats:
        """The same as probabilities."""
        return probabilities_of(self.log_odds(texts, befores, reading, labels))

    def by_words(self, texts: Sequence[str], befores: Sequence[str]) -> Floats:
        """Log-odds (lines, categories) of the model over words."""
        found = [hashed(features(t, b)) for t, b in zip(texts, befores, strict=True)]
        return np.stack([self.words[row].sum(0) / np.sqrt(max(len(row), 1)) for row in found]) + self.words_bias


def probabilities_of(log_odds: Floats) -> Floats:
    """From 0 to 1."""
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float32)


def features(text: str, before: str) -> set[str]:
    """Words, their beginnings and ends, pairs of neighbours cut short, and beginnings of what stands before, marked.

    >>> sorted(features("Hun fødte", "Om Ida"))
    ['<ida', '<om', '^ hun', 'fødte', 'født~', 'hun', 'hun fødte', '~ødte']
    """
    words = WORD.findall(text.lower())
    found = set(words)
    for length in (4, 5, 6, 7):
        found.update(f"{word[:length]}~" for word in words if len(word) > length)
    for length in (4, 5):
        found.update(f"~{word[-length:]}" for word in words if len(word) > length)
    found.update(f"{one[:6]} {other[:6]}" for one, other in pairwise(["^", *words]))
    found.update(f"<{word[:6]}" for word in WORD.findall(before.lower()))
    return found


def hashed(found: Iterable[str]) -> npt.NDArray[np.int64]:
    """The distinct buckets of some features, in order.

    >>> hashed(["hun", "er", "hun"])
    array([33382, 40205])
    """
    return np.unique(np.array([zlib.crc32(feature.encode()) % BUCKETS for feature in found], np.int64))


def said(texts: Sequence[str], befores: Sequence[str]) -> Floats:
    """What each line and what stands before it say of persons apart from names (lines, 10): 0 or 1 for each cue."""
    rows = [(cues.read(text), cues.read(before)) for text, before in zip(texts, befores, strict=True)]
    return np.array([
        (own.first, own.first_many, own.second, own.third, own.relative is not None, bool(own.codes),
         above.first, above.third, above.relative is not None, bool(above.codes)) for own, above in rows
    ], np.float32).reshape(-1, 10)  # fmt: skip


def stack_features(words: Floats, reading: Reading, columns: Sequence[int], persons: Floats) -> Floats:
    """One row for each line and category: both log-odds of it, the topic's, the highest others', those at each glance, the kinds'
    probabilities, what the line says of persons, and which category it is."""
    person, topic, early = reading.person[:, columns], reading.topic[:, columns], reading.early[:, :, columns]
    kinds = np.exp(reading.kind - reading.kind.max(1, keepdims=True))
    kinds /= kinds.sum(1, keepdims=True)
    most_topic = np.repeat(topic.max(1, keepdims=True), len(columns), 1)
    most_person = np.repeat(person.max(1, keepdims=True), len(columns), 1)
    of_both = person, words, topic, most_person, most_topic, np.minimum(person, words)
    single = np.concatenate([np.stack(of_both, -1), early.transpose(0, 2, 1)], -1).reshape(person.size, -1)
    of_line = np.repeat(np.concatenate([kinds, persons], 1), len(columns), 0)
    return np.concatenate([single, of_line, np.tile(np.eye(len(columns), dtype=np.float32), (len(person), 1))], 1)
