"""A multipart body cut at its boundary: spans of the bytes, found by searching, so that no nesting or line count makes it slow.

The standard library's feed parser walks line by line through one generator a level: 100 MB of empty lines take it a minute, a
thousand levels a `RecursionError`. Spans share one buffer; nothing is copied before a leaf is decoded.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

_REST = re.compile(rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
_LIKELY = re.compile(rb"^--([^\r\n]{1,200})\r?\n(?=content-)", re.IGNORECASE | re.MULTILINE)
_TRACES = re.compile(rb"^(?:--[^\s]|content-[a-z-]+:)", re.IGNORECASE | re.MULTILINE)
_MAX_MISSES = 1_000
_MAX_NOTE = 400
_NUMBER = re.compile(rb"\d[\d -]{3,}\d")


class Kind(enum.Enum):
    """What a piece between two boundary lines is."""

    PREAMBLE = enum.auto()
    PART = enum.auto()
    CUT = enum.auto()
    """A last part that no closing boundary ends."""
    AFTER = enum.auto()
    """What follows a closing boundary."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A half-open span of the buffer, in bytes."""

    kind: Kind
    start: int
    end: int


def split(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[Piece]:
    """Pieces of a body in order; where the boundary does not occur, one preamble. Parts behind a closing boundary are parts too.

    >>> [raw.kind.name for raw in split(b"note\\n--b\\n\\nA\\n--b\\n\\nB\\n--b--\\n", 0, 27, b"b")]
    ['PREAMBLE', 'PART', 'PART', 'AFTER']
    """
    kind, before = Kind.PREAMBLE, start
    for at, after, closes in _boundary_lines(raw, start, end, boundary):
        yield Piece(kind, before, _without_newline(raw, before, at))
        kind, before = Kind.AFTER if closes else Kind.PART, after
    yield Piece(Kind.CUT if kind is Kind.PART else kind, before, end)


def _boundary_lines(raw: bytes, start: int, end: int, boundary: bytes) -> Iterator[tuple[int, int, bool]]:
    """(start, end, closes) of each line that is a boundary and nothing else."""
    mark = b"--" + boundary
    misses = 0
    at = raw.find(mark, start, end)
    while at >= 0:
        after = at + len(mark)
        rest = _REST.match(raw, after, end)
        if rest and (at == start or raw[at - 1] == 0x0A):
            after = rest.end()
            yield at, after, rest[1] is not None
        elif (misses := misses + 1) > _MAX_MISSES:
            yield from _boundary_lines_among_many(raw, after, end, mark)
            return
        at = raw.find(mark, after, end)


def _boundary_lines_among_many(raw: bytes, start: int, end: int, mark: bytes) -> Iterator[tuple[int, int, bool]]:
    """The same by one pattern: slower over ordinary bytes than a search, but not slowed by lines that only begin like a boundary."""
    pattern = re.compile(rb"(?<=\n)" + re.escape(mark) + rb"(--)?[ \t]*+(?:\r?\n|\r?\Z)")
    for match in pattern.finditer(raw, start, end):
        yield match.start(), match.end(), match[1] is not None


def _without_newline(raw: bytes, start: int, end: int) -> int:
    """The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1)."""
    for newline in (b"\r\n", b"\n"):
        if end - len(newline) >= start and raw.endswith(newline, start, end):
            return end - len(newline)
    return end


def guess_boundary(raw: bytes, start: int, end: int) -> bytes | None:
    """The boundary in use where the header names none or a wrong one: a line of dashes before a Content- header."""
    match = _LIKELY.search(raw, start, end)
    return match[1].rstrip() if match else None


def may_hold_parts(raw: bytes, start: int, end: int) -> bool:
    """Whether a body without a boundary shows traces of parts, which read as text may still hide encoded content."""
    return _TRACES.search(raw, start, end) is not None


def is_worth_reading(text: bytes) -> bool:
    """Whether text outside all parts is more than the usual note to old mail programs."""
    stripped = text.strip()
    return len(stripped) > _MAX_NOTE or b"@" in stripped or _NUMBER.search(stripped) is not None
