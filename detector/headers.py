"""Header blocks to values: where a block ends, its fields, encoded words, parameters, addresses, dates.

Structured values are read by mail-parser (addresses, dates) and by the standard library's compat32 `Message`
(parameters); every loop of ours over a sender's bytes is linear.
"""

from __future__ import annotations

import datetime
import functools
import re
import urllib.parse
from collections.abc import Iterable, Iterator
from email.message import Message as Fields
from email.utils import parsedate_to_datetime

from mailparser.dates import parse_mail_date
from mailparser.utils import get_addresses

from detector import charsets, transfer
from detector.records import Address

_FIELD_LINES = re.compile(rb"(?:[!-9;-~]++[ \t]*+:[^\n]*+(?:\n|\Z)|[ \t]++[^\r\n][^\n]*+(?:\n|\Z))*+")
_FIELD = re.compile(r"^([!-9;-~]++)[ \t]*+:([^\n]*+(?:\n(?![!-9;-~]++[ \t]*+:)[^\n]++)*+)", re.MULTILINE)
_POSTMARK = re.compile(rb">?From [^\n]*\n")
_KNOWN = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|received|return-path|reply-to|mime-version|content-(?:type|transfer-encoding|disposition|id))"
    rb"[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_SEPARATORS = re.compile(r"[\s<>,;:\"()\[\]]+")

WANTED = frozenset(
    {
        "from", "sender", "to", "cc", "bcc", "subject", "date", "message-id", "in-reply-to", "references", "received",
        "content-type", "content-disposition", "content-transfer-encoding",
    }
)  # fmt: skip
_TRACE = frozenset({"received", "references", "in-reply-to"})
"""Headers that say nothing of the content: cutting one is no loss."""

_MAX_JUNK_LINES = 20
_JUNK_WINDOW = 65_536
_MAX_PARAMETER_BYTES = 8_192
"""The standard library's parameter parser is quadratic in quotes; 8 KB of them take it some milliseconds."""
MAX_ADDRESSES = 5_000
"""Of one kind; a further header of that kind is not read. No rule asks for more than six."""
_SHORT, _MOST_KNOWN = 500, 1_000
"""Characters of a header whose reading is kept, and how many are: most mails of a mailbox have them from a few others."""
_MAX_ADDRESS = 320
"""Characters; 64 + "@" + 255, RFC 5321 section 4.5.3.1."""


def skip_postmark(raw: bytes, start: int, end: int) -> int:
    """Where the headers begin, behind "From " lines of an mbox."""
    while (match := _POSTMARK.match(raw, start, end)) is not None:
        start = match.end()
    return start


def find_end(raw: bytes, start: int, end: int) -> tuple[int, int, bool]:
    """End of the header block, start of the body, and whether lines that are no headers stand in the block.

    A block in which no known name occurs is no header block: its text would be lost with it.
    """
    position = _fields_end(raw, start, end)
    junk = 0
    while junk < _MAX_JUNK_LINES and _goes_on(raw, position, end):
        junk += 1
        newline = raw.find(b"\n", position, end)
        position = _fields_end(raw, newline + 1, end)
    if position > start and _KNOWN.search(raw, start, position) is None:
        return start, start, False
    return position, _after_blank_line(raw, position, end), junk > 0


def _fields_end(raw: bytes, start: int, end: int) -> int:
    match = _FIELD_LINES.match(raw, start, end)
    return match.end() if match else start


def _goes_on(raw: bytes, position: int, end: int) -> bool:
    """Whether the line at `position`, which is no header, is followed by more headers before the blank line."""
    if position >= end or _after_blank_line(raw, position, end) != position or raw.startswith(b"--", position, end):
        return False  # a blank line or a boundary ends the block
    newline = raw.find(b"\n", position, end)
    if newline < 0:
        return False
    stop = min(end, newline + _JUNK_WINDOW)
    blanks = [at for blank in (b"\n\n", b"\n\r\n") if (at := raw.find(blank, newline, stop)) >= 0]
    return _KNOWN.search(raw, newline + 1, min(blanks, default=stop)) is not None


def _after_blank_line(raw: bytes, position: int, end: int) -> int:
    for blank in (b"\r\n", b"\n"):
        if raw.startswith(blank, position, end):
            return position + len(blank)
    return position


def looks_like_message(data: bytes) -> bool:
    """Whether bytes begin with a header block that holds a known name."""
    start = skip_postmark(data, 0, min(len(data), _JUNK_WINDOW))
    first = _FIELD_LINES.match(data, start, min(len(data), _JUNK_WINDOW))
    return first is not None and _KNOWN.search(data, start, first.end()) is not None


def parse_fields(block: bytes, *, max_characters: int) -> tuple[Fields, bool]:
    """The wanted fields of a header block, unfolded, and whether one with content was cut at `max_characters`."""
    fields, is_cut = Fields(), False
    text = charsets.decode(block, None)[0].replace("\r", "")
    for match in _FIELD.finditer(text):
        name = match[1].lower()
        if name not in WANTED:
            continue
        value = match[2]
        if len(value) > max_characters:
            value, is_cut = value[:max_characters], is_cut or name not in _TRACE
        fields[name] = _unfold(value)
    return fields, is_cut


def _unfold(value: str) -> str:
    if "\n" not in value:
        return value.strip(" \t")
    return " ".join(stripped for line in value.split("\n") if (stripped := line.strip(" \t")))


