"""The command: runs each reader after the other, and adds the rows to the table."""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import benchmarks.peers
from benchmarks import eval as examples
from benchmarks import speed, table
from benchmarks.peers.readers import READERS

TABLE = Path(__file__).parents[1] / "peers.md"
COLUMNS = ("date", "commit", "reader", "versions", "messages", "MB", "msg/s", "MB/s", "times presidio", "peak MB", "workers MB",
           "ham stopped", "decision accuracy", "stopped: recall", "precision")
INTRO = """# The race against the peers

Made by `python -m benchmarks.peers --shared ../shared`; its docstring (`peers/__init__.py`) says who the readers are and what was done \
for fairness. Messages to ham stopped: the SpamAssassin corpus, or so many of it evenly spread. The rest: the 102 example mails, stopped \
means secure or block. CPR recognition alone: [cpr.md](cpr.md)."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(
        "python -m benchmarks.peers", description=benchmarks.peers.__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--limit", type=int, default=0, metavar="N", help="so many messages, evenly spread over the corpus")
    speed.add_cache(options)
    options.add_argument("--readers", nargs="+", choices=READERS, default=list(READERS), help="only these")
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    commit = speed.commit(TABLE)
    speed.fetch(chosen.cache)
    with tempfile.TemporaryDirectory() as folder:
        source = (chosen.shared / "eval").resolve()
        gold = examples.build(source, source, Path(folder))
        lists = (chosen.shared / "data" / "lists").resolve()
        results = {reader: run(reader, lists, Path(folder), chosen.cache, chosen.limit) for reader in chosen.readers}
    today = datetime.datetime.now(datetime.UTC).date()
    rows = [(today, commit, reader, *cells(result, gold, results.get("presidio"))) for reader, result in results.items()]
    for row in rows:
        print(table.line(row))
    if not chosen.no_row:
        table.append(TABLE, INTRO, COLUMNS, rows)


def run(reader: str, lists: Path, folder: Path, cache: Path, limit: int) -> dict[str, Any]:
    """What one reader did; ends the program where it failed."""
    print(f"{reader} …", file=sys.stderr)
    command = [sys.executable, "-m", "benchmarks.peers.race", reader, str(lists), str(folder), str(cache), str(limit)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{reader} failed")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def cells(result: dict[str, Any], gold: dict[str, dict], presidio: dict[str, Any] | None) -> tuple[object, ...]:
    """A row of the table after date, commit and reader."""
    pairs = [(label["decision"], result["decided"][key]) for key, label in gold.items()]
    stopped = [(right in ("secure", "block"), said in ("secure", "block")) for right, said in pairs]
    rate, megabytes = result["messages"] / result["seconds"], result["bytes"] / 1e6
    return (
        result["versions"], result["messages"], three(megabytes), three(rate), three(megabytes / result["seconds"]),
        three(rate * presidio["seconds"] / presidio["messages"]) if presidio else "", f"{result['own_mb']:.0f}",
        f"{result['others_mb']:.0f}", examples.share(result["ham"]), examples.share([right == said for right, said in pairs]),
        examples.share([said for right, said in stopped if right]), examples.share([right for right, said in stopped if said]),
    )  # fmt: skip


def three(figure: float) -> str:
    """A figure with three digits that count.

    >>> three(0.04512), three(3149.6)
    ('0.0451', '3150')
    """
    return f"{float(f'{figure:.3g}'):g}"


if __name__ == "__main__":
    main()
