"""Other programs under ceilings: memory, the size of a file they write, and an end when we are done with them."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

MEMORY_BYTES = 8_000_000_000
"""A program that reads a file of 50 GB takes a tenth of that."""


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], *, output: IO[bytes] | int, file_bytes: int = 0, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program at work, which is ended at the end of the block, whatever happens in it.

    `command` holds no word of a sender, and paths in it are absolute; `file_bytes` is the ceiling of each file it writes.
    """
    process = subprocess.Popen(  # noqa: S603 - no shell
        command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL, env=environment, bufsize=0
    )
    try:
        _limit(process, file_bytes)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _limit(process: subprocess.Popen[bytes], file_bytes: int) -> None:
    """Sets the ceilings; none where the system has no such call, or the program has ended."""
    with contextlib.suppress(ImportError, OSError, AttributeError, ValueError):
        import resource

        for kind, value in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_FSIZE, file_bytes), (resource.RLIMIT_CORE, 0)):
            resource.prlimit(process.pid, kind, (value, value))
