"""Zip files read with an account: every byte that really comes out is counted, whatever the directory declares."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from detector.budget import Budget, OverBudget
from detector.records import Reason

_CHUNK_BYTES = 262_144
_MAX_ENTRIES = 50_000
_ENTRY = b"PK\1\2"


def open_package(data: bytes) -> zipfile.ZipFile:
    """The zip file in `data`. Raises OverBudget where its directory alone would fill the memory, BadZipFile where it is damaged."""
    if data.count(_ENTRY) > _MAX_ENTRIES:
        raise OverBudget(Reason.TOO_MANY_PARTS)
    return zipfile.ZipFile(io.BytesIO(data))


def chunks(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, *, budget: Budget) -> Iterator[bytes]:
    """The bytes of one member, piece by piece. Raises OverBudget with RATIO where it swells, or says that it will, too much."""
    info = archive.getinfo(name) if isinstance(name, str) else name
    budget.check_ratio(info.file_size, info.compress_size)  # no more comes out than is declared
    total = 0
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK_BYTES):
            total += len(chunk)
            budget.spend_unpacked(len(chunk))
            budget.check_ratio(total, info.compress_size)
            budget.check_time()
            yield chunk


def member_bytes(archive: zipfile.ZipFile, name: str | zipfile.ZipInfo, *, budget: Budget) -> bytes:
    """All bytes of one member."""
    return b"".join(chunks(archive, name, budget=budget))


def display_name(info: zipfile.ZipInfo) -> str:
    """The name of a member as its author saw it.

    Names without the UTF-8 flag are in the code page of the machine that wrote them, though zipfile reads them as
    cp437, which lacks "ø". Tried: UTF-8 (macOS), then cp850 (DOS, Windows Explorer) or windows-1252, by the letters.
    """
    if info.flag_bits & 0x800 or info.filename.isascii():
        return info.filename
    try:
        return decoded_name(info.filename.encode("cp437"))
    except UnicodeEncodeError:
        return info.filename


def decoded_name(raw: bytes) -> str:
    """A name that does not say what its letters are: UTF-8, or the code page of DOS or Windows that fits Danish letters."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        is_windows = any(byte in b"\xe6\xf8\xe5\xc6\xd8\xc5" for byte in raw) and not any(
            byte in b"\x91\x9b\x86\x92\x9d\x8f" for byte in raw
        )
        return raw.decode("cp1252" if is_windows else "cp850", "replace")
