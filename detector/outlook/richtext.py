"""The rich-text body of an Outlook message: unpacked, and the HTML that is wrapped in it taken out.

Source: Microsoft, "[MS-OXRTFCP]: Rich Text Format (RTF) Compression Algorithm", section 3.1, and "[MS-OXRTFEX]: Rich Text
Format (RTF) Extensions Algorithm", section 3.1.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field, replace

from detector import charsets
from detector.budget import Budget
from detector.outlook.mapi import charset

_START = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbolArial"
    rb"Times New RomanCourier{\colortbl\red0\green0\blue0" + b"\r\n" + rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What every packed text may refer back to."""
_WINDOW = 4096
_PACKED, _PLAIN = b"LZFu", b"MELA"


def unpack(data: bytes, *, budget: Budget) -> tuple[bytes, bool]:
    """RTF of a compressed body as far as it goes, and whether that is all of it.

    Raises ValueError or struct.error where it is no compressed body, OverBudget where it is too much.
    """
    packed_bytes, raw_bytes, kind = struct.unpack_from("<II4s", data)
    if kind == _PLAIN:
        return data[16:], len(data) >= 16 + raw_bytes
    if kind != _PACKED:
        raise ValueError("no compressed RTF")
    output = bytearray(_START)
    at, end = 16, min(len(data), 4 + packed_bytes)
    while at < end:
        at = _unpack_run(data, at, end, output)
        if at & 0xFFFF < 17:  # once in some thousand runs
            budget.check_time()
    budget.spend_unpacked(len(output) - len(_START))
    return bytes(output[len(_START) :]), len(output) - len(_START) >= raw_bytes


def _unpack_run(data: bytes, at: int, end: int, output: bytearray) -> int:
    """Takes the eight letters or references behind one byte of flags; where the next run begins, or `end`."""
    flags = data[at]
    at += 1
    for bit in range(8):
        if not flags >> bit & 1:
            output += data[at : at + 1]
            at += 1
        elif at + 2 > end or not _copy(output, data[at] << 8 | data[at + 1]):
            return end
        else:
            at += 2
        if at >= end:
            return end
    return at


