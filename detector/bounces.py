"""Non-delivery reports: which message could not be delivered, to whom, and whether because the other server has no TLS.

RFC 3464 (message/delivery-status in a multipart/report) first; the wordings of Exchange, Postfix, Exim, qmail and Gmail where a server
writes its own. The words are data: `languages/bounces.toml`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from detector import charsets, headers
from detector.languages import words
from detector.records import Bounce, Message, Part

REPORTED = 200_000
"""Bytes of each part that are looked at."""
PARTS = 20
"""Parts that are looked at; a report has three or four."""
STATUS = re.compile(r"(?<![\d.])([45]\.[0-7]\.\d{1,3})(?!\d|\.\d)")
ANSWERED_STATUS = re.compile(r"(?:\b[45]\d\d[ -]#?|#)([45]\.[0-7]\.\d{1,3})(?!\d|\.\d)")
"""Behind the code of an SMTP answer or qmail's mark; a bare one may be a program's version. RFC 3463 section 3: subjects are 0 to 7."""
TLS_STATUS = re.compile(r"(?<![\d.])[245]\.7\.(?:3|4|10|30)\b.{0,80}\b(?:starttls|tls|requiretls|encrypt)", re.IGNORECASE | re.DOTALL)
_ADDRESS = r"[\w.+'=/&~-]{1,320}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
ADDRESS = re.compile(rf"(?<![\w.+'=/&~-]){_ADDRESS}")
LISTED = re.compile(rf"^[ \t]{{0,9}}(?:<({_ADDRESS})>|({_ADDRESS})[ \t]{{0,9}}:?$)", re.MULTILINE)
"""A recipient at the head of a line of its own, as Exim, qmail, Sendmail, Domino and Exchange list them."""
FIELD = re.compile(r"^([A-Za-z-]{1,40})[ \t]{0,9}:[ \t]{0,9}(.{0,998}(?:\n[ \t].{0,998}){0,20})", re.MULTILINE)
QUOTE = re.compile(r"^(?:>[ \t]?){1,9}", re.MULTILINE)
INDENTED = re.compile(r"^[ \t]{1,20}((?:subject|emne|message-id)[ \t]{0,9}:.{0,998})", re.IGNORECASE | re.MULTILINE)
TAG = re.compile(r"<(/?(?:br|p|div|tr|td|li|pre|h[1-6])\b)?[^<>]{0,9999}>", re.IGNORECASE)
STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
RETURNED_TYPES = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
OTHER_REPORTS = frozenset({"message/disposition-notification", "message/global-disposition-notification", "message/feedback-report"})
FAILED_FIELDS = ("original-recipient", "final-recipient")


def parse(message: Message) -> Bounce | None:
    """What a non-delivery report says; None for any other message, a report of success or delay among them."""
    parts = message.parts[:PARTS]
    if not _is_report(message, {part.media_type for part in parts}):
        return None
    texts = [(part.media_type, _text(part)) for part in parts]
    told = [text for kind, text in texts if kind not in RETURNED_TYPES]
    before_copies = [text[: _copy_at(text)] for text in told]
    groups = [group for kind, text in texts if kind in STATUS_TYPES for group in _groups(text)]
    groups = groups or [group for text in before_copies for group in _groups(text) if "final-recipient" in group]
    failed = [group for group in groups if _is_failed(group)]
    if groups and not failed:
        return None
    said = "\n".join(before_copies)
    recipients = [address for group in failed for name in FAILED_FIELDS for address in ADDRESS.findall(group.get(name, ""))]
    found = recipients or _recipients_in(said, message)
    message_id, subject = _returned(message, [text for kind, text in texts if kind in RETURNED_TYPES], told)
    return Bounce(tuple(dict.fromkeys(a.lower() for a in found)), _status(failed, said), _is_about_tls(said), message_id, subject)


def plain_subject(subject: str) -> str:
    """A subject as it was first written: without answers' prefixes, returned mail's words and tags in brackets, in lower case.

    >>> plain_subject("SV: [NoTLS] Re: Referat af møde"), plain_subject("Undeliverable: Referat af møde")
    ('referat af møde', 'referat af møde')
    """
    plain = re.sub(r"\[[^\[\]]{1,200}\]", " ", subject).lower()
    while True:
        first, colon, rest = plain.partition(":")
        if not colon or first.strip().rstrip("0123456789() ") not in words("bounces", "prefixes") | words("bounces", "returned"):
            return " ".join(plain.split())
        plain = rest


# ---------------------------------------------------------------- is it a report


def _is_report(message: Message, types: set[str]) -> bool:
    if types & OTHER_REPORTS:
        return False
    if message.media_type == "multipart/report":
        return dict(message.media_parameters).get("report-type", "delivery-status").strip().lower() == "delivery-status"
    return _is_from_server(message) and (bool(types & STATUS_TYPES) or _says_returned(message.subject.lower()))


def _is_from_server(message: Message) -> bool:
    sender = message.sender
    written = f"{sender.email} {sender.name or ''}".lower() if sender else ""
    return not sender or any(word in written for word in words("bounces", "senders"))


def _says_returned(subject: str) -> bool:
    """Whether a subject, in lower case, says that mail came back; a person who answers such a mail says so too."""
    first = subject.partition(":")[0].strip()
    is_answer = first in words("bounces", "prefixes") | words("bounces", "answers")
    is_other = is_answer or any(word in subject for word in words("bounces", "not_failed"))
    return not is_other and any(word in subject for word in words("bounces", "subjects"))


# ---------------------------------------------------------------- its text


def _text(part: Part) -> str:
    """A part's text with "\\n" between lines; of HTML, what is seen."""
    if not part.media_type.startswith(("text/", "message/")):
        return ""
    text = re.sub(r"\r+\n?", "\n", charsets.decode(part.data[:REPORTED], part.charset)[0])
    return html.unescape(TAG.sub(lambda tag: "\n" if tag[1] else "", text)) if part.media_type == "text/html" else text


