"""What an .xlsx worksheet says outside its cells: which rows and columns are hidden, headers and footers of the print, prompts and choices.

Told by the tags alone, while the bytes go by on their way to another reader. Source: ECMA-376, part 1, sections 18.3.1.13 (columns),
18.3.1.32 (validation), 18.3.1.39 and 18.3.1.46 (footers, headers), 18.3.1.73 (rows).
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from detector.records import Text

EVERY = range(1 << 20)
"""All columns of a row."""

_TAG = re.compile(rb"<(?:\w{1,20}:)?(row|col|dataValidation)\b([^<>]*)>")
_MARGIN = re.compile(rb"<(?:\w{1,20}:)?(?:odd|even|first)(Header|Footer)>([^<]{1,4000})<")
_CHOICES = re.compile(rb"<(?:\w{1,20}:)?formula1>(?:\"|&quot;)([^<]{1,4000})<")
_VALUE = re.compile(rb"\b(r|min|max|hidden|prompt|promptTitle)\s*=\s*(\"[^\"]{0,4000}\"|'[^']{0,4000}')")
_CODE = re.compile(r"&(?:([LCR])|(&)|\"[^\"]{0,200}\"|K[0-9A-Fa-f]{6}|\d{1,3}|[A-Za-z])")
"""A turn to the left, middle or right of the margin, a real "&", or a font, colour, size or field."""
_MAX_TAG = 10_000
_MAX_COLUMN = 16_384


@dataclass(slots=True)
class Margins:
    """What was met so far; rows and columns count from 0."""

    rows: set[int] = field(default_factory=set)
    columns: set[int] = field(default_factory=set)
    texts: dict[Text, None] = field(default_factory=dict)

    def hidden(self, row: int) -> Collection[int]:
        """The columns that are not seen in this row."""
        return EVERY if row in self.rows else self.columns

    def watching(self, chunks: Iterable[bytes], sheet: str) -> Iterator[bytes]:
        """The chunks as they come, looked at in passing."""
        rest = b""
        for chunk in chunks:
            window = rest + chunk
            self._meet(window, sheet)
            begun = window.rfind(b"<")
            rest = window[begun:] if begun >= 0 and len(window) - begun < _MAX_TAG else b""
            yield chunk

    def _meet(self, window: bytes, sheet: str) -> None:
        if b"hidden=" in window or b"dataValidation" in window:
            for tag, inside in _TAG.findall(window):
                self._meet_tag(tag, {name: value[1:-1] for name, value in _VALUE.findall(inside)}, sheet)
        for kind, text in _MARGIN.findall(window) if b"Header>" in window or b"Footer>" in window else ():
            self._say(_CODE.sub(_decoded, _text(text)), f"{sheet}!{kind.decode('ascii').lower()}")
        for text in _CHOICES.findall(window) if b"formula1>" in window else ():
            self._say(_text(text).rstrip('"').replace(",", "\n"), f"{sheet}!choices")

    def _meet_tag(self, tag: bytes, values: dict[bytes, bytes], sheet: str) -> None:
        if tag == b"dataValidation":
            self._say(" ".join(_text(values.get(name, b"")) for name in (b"promptTitle", b"prompt")), f"{sheet}!prompt")
        elif values.get(b"hidden") not in {b"1", b"true"}:
            return
        elif tag == b"row":
            self.rows.add(_number(values, b"r") - 1)
        else:
            self.columns.update(range(_number(values, b"min") - 1, min(_number(values, b"max"), _MAX_COLUMN)))

    def _say(self, text: str, where: str) -> None:
        if text := text.strip():
            self.texts[Text(text, where)] = None


def _decoded(code: re.Match[str]) -> str:
    return "\n" if code[1] else code[2] or ""


def _text(raw: bytes) -> str:
    return html.unescape(raw.decode("utf-8", "replace"))


def _number(values: dict[bytes, bytes], name: bytes) -> int:
    value = values.get(name, b"")
    return int(value[:8]) if value.isdigit() else 0
