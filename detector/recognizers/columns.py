"""Columns whose header says what they hold ("Karakter", "Civilstand", "Fagforening"), in tables whose rows are persons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from detector.languages import load, words
from detector.recognizers import context
from detector.records import Cell, Document, Finding, Place, Table

NUMBER = re.compile(r"-?\d{1,3}([.,]\d{1,2})?( ?%)?")
CONFIDENCE = 0.9


def find(document: Document, number: int) -> list[Finding]:
    """The filled cells under such a header; `number` is the document's."""
    return [f for index, block in enumerate(document.blocks) if isinstance(block, Table) for f in _table(block, Place(number, index))]


def _table(table: Table, place: Place) -> list[Finding]:
    named = headers(table)
    columns = {n: category for n, header in enumerate(named) if (category := _category(header))}
    if not columns:
        return []
    first = context.header_rows(table)
    found = []
    for row, cells in enumerate(table.rows[first:], first):
        if label(cells, named) is None and not any(context.has_name(cell.text) for cell in cells):
            continue
        for column, category in columns.items():
            if column < len(cells) and _tells(category, cells[column].text):
                found.append(_finding(category, cells[column], Place(place.document, place.block, row, column), named[column]))
    return found


def _finding(category: str, cell: Cell, place: Place, header: str) -> Finding:
    start = len(cell.text) - len(cell.text.lstrip())
    return Finding(category, place, (start, start + len(cell.text.strip())), cell.text.strip(), CONFIDENCE, f"column '{header}'")


def _tells(category: str, text: str) -> bool:
    value = _plain(text)
    if category == "grades":
        return value in words("columns", "grade_values") or bool(NUMBER.fullmatch(value))
    return value not in words("columns", "empty_values")


def headers(table: Table) -> tuple[str, ...]:
    """The headers of a table's columns as they are compared: lower case, without marks; () where it has none."""
    return tuple(_plain(header) for header in context.column_headers(table))


def label(cells: Sequence[Cell], named: Sequence[str]) -> str | None:
    """The name or number that a row goes by, read under the `headers` that say so; None where none does."""

    def under(key: str) -> str:
        fitting = words("persons", key)
        return " ".join(c.text.strip() for c, h in zip(cells, named, strict=False) if h in fitting and c.text.strip())

    whole = under("name_columns")
    parts = " ".join(filter(None, [under("first_columns"), under("last_columns")]))
    return whole or parts or under("number_columns") or None


def is_form(table: Table) -> bool:
    """Whether the table is a form about one person or a few: labels in the first column, values in the second."""
    asked = words("persons", "form_labels") | words("persons", "name_columns")
    labels = [_plain(cells[0].text) for cells in table.rows if cells]
    return len(set(labels) & asked) > 1 and all(len(cells) <= 2 for cells in table.rows)


def form_label(form: Table, row: int) -> tuple[int, str | None]:
    """The row of a form that names the person of this row, and the name; (-1, None) where none does.

    A form may ask for several persons, one after another; what stands over the first name belongs to it.
    """
    fitting = words("persons", "name_columns")
    named = [n for n, cells in enumerate(form.rows) if len(cells) == 2 and _plain(cells[0].text) in fitting and cells[1].text.strip()]
    owner = next((n for n in reversed(named) if n <= row), named[0] if named else None)
    return (-1, None) if owner is None else (owner, form.rows[owner][1].text.strip())


def _plain(text: str) -> str:
    return text.lower().strip(" .:\n\t*")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    tables = load("columns")
    names = [key for key in tables["da"] if not key.endswith("_values")]
    return tuple((name, re.compile(context.alternatives(context.words_of(tables, name)))) for name in names)


def _category(header: str) -> str | None:
    return next((name for name, pattern in _patterns() if pattern.fullmatch(header)), None)
