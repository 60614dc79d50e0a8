"""Whom findings are about: texts with marked names and findings (see `told.py`), and the persons that a reader would tell."""

from __future__ import annotations

import time

import pytest
from told import RECIPIENT, Block, persons

from detector.records import Address, Mention, Place, Role
from detector.subjects import named_persons

CARL = Address("carl@x.example", "Carl Bruun")
GRADES = [["Navn", "Karakter"], ["[Mette Lund]", "{grades|7}"], ["[Ali Said]", "{grades|10}"]]


def check(blocks: list[Block], expected: str, role: Role = Role.BODY, subject: str = "", **options: object) -> None:
    """Persons in order of their first finding, told as "name: categories; …"."""
    assert "; ".join(persons(blocks, role, subject, **options)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "expected"), [
    ("[Mette Lund] er {health|syg}.", "Mette Lund: health"),
    ("[Mette Lund Hansen] fik {grades|12}.\n[Hansen, Mette L.]: {cpr|A}", "Mette Lund Hansen: cpr grades"),  # written in two ways
    ("[Mette Lund] er {health|syg}. [Mette Lunds] {health|hofte} er skidt.", "Mette Lund: health"),  # genitive
    ("[Mette Lunds] {health|hofte} er skidt. [Mette Lund] er {health|syg}.", "Mette Lund: health"),  # genitive first
    ("[mette] er {health|syg}. [Mette Lund] får {grades|7}.", "Mette Lund: grades health"),  # first name first, lower case
    ("[Mette Lund] er {health|syg}. [Ali Said] er {health|syg}.", "Mette Lund: health; Ali Said: health"),
    ("[Mette Lund] og [Ali Said] er {health|syge}.", "Mette Lund: health; Ali Said: health"),  # one finding, two persons
    ("[Mette Hansen] ringede. [Mette] er {health|syg}. [Mette Dahl] er {health|rask}.", "Mette Hansen: health; Mette Dahl: health"),
    ("[Mette Dahl] skrev. [Mette Hansen] ringede. [Mette] er {health|syg}.", "Mette Hansen: health"),  # the one met last
    ("[Lektor Mette Lund] er {health|syg}. [fru Lund] får {grades|7}.", "Lektor Mette Lund: grades health"),  # titles
    ("[Ms Lund] is {health|ill}. [Dr Mette Lund] {grades|passed}.", "Dr Mette Lund: grades health"),
    ("[Mathilde Krag] er {health|syg}. [Matilde Krag] får {grades|7}.", "Mathilde Krag: grades health"),  # a letter left out
    ("[Mathilde Krag] er {health|syg}. [Mathilde Krog] får {grades|7}.",
     "Mathilde Krag: health; Mathilde Krog: grades"),  # short: another name
    ("[Guðrún Einarsdóttir] er {health|syg}. [Gudrun] er {health|rask}.", "Guðrún Einarsdóttir: health"),  # another keyboard
    ("[Åse Bøgh] er {health|syg}. [Aase Boegh] får {grades|7}.", "Åse Bøgh: grades health"),
    ("[Mette Lund Hansen] er {health|syg}. [MLH] får {grades|7}.", "Mette Lund Hansen: grades health"),  # initials
    ("[MLH] får {grades|7}. [Mette Lund Hansen] er {health|syg}.", "Mette Lund Hansen: grades health"),
    ("[Hansen, M.] får {grades|7}. [Mette Hansen] er {health|syg}.", "Mette Hansen: grades health"),
    ("[anne-marie] er {health|syg}. [Anne Marie Holm] får {grades|7}.", "Anne Marie Holm: grades health"),
    ("[Mette Holm-Dahl] er {health|syg}. [Mette Dahl] får {grades|7}.", "Mette Holm-Dahl: grades health"),  # half of a double name
    ("[Mette Holm-Dahl] er {health|syg}. [Holm] får {grades|7}.", "Mette Holm-Dahl: grades health"),
    ("[Mette Holm-Dahl] er {health|syg}. [Ida Holm] ringede. [Holm] får {grades|7}.",
     "Mette Holm-Dahl: health; Ida Holm: grades"),  # whose last name it is
    ("[Nguyen Thi Lan] er {health|syg}. [Lan] får {grades|7}.", "Nguyen Thi Lan: grades health"),  # surname first
    ("[Mette] og [Mette] er {health|syge}.", "Mette: health"),
    ("[Bo] er {health|syg}. [Bent Olsen] får {grades|7}.", "Bo: health; Bent Olsen: grades"),
    ("[Ole Lund] og [Ida Lund] er {health|syge}. [Lund] får {grades|7}.",
     "Ole Lund: health; Ida Lund: grades health"),  # a surname: met last
])  # fmt: skip
def test_names(text: str, expected: str) -> None:
    """A name is one person however it is written."""
    check([text], expected)


