"""Columns whose header says what they hold: tables of persons against tables of other things."""

from __future__ import annotations

import pytest

from detector.languages import load
from detector.recognizers import columns, sections
from detector.records import Cell, Document, Finding, Place, Role, Table, Text


def table(*rows: str) -> Table:
    """Rows with cells between bars."""
    return Table(tuple(tuple(Cell(cell.strip()) for cell in row.split("|")) for row in rows))


def found(*rows: str, file: str | None = None) -> str:
    """Categories and cells of what is found."""
    findings = columns.find(Document("1", Role.ATTACHMENT, (table(*rows),), file), 0)
    return "; ".join(f"{f.category} {f.text}" for f in findings)


@pytest.mark.parametrize(("header", "value", "category"), [
    ("Karakter", "7", "grades"),
    ("KARAKTER:", "12", "grades"),  # capitals and a colon
    ("Karakterer", "-3", "grades"),  # the plural
    ("Samlet karakter", "02", "grades"),
    ("Resultat", "Bestået", "grades"),
    ("Bedømmelse", "ej bestået", "grades"),
    ("Grade", "B", "grades"),
    ("Mark", "67 %", "grades"),
    ("Score", "8,5", "grades"),
    ("Civilstand", "gift", "civil_status"),
    ("Marital status", "divorced", "civil_status"),
    ("Fagforening", "HK", "union_membership"),
    ("Religion", "muslim", "beliefs"),
    ("Seksuel orientering", "biseksuel", "sexual"),
    ("Etnisk baggrund", "somalisk", "race_ethnicity"),
    ("Diagnose", "gigt", "health"),
    ("Allergier", "nødder", "health"),
    ("Genotype", "APOE e4/e4", "genetic"),
    ("Fingeraftryksnr.", "a81f", "biometric"),
    ("DISC-profil", "rød", "personality_test"),
    ("MBTI", "INTJ", "personality_test"),
    ("Adoptivbarn", "ja", "adoption"),
    ("Straffeattest", "to domme", "criminal"),
    ("Nærmeste pårørende", "bror, Ib", "other_private"),
])  # fmt: skip
def test_headers(header: str, value: str, category: str) -> None:
    """In Danish and English; the header's case and marks do not matter."""
    assert found(f"Navn|{header}", f"Mette Lund|{value}", "Ali Said|") == f"{category} {value}"


@pytest.mark.parametrize(("header", "value", "why"), [
    ("Karakter", "", "an empty cell"),
    ("Karakter", "se mail", "no grade: reading decides"),
    ("Karakter", "2024-06-01", "a date"),
    ("Diagnose", "-", "a dash for nothing"),
    ("Diagnose", "ingen", "none"),
    ("Allergies", "None", "none, in English"),
    ("Fagforening", "Ikke oplyst", "not told"),
    ("Religion", "?", "not known"),
    ("Karakteristik", "7", "another word that begins alike"),
    ("Fag", "Religion", "a subject of study"),
    ("Partiets navn", "A", "words around it"),
    ("Racerløb", "ja", "another word"),
])  # fmt: skip
def test_what_tells_nothing(header: str, value: str, why: str) -> None:
    """A cell that says nothing of anyone is no finding."""
    assert found(f"Navn|{header}", f"Mette Lund|{value}", "Ali Said|") == "", why


