"""A reading process: reads one part after another with third-party readers, and can do nothing else.

Started by `isolation.py` as `python -m detector.worker FD BYTES`; it speaks over one connection and ends with it. Before the first
part it gives up memory beyond a ceiling, writing to files, complaining (libraries do, and may quote what they read), and (where libseccomp
is there) the network.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from typing import Any

from detector import formats, wire
from detector.budget import Budget, Limits
from detector.records import Part, Reading, Reason, Role, Unread


def main() -> None:
    """Serves until the connection is closed."""
    descriptor, ceiling = map(int, sys.argv[1:3])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which closes the connection
    with socket.socket(fileno=descriptor) as line:
        confine(ceiling)
        while True:
            try:
                asked, data = wire.receive(line)
            except (EOFError, OSError):
                return
            spent, answer = read(json.loads(asked), data)
            wire.send(line, json.dumps(spent).encode(), answer)


def read(asked: dict[str, Any], data: bytes) -> tuple[dict[str, int], bytes]:
    """What the reading spent, and the reading itself; memory that ran out costs the part."""
    part = Part(data=data, **asked["part"])
    budget = Budget(Limits(**asked["limits"]))
    try:
        reading = formats.read(part, role=Role(asked["role"]), budget=budget, depth=asked["depth"])
        answer = wire.dumps(reading)
    except MemoryError:
        answer = wire.dumps(Reading(unread=(Unread(part.index, part.filename, Reason.MEMORY),)))
    return budget.spent(), answer


def confine(ceiling: int) -> None:
    """Gives up what a reader never needs; what the system does not know is left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, most in ((resource.RLIMIT_AS, ceiling), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(kind)
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (wanted, wanted))
    _refuse_network()


def _refuse_network() -> None:
    """Every socket that is not of this machine is refused, by the kernel."""
    try:
        import errno

        import pyseccomp
    except (ImportError, RuntimeError):  # no libseccomp on this system
        return
    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    for family in (socket.AF_INET, socket.AF_INET6):
        rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "socket", pyseccomp.Arg(0, pyseccomp.EQ, family))
    rules.load()


if __name__ == "__main__":
    main()
