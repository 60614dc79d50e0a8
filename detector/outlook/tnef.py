"""TNEF, the "winmail.dat" that Outlook and Exchange pack rich text and attachments in.

Source: Microsoft, "[MS-OXTNEF]: Transport Neutral Encapsulation Format (TNEF) Data Algorithm", section 2.1.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial

from detector import charsets
from detector.budget import Budget
from detector.outlook.mapi import BINARY, INTEGER, MANY, OBJECT, STRING8, TIME, UNICODE, Attachment, Bag, Value, charset, codec_of
from detector.records import Reason

MAGIC = b"\x78\x9f\x3e\x22"

_FIRST = 6
"""Where the attributes begin: behind signature and key."""
_OF_MESSAGE = 1
_PROPERTIES, _RECIPIENTS, _CODEPAGE = 0x9003, 0x9004, 0x9007
_NEXT_ATTACHMENT, _ATTACHMENT_PROPERTIES, _DATA = 0x9002, 0x9005, 0x800F
_STRINGS = {0x8004: 0x0037, 0x8008: 0x001A, 0x8009: 0x1035, 0x800C: 0x1000, 0x8010: 0x3704, 0x9001: 0x3707}
"""Attributes that are strings, and the property that each stands for: all that the oldest programs write."""

_DATA_PROPERTY = 0x3701
_ID_BYTES = 16
_IS_MESSAGE, *_ARE_BYTES = (
    bytes.fromhex(each) for each in (
        "0703020000000000c000000000000046", "0b00000000000000c000000000000046", "0c00000000000000c000000000000046",
    )
)
"""An object begins with the identifier of its interface, here IMessage, IStorage and IStream; what follows it is the object."""

_SIZES = {0x01: 0, 0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
"""Bytes of each type of fixed length, padded to four."""
_SHORT = 0x02
_NAMED, _GUID_BYTES = 0x8000, 16

_DAMAGE = (struct.error, ValueError, IndexError)


def open_store(data: bytes, *, budget: Budget) -> TnefStore:
    """The message in `data`. Raises ValueError where it is none."""
    if not data.startswith(MAGIC):
        raise ValueError("no TNEF")
    budget.spend_unpacked(len(data))
    return TnefStore(data, budget)


class TnefStore:
    """The message of one TNEF stream."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._budget = budget
        self.is_damaged = False
        self._files: list[dict[int, bytes]] = []
        own: dict[int, bytes] = {}
        for level, attribute, value in self._attributes(data):
            if level == _OF_MESSAGE:
                own[attribute] = value
                continue
            if attribute == _NEXT_ATTACHMENT or not self._files:
                self._files.append({})
            self._files[-1][attribute] = value
        page = struct.unpack_from("<I", own[_CODEPAGE])[0] if len(own.get(_CODEPAGE, b"")) >= 4 else None
        self._codec = charsets.codec(charset(page) or "") or "cp1252"
        self.bag = self._bag(own, _PROPERTIES)
        self.recipients = list(self._rows(own.get(_RECIPIENTS, b"")))

    def attachments(self) -> Iterator[Attachment]:
        """In the order of the stream."""
        for file in self._files:
            self._budget.check_time()
            bag = self._bag(file, _ATTACHMENT_PROPERTIES)
            inner = bag.binary(_DATA_PROPERTY)
            identifier = inner[:_ID_BYTES]
            if identifier == _IS_MESSAGE:
                yield Attachment(bag, message=partial(open_store, inner[_ID_BYTES:], budget=self._budget))
                continue
            data = file.get(_DATA) or (inner[_ID_BYTES:] if identifier in _ARE_BYTES else inner)
            yield Attachment(bag, data, reason=None if data or _DATA in file else Reason.UNSUPPORTED)

    def _attributes(self, data: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Level, number and value of each; what is cut is given as far as it goes."""
        at = _FIRST
        while at + 9 <= len(data):
            level, attribute, size = struct.unpack_from("<BII", data, at)
            if level not in {1, 2}:
                break
            value = data[at + 9 : at + 9 + size]
            self.is_damaged = self.is_damaged or len(value) < size
            yield level, attribute & 0xFFFF, value
            at += 9 + size + 2
        self.is_damaged = self.is_damaged or at == _FIRST or bool(data[at:].strip(b"\0\r\n\x1a "))

    def _bag(self, attributes: dict[int, bytes], properties: int) -> Bag:
        values: dict[int, Value] = {}
        try:
            self._read_properties(attributes.get(properties, b"\0\0\0\0"), 0, values)
        except _DAMAGE:
            self.is_damaged = True
        for attribute, tag in _STRINGS.items():
            if attribute in attributes and not values.get(tag):
                values[tag] = attributes[attribute].decode(self._codec, "replace").rstrip("\0")
        return Bag(values)

    def _rows(self, data: bytes) -> Iterator[Bag]:
        if not data:
            return
        try:
            at = 4
            for _ in range(struct.unpack_from("<I", data)[0]):
                values: dict[int, Value] = {}
                at = self._read_properties(data, at, values)
                yield Bag(values)
        except _DAMAGE:
            self.is_damaged = True

    def _read_properties(self, data: bytes, at: int, values: dict[int, Value]) -> int:
        """Takes one list of properties into `values`; where it ends. Raises struct.error or ValueError where it is damaged."""
        count = struct.unpack_from("<I", data, at)[0]
        at += 4
        for number in range(count):
            kind, tag = struct.unpack_from("<HH", data, at)
            at += 4
            if tag >= _NAMED:
                at = _skip_name(data, at)
            value, at = self._value(data, at, kind)
            if value is not None:
                values[tag] = value
                self._codec = (kind == INTEGER and codec_of({tag: value})) or self._codec
            if number % 1_000 == 0:
                self._budget.check_time()
        return at

    def _value(self, data: bytes, at: int, kind: int) -> tuple[Value | None, int]:
        """One value, None where it is of no use here, and where it ends."""
        plain = kind & ~MANY
        if plain in {STRING8, UNICODE, BINARY, OBJECT}:
            pieces, at = _pieces(data, at)
            if plain in {BINARY, OBJECT}:
                return b"".join(pieces[:1]), at
            encoding = "utf-16-le" if plain == UNICODE else self._codec
            return "; ".join([piece.decode(encoding, "replace").rstrip("\0") for piece in pieces]), at
        size = _SIZES.get(plain, -1)
        if size < 0:
            raise ValueError("unknown type")
        if kind & MANY:
            count = struct.unpack_from("<I", data, at)[0]
            return None, at + 4 + _padded(count * (2 if plain == _SHORT else size))
        value = struct.unpack_from("<i" if plain == INTEGER else "<Q", data, at)[0] if plain in {INTEGER, TIME} else None
        return value, at + size


def _skip_name(data: bytes, at: int) -> int:
    """End of the name of a property that is known by it."""
    kind, number = struct.unpack_from("<II", data, at + _GUID_BYTES)
    return at + _GUID_BYTES + 8 + (_padded(number) if kind == 1 else 0)


def _pieces(data: bytes, at: int) -> tuple[list[bytes], int]:
    """Values of variable length, and where they end."""
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    pieces = []
    for _ in range(count):
        size = struct.unpack_from("<I", data, at)[0]
        at += 4
        pieces.append(data[at : at + size])
        at += _padded(size)
    return pieces, at


def _padded(size: int) -> int:
    return (size + 3) & ~3
