"""One reader, in a process of its own: what it decides, how long it takes and what it holds in memory, as JSON on standard output."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported; as the command line does

from benchmarks import speed
from benchmarks.peers.readers import READERS, versions
from benchmarks.speed import Mail
from detector import policy
from detector.records import Decision

STOPPED = (Decision.SECURE, Decision.BLOCK)


def main() -> None:
    """What `start` asks for."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("reader", choices=READERS)
    options.add_argument("lists", type=Path)
    options.add_argument("examples", type=Path)
    options.add_argument("cache", type=Path)
    options.add_argument("limit", type=int)
    chosen = options.parse_args()
    examples = {path.stem: path.read_bytes() for path in sorted(chosen.examples.glob("*.eml"))}
    mails = speed.load(chosen.cache, limit=chosen.limit)
    decide = READERS[chosen.reader].load(chosen.lists, policy.load())
    print(json.dumps({"versions": versions(chosen.reader), **measure(decide, examples, mails)}))


def measure(decide: Callable[[bytes], Decision], examples: dict[str, bytes], mails: Sequence[Mail]) -> dict[str, Any]:
    """Decisions on the example mails, then the corpus against the clock."""
    decided = {key: decide(raw) for key, raw in examples.items()}  # and so everything is loaded
    memory = Memory()
    decisions: list[Decision] = []
    seconds = 0.0
    for mail in mails:
        started = time.perf_counter()
        decisions.append(decide(mail.raw))
        seconds += time.perf_counter() - started
        memory.look()
    ham = [decision in STOPPED for mail, decision in zip(mails, decisions, strict=True) if mail.is_ham]
    return {"decided": decided, "messages": len(decisions), "bytes": sum(len(mail.raw) for mail in mails), "seconds": seconds,
            "ham": ham, "own_mb": memory.own_mb, "others_mb": memory.others_mb}


class Memory:
    """The most that was resident, in MB: of this process, and of those it has started together."""

    def __init__(self) -> None:
        self.others_mb = 0.0
        self.look()

    def look(self) -> None:
        """Once a mail, off the clock; the processes that read attachments are replaced now and then."""
        self.others_mb = max(self.others_mb, sum(map(peak_mb, started())))
        self.own_mb = peak_mb(os.getpid())


def started() -> Iterator[int]:
    """The processes that this one has started and that are there."""
    for path in Path("/proc/self/task").glob("*/children"):
        yield from map(int, path.read_text().split())


def peak_mb(pid: int) -> float:
    """The most that a process held since it became the program that it is; 0 where it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), 0.0)


if __name__ == "__main__":
    sys.exit(main())