@pytest.mark.parametrize(("text", "expected"), [
    ("[Mette Lund] {cpr|A}\n[Mette Lund] {cpr|B}", "Mette Lund: cpr; Mette Lund: cpr"),  # one name, two numbers: two persons
    ("[Mette Lund] har {cpr|A} og {cpr|B}", "Mette Lund: cpr; Mette Lund: cpr"),
    ("[Mette Lund] {cpr|A}\nNummeret {cpr|a} igen", "Mette Lund: cpr"),  # one number in two spellings: one person
    ("{cpr|A}\n{cpr|a}", "?: cpr"),
    ("{cpr|A}\n{cpr|B}", "?: cpr; ?: cpr"),
    ("{cpr|A}, {cpr|B}, {cpr|C}", "?: cpr; ?: cpr; ?: cpr"),
    ("[Mette Lund] {cpr|A}, [Ali Said] {cpr|B}", "Mette Lund: cpr; Ali Said: cpr"),  # the name before a number
    ("{cpr|A} [Mette Lund], {cpr|B} [Ali Said]", "Mette Lund: cpr; Ali Said: cpr"),  # or after it
    ("[Mette Lund]\n{cpr|A}\n\n[Ali Said]\n{cpr|B}", "Mette Lund: cpr; Ali Said: cpr"),  # or in the line above
    ("[Mette Lund] ({cpr|A}) er {health|indlagt}.", "Mette Lund: cpr health"),
    ("CPR: {cpr|A}\n[Mette Lund] er {health|indlagt}.", "Mette Lund: cpr health"),  # the only one of the document
    ("Mit cpr er {cpr|A}.", "Line Krogh: cpr"),  # the sender's own
    ("[Mette Lund], tlf. {private_phone|20 30 40 50}, {private_address|Skovvej 3}", "Mette Lund: private_address private_phone"),
    ("[Mette Lund], cpr {cpr|A}\nBor {private_address|Skovvej 3}", "Mette Lund: cpr private_address"),
    ("Det er om [Mette Lund].\nJa.\nNej.\nMåske.\nVel.\nSå.\nBor {private_address|Skovvej 3}", "Mette Lund: private_address"),  # far away
    ("Mvh\n[Line Krogh]\n{private_address|Skovvej 3}\n8000 Aarhus\nTlf. {private_phone|20304050}",
     "Line Krogh: private_address private_phone"),  # a signature
    ("Jeg glemte røret derhjemme.\n{private_address|Skovvej 3}\nRing på mit eget, {private_phone|20304050}",
     "Line Krogh: private_address private_phone"),  # the writer's own affair
    ("Han glemte røret, skriver jeg.\n{private_address|Skovvej 3}", "?: private_address"),  # somebody else's
    ("[Ida Holm] og [Bo Krag] kommer.\n[Bo], skriv til {private_email|ida.holm@x.example}", "Ida Holm: private_email"),  # called so
    ("Ring på {private_phone|20304050}, hilsen [Line]", "Line Krogh: private_phone"),
    ("Tlf. {private_phone|20304050}\nTlf. {private_phone|20304051}", "?: private_phone; ?: private_phone"),  # nobody near: a person a line
])  # fmt: skip
def test_numbers(text: str, expected: str) -> None:
    """A CPR number keeps people apart and joins them; other numbers belong to the name beside them."""
    check([text], expected)


