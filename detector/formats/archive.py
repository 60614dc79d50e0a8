"""Zip archives: every member in its own format, and the members' names; of a damaged one, what its members tell of themselves."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from itertools import pairwise

from detector.formats import zip_salvage
from detector.formats.members import DAMAGE, Entry, file_name, readings
from detector.formats.package import chunks, display_name, member_bytes, open_package
from detector.formats.plugin import Format, Item, Source
from detector.records import Reading, Reason, Unread

_IS_ENCRYPTED = 0x1
_HEADER_BYTES = 30


def read(source: Source) -> Iterator[Item]:
    """Members in the order of the directory, "3.1", "3.2", …; encrypted ones are named as unread."""
    try:
        archive = open_package(source.part.data)
    except DAMAGE:
        yield from readings(source, zip_salvage.entries(source.part.data, budget=source.budget))
        yield Reason.DAMAGED
        return
    with archive:
        yield from readings(source, _entries(source, archive))


def _entries(source: Source, archive: zipfile.ZipFile) -> Iterator[Entry]:
    overlapping = _overlapping(archive.infolist())
    for info in archive.infolist():
        yield Entry(display_name(info), _pieces(source, archive, info), not info.is_dir(), _unread(info, overlapping))


def _pieces(source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of one member; of a damaged one that gives none at all, those before the damage."""
    is_begun = False
    try:
        for piece in chunks(archive, info, budget=source.budget):
            is_begun = True
            yield piece
    except (zipfile.BadZipFile, zlib.error):
        if not is_begun:
            yield from zip_salvage.entry_at(source.part.data, info.header_offset, budget=source.budget)[0].pieces
        raise


def _unread(info: zipfile.ZipInfo, overlapping: set[int]) -> Reason | None:
    if info.flag_bits & _IS_ENCRYPTED:
        return Reason.ENCRYPTED
    return Reason.DAMAGED if info.header_offset in overlapping else None


def _overlapping(infos: list[zipfile.ZipInfo]) -> set[int]:
    """Offsets of members whose bytes run into those of another: a few bytes are made to count many times.

    Source: D. Fifield, "A better zip bomb", WOOT 2019.
    """
    ordered = sorted(infos, key=lambda info: info.header_offset)
    return {
        first.header_offset
        for first, second in pairwise(ordered)
        if first.header_offset + _HEADER_BYTES + first.compress_size > second.header_offset
    }


def read_embedded(source: Source, archive: zipfile.ZipFile, names: re.Pattern[str]) -> Iterator[Reading]:
    """Members of a document's package that are files put into it, by their full names."""
    infos = [info for info in archive.infolist() if names.fullmatch(info.filename)]
    for number, info in enumerate(infos, 1):
        index, name = f"{source.part.index}.{number}", file_name(display_name(info))
        if info.flag_bits & _IS_ENCRYPTED:
            yield Reading(unread=(Unread(index, name, Reason.ENCRYPTED),))
        else:
            yield source.member(index, name, partial(member_bytes, archive, info, budget=source.budget))


FORMAT = Format(
    "zip",
    ("zip",),
    (".zip", ".epub", ".jar"),
    "Zip archives, nested and damaged ones too: every member in its own format, and the members' names.",
    read,
)
