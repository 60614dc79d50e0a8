"""One message in an Outlook file (.msg). Its bytes are given as they are: the scanner knows both kinds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.mailboxes.eml import read_message
from detector.mailboxes.source import Within
from detector.ole import MAGIC
from detector.outlook import is_message
from detector.records import Failure, Item

__all__ = ["DESCRIPTION", "KIND", "is_message", "open_at", "recognizes"]

KIND = "msg"
DESCRIPTION = "an Outlook message (.msg)"


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` may be one: old Office documents begin alike, and are told apart when they are read."""
    return head.startswith(MAGIC)


def open_at(path: Path, *, name: str, within: Within) -> Msg:
    """The message at `path`."""
    return Msg(path, name)


@dataclass(frozen=True, slots=True)
class Msg:
    """A file with one Outlook message."""

    path: Path
    name: str
    kind: str = KIND

    def count(self) -> int | None:
        """Always 1."""
        return 1

    def __iter__(self) -> Iterator[Item]:
        item = read_message(self.path, name=self.name, position=1)
        is_other = item.raw is not None and not is_message(item.raw)
        yield Item(self.name, 1, failure=Failure.NOT_A_MESSAGE) if is_other else item
