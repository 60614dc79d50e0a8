"""Names from scores of pieces."""

from __future__ import annotations

import numpy as np
import pytest

from detector.naming import Namer, Piece

TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")


def named(text: str, *pieces: tuple[int, str, str], least: float = 5.0) -> list[tuple[str, str]]:
    """Label and text of each name, where each piece (line, text, tag) speaks for its tag alone, the first by `least`."""
    rows: list[Piece] = []
    scores = np.zeros((len(pieces), len(TAGS)), np.float32)
    at = 0
    for n, (line, piece, tag) in enumerate(pieces):
        start = text.index(piece, at)
        at = start + len(piece)
        rows.append((line, start, at))
        scores[n, TAGS.index(tag)] = 5 if n else least
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


def test_a_word_that_is_hardly_no_name_is_drawn_in_by_the_one_beside_it() -> None:
    """Where both have capitals and a blank stands between; "Søs" alone looks like no name."""
    second = (0, "Krusell", "B-PER")
    assert named("Søs Krusell", (0, "Søs", "O"), second, least=1.0) == [("PER", "Søs Krusell")]
    for text, first, least in (("Søs Krusell", "Søs", 5.0), ("søs Krusell", "søs", 1.0), ("Søs\tKrusell", "Søs", 1.0)):
        assert named(text, (0, first, "O"), second, least=least) == [("PER", "Krusell")]


@pytest.mark.parametrize("pieces", [(), ((-1, "Hos", "B-PER"),)])
def test_nothing_to_name(pieces: tuple[tuple[int, str, str], ...]) -> None:
    assert named("Hos", *pieces) == []
