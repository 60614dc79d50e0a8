"""Which lines are read, in which company, and when a title is about somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from detector import Scanner
from detector.budget import Budget, OverBudget
from detector.judge import Floats
from detector.recognizers import around, reader
from detector.recognizers.gate import Gate, Rows
from detector.recognizers.passages import Line, Passage
from detector.records import Cell, Document, Finding, Mention, Place, Reason, Role, Table, Text


class KemoGate(Gate):
    """Lets through the lines that hold "kemo"."""

    def scores(self, documents: Sequence[tuple[str, Sequence[str]]], *, each: Callable[[], None] = lambda: None) -> list[Floats]:
        """By these words alone."""
        return [np.array([("kemo" in line) - 0.5 for line in lines], np.float32) for _, lines in documents]


GATE = KemoGate(Rows({}), {}, threshold=0.0)
NO_MODELS: Any = None
"""Where nothing is read."""
BODY = "Hej\nKarla er i kemo.\nVi ses.\nHun får kemo igen.\nRing til Bo\npå 12345678.\nHilsen"


def chosen(role: Role, text: str, *, found: Sequence[Finding] = (), everything: bool = False) -> list[Passage]:
    """The passages of one document under the subject "ferie"."""
    _, passages = reader.candidates([Document("1", role, (Text(text),))], ["ferie"], found, GATE, budget=Budget(), everything=everything)
    return passages


def test_lines_that_pass_are_read_together() -> None:
    """Under the heading, each with what stood before it."""
    (passage,) = chosen(Role.BODY, BODY)
    assert passage.heading == "Emne: ferie"
    assert [line.text for line in passage.lines] == ["Karla er i kemo.", "Hun får kemo igen."]
    assert passage.befores == ("Emne: ferie / Hej", "Emne: ferie / Karla er i kemo. / Vi ses.")


def test_a_line_that_does_not_pass_is_no_lead() -> None:
    """A greeting says nothing of what comes after it."""
    (passage,) = chosen(Role.BODY, "Hilsen\nKarla er i kemo.")
    assert [line.text for line in passage.lines] == ["Karla er i kemo."]


def test_a_row_is_read_without_the_row_before() -> None:
    """Which is about somebody else."""
    table = Table(tuple(tuple(Cell(text) for text in row) for row in (("Navn", "Note"), ("Bo", "ferie"), ("Ida", "kemo"))))
    _, (passage,) = reader.candidates([Document("1", Role.ATTACHMENT, (table,))], [""], [], GATE, budget=Budget())
    assert [line.text for line in passage.lines] == ["Navn: Ida; Note: kemo"]


def test_nothing_passes_nothing_is_read() -> None:
    """Not even the tokenizer runs."""
    assert chosen(Role.BODY, "Hej\nVi ses.") == []


def test_a_finding_is_read_with_the_line_before() -> None:
    """Where its owner may stand."""
    number = Finding("private_phone", Place(0, 0), (BODY.index("1234"), BODY.index("1234") + 8), "12345678", 0.9, "")
    texts = [line.text for passage in chosen(Role.BODY, BODY, found=[number]) for line in passage.lines]
    assert {"Ring til Bo", "på 12345678."} <= set(texts)


def test_what_is_read_in_full() -> None:
    """The lines whose names are wanted; else a glance may do."""
    number = Finding("private_phone", Place(0, 0), (BODY.index("1234"), BODY.index("1234") + 8), "12345678", 0.9, "")
    assert [passage.held for passage in chosen(Role.BODY, BODY)] == [(False,) * 2]
    assert [passage.held for passage in chosen(Role.BODY, BODY, found=[number])] == [(False,) * 2 + (True, True)]
    assert [passage.held for passage in chosen(Role.BODY, BODY, everything=True)] == [(True,) * 7]


def test_what_a_glance_passes_over_counts_as_not_read() -> None:
    """Its names can be sought still, where they are wanted after all."""
    told, dull = "Karla Voss har fået konstateret brystkræft.", "Bo Lind lukker kantinen kl. 13."
    documents = [Document("1", Role.BODY, (Text(told), *(Text(f"Punkt {n} er udsat til næste møde.") for n in range(30)), Text(dull)))]
    lines, _ = reader.candidates(documents, [""], [], GATE, budget=Budget())
    every = Passage("", tuple(lines), ("",) * len(lines), is_title=False, held=(False,) * len(lines))
    found = reader.read([every], lines, Scanner.load()._models, documents, budget=Budget())
    assert told in [line.text for line in found.lines]
    assert dull not in [line.text for line in found.lines]
    assert [name.text for name in found.mentions] == ["Karla Voss"]
    assert {finding.category for finding in found.findings} == {"health"}


@pytest.fixture(name="read")
def fixture_read(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The lines of each passage that was read, in order."""
    passages: list[list[str]] = []
    as_read = reader.as_read

    def noted(passage: Passage, models: reader.Models, budget: Budget) -> Doc:
        passages.append([line.text for line in passage.lines])
        return as_read(passage, models, budget)

    monkeypatch.setattr(reader, "as_read", noted)
    return passages


