"""The persons of a message while it is read: who is known already by a name, a number or another key."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from detector import identity
from detector.identity import Name


@dataclass(slots=True, eq=False)
class Person:
    """One person, as far as the message tells of them; grows while it is read."""

    name: Name | None = None
    label: str | None = field(default=None, repr=False)
    cpr: str | None = field(default=None, repr=False)
    findings: set[int] = field(default_factory=set)


class Register:
    """Everyone met so far, by name or by another key."""

    def __init__(self) -> None:
        self.all: list[Person] = []
        self._keyed: dict[tuple[object, ...], Person] = {}
        self._by_words: dict[tuple[str, ...], Person] = {}
        self._by_initials: dict[str, list[Person]] = defaultdict(list)

    def keyed(self, *key: object, label: str | None = None) -> Person:
        """The one person of this key."""
        if key not in self._keyed:
            self._keyed[key] = self.new(Person(label=label))
        return self._keyed[key]

    def named(self, text: str) -> Person:
        """The person of this name, known or new."""
        name = identity.parse(text)
        person = self.known(name)
        if person is None:
            return self.new(Person(name, text))
        if person.name and identity.fuller(person.name, name) is not person.name:
            person.name, person.label = name, text
            self._index(person)
        elif person.name == name and len(text) < len(person.label or ""):
            person.label = text  # "Mette Lunds" is told as "Mette Lund" where that stands somewhere
        return person

    def known(self, name: Name) -> Person | None:
        """Who is known by such a name."""
        if name.words in self._by_words or not name.words:
            return self._by_words.get(name.words)
        possible = list(dict.fromkeys(p for key in identity.sought_under(name) for p in self._by_initials.get(key, ())))
        number = identity.find(name, [p.name for p in possible if p.name is not None])
        return None if number is None else possible[number]

    def new(self, person: Person) -> Person:
        """Takes in one more."""
        self.all.append(person)
        self._index(person)
        return person

    def _index(self, person: Person) -> None:
        if person.name and person.name.words:
            self._by_words.setdefault(person.name.words, person)
            for key in identity.stored_under(person.name):
                self._by_initials[key].append(person)
