"""Fits the gate, the n-gram classifier and the small one over both readers; sets thresholds on dev; says what test gives.

    pip install '.[test]'
    python -m models.categories.train --pipeline models/trained/pipeline --out models/trained/categories --shared ../shared

The n-grams are fitted on train. The classifier that weighs both readers is fitted on dev, which the encoder has not seen, and its
thresholds are set there by cross-validation. Fixed seed; some two minutes.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from scipy import sparse
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler
from skops.io import dump

from corpora import lines as corpus
from corpora import names
from detector import pipeline
from detector.recognizers import categories, gate, reader

JUDGED = (*corpus.SENSITIVE, "other_private", "personality_test", "civil_status", "adoption", "grades")
"""Categories that need reading; the other four are found by rules."""
SEED = 20261125
GATE_RECALL = 0.95
STRANGERS = 20_000
"""Unlabelled sentences of news, web and everyday talk that the gate learns as nothing, at a weight of 0.3."""


@dataclass(frozen=True, slots=True)
class Set:
    """Lines of one split that are judged, with what stands before each and the encoder's reading."""

    lines: list[corpus.Line]
    befores: list[str]
    reading: pipeline.Reading

    @property
    def texts(self) -> list[str]:
        """The lines' own texts."""
        return [line.text for line in self.lines]

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
    options.add_argument("--shared", type=Path, required=True, help="holds the unlabelled sentences")
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    nlp = spacy.load(chosen.pipeline)
    splits = {name: read(lines, nlp) for name, lines in corpus.split(corpus.load()).items()}
    words = fit_words(splits["train"])
    columns = [corpus.CATEGORIES.index(c) for c in JUDGED]
    scored = {name: words.decision_function(_joined(part)) for name, part in splits.items() if name != "train"}
    stacked = {name: categories.stack_features(scores, splits[name].reading, columns) for name, scores in scored.items()}
    stack = _stack()
    dev = splits["dev"]
    groups = np.repeat(np.array(dev.groups), len(JUDGED))
    folded = cross_val_predict(stack, stacked["dev"], dev.wanted.ravel(), groups=groups, cv=GroupKFold(5), method="predict_proba")
    probabilities = folded[:, 1].reshape(dev.wanted.shape)
    confidential = tuple(c for c in JUDGED if c not in corpus.SENSITIVE)
    thresholds = {c: best_threshold(probabilities, dev, among) for among in (corpus.SENSITIVE, confidential) for c in among}
    stack.fit(stacked["dev"], dev.wanted.ravel())
    for fitted in words.named_steps["model"].estimators_:
        fitted.coef_ = fitted.coef_.astype(np.float32)
    dump(words, chosen.out / "words.skops")
    dump(stack, chosen.out / "stack.skops")
    (chosen.out / "settings.json").write_text(json.dumps({"categories": JUDGED, "thresholds": thresholds}, indent=1))
    fit_gate(splits, unlabelled(chosen.shared), chosen.out / "gate.json")
    report("dev (folds)", probabilities, dev, thresholds)
    report("test", stack.predict_proba(stacked["test"])[:, 1].reshape(splits["test"].wanted.shape), splits["test"], thresholds)
    for name, scores in (("encoder alone", splits["test"].reading.person[:, columns]), ("n-grams alone", scored["test"])):
        report(f"test, {name}", scores, splits["test"], dict.fromkeys(JUDGED, 0.0))


def read(lines: list[corpus.Line], nlp: spacy.Language) -> Set:
    """Runs the encoder over the lines, in the windows that the product would make of them."""
    docs, kept, befores = [], [], []
    for group in corpus.documents(lines):
        title = [line for line in group if line.is_title]
        heading = title[0].text if title else "" if group[0].doc else group[0].before
        body = [line for line in group if not line.is_title]
        docs.append(reader.make_doc(nlp, heading, [line.text for line in body]))
        befores += [*(["" for _ in title]), *(line.before for line in body)]
        kept.append(([title[0] if title else None] if heading else []) + list(body))
    readings = [doc.user_data["reading"] for doc in nlp.pipe(docs, batch_size=128)]
    rows = [[n for n, line in enumerate(group) if line is not None] for group in kept]

    def gathered(part: str) -> pipeline.Floats:
        return np.concatenate([getattr(r, part)[keep] for r, keep in zip(readings, rows, strict=True)])

    reading = pipeline.Reading((), gathered("person"), gathered("topic"), gathered("kind"), gathered("vectors"))
    return Set([line for group in kept for line in group if line is not None], befores, reading)


