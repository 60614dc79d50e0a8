"""Sources cut into pieces that can be read apart from one another, by other processes and in any order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from detector.mailboxes import eml, folder, mbox, open_source
from detector.mailboxes.eml import Eml, read_message
from detector.mailboxes.folder import Folder
from detector.mailboxes.mbox import Mbox
from detector.mailboxes.source import Source
from detector.records import Failure, Item

WHOLE = "whole"
"""Kind of a piece that is all of a source, since it can only be read from its beginning."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some neighbouring items of a source."""

    kind: str
    path: str = field(repr=False)
    name: str = field(repr=False)
    """What its items call their source."""
    first: int
    """Position of its first item in the source that was opened."""
    count: int | None
    """Items in it; None where that is known only when they are read, which is so of a source's only piece, or its last, alone."""
    size: int
    """Bytes."""
    start: int = 0
    """Of an mbox, where the piece begins and ends."""
    stop: int = 0
    failure: Failure | None = None
    """Of a file that could not be opened."""


def cut(source: Source, *, size: int) -> Iterator[Piece]:
    """The pieces of a source, each of about `size` bytes at most where it holds more than one message."""
    if isinstance(source, Mbox):
        yield from _of_mbox(source, size)
    elif isinstance(source, Eml):
        yield Piece(eml.KIND, str(source.path), source.name, 1, 1, _size(source.path))
    elif isinstance(source, Folder):
        yield from _of_folder(source, size)
    else:
        yield Piece(WHOLE, str(source.path), source.name, 1, source.count(), _size(source.path))


def read(piece: Piece) -> Iterator[Item]:
    """The items of a piece, with their positions in the source that was opened. Raises DetectorError where that has gone."""
    path = Path(piece.path)
    if piece.failure is not None:
        yield Item(piece.name, piece.first, failure=piece.failure)
    elif piece.kind == mbox.KIND:
        for number, item in enumerate(islice(Mbox(path, piece.name, span=(piece.start, piece.stop)), piece.count)):
            yield replace(item, position=piece.first + number)
    elif piece.kind == eml.KIND:
        yield read_message(path, name=piece.name, position=piece.first)
    else:
        yield from (replace(item, position=piece.first + n) for n, item in enumerate(open_source(path, name=piece.name)))


def _of_mbox(source: Mbox, size: int) -> Iterator[Piece]:
    first = 1
    for start, stop, count in source.ranges(size):
        yield Piece(mbox.KIND, str(source.path), source.name, first, count, stop - start, start, stop)
        first += count or 0


def _of_folder(source: Folder, size: int) -> Iterator[Piece]:
    position = 1
    for entry in folder.walk(source.path, source.name):
        opened = folder.open_entry(entry, source.within)
        if isinstance(opened, Failure):
            parts = [Piece(folder.KIND, str(entry.path), entry.name, 1, 1, 0, failure=opened)]
        else:
            parts = [_counted(part) for part in cut(opened, size=size)]
        for part in parts:
            yield replace(part, first=position + part.first - 1)
        position += sum(part.count or 0 for part in parts)


def _counted(piece: Piece) -> Piece:
    """The piece with its number of items; what is packed has to be read for it, so that those behind it have their positions."""
    return piece if piece.count is not None else replace(piece, count=sum(1 for _ in read(piece)))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
