"""The gate: a linear model over words that says which lines the encoder has to read.

It adds up a weight for each distinct word, each beginning of a word (so that Danish compounds and endings it has not met count too) and
each pair of neighbours. Trained by `models/categories`; the threshold is set for its recall.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

WORD = re.compile(r"[^\W\d_]{2,}")
STEM = 5
"""Letters of a word's beginning."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Weights by feature, and the sum a line must reach."""

    weights: dict[str, float]
    bias: float
    threshold: float

    @classmethod
    def load(cls, path: Path) -> Gate:
        """Reads the JSON that the recipe wrote."""
        table = json.loads(path.read_text("utf-8"))
        return cls(table["weights"], table["bias"], table["threshold"])

    def score(self, text: str) -> float:
        """Log-odds that the line tells of a person, or comes near it."""
        get = self.weights.get
        return self.bias + sum(get(feature, 0.0) for feature in features(text))

    def passes(self, text: str) -> bool:
        """Whether the line has to be read."""
        return self.score(text) >= self.threshold


def features(text: str) -> set[str]:
    """Distinct words in lower case, their beginnings, and pairs of neighbours cut short.

    >>> sorted(features("Hun er gravid"))
    ['er', 'er gravi', 'gravid', 'gravi~', 'hun', 'hun er']
    """
    words = WORD.findall(text.lower())
    found = set(words)
    found.update(f"{word[:STEM]}~" for word in words if len(word) > STEM)
    found.update(f"{one[:STEM]} {other[:STEM]}" for one, other in pairwise(words))
    return found


def spread(passed: Iterable[bool], *, before: int = 1, after: int = 0) -> list[bool]:
    """Lines to read: those that passed and the one before each, without which a pronoun means nothing.

    >>> spread([False, False, False, True, False, False])
    [False, False, True, True, False, False]
    """
    flags = list(passed)
    return [any(flags[max(0, n - after) : n + before + 1]) for n in range(len(flags))]
