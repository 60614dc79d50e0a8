"""A large file as one long run of bytes, of which only a window stands in memory.

Not a memory map: the process dies when another program cuts a mapped file short, and the pages count as its memory.
"""

from __future__ import annotations

import os
from typing import BinaryIO

WINDOW_BYTES = 4_000_000


class ChangedError(Exception):
    """The file was cut short while it was read."""


class Window:
    """The bytes of a file as they were when it was opened: `len`, `find` and slices, as of `bytes`."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._size = os.fstat(file.fileno()).st_size
        self._start = 0
        self._held = b""

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, span: slice) -> bytes:
        """The bytes of `span`, whose bounds are not negative. Raises ChangedError."""
        start = span.start or 0
        stop = self._size if span.stop is None else min(span.stop, self._size)
        if self._start <= start and stop <= self._start + len(self._held):
            return self._held[start - self._start : stop - self._start]
        return self._read(start, stop - start)

    def find(self, wanted: bytes, start: int) -> int:
        """Offset of the first `wanted` from `start` on, -1 where there is none. Raises ChangedError."""
        while start + len(wanted) <= self._size:
            if not self._start <= start <= self._start + len(self._held) - len(wanted):
                self._held = self._read(start, min(WINDOW_BYTES, self._size - start))
                self._start = start
            found = self._held.find(wanted, start - self._start)
            if found >= 0:
                return self._start + found
            start = self._start + len(self._held) - len(wanted) + 1
        return -1

    def _read(self, start: int, count: int) -> bytes:
        if count <= 0:
            return b""
        self._file.seek(start)
        data = self._file.read(count)
        if len(data) < count:
            raise ChangedError
        return data
