"""Outlook data files through libpff, which runs in a program of its own (`pff`): a file that makes it fail costs the rest of that file.

Messages come over a pipe one by one, so that nothing of them is written to a disk.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from detector.mailboxes.limited import running
from detector.mailboxes.source import LARGEST_MESSAGE_BYTES, check_file
from detector.records import Failure, Item

WORKER = "detector.mailboxes.pff"

PATIENCE_S = 120.0
"""For the next message."""

LARGEST_HEADER_BYTES = 1_000_000


class StoppedError(Exception):
    """The program ended before it had said all, or said nothing for too long."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.value)
        self.failure = failure


def is_installed() -> bool:
    """Whether the library is there."""
    return importlib.util.find_spec("pypff") is not None


def count(path: Path) -> int | None:
    """Number of items, None where they cannot be counted."""
    try:
        with _running(path, "--count") as pipe:
            found = _header(pipe)
            return int(str(found["count"])) if found else None
    except (StoppedError, OSError, ValueError, KeyError):
        return None


def read(path: Path, *, name: str) -> Iterator[Item]:
    """The items of the file at `path`, folder by folder."""
    unreadable = check_file(path)
    if unreadable:
        yield Item(name, 0, failure=unreadable)
        return
    try:
        with _running(path) as pipe:
            while (found := _header(pipe)) is not None:
                yield _item(pipe, found, name)
    except StoppedError as error:
        yield Item(name, 0, failure=error.failure)


def _item(pipe: int, found: dict[str, object], name: str) -> Item:
    """One item, from what the program says of it and the bytes that follow."""
    source = "/".join([name, *map(str, found["folder"] if isinstance(found["folder"], list) else ())])
    if found["failure"]:
        return Item(source, 0, failure=Failure(str(found["failure"])))
    size = int(str(found["size"]))
    if size > LARGEST_MESSAGE_BYTES:
        raise StoppedError(Failure.TOO_LARGE)
    return Item(source, 0, _exactly(pipe, size))


@contextmanager
def _running(path: Path, *options: str) -> Iterator[int]:
    """The program at work on a file; its end of the pipe."""
    command = [sys.executable, "-m", WORKER, *options, str(path.resolve())]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with running(command, output=subprocess.PIPE, environment=environment) as process:
        if process.stdout is not None:
            with process.stdout:
                yield process.stdout.fileno()


def _header(pipe: int) -> dict[str, object] | None:
    """What comes next, None at the end. Raises StoppedError."""
    size = int.from_bytes(_exactly(pipe, 4), "big")
    if size > LARGEST_HEADER_BYTES:
        raise StoppedError(Failure.DAMAGED)
    found: dict[str, object] | None = json.loads(_exactly(pipe, size))
    return found


def _exactly(pipe: int, size: int) -> bytes:
    """So many bytes. Raises StoppedError where they do not come."""
    chunks = []
    deadline = time.monotonic() + PATIENCE_S
    while size:
        if not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise StoppedError(Failure.TIMEOUT)
        chunk = os.read(pipe, min(size, 1_000_000))
        if not chunk:
            raise StoppedError(Failure.DAMAGED)
        chunks.append(chunk)
        size -= len(chunk)
    return b"".join(chunks)
