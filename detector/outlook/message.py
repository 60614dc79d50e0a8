"""The record of a message that Outlook keeps: header values, bodies as parts, attachments, and messages within it.

Where the headers that it arrived with are kept, they tell what only they know (Received, the addresses behind names of
the own organisation). Numbers of properties: see `mapi`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import Message as Fields

from detector import headers, mime
from detector.budget import Budget, OverBudget
from detector.outlook import richtext
from detector.outlook.mapi import Attachment, Bag, Store, charset
from detector.records import Address, Message, Part, Reason, Unread

_CLASS = 0x001A
_SUBJECT = (0x0037, 0x0E1D, 0x0070)
_SENT = (0x0039, 0x0E06)
_HEADERS = 0x007D
_TEXT, _RTF, _HTML, _INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_MESSAGE_ID, _REFERENCES, _IN_REPLY_TO = 0x1035, 0x1039, 0x1042
_SENDERS = (((0x5D02, 0x0065), 0x0042), ((0x5D01, 0x0C1F), 0x0C1A))
"""Who it is from, then who sent it: (addresses, name)."""
_ADDRESS, _NAME, _KIND = (0x39FE, 0x3003), (0x3001, 0x5FF6, 0x3A20), 0x0C15
_FILENAME, _MEDIA_TYPE = (0x3707, 0x3704, 0x3001), 0x370E
_SHOWN = {"to": 0x0E04, "cc": 0x0E03, "bcc": 0x0E02}
"""Names of the recipients in one string: all that a message without a table of them tells."""
_KINDS = {1: "to", 2: "cc", 3: "bcc"}
_OF_PERSONS = range(0x3A00, 0x3B00)
_OF_ITS_KIND = range(0x8000, 0xFFFF)
"""Properties of a contact, and those that each kind of item has of its own."""
_MAILS = ("ipm.note", "report", "ipm.schedule", "ipm.microsoft mail", "ipm.microsoft schedule")
_MAX_FIELDS = 1_000

_MAX_DEPTH = 100
"""Whatever the budget allows: a level takes some frames of Python's 1,000."""
_DAMAGE = (struct.error, ValueError, IndexError, OverflowError)


@dataclass(slots=True)
class _Account:
    """What reading one message has given so far."""

    part: str
    depth: int
    budget: Budget
    parts: list[Part] = field(default_factory=list)
    attached: list[Message] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    number: int = 0

    def next_index(self) -> str:
        """Path of the next part. Raises OverBudget where one more is too much."""
        self.number += 1
        self.budget.spend_part(self.depth + 1)
        return self.index

    @property
    def index(self) -> str:
        return f"{self.part}.{self.number}" if self.part else str(self.number)

    def miss(self, index: str, reason: Reason, file: str | None = None) -> None:
        if (unread := Unread(index, file, reason)) not in self.unread:
            self.unread.append(unread)


def build(store: Store, *, budget: Budget, part: str, depth: int) -> Message:
    """The record of the message in `store`. Raises OverBudget where it is itself too deep or too much."""
    budget.spend_part(depth)
    if depth > _MAX_DEPTH:
        raise OverBudget(Reason.TOO_DEEP)
    account = _Account(part, depth, budget)
    try:
        _read_bodies(account, store.bag)
        for attachment in store.attachments():
            _read_attachment(account, attachment)
    except OverBudget as over:
        account.miss(account.part, over.reason)
    except _DAMAGE:
        account.miss(account.part, Reason.DAMAGED)
    if store.is_damaged:
        account.miss(account.part, Reason.DAMAGED)
    return _as_protected(_message(account, store), store.bag)


# ---------------------------------------------------------------- bodies


def _read_bodies(account: _Account, bag: Bag) -> None:
    """Plain, HTML and rich text, each a part; rich text that only wraps the others is not read twice."""
    text, html = bag.text(_TEXT), bag.values.get(_HTML, b"")
    if text:
        account.parts.append(Part(account.next_index(), "text/plain", text.encode("utf-8", "replace"), charset="utf-8"))
    if isinstance(html, str) and html.strip():
        account.parts.append(Part(account.next_index(), "text/html", html.encode("utf-8", "replace"), charset="utf-8"))
    elif isinstance(html, bytes) and html.strip():
        account.parts.append(Part(account.next_index(), "text/html", html, charset=charset(bag.number(_INTERNET_CODEPAGE))))
    if packed := bag.binary(_RTF):
        _read_richtext(account, packed, has_html=bool(html))
    if (kind := bag.text(_CLASS).lower()) and not kind.startswith(_MAILS):
        _read_fields(account, bag)


def _read_richtext(account: _Account, packed: bytes, *, has_html: bool) -> None:
    index = account.next_index()
    try:
        rtf, is_whole = richtext.unpack(packed, budget=account.budget)
        html = richtext.html(rtf, budget=account.budget)
    except _DAMAGE:
        account.miss(index, Reason.DAMAGED)
        return
    if not is_whole:
        account.miss(index, Reason.DAMAGED)
    if html is None:
        account.parts.append(Part(index, "text/rtf", rtf))
    elif not has_html:
        account.parts.append(Part(index, "text/html", html.encode("utf-8", "replace"), charset="utf-8"))


def _read_fields(account: _Account, bag: Bag) -> None:
    """What a contact, an appointment or a task tells outside its body, a line each."""
    numbers = [number for number in sorted(bag.values) if number in _OF_PERSONS or number in _OF_ITS_KIND]
    lines = dict.fromkeys(text.strip() for number in numbers[:_MAX_FIELDS] if (text := bag.text(number)))
    if lines:
        account.parts.append(Part(account.next_index(), "text/plain", "\n".join(lines).encode("utf-8", "replace"), charset="utf-8"))