def read_body(text: str) -> reader.Read:
    """What reading a mail's text gave, of which the lines that hold "kemo" pass the gate."""
    documents = [Document("1", Role.BODY, (Text(text),))]
    lines, passages = reader.candidates(documents, [""], [], GATE, budget=Budget())
    return reader.read(passages, lines, Scanner.load()._models, documents, budget=Budget())


TOLD = "Karla Voss har fået konstateret brystkræft og er startet i kemo."
LONG = "\n".join(["Dagsorden.", *(f"Hilsen fra hylde {n}." for n in range(20)), TOLD, "Vi ses på torsdag."])


def test_what_tells_something_is_looked_at_again(read: list[list[str]]) -> None:
    """Among the lines around it that were passed over; those far away are not read."""
    found = read_body(LONG)
    first, again = read
    assert first == [TOLD]
    assert again == [*(f"Hilsen fra hylde {n}." for n in range(15, 20)), TOLD, "Vi ses på torsdag."]
    assert [finding.category for finding in found.findings] == ["health"]
    assert [name.text for name in found.mentions] == ["Karla Voss"]
    assert len(found.lines) == len(again)


def test_what_tells_nothing_is_looked_at_once(read: list[list[str]]) -> None:
    """However much the gate made of it."""
    assert read_body("Kurset i kemo og stråler er aflyst.\nHilsen fra os.").findings == []
    assert len(read) == 1


def test_a_template_tells_of_nobody() -> None:
    """Until it is filled in."""
    assert read_body(TOLD).findings != []
    assert read_body(TOLD.replace("Karla Voss", "«NAVN»")).findings == []


def test_what_was_read_whole_is_not_looked_at_again(read: list[list[str]]) -> None:
    """Nothing stands around it that was not read."""
    assert {finding.category for finding in read_body(f"{TOLD}\nHendes mor er også i kemo.").findings} == {"health"}
    assert len(read) == 1


def test_two_looks_count_half_each() -> None:
    """Of a line that was seen twice; another is left as it was."""
    lines = [Line(text, ((0, 1, Place(0, 0), n),)) for n, text in enumerate("abc")]
    passage = Passage("", tuple(lines), ("",) * 3, is_title=False, held=(True,) * 3)
    look = reader.Look(passage, spacy.blank("xx")(""), {0: np.array([1.0], np.float32), 1: np.array([1.0], np.float32), 2: None})
    both = look.beside({lines[0]: np.array([3.0], np.float32), lines[2]: np.array([9.0], np.float32)})
    assert {n: odds if odds is None else odds.tolist() for n, odds in both.odds.items()} == {0: [2.0], 1: [1.0], 2: None}
    assert set(look.without({lines[1]}).odds) == {0, 2}


def test_rows_deny_what_they_hardly_tell() -> None:
    """Each category by itself; of a row in two lines, where neither tells it."""
    places = [Place(0, 1, 1), Place(0, 1, 2), Place(0, 1, 2), Place(0, 0)]
    lines = tuple(Line(f"linje {n}", ((0, 7, place, 0),), is_row=place.row >= 0) for n, place in enumerate(places))
    passage = Passage("", lines, ("",) * 4, is_title=False, held=(True,) * 4)
    odds = [np.array(pair, np.float32) for pair in ((-5.0, 3.0), (-5.0, -5.0), (0.0, -5.0), (-5.0, -5.0))]
    look = reader.Look(passage, spacy.blank("xx")(""), dict(enumerate(odds)))
    assert set(reader._denied([look], ("health", "grades"))) == {("health", 0, 1, 1), ("grades", 0, 1, 2)}


