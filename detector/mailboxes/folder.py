"""A folder of mail of any kind, walked in order of names: Maildirs, mailboxes and single messages, told apart by content.

Every file is accounted for: what is no mail, or cannot be read, is an item that says so.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from detector.mailboxes import eml, maildir
from detector.mailboxes.source import Kind, Source, read_head
from detector.records import Failure, Item

KIND = "folder"
DESCRIPTION = "a folder of any of these"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and all below it. A Maildir is a folder whose messages are known by where they lie."""

    path: Path
    name: str
    kinds: Sequence[Kind]
    """The kinds of file to look for."""

    @property
    def kind(self) -> str:
        """Either "maildir" or "folder"."""
        return maildir.KIND if maildir.is_maildir(self.path) else KIND

    def count(self) -> int | None:
        """Unknown: a file may be a mailbox of many messages."""
        return None

    def __iter__(self) -> Iterator[Item]:
        position = 0
        for entry in walk(self.path, self.name):
            opened = open_entry(entry, self.kinds)
            for item in [Item(entry.name, 0, failure=opened)] if isinstance(opened, Failure) else opened:
                position += 1
                yield replace(item, position=position)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file that the walk met, or what it could not go into."""

    path: Path
    name: str
    is_delivered: bool = False
    """A message of a Maildir, whatever it begins with."""
    failure: Failure | None = None


def walk(root: Path, name: str) -> Iterator[Entry]:
    """Every file below `root`: in each folder its messages, its other files, then its folders."""
    waiting = [(root, name)]  # a stack of our own: folders may lie deeper than Python's goes
    while waiting:
        folder, called = waiting.pop()
        try:
            delivered = maildir.messages(folder) if maildir.is_maildir(folder) else None
            beside = _list_beside(folder, is_maildir=delivered is not None)
        except OSError:
            yield Entry(folder, called, failure=Failure.UNREADABLE)
            continue
        yield from (Entry(path, called, is_delivered=True) for path in delivered or ())
        below = []
        for path in beside:
            entry = _look_at(path, f"{called}/{_readable(path.name)}")
            if entry is None:
                below.append((path, f"{called}/{_readable(path.name)}"))
            else:
                yield entry
        waiting.extend(reversed(below))


def _list_beside(folder: Path, *, is_maildir: bool) -> list[Path]:
    names = sorted(os.listdir(folder))  # noqa: PTH208 - names are sorted, not paths: "a.b" before "a/b"
    if is_maildir:
        names = [name for name in names if name not in maildir.OWN_FOLDERS and not maildir.is_bookkeeping(name)]
    return [folder / name for name in names]


def _look_at(path: Path, name: str) -> Entry | None:
    """The entry for one path, None for a folder to go into."""
    try:
        mode = path.stat().st_mode
        is_link = path.is_symlink()
    except OSError:
        return Entry(path, name, failure=Failure.UNREADABLE)
    if not stat.S_ISDIR(mode):
        return Entry(path, name)
    return Entry(path, name, failure=Failure.LINK) if is_link else None


def open_entry(entry: Entry, kinds: Sequence[Kind]) -> Source | Failure:
    """What a file holds, by its content, or why it cannot be read."""
    if entry.failure:
        return entry.failure
    if entry.is_delivered:
        return eml.open_at(entry.path, name=entry.name)
    head = read_head(entry.path)
    if isinstance(head, Failure):
        return head
    kind = next((kind for kind in kinds if kind.recognizes(head)), None)
    if kind is None:
        return Failure.NOT_A_MESSAGE if head.strip() else Failure.EMPTY
    return kind.open_at(entry.path, name=entry.name)


def _readable(name: str) -> str:
    """A file name that can be printed and written as UTF-8, whatever bytes it holds."""
    return os.fsencode(name).decode("utf-8", "replace")
