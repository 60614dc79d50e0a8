"""Findings by what a policy says itself: a category's regular expression, and its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import re2  # type: ignore[import-untyped]

from detector.recognizers import Recognizer
from detector.records import Document, Finding, Place, Table

CERTAINTY = {"pattern": 0.9, "word": 0.8}


def recognizer(category: str, pattern: str, words: tuple[str, ...]) -> Recognizer:
    """What finds `category` by a pattern in RE2's syntax and by whole words in any case; "" and () find nothing.

    >>> find = recognizer("staff_number", r"\\bM\\d{4}\\b", ("tjenestenummer",))
    >>> from detector.records import Role, Text
    >>> [finding.text for finding in find(Document("1", Role.BODY, (Text("Tjenestenummer M1234"),)), 0, frozenset())]
    ['Tjenestenummer', 'M1234']
    """
    searches = []
    if words:
        alternatives = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
        searches.append(("word", re2.compile(f"(?i){alternatives}")))
    if pattern:
        searches.append(("pattern", re2.compile(pattern)))

    def find(document: Document, number: int, _own: frozenset[str]) -> list[Finding]:
        texts = list(_texts(document, number))
        return [finding for kind, search in searches for place, text in texts for finding in _found(category, kind, search, place, text)]

    return find


def _texts(document: Document, number: int) -> Iterator[tuple[Place, str]]:
    for index, block in enumerate(document.blocks):
        if isinstance(block, Table):
            yield from ((Place(number, index, r, c), cell.text) for r, row in enumerate(block.rows) for c, cell in enumerate(row))
        else:
            yield Place(number, index), block.text


def _found(category: str, kind: str, search: Any, place: Place, text: str) -> Iterator[Finding]:
    for match in search.finditer(text):
        start, end = match.span()
        if end > start and (kind == "pattern" or _is_whole(text, start, end)):
            yield Finding(category, place, (start, end), text[start:end], CERTAINTY[kind], f"the policy's {kind}")


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (text[max(0, start - 1) : start].isalnum() or text[end : end + 1].isalnum())
