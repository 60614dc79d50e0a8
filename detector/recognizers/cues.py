"""Words of a line that tell whom it is about: pronouns, kinship, codes for persons, greetings and closings.

The words are data: `languages/persons.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from detector.languages import load, words
from detector.recognizers import context

WORD = re.compile(r"[^\W\d_][\w'’-]*")
DIGIT = re.compile(r"\d")
KEYS = ("first", "first_many", "second", "third", "common")
"""That tell a line's language too."""
STUDENT_NUMBER = r"20[0-2]\d{5,6}|au\d{5,6}"
MOST_SIGNED = 4
"""Words of a line under a closing that can be the writer's name."""


@dataclass(frozen=True, slots=True)
class Cues:
    """What a line says of persons apart from their names."""

    first: bool
    """The writer ("jeg", "my")."""
    first_many: bool
    """The writer and others ("vi", "our")."""
    second: bool
    third: bool
    relative: tuple[str, str] | None
    """Whose relative it tells of, "first" or "third", and which: ("first", "søn")."""
    codes: tuple[str, ...]
    """Numbers that persons go by ("deltager 14", a student number)."""
    is_judging: bool
    """Whether the writer only says what he or she thinks or does of another ("I support a fourth attempt")."""

    @property
    def is_of_writer(self) -> bool:
        """Whether the writer is meant, where nobody is named: a first person who judges nobody, and no third."""
        return self.first and not self.third and not self.is_judging


def read(text: str) -> Cues:
    """The cues of one line.

    >>> read("Min søn er syg i dag").relative, read("Deltager 14 og deltager 15 har MS").codes
    (('first', 'søn'), ('14', '15'))
    >>> read("I have her number").first, read("Mette er her i dag").first, read("Mette er her i dag").third
    (True, False, False)
    >>> [read(t).is_of_writer for t in ("I support a fourth attempt.", "Derfor indstiller jeg til 7.", "I suggest that I stay at home.")]
    [False, False, True]
    """
    said = [word.lower() for word in WORD.findall(text)]
    table = load("persons")[_language(said)]
    first, many, second, third, _ = (not set(table[key]).isdisjoint(said) for key in KEYS)
    numbers = _codes().findall(text) if DIGIT.search(text) else ()
    codes = tuple(dict.fromkeys(next(filter(None, found)).lower() for found in numbers))
    return Cues(first, many, second, third, _relative(said), codes, first and _is_judging(said, table))


def _is_judging(said: list[str], table: Mapping[str, Sequence[str]]) -> bool:
    """Whether each first person stands beside a word of judging."""
    beside = ({*said[max(n - 1, 0) : n], *said[n + 1 : n + 2]} for n, word in enumerate(said) if word in table["first"])
    return all(not each.isdisjoint(table["judging"]) for each in beside)


def _language(said: list[str]) -> str:
    """The language that most of the words are of, Danish where it is even: "her" and "i" mean another person in each."""
    return max(load("persons"), key=lambda language: len(_own(language).intersection(said)))


@cache
def _own(language: str) -> frozenset[str]:
    """Words of a language that no other has."""
    every = {name: frozenset(word for key in KEYS for word in table[key]) for name, table in load("persons").items()}
    return every[language].difference(*(words for name, words in every.items() if name != language))


def _relative(said: list[str]) -> tuple[str, str] | None:
    """The writer's relative anywhere ("my son"); another's where the line begins with it ("his wife is …")."""
    for number, (owner, relative) in enumerate(pairwise(said)):
        if relative in words("persons", "relatives"):
            if owner in words("persons", "first") | words("persons", "first_many"):
                return "first", relative
            if owner in words("persons", "owners") and number == 0:
                return "third", relative
    return None


@cache
def _codes() -> re.Pattern[str]:
    named = context.alternatives(words("persons", "coded"))
    code = r"[ .:#-]{0,3}(?:nr[ .]{0,2}|no[ .]{0,2})?([A-Z]{0,3}-?\d{1,9})\b"
    return re.compile(rf"\b(?:{named}){code}|\b({STUDENT_NUMBER})\b", re.IGNORECASE)


def is_greeted(text: str, start: int, end: int) -> bool:
    """Whether the name at `start` is called or written to: what stands before it only greets.

    >>> [is_greeted(t, t.index("Bo"), t.index("Bo") + 2) for t in ("Kære Ida og Bo", "Hej, Bo er syg", "Til orientering er Bo syg")]
    [True, False, False]
    """
    before = WORD.findall(text[:start])
    if not before or before[0].lower() not in words("persons", "greetings"):
        return False
    if any(word.islower() and word not in words("persons", "joining") for word in before[1:]):
        return False
    return not _stands_apart(text[:start], text[end:])


def _stands_apart(before: str, after: str) -> bool:
    """Whether a new sentence begins with the name: a mark stands before it, and more follows."""
    return before.rstrip().endswith((",", ".", "!", ":")) and bool(re.match(r" [^\W\d_]", after))


def is_signing(text: str, start: int) -> bool:
    """Whether the name at `start` stands under a text: a closing comes just before it.

    >>> is_signing("Hun er syg. Mvh Bo", 16), is_signing("Bo hilser", 0)
    (True, False)
    """
    before = [word.lower() for word in WORD.findall(text[:start])]
    while before and before[-1] in words("persons", "joining"):
        before.pop()
    closings = words("persons", "closings")
    return bool(before) and (before[-1] in closings or " ".join(before[-2:]) in closings)


def is_closing(text: str) -> bool:
    """Whether a line is a closing and no more, so that the writer's name stands under it."""
    return " ".join(word.lower() for word in WORD.findall(text)) in words("persons", "closings")
