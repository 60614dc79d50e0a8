"""Runs over a large mailbox: killed and resumed, memory, and what a second worker gains.

    python -m benchmarks.batch [--messages 20000] [--kills 30]

Makes a mailbox of so many mails out of the demo's, each with a number and CPR number of its own; reads it once alone with one worker and
once with two; then kills a run with SIGKILL at random moments, resumes it, and compares the rows. A row goes into `benchmarks/batch.md`.
"""

from __future__ import annotations

import argparse
import datetime
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import table
from detector.batch import run
from detector.mailboxes import open_source

DEMO = Path(__file__).parents[1] / "corpora" / "demo" / "eml"
TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "versions", "mails", "mails/s, one worker", "two workers", "gain", "parent MB", "worker MB", "kills",
           "rows as of a run left alone")
INTRO = """# Runs

Made by `python -m benchmarks.batch`. Memory is the highest resident size, the worker's without its reading process. A run that is killed \
is killed with SIGKILL at random moments, its workers too, and resumed."""
POSTMARK = b"From a@au.dk Tue Jan  5 10:11:12 2021\n"
SEED = 20261129
ALONE = ("took_ms", "chain")
"""Columns that differ from run to run: the time, and digests by a key of the run's own."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--kills", type=int, default=30)
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        mailbox = make(root / "large.mbox", chosen.messages)
        one, *memory = timed(mailbox, root / "one", workers=1)
        two, *_ = timed(mailbox, root / "two", workers=2)
        kills = killed(mailbox, root / "killed", chosen.kills, random.Random(SEED), seconds=two)
        same = compared(root / "killed", root / "one")
    figures = [chosen.messages, f"{chosen.messages / one:.1f}", f"{chosen.messages / two:.1f}", f"{one / two:.2f}", *memory, kills, same]
    for name, figure in zip(COLUMNS[2:], figures, strict=True):
        print(f"{name:28} {figure}")
    if not chosen.no_row:
        versions = f"detector {run.version('detector')}"
        table.append(TABLE, INTRO, COLUMNS, [(datetime.datetime.now(datetime.UTC).date(), versions, *figures)])


def make(path: Path, messages: int) -> Path:
    """An mbox of so many mails."""
    letters = [letter.read_bytes().replace(b"\nFrom ", b"\n>From ") for letter in sorted(DEMO.glob("*.eml"))]
    with path.open("wb") as file:
        for number in range(messages):
            file.write(POSTMARK + b"X-Number: %d\n" % number + letters[number % len(letters)] + b"\n\n")
    assert open_source(path).count() in (messages, None)
    return path


def command(mailbox: Path, folder: Path, workers: int) -> list[str]:
    """The run, as a program of its own."""
    return [sys.executable, "-c", "from detector.cli import main; main()", "scan", str(mailbox), "--run", str(folder), "-q",
            "--workers", str(workers)]  # fmt: skip


def timed(mailbox: Path, folder: Path, *, workers: int) -> tuple[float, str, str]:
    """Seconds, and the most memory of the parent and of a worker."""
    started = time.monotonic()
    process = subprocess.Popen(command(mailbox, folder, workers))
    most = {"parent": 0, "worker": 0}
    done = threading.Event()
    watch = threading.Thread(target=_watch, args=(process.pid, most, done))
    watch.start()
    status = process.wait()
    done.set()
    watch.join()
    assert status in (0, 1), status
    return time.monotonic() - started, f"{most['parent'] / 1000:.0f}", f"{most['worker'] / 1000:.0f}"


def _watch(pid: int, most: dict[str, int], done: threading.Event) -> None:
    while not done.wait(0.2):
        most["parent"] = max(most["parent"], resident(pid))
        most["worker"] = max([most["worker"], *map(resident, children(pid))])


def children(pid: int) -> Iterator[int]:
    """The workers of a run."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(name[1]) == pid:
            yield int(path.parent.name)


def resident(pid: int) -> int:
    """Kilobytes in memory."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def killed(mailbox: Path, folder: Path, kills: int, moments: random.Random, *, seconds: float) -> int:
    """Kills a run at random moments, then lets it end; how often it was killed."""
    done = 0
    for _ in range(kills):
        process = subprocess.Popen(command(mailbox, folder, 2))
        try:
            process.wait(moments.uniform(2, max(4.0, 2 * seconds / kills)))
            break  # it came to its end
        except subprocess.TimeoutExpired:
            for child in [*children(process.pid), process.pid]:
                os.kill(child, signal.SIGKILL)
            process.wait()
            done += 1
    subprocess.run(command(mailbox, folder, 2), check=False)
    return done


def compared(one: Path, other: Path) -> str:
    """Whether two runs have the same rows."""
    columns = [name for name in run.rows.SCHEMA.names if name not in ALONE]
    pairs = zip(run.load(one).rows(columns=columns), run.load(other).rows(columns=columns), strict=True)
    differing = sum(a != b for a, b in pairs)
    return "all" if not differing else f"{differing} differ"


if __name__ == "__main__":
    main()
