"""Archives of every kind, with one list in a folder; what no free program writes is put together byte by byte or was packed once.

RAR4 and RAR5 with compression: test files of rarfile (ISC licence, (c) M. Kreen), whose two members hold numbered lines.
"""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zlib

import zstandard

NAME = "mappe/Søren.csv"
CONTENT = "Navn;CPR-nr.\nSøren Ærø;300280-0008\nBo;\n".encode()

SEVENZIP = base64.b64decode(
    "N3q8ryccAAQF0fZUlAAAAAAAAAAgAAAAAAAAAIg7MlABAClOYXZuO0NQUi1uci4KU8O4cmVuIMOGcsO4OzMwMDI4MC0wMDA4CkJvOwoAAACBMweuD9Dij7yfP0dBBA9x"
    "DP25DwFcFzapCh0tgIGbqjxgJrCWew22Z/FQdeZu3mnU6SBlkLF9zLPsNJK/NXDa5zAZkpYEelwXnk1kKXc9oj1yblKUlGjJK6xJCC6nWyx1AAAAFwYuAQlmAAcLAQAB"
    "IwMBAQVdABAAAAx+CgHgbcC2AAA="
)
SEVENZIP_LOCKED = base64.b64decode(
    "N3q8ryccAASR8/vKMAAAAAAAAACOAAAAAAAAAKBZqrT9evx7Pv5TkEO664Ji2/rracruc8Ks4iVAjMGWGKv9oRkD9n9UcTwQAMlISmbpYUYBBAYAAQkwAAcLAQACJAbx"
    "BwESUw9Q7zvkFtK3GDozfKxjCgC9ISEBAAEADC4qAAgKAUWmhY8AAAUCDgGAES0AbQBhAHAAcABlAAAAbQBhAHAAcABlAC8AUwD4AHIAZQBuAC4AYwBzAHYAAAAUEgEA"
    "4nEjW6N/3QHicSNbo3/dARUKAQAQgO1BIICkgQAA"
)
SEVENZIP_NAMES_LOCKED = base64.b64decode(
    "N3q8ryccAASvgW9msAAAAAAAAAA9AAAAAAAAAE212/QAvoozwD6B7vkYzFSNlfGEYXoXQr20JLvKPdUjdUs9E+3PDlmp0pShcPMoFZ3C0S5/nTkMavPVFJKh3Gg9iDJR"
    "hBvj2HTWaa0Bvf/UuCiAQQr1tIQHrM3uyFTQ+Qf/JPAVQI61UF0ENqdr6XTPP6/satyl8To4xbqDsrlZ/e7THR7rfwI9pUV4YZiiOHUP6yQUqx52YJGBLjOggSg4IFXG"
    "nQ4D+gEn4M0kT+pP/Q7XshcGMAEJgIAABwsBAAIkBvEHARJTD+ziYvekvh0MPzXogPSstZYjAwEBBV0AEAAAAQAMe4COCgHo5YcGAAA="
)
RAR5_SOLID = base64.b64decode(
    "UmFyIRoHAQAJ78hvCwEFBwQGAQGAgIAA3vVwchwCAroABIAQtoMCoua3xYAbAQpzdGVzdDEudHh0waw3REQj+iP2l/1iU1G+TJGBQQKMwQN5XL9Ho6otoDaT3aBYAEAC"
    "ANRQBHb2xH8y6p8ypcTM14PfABDoLYkcAgKNAASAELaDAqLmt8XAGwEKc3Rlc3QyLnR4dEUVCmABAAgD37f79vwdd1ZRAwUEAA=="
)
RAR4_SOLID = base64.b64decode(
    "UmFyIRoHADvQcwgADQAAAAAAAAArNHSAkCwAXAAAAAAIAAADoua3xbBmzD4dMwoApIEAAHN0ZXN0MS50eHQAwBEMzP6MnrD+MYGrrLG7QHeoCmTWSzeDwQe8AeCFku77"
    "th0ACCAACIjpeAzSDAdhOkF4S7Nun1IK2sonQLrnC2SKYnH7uACRnlAv2FX/+sZY6+vE14h+VJaHH03s2RZ0kJAsAA4AAAAACAAAA6Lmt8WwZsw+HTMKAKSBAABzdGVz"
    "dDIudHh0AMCxIACIB+vyCmn6/JTe0MQ9ewBABwA="
)
RAR4_LOCKED = base64.b64decode(
    "UmFyIRoHAM+QcwAADQAAAAAAAADSmXoAgCMAFgAAAAsAAAADvFDsdQAAAAAdMwMAAAAAAENNVAwAi+zL9lbBSCmPAOW/5v/w0Gtqdnpt1nQklDMAEAAAAAAAAAADAAAA"
    "AGxQYj0dMwkApIEAAGZpbGUxLnR4dLMOLwEQH2W9AMDh8N4nMZ14bG1Nam0XgBynQZl6EIAjABYAAAALAAAAA0g/bxAAAAAAHTMDAAAAAIBDTVQMAIvsy/Y2kFYseA8m"
    "b83/7NSLl8K9FLx0JJQzABAAAAAAAAAAAwAAAABsUGI9HTMJAKSBAABmaWxlMi50eHSzDi8BEB9lvQDA4fDeJzGdeGxtTWptF4Acp3ygehCAIwAWAAAACwAAAAOmkNoC"
    "AAAAAB0zAwAAAACAQ01UEBDL7Inkc0FIsM/ZJxfi/uuBj1cq9MQ9ewBABwA="
)


