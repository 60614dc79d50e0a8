"""The gate: which lines are read, and that it costs little."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import models
from detector.recognizers.gate import Gate, features, spread

GATE = Gate({"kemo": 3.0, "gravi~": 2.0, "møde": -1.0, "hun": 0.5}, -1.0, 0.5)


@pytest.mark.parametrize(("text", "score"), [
    ("", -1.0),
    ("Vi ses til frokost", -1.0),  # nothing known
    ("Hun er startet i kemo", 2.5),
    ("KEMO!", 2.0),  # case and marks
    ("kemo kemo kemo", 2.0),  # a word counts once
    ("graviditetsorlov", 1.0),  # by its beginning
    ("gravid", 1.0),
    ("gravi", -1.0),  # too short for a beginning
    ("møde om kemo", 1.0),  # words can speak against
    ("k3mo", -1.0),  # figures are no letters
])  # fmt: skip
def test_score(text: str, score: float) -> None:
    """The sum of the weights of distinct words and beginnings."""
    assert GATE.score(text) == score
    assert GATE.passes(text) == (score >= GATE.threshold)


@given(st.text(max_size=100))
def test_any_text_has_features(text: str) -> None:
    """In lower case, two letters or more."""
    assert all(len(feature) > 1 and feature == feature.lower() for feature in features(text))


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 4), st.integers(0, 4))
def test_spread(passed: list[bool], before: int, after: int) -> None:
    """A line is read when it or one near it has passed."""
    wide = spread(passed, before=before, after=after)
    assert len(wide) == len(passed)
    for n, is_read in enumerate(wide):
        assert is_read == any(passed[m] for m in range(len(passed)) if -after <= m - n <= before)


def test_load(tmp_path: Path) -> None:
    """The recipe writes JSON."""
    path = tmp_path / "gate.json"
    path.write_text(json.dumps({"weights": GATE.weights, "bias": GATE.bias, "threshold": GATE.threshold}), "utf-8")
    assert Gate.load(path) == GATE


def test_speed() -> None:
    """Every line of a mailbox meets it, so it must read a megabyte in a second or two."""
    text = "Hun er startet i kemo i mandags, så jeg tager hendes hold på torsdag. " * 3
    started = time.monotonic()
    assert all(GATE.passes(text) for _ in range(5000))
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("text", [
    "Hun er startet i kemo i mandags.",
    "Hanne er sygemeldt med stress.",
    "Navn: Bo Dam; Karakter: 02",
    "He was convicted of assault last year.",
    "Ali er medlem af HK.",
    "My wife and I are getting divorced.",
])  # fmt: skip
def test_trained_gate_lets_through_what_must_be_read(text: str) -> None:
    """Plain statements of each kind: a gate that stopped these would hide them from all that comes after."""
    assert Gate.load(models.folder() / "categories" / "gate.json").passes(text)


EVERYDAY = [
    "Vi ses kl. 10.", "Tak for sidst", "Fakturaen er betalt.", "Jeg har booket lokale 1483-444.", "Dagsordenen er vedhæftet.",
    "Printeren på 3. sal er i stykker igen.", "Husk at stemple ind.", "See you at ten.", "Please find the minutes attached.",
    "The room has been booked until noon.", "Kaffen er klar i køkkenet", "Venlig hilsen",
]  # fmt: skip


def test_trained_gate_stops_everyday_lines() -> None:
    """Most of them: else the encoder would read all there is."""
    gate = Gate.load(models.folder() / "categories" / "gate.json")
    passed = [text for text in EVERYDAY if gate.passes(text)]
    assert len(passed) <= len(EVERYDAY) / 3, passed
