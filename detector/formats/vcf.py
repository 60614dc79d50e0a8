"""Contacts (.vcf): a table with one contact a row, under headers that say what stands there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from detector.formats.content_lines import Line, lines
from detector.formats.plugin import Format, Item, Source, row
from detector.records import Defect, Reason, Text

_LABELS = {
    "FN": "Name",
    "NICKNAME": "Nickname",
    "BDAY": "Birthday",
    "EMAIL": "E-mail",
    "TEL": "Phone",
    "ADR": "Address",
    "LABEL": "Address",
    "ORG": "Organisation",
    "TITLE": "Title",
    "ROLE": "Role",
    "NOTE": "Note",
    "RELATED": "Relative",
    "CATEGORIES": "Categories",
}
_BY_PLACE = frozenset({"EMAIL", "TEL", "ADR", "LABEL"})
_TECHNICAL = frozenset({"BEGIN", "END", "VERSION", "PRODID", "UID", "REV", "N", "CLIENTPIDMAP", "SORT-STRING", "MAILER"})
_MAX_COLUMNS = 60
_Card = dict[str, str]


def read(source: Source) -> Iterator[Item]:
    """Rows "row 3, column 2"; pictures and sounds in a contact are parts of their own."""
    found, defect = lines(source.part.data, source.part.charset)
    if defect is not None:
        yield Defect(source.part.index, defect)
    cards: list[_Card] = []
    columns: dict[str, None] = {}
    binaries = 0
    for number, properties in enumerate(_cards(found), 1):
        source.budget.check_time()
        card: _Card = {}
        for line in properties:
            if (data := line.binary) is not None:
                binaries += 1
                yield source.member(f"{source.part.index}.{binaries}", None, lambda data=data: data)  # type: ignore[misc]
            elif (label := _label(line)) and (text := _text(line)):
                if label not in columns and len(columns) == _MAX_COLUMNS:
                    yield Text(f"{label}: {text}", f"contact {number}")
                    continue
                columns[label] = None
                card[label] = f"{card[label]}\n{text}" if label in card else text
        cards.append(card)
        if len(cards) > source.budget.limits.rows:
            yield Reason.ROWS
            break
    yield from _table(cards, list(columns))


def _table(cards: list[_Card], columns: list[str]) -> Iterator[Item]:
    if columns:
        yield row("", columns, number=1)
    for number, card in enumerate(cards, 2):
        if card:
            yield row("", [card.get(column, "") for column in columns], number=number)


def _cards(found: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines of each contact, with its name made whole."""
    properties: list[Line] = []
    for line in found:
        if line.name == "BEGIN" and properties:
            yield _named(properties)
            properties = []
        properties.append(line)
    yield _named(properties)


def _named(properties: list[Line]) -> list[Line]:
    """With the name of the parts of N where they are not all in FN."""
    shown = " ".join(line.text for line in properties if line.name == "FN")
    return [*(line for each in properties if each.name == "N" for line in _full_name(each, shown)), *properties]


def _full_name(line: Line, shown: str) -> Iterator[Line]:
    last, first, middle, before, after = (*line.fields[:5], *[""] * (5 - len(line.fields[:5])))
    name = " ".join(filter(None, [before, first, middle, last, after, *line.fields[5:]]))
    if not set(name.split()) <= set(shown.replace(",", " ").split()):
        yield Line("FULL NAME" if shown else "FN", {}, name)


def _label(line: Line) -> str:
    if line.name in _TECHNICAL:
        return ""
    label = _LABELS.get(line.name, line.name.removeprefix("X-").replace("-", " ").capitalize()) or "Note"
    if line.name not in _BY_PLACE:
        return label
    types = line.parameters.get("TYPE", "").upper().split(",")
    place = "Home" if "HOME" in types else "Work" if "WORK" in types else ""
    if line.name == "TEL" and "CELL" in types:
        label = "mobile"
    return f"{place} {label.lower()}".strip().capitalize() if place else label.capitalize()


def _text(line: Line) -> str:
    if line.name == "ADR":
        box, extra, street, city, region, code, country = (*line.fields[:7], *[""] * (7 - len(line.fields[:7])))
        return ", ".join(filter(None, [box, street, extra, f"{code} {city}".strip(), region, country, *line.fields[7:]]))
    if line.name == "ORG":
        return ", ".join(filter(None, line.fields))
    return line.text.removeprefix("tel:").removeprefix("mailto:")


FORMAT = Format("vcf", ("vcf",), (".vcf", ".vcard"), "Contacts: a row each, with every field under its header.", read)