@pytest.mark.parametrize(("rows", "expected"), [
    (["Navn|Karakter", "Mette Lund|7", "Ali Said|10"], "grades 7; grades 10"),
    (["Studienr.|Karakter", "20201234|7", "20201235|10"], "grades 7; grades 10"),  # numbers that persons go by
    (["Deltager-ID|Diagnose", "14|MS", "15|"], "health MS"),
    (["Initialer|Karakter", "MLH|7", "AS|4"], "grades 7; grades 4"),
    (["Fornavn|Efternavn|Karakter", "Mette|Lund|7", "Ali|Said|4"], "grades 7; grades 4"),
    (["Eksamen juni||", "Navn|Fag|Karakter", "Mette Lund|A|7"], "grades 7"),  # a title over the header
    (["Gruppe|Hvem|Karakter", "1|Mette Lund|7", "2|Ali Said|4"], "grades 7; grades 4"),  # names under another header
    (["Navn|Karakter|Civilstand", "Mette Lund|7|gift"], "grades 7; civil_status gift"),  # two columns
    (["Navn|Karakter", "Mette Lund"], ""),  # a short row
    (["Navn|Karakter", "Mette Lund|7", "Gennemsnit|8,5", "I alt|2"], "grades 7"),  # sums are nobody's
    (["Navn|Vurdering", "Mette Lund|G", "Ali Said|U", "Bo Dam|S", "G = godkendt, U = udeblevet, S = syg|"], "grades G; grades U; grades S"),
    (["Navn|Karakter (7-trin)", "Mette Lund|7", "Ali Said|"], "grades 7"),  # a remark behind the header; a row without a value
    (["Navn|Statistik|Økonometri", "Mette Lund|7|02", "Ali Said|10|12"], "grades 02; grades 12"),  # told by the values
    (["Eksamen, juni||", "Navn|Statistik|Økonometri", "Mette Lund|7|4", "Ali Said|10|12"], "grades 7; grades 4; grades 10; grades 12"),
    (["Mette Lund|7", "Ali Said|02"], "grades 7; grades 02"),  # without a header
    (["Mette Lund|bestået", "Ali Said|ikke bestået"], "grades bestået; grades ikke bestået"),
    (["Navn|Familie", "Mette Lund|gift", "Ali Said|skilt"], "civil_status gift; civil_status skilt"),
    (["Navn|Opgave 1|Note", "Mette Lund|failed|", "Ali Said|passed|ok"], "grades failed; grades passed"),
    (["Navn|Bord", "Mette Lund|7", "Ali Said|10"], ""),  # numbers that say nothing by themselves
    (["Navn|Antal", "Mette Lund|7", "Ali Said|8"], ""),
    (["Navn|Kontingent", "Mette Lund|00", "Ali Said|300"], ""),
    (["Navn|Hjem", "Mette Lund|gift", "Ali Said|Aarhus"], ""),  # not all of them
    (["Karakter|Beskrivelse", "12|Den fremragende præstation", "02|Den tilstrækkelige"], ""),  # the grading scale
    (["Karakter|Antal", "12|4", "10|9"], ""),  # statistics
    (["Diagnose|Kode|Antal", "Gigt|M06|40", "MS|G35|12"], ""),
    (["Parti|Stemmer", "A|40", "V|30"], ""),  # an election
    (["Navn|Karakter|Civilstand", "||"], ""),  # a form not filled in
    (["Mette Lund|7", "Ali Said|10"], ""),  # no header, and no number that only a grade is: reading decides
    (["Navn|Karakter"], ""),  # only a header
    ([""], ""),
])  # fmt: skip
def test_rows_of_persons(rows: list[str], expected: str) -> None:
    """Findings are about persons: a row that goes by no name or number is about none."""
    assert found(*rows) == expected


def test_the_files_name_tells_what_numbers_are() -> None:
    """Numbers of the scale are grades in a list of an exam."""
    rows = ("Navn|Statistik", "Mette Lund|7", "Ali Said|10")
    assert found(*rows, file="bordplan.xlsx") == ""
    assert found(*rows, file="Eksamensresultater.xlsx") == "grades 7; grades 10"


@pytest.mark.parametrize(("rows", "sizes"), [
    (["Navn|Karakter", "Mette|7", "|", "Navn|Civilstand", "Bo|gift"], [3, 2]),  # a list under another
    (["Navn|Karakter", "Mette|7", "Navn|Civilstand", "Bo|gift"], [2, 2]),  # the empty row was not kept
    (["Hold A|", "Navn|Karakter", "Mette|7", "|", "Hold B|", "Navn|Karakter", "Bo|7"], [4, 3]),  # its title goes with it
    (["Hold A|", "Navn|Karakter", "Mette|7", "Hold B|", "Navn|Karakter", "Bo|7"], [3, 3]),
    (["Navn|CPR", "Mette|1", "Navn|CPR", "Ali|2", "Navn|CPR", "Bo|3"], [2, 2, 2]),  # the header of each page
    (["Navn|Karakter", "Mette|7", "|", "Ali|10"], [4]),  # an empty row in the middle
    (["Hold A|", "Navn|Karakter", "Mette|7"], [3]),  # one title, one table
    (["Mette Lund|7", "Ali Said|10"], [2]),
    (["Vare|Navn", "Stol|Bo", "Navn|Vare", "Bo|Stol"], [2, 2]),
    (["Navn|7"], [1]),
    ([""], [1]),
])  # fmt: skip
def test_tables_under_one_another(rows: list[str], sizes: list[int]) -> None:
    """A sheet can hold several tables, each with its header; nothing is lost between them."""
    whole = table(*rows)
    parted = sections.apart(Document("1", Role.ATTACHMENT, (Text("Hej"), whole)))
    parts = [block for block in parted.blocks if isinstance(block, Table)]
    assert [len(part.rows) for part in parts] == sizes
    assert tuple(row for part in parts for row in part.rows) == whole.rows
    assert parted.blocks[0] == Text("Hej")


@pytest.mark.parametrize(("rows", "expected"), [
    (["Felt|Svar", "Fulde navn|Mette Lund", "Civilstand|gift", "Religion eller tro|metodist", "Handicap|"],
     "civil_status gift; beliefs metodist"),
    (["Full name|Dr Mette Lund", "Sexual orientation|bisexual", "Disability|none"], "sexual bisexual"),
    (["Navn|", "Civilstand|gift/ugift", "Religion|"], ""),  # not filled in
    (["Variabel|Indhold", "navn|tekst", "civilstand|gift, ugift, skilt"], ""),  # a list of fields
])  # fmt: skip
def test_forms_tell_by_their_labels(rows: list[str], expected: str) -> None:
    """Of the person whose name stands there."""
    assert found(*rows) == expected


