"""Whose a row of a table is: a row is a person, by name, number or position; a form of two columns is one or a few."""

from __future__ import annotations

from detector import identity
from detector.identity import Name
from detector.people import Person, Register
from detector.recognizers import columns
from detector.records import Place, Table
from detector.told import Told


class Rows(Register):
    """The persons of rows, among all persons."""

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told
        self._rows: dict[tuple[int, int, int], Person] = {}
        self._rows_of: dict[tuple[int, int, Person], Name] = {}
        self._numbered: set[tuple[int, int, int]] = set()
        self._forms: dict[tuple[int, int], bool] = {}
        self._headers_of: dict[tuple[int, int], tuple[str, ...]] = {}

    def claim(self, place: Place, person: Person) -> None:
        """The row is the person's whose CPR number is the first in it."""
        row = self._row(place)
        if row not in self._numbered:
            self._numbered.add(row)
            self._rows[row] = person

    def of_row(self, place: Place) -> Person:
        """Whose the row at a place is."""
        row = self._row(place)
        if row not in self._rows:
            form = self._form(place)
            label = columns.label(self._table(place).rows[place.row], self._headers(place)) if form is None else form[1]
            names = self._told.of_row(place)
            self._rows[row] = self._of_label(label or (names[0].text if names else None), place)
        return self._rows[row]

    def _row(self, place: Place) -> tuple[int, int, int]:
        form = self._form(place)
        return place.document, place.block, place.row if form is None else form[0]

    def _form(self, place: Place) -> tuple[int, str | None] | None:
        """Row and name of the person where the table is a form."""
        block = place.document, place.block
        if block not in self._forms:
            self._forms[block] = columns.is_form(self._table(place))
        return columns.form_label(self._table(place), place.row) if self._forms[block] else None

    def _headers(self, place: Place) -> tuple[str, ...]:
        block = place.document, place.block
        if block not in self._headers_of:
            self._headers_of[block] = columns.headers(self._table(place))
        return self._headers_of[block]

    def _table(self, place: Place) -> Table:
        block = self._told.documents[place.document].blocks[place.block]
        return block if isinstance(block, Table) else Table(())

    def _of_label(self, label: str | None, place: Place) -> Person:
        """Who a row goes by; rows of one table that go by different names are different persons."""
        name = identity.parse(label or "")
        if not label or not name.words:
            return self.keyed("code", label, label=label) if label else self.new(Person())
        person = self.known(name)
        if person and self._rows_of.get((place.document, place.block, person), name) != name:
            person = self.new(Person(name, label))
        else:
            person = self.named(label)
        self._rows_of[place.document, place.block, person] = name
        return person
