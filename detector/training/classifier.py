"""Fits the model over words and the small one that weighs it against the encoder; sets the thresholds; says what changed.

The model over words is fitted on the lines of train. The one that weighs both readers is fitted on dev, which the encoder has not seen,
and the thresholds are set there by cross-validation and by document: one for sensitive data, of which a single line stops a message, and
one for the other categories, whose persons are counted first. What comes of it is told on test. Fixed seed.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from skops.io import dump

from detector import pipeline
from detector.judge import Floats
from detector.recognizers import categories
from detector.recognizers.categories import Classifier, Thresholds
from detector.records import DetectorError
from detector.training import lines as corpus
from detector.training import looks, measure
from detector.training.lines import JUDGED, Line
from detector.training.looks import Part
from detector.training.measure import Figures

if TYPE_CHECKING:
    from spacy.language import Language

SEED = 20261125
LEAST = {"train": 20, "dev": 5}
"""Lines about a person that each category needs."""
FOLDS = 5
TELLING = 0.05, 0.1
"""Shares of documents taken to tell something sensitive, and something else, for the thresholds, however many do among those that were
written to be learned from: so much does one that is wrongly flagged weigh against one that is missed. A mail is stopped by one sensitive
line, by others only where they tell of several persons or go to many."""
ALIKE = 0.005
"""Thresholds whose F1 is so near the best are as good; the middle of them is taken."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was fitted, and what it does on lines that it was not fitted on."""

    rarity: sparse.dia_matrix
    words: OneVsRestClassifier
    stack: Pipeline
    thresholds: Thresholds
    dev: Figures
    """In folds."""


def load(paths: Sequence[Path]) -> dict[str, list[Line]]:
    """Labelled lines by split. Raises DetectorError where there are too few to fit on."""
    splits = corpus.split(corpus.load(*paths))
    short = [f"{c} {count} in {name} (at least {least})" for name, least in LEAST.items()
             for c, count in _counts(splits[name]).items() if count < least]
    if short:
        raise DetectorError(f"too few lines about a person: {'; '.join(short)}; give the project's own beside yours (corpora/passages)")
    return splits


def _counts(lines: Iterable[Line]) -> dict[str, int]:
    counts = Counter(category for line in lines for category in line.person)
    return {category: counts[category] for category in JUDGED}


def fit(train: Sequence[Line], dev: Part, labels: Sequence[str]) -> Fitted:
    """Fits both models and sets the thresholds; `labels` names the columns of the encoder's reading."""
    rarity, words = _fit_words(train)
    by_words = words.decision_function(counted(dev.lines) @ rarity)
    persons = categories.said([line.text for line in dev.lines], dev.befores)
    columns = [labels.index(c) for c in JUDGED]
    first, again = (categories.stack_features(by_words, reading, columns, persons) for reading in (dev.first, dev.reading))
    truth = measure.wanted(dev.lines)
    groups = np.repeat(np.array([corpus.group_of(line) for line in dev.lines]), len(JUDGED))
    stack = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=0.3, max_iter=2000, random_state=SEED))])
    odds = np.zeros((2, truth.size), np.float32)
    for rest, fold in GroupKFold(FOLDS).split(again, truth.ravel(), groups):
        stack.fit(again[rest], truth.ravel()[rest])
        odds[:, fold] = stack.decision_function(first[fold]), stack.decision_function(again[fold])
    probabilities = categories.probabilities_of(dev.odds(*odds.reshape(2, *truth.shape)))
    thresholds = _thresholds(probabilities, dev)
    guessed = _reached(thresholds, probabilities, dev.apart)
    return Fitted(rarity, words, stack.fit(again, truth.ravel()), thresholds, measure.figures(guessed, dev.lines))


def counted(lines: Sequence[Line]) -> sparse.csr_matrix:
    """Which features each line has (lines, buckets); rows of length one."""
    rows = [categories.hashed(categories.features(line.text, looks.before(line))) for line in lines]
    values = [np.full(len(row), 1 / np.sqrt(max(len(row), 1)), np.float32) for row in rows]
    shape = (len(rows), categories.BUCKETS)
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(rows), np.cumsum([0, *map(len, rows)])), shape)


def _fit_words(train: Sequence[Line]) -> tuple[sparse.dia_matrix, OneVsRestClassifier]:
    """How rare each feature is, as a diagonal of weights, and one logistic regression a category over the features so weighed."""
    features = counted(train)
    times = np.bincount(features.indices, minlength=categories.BUCKETS)
    rarity = sparse.diags((np.log((1 + len(train)) / (1 + times)) + 1).astype(np.float32))
    model = OneVsRestClassifier(LogisticRegression(C=1.0, class_weight={0: 1, 1: 4}, solver="liblinear", random_state=SEED))
    return rarity, model.fit(features @ rarity, measure.wanted(train).astype(int))