@pytest.mark.parametrize(("text", "expected"), [
    ("[Mette Lund] ringede. Hun er {health|syg}.", "Mette Lund: health"),
    ("[Mette Lund] ringede. Det er {health|en blodprop}.", "Mette Lund: health"),  # no pronoun at all
    ("[Mette Lund] talte med [Ali Said]. Han er {health|syg}.", "Ali Said: health"),  # the one told of last
    ("[Ali Said] var her.\nHej [Bent], kan du se på det?\nHan er {criminal|dømt}.", "Ali Said: criminal"),  # not the one greeted
    ("[Mette Lund] ringede. Jeg tror, hun er {health|syg}.", "Mette Lund: health"),  # "jeg" only thinks
    ("[Mette Lund] har været til prøve. Jeg indstiller til {grades|7}.", "Mette Lund: grades"),  # and judges
    ("Jeg indstiller mig til {grades|reeksamen}.", "Line Krogh: grades"),
    ("[Mette Lund] har været til prøve. Jeg fik {grades|7}.", "Line Krogh: grades"),
    ("Jeg hørte, at [Mette Lund] er {health|syg}.", "Mette Lund: health"),
    ("Jeg er {health|syg} i dag.", "Line Krogh: health"),
    ("Jeg har {health|feber} og bliver her i dag.", "Line Krogh: health"),  # "her" is no English pronoun
    ("Jeg har {health|feber}, så de må klare sig uden.", "Line Krogh: health"),  # "de" are others
    ("[Mette Lund] er {health|syg}. Jeg er også {health|syg}.", "Mette Lund: health; Line Krogh: health"),
    ("Vi er {union_membership|medlemmer af HK}.", "Line Krogh: union_membership"),
    ("[Mette Lund] ringede. Vi har talt om {health|stress}.", "Mette Lund: health"),  # "vi" talked about somebody
    ("Det drejer sig om [Mette Lund]. I går blev der {criminal|rejst sigtelse}.", "Mette Lund: criminal"),  # "i" is no English pronoun
    ("Det er {health|en blodprop}. Vedkommende er {health|indlagt}.", "?: health"),  # nobody is named: one person
    ("I'm {health|pregnant}.", "Line Krogh: health"),
    ("I am {health|ill} today.", "Line Krogh: health"),
    ("[Mette Lund] called. She is {health|in hospital}.", "Mette Lund: health"),
    ("I have talked to [Mette Lund]. I think her {health|back} is bad.", "Mette Lund: health"),
])  # fmt: skip
def test_pronouns(text: str, expected: str) -> None:
    """A sentence without a name is about whom its pronoun means."""
    check([text], expected)


@pytest.mark.parametrize(("text", "expected"), [
    ("Min søn er {health|syg}.", "?: health"),  # not the sender
    ("Min søn er {health|syg}. Han har {health|feber}.", "?: health"),
    ("Min søn er {health|syg}. Min datter er {health|indlagt}.", "?: health; ?: health"),
    ("Jeg er {health|syg}. Min søn er {health|syg}.", "Line Krogh: health; ?: health"),
    ("Min søn [Emil] er {health|syg}.", "Emil: health"),
    ("Min søn [Emil] kommer ikke. Han er {health|syg}.", "Emil: health"),
    ("My daughter is {health|ill}.", "?: health"),
    ("[Ali Said] er {health|syg}. [Alis] kone er {health|indlagt}.", "Ali Said: health; ?: health"),
    ("[Ali Said] er {health|syg}. Hans kone er {health|indlagt}.", "Ali Said: health; ?: health"),
    ("[Ali Said] er {health|syg}, siger hans kone.", "Ali Said: health"),
])  # fmt: skip
def test_relatives(text: str, expected: str) -> None:
    """ "Min søn" is a person of his own."""
    check([text], expected)


@pytest.mark.parametrize(("text", "expected"), [
    ("Hej [Bent]\nJeg er {health|syg} i dag.\nHilsen [Line]", "Line Krogh: health"),
    ("Hej [Bent]\nHun er {health|syg}.", "?: health"),  # neither the one greeted nor the sender
    ("[Mette Lund] er {health|syg}.\nMvh\n[Bo Holm]\nHun {health|kommer ikke}.", "Mette Lund: health"),  # the signature of a mail quoted
    ("Med venlig hilsen\n[Line Krogh]\n[Bo Holm] er {health|syg}.", "Bo Holm: health"),
    ("jeg er {health|syg}, mvh [Line]", "Line Krogh: health"),
    ("Hej [Bent], [Ali Said] er {health|syg}", "Ali Said: health"),  # greeting and news in one line
    ("Hej, [Ali Said] er {health|syg}", "Ali Said: health"),
    ("Til orientering er [Ali Said] {health|syg}.", "Ali Said: health"),  # "til" does not greet here
    ("Hej [Bent]\nDin {health|kræftsygdom} er i bero.", "Bent Aaby: health"),  # "din" is the one greeted
    ("Du har fået {grades|10} i statistik.", "Bent Aaby: grades"),  # nobody greeted: the only recipient
])  # fmt: skip
def test_greetings_and_signatures(text: str, expected: str) -> None:
    """Who is greeted and who signs is not the person told of."""
    check([text], expected)


