"""Bytes to text: the declared charset where it holds, else UTF-8, else windows-1252. Nothing is dropped.

The codec names come from a closed table, never from an import by a sender's word, so no codec that is not for text
("base64", "zip") and none with side rules ("unicode_escape", "punycode") can be reached.
"""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases

UNKNOWN = "unknown-charset"
MISMATCH = "charset-mismatch"
UNDECLARED = "charset-undeclared"

_BOMS = (
    (codecs.BOM_UTF8, "utf_8"),
    (codecs.BOM_UTF32_LE, "utf_32_le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf_32_be"),
    (codecs.BOM_UTF16_LE, "utf_16_le"),
    (codecs.BOM_UTF16_BE, "utf_16_be"),
)

# Codecs that do not turn bytes into text, or do more than that.
_NOT_TEXT = frozenset(
    {
        "base64_codec", "bz2_codec", "hex_codec", "quopri_codec", "rot_13", "uu_codec", "zlib_codec", "mbcs", "oem", "tactis",
        "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "palmos",
    }
)  # fmt: skip

# Names in use that Python does not know, and codecs whose superset is what senders mean.
# Source: WHATWG Encoding Standard, section 4.2 "Names and labels", read 2025-11.
_MEANT = {
    "utf8mb4": "utf_8",
    "unicode_1_1_utf_7": "utf_7",
    "x_unicode20utf8": "utf_8",
    "x_sjis": "cp932",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859_9": "cp1254",
    "iso8859_8_i": "iso8859_8",
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "tis_620": "cp874",
    "windows_874": "cp874",
    "x_mac_roman": "mac_roman",
    "macintosh": "mac_roman",
    "mac": "mac_roman",
    "utf_8_sig": "utf_8",
    "ansi": "cp1252",
    "x_ansi": "cp1252",
    "iso8859_1": "cp1252",
    "latin_1": "cp1252",
    "ascii": "cp1252",
    "ansi_x3.110_1983": "cp1252",
}

# Words that declare nothing.
_NO_CHARSET = frozenset({"", "unknown_8bit", "x_unknown", "unknown", "default", "none", "8bit", "binary", "utf", "_autodetect"})

_CP1252 = "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
"""windows-1252 with its five undefined bytes as the C1 controls of the same number, as browsers do."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_MAX_MIXED_BYTES = 1_000_000
"""Up to here text with two encodings is read line by line; beyond, the encoding of its first special letter decides."""


def decode(data: bytes, declared: str | None) -> tuple[str, str | None]:
    """Text of `data`, and the code of a defect where the declaration did not hold. NULs become blanks. Never raises.

    >>> decode(b"S\\xf8ren", "utf-8")
    ('Søren', 'charset-mismatch')
    >>> decode("Søren".encode(), "iso-8859-1")
    ('Søren', 'charset-mismatch')
    """
    text, defect = _decode(data, declared)
    if "\0" in text:
        text = text.replace("\0", " ")
    return text, defect


def codec(declared: str) -> str | None:
    """Python's name of a charset for text, or None where it is not one.

    >>> codec("ISO-8859-1"), codec("UTF8"), codec("base64"), codec("x-klingon")
    ('cp1252', 'utf_8', None, None)
    """
    name = _normal(declared)
    name = aliases.get(name, aliases.get(name.replace(".", "_"), name))
    name = _MEANT.get(name, name)
    known = name in aliases.values() or name in _MEANT.values()
    return name if known and name not in _NOT_TEXT else None


def _normal(declared: str) -> str:
    return declared[:60].strip(" \t\"'").lower().replace("-", "_").replace(" ", "_").replace(":", "_")


def _decode(data: bytes, declared: str | None) -> tuple[str, str | None]:
    marked = _by_mark(data)
    if marked is not None:
        return marked, None
    if declared is None or _normal(declared) in _NO_CHARSET:
        return _undeclared(data, UNDECLARED)
    name = codec(declared)
    if name is None:
        return _undeclared(data, None)[0], UNKNOWN
    if name == "cp1252":
        return _latin(data)
    if name.startswith(("utf_16", "utf_32")) and data.isascii() and b"\0" not in data:
        return data.decode("ascii"), MISMATCH if data else None  # QUIRK: plain text that its program only calls UTF-16
    try:
        text = data.decode(name)
    except (UnicodeError, LookupError):
        return _undeclared(data, None)[0], MISMATCH
    return _SURROGATE.sub("\ufffd", text), None


def _by_mark(data: bytes) -> str | None:
    """Text of data that begins with a byte order mark and holds to it."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            even = data[len(mark) :]
            if name != "utf_8":
                even = even[: len(even) - len(even) % (4 if "32" in name else 2)]  # a file cut in the middle
            try:
                return even.decode(name)
            except UnicodeDecodeError:
                continue
    return None


def _latin(data: bytes) -> tuple[str, str | None]:
    """Latin-1 is often said of UTF-8, which its strict decoder would hardly ever take by chance."""
    if data.isascii():
        return data.decode("ascii"), None
    try:
        return data.decode("utf-8"), MISMATCH
    except UnicodeDecodeError:
        return _cp1252(data), None


def _undeclared(data: bytes, defect: str | None) -> tuple[str, str | None]:
    wide = _wide(data)
    if wide:
        return data.decode(wide, "replace"), defect
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return _mixed(data, data[: error.start]), defect


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: Latin text in it has a NUL for every other byte."""
    sample = data[:4096]
    if sample.count(0) * 5 < len(sample) * 2 or len(sample) < 8:
        return None
    high, low = sample[::2].count(0), sample[1::2].count(0)
    if min(high, low) * 10 > max(high, low):
        return None  # NULs all over: not text
    return "utf_16_le" if low > high else "utf_16_be"


def _mixed(data: bytes, valid: bytes) -> str:
    """Text with bytes that are no UTF-8; `valid` is what stands before the first of them."""
    if len(data) > _MAX_MIXED_BYTES:
        return _cp1252(data) if valid.isascii() else data.decode("utf-8", "replace")
    return "".join(_line(line) for line in data.splitlines(keepends=True))


def _line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        return _cp1252(line) if line[: error.start].isascii() else line.decode("utf-8", "replace")


def _cp1252(data: bytes) -> str:
    return codecs.charmap_decode(data, "strict", _CP1252)[0]
