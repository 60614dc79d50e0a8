"""The classifier of lines: what the product computes is what was fitted and saved."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from detector import models
from detector.pipeline import Reading
from detector.recognizers import categories
from detector.recognizers.categories import BUCKETS, Classifier, Judgement, Thresholds

TRAINED = models.folder() / "categories"
TEXTS = ["Hun er startet i kemo i mandags.", "Dagsordenen er vedhæftet.", "Navn: Bo Dam; Karakter: 02", ""]
BEFORES = ["Emne: Karla", "", "Resultater", ""]
LABELS = ("cpr", *json.loads((TRAINED / categories.SETTINGS).read_text("utf-8"))["categories"])


def reading(lines: int) -> Reading:
    """What an encoder might have said."""
    rng = np.random.default_rng(1)
    person, topic = rng.normal(-3, 2, (2, lines, len(LABELS))).astype(np.float32)
    kind, vectors = rng.normal(0, 2, (lines, 17)).astype(np.float32), np.zeros((lines, 4), np.float32)
    early = rng.normal(-3, 2, (lines, 2, len(LABELS))).astype(np.float32)
    return Reading(((0, 0),) * lines, person, topic, kind, vectors, early, np.ones(lines, bool))


def test_weights_are_those_of_the_saved_estimators() -> None:
    """The skops files, read with no type trusted but those skops trusts itself, give the probabilities that the product gives."""
    skops = pytest.importorskip("skops.io", reason="needs the extra of training")
    words, stack = (skops.load(TRAINED / name, trusted=[]) for name in ("words.skops", "stack.skops"))
    trained, seen = Classifier.load(TRAINED), reading(len(TEXTS))
    ours = trained.probabilities(TEXTS, BEFORES, seen, LABELS)
    log_odds = trained.by_words(TEXTS, BEFORES)
    columns = list(range(1, len(LABELS)))
    rows = categories.stack_features(log_odds, seen, columns, categories.said(TEXTS, BEFORES))
    theirs = stack.predict_proba(rows)[:, 1].reshape(ours.shape)
    assert np.allclose(ours, theirs, atol=1e-4)
    coefficients = np.concatenate([fitted.coef_ for fitted in words.estimators_]).T
    used = np.flatnonzero(np.abs(coefficients).max(1) > 0.01)
    weighed, own = trained.words[used], coefficients[used]
    ratio = np.divide(weighed, own, out=np.zeros_like(weighed), where=own != 0)
    rarity = np.take_along_axis(ratio, np.abs(own).argmax(1)[:, None], 1)
    assert np.allclose(np.where(own == 0, rarity, ratio), rarity, rtol=0.05, atol=0.05)  # one rarity a feature, whatever the category
    assert not weighed[own == 0].any()
    assert np.allclose(trained.words_bias, np.concatenate([fitted.intercept_ for fitted in words.estimators_]), atol=1e-4)


def test_saved_estimators_hold_no_code() -> None:
    """A skops file is an archive of a schema and arrays; nothing in it is a pickle."""
    for path in TRAINED.glob("*.skops"):
        with zipfile.ZipFile(path) as archive:
            assert {Path(name).suffix for name in archive.namelist()} <= {".json", ".npy"}


def test_each_line_is_judged_by_itself() -> None:
    """A line's probabilities do not hang on the lines that are judged beside it."""
    trained, seen = Classifier.load(TRAINED), reading(len(TEXTS))
    every = trained.probabilities(TEXTS, BEFORES, seen, LABELS)
    last = trained.probabilities(TEXTS[-1:], BEFORES[-1:], seen.of([len(TEXTS) - 1]), LABELS)
    assert np.allclose(every[-1], last[0], atol=1e-6)


def test_found_is_what_reaches_its_threshold() -> None:
    """The threshold itself counts as reached; where no line reaches its own, what is probable enough beside another tells nothing."""
    thresholds = Thresholds(np.array([0.5, 0.3], np.float32), beside=0.2)
    for rows, told in (([[0.5, 0.1], [0.2, 0.1]], [["health"], ["health"]]), ([[0.4, 0.2], [0.2, 0.1]], [[], []])):
        probabilities = np.array(rows, np.float32)
        judgement = Judgement(("health", "grades"), probabilities, thresholds.reached(probabilities))
        assert [[category for category, _ in judgement.found(n)] for n in range(2)] == told


def test_features_are_hashed_alike_everywhere() -> None:
    """Not by Python's own hash, which differs from run to run."""
    found = categories.hashed(categories.features("Hun er gravid i uge 14", "Emne: Karla"))
    assert found.max() < BUCKETS
    assert categories.hashed(["hun", "er", "gravid"]).tolist() == [33382, 40205, 56517]
