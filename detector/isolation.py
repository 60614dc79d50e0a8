"""Parts read in processes of their own, so that a reader that crashes, hangs or swells costs that part and nothing else.

Readers written in C meet hostile bytes here; see `worker.py` for what such a process may not do. Processes are started when they are first
needed, kept warm, and replaced after some thousand parts. What comes back is JSON, checked as it is taken in.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from dataclasses import dataclass, field, fields

from detector import formats, wire
from detector.budget import SPENT, Budget
from detector.processes import environment
from detector.records import Part, Reading, Reason, Role, Unread

MEMORY = 2_000_000_000
"""Bytes of address space of a process; some of it is the libraries'."""
PARTS = 2_000
"""Parts that one process reads before it is replaced: what a library leaks goes with it."""
GRACE = 1.0
"""Seconds that a process has beyond the clock of the scan to say that it ran out."""
_NO_ANSWER = (EOFError, OSError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""It ended, its time is up, or it answered what is no reading."""


@dataclass(slots=True, eq=False)
class _Process:
    process: subprocess.Popen[bytes]
    line: socket.socket = field(repr=False)
    parts: int = 0

    def end(self) -> None:
        """Whatever it does, and with it what it has started (the text recognition)."""
        self.line.close()
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()


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
        try:
            spent, answer = _ask(process, part, role, budget, depth, left)
            reading = wire.loads(answer)
            counts = {name: max(0, int(spent[name])) for name in SPENT}
        except _NO_ANSWER as error:
            process.end()
            return _unread(part, Reason.TIMEOUT if isinstance(error, TimeoutError) else Reason.CRASHED)
        self._give_back(process)
        budget.add(counts)
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
                process.line.close()
        return _start(self._module, self._memory)

    def _give_back(self, process: _Process) -> None:
        process.parts += 1
        if process.parts >= self._parts:
            process.end()
            return
        with self._lock:
            self._idle.append(process)


def _start(module: str, memory: int) -> _Process:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-P", "-m", module, str(theirs.fileno()), str(memory)]
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own
            command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), env=environment(), start_new_session=True
        )
    return _Process(process, ours)


def _ask(process: _Process, part: Part, role: Role, budget: Budget, depth: int, left: float) -> tuple[dict[str, int], bytes]:
    """What was spent, and the answer. Raises what stands in `_NO_ANSWER`."""
    room = {name: max(0, getattr(budget.limits, name) - getattr(budget, name)) for name in SPENT}
    limits = {each.name: getattr(budget.limits, each.name) for each in fields(budget.limits)} | room | {"seconds": left}
    described = {name: getattr(part, name) for name in ("index", "media_type", "filename", "charset", "is_attachment")}
    asked = {"part": described, "role": role.value, "depth": depth, "limits": limits}
    deadline = budget.deadline + GRACE
    wire.send(process.line, json.dumps(asked).encode(), part.data, deadline=deadline)
    spent, answer = wire.receive(process.line, deadline=deadline)
    return json.loads(spent), answer


def _unread(part: Part, reason: Reason) -> Reading:
    return Reading(unread=(Unread(part.index, part.filename, reason),))


def _end_all(processes: list[_Process], owner: int) -> None:
    if owner == os.getpid():
        for process in processes:
            with contextlib.suppress(OSError):
                process.end()
