"""What hostile files do to a scan, and what it costs to read attachments in processes of their own.

    python -m benchmarks.hostile             all three parts; each adds a row to hostile.md beside this file
    python -m benchmarks.hostile bombs       one of them (damaged, bombs, isolation)
    python -m benchmarks.hostile --every 10  a tenth of the files and mails

`damaged`: every file of known content and a sample of every kind, cut at ten points, and two hundred damaged files of each format, each an
attachment of a mail of its own that is scanned with isolation. It fails where anything leaves `scan` or stops it, an attachment is neither
read nor said unread, a reading process outlives its clock, or this process takes 400 MB. It also tells how many of the cut files, of kinds
that have an end, came back with less text and without a word about it. `bombs`: a hundred, of five kinds, each of which must end within two
seconds of computing, here and in its reading process. `isolation`: 500 mails with one to three small docx, xlsx, pdf, zip and html files,
scanned with and without isolation by turns; the ratio is what counts, as other programs may run beside.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported; as the command line does

from benchmarks import speed, table
from benchmarks.hostile_mail import mail
from detector import Scanner
from detector.budget import Limits
from detector.isolation import GRACE
from detector.records import Reason, Role, Verdict

TABLE = Path(__file__).with_name("hostile.md")
COLUMNS = ("date", "commit", "cores", "python", "part", "figures", "holds")
SILENT = frozenset({"signature", "svg", "html", "rtf", "ics", "xml", "picture"})
"""Kinds of which nothing need be said: no text stands before the first word of one, and a picture may have become a small one."""
ENDLESS = ("text", "csv", "tsv", "html", "svg", "rtf", "ics", "vcf", "json", "mail", "mbox", "xml", "sealed", "signature", "fod")
"""Kinds that may end anywhere."""
PEAK_MB, BOMB_SECONDS, DEAREST = 400, 2.0, 1.15
T = TypeVar("T")
TURN = 10
"""Mails that are scanned one way before the other way's turn."""


@dataclass(slots=True)
class Found:
    """What the damaged files did."""

    files: int = 0
    exceptions: list[str] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)
    left: int = 0
    longest: float = 0.0
    unread: Counter[str] = field(default_factory=Counter)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the parts that were asked for; 1 where one of them does not hold, else 0."""
    options = parse(arguments)
    is_well = True
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "benchmarks.hostile_files", f"{folder}/files"], check=True)
        scanner = Scanner.load()
        scanner.scan(b"Subject: Hej\n\nIda Holm er syg.\n")  # what is loaded at the first message is not a message's time
        for part in options.parts or PARTS:
            figures, holds = PARTS[part](scanner, Path(folder) / "files", options.every)
            print(f"{part:10} {figures} ({'holds' if holds else 'DOES NOT HOLD'})", flush=True)
            is_well = is_well and holds
            append_row(part if options.every == 1 else f"{part}, one in {options.every}", figures, "yes" if holds else "no")
    return 0 if is_well else 1


def append_row(part: str, figures: str, holds: str) -> None:
    """Adds a row to the table, which is begun where it is not there."""
    intro = "# Hostile files\n\nWritten by `hostile.py`, which says what is measured, and fails where a figure is not as it must be."
    machine = (datetime.datetime.now(datetime.UTC).date(), speed.commit(), os.cpu_count(), platform.python_version())
    table.append(TABLE, intro, COLUMNS, [(*machine, part, figures, holds)])


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="default: all")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="only every Nth file or mail")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return options


# ---------------------------------------------------------------- damaged files


def damaged(scanner: Scanner, folder: Path, every: int) -> tuple[str, bool]:
    """The figures, and whether all files were borne."""
    found = Found()
    whole = {path.name: letters(scanner.scan(attached(path))) for path in sorted((folder / "whole").iterdir())}
    for path in sorted([*(folder / "cut").iterdir(), *(folder / "flipped").iterdir()])[::every]:
        _scan_damaged(scanner, path, whole, found)
    found.left += len(processes()) - 1  # one is kept warm
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name in ("exceptions", "unaccounted", "silent"):
        print(f"{name:12} {' '.join(getattr(found, name)[:20]) or 'none'}")
    print(f"unread       {', '.join(f'{reason} {count}' for reason, count in sorted(found.unread.items()))}")
    told = (
        f"{found.files} files: {len(found.exceptions)} exceptions, {len(found.unaccounted)} neither read nor said unread, "
        f"{len(found.silent)} cut without a word, {found.left} processes late or left, longest {found.longest:.1f} s, peak {peak:.0f} MB"
    )
    return told, not (found.exceptions or found.unaccounted or found.left or peak >= PEAK_MB)


def _scan_damaged(scanner: Scanner, path: Path, whole: dict[str, int], found: Found) -> None:
    found.files += 1
    begun = time.monotonic()
    try:
        verdict = scanner.scan(attached(path))
    except Exception as error:  # counted, and the benchmark fails for it
        found.exceptions.append(f"{path.name} ({type(error).__name__})")
        return
    took = time.monotonic() - begun
    found.longest = max(found.longest, took)
    found.left += took > Limits().seconds + GRACE + 5 or len(processes()) > 1
    reasons = [each.reason for each in verdict.unread]
    found.unread.update(reason.value for reason in set(reasons))
    if Reason.ERROR in reasons:
        found.exceptions.append(path.name)
    file, kind = path.name.rpartition("-")[0], path.name.partition("-")[0]
    if not (letters(verdict) or is_of_attachment(verdict) or reasons) and kind not in SILENT and not _is_cut_in_headers(path):
        found.unaccounted.append(path.name)
    if path.parent.name == "cut" and not reasons and letters(verdict) < whole[file] and not kind.startswith(ENDLESS):
        found.silent.append(path.name)


def _is_cut_in_headers(path: Path) -> bool:
    """Whether a mail ends before its text begins, so that there is nothing of it to be read."""
    return path.name.startswith(("mail-", "mbox-")) and b"\n\n" not in path.read_bytes()


def attached(path: Path) -> bytes:
    """A mail with the file at `path`, named after its kind."""
    kind = path.name.partition("-")[0]
    return mail({f"bilag.{'p7m' if kind == 'signed' else kind}": path.read_bytes()}, "Se bilag.\n")


def is_of_attachment(verdict: Verdict) -> bool:
    """Whether anything came out of the attachment, the mail's second part."""
    return any(each.part.startswith("2") and each.role is not Role.FILENAME for each in verdict.documents)


