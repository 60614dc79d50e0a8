"""A folder of mail of any kind, walked in order of names: Maildirs, mailboxes and single messages, told apart by content.

Every file is accounted for: what is no mail, or cannot be read, is an item that says so.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.mailboxes import apple, eml, maildir, mbox
from detector.mailboxes.source import Source, Within, kind_of, number, read_head, readable
from detector.records import Failure, Item

KIND = "folder"
DESCRIPTION = "a folder of any of these"

COUNTED_FILES = 20_000
"""So many files are opened to count what is in them: about a second. Those of a Maildir need not be."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and all below it. A Maildir is a folder whose messages are known by where they lie."""

    path: Path
    name: str
    within: Within

    @property
    def kind(self) -> str:
        """Either "maildir" or "folder"."""
        return maildir.KIND if maildir.is_maildir(self.path) else KIND

    def count(self) -> int | None:
        """Number of items where few files have to be opened for it, and none of them is packed."""
        total = opened = 0
        for entry in walk(self.path, self.name):
            opened += not (entry.is_delivered or entry.failure)
            found = 1 if entry.is_delivered or entry.failure else _count(entry, self.within)
            if found is None or opened > COUNTED_FILES:
                return None
            total += found
        return total

    def __iter__(self) -> Iterator[Item]:
        return number(item for entry in walk(self.path, self.name) for item in _read(entry, self.within))


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
        is_maildir = maildir.is_maildir(folder)
        try:
            own = list(_own_entries(folder, called)) if is_maildir else []
            names = sorted(os.listdir(folder))  # noqa: PTH208 - names are sorted, not paths: "a.b" before "a/b"
        except OSError:
            yield Entry(folder, called, failure=Failure.UNREADABLE)
            continue
        yield from own
        below = []
        for path in [folder / name for name in names if not (is_maildir and name in maildir.OWN_FOLDERS)]:
            if apple.belongs_to_message(path):
                continue
            entry = _look_at(path, f"{called}/{readable(path.name)}", is_maildir=is_maildir)
            if entry is None:
                below.append((path, f"{called}/{readable(path.name)}"))
            else:
                yield entry
        waiting.extend(reversed(below))


def _own_entries(folder: Path, called: str) -> Iterator[Entry]:
    """The messages of a Maildir, and what a server had not finished. Raises OSError where a subfolder cannot be listed."""
    yield from (Entry(path, called, is_delivered=True) for path in maildir.messages(folder))
    yield from (Entry(path, called, failure=Failure.UNDELIVERED) for path in maildir.undelivered(folder))


def _look_at(path: Path, name: str, *, is_maildir: bool) -> Entry | None:
    """The entry for one path, None for a folder to go into."""
    if is_maildir and maildir.is_bookkeeping(path.name):
        return Entry(path, name, failure=Failure.INDEX)
    try:
        mode = path.stat().st_mode
        is_link = path.is_symlink()
    except OSError:
        return Entry(path, name, failure=Failure.UNREADABLE)
    if not stat.S_ISDIR(mode):
        return Entry(path, name)
    return Entry(path, name, failure=Failure.LINK) if is_link else None


def _read(entry: Entry, within: Within) -> Iterator[Item]:
    source = open_entry(entry, within)
    yield from [Item(entry.name, 0, failure=source)] if isinstance(source, Failure) else source


def _count(entry: Entry, within: Within) -> int | None:
    source = open_entry(entry, within)
    return 1 if isinstance(source, Failure) else source.count()


def open_entry(entry: Entry, within: Within) -> Source | Failure:
    """What a file holds, by its content, or why it is not read."""
    if entry.failure:
        return entry.failure
    if entry.is_delivered:
        return eml.open_at(entry.path, name=entry.name, within=within)
    head = read_head(entry.path)
    if isinstance(head, Failure):
        return head
    if not head and entry.path.with_name(f"{entry.path.name}.msf").exists():
        return mbox.open_at(entry.path, name=entry.name, within=within)  # an empty mailbox of Thunderbird
    kind = kind_of(head, within.kinds)
    return kind if isinstance(kind, Failure) else kind.open_at(entry.path, name=entry.name, within=within)
