"""Runs over a large mailbox: killed and resumed, memory, and what a second worker gains.

    python -m benchmarks.batch [--messages 20000] [--kills 30]

Makes a mailbox of so many mails out of the demo's, each with a number and CPR number of its own; reads it once alone with one worker and
once with two; then kills a run with SIGKILL at random moments, resumes it, and compares the rows. Last, two workers read the ham of the
SpamAssassin corpus as one mailbox, against the floor of `speed.py` in one process. A row goes into `benchmarks/batch.md`.
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
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import speed, table
from detector.batch import rows, run
from detector.mailboxes import open_source

DEMO = Path(__file__).parents[1] / "corpora" / "demo" / "eml"
TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "versions", "mails", "mails/s, one worker", "two workers", "gain", "parent MB", "worker MB", "kills",
           "rows as of a run left alone", "ham/s, two workers", "of the floor")
INTRO = """# Runs

Made by `python -m benchmarks.batch`. Memory is the highest resident size, the worker's without its reading process. A run that is killed \
is killed with SIGKILL at random moments, its workers too, and resumed. Seconds are those of the whole program, its start and end too; \
the floor is that of [speed.md](speed.md) on the same ham, one process."""
POSTMARK = b"From a@au.dk Tue Jan  5 10:11:12 2021\n"
SEED = 20261129
ALONE = ("took_ms", "chain")
"""Columns that differ from run to run: the time, and digests by a key of the run's own."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=20_000)
    options.add_argument("--kills", type=int, default=30)
    speed.add_cache(options)
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        mailbox = make(root / "large.mbox", chosen.messages)
        one, *memory = timed(mailbox, root / "one", workers=1)
        two, *_ = timed(mailbox, root / "two", workers=2)
        kills = killed(mailbox, root / "killed", chosen.kills, random.Random(SEED), seconds=two)
        same = compared(root / "killed", root / "one")
        ham = of_the_floor([mail for mail in speed.load(chosen.cache) if mail.is_ham], root)
    rates = f"{chosen.messages / one:.1f}", f"{chosen.messages / two:.1f}", f"{one / two:.2f}"
    figures = [chosen.messages, *rates, *memory, kills, same, *ham]
    for name, figure in zip(COLUMNS[2:], figures, strict=True):
        print(f"{name:28} {figure}")
    if not chosen.no_row:
        versions = f"detector {run.version('detector')}"
        table.append(TABLE, INTRO, COLUMNS, [(datetime.datetime.now(datetime.UTC).date(), versions, *figures)])


def make(path: Path, messages: int) -> Path:
    """An mbox of so many mails."""
    letters = [letter.read_bytes() for letter in sorted(DEMO.glob("*.eml"))]
    return mailbox_of(path, [b"X-Number: %d\n" % number + letters[number % len(letters)] for number in range(messages)])


def mailbox_of(path: Path, mails: Sequence[bytes]) -> Path:
    """An mbox of these."""
    with path.open("wb") as file:
        file.writelines(POSTMARK + mail.replace(b"\nFrom ", b"\n>From ") + b"\n\n" for mail in mails)
    assert open_source(path).count() in (len(mails), None)
    return path


def of_the_floor(mails: Sequence[speed.Mail], root: Path) -> tuple[str, str]:
    """Messages a second of a run with two workers, and their share of those that are parsed only, in one process."""
    floor = speed.time_floor(mails)
    seconds, *_ = timed(mailbox_of(root / "ham.mbox", [mail.raw for mail in mails]), root / "ham", workers=2)
    return f"{len(mails) / seconds:.1f}", f"{floor / seconds:.3f}"


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
    columns = [name for name in rows.SCHEMA.names if name not in ALONE]
    pairs = zip(run.load(one).rows(columns=columns), run.load(other).rows(columns=columns), strict=True)
    differing = sum(a != b for a, b in pairs)
    return "all" if not differing else f"{differing} differ"


if __name__ == "__main__":
    main()
