"""Columns that say what they hold, by their header ("Karakter", "Civilstand", "Fagforening") or by all their values ("bestået", "02",
"gift"), in tables whose rows are persons."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from detector.languages import load, words
from detector.recognizers import context
from detector.records import Cell, Document, Finding, Place, Table

NUMBER = re.compile(r"-?\d{1,3}([.,]\d{1,2})?( ?%)?")
REMARK = re.compile(r" ?\([^()]{1,40}\)\s*$")
"""Behind a header: "Karakter (7-trin)"."""
CONFIDENCE = 0.9
LEAST_VALUES = 2
"""Filled cells of a column that is told by its values."""


def find(document: Document, number: int) -> list[Finding]:
    """The filled cells of such columns; `number` is the document's."""
    tables = ((index, block) for index, block in enumerate(document.blocks) if isinstance(block, Table))
    return [f for index, table in tables for f in _table(table, Place(number, index), document.file or "")]


def _table(table: Table, place: Place, file: str) -> list[Finding]:
    named, first = headers(table), context.header_rows(table)
    if words("columns", "thing_columns") & set(named):
        return []  # of animals, machines, plants: reading decides whether a person is told of
    if is_form(table):
        return list(_form(table, place))
    rows = [(n, cells) for n, cells in enumerate(table.rows[first:], first) if _is_person(cells, named)]
    told = {n: (category, f"column '{header}'") for n, header in enumerate(named) if (category := _category(header))}
    over = _plain(" ".join([file, table.where, *(cell.text for cells in table.rows[:first] for cell in cells)]))
    for column in range(max((len(cells) for _, cells in rows), default=0)):
        category = None if column in told else _category_of_values([c[column].text for _, c in rows if column < len(c)], over)
        if category:
            told[column] = category, f"column of such values ({category})"
    return [
        _finding(category, cells[column], Place(place.document, place.block, row, column), why)
        for row, cells in rows for column, (category, why) in sorted(told.items())
        if column < len(cells) and _tells(category, cells[column].text)
    ]  # fmt: skip


def _form(form: Table, place: Place) -> Iterator[Finding]:
    """The values of a form that is filled in for somebody, beside labels that say what they hold."""
    names = words("persons", "name_columns") | words("persons", "name_labels")
    fields = [(row, _plain(cells[0].text), cells[1]) for row, cells in enumerate(form.rows) if len(cells) == 2 and cells[1].text.strip()]
    if not any(asked in names and context.has_name(value.text) for _, asked, value in fields):
        return
    for row, asked, value in fields:
        category = _category(asked)
        if category and _tells(category, value.text):
            yield _finding(category, value, Place(place.document, place.block, row, 1), f"field '{asked}'")


def _is_person(cells: Sequence[Cell], named: Sequence[str]) -> bool:
    first = next((cell.text.strip() for cell in cells if cell.text.strip()), "")
    if _plain(first) in words("columns", "example_values"):
        return False
    return not context.is_total(first) and (label(cells, named) is not None or any(context.has_name(cell.text) for cell in cells))


def _finding(category: str, cell: Cell, place: Place, why: str) -> Finding:
    start = len(cell.text) - len(cell.text.lstrip())
    return Finding(category, place, (start, start + len(cell.text.strip())), cell.text.strip(), CONFIDENCE, why)


def _category_of_values(texts: Sequence[str], over: str) -> str | None:
    """What the cells of a column can only be, given what stands over the table and the name of its file.

    Numbers of the grading scale are grades where one of them is written as on the scale ("02"), or where the talk is of exams.
    """
    values = {value for text in texts if (value := _plain(text)) not in words("columns", "empty_values") | {""}}
    if not values or sum(bool(text.strip()) for text in texts) < LEAST_VALUES:
        return None
    if values <= words("columns", "passed_values") or values <= words("columns", "civil_status_values"):
        return "grades" if values <= words("columns", "passed_values") else "civil_status"
    is_scale = values <= words("columns", "scale_values")
    is_told = bool(values & words("columns", "scale_only_values")) or any(word in over for word in words("columns", "exam_words"))
    return "grades" if is_scale and is_told else None


def is_left_empty(finding: Finding, documents: Sequence[Document]) -> bool:
    """Whether a finding at a number or time in a row has nothing beside it under the columns for its category: a list still to be filled
    in."""
    place = finding.place
    table = documents[place.document].blocks[place.block]
    if not isinstance(table, Table) or place.row < 0 or re.search(r"[^\W\d_]{2}", finding.text):
        return False
    row = table.rows[place.row]
    wanted = [n for n, header in enumerate(headers(table)) if _category(header) == finding.category]
    return bool(wanted) and not any(row[n].text.strip() for n in wanted if n < len(row))


def is_of_persons(header: str) -> bool:
    """Whether a header says that persons' names or numbers stand under it."""
    return any(_plain(header) in words("persons", key) for key in ("name_columns", "first_columns", "last_columns", "number_columns"))


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
    if any(len(cells) > 2 for cells in table.rows):
        return False
    labels = [_plain(cells[0].text) for cells in table.rows if cells]
    asked = {label for label in labels if context.is_form_label(label)}
    return len(asked) > 1 or (bool(asked) and context.header_rows(table) == 0 and len(set(labels)) == len(labels))


def form_label(form: Table, row: int) -> tuple[int, str | None]:
    """The row of a form that names the person of this row, and the name; (-1, None) where none does.

    A form may ask for several persons, one after another; what stands over the first name belongs to it.
    """
    fitting = words("persons", "name_columns")
    named = [n for n, cells in enumerate(form.rows) if len(cells) == 2 and _plain(cells[0].text) in fitting and cells[1].text.strip()]
    owner = next((n for n in reversed(named) if n <= row), named[0] if named else None)
    return (-1, None) if owner is None else (owner, form.rows[owner][1].text.strip())


def _plain(text: str) -> str:
    return REMARK.sub("", text.lower()).strip(" .:\n\t*")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    tables = load("columns")
    names = [key for key in tables["da"] if not key.endswith(("_values", "_words", "_columns"))]
    return tuple((name, re.compile(context.alternatives(context.words_of(tables, name)))) for name in names)


def _category(header: str) -> str | None:
    return next((name for name, pattern in _patterns() if pattern.fullmatch(header)), None)
