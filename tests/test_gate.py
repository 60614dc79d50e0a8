"""The gate: which lines are read, and that it costs little."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import models
from detector.recognizers import gate
from detector.recognizers.gate import COMPANY, Gate, Rows

KNOWN = ["", "?", "kemo", "hun", "møde", "kræft~", "00"]
SIGNS = np.array([0, 0, 3, 1, -2, 3, 0], np.float32)


def small(*, threshold: float = 2.5, company: float = 0.0) -> Gate:
    """A gate of one filter: a line's score is its highest word, with half of the word before it, and `company` times its company's."""
    before, at = 0.5 * SIGNS[:, None], SIGNS[:, None]
    layers = {
        "before": before, "at": at, "after": 0 * at, "company_weight": np.array([[0.0], [1.0]]),
        "company_bias": np.zeros(1), "hidden_weight": np.array([[1.0], [0.0], [company]]), "hidden_bias": np.zeros(1),
        "score_weight": np.ones(1), "score_bias": np.float32(0),
    }  # fmt: skip
    return Gate(Rows({word or "\n": n for n, word in enumerate(KNOWN)}), layers, threshold)


def score_of(judge: Gate, text: str) -> float:
    """Of a line that stands alone."""
    return float(judge.scores([("", [text])])[0][0])


@pytest.mark.parametrize(("text", "score"), [
    ("", 0.0),
    ("Vi ses til frokost", 0.0),  # nothing known
    ("kemo", 3.0),
    ("KEMO!", 3.0),  # case and marks
    ("kemo er kemo", 3.0),  # the highest counts
    ("hun kemo", 3.5),  # a word sees the one before it
    ("kemo hun", 3.0),
    ("kemoterapien", 3.0),  # by the known word it begins with
    ("kræftramt", 3.0),  # by its first letters
    ("kræf", 0.0),  # too short for them
    ("møde kemo", 2.0),  # words can speak against
    ("k3mo", 0.0),
    ("hun \0 kemo", 3.5),  # what ends a line for the gate ends none for a sender
])  # fmt: skip
def test_score(text: str, score: float) -> None:
    """What the filters see in the words, beginnings where a word is not known."""
    assert score_of(small(), text) == score


def test_no_word_sees_into_the_next_line() -> None:
    """The line before ends in a word that would add to this one's."""
    assert [list(s) for s in small().scores([("hun", ["kemo", "hun", "kemo"])])] == [[3.0, 1.0, 3.0]]


def test_company_is_the_lines_around_and_the_heading() -> None:
    """Not those of another document, nor those far off."""
    far = ["hej"] * (COMPANY - 1)
    found = small(company=1.0).scores([("", ["kemo", *far, "hej", "hej"]), ("", ["hej"]), ("hun", ["hej"])])
    assert [list(s) for s in found] == [[6.0, *([3.0] * len(far)), 0.0, 0.0], [0.0], [1.0]]


def test_documents_without_lines() -> None:
    """Each document has its answer, an empty one too."""
    found = small().scores([("", []), ("", ["kemo", "hej"]), ("", [])])
    assert [list(scores) for scores in found] == [[], [3.0, 0.0], []]
    assert small().scores([]) == []


@given(st.lists(st.tuples(st.text(max_size=20), st.lists(st.text(max_size=40), max_size=8)), max_size=5))
def test_any_text_has_a_score(documents: list[tuple[str, list[str]]]) -> None:
    """One for each line, whatever it holds; a line alone has the same as among others of a gate without company."""
    found = small().scores(documents)
    assert [len(s) for s in found] == [len(lines) for _, lines in documents]
    for scores, (_, lines) in zip(found, documents, strict=True):
        assert list(scores) == [score_of(small(), line) for line in lines]


def test_words_are_kept_up_to_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's mail must not fill the memory, by many words or by one long one; all have their rows."""
    monkeypatch.setattr(gate, "MOST_KEPT", 10)
    rows = Rows({"\n": 0, "?": 1, "kemo": 2})
    assert rows.of("x" * 1_000_000 + ",kemo") == [gate.UNKNOWN, 2]
    assert set(rows.of(" ".join(f"ord{n}x" for n in range(100)))) == {gate.UNKNOWN}
    assert (len(rows), len(rows._kept)) == (3, 10)
    assert max(map(len, rows._kept)) < 10


def test_load(tmp_path: Path) -> None:
    """The recipe writes arrays, the vectors in eight bits."""
    path, filters = tmp_path / gate.FILE, np.array([[[0.5]], [[1.0]], [[0.0]]], np.float32)
    layers = {name: value for name, value in small().layers.items() if name not in ("before", "at", "after")}
    known = {"words": np.frombuffer("\n".join(KNOWN).encode(), np.uint8), "vectors": SIGNS[:, None].astype(np.int8)}
    others = {"threshold": np.float32(2.5), "filters": filters, "bias": np.zeros(1, np.float32), **layers}
    np.savez(path, **known, scale=np.ones((len(KNOWN), 1), np.float32), **others)
    loaded = Gate.load(path)
    assert (loaded.rows, loaded.threshold) == (small().rows, 2.5)
    assert [score_of(loaded, text) for text in ("hun kemo", "møde", "kræftramt")] == [3.5, 0.0, 3.0]


def test_trained_gate_is_fast() -> None:
    """Every line of a mailbox meets it: some 3 MB a second on an idle core, less on a busy one."""
    trained = Gate.load(models.folder() / "gate" / gate.FILE)
    lines = ["Hun er startet i kemo i mandags, så jeg tager hendes hold på torsdag og lørdag, hvis I ikke selv kan."] * 20_000
    started = time.monotonic()
    assert sum(map(len, trained.scores([("", lines)]))) == len(lines)
    assert sum(map(len, lines)) / 1e6 / (time.monotonic() - started) > 0.4


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
    trained = Gate.load(models.folder() / "gate" / gate.FILE)
    assert trained.scores([("", [text])])[0] >= trained.threshold


EVERYDAY = [
    "The patch applies cleanly against the current head of the branch.", "You need to rebuild the kernel module before you load it.",
    "I get the same error with the latest version from the repository.", "Has anyone tried this on a machine with two processors?",
    "The list archive and the page to unsubscribe are linked below.", "Just set the variable in the configuration file and restart.",
    "Prisen på brint falder, når elnettet udbygges.", "Ny motorvej åbner et år før tid.", "Regnen fortsætter hele ugen.",
]  # fmt: skip


def test_trained_gate_stops_ordinary_text() -> None:
    """Most of a mailing list's and of the news: else the encoder would read all there is."""
    trained = Gate.load(models.folder() / "gate" / gate.FILE)
    passed = [bool(score >= trained.threshold) for scores in trained.scores([("", EVERYDAY[:6]), ("", EVERYDAY[6:])]) for score in scores]
    assert sum(passed) <= len(EVERYDAY) / 3, passed