def test_the_clock_runs_out_before_the_second_look(read: list[list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one counts then: the line was read."""
    as_read = reader.as_read

    def once(passage: Passage, models: reader.Models, budget: Budget) -> Doc:
        if read:
            raise OverBudget(Reason.TIMEOUT)
        return as_read(passage, models, budget)

    monkeypatch.setattr(reader, "as_read", once)
    found = read_body(LONG)
    assert [finding.category for finding in found.findings] == ["health"]
    assert [name.text for name in found.mentions] == ["Karla Voss"]
    assert found.unread == []


def test_many_lines_are_read_in_several_passages() -> None:
    """So that the clock is looked at in between."""
    passages = chosen(Role.BODY, "\n".join(f"Linje {n}" for n in range(150)), everything=True)
    assert [len(passage.lines) for passage in passages] == [64, 64, 22]


@pytest.mark.parametrize(("title", "name", "is_about"), [
    ("Epikrise", "", False),
    ("Re: blind review", "", False),
    ("Epikrise, Karla Holm", "Karla Holm", True),
    ("Min sygemelding", "", True),  # the writer's
    ("Hendes prøvesvar", "", True),
    ("Min søns diagnose", "", True),
    ("Deltager 14, prøvesvar", "", True),
    ("202106123 har fået 02", "", True),
    ("Kursus i Aarhus", "", False),
])  # fmt: skip
def test_a_title_counts_only_where_it_is_about_somebody(title: str, name: str, is_about: bool) -> None:
    """A name, a pronoun, a relative or a number that a person goes by."""
    doc = spacy.blank("xx")(title)
    start = title.find(name)
    span = doc.char_span(start, start + len(name), label="PER") if name else None
    doc.ents = (span,) if span else ()
    assert reader._is_about_somebody(title, doc) is is_about


def test_titles_are_subject_lines_and_file_names() -> None:
    """Not what stands in a body."""
    found = {role: [passage.is_title for passage in chosen(role, "kemo")] for role in (Role.SUBJECT, Role.FILENAME, Role.BODY)}
    assert found == {Role.SUBJECT: [True], Role.FILENAME: [True], Role.BODY: [False]}


def test_only_lines_with_the_finding_are_read_in_full() -> None:
    """Not all of its paragraph; the line before, too."""
    found = [Finding("private_phone", Place(0, 0), (50, 58), "12345678", 0.9, "")]
    (passage,) = chosen(Role.BODY, "Hej\nVi ses i morgen.\nKom bare.\nRing til Bo\npå nummer 12345678.\nHilsen", found=found)
    assert [line.text for line in passage.lines] == ["Ring til Bo", "på nummer 12345678."]


@pytest.fixture(name="sought")
def fixture_sought(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[list[str]]]:
    """The lines whose names are read around a sentence that tells something and follows one other line, time after time; the only name
    that is found there is "Karla"."""
    stages: list[list[str]] = []

    def read_names(passages: Sequence[Passage], models: object, read: reader.Read, budget: Budget) -> None:
        lines = [line for passage in passages for line in passage.lines]
        stages.append([line.text for line in lines])
        for line in lines:
            if located := line.locate(line.text.find("Karla"), line.text.find("Karla") + 5) if "Karla" in line.text else None:
                read.mentions.append(Mention(*located, "Karla"))

    def seek(above: str, told: str) -> list[list[str]]:
        documents = [Document("1", Role.BODY, (Text(f"{above}\n{told}\nHilsen"),))]
        lines, _ = reader.candidates(documents, [""], [], GATE, budget=Budget())
        start = len(above) + 1
        found = [Finding("health", Place(0, 0), (start, start + len(told)), told, 0.9, "")]
        around.read_names(lines, documents, [""], reader.Read(lines={lines[1]}), found, NO_MODELS, budget=Budget())
        return stages

    monkeypatch.setattr(around, "_read", read_names)
    return seek


@pytest.mark.parametrize(("told", "is_sought"), [
    ("Hun er startet i kemo i mandags.", True), ("Startet i kemo i mandags.", True), ("Jeg har spurgt, hvornår hun starter i kemo.", True),
    ("Min bror er startet i kemo.", True), ("Jeg er startet i kemo i mandags.", False),
])  # fmt: skip
def test_whom_a_sentence_means_is_sought_around_it(sought: Callable[[str, str], list[list[str]]], told: str, *, is_sought: bool) -> None:
    """But for one in which the writer tells of nobody else."""
    assert sought("Kære Karla", told) == ([["Kære Karla"], ["Hilsen"]] if is_sought else [[], []])


@pytest.mark.parametrize(("above", "is_sought"), [("Det er om Karla.", False), ("Kære Karla", True)])
def test_below_a_sentence_is_sought_only_where_nobody_is_named_above(
    sought: Callable[[str, str], list[list[str]]], above: str, *, is_sought: bool
) -> None:
    """Most pronouns mean the one named before, and not the one who is greeted."""
    assert sought(above, "Hun er startet i kemo i mandags.") == [[above], ["Hilsen"] * is_sought]


@pytest.mark.usefixtures("sought")
@pytest.mark.parametrize(("line", "is_sought"), [("Kør til Skovvej 3.", True), ("Kør hjem til mig, Skovvej 3.", False)])
def test_whose_an_address_is_is_sought_above_it(line: str, *, is_sought: bool) -> None:
    """In the lines shortly before, unless it is the writer's."""
    documents = [Document("1", Role.BODY, (Text(f"Karla skal have skærmen.\nDen er stor.\n{line}"),))]
    lines, _ = reader.candidates(documents, [""], [], GATE, budget=Budget())
    found = [Finding("private_address", Place(0, 0), (38, 38 + len(line)), line, 0.9, "")]
    read = reader.Read(lines={lines[-1]})
    around.read_owners(lines, documents, [""], read, found, NO_MODELS, budget=Budget())
    assert [mention.text for mention in read.mentions] == ["Karla"] * is_sought


def test_encoded_data_is_no_language() -> None:
    """Whatever it spells; a sentence with a long address in it is one."""
    data = "kemo" + "%C3%A6" * 30
    assert chosen(Role.BODY, data) == []
    assert len(chosen(Role.BODY, f"Karla er startet i kemo i mandags, og hendes plan ligger her: https://x.example/{data[:70]}")) == 1
