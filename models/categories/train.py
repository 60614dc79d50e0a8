"""Fits the model over words and the small one over both readers; sets thresholds on dev; says what test gives.

    pip install '.[train]'
    python -m models.categories.train --pipeline models/trained/pipeline --out models/trained/categories

The model over words is fitted on train. The classifier that weighs both readers is fitted on dev, which the encoder has not seen, and its
thresholds are set there by cross-validation. Fixed seed; some two minutes.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import spacy
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from skops.io import dump

from corpora import lines as corpus
from corpora.lines import JUDGED
from detector import pipeline
from detector.recognizers import categories, reader

SEED = 20261125


@dataclass(frozen=True, slots=True)
class Set:
    """Lines of one split that are judged, with what stands before each and the encoder's reading."""

    lines: list[corpus.Line]
    befores: list[str]
    reading: pipeline.Reading

    @property
    def wanted(self) -> np.ndarray:
        """(lines, categories) of 0 and 1."""
        return np.array([[c in line.person for c in JUDGED] for line in self.lines], int)

    @property
    def groups(self) -> list[str]:
        """What a fold may not cut: the document, or writer and genre."""
        return [corpus.group_of(line) for line in self.lines]


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--pipeline", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    nlp = spacy.load(chosen.pipeline)
    splits = {name: read(lines, nlp) for name, lines in corpus.split(corpus.load()).items()}
    rarity, words = fit_words(splits["train"])
    columns = [corpus.CATEGORIES.index(c) for c in JUDGED]
    scored = {name: words.decision_function(counted(part) @ rarity) for name, part in splits.items() if name != "train"}
    stacked = {name: categories.stack_features(scores, splits[name].reading, columns) for name, scores in scored.items()}
    stack = _stack()
    dev = splits["dev"]
    groups = np.repeat(np.array(dev.groups), len(JUDGED))
    folded = cross_val_predict(stack, stacked["dev"], dev.wanted.ravel(), groups=groups, cv=GroupKFold(5), method="predict_proba")
    probabilities = folded[:, 1].reshape(dev.wanted.shape)
    confidential = tuple(c for c in JUDGED if c not in corpus.SENSITIVE)
    thresholds = {c: best_threshold(probabilities, dev, among) for among in (corpus.SENSITIVE, confidential) for c in among}
    stack.fit(stacked["dev"], dev.wanted.ravel())
    save(chosen.out, rarity, words, stack, thresholds)
    report("dev (folds)", probabilities, dev, thresholds)
    report("test", stack.predict_proba(stacked["test"])[:, 1].reshape(splits["test"].wanted.shape), splits["test"], thresholds)
    for name, scores in (("encoder alone", splits["test"].reading.person[:, columns]), ("n-grams alone", scored["test"])):
        report(f"test, {name}", scores, splits["test"], dict.fromkeys(JUDGED, 0.0))


def read(lines: list[corpus.Line], nlp: spacy.Language) -> Set:
    """Runs the encoder over the lines, in the windows that the product would make of them."""
    docs, kept, befores = [], [], []
    for group in corpus.documents(lines):
        heading, titles, body = corpus.parted(group)
        docs.append(reader.make_doc(nlp, heading, [line.text for line in body]))
        befores += [*("" for _ in titles), *(line.before for line in body)]
        kept.append([*(titles or [None] * bool(heading)), *body])
    readings = [doc.user_data["reading"] for doc in nlp.pipe(docs, batch_size=128)]
    rows = [[n for n, line in enumerate(group) if line is not None] for group in kept]

    def gathered(part: str) -> pipeline.Floats:
        return np.concatenate([getattr(r, part)[keep] for r, keep in zip(readings, rows, strict=True)])

    reading = pipeline.Reading((), gathered("person"), gathered("topic"), gathered("kind"), gathered("vectors"))
    return Set([line for group in kept for line in group if line is not None], befores, reading)


def counted(part: Set) -> sparse.csr_matrix:
    """Which features each line has (lines, buckets); rows of length one."""
    rows = [categories.hashed(categories.features(line.text, before)) for line, before in zip(part.lines, part.befores, strict=True)]
    values = [np.full(len(row), 1 / np.sqrt(max(len(row), 1)), np.float32) for row in rows]
    shape = (len(rows), categories.BUCKETS)
    return sparse.csr_matrix((np.concatenate(values), np.concatenate(rows), np.cumsum([0, *map(len, rows)])), shape)


