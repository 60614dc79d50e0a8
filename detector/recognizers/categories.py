"""The categories that need reading: which lines tell what about a person.

Two readers judge each line, the encoder (`pipeline.py`) in its window and word n-grams in their context; a third, small classifier weighs
the two, with the kind of text that the encoder takes the document for. All three are trained by `models/categories`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detector.pipeline import Floats, Reading
from detector.records import DetectorError

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

TRUSTED: tuple[str, ...] = ()
"""Types that the model files may hold beside those that skops trusts by itself; anything else is refused. None is needed."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities (lines, categories) that a line tells of a person, and the categories' names."""

    categories: tuple[str, ...]
    probabilities: Floats = field(repr=False)
    thresholds: Floats = field(repr=False)

    def found(self, line: int) -> list[tuple[str, float]]:
        """(category, probability) of what one line tells."""
        row = self.probabilities[line]
        return [(c, float(p)) for c, p, t in zip(self.categories, row, self.thresholds, strict=True) if p >= t]


@dataclass(frozen=True, slots=True)
class Classifier:
    """The two fitted pipelines and the thresholds."""

    words: Pipeline = field(repr=False)
    stack: Pipeline = field(repr=False)
    categories: tuple[str, ...]
    thresholds: Floats = field(repr=False)

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Reads what the recipe saved, with skops: no pickle, no unknown type. Raises DetectorError."""
        settings = json.loads((folder / "settings.json").read_text("utf-8"))
        thresholds = np.array([settings["thresholds"][c] for c in settings["categories"]], np.float32)
        return cls(_load(folder / "words.skops"), _load(folder / "stack.skops"), tuple(settings["categories"]), thresholds)

    def judge(self, texts: Sequence[str], befores: Sequence[str], reading: Reading, labels: Sequence[str]) -> Judgement:
        """Judges lines with what stands before each; `labels` names the columns of the encoder's reading."""
        log_odds = self.words.decision_function([joined(t, b) for t, b in zip(texts, befores, strict=True)])
        columns = [list(labels).index(c) for c in self.categories]
        features = stack_features(log_odds, reading, columns)
        probabilities = self.stack.predict_proba(features)[:, 1].reshape(len(texts), len(columns))
        return Judgement(self.categories, probabilities.astype(np.float32), self.thresholds)


def joined(text: str, before: str) -> str:
    """A line for the n-grams: its own words, then those before it, marked.

    >>> joined("Hun er syg.", "Om Karla")
    'Hun er syg. \\n <om <karla'
    """
    return f"{text} \n " + " ".join(f"<{word}" for word in before.lower().split())


def stack_features(words: Floats, reading: Reading, columns: Sequence[int]) -> Floats:
    """One row for each line and category: both log-odds of it, the topic's, the highest others', and the kinds' probabilities."""
    person, topic = reading.person[:, columns], reading.topic[:, columns]
    kinds = np.exp(reading.kind - reading.kind.max(1, keepdims=True))
    kinds /= kinds.sum(1, keepdims=True)
    most_topic = np.repeat(topic.max(1, keepdims=True), len(columns), 1)
    most_person = np.repeat(person.max(1, keepdims=True), len(columns), 1)
    single = np.stack([person, words, topic, most_person, most_topic, np.minimum(person, words)], -1)
    return np.concatenate([single, np.repeat(kinds[:, None, :], len(columns), 1)], -1).reshape(-1, single.shape[-1] + kinds.shape[1])


def _load(path: Path) -> Any:
    from skops.io import get_untrusted_types, load

    strange = set(get_untrusted_types(file=path)) - set(TRUSTED)
    if strange:
        raise DetectorError(f"{path}: holds {', '.join(sorted(strange))}; allowed: {', '.join(TRUSTED) or 'only what skops trusts'}")
    return load(path, trusted=list(TRUSTED))
