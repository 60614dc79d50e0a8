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
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from skops.io import dump

from detector import pipeline
from detector.judge import Floats
from detector.recognizers import categories, reader
from detector.recognizers.categories import Classifier, Thresholds
from detector.records import DetectorError
from detector.training import lines as corpus
from detector.training import measure
from detector.training.lines import JUDGED, Line
from detector.training.measure import Figures

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

SEED = 20261125
LEAST = {"train": 20, "dev": 5}
"""Lines about a person that each category needs."""
FOLDS = 5
TELLING = 0.1
"""Share of documents taken to tell something, for the thresholds, however many do among those that were written to be learned from."""
ALIKE = 0.005
"""Thresholds whose F1 is so near the best are as good; the middle of them is taken."""
FINDS = 0.3
"""The probability that the encoder gives a category in a line in which it finds something, at least; gate and glance are set by those."""


@dataclass(frozen=True, slots=True)
class Part:
    """Lines of one split, with what stands before each and the encoder's reading."""

    lines: list[Line]
    befores: list[str]
    reading: pipeline.Reading = field(repr=False)


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


def read(lines: Sequence[Line], nlp: Language) -> Part:
    """Runs the encoder over the lines, in the windows that the product would make of them."""
    docs, kept = as_docs(lines, nlp)
    readings = [doc.user_data["reading"] for doc in nlp.pipe(docs, batch_size=128)]
    rows = [[n for n, line in enumerate(group) if line is not None] for group in kept]

    def gathered(part: str) -> np.ndarray:
        return np.concatenate([getattr(r, part)[keep] for r, keep in zip(readings, rows, strict=True)])

    reading = pipeline.Reading((), *map(gathered, ("person", "topic", "kind", "vectors", "early", "is_read")))
    found = [line for group in kept for line in group if line is not None]
    return Part(found, list(map(before, found)), reading)


def as_docs(lines: Sequence[Line], nlp: Language) -> tuple[list[Doc], list[list[Line | None]]]:
    """A doc for each document or lone line, not read yet, and the labelled line of each of its spans; None for a heading that is none."""
    docs = []
    kept: list[list[Line | None]] = []
    for group in corpus.documents(lines):
        heading, titles, body = corpus.parted(group)
        docs.append(reader.make_doc(nlp, heading, [line.text for line in body]))
        above: list[Line | None] = [*titles] or [None] * bool(heading)
        kept.append([*above, *body])
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


def fit(train: Sequence[Line], dev: Part, labels: Sequence[str]) -> Fitted:
    """Fits both models and sets the thresholds; `labels` names the columns of the encoder's reading."""
    rarity, words = _fit_words(train)
    by_words = words.decision_function(counted(dev.lines) @ rarity)
    persons = categories.said([line.text for line in dev.lines], dev.befores)
    rows = categories.stack_features(by_words, dev.reading, [labels.index(c) for c in JUDGED], persons)
    truth = measure.wanted(dev.lines)
    groups = np.repeat(np.array([corpus.group_of(line) for line in dev.lines]), len(JUDGED))
    stack = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=0.3, max_iter=2000, random_state=SEED))])
    folded = cross_val_predict(stack, rows, truth.ravel(), groups=groups, cv=GroupKFold(FOLDS), method="predict_proba")
    probabilities = folded[:, 1].reshape(truth.shape)
    thresholds = _thresholds(probabilities, dev.lines)
    guessed = _reached(thresholds, probabilities, _documents(dev.lines))
    return Fitted(rarity, words, stack.fit(rows, truth.ravel()), thresholds, measure.figures(guessed, dev.lines))


def counted(lines: Sequence[Line]) -> sparse.csr_matrix:
    """Which features each line has (lines, buckets); rows of length one."""
    rows = [categories.hashed(categories.features(line.text, before(line))) for line in lines]
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


def _thresholds(probabilities: np.ndarray, lines: Sequence[Line]) -> Thresholds:
    """One for the sensitive categories and one for the others, by document; and what is enough beside them, by line."""
    truth, is_sensitive = measure.wanted(lines), np.isin(JUDGED, corpus.SENSITIVE)
    documents = _documents(lines)
    whole = [rows for rows in documents if lines[rows[0]].doc]
    sensitive, private = (_threshold(probabilities[:, some], truth[:, some], whole) for some in (is_sensitive, ~is_sensitive))
    each = np.where(is_sensitive, sensitive, private).astype(np.float32)
    lowest = min(sensitive, private)
    grid = np.append(np.arange(0.2, lowest, 0.02), lowest)  # with none beside them at the last
    found = [measure.figures(_reached(Thresholds(each, beside), probabilities, documents), lines).macro_f1 for beside in grid]
    return Thresholds(each, _middle(grid, found))


def _threshold(probabilities: np.ndarray, truth: np.ndarray, documents: Sequence[np.ndarray]) -> float:
    """The threshold for some categories that gives the best F1 by document: it holds one of them, or none; weighed so that `TELLING` do.

    Probabilities and truth are (lines, categories); `documents` are the numbers of each one's lines.

    By document, because a message is stopped by its worst line: thresholds that suit single lines stop every long mail.
    """
    told = np.array([truth[rows].any() for rows in documents])
    highest = np.array([probabilities[rows].max() for rows in documents])
    weights = np.where(told, TELLING / max(told.sum(), 1), (1 - TELLING) / max((~told).sum(), 1))
    grid = np.arange(0.1, 0.9, 0.02)
    return _middle(grid, [f1_score(told, highest >= t, sample_weight=weights) for t in grid])


def _middle(grid: np.ndarray, reached: Sequence[float]) -> float:
    """Of the values that are as good as the best one."""
    return round(float(grid[np.array(reached) >= max(reached) - ALIKE].mean()), 2)


def _documents(lines: Sequence[Line]) -> list[np.ndarray]:
    """The numbers of each document's lines; a lone line is a document."""
    ends = np.cumsum([len(group) for group in corpus.documents(lines)])
    return np.split(np.arange(len(lines)), ends[:-1])


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
    return measure.figures(guessed(classifier, part, nlp), part.lines)


def guessed(classifier: Classifier, part: Part, nlp: Language) -> np.ndarray:
    """What a saved classifier finds in lines that `nlp` has read: (lines, categories) of true and false."""
    texts = [line.text for line in part.lines]
    probabilities = classifier.probabilities(texts, part.befores, part.reading, pipeline.categories_of(nlp))
    return _reached(classifier.thresholds, probabilities, _documents(part.lines))