def _copy_at(text: str) -> int:
    """Where the returned message begins in a report's text; the text's end where it does not."""
    lower = text.lower()
    return min((at for word in words("bounces", "copies") if (at := lower.find(word)) >= 0), default=len(text))


def _fields(text: str) -> dict[str, str]:
    """Fields unfolded, names in lower case; of several with one name, the first."""
    found = [(name.lower(), " ".join(value.split())) for name, value in FIELD.findall(text)]
    return dict(reversed(found))


def _groups(text: str) -> Iterator[dict[str, str]]:
    """The fields of each recipient (RFC 3464 section 2.3)."""
    groups = (_fields(block) for block in re.split(r"\n[ \t]*+\n", text))
    return (group for group in groups if group.keys() & {"action", *FAILED_FIELDS})


# ---------------------------------------------------------------- what it says


def _is_failed(group: dict[str, str]) -> bool:
    action = group.get("action", "").lower()
    return action.startswith("fail") if action else not group.get("status", "").startswith("2")


def _status(failed: list[dict[str, str]], said: str) -> str:
    told = [status for group in failed for status in STATUS.findall(group.get("status", ""))[:1]]
    found = told[:1] or ANSWERED_STATUS.findall(said)[:1] or STATUS.findall(said)[:1]
    return found[0] if found else ""


def _is_about_tls(said: str) -> bool:
    lower = " ".join(said.lower().split())
    return any(word in lower for word in words("bounces", "tls")) or TLS_STATUS.search(said) is not None


def _recipients_in(said: str, message: Message) -> list[str]:
    """Addresses that the report's text lists, else the first one in it, that are neither side of the report itself."""
    own = {address.email.lower() for address in (*message.to, message.sender) if address}
    listed = [address for pair in LISTED.findall(said) for address in pair if address and address.lower() not in own]
    return listed or [address for address in ADDRESS.findall(said) if address.lower() not in own][:1]


def _returned(message: Message, returned: list[str], told: list[str]) -> tuple[str | None, str]:
    """Message-ID and subject of the message that came back: attached whole, its headers only, or quoted in the report's text."""
    found = [(attached.message_id, attached.subject) for attached in message.attached]
    found += [_named(text) for text in (*returned, *(_quoted(text) for text in told))]
    for message_id, subject in found:
        if message_id:
            return message_id, subject
    first, colon, rest = message.subject.partition(":")
    own = rest.strip() if colon and first.strip().lower() in words("bounces", "returned") else ""
    return None, next((subject for _, subject in found if subject), own)


def _quoted(text: str) -> str:
    """A copy of the returned message in a report's text, else all of it, its headers brought to the line's beginning."""
    at = _copy_at(text)
    return INDENTED.sub(r"\1\n", QUOTE.sub("", text[at if at < len(text) else 0 :]))


def _named(text: str) -> tuple[str | None, str]:
    fields = _fields(text)
    subject = fields.get("subject") or fields.get("emne", "")
    return next(iter(headers.message_ids([fields.get("message-id", "")])), None), headers.decode_words(subject)
