"""Bytes of a mail to a `Message`: every leaf a `Part`, every attached mail a `Message`, and an account of what was wrong or not read.

Never raises on content. Structure: `multipart`. Values of headers: `headers`. Bytes of a leaf: `transfer`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from email.message import Message as Fields

from detector import headers, multipart, transfer
from detector.budget import Budget, OverBudget
from detector.multipart import Kind
from detector.records import Defect, Message, Part, Reason, Unread

_MESSAGES = frozenset({"message/rfc822", "message/global", "message/news"})
_ONCE = ("from", "subject", "date", "message-id", "content-type", "content-transfer-encoding")
_MAX_DEPTH = 100
"""Whatever the budget allows: a level takes four frames of Python's 1,000."""


@dataclass(slots=True)
class _Account:
    """What reading one message has given so far."""

    budget: Budget
    header_bytes: int = 0
    is_stopped: bool = False
    parts: list[Part] = field(default_factory=list)
    attached: list[Message] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)

    def note(self, index: str, code: str | None) -> None:
        if code is not None:
            self.defects.append(Defect(index, code))

    def miss(self, index: str, reason: Reason, file: str | None = None) -> None:
        self.unread.append(Unread(index, file, reason))


@dataclass(frozen=True, slots=True)
class _Entity:
    """A message or part: its fields, and the span of its body in `raw`."""

    raw: bytes = field(repr=False)
    start: int
    end: int
    fields: Fields = field(repr=False)
    index: str
    """Path of the parts in it: "" for a message that is not attached."""
    depth: int
    is_message: bool = False

    @property
    def leaf_index(self) -> str:
        """IMAP's numbering: the only part of a message is its part 1."""
        return _child(self.index, 1) if self.is_message else self.index

    @property
    def media_type(self) -> str:
        """Lower case; a multipart with a subtype that cannot be read is mixed."""
        declared = str(self.fields.get("content-type", "")).strip().lower()
        found = self.fields.get_content_type()
        return "multipart/mixed" if declared.startswith("multipart/") and not found.startswith("multipart/") else found

    @property
    def encoding(self) -> str:
        """The Content-Transfer-Encoding as written."""
        return str(self.fields.get("content-transfer-encoding", ""))


def parse(raw: bytes, *, budget: Budget, part: str = "", depth: int = 0) -> Message:
    """The message in `raw`, which stands at `part` (path) and `depth` of the message scanned. Never raises.

    What the limits of `budget` cut off, and what cannot be taken apart, is listed in `Message.unread`.
    """
    account = _Account(budget)
    if len(raw) > budget.limits.message_bytes:
        account.miss(part, Reason.TOO_LARGE)
        raw = raw[: budget.limits.message_bytes]
    if b"\n" not in raw and b"\r" in raw:
        raw = raw.replace(b"\r", b"\n")
    return _parse(account, raw, 0, len(raw), part, depth)


def _parse(account: _Account, raw: bytes, start: int, end: int, part: str, depth: int) -> Message:
    begin = headers.skip_postmark(raw, start, end)
    entity = _open(account, raw, begin, end, part, depth, is_message=True)
    if entity.start == begin < end:
        account.note(part, "no-headers")
    _read(account, entity)
    return _message(account, entity)


def _open(
    account: _Account, raw: bytes, start: int, end: int, index: str, depth: int, *, is_message: bool = False, default: str = "text/plain"
) -> _Entity:
    """The entity of a span, its header block read up to the limits."""
    limits = account.budget.limits
    block_end, body, has_junk = headers.find_end(raw, start, end)
    room = max(0, limits.header_bytes - account.header_bytes)
    fields, is_cut = headers.parse_fields(raw[start : min(block_end, start + room)], max_characters=limits.header_line_bytes)
    account.header_bytes += block_end - start
    fields.set_default_type(default)
    if is_cut or block_end - start > room:
        account.note(index, "header-too-long")
        account.miss(index, Reason.TOO_LARGE)
    if has_junk:
        account.note(index, "header-junk-line")
    return _Entity(raw, body, end, fields, index, depth, is_message)


