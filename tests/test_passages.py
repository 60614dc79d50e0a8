"""Documents cut into the lines that are judged: nothing is left out, nothing stands in two lines, and each line knows its place."""

from __future__ import annotations

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.recognizers import passages
from detector.recognizers.passages import MOST_CHARACTERS, Line
from detector.records import Cell, Document, Place, Role, Table, Text

TEXTS = st.text(st.sampled_from("aB.?! \n:-,1\t…\u00a0\u2028🙂"), max_size=400) | st.text(max_size=80)
CELLS = st.text(st.sampled_from("aB. \n:1"), max_size=12) | st.text(st.sampled_from("ab "), min_size=270, max_size=600)
TABLES = st.lists(st.lists(CELLS.map(Cell), max_size=4).map(tuple), max_size=9).map(lambda rows: Table(tuple(rows)))
BLOCKS = st.lists(TEXTS.map(Text) | TABLES, max_size=4).map(tuple)
DOCUMENTS = st.builds(Document, st.just("1"), st.sampled_from(Role), BLOCKS, st.none() | st.just("a_b-c.txt"))


def lines(*blocks: Text | Table, role: Role = Role.BODY) -> list[Line]:
    return list(passages.lines(Document("1", role, blocks), 0))


def texts(text: str) -> list[str]:
    return [line.text for line in lines(Text(text))]


def table(*rows: str) -> Table:
    return Table(tuple(tuple(Cell(cell.strip()) for cell in row.split("|")) for row in rows))


def text_at(document: Document, place: Place) -> str:
    """What stands at a place."""
    block = document.blocks[place.block]
    return block.rows[place.row][place.column].text if isinstance(block, Table) else block.text


# ---------------------------------------------------------------- properties


@given(document=DOCUMENTS)
def test_every_character_stands_in_one_segment(document: Document) -> None:
    """No text is left unread, none is read twice."""
    read: Counter[tuple[Place, int]] = Counter()
    for line in passages.lines(document, 3):
        for start, end, place, at in line.segments:
            read.update((place, at + n) for n in range(end - start))
    for block, held in enumerate(document.blocks):
        cells = [(Place(3, block), held.text)] if isinstance(held, Text) else [
            (Place(3, block, r, c), cell.text) for r, row in enumerate(held.rows) for c, cell in enumerate(row)
        ]
        for place, text in cells:
            assert [n for n, character in enumerate(text) if not character.isspace() and read[place, n] != 1] == []
    assert max(read.values(), default=1) == 1


@given(document=DOCUMENTS)
def test_segments_say_what_stands_at_their_place(document: Document) -> None:
    """A segment is the text at its place, character for character; only line breaks and marks in file names become blanks."""
    for line in passages.lines(document, 0):
        for start, end, place, at in line.segments:
            there, here = text_at(document, place)[at : at + end - start], line.text[start:end]
            assert len(there) == len(here)
            assert all(a == b or (b == " " and a in "\n_-") for a, b in zip(there, here, strict=True))


@given(document=DOCUMENTS)
def test_lines_fit_the_window(document: Document) -> None:
    """No line is longer than the encoder reads, but for the header of a cell; subject lines and file names are one line."""
    for line in passages.lines(document, 0):
        assert line.text.strip() or document.role in (Role.SUBJECT, Role.FILENAME)
        if document.role in (Role.BODY, Role.ATTACHMENT) and not line.is_row:
            assert len(line.text) <= MOST_CHARACTERS


