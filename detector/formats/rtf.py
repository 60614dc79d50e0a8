"""RTF: paragraphs, table rows, headers, footers, notes and comments.

Read here rather than by striprtf, which leaves out headers, footers and notes without a word and has patterns that
take quadratic time. Source: Microsoft, "Rich Text Format (RTF) Specification, version 1.9.1", 2008.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from detector import charsets
from detector.formats.plugin import Format, Item, Source, row
from detector.outlook.richtext import FONT_CODEPAGES, TOKEN
from detector.records import Text

_ASIDES = {
    b"header": "header", b"headerl": "header", b"headerr": "header", b"headerf": "header",
    b"footer": "footer", b"footerl": "footer", b"footerr": "footer", b"footerf": "footer",
    b"footnote": "footnote", b"annotation": "comment", b"shptxt": "text box",
}  # fmt: skip
"""Destinations that hold text of their own, and what their place is called."""

_SKIPPED = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata colorschememapping datastore listtable listoverridetable rsidtbl "
    b"generator xmlnstbl fldinst latentstyles filetbl revtbl pgptbl bkmkstart bkmkend atnid atnref atrfstart atrfend atnauthor "
    b"sp sn sv nonshppict pntext pntxta pntxtb tc xe ffname ffstattext mmathPr wgrffmtfilter userprops operator blipuid".split()
)
_KEPT_STARRED = frozenset({b"shpinst", b"shptxt", b"annotation", b"footnote", b"shppict", b"fldrslt", b"ud"})
"""Of the destinations behind "\\*", which a reader may leave out, those with text in them."""

_MAX_NESTING = 5000

_WORDS = {
    b"tab": "\t", b"line": "\n", b"emdash": "—", b"endash": "–", b"bullet": "•", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“",
    b"rdblquote": "”", b"emspace": " ", b"enspace": " ", b"qmspace": " ", b"nestcell": "\t", b"nestrow": "\n",
}  # fmt: skip
_SIGNS = {b"~": "\xa0", b"_": "-", b"-": "", b"{": "{", b"}": "}", b"\\": "\\", b"\n": "\n", b"\r": "\n"}


def read(source: Source) -> Iterator[Item]:
    """Blocks "paragraph 3", "table 1, row 2, column 1", "header"; lines of tabs become tables."""
    data, budget = source.part.data, source.budget
    state = _State()
    at = steps = 0
    while (match := TOKEN.match(data, at)) is not None:
        at = match.end()
        steps += 1
        if steps % 20_000 == 0:
            budget.check_time()
        if match[1] == b"bin":
            at += max(0, int(match[2] or 0))
        else:
            yield from _token(state, match)
        if match[5] == b"}" and not state.outer:
            break  # what stands behind the document is no part of it
    yield from _paragraph(state)
    if state.cells:
        yield from _row(state)


@dataclass(slots=True)
class _Group:
    """What holds between two braces."""

    is_skipped: bool = False
    is_starred: bool = False
    aside: str = ""
    font: int = -1
    fallback: int = 1
    """Characters after a "\\u" that repeat it for old readers."""
    is_fonts: bool = False


@dataclass(slots=True)
class _State:
    """The document so far."""

    group: _Group = field(default_factory=_Group)
    outer: list[_Group] = field(default_factory=list)
    codepage: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    defined: int = -1
    """The font being defined in the font table."""
    buffers: dict[str, list[str]] = field(default_factory=lambda: {"": []})
    raw: bytearray = field(default_factory=bytearray)
    """Bytes of text not yet decoded: a letter may take two."""
    to_skip: int = 0
    cells: list[str] = field(default_factory=list)
    is_in_table: bool = False
    paragraph: int = 0
    table: int = 0
    row: int = 0


def _token(state: _State, match: re.Match[bytes]) -> Iterator[Item]:
    word, number, hexes, sign, brace, plain = match.groups()
    if plain is not None:
        _take(state, plain)
    elif hexes is not None:
        _take(state, bytes([int(hexes, 16)]))
    elif word is not None:
        yield from _word(state, word, None if number is None else int(number))
    elif brace is not None:
        yield from _brace(state, is_open=brace == b"{")
    elif sign is not None:
        _sign(state, sign)


def _take(state: _State, plain: bytes) -> None:
    """Plain characters, less those that only repeat a Unicode one."""
    if state.to_skip:
        skipped = min(state.to_skip, len(plain))
        state.to_skip -= skipped
        plain = plain[skipped:]
    if not state.group.is_skipped:
        state.raw += plain


def _put(state: _State, text: str) -> None:
    """Text at the end of the buffer it belongs to."""
    _decode(state)
    if not state.group.is_skipped:
        state.buffers.setdefault(state.group.aside, []).append(text)


def _decode(state: _State) -> None:
    if state.raw:
        encoding = state.fonts.get(state.group.font, state.codepage)
        state.buffers.setdefault(state.group.aside, []).append(bytes(state.raw).decode(encoding, "replace"))
        state.raw.clear()


def _sign(state: _State, sign: bytes) -> None:
    if sign == b"*":
        state.group.is_starred = True
    else:
        _put(state, _SIGNS.get(sign, ""))


def _brace(state: _State, *, is_open: bool) -> Iterator[Item]:
    _decode(state)
    state.to_skip = 0
    if is_open:
        if len(state.outer) > _MAX_NESTING:
            raise ValueError("nested too deep")
        state.outer.append(state.group)
        state.group = replace(state.group, is_starred=False)
    elif state.outer:
        ended, state.group = state.group, state.outer.pop()
        if ended.aside != state.group.aside:
            yield from _aside(state, ended.aside)


def _word(state: _State, word: bytes, number: int | None) -> Iterator[Item]:
    group = state.group
    if word != b"u":
        state.to_skip = 0
    if word in _SKIPPED or (group.is_starred and word not in _KEPT_STARRED):
        _decode(state)
        group.is_skipped, group.is_fonts, group.is_starred = True, word == b"fonttbl" or group.is_fonts, False
    elif word in _ASIDES and not group.is_skipped:
        _decode(state)
        group.aside, group.is_starred = _ASIDES[word], False
    elif word in _WORDS:
        _put(state, _WORDS[word])
    elif word in {b"par", b"sect", b"page"}:
        _put(state, "\n" if state.is_in_table and not group.aside else "")
        if not group.is_skipped and (group.aside or not state.is_in_table):
            yield from _aside(state, group.aside) if group.aside else _paragraph(state)
    elif word in {b"cell", b"row"} and not group.is_skipped and not group.aside:
        yield from _cell(state) if word == b"cell" else _row(state)
    else:
        _setting(state, word, number)


def _setting(state: _State, word: bytes, number: int | None) -> None:
    """Words that change how the text is to be read."""
    group = state.group
    if word == b"u" and number is not None:
        _put(state, _unicode(number))
        state.to_skip = group.fallback
    elif word == b"uc":
        group.fallback = max(0, min(number or 0, 10))
    elif word == b"f" and number is not None:
        _decode(state)
        group.font = state.defined = number
    elif word == b"fcharset" and group.is_fonts:
        codepage = FONT_CODEPAGES.get(number or 0)
        if codepage is not None and number != 0:
            state.fonts[state.defined] = _codec(codepage)
    elif word in {b"ansicpg", b"mac", b"pc", b"pca"}:
        state.codepage = _codec({b"mac": 10000, b"pc": 437, b"pca": 850}.get(word, number or 1252))
    elif word == b"deff" and number is not None:
        group.font = number
    elif word == b"intbl":
        state.is_in_table = True
    elif word == b"pard" and not group.aside:
        state.is_in_table = False


def _codec(codepage: int) -> str:
    if codepage == 10000:
        return "mac_roman"
    return charsets.codec(f"cp{codepage}" if codepage != 65001 else "utf-8") or "cp1252"


def _unicode(number: int) -> str:
    """The character of a "\\u" word, signed 16 bits. Halves of a pair are joined when the paragraph is."""
    number = number + 0x10000 if number < 0 else number
    return chr(number) if 0 <= number < 0x110000 else ""


def _joined(pieces: list[str]) -> str:
    text = "".join(pieces).replace("\0", " ")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _paragraph(state: _State) -> Iterator[Item]:
    _decode(state)
    text = _joined(state.buffers[""])
    state.buffers[""] = []
    if text.strip():
        state.paragraph += 1
        state.row = 0
        yield Text(text.strip("\n "), f"paragraph {state.paragraph}")


def _aside(state: _State, aside: str) -> Iterator[Item]:
    text = _joined(state.buffers.pop(aside, []))
    if text.strip():
        yield Text(text.strip(), aside)


def _cell(state: _State) -> Iterator[Item]:
    _decode(state)
    state.cells.append(_joined(state.buffers[""]).strip())
    state.buffers[""] = []
    yield from ()


def _row(state: _State) -> Iterator[Item]:
    if not state.cells:
        return
    if state.row == 0:
        state.table += 1
    state.row += 1
    name = f"table {state.table}"
    yield row(name, state.cells, number=state.row, prefix=f"{name}, ")
    state.cells = []


FORMAT = Format(
    "rtf",
    ("rtf",),
    (".rtf",),
    "Rich text with its tables, headers, footers, notes and comments; code pages honoured.",
    read,
    has_tab_lines=True,
    is_own=True,
)
