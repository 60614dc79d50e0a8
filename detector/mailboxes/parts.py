"""MIME made for mail that a program keeps in a way of its own: parts, attachments, and parts whose content is not there."""

from __future__ import annotations

from base64 import encodebytes
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from io import BytesIO

PLAIN_POLICY = compat32.clone(max_line_length=None)
"""Writes headers as they are; folding them again takes time and gains nothing."""


def leaf(data: bytes, media_type: str, *, charset: str | None = None, filename: str | None = None) -> Message:
    """A part with `data`, an attachment where it has a `filename`."""
    part = _part(media_type, filename)
    if charset:
        part.set_param("charset", charset)
    return fill(part, data)


def fill(part: Message, data: bytes) -> Message:
    """`part` with `data` as its content, in base64."""
    del part["Content-Transfer-Encoding"]
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(encodebytes(data).decode("ascii"))
    return part


def empty(part: Message) -> Message:
    """`part` as one whose content lies elsewhere, which the scanner lists as unread. Source: RFC 2046, section 5.2.3."""
    for header in ("Content-Type", "Content-Transfer-Encoding"):
        del part[header]
    part["Content-Type"] = 'message/external-body; access-type="x-not-here"'
    part.set_payload("Content-Type: application/octet-stream\n\n")
    return part


def absent(filename: str) -> Message:
    """An attachment of which only the name is there."""
    return empty(_part("application/octet-stream", filename))


def container(subtype: str, parts: list[Message]) -> Message:
    """`parts` in a multipart; one alone is itself."""
    if len(parts) == 1:
        return parts[0]
    whole = Message(PLAIN_POLICY)
    whole["Content-Type"] = f"multipart/{subtype}"
    whole.set_payload(list(parts))
    return whole


def wrap(message: Message, added: Message) -> Message:
    """A message that was no multipart, its content and `added` as the parts of one."""
    whole, first = Message(PLAIN_POLICY), Message(PLAIN_POLICY)
    for header, value in message.items():
        target = first if header.lower().startswith("content-") else whole
        target[header] = value
    first.set_payload(message.get_payload())
    whole["Content-Type"] = "multipart/mixed"
    whole.set_payload([first, added])
    return whole


def to_bytes(message: Message) -> bytes:
    """The message as it would be sent."""
    buffer = BytesIO()
    BytesGenerator(buffer, mangle_from_=False, policy=PLAIN_POLICY).flatten(message)
    return buffer.getvalue()


def _part(media_type: str, filename: str | None) -> Message:
    part = Message(PLAIN_POLICY)
    part["Content-Type"] = media_type
    if filename is not None:
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", filename))
    return part
