"""Tar archives of mail, read member by member from the first to the last; compressed ones are unpacked before (`compressed`)."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import cast

from detector.mailboxes.source import Within
from detector.mailboxes.unpacking import Packed, attempt, inner_path, read_packed
from detector.records import Failure, Item

KIND = "tar"
DESCRIPTION = "a tar archive of any of these"


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` is a tar archive (POSIX or GNU)."""
    return head[257:262] == b"ustar"


def open_at(path: Path, *, name: str, within: Within) -> Tar:
    """The archive at `path`."""
    return Tar(path, name, within, KIND)


class Tar(Packed[tarfile.TarFile]):
    """A tar archive, its members in the order in which they stand."""

    def open(self, path: Path) -> tarfile.TarFile:
        """Raises whatever its reader raises."""
        return tarfile.open(path, mode="r:")

    def inside(self, packed: tarfile.TarFile, folder: Path, within: Within) -> Iterator[Item]:
        """The items of each member."""
        while (info := attempt(packed.next)) is not None:
            if isinstance(info, Failure):
                yield Item(self.name, 0, failure=info)
                return
            if not info.isdir():
                yield from self._read(packed, info, folder, within)

    def _read(self, archive: tarfile.TarFile, info: tarfile.TarInfo, folder: Path, within: Within) -> Iterator[Item]:
        member = inner_path(info.name)
        name = f"{self.name}/{member}"
        if not info.isfile():
            yield Item(name, 0, failure=Failure.LINK if info.issym() or info.islnk() else Failure.NOT_A_FILE)
            return
        stream = attempt(partial(archive.extractfile, info))
        if stream is None or isinstance(stream, Failure):
            yield Item(name, 0, failure=stream or Failure.NOT_A_FILE)
            return
        with stream:
            yield from read_packed(cast(io.BufferedIOBase, stream), folder, name=name, within=within, member=member)