def _copy(output: bytearray, token: int) -> bool:
    """Repeats bytes from up to 4,096 back; false where the token says that this is the end."""
    back = (len(output) - (token >> 4)) % _WINDOW or _WINDOW
    if back == _WINDOW or back > len(output):
        return False
    length = (token & 15) + 2
    start = len(output) - back
    output += (output[start : start + length] * (length // back + 1))[:length]  # it may repeat what it has just written
    return True


TOKEN = re.compile(rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,9})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\\Z")
"""One word, letter, sign, brace or run of plain text of RTF."""
FONT_CODEPAGES = {0: 1252, 77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256,
                  186: 1257, 204: 1251, 222: 874, 238: 1250, 254: 437, 255: 850}  # fmt: skip
"""Code pages of the character sets of fonts."""

_HEAD_BYTES = 1_000
_WRAPPED = re.compile(rb"\\fromhtml1?\b")
_SIGNS = {b"~": "&nbsp;", b"_": "&shy;", b"{": "{", b"}": "}", b"\\": "\\"}
_WORDS = {
    b"par": "\r\n", b"line": "\r\n", b"tab": "\t", b"lquote": "&lsquo;", b"rquote": "&rsquo;", b"ldblquote": "&ldquo;",
    b"rdblquote": "&rdquo;", b"bullet": "&bull;", b"endash": "&ndash;", b"emdash": "&mdash;",
}  # fmt: skip
_SKIPPED = frozenset({b"colortbl", b"stylesheet", b"info", b"pict", b"object"})
_MAX_NESTING = 5_000


def html(rtf: bytes, *, budget: Budget) -> str | None:
    """The HTML that `rtf` was made of; None where it was not made of HTML."""
    if _WRAPPED.search(rtf, 0, _HEAD_BYTES) is None:
        return None
    reader = _Unwrapping()
    at = steps = 0
    while (match := TOKEN.match(rtf, at)) is not None:
        at = match.end()
        reader.take(match)
        if match[1] == b"bin":
            at += max(0, int(match[2] or 0))
        steps += 1
        if steps % 20_000 == 0:
            budget.check_time()
    text = reader.text()
    budget.spend_unpacked(len(text))
    return text


@dataclass(slots=True)
class _Group:
    """What holds between two braces."""

    is_skipped: bool = False
    is_for_rtf: bool = False
    is_fonts: bool = False
    font: int = -1
    fallback: int = 1
    """Characters after a "\\u" that repeat it for old readers."""


@dataclass(slots=True)
class _Unwrapping:
    """What is kept: tags in "\\*\\htmltag" groups, and the text outside what "\\htmlrtf" marks as for RTF readers only."""

    group: _Group = field(default_factory=_Group)
    outer: list[_Group] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    """Bytes of text not yet decoded: a letter may take two."""
    codec: str = "cp1252"
    fonts: dict[int, str] = field(default_factory=dict)
    is_starred: bool = False
    to_skip: int = 0

    def take(self, match: re.Match[bytes]) -> None:
        """One token."""
        word, number, hexes, sign, brace, plain = match.groups()
        if plain is not None or hexes is not None:
            self.letters(plain if plain is not None else bytes([int(hexes, 16)]))
        elif brace is not None:
            self.brace(is_open=brace == b"{")
        elif word is not None:
            self.word(word, None if number is None else int(number))
        elif sign == b"*":
            self.is_starred = True
        elif sign is not None:
            self.put(_SIGNS.get(sign, ""))

    def letters(self, plain: bytes) -> None:
        """Plain characters, less those that only repeat a Unicode one."""
        skipped = min(self.to_skip, len(plain))
        self.to_skip -= skipped
        if self.is_kept():
            self.raw += plain[skipped:]

    def put(self, text: str) -> None:
        """Text that needs no decoding."""
        if self.is_kept():
            self.decode()
            self.output.append(text)

    def is_kept(self) -> bool:
        """Whether text that stands here is HTML."""
        return not (self.group.is_skipped or self.group.is_for_rtf or self.group.is_fonts)

    def decode(self) -> None:
        """The bytes so far, by the font they are in."""
        if self.raw:
            self.output.append(bytes(self.raw).decode(self.fonts.get(self.group.font, self.codec), "replace"))
            self.raw.clear()

    def brace(self, *, is_open: bool) -> None:
        """A group begins or ends."""
        self.decode()
        self.to_skip, self.is_starred = 0, False
        if is_open:
            if len(self.outer) > _MAX_NESTING:
                raise ValueError("nested too deep")
            self.outer.append(self.group)
            self.group = replace(self.group)
        elif self.outer:
            self.group = self.outer.pop()

    def word(self, word: bytes, number: int | None) -> None:
        """A control word."""
        self.to_skip = 0
        is_starred, self.is_starred = self.is_starred, False
        if word == b"htmlrtf":
            self.decode()
            self.group.is_for_rtf = number != 0
        elif word == b"htmltag" and is_starred:
            self.group.is_for_rtf = False
        elif is_starred or word in _SKIPPED:
            self.group.is_skipped = True
        elif word == b"u" and number is not None:
            self.put(chr(number % 0x10000))
            self.to_skip = self.group.fallback
        elif word in _WORDS:
            self.put(_WORDS[word])
        else:
            self.setting(word, number or 0)

    def setting(self, word: bytes, number: int) -> None:
        """Words that change how the text is to be read."""
        if word == b"uc":
            self.group.fallback = max(0, min(number, 10))
        elif word == b"ansicpg":
            self.codec = charsets.codec(charset(number) or "") or "cp1252"
        elif word == b"fonttbl":
            self.group.is_fonts = True
        elif word in {b"f", b"deff"}:
            self.decode()
            self.group.font = number
        elif word == b"fcharset" and self.group.is_fonts and number in FONT_CODEPAGES and number:
            self.fonts[self.group.font] = charsets.codec(charset(FONT_CODEPAGES[number]) or "") or "cp1252"

    def text(self) -> str:
        """All that was kept. Halves of a pair are joined."""
        self.decode()
        return "".join(self.output).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
