"""How well lines are judged: by category, told outright or implied, and what is flagged that tells of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detector.training.lines import JUDGED, Line


@dataclass(frozen=True, slots=True)
class Score:
    """Of one category: lines that tell it of a person, and shares from 0 to 1; a share of nothing is 0."""

    lines: int
    precision: float
    recall: float
    explicit: float
    """Recall on lines that hold the category's plain words."""
    implicit: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.precision + self.recall else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Scores by category, and the shares of lines that were flagged with any category though they tell of nobody."""

    scores: dict[str, Score]
    topic: float
    """Of the lines with a topic only."""
    plain: float
    """Of the lines with nothing."""

    @property
    def macro_f1(self) -> float:
        """Mean over the categories."""
        return sum(score.f1 for score in self.scores.values()) / max(len(self.scores), 1)

    @property
    def explicit(self) -> float:
        """Mean recall of what is told outright."""
        return sum(score.explicit for score in self.scores.values()) / max(len(self.scores), 1)

    @property
    def implicit(self) -> float:
        """Mean recall of what is implied."""
        return sum(score.implicit for score in self.scores.values()) / max(len(self.scores), 1)


def wanted(lines: Sequence[Line]) -> np.ndarray:
    """(lines, categories) of true and false."""
    return np.array([[c in line.person for c in JUDGED] for line in lines], bool).reshape(-1, len(JUDGED))


def figures(guessed: np.ndarray, lines: Sequence[Line]) -> Figures:
    """Of what was found, (lines, categories) of true and false, for lines with right answers."""
    truth = wanted(lines)
    implicit = np.array([line.implicit for line in lines], bool)
    scores = {}
    for n, category in enumerate(JUDGED):
        right, told = guessed[:, n] & truth[:, n], truth[:, n]
        shares = (_share(right[guessed[:, n]]), *(_share(right[among]) for among in (told, told & ~implicit, told & implicit)))
        scores[category] = Score(int(told.sum()), *shares)
    flagged = np.asarray(guessed.any(1))
    nobody = ~np.array([bool(line.person) for line in lines], bool)
    topic = np.array([bool(line.topic) for line in lines], bool)
    return Figures(scores, _share(flagged[nobody & topic]), _share(flagged[nobody & ~topic]))


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else 0.0
