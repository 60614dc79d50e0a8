"""The system's libarchive, where it is installed: members of an archive one after the other, unpacked piece by piece in memory."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from detector.budget import Budget
from detector.formats.members import Damaged, Entry, accounted
from detector.formats.package import decoded_name
from detector.records import Reason

if TYPE_CHECKING:
    from libarchive.entry import ArchiveEntry

_OUTPUT_BYTES = 65_536
_NOT_KNOWN = ("unavailable", "not supported", "nsupported")
"""In its messages, where a file is whole but of a kind that it does not read."""


def entries(data: bytes, format_name: str, *, budget: Budget) -> Iterator[Entry]:
    """Members in their order; each is to be unpacked before the next is asked for, or skipping it takes as long as it likes.

    Raises NotImplementedError where the library is missing or does not know the archive's method, Damaged where it is damaged.
    """
    library = _library()
    try:
        with library.memory_reader(data, format_name=format_name, filter_name="none") as archive:
            for entry in archive:
                pieces = accounted(_pieces(entry), len(data), budget=budget)
                is_locked = library.ffi.entry_is_encrypted(entry._entry_p) > 0
                yield Entry(_path(entry), pieces, not entry.isdir, Reason.ENCRYPTED if is_locked else None)
    except library.ArchiveError as error:
        raise _fault(error) from error


def _pieces(entry: ArchiveEntry) -> Iterator[bytes]:
    library = _library()
    try:
        yield from entry.get_blocks(_OUTPUT_BYTES)
    except library.ArchiveError as error:
        raise _fault(error) from error


def _path(entry: ArchiveEntry) -> str:
    path = entry.pathname or ""
    return decoded_name(path) if isinstance(path, bytes) else path


def _fault(error: Exception) -> Exception:
    return NotImplementedError() if any(word in str(error) for word in _NOT_KNOWN) else Damaged()


@cache
def _library() -> Any:
    try:
        import libarchive
        from libarchive import ffi
    except (ImportError, OSError, AttributeError, TypeError) as error:  # all ways to say that the system has none
        raise NotImplementedError from error
    ffi.logger.disabled = True  # its warnings hold names
    ffi.ffi("entry_is_encrypted", [ffi.c_archive_entry_p], ffi.c_int)
    return libarchive