def _vint(number: int) -> bytes:
    """A number of RAR5, seven bits a byte."""
    raw = bytearray()
    while number > 0x7F:
        raw.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*raw, number])


def _rar5_block(fields: bytes, data: bytes = b"") -> bytes:
    sized = _vint(len(fields)) + fields
    return struct.pack("<I", zlib.crc32(sized)) + sized + data


def rar5(members: dict[str, bytes], *, locked: bool = False) -> bytes:
    """A RAR5 archive of stored members; `locked` ones say that they are encrypted."""
    blocks = [b"Rar!\x1a\x07\1\0", _rar5_block(b"\1\0\0")]
    for name, data in members.items():
        extra = b"\x30\1\0\1\x0f" + bytes(44) if locked else b""
        head = _vint(2) + _vint(3 if extra else 2) + (_vint(len(extra)) if extra else b"") + _vint(len(data))
        about = _vint(4) + _vint(len(data)) + _vint(0o644) + struct.pack("<I", zlib.crc32(data)) + b"\0\1"
        blocks.append(_rar5_block(head + about + _vint(len(name.encode())) + name.encode() + extra, data))
    return b"".join([*blocks, _rar5_block(b"\5\0\0")])


def rar5_names_locked() -> bytes:
    """A RAR5 archive whose headers are encrypted."""
    return b"Rar!\x1a\x07\1\0" + _rar5_block(b"\4\0\0\0\x0f" + bytes(16)) + bytes(range(200))


def _both(form: str, number: int) -> bytes:
    return struct.pack(f"<{form}", number) + struct.pack(f">{form}", number)


def _iso_entry(name: bytes, sector: int, size: int, flags: int) -> bytes:
    entry = b"\0" + _both("I", sector) + _both("I", size) + bytes([126, 1, 1, 0, 0, 0, 0, flags, 0, 0]) + _both("H", 1)
    entry += bytes([len(name)]) + name
    entry += b"" if len(name) % 2 else b"\0"
    return bytes([len(entry) + 1]) + entry


def iso(name: bytes, data: bytes) -> bytes:
    """A disc image of one file. Source: ECMA-119, sections 8.4 and 9.1."""
    folder = _iso_entry(b"\0", 20, 2048, 2) + _iso_entry(b"\1", 20, 2048, 2) + _iso_entry(name, 21, len(data), 0)
    volume = b"\1CD001\1\0" + b" " * 64 + bytes(8) + _both("I", 26) + bytes(32) + _both("H", 1) + _both("H", 1) + _both("H", 2048)
    volume += _both("I", 10) + struct.pack("<II", 18, 0) + struct.pack(">II", 19, 0)
    volume += _iso_entry(b"\0", 20, 2048, 2) + b" " * 623 + bytes(68) + b"\1"
    path = b"\1\0" + struct.pack("<I", 20) + b"\1\0\0\0"
    sectors = [*[b""] * 16, volume, b"\xffCD001\1", path, path[:2] + struct.pack(">I", 20) + b"\0\1\0\0", folder, data, *[b""] * 4]
    return b"".join(sector.ljust(2048, b"\0") for sector in sectors)


def tar(members: dict[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def packed(data: bytes) -> dict[str, bytes]:
    """The data compressed in each way."""
    return {
        "gzip": gzip.compress(data),
        "bzip2": bz2.compress(data, 1),
        "xz": lzma.compress(data),
        "zstd": zstandard.ZstdCompressor().compress(data),
        "zlib": zlib.compress(data),
    }


def archives() -> dict[str, bytes]:
    """One file of each kind."""
    return {
        "tar": tar({NAME: CONTENT}),
        **packed(CONTENT * 3),
        "7z": SEVENZIP,
        "iso": iso(b"A.CSV;1", CONTENT),
        "rar": rar5({NAME: CONTENT}),
    }
