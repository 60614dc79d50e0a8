"""Which paragraphs of an old Word document stand in a table, and which end a row: told by their properties.

Source: Microsoft, "[MS-DOC]", sections 2.8.6 (PlcBtePapx), 2.9.175 (PapxFkp) and 2.6.2 (paragraph properties).
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

_PAGE_BYTES = 512
_ENTRY_BYTES = 13
_IN_TABLE, _ENDS_ROW = 0x2416, 0x2417
_OPERAND_BYTES = (1, 1, 2, 4, 2, 2, None, 3)
"""By the top three bits of a property's number; None: the first byte of the value tells."""
_LONG, _TABS = 0xD608, 0xC615
"""A value with two bytes of length, and one whose length may be untold."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Paragraphs by where they begin in the file: whether each is in a table, and whether it ends a row."""

    starts: list[int] = field(default_factory=list)
    kinds: list[tuple[bool, bool]] = field(default_factory=list)

    def is_in_table(self, at: int) -> bool:
        """Whether the paragraph around this byte is in a table."""
        return self._kind(at)[0]

    def ends_row(self, at: int) -> bool:
        """Whether it ends a row."""
        return self._kind(at)[1]

    def _kind(self, at: int) -> tuple[bool, bool]:
        number = bisect_right(self.starts, at) - 1
        return self.kinds[number] if number >= 0 else (False, False)


def read_marks(stream: bytes, table: bytes) -> Marks:
    """Those of all pages that `table` lists."""
    count = max(0, (len(table) - 4) // 8)
    pages = struct.unpack_from(f"<{count}I", table, 4 * (count + 1)) if count else ()
    found: dict[int, tuple[bool, bool]] = {}
    for page in dict.fromkeys(pages):
        at = (page & 0x3FFFFF) * _PAGE_BYTES
        found |= _on_page(stream[at : at + _PAGE_BYTES])
    starts = sorted(found)
    return Marks(starts, [found[start] for start in starts])


def _on_page(page: bytes) -> dict[int, tuple[bool, bool]]:
    if len(page) < _PAGE_BYTES:
        return {}
    count = page[-1]
    if 4 + count * (4 + _ENTRY_BYTES) > _PAGE_BYTES:
        return {}
    starts = struct.unpack_from(f"<{count}I", page)
    return {start: _kind(page, 2 * page[4 * (count + 1) + _ENTRY_BYTES * number]) for number, start in enumerate(starts)}


def _kind(page: bytes, at: int) -> tuple[bool, bool]:
    """Of the properties that stand at `at`."""
    if not at:
        return False, False
    size = 2 * page[at] - 1 if page[at] else 2 * page[at + 1] if at + 1 < len(page) else 0
    start = at + (1 if page[at] else 2)
    values = dict(_properties(page[start + 2 : start + size]))  # behind the number of the style
    return bool(values.get(_IN_TABLE)), bool(values.get(_ENDS_ROW))


def _properties(data: bytes) -> Iterator[tuple[int, int]]:
    """Number and first byte of the value of each."""
    at = 0
    while at + 3 <= len(data):
        number = struct.unpack_from("<H", data, at)[0]
        at += 2
        yield number, data[at]
        size = _OPERAND_BYTES[number >> 13]
        if size is None:
            size = 1 + data[at]
            if number == _LONG:
                size = 1 + struct.unpack_from("<H", data.ljust(at + 2, b"\0"), at)[0]
            elif number == _TABS and data[at] == 0xFF:
                return
        at += size
