"""Words and sentences of each language, as data: one file a subject, loaded by name."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources
from typing import Any


@functools.cache
def load(name: str) -> dict[str, Any]:
    """The tables of `languages/<name>.toml`, read once; they are not to be changed.

    >>> sorted(load("summary"))
    ['da', 'en']
    """
    return tomllib.loads(resources.files("detector.languages").joinpath(f"{name}.toml").read_text("utf-8"))


@functools.cache
def words(name: str, key: str) -> frozenset[str]:
    """All words under `key` in every language of a file.

    >>> "min" in words("persons", "first"), "my" in words("persons", "first")
    (True, True)
    """
    return frozenset(word for table in load(name).values() for word in table.get(key, ()))


@functools.cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of `languages/<name>.txt` but empty ones and comments (`#`).

    >>> "8000 Aarhus C" in lines("postal_codes")
    True
    """
    text = resources.files("detector.languages").joinpath(f"{name}.txt").read_text("utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