def _thresholds(probabilities: np.ndarray, part: Part) -> Thresholds:
    """One for the sensitive categories and one for the others, by document; and what is enough beside them, by line."""
    truth, is_sensitive = measure.wanted(part.lines), np.isin(JUDGED, corpus.SENSITIVE)
    whole = [rows for rows in part.documents if part.lines[rows[0]].doc]
    parts = zip((is_sensitive, ~is_sensitive), TELLING, strict=True)
    sensitive, private = (_threshold(probabilities[:, some], truth[:, some], whole, telling) for some, telling in parts)
    each = np.where(is_sensitive, sensitive, private).astype(np.float32)
    lowest = min(sensitive, private)
    grid = np.append(np.arange(0.2, lowest, 0.02), lowest)  # with none beside them at the last
    found = [measure.figures(_reached(Thresholds(each, beside), probabilities, part.apart), part.lines).macro_f1 for beside in grid]
    return Thresholds(each, _middle(grid, found))


def _threshold(probabilities: np.ndarray, truth: np.ndarray, documents: Sequence[np.ndarray], telling: float) -> float:
    """The threshold for some categories that gives the best F1 by document: it holds one of them, or none; weighed so that `telling` do.

    Probabilities and truth are (lines, categories); `documents` are the numbers of each one's lines.

    By document, because a message is stopped by its worst line: thresholds that suit single lines stop every long mail.
    """
    told = np.array([truth[rows].any() for rows in documents])
    highest = np.array([probabilities[rows].max() for rows in documents])
    weights = np.where(told, telling / max(told.sum(), 1), (1 - telling) / max((~told).sum(), 1))
    grid = np.arange(0.1, 0.9, 0.02)
    return _middle(grid, [f1_score(told, highest >= t, sample_weight=weights) for t in grid])


def _middle(grid: np.ndarray, reached: Sequence[float]) -> float:
    """Of the values that are as good as the best one."""
    return round(float(grid[np.array(reached) >= max(reached) - ALIKE].mean()), 2)


def _reached(thresholds: Thresholds, probabilities: Floats, documents: Sequence[np.ndarray]) -> np.ndarray:
    """What lines tell, document by document: (lines, categories) of true and false."""
    return np.concatenate([thresholds.reached(probabilities[rows]) for rows in documents])


def save(fitted: Fitted, folder: Path) -> None:
    """The estimators with skops, and their weights as the product reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    for estimator in fitted.words.estimators_:
        estimator.coef_ = estimator.coef_.astype(np.float16).astype(np.float32)  # as the product has them; smaller when packed
    dump(fitted.words, folder / "words.skops", compression=zipfile.ZIP_DEFLATED)
    dump(fitted.stack, folder / "stack.skops", compression=zipfile.ZIP_DEFLATED)
    arrays: dict[str, Any] = _weights(fitted)
    np.savez_compressed(folder / categories.WEIGHTS, **arrays)
    settings = {"categories": JUDGED, "thresholds": by_category(fitted.thresholds), "beside": fitted.thresholds.beside}
    (folder / categories.SETTINGS).write_text(json.dumps(settings, indent=1) + "\n", "utf-8")


def by_category(thresholds: Thresholds) -> dict[str, float]:
    """The threshold of each."""
    return {category: round(float(each), 2) for category, each in zip(JUDGED, thresholds.each, strict=True)}


def _weights(fitted: Fitted) -> dict[str, np.ndarray]:
    """The two models as sums: each feature's rarity in its weights, the stack's scaling in its own."""
    scale, model = fitted.stack.named_steps["scale"], fitted.stack.named_steps["model"]
    stacked = model.coef_[0] / scale.scale_
    rarity = fitted.rarity.diagonal()
    return {
        "words": (rarity[:, None] * np.concatenate([e.coef_ for e in fitted.words.estimators_]).T).astype(np.float16),
        "words_bias": np.concatenate([e.intercept_ for e in fitted.words.estimators_]),
        "stack": stacked, "stack_bias": model.intercept_[0] - stacked @ scale.mean_,
    }  # fmt: skip


def tried(classifier: Classifier, part: Part, nlp: Language) -> Figures:
    """What a saved classifier does on some lines that `nlp` has read."""
    odds = part.odds(*log_odds(classifier, part, nlp))
    return measure.figures(reached(classifier, odds, part), part.lines)


def reached(classifier: Classifier, odds: Floats, part: Part) -> np.ndarray:
    """What a saved classifier finds at such log-odds of some lines: (lines, categories) of true and false."""
    return _reached(classifier.thresholds, categories.probabilities_of(odds), part.apart)


def log_odds(classifier: Classifier, part: Part, nlp: Language) -> tuple[Floats, Floats]:
    """What a saved classifier makes of each of the two readings of some lines."""
    texts, labels = [line.text for line in part.lines], pipeline.categories_of(nlp)
    first, again = (classifier.log_odds(texts, part.befores, reading, labels) for reading in (part.first, part.reading))
    return first, again
