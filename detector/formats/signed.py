"""What an S/MIME signature encloses (.p7m): the signed message, or the signed file. Whether the signature holds is not looked at.

Source: RFC 5652, sections 3 and 5 (Cryptographic Message Syntax); X.690, section 8 (its encoding, of known or unknown length).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detector import mime
from detector.formats.members import Damaged
from detector.formats.plugin import Format, Item, Source
from detector.records import Reading, Reason

_SEQUENCE, _OID, _INTEGER, _SET, _OCTETS, _OCTETS_IN_PIECES, _EXPLICIT = 0x30, 0x06, 0x02, 0x31, 0x04, 0x24, 0xA0
_END = b"\0\0"
_MOST_LENGTH_BYTES = 8
_ENTITY = re.compile(rb"\s{0,9}(?:content-[a-z-]{1,40}|mime-version):", re.IGNORECASE)


def read(source: Source) -> Iterator[Item]:
    """A MIME entity as an attached message, anything else as a file in its own format; nothing where the signature stands apart (.p7s)."""
    part = source.part
    try:
        content = enclosed(part.data)
    except (Damaged, IndexError):
        yield Reason.DAMAGED
        return
    if content is not None and _ENTITY.match(content):
        yield Reading(messages=(mime.parse(content, budget=source.budget, part=part.index, depth=source.depth + 1),))
    elif content:
        yield source.member(f"{part.index}.1", re.sub(r"(?i)\.p7m\Z", "", part.filename or "") or None, lambda: content)
    elif (part.filename or "").lower().endswith(".p7m"):
        yield Reason.DAMAGED


def enclosed(data: bytes) -> bytes | None:
    """The content of a SignedData structure, None where it has none. Raises Damaged or IndexError."""
    at = 0
    for tag in (_SEQUENCE, -_OID, _EXPLICIT, _SEQUENCE, -_INTEGER, -_SET, _SEQUENCE, -_OID):
        found, start, _ = _header(data, at)
        if found != abs(tag):
            raise Damaged
        at = start if tag > 0 else _behind(data, at)
    if data[at : at + 1] != bytes([_EXPLICIT]):
        return None
    return b"".join(_pieces(data, _header(data, at)[1]))


def _header(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, start and length of the value at a position; None for a length that an end mark tells."""
    length = data[at + 1]
    start = at + 2
    if length == 0x80:
        return data[at], start, None
    if length > 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size], "big")
        start += size
        if size > _MOST_LENGTH_BYTES:
            raise Damaged
    if start + length > len(data):
        raise Damaged
    return data[at], start, length


def _behind(data: bytes, at: int) -> int:
    """Where what stands behind a value begins."""
    is_open = 0
    while True:
        _, start, length = _header(data, at)
        if length is None:
            at, is_open = start, is_open + 1
        else:
            is_open -= data[at:start] == _END
            at = start + length
        if not is_open:
            return at


def _pieces(data: bytes, at: int) -> Iterator[bytes]:
    """The octets at a position: one string, or pieces of one, within each other."""
    end = _behind(data, at)
    while at < end:
        tag, start, length = _header(data, at)
        if tag == _OCTETS and length is not None:
            yield data[start : start + length]
            at = start + length
        elif tag == _OCTETS_IN_PIECES or data[at:start] == _END:
            at = start
        else:
            raise Damaged


FORMAT = Format(
    "signed", ("signed",), (".p7m",), "Messages and files inside an S/MIME signature, in their own format.", read,
)  # fmt: skip
