"""Non-delivery reports: which message could not be delivered, to whom, and whether because the other server has no TLS.

RFC 3464 (message/delivery-status in a multipart/report) first; the wordings of Exchange, Postfix, Exim, qmail and Gmail where a server
writes its own. The words are data: `languages/bounces.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detector import headers
from detector.languages import words
from detector.records import Bounce, Message, Part

REPORTED = 200_000
"""Bytes of each part that are looked at."""
STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
TLS_STATUS = re.compile(r"\b[245]\.7\.(?:3|4|10)\b.{0,80}\b(?:starttls|tls|encrypt)", re.IGNORECASE | re.DOTALL)
ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
FIELD = re.compile(r"^([A-Za-z-]{1,40})[ \t]{0,9}:[ \t]{0,9}(.{0,998}(?:\n[ \t].{0,998}){0,20})", re.MULTILINE)
RETURNED_TYPES = ("text/rfc822-headers", "message/rfc822-headers")
FAILED_FIELDS = ("final-recipient", "original-recipient", "x-failed-recipients")


def parse(message: Message) -> Bounce | None:
    """What a non-delivery report says; None for any other message, a report of success or delay among them."""
    kind = dict(message.media_parameters).get("report-type", "delivery-status").lower()
    is_report = message.media_type == "multipart/report" and kind == "delivery-status"
    if not is_report and not _looks_returned(message):
        return None
    texts = [_text(part) for part in message.parts]
    statuses = [text for part, text in zip(message.parts, texts, strict=True) if part.media_type == "message/delivery-status"]
    fields = [field for text in statuses for field in _fields(text)]
    actions = {value.strip().lower() for name, value in fields if name == "action"}
    if actions and "failed" not in actions:
        return None
    said = "\n".join(texts)
    recipients = [address for name, value in fields if name in FAILED_FIELDS for address in ADDRESS.findall(value)]
    status = next((value.strip() for name, value in fields if name == "status"), "") or next(iter(STATUS.findall(said)), "")
    message_id, subject = _returned(message, texts)
    found = recipients or _recipients_in(said, message)
    return Bounce(tuple(dict.fromkeys(a.lower() for a in found)), status[:20], _is_about_tls(said), message_id, subject)


def plain_subject(subject: str) -> str:
    """A subject as it was first written: without answers' prefixes, returned mail's words and tags in brackets, in lower case.

    >>> plain_subject("SV: [NoTLS] Re: Referat af møde"), plain_subject("Undeliverable: Referat af møde")
    ('referat af møde', 'referat af møde')
    """
    plain = re.sub(r"\[[^\[\]]{1,200}\]", " ", subject).lower()
    while True:
        first, colon, rest = plain.partition(":")
        if not colon or re.sub(r"[\s\d()]+$", "", first.strip()) not in words("bounces", "prefixes"):
            return " ".join(plain.split())
        plain = rest


def _looks_returned(message: Message) -> bool:
    sender = message.sender
    written = f"{sender.email} {sender.name or ''}".lower() if sender else ""
    is_daemon = not sender or any(word in written for word in words("bounces", "senders"))
    return is_daemon and any(word in message.subject.lower() for word in words("bounces", "subjects"))


def _text(part: Part) -> str:
    return part.data[:REPORTED].decode("utf-8", "replace") if part.media_type.startswith(("text/", "message/")) else ""


def _fields(text: str) -> Iterator[tuple[str, str]]:
    return ((name.lower(), " ".join(value.split())) for name, value in FIELD.findall(text.replace("\r\n", "\n")))


def _is_about_tls(said: str) -> bool:
    lower = " ".join(said.lower().split())
    return any(word in lower for word in words("bounces", "tls")) or TLS_STATUS.search(said) is not None


def _returned(message: Message, texts: list[str]) -> tuple[str | None, str]:
    """Message-ID and subject of the message that came back: attached whole, its headers only, or quoted in the report's text."""
    for attached in message.attached:
        if attached.message_id or attached.subject:
            return attached.message_id, attached.subject
    returned = [text for part, text in zip(message.parts, texts, strict=True) if part.media_type in RETURNED_TYPES]
    quoted = [text[text.lower().rfind("message-id:") - 4000 if "message-id:" in text.lower() else len(text):] for text in texts]
    for text in (*returned, *quoted):
        fields = dict(_fields(re.sub(r"^[> \t]+", "", text, flags=re.MULTILINE)))
        if fields.get("message-id"):
            return next(iter(headers.message_ids([fields["message-id"]])), None), headers.decode_words(fields.get("subject", ""))
    subject = plain_subject(message.subject)
    return None, "" if any(subject.startswith(word) for word in words("bounces", "subjects")) else subject


def _recipients_in(said: str, message: Message) -> list[str]:
    """The first address in the report's text that is neither side of the report itself."""
    own = {address.email.lower() for address in (*message.to, message.sender) if address}
    return [address for address in ADDRESS.findall(said) if address.lower() not in own][:1]