def decode_words(text: str) -> str:
    """RFC 2047 encoded words decoded, neighbours joined; a broken one stays readable as it is.

    >>> decode_words("=?utf-8?Q?S=C3=B8?= =?utf-8?Q?ren?= =?oops")
    'Søren =?oops'
    """
    if "=?" not in text:
        return text
    output: list[str] = []
    charset, data = "", b""
    position = 0
    for start, end, word_charset, word in _encoded_words(text):
        gap = text[position:start]
        if data and gap.strip():
            output.append(charsets.decode(data, charset)[0])
            data = b""
        if gap.strip() or not position:
            output.append(gap)
        if data and word_charset != charset:
            output.append(charsets.decode(data, charset)[0])
            data = b""
        charset, data, position = word_charset, data + word, end  # one letter's bytes may be split between two words
    output += [charsets.decode(data, charset)[0], text[position:]]
    return "".join(output)


def _encoded_words(text: str) -> Iterator[tuple[int, int, str, bytes]]:
    """(start, end, charset, bytes) of each whole encoded word."""
    start = text.find("=?")
    while start >= 0:
        match = _WORD.match(text, start)
        end = text.find("?=", match.end()) if match else -1
        if match and end < 0:
            return  # no word can end any more
        inner = text.find("=?", match.end(), end) if match else -1
        if match and inner < 0:
            yield start, end + 2, match[1].split("*")[0].lower(), _word_bytes(match[2], text[match.end() : end])
            start = text.find("=?", end + 2)
        else:
            start = text.find("=?", max(inner, start + 2))


def _word_bytes(encoding: str, word: str) -> bytes:
    data = word.encode("utf-8", "replace")
    if encoding in "bB":
        return transfer.decode_base64(data)[0]
    return transfer.decode(data.replace(b"_", b" "), "quoted-printable")[0]


def parameters(fields: Fields, header: str) -> dict[str, str]:
    """Parameters of a Content-Type or Content-Disposition: RFC 2231 and RFC 2047 decoded, names in lower case; the first counts."""
    value = fields.get(header)
    if not value or ";" not in value:
        return {}
    return dict((_known_parameters if len(value) <= _SHORT else _parameters)(value[:_MAX_PARAMETER_BYTES]))


def _parameters(value: str) -> tuple[tuple[str, str], ...]:
    holder = Fields()
    holder["content-type"] = value
    try:
        pairs = holder.get_params() or []
    except (ValueError, TypeError, IndexError):  # of the standard library: `name*99999…=`, `a*`
        return ()
    found: dict[str, str] = {}
    for name, parameter in pairs[1:]:
        found.setdefault(name.lower(), _parameter(parameter))
    return tuple(found.items())


_known_parameters = functools.lru_cache(_MOST_KNOWN)(_parameters)


def _parameter(value: str | tuple[str | None, str | None, str]) -> str:
    if isinstance(value, str):
        return decode_words(value)
    charset, _, text = value
    try:
        return charsets.decode(text.encode("latin-1"), charset)[0]
    except UnicodeEncodeError:  # written raw, not in percent signs
        return urllib.parse.unquote(text)


def addresses(values: Iterable[str]) -> tuple[Address, ...]:
    """Every mailbox of all headers of one kind, groups and all; what cannot be read strictly is kept as written.

    A recipient too many asks for a look; one too few lets a mail pass. Those that needed help stand last of their header.

    >>> [address.email for address in addresses(['"Holm, Bo" <bo@uni.example>; eva@uni.example'])]
    ['eva@uni.example', 'bo@uni.example']
    """
    found: list[Address] = []
    for value in values:
        if len(found) > MAX_ADDRESSES:
            break
        found += _known_addresses(value) if len(value) <= _SHORT else _addresses(value)
    return tuple(found)


@functools.lru_cache(_MOST_KNOWN)
def _known_addresses(value: str) -> tuple[Address, ...]:
    return tuple(_addresses(value))


def _addresses(value: str) -> Iterator[Address]:
    problems: list[dict[str, object]] = []
    for name, email in get_addresses(value, defects=problems):
        if email:
            yield Address(email, decode_words(name) if name != email else "")
    for problem in problems:
        if not problem["recovered"]:
            yield from _salvage(problem)


def _salvage(problem: dict[str, object]) -> Iterator[Address]:
    """Mailboxes of one list item that mail-parser holds for ambiguous: its candidates, else all that has an "@", else the words."""
    candidates = problem["candidates"]
    if isinstance(candidates, list) and candidates:
        for candidate in candidates:
            yield Address(candidate["address"], decode_words(candidate["display_name"]))
        return
    text = decode_words(str(problem["raw"])).strip(" \t,;")
    found = [token for token in _SEPARATORS.split(text) if "@" in token.strip("@")]
    for token in found:
        yield Address(token[:_MAX_ADDRESS])
    words = text.split(":", 1)[-1].strip(" ;<>\"'")
    if not found and words and not words.lower().startswith("undisclosed"):
        yield Address(words[:_MAX_ADDRESS], words[:_MAX_ADDRESS])  # QUIRK: mailbox exports name local recipients without an address


def date(value: str) -> str | None:
    """ISO 8601 in UTC, or None.

    >>> date("Wed, 1 May 2024 10:00:00 +0200")
    '2024-05-01T08:00:00+00:00'
    """
    short = value[:200]
    moment = parse_mail_date(short).value
    if moment is None:
        try:
            moment = parsedate_to_datetime(short)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    try:
        return str(moment.astimezone(datetime.UTC).isoformat())
    except OverflowError:
        return None


def message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Every "<…>" once, in order."""
    return tuple(dict.fromkeys(found for value in values for found in _MESSAGE_ID.findall(value)))
