"""What crosses to a reading process and back: two messages of bytes at a time, the second a part's data or a reading as JSON.

Nothing that is received is run, whatever it says.
"""

from __future__ import annotations

import base64
import json
import socket
import struct
import time
from collections.abc import Callable
from typing import Any, TypeVar

from detector.records import (
    Address,
    Block,
    Cell,
    Defect,
    Document,
    Message,
    Part,
    Reading,
    Reason,
    Role,
    Table,
    Text,
    Unread,
)

Plain = list[Any]
T = TypeVar("T")

_LENGTHS = struct.Struct("!QQ")
_AT_ONCE = 65_536
"""Bytes up to which the two messages are sent as one, so that the other side is woken once."""
_MOST_BYTES = 2_000_000_000
"""Of two messages: no process of ours holds more."""


def send(line: socket.socket, first: bytes, second: bytes, *, deadline: float | None = None) -> None:
    """Sends two messages. Raises TimeoutError when `deadline` (of the monotonic clock) is past, OSError when the other side has ended."""
    head = _LENGTHS.pack(len(first), len(second)) + first
    for piece in (head + second,) if len(second) <= _AT_ONCE else (head, second):
        line.settimeout(_left(deadline))
        line.sendall(piece)


def receive(line: socket.socket, *, deadline: float | None = None) -> tuple[bytes, bytes]:
    """The two messages that were sent. Raises TimeoutError likewise, EOFError or OSError when the other side has ended, ValueError."""
    first, second = _LENGTHS.unpack(_take(line, _LENGTHS.size, deadline))
    if first + second > _MOST_BYTES:
        raise ValueError("more than a process can hold")
    return _take(line, first, deadline), _take(line, second, deadline)


def _take(line: socket.socket, count: int, deadline: float | None) -> bytes:
    pieces: list[bytes] = []
    while count > 0:
        line.settimeout(_left(deadline))
        pieces.append(line.recv(min(count, 1 << 20)))
        if not pieces[-1]:
            raise EOFError
        count -= len(pieces[-1])
    return b"".join(pieces)


def _left(deadline: float | None) -> float | None:
    """Seconds until `deadline`."""
    if deadline is None:
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def dumps(reading: Reading) -> bytes:
    """A reading as JSON.

    >>> loads(dumps(Reading(unread=(Unread("1", None, Reason.DAMAGED),)))).unread[0].reason
    <Reason.DAMAGED: 'damaged'>
    """
    parts = [list(map(_document, reading.documents)), list(map(_message, reading.messages)), list(map(_unread, reading.unread)),
             [[d.part, d.code] for d in reading.defects]]  # fmt: skip
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode()  # escaped, so that a lone surrogate passes


def loads(data: bytes) -> Reading:
    """The reading. Raises ValueError, TypeError, KeyError or IndexError where `data` is none."""
    documents, messages, unread, defects = json.loads(data)
    return Reading(_each(_document_of, documents), _each(_message_of, messages), _each(_unread_of, unread), _each(_defect_of, defects))


def _each(make: Callable[[Plain], T], plain: Plain) -> tuple[T, ...]:
    return tuple([make(each) for each in plain])


# ---------------------------------------------------------------- documents


def _document(document: Document) -> Plain:
    return [document.part, document.role.value, list(map(_block, document.blocks)), document.file, document.format]


def _document_of(plain: Plain) -> Document:
    part, role, blocks, file, name = plain
    return Document(_str(part), Role(role), _each(_block_of, blocks), _str_or_none(file), _str(name))


def _block(block: Block) -> Plain:
    if isinstance(block, Text):
        return [block.text, block.where, block.quote]
    return [block.where, block.quote, [[[cell.text, cell.where] for cell in row] for row in block.rows], None]


def _block_of(plain: Plain) -> Block:
    if len(plain) == 3:
        return Text(_str(plain[0]), _str(plain[1]), int(plain[2]))
    where, quote, rows, _ = plain
    return Table(tuple([tuple([Cell(_str(text), _str(place)) for text, place in row]) for row in rows]), _str(where), int(quote))


# ---------------------------------------------------------------- messages


def _message(message: Message) -> Plain:
    return [
        message.part, message.filename, message.message_id, message.date, message.subject, message.sender and _address(message.sender),
        list(map(_address, message.to)), list(map(_address, message.cc)), list(map(_address, message.bcc)), list(message.references),
        list(message.received), message.media_type, list(map(list, message.media_parameters)), list(map(_part, message.parts)),
        list(map(_message, message.attached)), [[d.part, d.code] for d in message.defects], list(map(_unread, message.unread)),
    ]  # fmt: skip


def _message_of(plain: Plain) -> Message:
    (part, filename, message_id, date, subject, sender, to, cc, bcc, references, received, media_type, parameters, parts, attached, defects,
     unread) = plain  # fmt: skip
    return Message(
        _str(part), _str_or_none(filename), _str_or_none(message_id), _str_or_none(date), _str(subject),
        None if sender is None else _address_of(sender), _each(_address_of, to), _each(_address_of, cc), _each(_address_of, bcc),
        tuple(map(_str, references)), tuple(map(_str, received)), _str(media_type), tuple([(_str(k), _str(v)) for k, v in parameters]),
        _each(_part_of, parts), _each(_message_of, attached), _each(_defect_of, defects), _each(_unread_of, unread),
    )  # fmt: skip


def _address(address: Address) -> Plain:
    return [address.email, address.name]


def _address_of(plain: Plain) -> Address:
    email, name = plain
    return Address(_str(email), _str(name))


def _part(part: Part) -> Plain:
    return [part.index, part.media_type, base64.b64encode(part.data).decode(), part.filename, part.charset, part.is_attachment]


def _part_of(plain: Plain) -> Part:
    index, media_type, data, filename, charset, is_attachment = plain
    return Part(_str(index), _str(media_type), base64.b64decode(data), _str_or_none(filename), _str_or_none(charset), bool(is_attachment))


# ---------------------------------------------------------------- small ones


def _unread(unread: Unread) -> Plain:
    return [unread.part, unread.file, unread.reason.value]


def _unread_of(plain: Plain) -> Unread:
    part, file, reason = plain
    return Unread(_str(part), _str_or_none(file), Reason(reason))


def _defect_of(plain: Plain) -> Defect:
    part, code = plain
    return Defect(_str(part), _str(code))


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _str_or_none(value: Any) -> str | None:
    return None if value is None else _str(value)