@pytest.mark.parametrize(("text", "expected"), [
    ("Kære [Bent]\nDu har fået {grades|10}.", "Bent Aaby: grades"),  # the one greeted of two recipients
    ("Kære [Ali Said]\nDu har fået {grades|10}.", "Ali Said: grades"),  # a mail passed on
    ("Du har fået {grades|10}.", "?: grades"),  # nobody can tell
])  # fmt: skip
def test_addressee_among_several(text: str, expected: str) -> None:
    """Whom "du" means where a mail goes to more than one."""
    check([text], expected, recipients=(RECIPIENT, CARL))


def test_letter_is_to_the_one_it_names_first() -> None:
    """An attached letter is not written to the recipient of the mail."""
    check(["[Karla Juhl]\nSkovvej 2", "Du har fået {grades|10}."], "Karla Juhl: grades", Role.ATTACHMENT)


@pytest.mark.parametrize("text", ["Hun er {health|syg}.", "Hej [Bent]\nHun er {health|syg}."])
def test_subject_line_names_the_person(text: str) -> None:
    """What stands over a mail stands over all its sentences."""
    check([text], "Mette Lund: health", subject="Om [Mette Lund]")


@pytest.mark.parametrize(("sender", "expected"), [
    (Address("line@x.example"), "line@x.example: health"),  # no display name
    (None, "?: health"),  # text that is no mail
])  # fmt: skip
def test_sender_without_a_name(sender: Address | None, expected: str) -> None:
    """ "Jeg" is a person all the same."""
    check(["Jeg er {health|syg}."], expected, sender=sender)


@pytest.mark.parametrize(("text", "expected"), [
    ("Deltager 14: {health|MS}\nDeltager 15: {health|ALS}", "?: health; ?: health"),
    ("Deltager 14 har {health|MS}. Hun er {health|blind}.", "?: health"),
    ("patient 017: {genetic|BRCA1+}", "?: genetic"),
    ("202007713: {grades|4}. Fin indledning.\n202007714: {grades|7}. Flot.", "?: grades; ?: grades"),  # student numbers
    ("I 2024 fik vi 14 nye. Det er {health|stress}, der fylder.", "?: health"),  # figures are nobody
])  # fmt: skip
def test_codes(text: str, expected: str) -> None:
    """A pseudonym in text keeps persons apart as a name does."""
    check([text], expected)


@pytest.mark.parametrize(("blocks", "expected"), [
    ([GRADES], "Mette Lund: grades; Ali Said: grades"),
    ([GRADES, "[Mette] var {health|syg}."], "Mette Lund: grades health; Ali Said: grades"),  # joined with the text below
    ([[["Studienr.", "Karakter"], ["20201234", "{grades|7}"], ["20201235", "{grades|10}"]]], "20201234: grades; 20201235: grades"),
    ([[["CPR", "Karakter"], ["{cpr|A}", "{grades|7}"], ["{cpr|B}", "{grades|10}"]]], "?: cpr grades; ?: cpr grades"),
    ([[["Fornavn", "Efternavn", "CPR"], ["Mette", "Lund", "{cpr|A}"], ["Mette", "Lund", "{cpr|B}"]]], "Mette Lund: cpr; Mette Lund: cpr"),
    ([[["Karakter", "Navn", "CPR"], ["{grades|7}", "Mette Lund", "{cpr|A}"], ["{grades|4}", "Mette Lund", "{cpr|B}"]]],
     "Mette Lund: cpr grades; Mette Lund: cpr grades"),  # the rest of a row goes with its number
    ([[["Navn", "CPR"], ["Mette Lund", "{cpr|A}"]], [["CPR", "Diagnose"], ["{cpr|a}", "{health|gigt}"]]],
     "Mette Lund: cpr health"),  # two tables joined by the number
    ([[["Navn", "Karakter"], ["Anna Holm", "{grades|7}"], ["Anna Holm Jensen", "{grades|4}"]]],
     "Anna Holm: grades; Anna Holm Jensen: grades"),  # in text they could be one, in a list they are two
    ([[["Navn", "Fag", "Karakter"], ["Anna Holm", "A", "{grades|7}"], ["Anna Holm", "B", "{grades|4}"]]],
     "Anna Holm: grades"),  # one person with two rows
    ([[["Navn", "Karakter"], ["", "{grades|7}"], ["", "{grades|4}"]]], "?: grades; ?: grades"),
    ([[["Barn", "CPR", "Mors CPR", "Allergi"], ["Emil Lund", "{cpr|A}", "{cpr|B}", "{health|nødder}"]]],
     "Emil Lund: cpr health; Emil Lund: cpr"),  # two numbers in a row are two persons
])  # fmt: skip
def test_rows(blocks: list[Block], expected: str) -> None:
    """In a table a row is a person."""
    check(blocks, expected, Role.ATTACHMENT)


