"""The encoder as a spaCy pipeline: every piece of every line is read, and each line is judged in its window."""

from __future__ import annotations

from collections.abc import Container

import numpy as np
import pytest
from spacy.language import Language
from spacy.tokens import Doc

from detector import Scanner
from detector.recognizers import reader
from detector.windows import LONGEST, MOST_TOKENS

LONG = "12/34-56 " * 60


@pytest.fixture(scope="module")
def nlp() -> Language:
    """The trained pipeline."""
    return Scanner.load().nlp


def read(nlp: Language, heading: str, *lines: str) -> Doc:
    """Lines read under a heading."""
    return nlp(reader.make_doc(nlp, heading, lines))


def test_every_line_is_judged(nlp: Language) -> None:
    """Empty ones too, as one that says nothing."""
    reading = read(nlp, "Emne: Karla", "Hun er startet i kemo.", "", "Hilsen Bo").user_data["reading"]
    assert reading.person.shape[0] == 4
    assert reading.person[2].max() < -2
    assert all(np.isfinite(part).all() for part in (reading.person, reading.topic, reading.kind, reading.vectors, reading.early))


def test_the_end_of_a_long_line_is_read(nlp: Language) -> None:
    """A line of more pieces than a window holds: the name at its end is found, and what is told there counts."""
    assert len(nlp.get_pipe("detector_encoder").tokenizer.encode(LONG).ids) > MOST_TOKENS > LONGEST
    told = "Karla Voss er syg og får kemo mod sin kræft."
    doc = read(nlp, "", "Hej", LONG + told)
    assert "Karla Voss" in [name.text for name in doc.ents]
    without, whole = (read(nlp, "", "Hej", text).user_data["reading"].person[1].max() for text in (LONG, LONG + told))
    assert whole > without + 2


def test_a_heading_stands_before_every_window(nlp: Language) -> None:
    """It is judged once, in its first window; what follows does not change that."""
    lines = [f"Punkt {n} på dagsordenen er udsat til næste møde i studienævnet." for n in range(40)]
    short, long = (read(nlp, "Emne: Karla er syg", *some).user_data["reading"] for some in (lines[:8], lines))
    assert np.allclose(short.vectors[0], long.vectors[0], atol=0.2)
    assert len(long.person) == 41


def test_no_lines(nlp: Language) -> None:
    """Neither a text nor a line."""
    doc = nlp("")
    assert doc.ents == ()
    assert doc.user_data["reading"].person.shape[0] == 0


def glanced_at(nlp: Language, heading: str, *lines: str, held: Container[int] = ()) -> Doc:
    """Lines of which only those `held` must be read in full."""
    return nlp(reader.make_doc(nlp, heading, lines, held=[n in held for n in range(len(lines))]))


def test_a_glance_may_do(nlp: Language) -> None:
    """Where nothing is told, neither names nor a reading; where something is, or a line is held, all of the window as without a glance."""
    ordinary, told = "Bo Lind lukker kantinen kl. 13.", "Karla Voss har fået konstateret brystkræft."
    passed_over = glanced_at(nlp, "Emne: Frokost", ordinary)
    assert "reading" not in passed_over.user_data
    assert passed_over.ents == ()
    assert [name.text for name in glanced_at(nlp, "Emne: Frokost", ordinary, held=[0]).ents] == ["Bo Lind"]
    glanced, whole = glanced_at(nlp, "Emne: Frokost", ordinary, told), read(nlp, "Emne: Frokost", ordinary, told)
    assert glanced.user_data["reading"].is_read.all()
    assert np.array_equal(glanced.user_data["reading"].person, whole.user_data["reading"].person)
    assert [name.text for name in glanced.ents] == [name.text for name in whole.ents] == ["Bo Lind", "Karla Voss"]
    early = whole.user_data["reading"].early
    assert np.array_equal(glanced.user_data["reading"].early, early)
    odds = nlp.get_pipe("detector_encoder").highest(early)
    assert odds.shape == (3, 2)
    assert (odds[2] > odds[1]).all()


@pytest.mark.parametrize("at", [0, 40], ids=["first", "last"])
def test_a_glance_at_several_windows(nlp: Language, at: int) -> None:
    """The one that tells something is read, the others are passed over."""
    lines = [f"Punkt {n} på dagsordenen er udsat til næste møde i studienævnet." for n in range(40)]
    lines.insert(at, "Karla Voss har fået konstateret en sjælden nyresygdom.")
    doc, whole = glanced_at(nlp, "Emne: Møde", *lines), read(nlp, "Emne: Møde", *lines)
    is_read = doc.user_data["reading"].is_read
    assert is_read[at + 1]
    assert not is_read.all()
    assert np.array_equal(doc.user_data["reading"].person[at + 1], whole.user_data["reading"].person[at + 1])
    assert "Karla Voss" in [name.text for name in doc.ents]


def test_a_window_is_known_again(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """The layers are not run a second time, and what comes of it is the same; a glance passes over what it passed over before."""
    encoder = nlp.get_pipe("detector_encoder")
    lines = ["Holdet mødes kl. 9.", "Karla Voss har fået konstateret en sjælden blodsygdom."]
    first = read(nlp, "Emne: Hold 4", *lines)
    dull = "Kantinen har ny menu fra på onsdag."
    read(nlp, "Emne: Frokost", dull)
    assert "reading" not in glanced_at(nlp, "Emne: Frokost", dull).user_data
    monkeypatch.setattr(encoder, "_step", lambda number, given: pytest.fail("a layer was run"))
    assert "reading" not in glanced_at(nlp, "Emne: Frokost", dull).user_data
    again = read(nlp, "Emne: Hold 4", *lines)
    assert np.array_equal(first.user_data["reading"].person, again.user_data["reading"].person)
    assert [name.text for name in first.ents] == [name.text for name in again.ents] != []
