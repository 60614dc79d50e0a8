"""A message as Outlook keeps it, in properties with numbers, turned into mail; read through libpff.

Headers of transport are kept where there are some; what they do not say comes from the properties.
Source: MS-OXPROPS (numbers of properties), MS-OXCMAIL (what they are in mail).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.header import Header
from email.message import Message
from email.utils import format_datetime, formataddr
from typing import Any

from detector.mailboxes import parts

MESSAGE_CLASS, SUBJECT, HEADERS, MESSAGE_ID, CODEPAGE = 0x001A, 0x0037, 0x007D, 0x1035, 0x3FDE
SENDER = (0x0C1A, 0x5D01, 0x0C1F)
"""Name, SMTP address, address of any type."""
REPRESENTED = (0x0042, 0x5D02, 0x0065)
RECIPIENT = (0x3001, 0x39FE, 0x3003)
RECIPIENT_TYPE = 0x0C15
RECIPIENT_HEADERS = {1: "To", 2: "Cc", 3: "Bcc"}
DISPLAYED = {"To": 0x0E04, "Cc": 0x0E03, "Bcc": 0x0E02}
"""Names of recipients as one text, where there is no table of them."""
METHOD, LONG_NAME, SHORT_NAME, DISPLAY_NAME, MEDIA_TYPE = 0x3705, 0x3707, 0x3704, 0x3001, 0x370E
BY_VALUE = 1

RTF_NAME = "rtf-body.rtf"
"""As readpst calls it."""

UNICODE_TYPE = 0x1F
HEADER = re.compile(r"(?<![!-9;-~])([!-9;-~]++):[ \t]*((?:[^\n]|\n[ \t])*)")
TYPE_AND_SUBTYPE = re.compile(r"[!-.0-9;-~]++/[!-9;-~]++")
REMADE = re.compile(r"content-.*|mime-version", re.IGNORECASE)
"""Headers of transport that told how the parts were; they are made anew."""


@dataclass(frozen=True, slots=True)
class Properties:
    """The properties of a message, recipient or attachment by their number; the first of each counts."""

    values: dict[int, tuple[int, bytes]]
    codepage: str = "cp1252"

    @classmethod
    def of(cls, item: Any) -> Properties:
        """Those of an item of libpff."""
        return cls.in_set(item.record_sets[0]) if item.number_of_record_sets else cls({})

    @classmethod
    def in_set(cls, found: Any) -> Properties:
        """Those of a record set of libpff."""
        values: dict[int, tuple[int, bytes]] = {}
        for entry in found.entries:
            if entry.entry_type is not None and entry.entry_type not in values and entry.entry_type not in _LARGE:
                values[entry.entry_type] = (entry.value_type or 0, entry.data or b"")
        return cls(values)

    def data(self, number: int) -> bytes:
        """The bytes of one, none where it is missing."""
        return self.values.get(number, (0, b""))[1]

    def number(self, number: int) -> int | None:
        """The value of one that is a number."""
        data = self.data(number)
        return int.from_bytes(data[:4], "little") if data else None

    def text(self, number: int) -> str:
        """The value of one that is a text."""
        kind, data = self.values.get(number, (0, b""))
        text = data.decode("utf-16-le" if kind == UNICODE_TYPE else "cp1252", "replace")
        return text.rstrip("\0")


_LARGE = frozenset({0x1000, 0x1009, 0x1013, 0x3701})
"""Bodies and the content of attachments, which are read elsewhere."""


def to_mail(message: Any) -> bytes:
    """The bytes of a message of libpff as mail."""
    properties = Properties.of(message)
    whole = parts.container("mixed", [_body(message, properties), *_attachments(message)])
    mail = Message(parts.PLAIN_POLICY)
    for name, value in _headers(message, properties):
        mail[name] = value
    for name, value in whole.items():
        mail[name] = value
    mail["MIME-Version"] = "1.0"
    mail.set_payload(whole.get_payload())
    return parts.to_bytes(mail)


def _headers(message: Any, properties: Properties) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in HEADER.findall(_transport(properties)) if not REMADE.fullmatch(name)]
    present = {name.lower() for name, value in kept if value.strip()}
    made = [("From", _sender(properties)), ("Subject", _encoded(_subject(properties))), ("Date", _date(message))]
    made += [("Message-ID", _encoded(properties.text(MESSAGE_ID))), *_recipients(message, properties)]
    return kept + [(name, value) for name, value in made if value and name.lower() not in present]


def _transport(properties: Properties) -> str:
    return properties.text(HEADERS).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")


def _subject(properties: Properties) -> str:
    """QUIRK: two characters before the text tell how long its "Re:" is."""
    text = properties.text(SUBJECT)
    return text[2:] if text.startswith("\x01") else text


def _date(message: Any) -> str:
    sent = message.client_submit_time or message.delivery_time
    return format_datetime(sent) if sent else ""


def _sender(properties: Properties) -> str:
    return _address(properties, REPRESENTED) or _address(properties, SENDER)


def _recipients(message: Any, properties: Properties) -> list[tuple[str, str]]:
    found: dict[str, list[str]] = {}
    for recipient in message.recipients.record_sets if message.recipients else ():
        read = Properties.in_set(recipient)
        header = RECIPIENT_HEADERS.get((read.number(RECIPIENT_TYPE) or 0) & 0xF)
        if header:
            found.setdefault(header, []).append(_address(read, RECIPIENT))
    if not found:
        return [(header, _encoded(properties.text(number))) for header, number in DISPLAYED.items()]
    return [(header, ", ".join(filter(None, addresses))) for header, addresses in found.items()]


def _address(properties: Properties, numbers: tuple[int, int, int]) -> str:
    """Name and SMTP address, the name alone where the address is only known inside an organisation."""
    name, *addresses = (_line(properties.text(number)) for number in numbers)
    address = next((address for address in addresses if "@" in address), "")
    if not address:
        return _encoded('"' + re.sub(r'["\\]', "", name) + '"') if name else ""
    return formataddr((name if name != address else "", address)) if address.isascii() else _encoded(address)


def _body(message: Any, properties: Properties) -> Message:
    """Text and HTML as alternatives; RTF, as an attachment, where neither is there. A body that libpff cannot read is one not here."""
    found = [part for part in (_text(message), _html(message, properties)) if part]
    return parts.container("alternative", found or [_rtf(message) or parts.leaf(b"", "text/plain", charset="utf-8")])


def _text(message: Any) -> Message | None:
    text = _bytes(message, "plain_text_body")
    if text is None:
        return parts.absent("body.txt")
    return parts.leaf(text, "text/plain", charset="utf-8") if text.strip() else None


def _html(message: Any, properties: Properties) -> Message | None:
    html = _bytes(message, "html_body")
    if html is None:
        return parts.absent("body.html")
    return parts.leaf(html, "text/html", charset=_charset(properties.number(CODEPAGE))) if html.strip() else None


def _rtf(message: Any) -> Message | None:
    rtf = _bytes(message, "rtf_body")
    if rtf is None:
        return parts.absent(RTF_NAME)
    rtf = rtf.rstrip(b"\0")
    return parts.leaf(rtf, "application/rtf", filename=RTF_NAME) if rtf.strip() else None


def _bytes(item: Any, name: str) -> bytes | None:
    """A body, None where libpff cannot read it."""
    try:
        value = getattr(item, name)
    except (OSError, ValueError, MemoryError):
        return None
    return value.encode("utf-8", "replace") if isinstance(value, str) else value or b""


def _charset(codepage: int | None) -> str:
    known = {65001: "utf-8", 20127: "us-ascii", 1200: "utf-16-le", 28591: "iso-8859-1", 28605: "iso-8859-15"}
    return known.get(codepage or 0) or (f"windows-{codepage}" if codepage and 1250 <= codepage <= 1258 else "windows-1252")


def _attachments(message: Any) -> list[Message]:
    return [_attachment(message.get_attachment(number)) for number in range(message.number_of_attachments)]


def _attachment(attachment: Any) -> Message:
    """One attachment; a message in a message, an object or a link is a part whose content is not here."""
    properties = Properties.of(attachment)
    name = next((text for number in (LONG_NAME, SHORT_NAME, DISPLAY_NAME) if (text := _line(properties.text(number)))), "attachment")
    if properties.number(METHOD) not in {BY_VALUE, None}:
        return parts.absent(name)
    try:
        data = attachment.read_buffer(attachment.get_size())
    except (OSError, ValueError, MemoryError):
        return parts.absent(name)
    media_type = properties.text(MEDIA_TYPE).strip().lower()
    return parts.leaf(data, media_type if TYPE_AND_SUBTYPE.fullmatch(media_type) else "application/octet-stream", filename=name)


def _line(text: str) -> str:
    return re.sub(r"[\0\r\n]+", " ", text).strip()


def _encoded(text: str) -> str:
    """A text that may stand in a header."""
    line = _line(text)
    return line if line.isascii() else Header(line, "utf-8", maxlinelen=10**6).encode(maxlinelen=10**6, linesep="")
