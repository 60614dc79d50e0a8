"""7z archives and disc images, by the system's libarchive: every member in its own format, and the names.

Not cabinets, which it reads too: three bytes changed in one end the process (libarchive 3.6.2).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from detector.formats import libarchive
from detector.formats.members import Damaged, readings
from detector.formats.plugin import Format, Item, Source
from detector.records import Reason

_NAMES = {"7z": "7zip", "iso": "iso9660"}
_AES = b"\x06\xf1\x07\x01"
"""The method of 7z for encryption, AES-256 with SHA-256. Source: 7-Zip, "Methods.txt"."""
_START_BYTES = 32
_MAX_CODER_BYTES = 1_000


def read(source: Source) -> Iterator[Item]:
    """Members by number, "3.1", "3.2", …; encrypted ones are named as unread, as is all of an archive whose names are encrypted."""
    data = source.part.data
    if source.kind == "7z" and _has_locked_names(data):
        yield Reason.ENCRYPTED
        return
    try:
        yield from readings(source, libarchive.entries(data, _NAMES[source.kind], budget=source.budget), is_stream=True)
    except Damaged:
        yield Reason.DAMAGED


def _has_locked_names(data: bytes) -> bool:
    """Whether the list of members is packed with a method that encrypts. Source: 7-Zip, "7zFormat.txt", "SignatureHeader"."""
    if len(data) < _START_BYTES:
        return False
    offset, size = struct.unpack_from("<QQ", data, 12)
    start = _START_BYTES + offset
    header = data[start : start + min(size, _MAX_CODER_BYTES)]
    return header[:1] == b"\x17" and _AES in header


FORMAT = Format(
    "7z",
    ("7z", "iso"),
    (".7z", ".iso"),
    "7z archives and disc images, where libarchive is installed: every member in its own format, and the names.",
    read,
)
