"""Pictures: their text is not read yet, and that is said, but for logos, icons and tracking pixels."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator

from detector.budget import Budget
from detector.formats.package import member_bytes
from detector.formats.plugin import Format, Item, Source
from detector.records import Reason

_MIN_PIXELS = 200
"""Width and height from which a picture may show a page, a form or a card."""
_MAX_CHECKED = 50
_JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})


def read(source: Source) -> Iterator[Item]:
    """Says that a picture is not read where it is large enough to hold text."""
    if is_large(source.part.data):
        yield Reason.NO_OCR


def any_large(archive: zipfile.ZipFile, folder: str, *, budget: Budget) -> bool:
    """Whether one of the pictures in a folder of a document's package is large enough to hold text."""
    infos = [info for info in archive.infolist() if info.filename.startswith(folder) and not info.is_dir()]
    return len(infos) > _MAX_CHECKED or any(is_large(member_bytes(archive, info, budget=budget)) for info in infos)


def is_large(data: bytes) -> bool:
    """Whether width and height reach 200 pixels, or cannot be told."""
    size = pixels(data)
    return size is None or min(size) >= _MIN_PIXELS


def pixels(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, BMP, JPEG or WebP picture; None where they are not found.

    >>> pixels(b"GIF89a" + bytes([16, 0, 9, 0]))
    (16, 9)
    """
    try:
        if data.startswith(b"\x89PNG"):
            return struct.unpack_from(">II", data, 16)
        if data.startswith(b"GIF8"):
            return struct.unpack_from("<HH", data, 6)
        if data.startswith(b"BM"):
            width, height = struct.unpack_from("<ii", data, 18)
            return abs(width), abs(height)
        if data.startswith(b"\0\0\1\0"):
            return (data[6] or 256, data[7] or 256)
        return _jpeg(data) if data.startswith(b"\xff\xd8") else _webp(data)
    except (struct.error, IndexError):
        return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _JPEG_SIZES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 if marker in _JPEG_BARE else 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])
    return None


def _webp(data: bytes) -> tuple[int, int] | None:
    if data[8:12] != b"WEBP":
        return None
    if data[12:16] == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if data[12:16] == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if data[12:16] == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


FORMAT = Format(
    "picture",
    ("picture",),
    (".png", ".jpg", ".gif", ".bmp", ".webp", ".tif", ".heic"),
    "Pictures: said unread, but for those under 200 pixels.",
    read,
)
