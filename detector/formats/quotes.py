"""How deep a line is quoted: by ">" signs or block quotes, and by the lines mail programs put above the history; who these lines name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from detector.records import Address

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
_FIELD = re.compile(r"\*?([^\W\d_]{2,9})\*?[ \xa0]?:\*?(.*)")
_ADDRESS = re.compile(r"[<\[(]?(?:mailto:)?(?<![^\s<>\[\]();:,])([^\s<>\[\]();:,]+@[^\s<>\[\]();:,]+)[>\])]?")
_DATED = re.compile(r"\A.*\d\S*(?: ?[AP]M\b| (?:CES?T|GMT|UTC)\b)?[ ,]*", re.IGNORECASE)
"""Of "On 5 Nov 2026, at 10:12 AM, Bo wrote:" what stands before the name."""
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
    label = _FIELD.match(line)
    return _FIELDS.get(label[1].lower()) if label is not None else None


def fields(text: str) -> dict[str, str]:
    """What a header block at the beginning of a quoted mail says: from, to, cc, subject, date; {} where there is none.

    >>> fields("-----Original Message-----\\nFra: Bo Dam\\nSendt: 1. maj\\nTil: Ida\\n\\nHej Ida")
    {'from': 'Bo Dam', 'date': '1. maj', 'to': 'Ida'}
    """
    found: dict[str, str] = {}
    for line in text.split("\n")[: _BLOCK_LINES + _HEADER_WITHIN]:
        label = _FIELD.match(line[:_MAX_CUE])
        name = _FIELDS.get(label[1].lower()) if label is not None else None
        if label is not None and name:
            found.setdefault(name, label[2].strip())
        elif found:
            break
    return found if "from" in found and len(found) > 1 else {}


def may_begin(text: str) -> bool:
    """Whether a header block may begin in these lines: one of them says who it is from."""
    return any(_field(line) == "from" for line in text.split("\n")[: _BLOCK_LINES + _HEADER_WITHIN])


def author(text: str) -> str:
    """Whom the attribution at the end of a text names: "Den 1. maj 2026 skrev Bo Dam <bo@x.dk>:"; "" where there is none.

    >>> author("Ja.\\nOn Fri, 1 May 2026 at 10:12 AM, Bo Dam <bo@x.dk> wrote:")
    'Bo Dam <bo@x.dk>'
    """
    lines = [(0, line) for line in text[-3 * _MAX_CUE :].rstrip().split("\n")[-3:]]
    for number in range(len(lines)):
        if _attribution_end(lines, number) == len(lines) - 1:
            return _named(" ".join(line.strip() for _, line in lines[number:]).rstrip(": "))
    return ""


def _named(attribution: str) -> str:
    verb = next(found for word in _VERBS if (found := re.search(rf"\b{word}\b", attribution, re.IGNORECASE)))
    after = attribution[verb.end() :].strip(" ,:")
    if after and not after[0].isdigit():
        return after
    before = attribution[: verb.start()].strip()
    address = _ADDRESS.search(before)
    name = before[: address.start()] if address else before
    return f"{_DATED.sub('', name)}{before[len(name) :]}".strip(" ,")


def address(text: str) -> Address:
    """The name and the e-mail address in a text, either of which may be missing.

    >>> address("Bo Dam [mailto:bo@x.dk]").email, address("Bo Dam <bo@x.dk>").name, address("'Bo Dam'").name
    ('bo@x.dk', 'Bo Dam', 'Bo Dam')
    """
    found = _ADDRESS.search(text)
    name = text[: found.start()] + text[found.end() :] if found else text
    return Address(found[1] if found else "", name.strip(" \"'<>[](),;:"))


def addresses(text: str) -> tuple[Address, ...]:
    """Those of a header of a quoted mail, set apart by ";" or, behind an address, by ",".

    >>> [a.name for a in addresses("Dam, Bo; Ida Holm <ida@x.dk>, Per")]
    ['Dam, Bo', 'Ida Holm', 'Per']
    """
    return tuple(address(part) for part in re.split(r";|(?<=[>\])]),", text) if part.strip())


def is_head(line: str) -> bool:
    """Whether a line names who wrote or received a quoted mail rather than tells of them.

    >>> is_head("Til: Bo Dam"), is_head("Den 1. maj 2026 skrev Bo Dam:"), is_head("Emne: Bo er syg")
    (True, True, False)
    """
    return _field(line) in ("from", "to", "cc", "date") or _attribution_end([(0, line)], 0) == 0


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
