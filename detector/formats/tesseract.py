"""The program tesseract, which reads the text in a picture: started for one picture, on one thread, with a clock and a ceiling on memory.

The picture comes in by a pipe, so no file is written. The program takes data that it does not know for a list of files to open: only
what begins as one of its pictures may be handed to it (`pictures`), or what was drawn here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from functools import lru_cache

from detector.budget import Budget, OverBudget
from detector.records import Reason

INSTALLED_BY = "apt-get install tesseract-ocr tesseract-ocr-dan"
"""On Debian and Ubuntu; the package of the program brings its English."""
_MEMORY_BYTES = 2_000_000_000
_PAGE = "1\t"
"""How the first line under the header begins. QUIRK: a TIFF that cannot be unpacked has none, and counts as a success."""
_ANSWERS_WITHIN_S = 20.0
"""To the question which languages it knows."""


class UnreadableError(Exception):
    """The program could not take the picture apart."""


@lru_cache(maxsize=1)
def command() -> tuple[str, ...]:
    """How it is called to write a table of words, by the languages that are installed; () without the program or its Danish."""
    program = shutil.which("tesseract")
    known = _languages(program) if program is not None else frozenset()
    if program is None or "dan" not in known:
        return ()
    languages = "dan+eng" if "eng" in known else "dan"
    turned = "1" if "osd" in known else "3"  # 1 also turns a page that lies on its side
    return (program, "stdin", "stdout", "-l", languages, "--psm", turned, "-c", "tessedit_create_tsv=1")


def words(picture: bytes, *, budget: Budget, page: int | None = None, dpi: int | None = None) -> str:
    """Lines of tab-separated values, one for each box found in `picture` (in `page` of it, from 0; drawn with `dpi` dots an inch).

    Raises OverBudget when its time is up, UnreadableError where it gives up, OSError where it cannot be started.
    """
    room = budget.ocr_seconds_left()
    if room <= 0:
        raise OverBudget(Reason.TIMEOUT)
    chosen = (*(() if page is None else ("-c", f"tessedit_page_number={page}")), *(() if dpi is None else ("--dpi", str(dpi))))
    begun = time.monotonic()
    try:
        return _run((*command(), *chosen), picture, room)
    finally:
        budget.ocr_seconds += time.monotonic() - begun


def _run(arguments: tuple[str, ...], picture: bytes, seconds: float) -> str:
    with subprocess.Popen(  # noqa: S603 - a program found by name, given no word of the mail
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
    ) as process:
        _limit_memory(process.pid)
        try:
            output, _ = process.communicate(picture, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise OverBudget(Reason.TIMEOUT) from None
        finally:
            process.kill()
    table = output.decode("utf-8", "replace")
    if process.returncode or not table.startswith(_PAGE, table.find("\n") + 1):
        raise UnreadableError
    return table


def _limit_memory(pid: int) -> None:
    """Sets the ceiling from outside: code run between fork and exec is not safe beside threads."""
    if sys.platform == "linux":
        import resource

        with suppress(OSError, ValueError):  # it has ended already, or stands under a lower ceiling
            resource.prlimit(pid, resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _languages(program: str) -> frozenset[str]:
    try:
        told = subprocess.run(  # noqa: S603 - the same
            (program, "--list-langs"), capture_output=True, timeout=_ANSWERS_WITHIN_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return frozenset()
    return frozenset(told.stdout.decode("utf-8", "replace").split())
