"""Worst cases of a regular expression, made from the expression itself, and the search for one on which it takes more than linear time."""

import re
import time
from collections.abc import Iterator
from itertools import pairwise
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

Pattern = re.Pattern[str] | re.Pattern[bytes]

LONG = 64
"""A repeat that may go on for this many rounds is one that an attacker can pump."""
SHORT = (16, 20, 24, 28, 32, 64, 2_000, 20_000)
"""Lengths in small steps at first: what doubles with each character is told before it hangs."""
PER_CHARACTER_S, SLACK_S = 2e-6, 4e-3
"""Ceiling of processor time at these lengths: what is linear takes 1 to 1,000 ns a character."""
LONGEST = 80_000
"""Tried where 20,000 characters took more than `SURELY_S`."""
SURELY_S = 4e-4
MOST_GROWTH = 9
"""Times as long that four times the text may take: 4 where the time is linear, 16 where it is quadratic."""
USUAL = "a0 \n\t\r-.,:;<>=@\"'Zæ\xa0\x01"
"""Tried in each class of characters, beside those that the pattern names."""
END = "\x02"
"""What hardly any pattern goes on with, so that it has to turn back."""

_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d", codes.CATEGORY_NOT_DIGIT: r"\D", codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S", codes.CATEGORY_WORD: r"\w", codes.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip


def slow(pattern: Pattern, methods: frozenset[str] = frozenset({"search", "fullmatch"})) -> tuple[str, int, float] | None:
    """An attack on which the pattern takes more than linear time, its length and the seconds of processor time; None if none is found."""
    for attack in attacks(pattern):
        for method in sorted(methods):
            if (found := _slow_on(pattern, method, attack)) is not None:
                return repr(attack), *found
    return None


def _slow_on(pattern: Pattern, method: str, attack: tuple[str, str, str]) -> tuple[int, float] | None:
    """The first length at which the pattern, given a start, a piece again and again, and an end, takes longer than it may."""
    seconds = 0.0
    for length in SHORT:
        seconds = _seconds(pattern, method, attack, length)
        if seconds > SLACK_S + length * PER_CHARACTER_S:
            return length, seconds
    if seconds < SURELY_S:
        return None
    for _ in range(3):  # the fastest of a few, as the clock counts what other programs did to the processor's cache
        longest = _seconds(pattern, method, attack, LONGEST)
        if longest <= MOST_GROWTH * seconds:
            return None
    return LONGEST, longest


def _seconds(pattern: Any, method: str, attack: tuple[str, str, str], length: int) -> float:
    start, pump, end = attack
    text = start + pump * (length // len(pump)) + end
    content: Any = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    before = time.thread_time()
    if method == "search":
        for _ in pattern.finditer(content):
            pass
    else:
        getattr(pattern, method)(content)
    return time.thread_time() - before


def attacks(pattern: Pattern) -> list[tuple[str, str, str]]:
    """For each repeat of the pattern: what leads to it, what it repeats, and what stops it; and each two neighbouring characters."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    tree = parser.parse(text, pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags)
    alphabet = "".join(dict.fromkeys([*_literals(tree), *USUAL]))
    found: dict[tuple[str, str, str], None] = {}
    for before, pump in _pumps(tree, "", alphabet):
        for end in (END, ""):
            found |= dict.fromkeys([(before, pump, end), ("", before + pump, end)])
        found[before, pump * 40 + before, END] = None
    for one, other in pairwise(_literals(tree)):
        found["", one + other, END] = None
    return list(found)


def _literals(tree: Any) -> Iterator[str]:
    """The characters that a pattern names, without repeats, in order."""
    seen: dict[str, None] = {}
    for code, value in _nodes(tree):
        if code in (codes.LITERAL, codes.NOT_LITERAL):
            seen[chr(value)] = None
        elif code is codes.RANGE:
            seen[chr(value[0])] = None
    yield from list(seen)[:60]


def _nodes(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], int) and hasattr(value[0], "name"):
        yield value
    if isinstance(value, (tuple, list, parser.SubPattern)):
        for inner in value:
            yield from _nodes(inner)


def _pumps(tree: Any, before: str, alphabet: str) -> Iterator[tuple[str, str]]:
    """Each long repeat under a node: a text that leads to it, and one round of it, in several ways."""
    for code, value in tree:
        if code in _REPEATS:
            _, most, body = value
            if most >= LONG:
                yield from ((before, pump) for pump in _rounds(body, alphabet) if pump)
            yield from _pumps(body, before, alphabet)
        else:
            for branch in _branches(code, value):
                yield from _pumps(branch, before, alphabet)
        before += _sample(code, value, alphabet)


def _rounds(body: Any, alphabet: str) -> list[str]:
    """One round of a repeat: each kind of character of a class, else one text that the body takes for each of its branches."""
    if len(body) == 1 and body[0][0] in (codes.IN, codes.ANY, codes.NOT_LITERAL, codes.LITERAL):
        return [character for character in alphabet if _takes(*body[0], character)][:8]
    if len(body) == 1 and (branches := _branches(*body[0])):
        return [text for branch in branches for text in _rounds(branch, alphabet)][:8]
    return [_text(body, alphabet), *(character for code, value in body for character in alphabet if _takes(code, value, character))][:8]


def _branches(code: Any, value: Any) -> list[Any]:
    if code is codes.BRANCH:
        return list(value[1])
    if code is codes.SUBPATTERN:
        return [value[3]]
    if code is codes.ATOMIC_GROUP:
        return [value]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [value[1]]
    return []


def _text(tree: Any, alphabet: str) -> str:
    return "".join(_sample(code, value, alphabet) for code, value in tree)


def _sample(code: Any, value: Any, alphabet: str) -> str:
    """A short text that a node takes."""
    if code in _REPEATS:
        return _text(value[2], alphabet) * max(value[0], 1 if value[1] == 1 else 0)
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return _text(value[1], alphabet) if code is codes.ASSERT and value[0] < 0 else ""
    if branches := _branches(code, value):
        return _text(branches[0], alphabet)
    return next((character for character in alphabet if _takes(code, value, character)), "")


def _takes(code: Any, value: Any, character: str) -> bool:
    """Whether a node that takes one character takes this one."""
    if code is codes.LITERAL:
        return ord(character) == value
    if code is codes.NOT_LITERAL:
        return ord(character) != value
    if code is codes.ANY:
        return character != "\n"
    if code is codes.RANGE:
        return value[0] <= ord(character) <= value[1]
    if code is codes.CATEGORY:
        return re.match(_CATEGORIES[value], character) is not None
    if code is codes.IN:
        is_negated = value[0][0] is codes.NEGATE
        return any(_takes(*item, character) for item in value if item[0] is not codes.NEGATE) != is_negated
    return False
