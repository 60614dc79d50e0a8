"""Members of an archive, whatever packs them: each is a part of its own, and its name, which tells things too, a document.

Nothing is written anywhere: a name is text to read, never a path to open.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from lzma import LZMAError

from detector.budget import Budget, OverBudget
from detector.formats.plugin import Item, Source
from detector.records import Document, Reading, Reason, Role, Text, Unread


class Damaged(Exception):  # noqa: N818 - it says what happened, and is always caught here
    """Packed data that ends too soon or is wrong."""


DAMAGE = (Damaged, EOFError, OSError, ValueError, struct.error, zlib.error, LZMAError, zipfile.BadZipFile)
"""What the unpackers of the standard library raise on damaged data."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One member: its name as its author saw it, and its bytes, unpacked as they are asked for."""

    path: str = field(repr=False)
    pieces: Iterable[bytes] = field(default=(), repr=False)
    is_file: bool = True
    unread: Reason | None = None
    """Why it is not to be opened."""


@dataclass(slots=True)
class Content:
    """Unpacks one member, and keeps what came before damage."""

    pieces: Iterable[bytes]
    is_done: bool = False
    is_damaged: bool = False

    def __call__(self) -> bytes:
        """All that comes out. Raises OverBudget, and NotImplementedError for an unknown compression."""
        taken: list[bytes] = []
        try:
            for piece in self.pieces:
                taken.append(piece)  # noqa: PERF402 - what came before damage is kept
        except DAMAGE:
            self.is_damaged = True
        except NotImplementedError:
            self.is_done = True
            raise
        self.is_done = True
        return b"".join(taken)


def readings(source: Source, entries: Iterable[Entry], *, is_stream: bool = False) -> Iterator[Item]:
    """Members in their order, "3.1", "3.2", …; in a stream nothing is read behind a member that was given up."""
    unpacked_before = source.budget.unpacked_bytes
    for number, entry in enumerate(entries, 1):
        index, name = f"{source.part.index}.{number}", file_name(entry.path)
        source.budget.check_time()
        yield named(index, entry.path)
        if entry.unread is not None:
            yield Reading(unread=(Unread(index, name, entry.unread),))
        elif entry.is_file:
            content = Content(entry.pieces)
            reading = source.member(index, name, content)
            yield reading
            if content.is_damaged:
                yield Reading(unread=(Unread(index, name, Reason.DAMAGED),))
            if is_stream and not content.is_done:
                yield from {each.reason for each in reading.unread}
                return
        ending = _ending(source, source.budget.unpacked_bytes - unpacked_before)
        if ending is not None:
            yield ending
            return


def _ending(source: Source, count: int) -> Reason | None:
    """Why the rest of an archive that has given `count` bytes, all archives in it with it, is left unread, if it is."""
    budget = source.budget
    if budget.parts > budget.limits.parts:
        return Reason.TOO_MANY_PARTS
    if budget.unpacked_bytes > budget.limits.unpacked_bytes:
        return Reason.TOO_LARGE
    try:
        budget.check_ratio(count, len(source.part.data))
    except OverBudget as over:
        return over.reason
    return None


def accounted(pieces: Iterable[bytes], packed: int, *, budget: Budget) -> Iterator[bytes]:
    """The pieces, each paid for as it comes, out of `packed` bytes. Raises OverBudget."""
    total = 0
    for piece in pieces:
        total += len(piece)
        budget.check_time()
        budget.spend_unpacked(len(piece))
        budget.check_ratio(total, packed)
        yield piece


def named(index: str, path: str) -> Reading:
    """The document that a member's path is, without steps that lead out of the archive."""
    steps = _steps(path)
    return Reading(documents=(Document(index, Role.FILENAME, (Text("/".join(steps)),), steps[-1], "filename"),) if steps else ())


def file_name(path: str) -> str:
    """The last step of a path.

    >>> file_name("Elever\\\\Bo.csv"), file_name("../")
    ('Bo.csv', '')
    """
    return (_steps(path) or [""])[-1]


def _steps(path: str) -> list[str]:
    return [step for step in path.replace("\\", "/").split("/") if step not in {"", ".", ".."}]