@given(document=DOCUMENTS, cut=st.tuples(st.integers(0, 700), st.integers(1, 30)))
def test_locate_gives_the_place_of_what_a_line_says(document: Document, cut: tuple[int, int]) -> None:
    """Spans that a model finds in a line are spans of the document; what lies on a header only lies nowhere."""
    for line in passages.lines(document, 0):
        found = line.locate(cut[0], sum(cut))
        if found is None:
            assert not any(max(start, cut[0]) < min(end, sum(cut)) for start, end, _, _ in line.segments)
        else:
            place, (start, end) = found
            assert 0 <= start < end <= len(text_at(document, place))
            same = text_at(document, place)[start:end].translate({10: 32, 95: 32, 45: 32})
            assert same in line.text.translate({95: 32, 45: 32})


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize(("text", "expected"), [
    ("Hun er syg. Han kommer.", ["Hun er syg.", "Han kommer."]),
    ("Er hun syg? Ja! Det er hun…  Trist.", ["Er hun syg?", "Ja!", "Det er hun…", "Trist."]),
    ("Hun sagde: \"Jeg er syg.\" Så gik hun.", ['Hun sagde: "Jeg er syg."', "Så gik hun."]),
    ("Hun kommer kl. 9 med bl.a. Bo.", ["Hun kommer kl. 9 med bl.a. Bo."]),  # abbreviations
    ("Dr. Holm og prof. J. Paaske, ca. 40 stk.", ["Dr. Holm og prof. J. Paaske, ca. 40 stk."]),
    ("De vil have 2.300 kr. om måneden. Bo bor i Gl. Skovvej.", ["De vil have 2.300 kr. om måneden.", "Bo bor i Gl. Skovvej."]),
    ("Det koster 40 kr. Bo betaler.", ["Det koster 40 kr.", "Bo betaler."]),  # a unit at the end
    ("We met Mrs. Holm, e.g. on Monday.", ["We met Mrs. Holm, e.g. on Monday."]),
    ("Den 3. marts. Den 4. Bo kommer.", ["Den 3. marts.", "Den 4.", "Bo kommer."]),  # an ordinal number before a small letter
    ("au.dk/x.y er nede", ["au.dk/x.y er nede"]),  # no blank: no end
    ("Hej Bo\nJeg er syg\nMvh Ida", ["Hej Bo", "Jeg er syg", "Mvh Ida"]),  # short lines were ended by their writer
    ("Jeg har talt med hende i formiddags, og hun siger at hun nu\nhar fået svar fra lægen.",
     ["Jeg har talt med hende i formiddags, og hun siger at hun nu har fået svar fra lægen."]),  # wrapped by the mail program
    ("Jeg har talt med hende i formiddags, og hun vender tilbage.\nhar fået svar fra lægen.",
     ["Jeg har talt med hende i formiddags, og hun vender tilbage.", "har fået svar fra lægen."]),  # ends in a full stop
    ("Vi mangler stadig svar fra de følgende deltagere på mandagsholdet\n- Bo\n- Ida",
     ["Vi mangler stadig svar fra de følgende deltagere på mandagsholdet", "- Bo", "- Ida"]),  # a list is no wrapping
    ("[19:03] Wen: haha ok but who plays him, we need a baritone here\n[19:05] Bo: Aksel kan",
     ["[19:03] Wen: haha ok but who plays him, we need a baritone here", "[19:05] Bo: Aksel kan"]),  # a chat
    ("A\n\n\nB", ["A", "B"]),
    (" \n ", []),
    ("", []),
    ("...", ["..."]),
])  # fmt: skip
def test_sentences(text: str, expected: list[str]) -> None:
    """A sentence is a line, as its writer ended it."""
    assert texts(text) == expected


@pytest.mark.parametrize(("text", "number"), [
    ("ord " * 70, 1),  # 280 characters with the blank at the end
    ("ord " * 71, 2),
    ("o" * 280, 1),
    ("o" * 281, 2),  # not a blank to cut at
    ("o" * 2801, 11),
])  # fmt: skip
def test_long_sentences_are_cut(text: str, number: int) -> None:
    """At a blank where there is one."""
    found = texts(text)
    assert len(found) == number
    assert all(line == line.rstrip() or "ord" in line for line in found)


