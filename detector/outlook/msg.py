"""A .msg file: a compound file with a storage a recipient, a storage an attachment, and a stream a property.

Source: Microsoft, "[MS-OXMSG]: Outlook Item (.msg) File Format", sections 2.1 to 2.4.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from functools import partial

from detector.budget import Budget
from detector.ole import Compound
from detector.outlook.mapi import BINARY, INTEGER, MANY, STRING8, TIME, UNICODE, Attachment, Bag, Value, codec_of
from detector.records import Reason

PROPERTIES = "__properties_version1.0"
_VALUE = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(-[0-9A-Fa-f]{8})?")
_TOP, _EMBEDDED, _ROW = 32, 24, 8
"""Bytes before the first property: in a file's message, in a message within it, in a recipient or attachment."""

_DATA, _METHOD = 0x3701, 0x3705
_EMBEDDED_MESSAGE, _OLE = 5, 6
_OBJECT_NAME = f"__substg1.0_{_DATA:04X}000D"


def open_store(data: bytes, *, budget: Budget) -> MsgStore:
    """The message of a file. Raises struct.error or ValueError where it is none."""
    compound = Compound(data)
    if PROPERTIES not in compound.names():
        raise ValueError("no message")
    return MsgStore(compound, 0, budget, _TOP, "cp1252", {0})


class MsgStore:
    """The message in one storage."""

    def __init__(self, compound: Compound, storage: int, budget: Budget, header: int, inherited: str, seen: set[int]) -> None:
        self._compound, self._budget, self._codec, self._seen = compound, budget, inherited, seen
        self.is_damaged = False
        self._names = compound.names(storage)
        self.bag = self._bag(self._names, header, is_message=True)
        self.recipients = [self._bag(compound.names(number), _ROW) for number in self._rows("__recip_version1.0_#")]

    def attachments(self) -> Iterator[Attachment]:
        """In the order of their numbers."""
        for number in self._rows("__attach_version1.0_#"):
            yield self._attachment(self._compound.names(number))

    def _rows(self, prefix: str) -> Iterator[int]:
        """Storages of one kind; the clock is asked before each, as a damaged file may make each as long as the whole."""
        for name, number in sorted(self._names.items()):
            if name.startswith(prefix) and self._is_first(number):
                self._budget.check_time()
                yield number

    def _is_first(self, storage: int) -> bool:
        """Whether a storage was not met before: in a damaged file one may lie in many, or in itself."""
        is_first = storage not in self._seen
        self._seen.add(storage)
        return is_first

    def _attachment(self, names: dict[str, int]) -> Attachment:
        size = self._compound.size(names[f"__substg1.0_{_DATA:04X}0102"]) if f"__substg1.0_{_DATA:04X}0102" in names else None
        bag = self._bag(names, _ROW)
        inner, method = names.get(_OBJECT_NAME), bag.number(_METHOD)
        if inner is not None and method != _OLE and self._compound.is_storage(inner):
            if not self._is_first(inner):
                return Attachment(bag, reason=Reason.DAMAGED)
            opened = partial(MsgStore, self._compound, inner, self._budget, _EMBEDDED, self._codec, self._seen)
            return Attachment(bag, message=opened)
        if inner is not None and self._compound.is_storage(inner):
            data = self._compound.cut(inner)
            self._budget.spend_unpacked(len(data))
            return Attachment(bag, data)
        if size is None:
            return Attachment(bag, reason=Reason.UNSUPPORTED)
        data = bag.binary(_DATA)
        return Attachment(bag, data, reason=Reason.DAMAGED if len(data) < size else None)

    def _bag(self, names: dict[str, int], header: int, *, is_message: bool = False) -> Bag:
        short = self._stream(names[PROPERTIES]) if PROPERTIES in names else b""
        values = _fixed(short, header)
        if is_message:
            self.is_damaged = self.is_damaged or len(short) < header
            self._codec = codec_of(values) or self._codec
        for name, number in sorted(names.items()):
            match = _VALUE.fullmatch(name)
            if match is not None and not self._compound.is_storage(number):
                self._take(values, match, number)
        return Bag(values)

    def _take(self, values: dict[int, Value], match: re.Match[str], number: int) -> None:
        """Puts the value of one stream into `values`; several of one property are joined."""
        tag, is_one_of_many = int(match[1], 16), match[3] is not None
        value = self._value(int(match[2], 16), number, is_one_of_many=is_one_of_many)
        before = values.get(tag)
        if is_one_of_many and isinstance(before, str) and isinstance(value, str):
            value = f"{before}; {value}"
        if value is not None:
            values[tag] = value

    def _value(self, kind: int, number: int, *, is_one_of_many: bool) -> Value | None:
        if is_one_of_many:
            kind &= ~MANY
        if kind == UNICODE:
            return self._stream(number).decode("utf-16-le", "replace").rstrip("\0")
        if kind == STRING8:
            return self._stream(number).decode(self._codec, "replace").rstrip("\0")
        return self._stream(number) if kind == BINARY and not is_one_of_many else None

    def _stream(self, number: int) -> bytes:
        data = self._compound.read(number)
        self._budget.check_time()
        self._budget.spend_unpacked(len(data))
        self.is_damaged = self.is_damaged or len(data) < self._compound.size(number)
        return data


def _fixed(data: bytes, header: int) -> dict[int, Value]:
    """Properties whose values are short enough to stand in the list itself."""
    values: dict[int, Value] = {}
    for at in range(header, len(data) - 15, 16):
        kind, tag = struct.unpack_from("<HH", data, at)
        if kind == INTEGER:
            values[tag] = struct.unpack_from("<i", data, at + 8)[0]
        elif kind == TIME:
            values[tag] = struct.unpack_from("<Q", data, at + 8)[0]
    return values
