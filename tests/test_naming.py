"""Names from scores of pieces."""

from __future__ import annotations

import numpy as np
import pytest

from detector.naming import Namer, Piece

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def named(text: str, *pieces: tuple[int, str, str]) -> list[tuple[str, str]]:
    """Label and text of each name, where each piece (line, text, tag) speaks for its tag alone."""
    rows: list[Piece] = []
    scores = np.zeros((len(pieces), len(TAGS)), np.float32)
    at = 0
    for n, (line, piece, tag) in enumerate(pieces):
        start = text.index(piece, at)
        at = start + len(piece)
        rows.append((line, start, at))
        scores[n, TAGS.index(tag)] = 5
    return [(label, text[start:end]) for label, start, end in Namer(TAGS).names(scores, rows, text)]


def test_a_word_is_named_as_a_whole() -> None:
    """By its first piece, where the others do not outweigh it."""
    assert named("Hos Almuth nu", (0, "Hos", "O"), (0, "Al", "B-PER"), (0, "muth", "O"), (0, "nu", "O")) == [("PER", "Almuth")]
    assert named("Hos Bo-Erik", (0, "Hos", "O"), (0, "Bo", "B-PER"), (0, "-", "I-PER"), (0, "Erik", "B-PER")) == [("PER", "Bo-Erik")]


def test_a_sign_is_a_word_of_its_own() -> None:
    assert named("Bo, Eva", (0, "Bo", "B-PER"), (0, ",", "O"), (0, "Eva", "I-PER")) == [("PER", "Bo"), ("PER", "Eva")]


def test_words_side_by_side_are_one_name() -> None:
    """Hardly anyone writes two persons with nothing but a blank between; across a tab or a line they are two."""
    assert named("JENS Dam Lund", (0, "JENS", "B-PER"), (0, "Dam", "B-PER"), (0, "Lund", "I-PER")) == [("PER", "JENS Dam Lund")]
    assert named("Jens\tDam", (0, "Jens", "B-PER"), (0, "Dam", "B-PER")) == [("PER", "Jens"), ("PER", "Dam")]
    assert named("Jens\nDam", (0, "Jens", "B-PER"), (1, "Dam", "I-PER")) == [("PER", "Jens"), ("PER", "Dam")]
    assert named("Aarhus Dam", (0, "Aarhus", "B-LOC"), (0, "Dam", "B-PER")) == [("LOC", "Aarhus"), ("PER", "Dam")]


@pytest.mark.parametrize("pieces", [(), ((-1, "Hos", "B-PER"),)])
def test_nothing_to_name(pieces: tuple[tuple[int, str, str], ...]) -> None:
    assert named("Hos", *pieces) == []