def letters(verdict: Verdict) -> int:
    """Characters of text in the attachment."""
    blocks = [block for each in verdict.documents if each.part.startswith("2") and each.role is not Role.FILENAME for block in each.blocks]
    return sum(len(cell.text) for block in blocks for cells in getattr(block, "rows", [[block]]) for cell in cells)


# ---------------------------------------------------------------- bombs


def exploded(scanner: Scanner, folder: Path, every: int) -> tuple[str, bool]:
    """How many bombs there were and the longest that one took, and whether that is short enough."""
    took: list[tuple[float, float, str]] = []
    for path in sorted((folder / "bombs").iterdir())[::every]:
        raw = attached(path)
        clock, begun = computing(), time.monotonic()
        verdict = scanner.scan(raw)
        took.append((computing() - clock, time.monotonic() - begun, path.name))
        assert verdict.unread or path.name.startswith("many"), f"nothing is said of {path.name}"
    longest = max(took)
    told = f"{len(took)} bombs: longest computing {longest[0]:.2f} s ({longest[2]}), longest wall {max(wall for _, wall, _ in took):.2f} s"
    return told, longest[0] < BOMB_SECONDS


# ---------------------------------------------------------------- what isolation costs


def isolation(scanner: Scanner, folder: Path, every: int) -> tuple[str, bool]:
    """Time with isolation to time without, of the scans and of the reading alone, and whether it is cheap enough."""
    from detector import content, formats, mime
    from detector.budget import Budget
    from detector.isolation import Isolation

    mails = [path.read_bytes() for path in sorted((folder / "mails").iterdir())][::every]
    here = Scanner.load(isolated=False)
    messages = [mime.parse(raw, budget=Budget()) for raw in mails]
    apart = Isolation()
    wall, spent = by_turns(mails, scanner.scan, here.scan)
    _, read = by_turns(
        messages, lambda message: content.read(message, budget=Budget(), reader=apart.read),
        lambda message: content.read(message, budget=Budget(), reader=formats.read),
    )  # fmt: skip
    told = f"{len(mails)} mails with to without: wall {wall:.3f}, computing {spent:.3f}; reading alone, computing {read:.3f}"
    return told, wall < DEAREST


def by_turns(items: Sequence[T], one: Callable[[T], object], other: Callable[[T], object]) -> tuple[float, float]:
    """Ratios of wall time and of computing of one way to the other, taken in turns of a few items; which comes first alternates."""
    one(items[0])
    other(items[0])
    times = {one: [0.0, 0.0], other: [0.0, 0.0]}
    for number, start in enumerate(range(0, len(items), TURN)):
        for way in (one, other) if number % 2 else (other, one):
            clock, begun = computing(), time.monotonic()
            for item in items[start : start + TURN]:
                way(item)
            times[way][0] += time.monotonic() - begun
            times[way][1] += computing() - clock
    return times[one][0] / times[other][0], times[one][1] / times[other][1]


# ---------------------------------------------------------------- processes


def computing() -> float:
    """Processor seconds of this process and of those that read for it, ended or not."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime + sum(map(_ticks, processes())) / os.sysconf("SC_CLK_TCK")


def processes() -> list[int]:
    """The children of this process."""
    return [int(pid) for path in Path("/proc/self/task").glob("*/children") for pid in path.read_text().split()]


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


PARTS: dict[str, Callable[[Scanner, Path, int], tuple[str, bool]]] = {
    "damaged": damaged, "bombs": exploded, "isolation": isolation,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(main())
