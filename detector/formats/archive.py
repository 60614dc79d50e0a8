"""Zip archives: each member is a part of its own, and its name, which tells things too, a document."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from functools import partial

from detector.formats.package import display_name, member_bytes, open_package
from detector.formats.plugin import Format, Item, Source
from detector.records import Document, Reading, Reason, Role, Text, Unread


def read(source: Source) -> Iterator[Item]:
    """Members in the order of the directory, "3.1", "3.2", …; encrypted ones are named as unread."""
    with open_package(source.part.data) as archive:
        for number, info in enumerate(archive.infolist(), 1):
            index = f"{source.part.index}.{number}"
            path = "/".join([step for step in display_name(info).replace("\\", "/").split("/") if step not in {"", ".", ".."}])
            name = path.rpartition("/")[2]
            source.budget.check_time()
            yield Reading(documents=(Document(index, Role.FILENAME, (Text(path),), name, "filename"),))
            if not info.is_dir():
                yield _member(source, archive, info, index, name)
            if source.budget.parts > source.budget.limits.parts:
                yield Reason.TOO_MANY_PARTS
                return


def _member(source: Source, archive: zipfile.ZipFile, info: zipfile.ZipInfo, index: str, name: str) -> Reading:
    if info.flag_bits & 0x1:
        return Reading(unread=(Unread(index, name, Reason.ENCRYPTED),))
    return source.member(index, name, partial(member_bytes, archive, info, budget=source.budget))


def read_embedded(source: Source, archive: zipfile.ZipFile, names: re.Pattern[str]) -> Iterator[Reading]:
    """Members of a document's package that are files put into it, by their full names."""
    infos = [info for info in archive.infolist() if names.fullmatch(info.filename)]
    for number, info in enumerate(infos, 1):
        yield _member(source, archive, info, f"{source.part.index}.{number}", display_name(info).rpartition("/")[2])


FORMAT = Format(
    "zip",
    ("zip",),
    (".zip", ".epub", ".jar"),
    "Zip archives, nested ones too: every member in its own format, and the members' names.",
    read,
)
