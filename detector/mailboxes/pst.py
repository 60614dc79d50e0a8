"""Outlook data files, .pst and .ost: each message as mail, with its folder in its name; contacts, appointments and tasks are listed.

Read by the program `readpst` where it is installed, else by libpff (the extra `pst`). readpst reaches messages attached to messages;
libpff's Python module has no call for them (`libpff_attachment_get_item`; release 20260926), so that they are unread there. libpff knows
the addresses of recipients where a message has no transport headers, and needs no temporary files.
Source: https://learn.microsoft.com/openspecs/office_file_formats/ms-pst (2.2.2.6, HEADER)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.mailboxes import libpff, readpst
from detector.mailboxes.source import Within, number
from detector.records import Failure, Item

KIND = "pst"
DESCRIPTION = "an Outlook data file (.pst, .ost)"


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` is an Outlook data file."""
    return head.startswith(b"!BDN") and head[8:10] in {b"SM", b"SO"}


def open_at(path: Path, *, name: str, within: Within) -> Pst:
    """The file at `path`."""
    return Pst(path, name)


@dataclass(frozen=True, slots=True)
class Pst:
    """An Outlook data file."""

    path: Path
    name: str
    kind: str = KIND

    def count(self) -> int | None:
        """Number of messages and other items where libpff is there to count them and to read them."""
        return libpff.count(self.path) if libpff.is_installed() and not readpst.is_installed() else None

    def __iter__(self) -> Iterator[Item]:
        return number(self._items())

    def _items(self) -> Iterator[Item]:
        if readpst.is_installed():
            yield from readpst.read(self.path, name=self.name)
        elif libpff.is_installed():
            yield from libpff.read(self.path, name=self.name)
        else:
            yield Item(self.name, 0, failure=Failure.UNSUPPORTED)
