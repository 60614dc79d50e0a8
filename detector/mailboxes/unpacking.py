"""What is packed in another file is unpacked into a folder of our own, one file at a time, and read from there.

Nothing is unpacked that is no mail, and never more than fits what the packed file weighs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Generic, TypeVar

from detector.mailboxes import eml, maildir
from detector.mailboxes.source import HEAD_BYTES, Allowance, Kind, Readable, TooMuchError, Within, kind_of, number, readable
from detector.records import Failure, Item

DEEPEST = 8
"""Packed files around a message; an export has one or two."""

RATIO = 200
"""Bytes that may come out for each byte of the outermost file; mail packs to a tenth at best."""

SMALL_BYTES = 64_000_000
"""May come out whatever the outermost file weighs."""

CHUNK_BYTES = 1_000_000

NOWHERE = PurePosixPath()

T = TypeVar("T")
Opened = TypeVar("Opened", bound=AbstractContextManager[Any])


@contextmanager
def private_folder() -> Iterator[Path]:
    """A temporary folder that only its owner can enter; it goes with all in it, also when the program is interrupted."""
    with tempfile.TemporaryDirectory(prefix="detector-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@dataclass(frozen=True, slots=True)
class Packed(Generic[Opened]):
    """A packed file, read through a temporary folder; each kind says how it is opened and what is in it."""

    path: Path
    name: str
    within: Within
    kind: str

    def count(self) -> int | None:
        """Unknown: there may be a mailbox of many messages in it."""
        return None

    def __iter__(self) -> Iterator[Item]:
        return number(self._items())

    def _items(self) -> Iterator[Item]:
        entered = enter(self.path, self.within, self.open)
        if isinstance(entered, Failure):
            yield Item(self.name, 0, failure=entered)
            return
        packed, within = entered
        with packed, private_folder() as folder:
            yield from self.inside(packed, folder, within)

    def open(self, path: Path) -> Opened:
        """The file, opened; raises whatever its reader raises."""
        raise NotImplementedError

    def inside(self, packed: Opened, folder: Path, within: Within) -> Iterator[Item]:
        """The items in it, unpacked into `folder` one after another."""
        raise NotImplementedError


def enter(path: Path, within: Within, open_packed: Callable[[Path], T]) -> tuple[T, Within] | Failure:
    """The packed file at `path`, opened, and what surrounds the files in it; or why it is not looked into."""
    if within.depth >= DEEPEST:
        return Failure.TOO_DEEP
    packed = attempt(lambda: open_packed(path))
    if isinstance(packed, Failure):
        return packed
    allowance = within.allowance if within.depth else Allowance(SMALL_BYTES + RATIO * path.stat().st_size)
    return packed, replace(within, depth=within.depth + 1, allowance=allowance)


def attempt(read: Callable[[], T]) -> T | Failure:
    """What `read` gives, or why it failed: the one place where a reader of packed files may raise whatever it likes."""
    try:
        return read()
    except TooMuchError:
        return Failure.RATIO
    except (NotImplementedError, ImportError):
        return Failure.UNSUPPORTED
    except OSError as error:
        return Failure.DAMAGED if error.errno is None else Failure.UNREADABLE
    except Exception:
        return Failure.DAMAGED


def inner_path(name: str) -> PurePosixPath:
    """The path of a member as it is told, without steps that lead out of the archive.

    >>> str(inner_path("/../export\\\\./a.eml"))
    'export/a.eml'
    """
    steps = readable(name).replace("\\", "/").split("/")
    return PurePosixPath(*[step for step in steps if step not in {"", ".", ".."}])


def read_packed(stream: Readable, folder: Path, *, name: str, within: Within, member: PurePosixPath = NOWHERE) -> Iterator[Item]:
    """The items of the file that `stream` gives; it is unpacked into `folder` for as long as it is read.

    `member` is its path in an archive, by which the files of a Maildir are known.
    """
    head = bytearray()
    failure = attempt(lambda: _fill(head, stream, within.allowance))
    kind = _kind(bytes(head), member, within)
    if isinstance(kind, Failure):
        yield Item(name, 0, failure=failure or kind)
        return
    path = folder / f"{within.depth}"
    missing = attempt(lambda: _unpack(head, None if failure else stream, path, within.allowance))
    yield from kind.open_at(path, name=name, within=within)
    if failure or missing:
        yield Item(name, 0, failure=failure or missing)
    path.unlink(missing_ok=True)


def _kind(head: bytes, member: PurePosixPath, within: Within) -> Kind | Failure:
    place = maildir.place(member)
    if place == "tmp":
        return Failure.UNDELIVERED
    kind = kind_of(head, within.kinds)
    return eml if kind is Failure.NOT_A_MESSAGE and place else kind


def _fill(head: bytearray, stream: Readable, allowance: Allowance) -> None:
    """Reads into `head` until it is long enough to tell what the file is; what was read before an error stays in it."""
    while len(head) < HEAD_BYTES and (chunk := allowance.spend(stream, HEAD_BYTES)):
        head += chunk


def _unpack(head: bytes | bytearray, stream: Readable | None, path: Path, allowance: Allowance) -> None:
    with path.open("wb") as file:
        file.write(head)
        while stream is not None and (chunk := allowance.spend(stream, CHUNK_BYTES)):
            file.write(chunk)
