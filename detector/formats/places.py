"""Places in a spreadsheet as people write them: "Ark1!B4"."""

from __future__ import annotations

import re
from functools import lru_cache

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


@lru_cache(maxsize=20_000)
def letters(column: int) -> str:
    """Letters of a column counted from 0.

    >>> letters(0), letters(25), letters(26), letters(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    name = ""
    column += 1
    while column:
        column, digit = divmod(column - 1, 26)
        name = chr(65 + digit) + name
    return name


def number(name: str) -> int:
    """Column counted from 0 of its letters.

    >>> number("XFD")
    16383
    """
    column = 0
    for letter in name.upper():
        column = column * 26 + ord(letter) - 64
    return column - 1


def position(reference: str) -> tuple[int, int] | None:
    """Row and column from 0 of "B4"; None where it is no reference."""
    match = _REFERENCE.match(reference)
    return (int(match[2]) - 1, number(match[1])) if match is not None else None
