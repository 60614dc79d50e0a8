"""Fitting the classifier again: what goes in, what comes out, and a pipeline of spaCy's own in place of the encoder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import spacy

from detector import Scanner, models, pipeline
from detector.records import DetectorError
from detector.training import lines as corpus
from detector.training import measure
from detector.training.lines import JUDGED, Line

pytest.importorskip("sklearn", reason="needs the extra of training")
pytest.importorskip("skops", reason="needs the extra of training")

from detector.training import looks
from detector.training.refitting import refit

ROOT = Path(__file__).parents[1]
PASSAGES = ROOT / "corpora" / "passages"
BROAD = [*sorted(PASSAGES.glob("e*.jsonl")), PASSAGES / "t3.jsonl"]
ROW = {
    "text": "Bo er syg", "before": "", "lang": "da", "person": ["health"], "topic": [], "genre": "mail", "implicit": False, "writer": "x",
}  # fmt: skip


# ---------------------------------------------------------------- lines


@pytest.mark.parametrize("raw, problem", [
    ("{", "is not a line of JSON"),
    ("[]", "is not an object"),
    (json.dumps({"text": "Bo er syg"}), "fields missing: before"),
    (json.dumps(ROW | {"label": 1}), "unknown: label"),
    (json.dumps(ROW | {"person": "health"}), "person is not of type list"),
    (json.dumps(ROW | {"topic": ["flu"]}), "topic holds 'flu'"),
    (json.dumps(ROW | {"kind": "song"}), "kind is 'song'"),
    (json.dumps(ROW | {"names": [[0, 2, "PER"], ["0", 2, "PER"]]}), "names holds what is no [start, end, label]"),
    (json.dumps(ROW | {"names": [[0, 200, "PER"]]}), "names holds what is no [start, end, label]"),
    (json.dumps(ROW | {"text": " "}), "text is empty"),
])  # fmt: skip
def test_a_bad_line_is_told(tmp_path: Path, raw: str, problem: str) -> None:
    """With its file and its number, without what stands in it."""
    path = tmp_path / "ours.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n\n{raw}\n", "utf-8")
    with pytest.raises(DetectorError, match=r"ours\.jsonl:3: ") as caught:
        corpus.load(path)
    assert problem in str(caught.value)
    assert "Bo er syg" not in str(caught.value)


def test_no_lines(tmp_path: Path) -> None:
    """A folder without labelled lines, and one that is not there."""
    with pytest.raises(DetectorError, match="no labelled lines"):
        corpus.load(tmp_path)
    with pytest.raises(DetectorError, match="no such file or folder"):
        corpus.load(tmp_path / "gone")


def test_too_few_lines(tmp_path: Path) -> None:
    """What there is too little of is told, and what would help."""
    path = tmp_path / "ours.jsonl"
    path.write_text(json.dumps(ROW), "utf-8")
    with pytest.raises(DetectorError, match=r"race_ethnicity 0 in train .*corpora/passages"):
        refit([path], tmp_path / "out")


# ---------------------------------------------------------------- measures


def line(person: tuple[str, ...] = (), topic: tuple[str, ...] = (), *, implicit: bool = False) -> Line:
    """A line with these labels."""
    return Line("", "", "da", person, topic, "mail", implicit, "x")


def test_figures() -> None:
    """Recall by how it is told, precision, and what is flagged though it tells of nobody."""
    lines = [line(("health",)), line(("health",), implicit=True), line((), ("health",)), line((), ("health",)), line()]
    guessed = measure.wanted(lines)
    guessed[1, JUDGED.index("health")] = False
    guessed[2, JUDGED.index("criminal")] = True
    got = measure.figures(guessed, lines)
    score = got.scores["health"]
    assert (score.lines, score.precision, score.recall, score.explicit, score.implicit) == (2, 1.0, 0.5, 1.0, 0.0)
    assert score.f1 == pytest.approx(2 / 3)
    assert got.scores["criminal"].precision == 0
    assert (got.topic, got.plain) == (0.5, 0.0)
    assert got.macro_f1 == pytest.approx(2 / 3 / len(JUDGED))


# ---------------------------------------------------------------- looks


def document(*is_read: bool, name: str, title: bool = False) -> tuple[list[Line], list[bool]]:
    """Lines of one document, the first its title where it has one, and which of them the gate lets through."""
    genres = ["title" if title and not n else "mail" for n in range(len(is_read))]
    return [Line("Hej", "", "da", (), (), genre, False, "x", name, "mail") for genre in genres], [*is_read]


def test_two_looks_at_labelled_lines() -> None:
    """What tells something or nearly does is looked at again with its document; other lines count as they were first read, or not at all.
    A title is a document of its own."""
    (near, near_read), (dull, dull_read), (titled, titled_read) = (
        document(True, False, name="a-1"), document(True, False, name="b-1"), document(True, False, name="c-1", title=True),
    )  # fmt: skip
    is_read = np.array(near_read + dull_read + titled_read)
    empty = np.zeros((len(is_read), 0), np.float32)
    first = pipeline.Reading((), empty, empty, empty, empty, empty, is_read)
    part = looks.Part([*near, *dull, *titled], [""] * len(is_read), first, first)
    odds = part.odds(np.array([[0.0], [9], [-3], [9], [2], [9]], np.float32), np.full((6, 1), 1.0, np.float32))
    assert odds.ravel().tolist() == [0.5, 1.0, -3.0, looks.NOT_READ, 1.5, looks.NOT_READ]
    assert [rows.tolist() for rows in part.documents] == [[0, 1], [2, 3], [4, 5]]
    assert [rows.tolist() for rows in part.apart] == [[0, 1], [2, 3], [4], [5]]


# ---------------------------------------------------------------- the whole


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pipeline of spaCy's own: it knows one name, and its vectors are those of an untrained network."""
    nlp = spacy.blank("da")
    nlp.add_pipe("tok2vec")
    nlp.initialize()
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Karla Voss"}])
    folder = tmp_path_factory.mktemp("spacy") / "theirs"
    nlp.to_disk(folder)
    return folder


