"""HTML that would take seconds to build a tree of, nested too deep or with too many attributes: told, and read by its tags alone."""

from __future__ import annotations

import html as entities
import re
from collections import Counter

from detector.formats.html_tree import Piece

_MAX_NESTING = 1000
_MAX_GAP_MARKS = 4000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,20})")
_UNCLOSED = frozenset(
    {"p", "li", "td", "th", "tr", "br", "img", "hr", "meta", "link", "input", "option", "dd", "dt", "tbody", "col", "wbr", "area", "base"}
)
_BREAKING_TAG = re.compile(r"<(?:/?(?:p|div|li|tr|td|th|table|h[1-6]|blockquote)|br)\b[^<>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[!/?a-zA-Z][^<>]*>")


def is_costly(text: str) -> bool:
    """Whether the tree would take quadratic time: by nesting, or by the attributes of one tag."""
    if text.count("<") > _MAX_NESTING and _nesting(text) > _MAX_NESTING:
        return True
    if len(text) < 4 * _MAX_GAP_MARKS:
        return False
    return any(
        len(gap) > 4 * _MAX_GAP_MARKS and gap.count(" ") + gap.count("\n") + gap.count("/") > _MAX_GAP_MARKS
        for mark in "<>"
        for gap in text.split(mark)
    )


def _nesting(text: str) -> int:
    """Depth of the elements that need an end tag, at most: elements of each name are counted apart."""
    open_now: Counter[str] = Counter()
    depth = deepest = 0
    for end, name in _TAG.findall(text):
        name = name.lower()
        if name in _UNCLOSED:
            continue
        if not end:
            open_now[name] += 1
            depth += 1
            deepest = max(deepest, depth)
        elif open_now[name]:
            open_now[name] -= 1
            depth -= 1
    return deepest


def stripped(text: str) -> list[Piece]:
    text = _ANY_TAG.sub(" ", _BREAKING_TAG.sub("\n", text))
    return [Piece(line.strip(), 0) for line in entities.unescape(text).split("\n") if line.strip()]