def _joined(part: Set) -> list[str]:
    return [categories.joined(t, b) for t, b in zip(part.texts, part.befores, strict=True)]


def fit_words(train: Set) -> Pipeline:
    """Words and pairs of words, and runs of letters within words, one logistic regression a category."""
    # hashed: a vocabulary of its own would have to be saved, and is slow to load without pickle
    union = FeatureUnion([
        ("words", _hashed(token_pattern=r"<?\w\w+", ngram_range=(1, 2))),
        ("letters", _hashed(analyzer="char_wb", ngram_range=(3, 5))),
    ])
    model = OneVsRestClassifier(LogisticRegression(C=20.0, class_weight={0: 1, 1: 4}, solver="liblinear", random_state=SEED))
    return Pipeline([("features", union), ("model", model)]).fit(_joined(train), train.wanted)


def _hashed(**settings: Any) -> Pipeline:
    hashing = HashingVectorizer(n_features=2**16, alternate_sign=False, norm=None, dtype=np.float32, **settings)
    return Pipeline([("count", hashing), ("weigh", TfidfTransformer(sublinear_tf=True))])


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


def fit_gate(splits: dict[str, Set], strangers: list[str], path: Path) -> None:
    """A logistic regression over the gate's features, its threshold set on dev for the recall that is asked."""
    train, dev = splits["train"], splits["dev"]
    seen = collections.Counter(f for text in train.texts for f in gate.features(text))
    index = {f: n for n, f in enumerate(sorted(f for f, n in seen.items() if n >= 2))}
    wanted = np.concatenate([train.wanted.any(1), np.zeros(len(strangers), bool)])
    weight = np.where(wanted, 4.0, np.where(np.arange(len(wanted)) < len(train.lines), 1.0, 0.3))
    model = LogisticRegression(C=0.3, max_iter=500, random_state=SEED).fit(_counts(train.texts + strangers, index), wanted, weight)
    weights = {f: round(float(w), 3) for f, w in zip(index, model.coef_[0], strict=True) if abs(w) > 0.005}
    fitted = gate.Gate(weights, round(float(model.intercept_[0]), 3), 0.0)
    scores = {name: np.array([fitted.score(text) for text in splits[name].texts]) for name in ("dev", "test")}
    positives = np.sort(scores["dev"][dev.wanted.any(1)])
    threshold = round(float(positives[int((1 - GATE_RECALL) * len(positives))]), 3)
    path.write_text(json.dumps({"bias": fitted.bias, "threshold": threshold, "weights": weights}, ensure_ascii=False), "utf-8")
    for name, found in scores.items():
        passed, positive = found >= threshold, splits[name].wanted.any(1)
        print(f"gate, {name}: recall {passed[positive].mean():.4f}, lines let through {passed.mean():.3f}, "
              f"of the rest {passed[~positive].mean():.3f}")


def _counts(texts: list[str], index: dict[str, int]) -> sparse.csr_matrix:
    rows = [[index[f] for f in gate.features(text) if f in index] for text in texts]
    ends = np.cumsum([0, *map(len, rows)])
    return sparse.csr_matrix((np.ones(ends[-1]), np.concatenate([np.array(r, int) for r in rows]), ends), (len(rows), len(index)))


def unlabelled(shared: Path) -> list[str]:
    """Sentences of the web and e-mail treebank, of Danish news and web, and of everyday talk in both languages."""
    texts = [s.text for s in names.sentences(shared / "data" / "ner", "ewt-train")]
    for path in sorted((shared / "data" / "raw").rglob("*.[ct][sx][vt]")):
        rows = path.read_text("utf-8", errors="replace").splitlines()
        texts += [column for row in rows for column in row.split("\t")[:2] if len(column) > 15]
    return random.Random(SEED).sample(texts, STRANGERS)


if __name__ == "__main__":
    main()