def _read(account: _Account, entity: _Entity) -> None:
    """One entity into the account; a ceiling met here is said once."""
    ceiling = _ceiling(account.budget, entity.depth)
    if ceiling is not None:
        account.miss(entity.index, ceiling)
        account.is_stopped = ceiling is not Reason.TOO_DEEP
        _keep_raw(account, entity)
        return
    media_type = entity.media_type
    if media_type.startswith("multipart/"):
        _read_multipart(account, entity)
    elif media_type == "message/external-body":
        account.miss(entity.leaf_index, Reason.UNSUPPORTED, _filename(entity.fields))
    elif media_type in _MESSAGES:
        _read_attached(account, entity)
    else:
        _read_leaf(account, entity, media_type)


def _keep_raw(account: _Account, entity: _Entity) -> None:
    """What is too deep or too much to take apart, as it stands: text in it can still be judged."""
    wire = entity.raw[entity.start : entity.end]
    if wire.strip():
        account.parts.append(Part(entity.leaf_index, "text/plain", wire))


def _ceiling(budget: Budget, depth: int) -> Reason | None:
    """The ceiling that one more part meets."""
    try:
        budget.spend_part(depth)
    except OverBudget as over:
        return over.reason
    return Reason.TOO_DEEP if depth > _MAX_DEPTH else None


# ---------------------------------------------------------------- multipart


def _read_multipart(account: _Account, entity: _Entity) -> None:
    entity, boundary = _find_boundary(account, entity)
    if boundary is None:
        if multipart.may_hold_parts(entity.raw, entity.start, entity.end):
            account.miss(entity.index, Reason.DAMAGED)
        _read_leaf(account, entity, "text/plain")
        return
    default = "message/rfc822" if entity.media_type == "multipart/digest" else "text/plain"
    number = 0
    for piece in multipart.split(entity.raw, entity.start, entity.end, boundary):
        if account.is_stopped:  # the rest as it stands
            _keep_raw(account, replace(entity, start=piece.start, index=_child(entity.index, number + 1), is_message=False))
            return
        if piece.kind in (Kind.PREAMBLE, Kind.AFTER):
            number += _read_outside(account, entity, piece, number)
            continue
        if piece.kind is Kind.CUT:
            account.note(entity.index, "close-boundary-missing")
            if not entity.raw[piece.start : piece.end].strip():
                continue
        number += 1
        index = _child(entity.index, number)
        _read(account, _open(account, entity.raw, piece.start, piece.end, index, entity.depth + 1, default=default))


def _find_boundary(account: _Account, entity: _Entity) -> tuple[_Entity, bytes | None]:
    """The boundary that occurs in the body, and the entity, its body decoded where it was encoded against the rules."""
    declared = headers.parameters(entity.fields, "content-type").get("boundary", "").rstrip()
    if not declared:
        account.note(entity.index, "boundary-missing")
    spellings = dict.fromkeys((declared.encode("utf-8", "replace"), declared.encode("cp1252", "replace"))) if declared else {}
    for candidate in (entity, _decoded(entity)):
        for boundary in spellings:
            if candidate and _occurs(candidate, boundary):
                return candidate, boundary
    guessed = multipart.guess_boundary(entity.raw, entity.start, entity.end)
    if declared:
        account.note(entity.index, "boundary-not-found")
    return entity, guessed


def _occurs(entity: _Entity, boundary: bytes) -> bool:
    first = next(multipart.split(entity.raw, entity.start, entity.end, boundary))
    return first.end < entity.end


def _decoded(entity: _Entity) -> _Entity | None:
    """A multipart whose whole body is encoded, which RFC 2045 section 6.4 forbids and some gateways do."""
    data, _ = transfer.decode(entity.raw[entity.start : entity.end], entity.encoding)
    if len(data) == entity.end - entity.start:
        return None
    return _Entity(data, 0, len(data), entity.fields, entity.index, entity.depth, entity.is_message)


def _read_outside(account: _Account, entity: _Entity, piece: multipart.Piece, number: int) -> int:
    """Text before the first or after the last boundary, which programs hide; 1 where it took the next number, else 0."""
    text = entity.raw[piece.start : piece.end]
    before = piece.kind is Kind.PREAMBLE
    if not text.strip() or (before and not multipart.is_worth_reading(text)):
        return 0
    account.note(entity.index, "text-before-parts" if before else "text-after-parts")
    account.parts.append(Part(_child(entity.index, 0 if before else number + 1), "text/plain", text))
    return 0 if before else 1