@pytest.mark.parametrize("rows", [
    ["Cage|Mouse|Condition", "14|Amelia Holm|pregnant"],
    ["Øremærke|Navn|Diagnose", "388|Karla Holm|klovlidelse"],
    ["server|owner|diagnosis", "grace|Line Holm|fan failed"],
    ["Nr.|Navn|Diagnose", "eks.|Fornavn Efternavn|E11.9"],  # how to fill in the others
])  # fmt: skip
def test_rows_of_others_tell_nothing(rows: list[str]) -> None:
    """Animals, machines and examples, though a name stands there."""
    assert found(*rows) == ""


def test_place_and_span() -> None:
    """The cell without the blanks around it; paragraphs hold no columns."""
    cells = Table(((Cell("Navn"), Cell("Karakter")), (Cell("Mette Lund"), Cell(" 7\n"))))
    finding, *others = columns.find(Document("1", Role.ATTACHMENT, (Text("Navn: Bo"), cells)), 4)
    assert not others
    assert (finding.place, finding.span, finding.text) == (Place(4, 1, 1, 1), (1, 2), "7")
    assert "Lund" not in finding.why


@pytest.mark.parametrize(("rows", "label"), [
    (["Navn|Studienr.|X", "Mette Lund|20201234|"], "Mette Lund"),  # the name before the number
    (["Studienr.|X|Navn", "20201234||"], "20201234"),  # no name in this row
    (["Efternavn|Fornavn|X", "Lund|Mette|"], "Mette Lund"),
    (["Surname|X", "Lund|a"], "Lund"),
    (["Vare|Pris", "Stol|400"], None),
    (["Navn|X", "|a"], None),
    (["Mette Lund|20304050", "Bo|20304051"], None),  # no header
])  # fmt: skip
def test_label(rows: list[str], label: str | None) -> None:
    """What a row goes by."""
    read = table(*rows)
    assert columns.label(read.rows[1], columns.headers(read)) == label


@pytest.mark.parametrize(("rows", "is_form"), [
    (["Navn|Mette Lund", "CPR-nr.|", "Adresse|Skovvej 3"], True),
    (["Name:|Mette Lund", "Phone:|20304050"], True),
    (["Navn|Karakter", "Mette Lund|7"], False),  # one label: a header
    (["Nuværende navn|Mette Lund Holm", "Nyt navn|Mette Lund", "Fra dato|1. maj"], True),
    (["Navn|Mette Lund", "Rejsens mål|Bogotá", "Barnet|to år"], True),  # one label beside a name, others of its own
    (["Navn|CPR|Adresse", "Mette Lund||"], False),  # labels in a row
    (["Stol|400", "Bord|900"], False),
    ([""], False),
])  # fmt: skip
def test_forms(rows: list[str], is_form: bool) -> None:
    """Labels in the first column, values in the second."""
    assert columns.is_form(table(*rows)) == is_form


@pytest.mark.parametrize(("row", "expected"), [
    (0, (1, "Mette Lund")),  # over the first name
    (2, (1, "Mette Lund")),
    (3, (3, "Emil Lund")),  # the name itself
    (4, (3, "Emil Lund")),
])  # fmt: skip
def test_form_label(row: int, expected: tuple[int, str]) -> None:
    """Each row belongs to the name over it, the first rows to the first name."""
    form = table("CPR|1", "Navn|Mette Lund", "Telefon|2", "Barnets navn|Emil Lund", "CPR|3")
    assert columns.form_label(form, row) == expected


@pytest.mark.parametrize(("row", "text", "is_empty"), [
    ("1|Mette Lund||", "1", True),
    ("9.30|Mette Lund||", "9.30", True),
    ("1|Mette Lund|7|", "1", False),  # a mark in one of the columns
    ("1|Mette Lund||var langt fra", "var langt fra", False),  # words that tell it themselves
])  # fmt: skip
def test_lists_that_are_not_filled_in(row: str, text: str, is_empty: bool) -> None:
    """What stands beside an empty column for marks is none, whatever the heading speaks of."""
    cells = table("Nr.|Navn|Karakter|Bemærkning", row)
    column = next(n for n, cell in enumerate(cells.rows[1]) if cell.text == text)
    finding = Finding("grades", Place(0, 0, 1, column), (0, len(text)), text, 0.9, "")
    assert columns.is_left_empty(finding, [Document("1", Role.ATTACHMENT, (cells,))]) is is_empty


def test_form_without_a_name() -> None:
    """One person all the same."""
    assert columns.form_label(table("CPR|1", "Telefon|2"), 0) == (-1, None)


@pytest.mark.parametrize("language", ["da", "en"])
def test_words_are_written_as_they_are_compared(language: str) -> None:
    """Lower case, without the marks that are taken off a header: else they would never match."""
    persons = {k: v for k, v in load("persons")[language].items() if k.endswith(("_columns", "form_labels"))}
    for words in [*load("columns")[language].values(), *persons.values()]:
        assert [word for word in words if word.replace("*", "") != word.replace("*", "").lower().strip(" .:\n\t*")] == []
