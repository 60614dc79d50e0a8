"""Content-Transfer-Encodings: the bytes of a part from the bytes on the wire, as much of them as there is. Never raises."""

from __future__ import annotations

import binascii
import itertools
import re
from collections.abc import Iterator

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANK = b" \t\r\n"
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64 + b"="))
_BAD_QUOTED = re.compile(rb"=(?![0-9A-Fa-f]{2})(?![ \t]{0,80}\r?(?:\n|\Z))")
_ENCODED_LINES = re.compile(rb"(?:[A-Za-z0-9+/=]*+[ \t]*+\r?\n)*+(?:[A-Za-z0-9+/=]++\Z)?")
_PADDING = re.compile(rb"=+")
_LINE = re.compile(rb"[^\r\n]+")
_UU_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,200})\r?\n(?=[!-`][ -`]{1,90}\r?\n)", re.MULTILINE)
_UU_END = re.compile(rb"^[ \t]*end[ \t]*\r?$", re.MULTILINE)
_TOKEN = re.compile(r"[a-z0-9_-]+")
_YENC_KEY = bytes((byte - 42) % 256 for byte in range(256))
_YENC_ESCAPED = re.compile(rb"=(.)", re.DOTALL)

_MAX_PIECES = 10_000
_MAX_BROKEN_LINES = 1_000
_MAX_LINES = 2_500_000
"""uuencoded, of 45 bytes; more than 100 MB."""

_AS_IS = frozenset({"", "7bit", "8bit", "binary", "7-bit", "8-bit", "none"})
_UUENCODE = frozenset({"x-uuencode", "uuencode", "x-uue", "uue"})


def decode(wire: bytes, encoding: str) -> tuple[bytes, str | None]:
    """Decoded bytes and the code of a defect; an encoding that is not known leaves them as they are.

    >>> decode(b"SGVq", "base64"), decode(b"S=F8ren", "Quoted-Printable"), decode(b"Hej", "rot13")
    ((b'Hej', None), (b'S\\xf8ren', None), (b'Hej', 'unknown-transfer-encoding'))
    """
    match = _TOKEN.search(encoding.lower())
    name = match.group() if match else ""
    if name in _AS_IS:
        return wire, None
    if name == "base64":
        return decode_base64(wire)
    if name == "quoted-printable":
        return binascii.a2b_qp(wire), "quoted-printable-broken" if _BAD_QUOTED.search(wire) else None
    if name in _UUENCODE:
        return _decode_uu(wire)
    if name in ("x-yenc", "yenc"):
        return _decode_yenc(wire)
    return wire, "unknown-transfer-encoding"


def decode_base64(wire: bytes) -> tuple[bytes, str | None]:
    r"""Base64 with junk, without padding or in several pieces; readable text that stands behind it, or in its place, is kept.

    >>> decode_base64(b"SGVq\n-- \nSent by our list\n")
    (b'Hej\n-- \nSent by our list\n', 'base64-then-text')
    """
    match = _ENCODED_LINES.match(wire)
    end = match.end() if match else 0
    rest = wire[end:]
    if not _is_plain_text(rest):
        return _decode_letters(wire)
    letters = wire[:end].translate(None, _NOT_BASE64)
    if not letters or (len(letters) < 80 and len(letters) % 4):  # a first line of one word is no encoded line
        return wire, "base64-not-encoded"
    data = _decode_letters(letters)[0]
    # QUIRK: list servers add their footer, in clear, to an encoded body.
    return (data if b"\0" in data[:1024] else data + b"\n" + rest), "base64-then-text"


def _is_plain_text(wire: bytes) -> bool:
    """Whether blanks within lines, or letters that base64 has not, are too many for encoded data."""
    sample = wire[:4096]
    blanks = sum(line.strip().count(b" ") for line in sample.splitlines())
    junk = len(sample.translate(None, _BASE64 + b"=" + _BLANK))
    return blanks * 20 > len(sample) or junk * 10 > len(sample)


def _decode_letters(wire: bytes) -> tuple[bytes, str | None]:
    """What base64's own letters say, whatever stands between them."""
    text = wire.translate(None, _NOT_BASE64)
    defect = "base64-junk" if len(wire.translate(None, _BLANK)) != len(text) else None
    if text.count(b"=") > _MAX_PIECES:
        text, defect = text.replace(b"=", b""), "base64-junk"
    pieces = []
    for piece in _PADDING.split(text):  # QUIRK: some gateways glue encoded pieces together; a2b_base64 stops at the first "="
        data, is_whole = _decode_piece(piece)
        pieces.append(data)
        defect = defect if is_whole else defect or "base64-cut"
    if len(text) % 4 and not defect:
        defect = "base64-padding"
    return b"".join(pieces), defect


def _decode_piece(piece: bytes) -> tuple[bytes, bool]:
    """One run without padding; a lone last character (6 bits) says nothing and is left out."""
    is_whole = len(piece) % 4 != 1
    if not is_whole:
        piece = piece[:-1]
    return binascii.a2b_base64(piece + b"=" * (-len(piece) % 4)), is_whole


def find_uuencoded(text: bytes) -> Iterator[tuple[str, bytes, tuple[int, int]]]:
    """(name, bytes, span) of files that stand uuencoded in a text, as mail programs before MIME attached them; the first twenty."""
    if b"begin " not in text:
        return
    read = 0
    for match in itertools.islice(_UU_BEGIN.finditer(text), 20):
        data, defect = _decode_uu(text[match.start() :])
        if defect is None and data and match.start() >= read:
            end = _UU_END.search(text, match.end())
            read = end.end() if end else len(text)
            yield match[1].decode("utf-8", "replace"), data, (match.start(), read)


def _decode_uu(wire: bytes) -> tuple[bytes, str | None]:
    begin = re.search(rb"^begin [^\n]*\n", wire, re.MULTILINE)
    if begin is None:
        return wire, "uuencode-missing"
    output: list[bytes] = []
    broken = 0
    for match in _LINE.finditer(wire, begin.end()):
        line = match.group()
        if line.strip() == b"end":
            break
        try:
            output.append(binascii.a2b_uu(line))
        except binascii.Error:  # QUIRK: encoders that count a line's length wrongly; the count of its letters is right
            broken += 1
            output.append(_decode_uu_line(line[1:], (line[0] - 32) & 63))
        if broken > _MAX_BROKEN_LINES or len(output) > _MAX_LINES:
            return wire, "uuencode-broken"
    return b"".join(output), "uuencode-broken" if broken else None


def _decode_uu_line(letters: bytes, length: int) -> bytes:
    bits = 0
    usable = letters[: len(letters) - len(letters) % 4][:84]
    for letter in usable:
        bits = bits << 6 | ((letter - 32) & 63)
    return bits.to_bytes(len(usable) * 3 // 4, "big")[:length]


def _decode_yenc(wire: bytes) -> tuple[bytes, str | None]:
    """yEnc: each byte plus 42, critical ones escaped by "=" and plus 64. Source: yenc.org, draft 1.3."""
    if not re.search(rb"^=ybegin ", wire, re.MULTILINE):
        return wire, "yenc-missing"
    body = re.sub(rb"^=y(?:begin|part|end) [^\n]*", b"", wire, flags=re.MULTILINE).translate(None, b"\r\n")
    if body.count(b"=") > max(_MAX_PIECES, len(body) // 10):  # about 2 % in real ones
        return wire, "yenc-broken"
    raw = _YENC_ESCAPED.sub(lambda match: bytes([(match[1][0] - 64) % 256]), body)
    return raw.translate(_YENC_KEY), None
