"""How deep a line is quoted: by ">" signs or block quotes, and by the lines mail programs put above the history."""

from __future__ import annotations

import re
from collections.abc import Sequence

# What programs write above a mail they quote, in Danish, English, Swedish, Norwegian and German, lower case.
_SEPARATORS = (
    "oprindelig meddelelse", "oprindelig besked", "original message", "videresendt meddelelse", "videresendt besked",
    "forwarded message", "begin forwarded message", "start på videresendt besked", "ursprungligt meddelande",
    "vidarebefordrat meddelande", "opprinnelig melding", "videresendt melding", "ursprüngliche nachricht",
    "weitergeleitete nachricht",
)  # fmt: skip
_FIELDS = {
    "fra": "from", "from": "from", "från": "from", "von": "from",
    "sendt": "date", "sent": "date", "skickat": "date", "gesendet": "date", "dato": "date", "date": "date", "datum": "date",
    "til": "to", "to": "to", "till": "to", "an": "to",
    "emne": "subject", "subject": "subject", "ämne": "subject", "betreff": "subject",
    "cc": "cc", "kopi": "cc",
}  # fmt: skip
_OPENINGS = ("den ", "on ", "am ", "på ", "man", "tir", "ons", "tor", "fre", "lør", "søn")
_VERBS = ("skrev", "wrote", "schrieb")

_TELLING = (
    *_SEPARATORS,
    *_VERBS,
    *(f"{word}{end}" for word, field in _FIELDS.items() if field == "from" for end in (":", "*:", " :", "\xa0:")),
)
"""A text with none of these holds no history."""
_FIRST_LETTERS = frozenset("-*_FfVvDdOoAaPpMmTtLlSsBb")
"""A line that begins with none of these is no cue: most lines are told by one look."""
_LABEL = re.compile(r"\*?([^\W\d_]{2,9})\*?[ \xa0]?:")
_MAX_CUE = 300
"""Characters; a longer line is no line of a mail program."""
_BLOCK_LINES = 8
_MAX_HISTORIES = 50
_HEADER_WITHIN = 4
"""Lines under a separator within which its header block begins."""

Line = tuple[int, str]
"""Depth of ">" signs or block quotes, and the line without them."""


def depths(lines: Sequence[Line]) -> list[int]:
    """Depth of quotation of each line: its own, and one more for every history that began above it at its level or above.

    >>> depths([(0, "Ja."), (0, "-----Original Message-----"), (0, "From: A"), (0, "Kan du?")])
    [0, 1, 1, 1]
    >>> depths([(0, "Den 1. maj 2026 skrev Bo:"), (1, "Kan du?"), (0, "Ja.")])
    [0, 1, 0]
    """
    raises: list[int] = []  # the level at which each history began, up to _MAX_HISTORIES
    found: list[int] = []
    quiet_until = 0  # the header block under a separator begins no second history
    waiting = (-1, 0)
    for number, (level, line) in enumerate(lines):
        if number == waiting[0]:
            raises.append(waiting[1])
        depth = level + sum([level >= begun for begun in raises]) if raises else level
        if line[:1] in _FIRST_LETTERS and len(raises) < _MAX_HISTORIES and number >= quiet_until and len(line) <= _MAX_CUE:
            last = _attribution_end(lines, number)
            if last is not None:
                quiet_until = last + 1
                if _is_unmarked(lines, last, level):
                    waiting = (last + 1, level)
            elif _begins_history(lines, number):
                quiet_until = number + _HEADER_WITHIN
                raises.append(level)
                depth += 1
        found.append(depth)
    return found


def may_hold_history(text: str) -> bool:
    """Whether a look at each line is worth while."""
    lower = text.lower()
    return any(words in lower for words in _TELLING)


def _begins_history(lines: Sequence[Line], number: int) -> bool:
    line = lines[number][1]
    if line.startswith(("-", "_", "Begin", "begin", "Start")):
        words = line.strip("-_ :\t").lower()
        return words in _SEPARATORS or any(words.startswith(each) for each in _SEPARATORS)
    if _field(line) != "from":
        return False
    seen = {_field(below) for _, below in lines[number : number + _BLOCK_LINES]}
    return len(seen & {"from", "date", "to", "subject"}) >= 3


def _field(line: str) -> str | None:
    label = _LABEL.match(line)
    return _FIELDS.get(label[1].lower()) if label is not None else None


def _attribution_end(lines: Sequence[Line], number: int) -> int | None:
    """The last line of "Den … skrev …:" where one begins at `number`; it may be wrapped twice."""
    if not lines[number][1].lower().startswith(_OPENINGS):
        return None
    joined = ""
    for last, (_, line) in enumerate(lines[number : number + 3], number):
        joined += " " + line.strip().lower()
        if not line or len(joined) > _MAX_CUE:
            return None
        if joined.endswith(":"):
            return last if any(f" {verb}" in joined for verb in _VERBS) and any(letter.isdigit() for letter in joined) else None
    return None


def _is_unmarked(lines: Sequence[Line], last: int, level: int) -> bool:
    """Whether what follows an attribution is not itself marked as quoted."""
    following = next((below for below, line in lines[last + 1 : last + 4] if line), level)
    return following <= level
