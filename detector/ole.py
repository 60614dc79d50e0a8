"""The OLE compound file that old Office documents, .msg and encrypted Office files are kept in: names and streams.

Source: Microsoft, "[MS-CFB]: Compound File Binary File Format", sections 2.2 to 2.6. Read leniently; cycles end.
"""

from __future__ import annotations

import struct
from functools import cached_property
from typing import NamedTuple

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_END = 0xFFFFFFFA
"""Sector numbers from here on are no sectors."""
_ENTRY_BYTES = 128
_MAX_ENTRIES = 100_000
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_NONE, _CHAIN_END, _IN_FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_CUTOFF = 4096
"""Bytes from which a stream has sectors of its own, in nearly all files."""
_WRITTEN_SECTOR, _IN_HEADER = 4096, 109
"""Bytes a sector of what is cut out, and how many sectors of its table the header can name."""


class Entry(NamedTuple):
    """One stream or storage of the directory."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class Compound:
    """A compound file opened for reading. Raises struct.error or ValueError where its header is damaged."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if not (7 <= shift <= 16 and 4 <= mini_shift <= shift):
            raise ValueError("sector size")
        self.sector_bytes, self.mini_bytes = 1 << shift, 1 << mini_shift
        directory, self.cutoff, mini_fat = struct.unpack_from("<I4xII", data, 48)
        self.fat = self._read_fat()
        self.entries = self._read_entries(directory)
        self.mini_fat = _numbers(self._chain(mini_fat))

    def root_names(self) -> set[str]:
        """Names of the streams and storages that stand directly under the root."""
        return set(self.names())

    def stream(self, name: str) -> bytes:
        """Bytes of the root stream `name`; empty where there is none."""
        number = self.names().get(name)
        return b"" if number is None else self.read(number)

    def names(self, storage: int = 0) -> dict[str, int]:
        """Number of each stream and storage directly under a storage (0: the root), by name; the first of a name counts."""
        found: dict[str, int] = {}
        seen: set[int] = set()
        waiting = [self.entries[storage].child] if self.is_storage(storage) else []
        while waiting:
            number = waiting.pop()
            if number in seen or number >= len(self.entries):
                continue
            seen.add(number)
            found.setdefault(self.entries[number].name, number)
            waiting += [self.entries[number].left, self.entries[number].right]
        return found

    def is_storage(self, number: int) -> bool:
        """Whether an entry holds others."""
        return number < len(self.entries) and self.entries[number].kind in {_STORAGE, _ROOT}

    def size(self, number: int) -> int:
        """Bytes that a stream is said to have."""
        return self.entries[number].size

    def read(self, number: int) -> bytes:
        """Bytes of a stream, fewer than its size where the file is cut."""
        entry = self.entries[number]
        whole = self._chain(entry.start, entry.size) if entry.size >= self.cutoff else self._mini_chain(entry.start, entry.size)
        return whole[: entry.size]

    def alone(self, name: str) -> bytes:
        """A compound file of its own with nothing but the root stream `name`, filled up with NULs where it is small."""
        copy = _Copy()
        copy.enter("Root Entry", _ROOT, bytes(_CUTOFF))  # QUIRK: calamine reads none whose root holds no small streams
        copy.enter(name, _STREAM, self.stream(name).ljust(_CUTOFF, b"\0"), 0)
        return copy.written()

    def cut(self, storage: int) -> bytes:
        """A compound file of its own with all that stands under a storage; small streams are filled up with NULs."""
        copy = _Copy()
        copy.enter("Root Entry", _ROOT, bytes(_CUTOFF))  # as in `alone`
        waiting, seen = [(storage, 0)], {storage}
        while waiting:
            outer, parent = waiting.pop()
            for name, number in self.names(outer).items():
                if number in seen:
                    continue
                seen.add(number)
                data = b"" if self.is_storage(number) else self.read(number).ljust(_CUTOFF, b"\0")
                entered = copy.enter(name, self.entries[number].kind, data, parent)
                if self.is_storage(number):
                    waiting.append((number, entered))
        return copy.written()

    def _read_fat(self) -> list[int]:
        first, count = struct.unpack_from("<II", self.data, 68)
        places = list(struct.unpack_from(f"<{_IN_HEADER}I", self.data, 76))
        seen: set[int] = set()
        while count and first < _END and first not in seen:
            seen.add(first)
            numbers = _numbers(self._sector(first))
            if not numbers:
                break
            places += numbers[:-1]
            first = numbers[-1]
        fat: list[int] = []
        for place in places:
            if place < _END and len(fat) * self.sector_bytes <= len(self.data):  # no more entries than there are sectors
                fat += _numbers(self._sector(place))
        return fat

    def _read_entries(self, directory: int) -> list[Entry]:
        raw = self._chain(directory)
        return [_entry(raw, at) for at in range(0, min(len(raw), _MAX_ENTRIES * _ENTRY_BYTES) - _ENTRY_BYTES + 1, _ENTRY_BYTES)]

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self.sector_bytes
        return self.data[at : at + self.sector_bytes]

    def _chain(self, number: int, size: int | None = None) -> bytes:
        """Bytes of the sectors from `number` on, as many as `size` needs."""
        most = None if size is None else size // self.sector_bytes + 1
        return b"".join([self._sector(each) for each in _walk(self.fat, number, most)])

    def _mini_chain(self, number: int, size: int) -> bytes:
        container, step = self._container, self.mini_bytes
        return b"".join([container[each * step : (each + 1) * step] for each in _walk(self.mini_fat, number, size // step + 1)])

    @cached_property
    def _container(self) -> bytes:
        """The root's own stream, which holds the small ones."""
        return self._chain(self.entries[0].start)


def _walk(table: list[int], number: int, most: int | None) -> list[int]:
    """Sectors of one chain, no more than `most`; a number met twice ends it."""
    seen: dict[int, None] = {}
    while number < len(table) and number not in seen and len(seen) != most:
        seen[number] = None
        number = table[number]
    return list(seen)


def _numbers(raw: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(raw) // 4}I", raw[: len(raw) // 4 * 4]))


def _entry(raw: bytes, at: int) -> Entry:
    name_bytes, kind, left, right, child = struct.unpack_from("<HBxIII", raw, at + 64)
    start, size = struct.unpack_from("<II", raw, at + 116)
    name = raw[at : at + max(0, min(name_bytes, 64) - 2)].decode("utf-16-le", "replace")
    return Entry(name, kind, left, right, child, start, size)


class _Copy:
    """A compound file being written, in sectors of 4 KB."""

    def __init__(self) -> None:
        self.body, self.fat = bytearray(), list[int]()
        self.entries: list[Entry] = []

    def enter(self, name: str, kind: int, data: bytes, parent: int | None = None) -> int:
        """One more stream or storage, first of those under `parent`; its number."""
        number = len(self.entries)
        self.entries.append(Entry(name, kind, _NONE, _NONE, _NONE, self.append(data), len(data)))
        if parent is not None:
            self.entries[number] = self.entries[number]._replace(right=self.entries[parent].child)
            self.entries[parent] = self.entries[parent]._replace(child=number)
        return number

    def append(self, data: bytes) -> int:
        """One more chain of sectors; the number of its first."""
        first, count = len(self.fat), -(-len(data) // _WRITTEN_SECTOR)
        self.fat += [*range(first + 1, first + count), _CHAIN_END] if count else []
        self.body += data.ljust(count * _WRITTEN_SECTOR, b"\0")
        return first if count else _CHAIN_END

    def written(self) -> bytes:
        """The file. Raises ValueError where it is more than 440 MB."""
        start = self.append(b"".join([_packed(entry) for entry in self.entries]))
        count = -(-len(self.fat) // (_WRITTEN_SECTOR // 4 - 1))
        if count > _IN_HEADER:
            raise ValueError("too large to be cut out")
        places = range(len(self.fat), len(self.fat) + count)
        numbers = [*self.fat, *[_IN_FAT] * count]
        numbers += [_NONE] * (count * _WRITTEN_SECTOR // 4 - len(numbers))
        head = MAGIC + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 4, 0xFFFE, 12, 6)
        head += struct.pack("<9I", -(-len(self.entries) // 32), count, start, 0, _CUTOFF, _CHAIN_END, 0, _CHAIN_END, 0)
        head += struct.pack(f"<{_IN_HEADER}I", *places, *[_NONE] * (_IN_HEADER - count))
        return head.ljust(_WRITTEN_SECTOR, b"\0") + bytes(self.body) + struct.pack(f"<{len(numbers)}I", *numbers)


def _packed(entry: Entry) -> bytes:
    raw = entry.name.encode("utf-16-le", "replace")[:62] + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), entry.kind, 1, entry.left, entry.right, entry.child)
    return head + bytes(36) + struct.pack("<IQ", entry.start, entry.size)
