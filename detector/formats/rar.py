"""RAR archives: names by rarfile, content by the system's libarchive; where that is missing or gives up, members are named as unread."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from detector.budget import Budget, OverBudget
from detector.formats import libarchive
from detector.formats.members import DAMAGE, Damaged, Entry, readings
from detector.formats.plugin import Format, Item, Source
from detector.records import Reason

_RAR5 = b"Rar!\x1a\x07\1\0"


def read(source: Source) -> Iterator[Item]:
    """Members by number, "3.1", "3.2", …; encrypted ones are named as unread, as is all of an archive whose names are encrypted."""
    listing = _listed(source.part.data, source.budget)
    if listing.is_locked and not listing.files:
        yield Reason.ENCRYPTED
        return
    yield from readings(source, _entries(source, listing), is_stream=True)
    if not listing.is_whole:
        yield Reason.DAMAGED


def _entries(source: Source, listing: _Listing) -> Iterator[Entry]:
    """What libarchive gives, up to the first that is locked; then what is only listed. Both count members in the same order."""
    count, reason = 0, Reason.UNSUPPORTED
    try:
        for entry in libarchive.entries(source.part.data, listing.format_name, budget=source.budget):
            if count < len(listing.files) and listing.files[count].needs_password():
                break
            count += 1
            yield entry
    except Damaged:
        reason = Reason.DAMAGED
        listing.is_whole = False
    except NotImplementedError:
        pass
    for info in listing.files[count:]:
        yield Entry(info.filename, is_file=info.is_file(), unread=_unread(info, reason))


def _unread(info: Any, reason: Reason) -> Reason | None:
    if not info.is_file():
        return None
    return Reason.ENCRYPTED if info.needs_password() else reason


@dataclass(slots=True)
class _Listing:
    """Headers of the members, as far as they can be read."""

    format_name: str
    files: list[Any] = field(default_factory=list)
    is_locked: bool = False
    is_whole: bool = False


def _listed(data: bytes, budget: Budget) -> _Listing:
    import rarfile

    rarfile.RAR_MAX_COMMENT = -1  # else it has a program unpack the comment, and lists nothing where there is none
    listing = _Listing("rar5" if data.startswith(_RAR5) else "rar")

    def note(header: Any) -> None:
        budget.check_time()
        if header.type == rarfile.RAR_BLOCK_FILE:
            listing.files.append(header)
            if len(listing.files) > budget.limits.parts:
                raise OverBudget(Reason.TOO_MANY_PARTS)
        is_old_end = listing.format_name == "rar" and header.data_offset + header.add_size == len(data)
        listing.is_whole = header.type == rarfile.RAR_BLOCK_ENDARC or is_old_end

    try:  # a part only: the next volumes would be looked for on disk
        listing.is_locked = rarfile.RarFile(io.BytesIO(data), info_callback=note, part_only=True).needs_password()
    except (rarfile.Error, *DAMAGE, LookupError):
        listing.is_whole = False
    return listing


FORMAT = Format(
    "rar",
    ("rar",),
    (".rar",),
    "RAR archives: the names, and every member in its own format where libarchive is installed and knows its method.",
    read,
)