def test_refit(tmp_path: Path) -> None:
    """The new folder is whole, has a version of its own, and serves a scanner; what changed is told on test."""
    out = tmp_path / "ours"
    change = refit(BROAD, out)
    assert all(is_whole for _, is_whole in models.verify(out))
    assert change.version.startswith(f"{models.version()}+")
    assert change.version == models.version(out)
    assert change.lines == len(corpus.split(corpus.load(*BROAD))["test"])
    assert 0.2 < change.after.macro_f1 <= 1
    assert 0.2 < change.before.macro_f1 <= 1
    verdict = Scanner.load(models_folder=out).scan(b"Subject: Karla\n\nKarla Voss har kr\xc3\xa6ft og er indlagt.\n")
    assert verdict.versions.models == change.version
    assert [finding.category for finding in verdict.findings] == ["health"]


def test_another_pipeline_stands_in(tmp_path: Path, other: Path) -> None:
    """It names the persons, and lines are read by heads fitted on its vectors."""
    out = tmp_path / "theirs"
    change = refit(BROAD, out, other=str(other))
    assert change.after.scores.keys() == change.before.scores.keys()
    scanner = Scanner.load(models_folder=out)
    assert scanner.nlp.pipe_names == ["tok2vec", "entity_ruler", "detector_heads"]
    verdict = scanner.scan(b"Subject: Karla\n\nKarla Voss, cpr 010203-1234, har kr\xc3\xa6ft og er indlagt med kemo.\n")
    assert [subject.name for subject in verdict.subjects] == ["Karla Voss"]


def test_a_pipeline_that_cannot_stand_in(tmp_path: Path) -> None:
    """Not there, or naming nobody."""
    spacy.blank("da").to_disk(tmp_path / "blank")
    for name, message in ((tmp_path / "gone", "is no installed spaCy pipeline"), (tmp_path / "blank", "names no persons")):
        with pytest.raises(DetectorError, match=message):
            refit(BROAD, tmp_path / "out", other=str(name))


def test_models_are_not_overwritten(tmp_path: Path) -> None:
    """A folder with something in it is left alone."""
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(DetectorError, match="is not empty"):
        refit(BROAD, tmp_path)
