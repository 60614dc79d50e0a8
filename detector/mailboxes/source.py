"""What a source of messages offers, and how a file is told to be mail by its first bytes."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from detector.records import Failure, Item

HEAD_BYTES = 65_536
"""So much of a file is looked at to tell what it is."""

LARGEST_MESSAGE_BYTES = 2_000_000_000
"""A message of more is a failure: it would have to stand in memory whole."""

HEADER_LINE = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")

MAIL_HEADERS = frozenset(
    b"from to cc bcc subject date sender reply-to received return-path delivered-to message-id mime-version content-type "
    b"in-reply-to references dkim-signature arc-seal authentication-results x-mailer x-originating-ip thread-topic".split()
)
"""One of these tells mail from other files with `name: value` lines. Source: RFC 5322, and what servers put first."""

INDEX_STARTS = (
    b'// <!-- <mdb:mork:z v="',  # Mozilla's Mork: the .msf files of Thunderbird
    b"\0\0\0\1Bud1",  # .DS_Store
)
"""How the files begin that mail programs and systems keep beside messages."""


class Source(Protocol):
    """One mailbox, file or folder, opened by name; iterating reads its messages one by one, in bounded memory."""

    @property
    def name(self) -> str:
        """How it is called in reports."""

    @property
    def path(self) -> Path:
        """Where it lies."""

    @property
    def kind(self) -> str:
        """What it was recognised as: "mbox", "eml", "maildir", "folder", "zip", "pst", …"""

    def count(self) -> int | None:
        """Number of items where that is cheap to know."""

    def __iter__(self) -> Iterator[Item]: ...


class Kind(Protocol):
    """A module that reads one kind of file: its name, what it is for a person, and two verbs."""

    KIND: str
    DESCRIPTION: str

    def recognizes(self, head: bytes) -> bool:
        """Whether a file that begins with `head` is of this kind."""

    def open_at(self, path: Path, *, name: str, within: Within) -> Source:
        """The file at `path`, to be called `name`, which was met `within` others."""


class Readable(Protocol):
    """What gives bytes as they come, until it gives none."""

    def read1(self, size: int, /) -> bytes: ...


class TooMuchError(Exception):
    """More came out of a packed file than its allowance."""


@dataclass(slots=True)
class Allowance:
    """How many bytes may still come out of one packed file, whatever is packed in it again."""

    left: int = 0

    def spend(self, stream: Readable, size: int) -> bytes:
        """Up to `size` bytes of `stream`, and what is left is less by so many. Raises TooMuchError where nothing is left."""
        if self.left <= 0:
            raise TooMuchError
        data = stream.read1(size)
        self.left -= len(data)
        return data


@dataclass(frozen=True, slots=True)
class Within:
    """Where a file was met: what to look for in it, and what it was packed in."""

    kinds: Sequence[Kind]
    depth: int = 0
    """Number of packed files around it."""
    allowance: Allowance = field(default_factory=Allowance)
    """Of the outermost of these."""


def kind_of(head: bytes, kinds: Sequence[Kind]) -> Kind | Failure:
    """The kind of a file that begins with `head`, or why it holds no mail."""
    if not head.strip():
        return Failure.EMPTY
    kind = next((kind for kind in kinds if kind.recognizes(head)), None)
    if kind is not None:
        return kind
    return Failure.INDEX if head.startswith(INDEX_STARTS) else Failure.NOT_A_MESSAGE


def number(items: Iterable[Item]) -> Iterator[Item]:
    """`items` with their running numbers, from 1."""
    for position, item in enumerate(items, 1):
        yield replace(item, position=position)


def readable(name: str) -> str:
    """A file name that can be printed and written as UTF-8, whatever bytes it holds."""
    return name.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_mail(head: bytes) -> bool:
    """Whether `head` begins with mail headers.

    >>> is_mail(b"Subject: hello\\n\\nbody"), is_mail(b"Package: x\\nVersion: 1\\n"), is_mail(b"%PDF-1.7")
    (True, False, False)
    """
    names = set()
    for line_number, line in enumerate(skip_blank(head).splitlines()[:200]):
        if not line.strip():
            break
        matched = HEADER_LINE.match(line)
        if matched:
            names.add(matched[0].rstrip(b": \t").lower())
        elif line_number == 0:
            return False
    return not names.isdisjoint(MAIL_HEADERS)


def skip_blank(head: bytes) -> bytes:
    """`head` without a byte order mark and without empty lines before the first text."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")


def check_file(path: Path) -> Failure | None:
    """Why `path` cannot be read as a file, None where it can. A pipe or device is not opened: that could wait for ever."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return Failure.UNREADABLE
    return None if stat.S_ISREG(mode) else Failure.NOT_A_FILE


def read_head(path: Path) -> bytes | Failure:
    """The first bytes of a file, or why there are none."""
    failure = check_file(path)
    if failure:
        return failure
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return Failure.UNREADABLE