def test_cutting_takes_linear_time() -> None:
    """A megabyte without a full stop, and one of nothing else."""
    started = time.monotonic()
    for text in ("ord " * 250_000, "." * 1_000_000, ". " * 500_000, "\n" * 1_000_000, "a.b" * 300_000):
        assert sum(len(line) for line in texts(text)) <= len(text)
    assert time.monotonic() - started < 20


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize(("rows", "expected"), [
    (["Navn|Karakter", "Bo Dam|7"], ["Navn; Karakter", "Navn: Bo Dam; Karakter: 7"]),  # each cell with its header
    (["Navn|Karakter|Note", "Bo Dam||syg"], ["Navn; Karakter; Note", "Navn: Bo Dam; Note: syg"]),  # an empty cell
    (["Hold 4|", "Navn|Karakter", "Bo Dam|7"], ["Hold 4", "Navn; Karakter", "Navn: Bo Dam; Karakter: 7"]),  # a title over the header
    (["Navn|Karakter", "Bo Dam|7|for sent"], ["Navn; Karakter", "Navn: Bo Dam; Karakter: 7; for sent"]),  # a cell beyond the header
    (["Bo Dam|20304050", "Ida Ny|20304051"], ["Bo Dam: 20304050", "Ida Ny: 20304051"]),  # no header: label and value
    (["1|Bo|20304050", "2|Ida|20304051"], ["1; Bo; 20304050", "2; Ida; 20304051"]),
    (["|", " | "], []),
])  # fmt: skip
def test_rows(rows: list[str], expected: list[str]) -> None:
    """A row is a line."""
    assert [line.text for line in lines(table(*rows))] == expected


def test_rows_are_told_from_headers() -> None:
    """The header row is read too; it is no row of its own."""
    assert [line.is_row for line in lines(table("Navn|Karakter", "Bo Dam|7"))] == [False, True]
    assert [line.is_row for line in lines(Text("Bo"))] == [False]


def test_long_cells_go_on_in_the_next_line() -> None:
    """A cell with a letter in it is cut as a paragraph is."""
    long = "Hun er syg og " * 60
    found = lines(table("Navn|Note", f"Bo Dam|{long}"))
    assert len(found) > 3
    assert {place for line in found[1:] for _, _, place, _ in line.segments} == {Place(0, 0, 1, 0), Place(0, 0, 1, 1)}


# ---------------------------------------------------------------- places


@pytest.mark.parametrize(("start", "end", "found"), [
    (6, 12, (Place(0, 0, 1, 0), (0, 6))),  # the name
    (6, 9, (Place(0, 0, 1, 0), (0, 3))),
    (24, 25, (Place(0, 0, 1, 1), (0, 1))),  # the grade
    (10, 30, (Place(0, 0, 1, 0), (4, 6))),  # over two cells: cut to the first
    (0, 5, None),  # a header
    (13, 23, None),
    (99, 120, None),  # nowhere
])  # fmt: skip
def test_locate(start: int, end: int, found: tuple[Place, tuple[int, int]] | None) -> None:
    """From characters of "Navn: Bo Dam; Karakter: 7" to those of the cell."""
    assert lines(table("Navn|Karakter", "Bo Dam|7"))[1].locate(start, end) == found


def test_locate_in_a_later_sentence() -> None:
    """Spans count from the beginning of the paragraph."""
    text = "Hej.\nHun er syg. Bo Dam er\nrask."
    second = lines(Text(text))[2]
    assert second.text == "Bo Dam er"
    place, (start, end) = second.locate(0, 6) or (Place(9, 9), (0, 0))
    assert (place, text[start:end]) == (Place(0, 0), "Bo Dam")


@pytest.mark.parametrize(("role", "file", "subject", "expected"), [
    (Role.BODY, None, "Møde", "Emne: Møde"),
    (Role.BODY, None, "", ""),
    (Role.ATTACHMENT, "karakter-liste_2.xlsx", "Møde", "karakter liste 2"),  # the file's name says more than the mail's subject
    (Role.ATTACHMENT, ".xlsx", "", ".xlsx"),
    (Role.ATTACHMENT, None, "Møde", ""),
    (Role.SUBJECT, None, "Møde", ""),
    (Role.BODY, None, "M" * 999, "Emne: " + "M" * 280),
])  # fmt: skip
def test_heading(role: Role, file: str | None, subject: str, expected: str) -> None:
    """What stands over all lines of a document."""
    assert passages.heading(Document("1", role, (), file), subject) == expected


def test_subject_lines_and_file_names() -> None:
    """Read as in the corpora; a place counts in the text as it stands."""
    subject = lines(Text("Bo er syg"), role=Role.SUBJECT)[0]
    assert (subject.text, subject.locate(6, 8)) == ("Emne: Bo er syg", (Place(0, 0), (0, 2)))
    name = lines(Text("bo_dam-sygdom.pdf"), role=Role.FILENAME)[0]
    assert (name.text, name.locate(3, 6)) == ("bo dam sygdom.pdf", (Place(0, 0), (3, 6)))
