"""No regular expression over what a sender wrote takes more than linear time: each is tried on worst cases made from itself."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import attacks
import pytest

import detector
from detector.recognizers import columns, contact_context, cpr_evidence, cues

ROOT = Path(detector.__file__).parent
WHOLE = ("match", "fullmatch")
SEARCHES = ("search", "finditer", "findall", "sub", "subn", "split")
SOURCE = "".join(path.read_text("utf-8") for path in ROOT.rglob("*.py"))
MODULES = [
    importlib.import_module(found.name)
    for found in pkgutil.walk_packages(detector.__path__, "detector.")
    if not found.name.startswith(("detector.training", "detector.trained"))
]


def patterns_in(value: Any) -> Iterator[attacks.Pattern]:
    """Those of a value and of the tuples and tables in it."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, frozenset)):
        for inner in value:
            yield from patterns_in(inner)
    elif isinstance(value, dict):
        yield from patterns_in([*value.values()])


def ways(module: ModuleType, name: str) -> frozenset[str]:
    """How a module's pattern is used, there and as `module.NAME` elsewhere, "search" standing for all that seek; any way, if not seen."""
    call = rf"\.({'|'.join((*WHOLE, *SEARCHES))})\("
    found = re.findall(rf"(?<![\w.]){name}{call}", inspect.getsource(module))
    found += re.findall(rf"\b{module.__name__.rpartition('.')[2]}\.{name}{call}", SOURCE)
    return frozenset(method if method in WHOLE else "search" for method in found) or frozenset({"search", "fullmatch"})


def at_module_level() -> dict[str, tuple[attacks.Pattern, frozenset[str]]]:
    """Each module's patterns with how they are used, by the name of module and constant."""
    return {
        f"{module.__name__}.{name} {number}": (pattern, ways(module, name))
        for module in MODULES
        for name, value in vars(module).items()
        for number, pattern in enumerate(patterns_in(value))
    }


def written_in_place() -> Iterator[tuple[str, attacks.Pattern, frozenset[str]]]:
    """Patterns given to a function of `re` where they are used, as far as they are constants."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(ast.Name("re"), method), args=[ast.Constant(text), *_]) if method != "compile":
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", re.compile(text), frozenset({method if method in WHOLE else "search"})


def built_from_tables() -> Iterator[attacks.Pattern]:
    """Patterns that are made of the cue words."""
    yield cues._codes()
    yield from (pattern for _, pattern in columns._patterns())
    lexicon = cpr_evidence.lexicon()
    yield from (lexicon.cue, lexicon.follows, lexicon.person, lexicon.unit, lexicon.serial, lexicon.name_header)
    yield from map(contact_context.pattern, contact_keys())


def contact_keys() -> list[str]:
    """Names of the lists of `contacts.toml` that are made a pattern."""
    source = "".join(path.read_text("utf-8") for path in (ROOT / "recognizers").glob("contact*.py"))
    return sorted(set(re.findall(r'\b(?:pattern|distance)\("(\w+)"', source)))


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+$",  # exponential: each letter may begin a new group
        r"(?:a|a)*b",  # exponential: two ways for each letter
        r"(.*?,){11}P",  # a polynomial of the eleventh degree
        r"\s*\s*x",  # two repeats share the blanks between them
        r"\s+$",  # each blank of a run is a start
        r"(?:ab*)*c",  # nested, and each start runs to the end
        r"<a [^>]*b=",  # each "<a " runs to the end
        rb"\d+(?:\.\d+)?x",  # bytes
    ],
)
def test_what_backtracks_is_caught(pattern: str | bytes) -> None:
    """The check of the tests below can fail."""
    assert attacks.slow(re.compile(pattern)) is not None


@pytest.mark.parametrize("pattern", [r"^a++b", r"(?<!\s)\s*x", r"<a [^<>]*b=", r"(?<!\s)\s+$", r"^(?:x ?)+$", r"[ab]{0,90}c"])
def test_what_is_linear_passes(pattern: str) -> None:
    """And it does not fail on what has repeats and is sound."""
    assert attacks.slow(re.compile(pattern)) is None


def test_patterns_of_modules_are_linear() -> None:
    """Those that are compiled when a module is loaded."""
    found = at_module_level()
    assert len(found) > 180, "patterns are no longer found"
    assert {name: slow for name, (pattern, methods) in found.items() if (slow := attacks.slow(pattern, methods))} == {}


def test_patterns_written_in_place_are_linear() -> None:
    """Those that stand where they are used."""
    found = list(written_in_place())
    assert len(found) > 10
    assert {name: slow for name, pattern, methods in found if (slow := attacks.slow(pattern, methods))} == {}


def test_patterns_of_cue_words_are_linear() -> None:
    """Those that are made of the tables of words, which a translator may add to."""
    found = list(built_from_tables())
    assert len(found) > 10
    assert [(pattern.pattern[:80], slow) for pattern in found if (slow := attacks.slow(pattern, frozenset({"search"})))] == []