# ---------------------------------------------------------------- leaves


def _read_leaf(account: _Account, entity: _Entity, media_type: str) -> None:
    index, filename = entity.leaf_index, _filename(entity.fields)
    data, defect = transfer.decode(entity.raw[entity.start : entity.end], entity.encoding)
    account.note(index, defect)
    if filename and filename.lower().endswith(".eml") and headers.looks_like_message(data):
        _attach(account, entity, parse(data, budget=account.budget, part=index, depth=entity.depth + 1))
        return
    disposition = (entity.fields.get_content_disposition() or "").strip()
    is_attachment = disposition == "attachment" or (
        filename is not None and not (disposition == "inline" and media_type.startswith("text/"))
    )
    charset = headers.parameters(entity.fields, "content-type").get("charset", "").split("(")[0].strip()
    files = list(transfer.find_uuencoded(data)) if media_type == "text/plain" else []
    for _, _, (start, end) in reversed(files):  # read on their own; the lines keep their numbers
        data = data[:start] + b"\n" * data.count(b"\n", start, end) + data[end:]
    account.parts.append(Part(index, media_type, data, filename, charset or None, is_attachment))
    for number, (name, content, _) in enumerate(files, start=1):
        account.parts.append(Part(_child(index, number), "application/octet-stream", content, name, is_attachment=True))


def _read_attached(account: _Account, entity: _Entity) -> None:
    """An attached mail, read where it stands, or from its decoded bytes."""
    index, depth = entity.leaf_index, entity.depth + 1
    wire = entity.raw[entity.start : entity.end] if entity.encoding else b""
    data, defect = transfer.decode(wire, entity.encoding)
    if data is wire or headers.looks_like_message(wire):
        _attach(account, entity, _parse(_Account(account.budget), entity.raw, entity.start, entity.end, index, depth))
        return
    account.note(index, defect)
    _attach(account, entity, parse(data, budget=account.budget, part=index, depth=depth))


def _attach(account: _Account, entity: _Entity, message: Message) -> None:
    account.attached.append(replace(message, filename=_filename(entity.fields)))


def _filename(fields: Fields) -> str | None:
    for header, name in (("content-disposition", "filename"), ("content-type", "name"), ("content-disposition", "name")):
        value = headers.parameters(fields, header).get(name, "").replace("\0", " ").strip()
        if value:
            return value
    return None


def _child(index: str, number: int) -> str:
    return f"{index}.{number}" if index else str(number)


# ---------------------------------------------------------------- the record


def _message(account: _Account, entity: _Entity) -> Message:
    """The record, from the account and the fields of the outermost entity."""
    fields, part = entity.fields, entity.index
    for name in _ONCE:
        if len(_all(fields, name)) > 1:
            account.note(part, "duplicate-header")
    subject = headers.decode_words(" ".join(_all(fields, "subject")))
    if "=?" in subject:
        account.note(part, "encoded-word-broken")
    written_date = next(iter(_all(fields, "date")), "")
    date = headers.date(written_date)
    if written_date and date is None:
        account.note(part, "date-unreadable")
    ids = headers.message_ids(_all(fields, "message-id"))
    return Message(
        part=part,
        message_id=ids[0] if ids else None,
        date=date,
        subject=subject,
        sender=next(iter(headers.addresses(_all(fields, "from")) or headers.addresses(_all(fields, "sender"))), None),
        to=headers.addresses(_all(fields, "to")),
        cc=headers.addresses(_all(fields, "cc")),
        bcc=headers.addresses(_all(fields, "bcc")),
        references=headers.message_ids(_all(fields, "in-reply-to") + _all(fields, "references")),
        received=tuple(_all(fields, "received")),
        media_type=entity.media_type,
        media_parameters=tuple(headers.parameters(fields, "content-type").items()),
        parts=tuple(account.parts),
        attached=tuple(account.attached),
        defects=tuple(account.defects),
        unread=tuple(account.unread),
    )


def _all(fields: Fields, name: str) -> list[str]:
    return [str(value) for value in fields.get_all(name, [])]
