"""MAPI properties, by which Outlook keeps all that a message is, and what stores of them have in common.

Source: Microsoft, "[MS-OXPROPS]: Exchange Server Protocols Master Property List"; types: "[MS-OXCDATA]", section 2.11.1.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from detector import charsets
from detector.records import Reason

INTEGER, OBJECT, STRING8, UNICODE, TIME, BINARY, MANY = 0x0003, 0x000D, 0x001E, 0x001F, 0x0040, 0x0102, 0x1000
"""Types of values; MANY is added where there are several."""

_EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.UTC)

Value = str | bytes | int


@dataclass(frozen=True, slots=True)
class Bag:
    """Properties of one message, recipient or attachment, by their numbers."""

    values: Mapping[int, Value] = field(default_factory=dict, repr=False)

    def text(self, *numbers: int) -> str:
        """The first of these that is text, and more than blanks."""
        return next((value for number in numbers if isinstance(value := self.values.get(number), str) and value.strip("\0 \r\n\t")), "")

    def binary(self, number: int) -> bytes:
        """A binary value; empty where there is none."""
        value = self.values.get(number)
        return value if isinstance(value, bytes) else b""

    def number(self, number: int) -> int | None:
        """An integer, where there is one."""
        value = self.values.get(number)
        return value if isinstance(value, int) else None

    def moment(self, *numbers: int) -> str | None:
        """The first of these times that can be told, ISO 8601 in UTC. They count tenths of microseconds from 1601."""
        for number in numbers:
            count = self.number(number)
            if count:
                try:
                    return (_EPOCH + datetime.timedelta(microseconds=count // 10)).replace(microsecond=0).isoformat()
                except OverflowError:
                    continue
        return None


@dataclass(frozen=True, slots=True)
class Attachment:
    """What hangs on a message: bytes, a message, or neither and the reason."""

    bag: Bag
    data: bytes | None = field(default=None, repr=False)
    message: Callable[[], Store] | None = None
    reason: Reason | None = None
    """Why it, or the rest of it, is not read."""


class Store(Protocol):
    """A message that is still in its file."""

    bag: Bag
    recipients: list[Bag]
    is_damaged: bool
    """Whether something of it could not be read, as far as it was."""

    def attachments(self) -> Iterator[Attachment]:
        """One after the other, read as they are asked for."""


_CODEPAGES = (0x3FFD, 0x3FDE)
"""PidTagMessageCodepage, PidTagInternetCodepage."""


def codec_of(values: Mapping[int, Value]) -> str | None:
    """Python's name of the code page that a message's strings are in where they are not Unicode; None where it does not tell.

    >>> codec_of({0x3FFD: 1251}), codec_of({0x3FFD: 1200, 0x3FDE: 65001}), codec_of({})
    ('cp1251', 'utf_8', None)
    """
    pages = [page for each in _CODEPAGES if isinstance(page := values.get(each), int)]
    return next((name for page in pages if (name := charsets.codec(charset(page) or ""))), None)


def charset(codepage: int | None) -> str | None:
    """The name that mail gives a Windows code page; None where it is unknown. Source: Microsoft, "Code Page Identifiers"."""
    return _NAMED.get(codepage or 0) or (f"cp{codepage}" if codepage and charsets.codec(f"cp{codepage}") else None)


_NAMED = {
    65001: "utf-8", 20127: "us-ascii", 20866: "koi8-r", 21866: "koi8-u", 10000: "macintosh", 20932: "euc-jp",
    50220: "iso-2022-jp", 50221: "iso-2022-jp", 50225: "iso-2022-kr", 51932: "euc-jp", 51949: "euc-kr", 54936: "gb18030", 52936: "hz",
    **{28590 + number: f"iso-8859-{number}" for number in (*range(1, 10), 13, 15)},
}  # fmt: skip
