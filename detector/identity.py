"""Names as keys of persons: what two ways of writing one name have in common.

"Mette Lund Hansen", "Hansen, Mette L.", "mette" and "M. Hansen" can be one person; "Mette Hansen" and "Mette Dahl" cannot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from detector.languages import words

WORD = re.compile(r"(?i:ph\.d)\b|[^\W\d_][\w'’]*")
"""A double name ("Anne-Marie", "Al-Hassan") is two words, since it is written without its hyphen too."""


LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ä": "ae", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ß": "ss", "ı": "i"})


MOST_INITIALS = 4


@dataclass(frozen=True, slots=True)
class Name:
    """The words of one name in lower case, given name first; one letter stands for an initial."""

    words: tuple[str, ...] = field(repr=False)
    is_initials: bool = False
    """Whether its one word is the first letters of a name ("MLH")."""

    @property
    def is_full(self) -> bool:
        """Whether it has a given name and a surname."""
        return len(self.words) > 1


def parse(text: str) -> Name:
    """The name in a text, without titles, genitive and commas.

    >>> parse("Hansen, Mette L.").words, parse("lektor Bo Vinters").words, parse("J. Paaske").words
    (('mette', 'l', 'hansen'), ('bo', 'vinter'), ('j', 'paske'))
    >>> parse("van der Berg, Jan").words, parse("Bo Vinter, ph.d.").words
    (('jan', 'van', 'der', 'berg'), ('bo', 'vinter'))
    >>> parse("Guðrún Åse Müller").words == parse("Gudrun Aase Muller").words
    True
    """
    last, _, first = text.partition(",")
    surname, given = _untitled(last), _untitled(first)
    is_turned = sum(not word.islower() for word in surname) <= 2 and len(surname) <= 4
    kept = [_plain(word) for word in (given + surname if is_turned else surname + given) or WORD.findall(text)]
    is_initials = len(kept) == 1 and text.isupper() and 2 <= len(kept[0]) <= MOST_INITIALS
    return Name(tuple([*kept[:-1], _nominative(kept[-1], is_last_of_many=len(kept) > 1)] if kept else []), is_initials)


def _plain(word: str) -> str:
    """In lower case, spelt as on a keyboard without accents: "Åse" and "Aase" are "ase", "Søren" and "Soeren" "soren"."""
    lower = word.lower().replace("aa", "a").replace("oe", "o")
    if lower.isascii():
        return lower
    bare = unicodedata.normalize("NFKD", lower.translate(LETTERS)).lower()
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _untitled(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if word.lower() not in words("persons", "titles")]


def _nominative(word: str, *, is_last_of_many: bool) -> str:
    for ending in ("'s", "’s", "'", "’"):
        if word.endswith(ending):
            return word.removesuffix(ending)
    return word[:-1] if is_last_of_many and len(word) > 4 and word.endswith("s") and word[-2] not in "sei" else word


def is_same(one: Name, other: Name) -> bool:
    """Whether both can be ways of writing one person's name.

    >>> def same(a, b): return is_same(parse(a), parse(b))
    >>> same("Mette Lund Hansen", "Hansen, Mette L."), same("Jonas", "Jonas Bech"), same("J. Paaske", "Jonas Paaske")
    (True, True, True)
    >>> same("Mette Hansen", "Mette Dahl"), same("Anne-Marie Holm", "Anne Marie Holm")
    (False, True)
    """
    if (one.is_initials or other.is_initials) and set(_letters(one)) & set(_letters(other)):
        return True
    short, long = sorted((one.words, other.words), key=len)
    if len(short) < 2:  # a given name or a surname, or half of a double one; a letter alone says nothing
        is_letter = not short or len(short[0]) == 1 or (len(long) == 1 and len(long[0]) == 1)
        return not is_letter and any(
            _agree(short[0], word) for n, word in enumerate(long) if len(word) > 1 or n in (0, len(long) - 1)
        )
    if not _agree(short[0], long[0]):
        return False
    if not _agree(short[-1], long[-1]):
        # a last word cut to a letter, or left out: "Signe L.", "Mette Lund" for Mette Lund Hansen
        return any(_agree(short[-1], word) for word in long[1:]) and len(short) < len(long)
    return _are_among(short[1:-1], long[1:-1]) and (len(short) < len(long) or _are_among(long[1:-1], short[1:-1]))


def _letters(name: Name) -> tuple[str, ...]:
    """The initials that a name is cut to, all of them or the first and the last; of initials themselves, these."""
    if not name.is_full:
        return name.words if name.is_initials else ()
    return "".join(word[0] for word in name.words), name.words[0][0] + name.words[-1][0]


def _are_among(some: Sequence[str], others: Sequence[str]) -> bool:
    return all(any(_agree(word, other) for other in others) for word in some)


def _agree(one: str, other: str) -> bool:
    if len(one) == 1 or len(other) == 1:
        return one[0] == other[0]
    return one == other or one.removesuffix("s") == other.removesuffix("s") or _is_one_typo(one, other)


def _is_one_typo(one: str, other: str) -> bool:
    """Whether one letter was exchanged, left out or added in a name of six letters and more."""
    if min(len(one), len(other)) < 6 or abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[start + 1 :] == other[start + 1 :] or one[start + 1 :] == other[start:] or one[start:] == other[start + 1 :]


def find(name: Name, known: Sequence[Name]) -> int | None:
    """Number of the known name that it can be, None where there is none.

    One written just so comes first, then the one with most words in common, then one that begins or ends so, then the latest in `known`.
    """
    if name in known:
        return known.index(name)
    fitting = [n for n, other in enumerate(known) if is_same(name, other)]
    if not fitting:
        return None
    return max(fitting, key=lambda n: (sum(len(w) > 1 for w in set(known[n].words) & set(name.words)), _is_outer(name, known[n]), n))


def _is_outer(name: Name, known: Name) -> bool:
    """Whether a name of one word is the first or the last of another."""
    return not name.is_full and bool(known.words) and (_agree(name.words[0], known.words[0]) or _agree(name.words[0], known.words[-1]))


def stored_under(name: Name) -> tuple[str, ...]:
    """Keys to keep a name under, so that a long list is not compared name by name.

    `sought_under` gives at least one of them for each other way of writing the name.

    >>> stored_under(parse("Mette Lund Hansen")), stored_under(parse("Hansen"))
    (('ml', 'mh', 'm*', 'l*', 'h*', '=mlh', '=mh'), ('h1',))
    """
    first = name.words[0][0]
    letters = [f"={each}" for each in _letters(name)]
    if not name.is_full:
        return f"{first}1", *letters
    return *(first + word[0] for word in name.words[1:]), *(f"{word[0]}*" for word in name.words), *letters


def sought_under(name: Name) -> tuple[str, ...]:
    """Keys to look for a name under.

    >>> sought_under(parse("M. Hansen")), sought_under(parse("Hansen"))
    (('mh', 'm1', 'h1', '=mh', '=mh'), ('h*', 'h1'))
    """
    first = name.words[0][0]
    letters = [f"={each}" for each in _letters(name)]
    if not name.is_full:
        return f"{first}*", f"{first}1", *letters
    return *(first + word[0] for word in name.words[1:]), *(f"{word[0]}1" for word in name.words), *letters


def fuller(one: Name, other: Name) -> Name:
    """The one that says more."""
    return max(one, other, key=lambda n: (len(n.words), sum(map(len, n.words))))
