"""Width and height of pictures, told by their headers: nothing is unpacked to learn them."""

from __future__ import annotations

import struct

_JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_JPEG_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_TIFF_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_NUMBERS = {3: "H", 4: "I"}
"""Types of a number in a TIFF: short and long. Source: Adobe, "TIFF Revision 6.0", section 2."""
_MAX_PAGES = 1000
_MAX_FIELDS = 500


def pixels(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, BMP, JPEG, WebP or TIFF picture or of an icon; None where they are not found.

    >>> pixels(b"GIF89a" + bytes([16, 0, 9, 0]))
    (16, 9)
    """
    return max(pages(data), key=min, default=None)


def pages(data: bytes) -> list[tuple[int, int]]:
    """The sizes of all pages of a TIFF, the one size of another picture; none where they are not found."""
    try:
        order = _TIFF_ORDERS.get(data[:4])
        if order is not None:
            return _tiff(data, order)
        size = _size(data)
    except (struct.error, IndexError):
        return []
    return [size] if size is not None else []


def _size(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return struct.unpack_from(">II", data, 16)
    if data.startswith((b"GIF87a", b"GIF89a")):
        return struct.unpack_from("<HH", data, 6)
    if data.startswith(b"BM"):
        width, height = struct.unpack_from("<ii", data, 18)
        return abs(width), abs(height)
    if data.startswith(b"\0\0\1\0"):
        return (data[6] or 256, data[7] or 256)
    return _jpeg(data) if data.startswith(b"\xff\xd8\xff") else _webp(data)


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
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
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


def _tiff(data: bytes, order: str) -> list[tuple[int, int]]:
    """Sizes by the directories, which are linked; one met twice ends the walk. None where a page does not tell its own."""
    found: list[tuple[int, int]] = []
    seen: set[int] = set()
    at = struct.unpack_from(f"{order}I", data, 4)[0]
    while at and at not in seen and len(seen) < _MAX_PAGES:
        seen.add(at)
        count = min(struct.unpack_from(f"{order}H", data, at)[0], _MAX_FIELDS)
        fields = dict(_tiff_field(data, order, at + 2 + 12 * number) for number in range(count))
        size = fields.get(_TIFF_WIDTH, 0), fields.get(_TIFF_HEIGHT, 0)
        if min(size) <= 0:
            return []
        found.append(size)
        at = struct.unpack_from(f"{order}I", data, at + 2 + 12 * count)[0]
    return found


def _tiff_field(data: bytes, order: str, at: int) -> tuple[int, int]:
    """Tag and value of one field; -1 for a value that is no number."""
    tag, kind = struct.unpack_from(f"{order}HH", data, at)
    return tag, struct.unpack_from(f"{order}{_TIFF_NUMBERS[kind]}", data, at + 8)[0] if kind in _TIFF_NUMBERS else -1