# ---------------------------------------------------------------- attachments


def _read_attachment(account: _Account, attachment: Attachment) -> None:
    """One attachment into the account. Raises OverBudget where nothing more can be read."""
    filename = attachment.bag.text(*_FILENAME).strip("\0 \r\n\t") or None
    index = account.next_index()
    if attachment.reason is not None:
        account.miss(index, attachment.reason, filename)
    if attachment.data:
        _add_file(account, index, filename, attachment)
    if attachment.message is not None:
        try:
            inner = build(attachment.message(), budget=account.budget, part=index, depth=account.depth + 1)
            account.attached.append(replace(inner, filename=filename))
        except OverBudget as over:
            account.miss(index, over.reason, filename)
        except _DAMAGE:
            account.miss(index, Reason.DAMAGED, filename)


def _add_file(account: _Account, index: str, filename: str | None, attachment: Attachment) -> None:
    data = attachment.data or b""
    media_type = attachment.bag.text(_MEDIA_TYPE).strip().lower()
    if media_type in {"multipart/signed", "message/rfc822"} or (media_type == "" and headers.looks_like_message(data)):
        inner = mime.parse(data, budget=account.budget, part=index, depth=account.depth + 1)
        account.attached.append(replace(inner, filename=filename))
        return
    account.parts.append(Part(index, media_type or "application/octet-stream", data, filename, is_attachment=True))


def _as_protected(message: Message, bag: Bag) -> Message:
    """`message` with the type that it had on its way where all its content is one S/MIME part.

    Source: Microsoft, "[MS-OXOSMIME]: S/MIME Email Object Algorithm", section 2.1.2.
    """
    if len(message.parts) != 1 or not bag.text(_CLASS).lower().startswith("ipm.note.smime"):
        return message
    (only,) = message.parts
    is_cms = only.media_type in {"application/octet-stream", "application/pkcs7-mime", "application/x-pkcs7-mime"}
    if not (is_cms and only.is_attachment):
        return message
    return replace(message, media_type="application/pkcs7-mime", parts=(replace(only, media_type="application/pkcs7-mime"),))


# ---------------------------------------------------------------- the record


def _message(account: _Account, store: Store) -> Message:
    bag = store.bag
    limits = account.budget.limits
    block = bag.text(_HEADERS).encode("utf-8", "replace")
    fields, is_cut = headers.parse_fields(block[: limits.header_bytes], max_characters=limits.header_line_bytes)
    if is_cut or len(block) > limits.header_bytes:
        account.miss(account.part, Reason.TOO_LARGE)
    ids = headers.message_ids([bag.text(_MESSAGE_ID), *_all(fields, "message-id")])
    sender = next(iter(headers.addresses(_all(fields, "from"))), None) or _sender(bag)
    return Message(
        part=account.part,
        message_id=ids[0] if ids else None,
        date=headers.date(next(iter(_all(fields, "date")), "")) or bag.moment(*_SENT),
        subject=bag.text(*_SUBJECT).strip("\0 \r\n") or headers.decode_words(" ".join(_all(fields, "subject"))),
        sender=sender,
        to=_recipients(store, fields, "to"),
        cc=_recipients(store, fields, "cc"),
        bcc=_recipients(store, fields, "bcc"),
        references=headers.message_ids(
            [bag.text(_IN_REPLY_TO), bag.text(_REFERENCES), *_all(fields, "in-reply-to"), *_all(fields, "references")]
        ),
        received=tuple(_all(fields, "received")),
        media_type="multipart/mixed" if account.number > 1 else "text/plain",
        parts=tuple(account.parts),
        attached=tuple(account.attached),
        unread=tuple(account.unread),
    )


def _sender(bag: Bag) -> Address | None:
    for addresses, name in _SENDERS:
        found = _address(bag, addresses, (name,))
        if found is not None:
            return found
    return None


def _address(bag: Bag, addresses: tuple[int, ...], names: tuple[int, ...]) -> Address | None:
    """An SMTP address where there is one, else the name, else whatever the directory calls them."""
    written = [text for number in addresses if (text := bag.text(number).strip("\0 '\"<>\r\n"))]
    name = bag.text(*names).strip("\0 '\"\r\n")
    email = next((text for text in written if "@" in text), None) or name or next(iter(written), "")
    return Address(email, "" if "@" in name and name.lower() == email.lower() else name) if email else None


def _recipients(store: Store, fields: Fields, kind: str) -> tuple[Address, ...]:
    """Recipients of one kind, in the table and in the headers, each once.

    A name without an address is left out where headers of that kind tell addresses: theirs is among them.
    """
    told = headers.addresses(_all(fields, kind))
    rows = [row for row in store.recipients if _KINDS.get((row.number(_KIND) or 1) & 0xF) == kind]
    listed = [found for row in rows if (found := _address(row, _ADDRESS, _NAME))]
    if not store.recipients and not told:
        listed = [Address(name, name) for each in store.bag.text(_SHOWN[kind]).split(";") if (name := each.strip("\0 '\""))]
    return tuple(_distinct([*(each for each in listed if not told or "@" in each.email), *told]))


def _distinct(found: list[Address]) -> Iterator[Address]:
    seen = set()
    for each in found[: 2 * headers.MAX_ADDRESSES]:
        if each.email.lower() not in seen:
            seen.add(each.email.lower())
            yield each


def _all(fields: Fields, name: str) -> list[str]:
    return [str(value) for value in fields.get_all(name, [])]
