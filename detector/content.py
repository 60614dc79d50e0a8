"""All that a message holds, as documents: subject lines, bodies, file names, attachments, and the same of attached messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from detector import formats, plain
from detector.budget import Budget
from detector.records import Address, Defect, Document, Message, Part, Reading, Role, Text, Unread


class Reader(Protocol):
    """How a part is read: as `formats.read` does, here or in a process of its own."""

    def __call__(self, part: Part, *, role: Role, budget: Budget, depth: int = 0) -> Reading: ...


@dataclass(slots=True)
class Content:
    """Documents, their text made plain, with the message that each belongs to, and what was not read."""

    reader: Reader = field(repr=False)
    documents: list[Document] = field(default_factory=list, repr=False)
    messages: list[Message] = field(default_factory=list, repr=False)
    """The message of each document."""
    unread: list[Unread] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    @property
    def addresses(self) -> frozenset[str]:
        """Addresses of all who write and are written to, lower case."""
        return frozenset(a.email.lower() for message in self.messages for a in correspondents(message))


def correspondents(message: Message) -> Iterator[Address]:
    """The sender, where there is one, and the recipients."""
    if message.sender:
        yield message.sender
    yield from (*message.to, *message.cc, *message.bcc)


def read(message: Message, *, budget: Budget, sealed: Collection[str] = (), reader: Reader = formats.read) -> Content:
    """Reads every part of a message and of those attached to it, but for the parts `sealed` end to end. Never raises on content."""
    content = Content(reader)
    _read_message(message, content, budget, sealed, depth=0)
    return content


def _read_message(message: Message, content: Content, budget: Budget, sealed: Collection[str], depth: int) -> None:
    content.unread += message.unread
    content.defects += message.defects
    if message.subject:
        _add(content, message, Document(message.part, Role.SUBJECT, (Text(message.subject),)))
    if message.filename:
        _add(content, message, _file_name(message.part, message.filename))
    for part in message.parts:
        if part.filename:
            _add(content, message, _file_name(part.index, part.filename))
        if part.index not in sealed:
            role = Role.ATTACHMENT if part.is_attachment else Role.BODY
            _take(content.reader(part, role=role, budget=budget, depth=depth), message, content, budget, depth)
    for attached in message.attached:
        _read_message(attached, content, budget, (), depth + 1)


def _take(reading: Reading, message: Message, content: Content, budget: Budget, depth: int) -> None:
    content.unread += reading.unread
    content.defects += reading.defects
    for document in reading.documents:
        _add(content, message, document)
    for attached in reading.messages:
        _read_message(attached, content, budget, (), depth + 1)


def _add(content: Content, message: Message, document: Document) -> None:
    content.documents.append(plain.document(document))
    content.messages.append(message)


def _file_name(part: str, name: str) -> Document:
    return Document(part, Role.FILENAME, (Text(name),), name)
