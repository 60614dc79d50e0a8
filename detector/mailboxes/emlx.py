"""Apple Mail's `.emlx`: a line with the length of the message in bytes, the message, then a property list of flags.

Where attachments are kept apart (`.partial.emlx`), their parts are empty and say so; they are put back, and what is not there is
left as a part that cannot be read (`apple`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.mailboxes import apple
from detector.mailboxes.eml import read_message
from detector.mailboxes.source import Within, is_mail, number
from detector.records import Failure, Item

KIND = "emlx"
DESCRIPTION = "a message of Apple Mail (.emlx)"

LENGTH_LINE = re.compile(rb"[ \t]*(\d{1,10})[ \t]*\r?\n")


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` is a message of Apple Mail.

    >>> recognizes(b"1024      \\nSubject: Hej\\n"), recognizes(b"1024\\nEnheder\\n")
    (True, False)
    """
    length = LENGTH_LINE.match(head)
    return length is not None and is_mail(head[length.end() :])


def open_at(path: Path, *, name: str, within: Within) -> Emlx:
    """The message at `path`."""
    return Emlx(path, name)


@dataclass(frozen=True, slots=True)
class Emlx:
    """A file with one message; one that cannot be made whole is two items, what there is and that it is damaged."""

    path: Path
    name: str
    kind: str = KIND

    def count(self) -> int | None:
        """1 where the file is as long as it says."""
        try:
            with self.path.open("rb") as file:
                length = LENGTH_LINE.match(file.readline(100))
            return 1 if length and length.end() + int(length[1]) <= self.path.stat().st_size else None
        except OSError:
            return None

    def __iter__(self) -> Iterator[Item]:
        return number(self._items())

    def _items(self) -> Iterator[Item]:
        whole = read_message(self.path, name=self.name, position=0)
        length = LENGTH_LINE.match(whole.raw or b"")
        if whole.raw is None or length is None:
            yield whole if whole.raw is None else Item(self.name, 0, failure=Failure.CHANGED)
            return
        end = length.end() + int(length[1])
        raw = whole.raw[length.end() : end]
        if not raw.strip():
            yield Item(self.name, 0, failure=Failure.EMPTY)
            return
        complete = apple.with_attachments(raw, self.path)
        yield Item(self.name, 0, raw if complete is None else complete)
        if complete is None or end > len(whole.raw):
            yield Item(self.name, 0, failure=Failure.DAMAGED)