@pytest.mark.parametrize(("form", "expected"), [
    ([["Navn", "[Mette Lund]"], ["CPR", "{cpr|A}"], ["Telefon", "{private_phone|20304050}"], ["Civilstand:", "{civil_status|gift}"]],
     "Mette Lund: cpr private_phone civil_status"),
    ([["CPR-nr.:", "{cpr|A}"], ["Navn:", "Mette Lund"]], "Mette Lund: cpr"),  # the name further down
    ([["Navn", "Mette Lund"], ["CPR", "{cpr|A}"], ["Barnets navn", "Emil Lund"], ["CPR", "{cpr|B}"]], "Mette Lund: cpr; Emil Lund: cpr"),
    ([["CPR-nr.", "{cpr|A}"], ["Telefon", "{private_phone|20304050}"]], "?: cpr private_phone"),
])  # fmt: skip
def test_forms(form: Block, expected: str) -> None:
    """In a form of labels and values, the rows are one person's."""
    check([form], expected, Role.ATTACHMENT)


def test_a_paragraph_holds_its_owner() -> None:
    """An address below a name that nobody knows for one is not the person's of the paragraph above; one alone in its paragraph is."""
    home = "{private_address|Skovvej 3}"
    expected = "Ida Holm: private_address; ?: private_address; Ib Krag: private_address"
    check([f"[Ida Holm]\n{home}", f"Bo\n{home}", "[Ib Krag]", home], expected)


def test_no_findings_no_subjects() -> None:
    """Names alone are ordinary data."""
    check(["[Mette Lund] kommer i morgen. Hun tager kage med."], "")


@pytest.mark.parametrize(("names", "distinct"), [
    (["Mette Lund Hansen", "Hansen, Mette", "Mette"], 1),
    (["Mette", "Mette Lund", "Ali", "Bo Dahl"], 3),
    (["Mette Lund", "Mette Dahl"], 2),
    (["2024", ""], 0),
    ([], 0),
])  # fmt: skip
def test_named_persons(names: list[str], distinct: int) -> None:
    """How many are named at all, for mail with a tag that turns TLS off."""
    assert named_persons(Mention(Place(0, 0), (0, len(name)), name) for name in names) == distinct


def test_long_lists_take_no_long_time() -> None:
    """Two thousand rows, and as many lines with two names each, in seconds."""
    names = [
        f"{first}{middle} {last}" for first in ("Bo", "Ib", "Ida", "Eva", "Per", "Ole", "Kaj", "Lis") for middle in "abcdefghijklmnop"
        for last in ("Dam", "Holm", "Lund", "Krog", "Bech", "Juhl", "Friis", "Rask", "Vind", "Toft", "Skov", "Eng", "Mose", "Hede", "Bakke")
    ]  # fmt: skip
    rows: Block = [["Navn", "Karakter"], *([name, "{grades|7}"] for name in names)]
    started = time.monotonic()
    found = persons([rows, *(f"[{name}] er {{health|syg}}, siger [{name.split()[1]}]. Tlf. {{private_phone|20304050}}" for name in names)])
    assert len(found) == len(names)
    assert time.monotonic() - started < 20