def fit_words(train: Set) -> tuple[sparse.dia_matrix, OneVsRestClassifier]:
    """How rare each feature is, as a diagonal of weights, and one logistic regression a category over the features so weighed."""
    features = counted(train)
    times = np.bincount(features.indices, minlength=categories.BUCKETS)
    rarity = sparse.diags((np.log((1 + len(train.lines)) / (1 + times)) + 1).astype(np.float32))
    model = OneVsRestClassifier(LogisticRegression(C=1.0, class_weight={0: 1, 1: 4}, solver="liblinear", random_state=SEED))
    return rarity, model.fit(features @ rarity, train.wanted)


def save(out: Path, rarity: sparse.dia_matrix, words: OneVsRestClassifier, stack: Pipeline, thresholds: dict[str, float]) -> None:
    """The fitted estimators with skops, and their weights as the product reads them."""
    for fitted in words.estimators_:
        fitted.coef_ = fitted.coef_.astype(np.float32)
    dump(words, out / "words.skops")
    dump(stack, out / "stack.skops")
    np.savez_compressed(out / categories.WEIGHTS, **weights(rarity.diagonal(), words, stack))
    (out / categories.SETTINGS).write_text(json.dumps({"categories": JUDGED, "thresholds": thresholds}, indent=1) + "\n", "utf-8")


def weights(rarity: np.ndarray, words: OneVsRestClassifier, stack: Pipeline) -> dict[str, np.ndarray]:
    """The two models as sums: each feature's rarity in its weights, the stack's scaling in its own."""
    scale, model = stack.named_steps["scale"], stack.named_steps["model"]
    stacked = model.coef_[0] / scale.scale_
    return {
        "words": (rarity[:, None] * np.concatenate([e.coef_ for e in words.estimators_]).T).astype(np.float16),
        "words_bias": np.concatenate([e.intercept_ for e in words.estimators_]),
        "stack": stacked, "stack_bias": model.intercept_[0] - stacked @ scale.mean_,
    }  # fmt: skip


def _stack() -> Pipeline:
    return Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(C=0.3, max_iter=2000, random_state=SEED))])


def best_threshold(probabilities: np.ndarray, part: Set, among: tuple[str, ...]) -> float:
    """The threshold for the categories `among` that gives the best F1 by document: it holds such data, or not.

    By document, because a message is stopped by its worst line: thresholds that suit single lines stop every long mail.
    """
    columns = [JUDGED.index(c) for c in among]
    groups = [line.doc for line in part.lines]
    names = sorted(set(groups) - {""})
    rows = {name: [n for n, g in enumerate(groups) if g == name] for name in names}
    wanted = [part.wanted[rows[name]][:, columns].any() for name in names]
    highest = np.array([probabilities[rows[name]][:, columns].max() for name in names])
    grid = np.arange(0.1, 0.9, 0.02)
    return round(float(max(grid, key=lambda t: f1_score(wanted, highest >= t))), 2)


def report(name: str, scores: np.ndarray, part: Set, thresholds: dict[str, float]) -> None:
    """Prints F1 by category, explicit and implicit recall, and the share of topic lines wrongly flagged."""
    guessed = scores >= np.array([thresholds[c] for c in JUDGED])
    f1 = {c: round(f1_score(part.wanted[:, n], guessed[:, n], zero_division=0.0), 2) for n, c in enumerate(JUDGED)}
    any_right = (guessed & (part.wanted == 1)).any(1)
    is_person = part.wanted.any(1)
    implicit = np.array([line.implicit for line in part.lines])
    topic_only = np.array([bool(line.topic) and not line.person for line in part.lines])
    plain = np.array([not line.topic and not line.person for line in part.lines])
    print(f"{name}: macro F1 {np.mean(list(f1.values())):.3f}; recall explicit {any_right[is_person & ~implicit].mean():.3f} "
          f"implicit {any_right[is_person & implicit].mean():.3f}; flagged topic {guessed.any(1)[topic_only].mean():.3f} "
          f"plain {guessed.any(1)[plain].mean():.3f}; {f1}")


if __name__ == "__main__":
    main()
