"""Parts read in processes of their own, so that a reader that crashes, hangs or swells costs that part and nothing else.

Readers written in C meet hostile bytes here; see `worker.py` for what such a process may not do. Processes are started when they are first
needed, kept warm, and replaced after some hundred parts. What comes back is JSON, checked as it is taken in.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from detector import formats, wire
from detector.budget import Budget
from detector.records import Part, Reading, Reason, Role, Unread
from detector.worker import SPENT

MEMORY = 2_000_000_000
"""Bytes of address space of a process; some of it is the libraries'."""
PARTS = 500
"""Parts that one process reads before it is replaced: what a library leaks goes with it."""
GRACE = 1.0
"""Seconds that a process has beyond the clock of the scan to say that it ran out."""


@dataclass(slots=True, eq=False)
class _Process:
    process: subprocess.Popen[bytes]
    connection: Connection = field(repr=False)
    parts: int = 0
    is_late: bool = False

    def stop(self) -> None:
        """Time is up."""
        self.is_late = True
        self._kill()

    def end(self) -> None:
        """Whatever it does, and with it what it has started (the text recognition)."""
        self.connection.close()
        self._kill()
        self.process.wait()

    def _kill(self) -> None:
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()


class Isolation:
    """A pool of reading processes; threads may share it, and a fork gets processes of its own."""

    def __init__(self, *, memory: int = MEMORY, parts: int = PARTS, module: str = "detector.worker") -> None:
        self._memory, self._parts, self._module = memory, parts, module
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._idle: list[_Process] = []
        weakref.finalize(self, _end_all, self._idle, self._owner)

    def read(self, part: Part, *, role: Role, budget: Budget, depth: int = 0) -> Reading:
        """As `formats.read`; a format that is read by this program's own code is read here and now."""
        if formats.is_own(part):
            return formats.read(part, role=role, budget=budget, depth=depth)
        left = budget.deadline - time.monotonic()
        if left <= 0:
            return _unread(part, Reason.TIMEOUT)
        process = self._take()
        clock = threading.Timer(left + GRACE, process.stop)
        clock.start()
        try:
            spent, answer = _ask(process, part, role, budget, depth, left)
            reading = wire.loads(answer)
            counts = {name: max(0, int(spent[name])) for name in SPENT}
        except (EOFError, OSError, ValueError, TypeError, KeyError, RecursionError):  # it ended, or answered what is no reading
            process.end()
            return _unread(part, Reason.TIMEOUT if process.is_late else Reason.CRASHED)
        finally:
            clock.cancel()
        self._give_back(process)
        for name, count in counts.items():
            setattr(budget, name, getattr(budget, name) + count)
        return reading

    def _take(self) -> _Process:
        with self._lock:
            if self._owner != os.getpid():  # forked: the processes are the parent's
                self._owner, self._idle = os.getpid(), []
                weakref.finalize(self, _end_all, self._idle, self._owner)
            while self._idle:
                process = self._idle.pop()
                if process.process.poll() is None:  # the system may have ended it while it was idle
                    return process
        return _start(self._module, self._memory)

    def _give_back(self, process: _Process) -> None:
        process.parts += 1
        if process.parts >= self._parts:
            process.end()
            return
        with self._lock:
            self._idle.append(process)


def _start(module: str, memory: int) -> _Process:
    ours, theirs = Pipe()
    command = [sys.executable, "-P", "-m", module, str(theirs.fileno()), str(memory)]
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own
            command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), env=environment(), start_new_session=True
        )
    return _Process(process, ours)


def environment() -> dict[str, str]:
    """That of a process of ours: it finds what this one has imported, and its libraries run on one thread."""
    found = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    return os.environ | {"PYTHONPATH": found, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


def _ask(process: _Process, part: Part, role: Role, budget: Budget, depth: int, left: float) -> tuple[dict[str, int], bytes]:
    """What was spent, and the answer. Raises EOFError or OSError when the process has ended."""
    room = {name: max(0, getattr(budget.limits, name) - getattr(budget, name)) for name in SPENT}
    limits = asdict(budget.limits) | room | {"seconds": left}
    described = {name: getattr(part, name) for name in ("index", "media_type", "filename", "charset", "is_attachment")}
    asked = {"part": described, "role": role.value, "depth": depth, "limits": limits}
    process.connection.send_bytes(json.dumps(asked).encode())
    process.connection.send_bytes(part.data)
    spent = json.loads(process.connection.recv_bytes())
    return spent, process.connection.recv_bytes()


def _unread(part: Part, reason: Reason) -> Reading:
    return Reading(unread=(Unread(part.index, part.filename, reason),))


def _end_all(processes: list[_Process], owner: int) -> None:
    if owner == os.getpid():
        for process in processes:
            with contextlib.suppress(OSError):
                process.end()
