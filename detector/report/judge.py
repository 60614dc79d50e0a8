"""One pass over the items of mailboxes: each is judged or its failure kept, counted, and turned into its record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from detector.records import Failure, Item, Verdict
from detector.report.jsonl import Json, failure_to_json, to_json
from detector.report.summary import Tally


def judge(items: Iterable[Item], scan: Callable[[bytes], Verdict], tally: Tally, *, show_values: bool = False) -> Iterator[Json]:
    """The record of each item, exactly one an item, after it has been counted in `tally`."""
    for item in items:
        if item.raw is None:
            failure = item.failure or Failure.UNREADABLE
            tally.add_failure(failure)
            yield failure_to_json(failure, source=item.source, position=item.position, show_values=show_values)
        else:
            verdict = scan(item.raw)
            tally.add(item, verdict, show_values=show_values)
            yield to_json(verdict, source=item.source, position=item.position, show_values=show_values)
