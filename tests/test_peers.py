"""The benchmark against the peers: what is our own in it, from a mail to a decision."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pytest

from benchmarks import keywords
from benchmarks.peers import deciding, letters, readers
from benchmarks.peers.deciding import NAME, Found
from benchmarks.peers.letters import Letter
from detector import policy

RULES = policy.load()


def letter(*places: str, recipients: int = 1) -> Letter:
    """A mail to so many."""
    return Letter(places, frozenset(f"{n}@example.dk" for n in range(recipients)))


def numbers(count: int) -> list[Found]:
    """So many distinct CPR numbers, each in a place of its own."""
    return [Found("cpr", n, f"30028000{n:02d}") for n in range(count)]


@pytest.mark.parametrize(("found", "recipients", "decision"), [
    ([], 9, "allow"),
    ([Found("health", 0, "gigt")], 1, "secure"),  # sensitive, whoever receives it
    (numbers(1), 5, "allow"),
    (numbers(1), 6, "secure"),
    (numbers(5), 1, "allow"),
    (numbers(6), 1, "secure"),
    (numbers(1) * 6, 1, "allow"),  # the same number again is the same person
    ([Found("private_phone", 0, "12345678"), Found(NAME, 1, "Bo Lund")], 5, "allow"),  # no name beside it: one person
    ([Found(NAME, 0, "Bo Lund")], 9, "allow"),  # a name alone is ordinary data
])  # fmt: skip
def test_decide(found: list[Found], recipients: int, decision: str) -> None:
    """The policy on findings of others, at its thresholds."""
    assert deciding.decide(letter(recipients=recipients), found, RULES) == decision


@pytest.mark.parametrize(("found", "count"), [
    ([Found("cpr", 0, "3002800008"), Found(NAME, 0, "Bo Lund")], 1),  # the number's name is no second person
    ([Found("cpr", 0, "3002800008"), Found("private_phone", 1), Found(NAME, 1, "Bo Lund")], 2),
    ([Found("private_phone", 0), Found(NAME, 0, "Bo Lund"), Found("private_phone", 1), Found(NAME, 1, "Bo")], 1),  # joined as ours are
    ([Found("private_phone", 0), Found(NAME, 0, "Bo Lund"), Found(NAME, 1, "Eva Krogh")], 1),  # she stands elsewhere
])  # fmt: skip
def test_persons(found: list[Found], count: int) -> None:
    """Distinct numbers and names, each person once."""
    assert deciding.persons(found, ("cpr", "private_phone")) == count


def test_words_beside_persons() -> None:
    """A topic alone goes; what is no word of a list stays."""
    name, told, topic, phone = Found(NAME, 0, "Bo"), Found("health", 0, "gigt"), Found("health", 1, "gigt"), Found("private_phone", 1)
    assert deciding.beside_persons([name, told, topic, phone], ("health",)) == [name, told, phone]


@pytest.mark.parametrize(("text", "found"), [
    ("Han har gigt.", ["gigt"]),
    ("GIGT", ["gigt"]),
    ("gigtforeningen", []),  # whole words only
    ("lunge cancer", ["lunge cancer"]),
    ("cancer", []),  # the end of a phrase is no phrase
    ("en lunge", []),
])
def test_index(text: str, found: list[str]) -> None:
    """Words and phrases of the lists."""
    index = keywords.Index({"health": ["gigt", "lunge cancer"]})
    assert [text[start:end].lower() for _, start, end in index.find(text)] == found


def test_stop_words() -> None:
    """"She" in Danish is a people in WordNet."""
    assert {"hun", "the"} <= keywords.stop_words()
    assert "gigt" not in keywords.stop_words()


def test_keywords_need_several_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A word, however often, is below the threshold; numbers have none."""
    monkeypatch.setattr(keywords.Index, "load", lambda _lists: keywords.Index({"health": ["gigt", "astma", "feber"]}))
    find = readers.by_words(tmp_path)
    assert find(letter("gigt gigt gigt astma")) == []
    assert {f.kind for f in find(letter("gigt", "astma", "feber"))} == {"health"}
    assert find(letter("gigt, 300280-0008")) == [Found("cpr", 0, "3002800008")]
    assert find(letter("990280-0008 13002800008")) == []


def test_letter() -> None:
    """Subject, text, rows, attached mails and recipients, as the standard library gives them."""
    inner = EmailMessage()
    inner["Subject"] = "Det indre"
    inner.set_content("Indeni")
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Cc"] = "Åse <a@au.dk>", "b@x.dk, B <B@x.dk>", "c@x.dk"
    mail["Subject"] = "[NoTLS] Mødet på Åen"
    mail.set_content("Først\n\nså")
    mail.add_attachment("a;b\n1;2\n", subtype="csv", filename="liste.csv")
    mail.add_attachment(inner)
    read = letters.read(mail.as_bytes(), RULES)
    assert read.places == ("[NoTLS] Mødet på Åen", "Først", "så", "liste.csv", "a\tb", "1\t2", "Det indre", "Indeni")
    assert (read.recipients, read.sent.tags, read.unread) == ({"b@x.dk", "c@x.dk"}, ("notls",), 0)
    assert read.text.splitlines() == list(read.places)


def test_cpr_of_presidio() -> None:
    """Date and modulus 11 are checked."""
    presidio = pytest.importorskip("benchmarks.peers.presidio", reason="needs presidio-analyzer", exc_type=ImportError)
    recognizer = presidio.Cpr()

    def found(text: str) -> list[str]:
        return [text[r.start : r.end] for r in recognizer.analyze(text, ["CPR"])]

    assert found("Nr. 211062-5629, 211062 5629 og 2110625629.") == ["211062-5629", "211062 5629", "2110625629"]
    assert found("211062-5628 310262-5629 12110625629") == []


def test_places_of_presidio() -> None:
    """A result stands where it begins, also at the edges of a place."""
    presidio = pytest.importorskip("benchmarks.peers.presidio", reason="needs presidio-analyzer", exc_type=ImportError)
    read = letter("Bo Lund", "", "Eva")
    results = [presidio.RecognizerResult("PERSON", start, end, 1.0) for start, end in ((0, 7), (3, 7), (9, 12))]
    found = [Found(NAME, 0, "Bo Lund"), Found(NAME, 0, "Lund"), Found(NAME, 2, "Eva")]
    assert list(presidio.findings(read, results)) == found
