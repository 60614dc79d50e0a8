"""Mail for those who read text only: taken apart by the standard library, its parts read by the project's readers."""

from __future__ import annotations

import email
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email import policy as email_policy
from email import utils
from email.message import Message as Fields

from detector import content, headers, policy, transport
from detector.budget import Budget
from detector.policy import Policy
from detector.records import Address, Document, Message, Part, Table, Transport


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as text, and what the policy asks of it beside what is found."""

    places: tuple[str, ...] = field(repr=False)
    """Paragraphs and rows of tables, of the subject, the body, the attachments and their names."""
    recipients: frozenset[str] = field(default=frozenset(), repr=False)
    own: frozenset[str] = field(default=frozenset(), repr=False)
    """Addresses of all who write and are written to, lower case."""
    unread: int = 0
    sent: Transport = Transport()  # noqa: RUF009 - frozen

    @property
    def text(self) -> str:
        """The places, a line break after each."""
        return "".join(f"{place}\n" for place in self.places)


def read(raw: bytes, rules: Policy) -> Letter:
    """The mail in `raw`."""
    message = parse(raw)
    sent = transport.inspect(message, known=rules.tags)
    sealed = transport.encrypted_parts(message) if sent.protected else ()
    held = content.read(message, budget=Budget(), sealed=sealed)
    return Letter(tuple(places(held.documents)), policy.recipients(message, None, rules), held.addresses, len(held.unread), sent)


def parse(raw: bytes) -> Message:
    """A message as the standard library takes it apart; the parts and the subjects of attached mails stand among its own parts."""
    fields = email.message_from_bytes(raw, policy=email_policy.compat32)
    return Message(
        subject=subject_of(fields), sender=next(addresses(fields, "from"), None), to=tuple(addresses(fields, "to")),
        cc=tuple(addresses(fields, "cc")), bcc=tuple(addresses(fields, "bcc")), media_type=fields.get_content_type(),
        parts=tuple(part for number, entity in enumerate(fields.walk()) for part in parts_of(entity, str(number))),
    )  # fmt: skip


def subject_of(fields: Fields) -> str:
    """The subject line, "" where there is none."""
    return headers.decode_words(str(fields.get("subject", "")))


def addresses(fields: Fields, header: str) -> Iterator[Address]:
    """Those of one kind of header."""
    for name, address in utils.getaddresses([str(value) for value in fields.get_all(header, [])]):
        if address:
            yield Address(address, headers.decode_words(name))


def parts_of(entity: Fields, index: str) -> Iterator[Part]:
    """A leaf with its bytes decoded; of what holds an attached mail, that mail's subject."""
    if not entity.is_multipart():
        payload, name = entity.get_payload(decode=True), entity.get_filename()
        data = payload if isinstance(payload, bytes) else b""
        is_attachment = bool(name) or entity.get_content_disposition() == "attachment"
        yield Part(index, entity.get_content_type(), data, name, entity.get_content_charset(), is_attachment)
    elif entity.get_content_maintype() == "message":
        subjects = " ".join(map(subject_of, entity.get_payload()))
        yield Part(index, "text/plain", subjects.encode(), entity.get_filename(), "utf-8", is_attachment=True)


def places(documents: Iterable[Document]) -> Iterator[str]:
    """Paragraphs, and rows with their cells side by side."""
    for document in documents:
        for block in document.blocks:
            if isinstance(block, Table):
                yield from ("\t".join(cell.text for cell in row) for row in block.rows)
            else:
                yield block.text
