"""How far the cells of a workbook reach, told before it is opened.

calamine lays out each sheet as a full rectangle: two cells at opposite corners make 17 thousand million, and the process
is gone. Declared dimensions lie, so the cells themselves are looked at. Rows and columns count from 0.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from detector.budget import Budget
from detector.formats.places import number

MAX_AREA = 4_000_000
"""Cells of one sheet's rectangle: 64 bytes each in calamine."""

_REFERENCE = re.compile(rb"\br\s*=\s*[\"']\s*+([A-Za-z]{0,4})(\d{0,8})\s*[\"']")
_OVERLAP = 64

# Source: Microsoft, "[MS-XLS]" 2.4 and "[MS-XLSB]" 2.3, record numbers.
_BIFF_BOF = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
_BIFF_FILEPASS = 0x002F
_BIFF_CELLS = frozenset(
    {0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x0201, 0x0203, 0x0204, 0x0205, 0x027E, 0x0406}
)
_XLSB_ROW = 0
_XLSB_CELLS = frozenset(range(1, 12))


@dataclass(slots=True)
class Extent:
    """The rectangle around the cells met so far."""

    top: int = 1 << 30
    left: int = 1 << 30
    bottom: int = -1
    right: int = -1

    def meet(self, row: int, column: int) -> None:
        """Grows to hold one more cell."""
        self.top, self.bottom = min(self.top, row), max(self.bottom, row)
        self.left, self.right = min(self.left, column), max(self.right, column)

    def is_too_large(self) -> bool:
        """Whether it is more than can be laid out."""
        return max(0, self.bottom - self.top + 1) * max(0, self.right - self.left + 1) > MAX_AREA


def of_xlsx(chunks: Iterable[bytes]) -> Extent:
    """Extent of one worksheet's XML, by every reference in it (rows' and cells')."""
    extent = Extent()
    tail = b""
    for chunk in chunks:
        window = tail + chunk
        for name, row in set(_REFERENCE.findall(window)):
            if row:
                at = int(row) - 1
                column = number(name.decode("ascii")) if name else extent.left if extent.right >= 0 else 0
                extent.meet(at, column)
        tail = window[-_OVERLAP:]
    return extent


def of_xlsb(data: bytes, *, budget: Budget) -> Extent:
    """Extent of one binary worksheet, by its row headers and cells."""
    extent = Extent()
    row = 0
    for kind, at, size in _xlsb_records(data, budget):
        if kind == _XLSB_ROW and size >= 4:
            row = struct.unpack_from("<I", data, at)[0]
        elif kind in _XLSB_CELLS and size >= 4:
            extent.meet(row, struct.unpack_from("<I", data, at)[0])
    return extent


def _xlsb_records(data: bytes, budget: Budget) -> Iterator[tuple[int, int, int]]:
    """Kind, start and size of each record."""
    at = steps = 0
    end = len(data)
    while at + 2 <= end:
        kind = data[at]
        at += 1
        if kind & 0x80:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size = 0
        for shift in (0, 7, 14, 21):
            if at >= end:
                return
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
        yield kind, at, min(size, end - at)
        at += size
        steps += 1
        if steps % 100_000 == 0:
            budget.check_time()


def of_xls(stream: bytes, *, budget: Budget) -> tuple[list[Extent], bool]:
    """Extents of the sheets in a workbook stream, and whether it is encrypted."""
    extents = [Extent()]
    at = steps = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if kind == _BIFF_FILEPASS:
            return extents, True
        if kind in _BIFF_BOF:
            extents.append(Extent())
        elif kind in _BIFF_CELLS and size >= 4 and at + 8 <= len(stream):
            row, column = struct.unpack_from("<HH", stream, at + 4)
            extents[-1].meet(row, column + (size // 6 if kind == 0x00BD else 0))
        at += 4 + size
        steps += 1
        if steps % 100_000 == 0:
            budget.check_time()
    return extents, False
