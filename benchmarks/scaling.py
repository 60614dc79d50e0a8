"""How time and memory grow with the mailbox: runs over 1,000 to 100,000 mails, with two workers.

    python -m benchmarks.scaling [--messages 1000 3000 10000 30000 100000]

The mailboxes are those of `benchmarks/batch.py`. Writes `scaling.csv` beside this file, and `scaling.svg`, drawn from it.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from pathlib import Path

from benchmarks import batch
from detector.batch import run

DATA = Path(__file__).with_suffix(".csv")
COLUMNS = ("messages", "seconds", "parent MB", "worker MB")
COUNTS = (1_000, 3_000, 10_000, 30_000, 100_000)
WORKERS = 2


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, nargs="+", default=COUNTS)
    options.add_argument("--out", type=Path, default=DATA)
    chosen = options.parse_args()
    with chosen.out.open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(COLUMNS)
        for count in chosen.messages:
            lines.writerow(measured(count))
            file.flush()
    draw(chosen.out, chosen.out.with_suffix(".svg"))


def measured(count: int) -> tuple[int, str, str, str]:
    """A run over so many mails: seconds, the most memory of the parent and of a worker."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        mailbox = batch.make(root / "large.mbox", count)
        seconds, parent, worker = batch.timed(mailbox, root / "run", workers=WORKERS)
        read = sum(1 for _ in run.load(root / "run").rows(columns=["position"]))
    assert read == count, f"{read} rows of {count} mails"
    print(count, f"{seconds:.1f} s", parent, worker, flush=True)
    return count, f"{seconds:.1f}", parent, worker


def draw(data: Path, path: Path) -> None:
    """Time, and memory, against the number of mails."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "detector"
    from matplotlib import pyplot as plt

    with data.open(encoding="utf-8", newline="") as file:
        rows = [[float(cell) for cell in line] for line in list(csv.reader(file))[1:]]
    messages, seconds, parent, worker = zip(*rows, strict=True)
    figure, (time, memory) = plt.subplots(1, 2, figsize=(9, 3.6))
    time.loglog(messages, seconds, "o-", label="two workers")
    time.loglog(messages, [seconds[-1] * n / messages[-1] for n in messages], ":", color="grey", label="in proportion")
    time.set(xlabel="mails", ylabel="seconds")
    memory.semilogx(messages, parent, "o-", label="parent")
    memory.semilogx(messages, worker, "s-", label="worker")
    memory.set(xlabel="mails", ylabel="MB, at most", ylim=(0, None))
    for axes in (time, memory):
        axes.grid(alpha=0.3)
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main()
