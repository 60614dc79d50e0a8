"""Tar archives, read without a copy: old, ustar, GNU and pax ones; a wrong header costs what it describes, not the rest.

Not `tarfile`: up to Python 3.11.9 a pax header costs it quadratic time (CVE-2024-6232), later ones hang on a negative size
(CVE-2025-8194), and it gives up at the first wrong header.

Sources: POSIX.1-2017, "pax", sections "ustar Interchange Format" and "pax Extended Header"; GNU tar 1.35, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from detector.formats.members import Damaged, Entry, readings
from detector.formats.plugin import Format, Item, Source
from detector.records import Reason

_BLOCK = 512
_FILES = frozenset(b"\x000 7S")
_NO_CONTENT = frozenset(b"123456")
"""Links, devices and folders: no bytes follow, whatever size they tell."""
_LONG_NAME, _PAX, _OLD_SPARSE = ord("L"), ord("x"), ord("S")
_ABOUT_OTHERS = frozenset(b"KgVX")
"""A long link's target, defaults for all, a volume's label."""
_FOLDER = ord("5")
_MAX_LENGTH_DIGITS = 9


class Header(NamedTuple):
    """One block before the bytes of a member."""

    path: bytes
    size: int
    kind: int
    more: bool
    """Whether blocks with the map of a sparse file follow."""


def is_tar(data: bytes) -> bool:
    """Whether it begins with a header whose checksum is right."""
    return _header(data[:_BLOCK]) is not None


def read(source: Source) -> Iterator[Item]:
    """Members by number, "3.1", "3.2", …"""
    walk = _Walk(source.part.data)
    yield from readings(source, walk.entries(source))
    if walk.is_damaged or not walk.is_ended:
        yield Reason.DAMAGED


class _Walk:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.is_damaged = self.is_ended = False

    def entries(self, source: Source) -> Iterator[Entry]:
        at = 0
        told: dict[bytes, bytes] = {}
        while at < len(self.data):
            source.budget.check_time()
            block = self.data[at : at + _BLOCK]
            at += _BLOCK
            header = _header(block)
            if header is None:
                self.is_ended = not any(block)
                self.is_damaged = self.is_damaged or not self.is_ended
                continue
            while header.more and at < len(self.data):
                header = header._replace(more=bool(self.data[at + 504 : at + 505].strip(b"\0")))
                at += _BLOCK
            size = _number(told.get(b"size", b"")) if header.kind in _FILES and b"size" in told else header.size
            if header.kind == _LONG_NAME:
                told[b"path"] = self.data[at : at + size].partition(b"\0")[0]
            elif header.kind == _PAX:
                told |= _records(self.data[at : at + size])
            elif header.kind not in _ABOUT_OTHERS:
                yield _entry(told.get(b"GNU.sparse.name") or told.get(b"path") or header.path, header.kind, self.data, at, size)
                told = {}
            self.is_damaged = self.is_damaged or at + size > len(self.data)
            at += -(-size // _BLOCK) * _BLOCK


def _entry(path: bytes, kind: int, data: bytes, at: int, size: int) -> Entry:
    name = path.decode("utf-8") if _is_utf8(path) else path.decode("cp1252", "replace")
    return Entry(name, _pieces(data, at, size), kind not in _NO_CONTENT and not name.endswith("/"))


def _pieces(data: bytes, at: int, size: int) -> Iterator[bytes]:
    yield data[at : at + size]
    if at + size > len(data):
        raise Damaged


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _header(block: bytes) -> Header | None:
    """None where the block is none, told by its checksum."""
    if len(block) < _BLOCK or not any(block[148:156]) or _number(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * 0x20:
        return None
    kind = block[156]
    path = block[:100].partition(b"\0")[0]
    if block[257:263] == b"ustar\0" and block[345]:
        path = block[345:500].partition(b"\0")[0] + b"/" + path
    size = 0 if kind in _NO_CONTENT else _number(block[124:136])
    return None if size < 0 else Header(path, size, kind, kind == _OLD_SPARSE and bool(block[482]))


def _number(raw: bytes) -> int:
    """A number of a header, octal or (GNU) binary; -1 where it is none."""
    if raw[:1] == b"\x80":
        return int.from_bytes(raw[1:], "big")
    digits = raw.strip(b" \0").partition(b"\0")[0]
    return int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else 0 if not digits else -1


def _records(raw: bytes) -> dict[bytes, bytes]:
    """Keys and values of a pax header, "30 path=…" and a line end each."""
    found: dict[bytes, bytes] = {}
    at = 0
    while at < len(raw):
        blank = raw.find(b" ", at, at + _MAX_LENGTH_DIGITS + 1)
        length = raw[at:blank] if blank >= 0 else b""
        if not length.isdigit() or int(length) <= blank - at:
            break
        key, _, value = raw[blank + 1 : at + int(length) - 1].partition(b"=")
        found[key] = value
        at += int(length)
    return found


FORMAT = Format("tar", ("tar",), (".tar", ".tgz"), "Tar archives, compressed or not: every member in its own format, and the names.", read)
