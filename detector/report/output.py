"""Where lines of JSON go: standard output, or a file that only its owner can read."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from detector.records import DetectorError
from detector.report.jsonl import Json, to_line

STANDARD_OUTPUT = Path("-")
PART = ".part"
"""Ending of a file that is not whole yet."""


@contextmanager
def open_lines(target: Path | None) -> Iterator[Callable[[Json], None]]:
    """A function that writes one record as a line to `target`; it writes nowhere where `target` is None."""
    if target is None:
        yield lambda _: None
    elif target == STANDARD_OUTPUT:
        yield write_stdout
    else:
        with open_private(target) as file:
            yield lambda record: _write(record, file)


def write_stdout(record: Json) -> None:
    """Writes one record to standard output at once, as UTF-8 whatever the terminal is set to."""
    _write(record, sys.stdout.buffer)
    sys.stdout.buffer.flush()


def open_private(path: Path) -> BinaryIO:
    """A new, empty file at `path` with mode 0600, whatever stood there before. Raises DetectorError where it cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, 0o600)
        return os.fdopen(descriptor, "wb")
    except OSError as error:
        raise DetectorError(f"{path} cannot be written: {error.strerror}.") from None


@contextmanager
def open_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that is there whole or not at all: written as `open_private` does under another name, then renamed. Raises as that does."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART}")
    with open_private(part) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def check_target(target: Path | None, sources: Sequence[Path]) -> None:
    """Raises DetectorError where `target` is one of `sources` or lies in one: it would overwrite mail, or be read as mail."""
    if target is None or target == STANDARD_OUTPUT:
        return
    resolved = target.resolve()
    for source in sources:
        if resolved.is_relative_to(source.resolve()):
            raise DetectorError(f"{target} lies in {source}, which is to be read. Write the output to a place outside it.")


def _write(record: Json, file: BinaryIO) -> None:
    file.write(to_line(record).encode())
