"""Zip archives of mail: messages, mailboxes and whole folders of them, read member by member."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import cast

from detector.mailboxes.source import Within, number
from detector.mailboxes.unpacking import attempt, enter, inner_path, private_folder, read_packed
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
    return Zip(path, name, within)


@dataclass(frozen=True, slots=True)
class Zip:
    """A zip archive, its members in the order of its directory."""

    path: Path
    name: str
    within: Within
    kind: str = KIND

    def count(self) -> int | None:
        """Unknown: a member may be a mailbox of many messages."""
        return None

    def __iter__(self) -> Iterator[Item]:
        return number(self._items())

    def _items(self) -> Iterator[Item]:
        entered = enter(self.path, self.within, zipfile.ZipFile)
        if isinstance(entered, Failure):
            yield Item(self.name, 0, failure=entered)
            return
        archive, within = entered
        with archive, private_folder() as folder:
            if not DOCUMENT_MEMBERS.isdisjoint(archive.NameToInfo):
                yield Item(self.name, 0, failure=Failure.NOT_A_MESSAGE)
                return
            for info in archive.infolist():
                if not info.is_dir():
                    yield from self._read(archive, info, folder, within)

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
