"""The command `scan` without a run directory: one process, results as they come."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence
from pathlib import Path

from detector.budget import Limits
from detector.mailboxes import open_sources
from detector.outcome import DONE, DONE_WITH_FAILURES
from detector.report.judge import judge
from detector.report.output import STANDARD_OUTPUT, check_target, open_lines
from detector.report.progress import show_progress
from detector.report.summary import Tally, print_summary
from detector.terminal import console, words


def scan(
    paths: Sequence[Path], jsonl: Path | None, *, policy: Path | None, models: Path | None, language: str | None, show_values: bool,
    is_quiet: bool, isolated: bool = True, ocr: bool = True,
) -> int:
    """Scans the sources at `paths`, writes a line of JSON for each item to `jsonl`, and prints the summary; gives the exit code.

    Attachments are read in processes of their own where they are to be `isolated`, and pictures where `ocr` is wanted.
    Raises DetectorError, before anything is read, where a path, a policy or a model cannot be used.
    """
    sources = open_sources(paths)
    check_target(jsonl, paths)
    from detector.formats.ocr import missing  # only now: these are slow to load, and a mistyped path should be told at once
    from detector.scanner import Scanner

    scanner = Scanner.load(policy, models_folder=models, limits=Limits(ocr=ocr), isolated=isolated)
    texts, errors = words(language, scanner.policy), console(stderr=True)
    counts = [source.count() for source in sources]
    total = None if None in counts else sum(count or 0 for count in counts)
    tally, started = Tally(), time.monotonic()
    with open_lines(jsonl) as write, show_progress(lambda: tally.flagged, errors, texts, total=total, shown=not is_quiet) as advance:
        for record in judge(itertools.chain.from_iterable(sources), scanner.scan, tally, show_values=show_values):
            write(record)
            advance()
    if not is_quiet:
        shown = errors if jsonl == STANDARD_OUTPUT else console()
        print_summary(tally, shown, texts, seconds=time.monotonic() - started, ocr_command=missing() if ocr else "")
    return DONE_WITH_FAILURES if tally.lost else DONE
