"""The commands over run directories: `scan --run` and `report`. What they print and write; what a run is stands in `batch`.

What only the end of a run needs is imported there: workers start, and load their models, as soon as they can.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from detector import policy
from detector.batch import run
from detector.batch.crew import Tell, tell_nobody
from detector.outcome import DONE, DONE_WITH_FAILURES, INTERRUPTED, outcome
from detector.records import DetectorError
from detector.report.output import check_target
from detector.terminal import console, words

if not all(map(find_spec, ("pyarrow", "structlog", "xlsxwriter"))):
    raise DetectorError("runs need an extra: pip install '.[batch]'")


def require(folder: Path) -> None:
    """Raises DetectorError where no run has been begun in `folder`."""
    run.load(folder)


def scan(
    folder: Path, sources: Sequence[Path], options: run.Options, *, workers: int, cluster: str | None, language: str | None,
    is_quiet: bool, logs_json: bool,
) -> int:  # fmt: skip
    """Begins a run in `folder`, or goes on with it, and prints the summary; gives the exit code. Raises DetectorError.

    With `logs_json`, all that is written to standard error is events as lines of JSON, errors among them.
    """
    if not logs_json:
        return _scan(folder, sources, options, workers=workers, cluster=cluster, language=language, is_quiet=is_quiet)
    from detector.report import logs

    tell = logs.Lines()
    try:
        with outcome(lambda said, code: tell("run_interrupted" if code == INTERRUPTED else "run_failed", error=said, exit_code=code)):
            return _scan(folder, sources, options, workers=workers, cluster=cluster, language=language, is_quiet=is_quiet, tell=tell)
    except SystemExit as told:
        tell("run_interrupted", exit_code=told.code)
        raise


def _scan(
    folder: Path, sources: Sequence[Path], options: run.Options, *, workers: int, cluster: str | None, language: str | None,
    is_quiet: bool, tell: Tell | None = None,
) -> int:  # fmt: skip
    from detector.report.progress import show_progress

    check_target(folder, sources)
    texts, errors = words(language, policy.load(options.policy)), console(stderr=True)
    started = time.monotonic()
    opened = run.prepare(folder, sources, options)
    counts = [shard.count for shard in opened.missing()]
    total = None if None in counts else sum(count or 0 for count in counts)
    if tell is not None:
        manifest = opened.manifest
        tell("run_started", run=str(folder), sources=manifest["sources"], shards=manifest["shards"], missing=len(counts), items=total)
    counted = _Counted(tell or tell_nobody)
    try:
        with show_progress(lambda: counted.flagged, errors, texts, total=total, shown=not is_quiet and tell is None) as advance:
            run.go_on(opened, workers=workers, cluster=cluster, on_item=advance, tell=counted)
    except KeyboardInterrupt:
        if tell is None:
            errors.print(texts("resume"))
        raise
    from detector.batch import summing

    found = summing.tally(opened)
    if tell is not None:
        tell("run_ended", seconds=round(time.monotonic() - started, 1), read=found.read, failed=found.failed)
    if not is_quiet:
        from detector.formats import ocr
        from detector.report.summary import print_summary

        print_summary(found, console(), texts, seconds=time.monotonic() - started, ocr_command=ocr.missing())
    return DONE_WITH_FAILURES if found.lost else DONE


class _Counted:
    """Passes on what happens in a run, and counts the messages that were flagged in it."""

    def __init__(self, tell: Tell) -> None:
        self._tell, self.flagged = tell, 0

    def __call__(self, event: str, **facts: object) -> None:
        """One event."""
        if event == "shard_done" and isinstance(facts["flagged"], int):
            self.flagged += facts["flagged"]
        self._tell(event, **facts)


def report(folder: Path, *, html: Path | None, csv: Path | None, excel: Path | None, language: str | None) -> int:
    """Writes the reports of a run that are asked for, or prints its summary; gives the exit code. Raises DetectorError."""
    from detector.batch import reporting, summing
    from detector.report.summary import print_summary

    opened = run.load(folder)
    named = opened.manifest["options"]["policy"]
    rules = policy.load(Path(named) if named else None)
    texts, missing = words(language, rules), len(opened.missing())
    if html or csv or excel:
        digest = reporting.gather(opened)
        lost = digest.lost
        if html:
            reporting.write_html(opened, digest, html, texts, rules, now=datetime.datetime.now().astimezone())
        if csv:
            reporting.write_csv(digest, csv, texts)
        if excel:
            reporting.write_excel(digest, excel, texts)
    else:
        tally = summing.tally(opened)
        lost = tally.lost
        print_summary(tally, console(), texts, seconds=None)
    if missing:
        console(stderr=True).print(texts("unfinished", missing=missing, all=opened.manifest["shards"]))
    return DONE_WITH_FAILURES if lost or missing else DONE
