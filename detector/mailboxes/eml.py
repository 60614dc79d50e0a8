"""One message in a file of its own: whatever begins with mail headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.mailboxes.source import LARGEST_MESSAGE_BYTES, Within, check_file, is_mail
from detector.records import Failure, Item

KIND = "eml"
DESCRIPTION = "a single message (.eml)"


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` is a message."""
    return is_mail(head)


def open_at(path: Path, *, name: str, within: Within) -> Eml:
    """The message at `path`."""
    return Eml(path, name)


@dataclass(frozen=True, slots=True)
class Eml:
    """A file with one message."""

    path: Path
    name: str
    kind: str = KIND

    def count(self) -> int | None:
        """Always 1."""
        return 1

    def __iter__(self) -> Iterator[Item]:
        yield read_message(self.path, name=self.name, position=1)


def read_message(path: Path, *, name: str, position: int) -> Item:
    """The whole file as one message; a file that cannot be read gives an item that says so."""
    failure = check_file(path)
    if failure:
        return Item(name, position, failure=failure)
    try:
        if path.stat().st_size > LARGEST_MESSAGE_BYTES:
            return Item(name, position, failure=Failure.TOO_LARGE)
        raw = path.read_bytes()
    except OSError:
        return Item(name, position, failure=Failure.UNREADABLE)
    return Item(name, position, raw) if raw.strip() else Item(name, position, failure=Failure.EMPTY)
