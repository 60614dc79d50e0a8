"""Zip archives of mail: messages, mailboxes and whole folders of them, read member by member."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

from detector.mailboxes.source import Within
from detector.mailboxes.unpacking import Packed, attempt, inner_path, read_packed
from detector.records import Failure, Item

KIND = "zip"
DESCRIPTION = "a zip archive of any of these"

DOCUMENT_MEMBERS = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})
"""One of these at its root makes a zip archive a document or a program, which is one file to a person. Source: OPC, ODF, JAR."""


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` is a zip archive."""
    return head.startswith((b"PK\3\4", b"PK\5\6")) and len(head) >= 22


def open_at(path: Path, *, name: str, within: Within) -> Zip:
    """The archive at `path`."""
    return Zip(path, name, within, KIND)


class Zip(Packed[zipfile.ZipFile]):
    """A zip archive, its members in the order of its directory."""

    def open(self, path: Path) -> zipfile.ZipFile:
        """Raises whatever its reader raises."""
        return zipfile.ZipFile(path)

    def inside(self, packed: zipfile.ZipFile, folder: Path, within: Within) -> Iterator[Item]:
        """The items of each member."""
        if not DOCUMENT_MEMBERS.isdisjoint(packed.NameToInfo):
            yield Item(self.name, 0, failure=Failure.NOT_A_MESSAGE)
            return
        for info in packed.infolist():
            if not info.is_dir():
                yield from self._read(packed, info, folder, within)

    def _read(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, folder: Path, within: Within) -> Iterator[Item]:
        member = inner_path(info.filename)
        name = f"{self.name}/{member}"
        if info.flag_bits & 0x1:
            yield Item(name, 0, failure=Failure.ENCRYPTED)
            return
        stream = attempt(partial(archive.open, info))
        if isinstance(stream, Failure):
            yield Item(name, 0, failure=stream)
            return
        with stream:
            yield from read_packed(cast(io.BufferedIOBase, stream), folder, name=name, within=within, member=member)
