"""Runs with workers that end, and what must come of them whatever has them work. For `test_batch.py` and `test_cluster.py`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detector.batch import plan, rows
from detector.batch.crew import Crew
from detector.mailboxes import open_source
from detector.records import Failure

POSTMARK = b"From a@au.dk Tue Jan  5 10:11:12 2021\n"


class Said:
    """What a crew has told."""

    def __init__(self) -> None:
        self.items = 0
        self.events: list[tuple[str, dict[str, object]]] = []

    def on_item(self) -> None:
        """An item was begun."""
        self.items += 1

    def __call__(self, event: str, **facts: object) -> None:
        """Something else happened."""
        self.events.append((event, facts))

    def check(self, bodies: list[bytes]) -> None:
        """Each end and each item that was passed over was told, without a word of a message."""
        ends = {b"end once": 1, b"end always": 2, b"unforeseen": 2}
        told = Counter(event for event, _ in self.events)
        assert told["worker_lost"] == sum(ends.get(body, 0) for body in bodies)
        assert told["item_passed_over"] == sum(ends.get(body, 0) == 2 for body in bodies)
        assert self.items >= len(bodies) + told["worker_lost"]
        assert "hej" not in str(self.events) and "unforeseen" not in str(self.events)
        assert all(facts["shard"] is not None and facts["item"] is not None for event, facts in self.events if event == "worker_lost")


def mailbox(path: Path, bodies: list[bytes]) -> Path:
    """An mbox of messages with these bodies."""
    path.write_bytes(b"".join(POSTMARK + b"Subject: x\n\n" + body + b"\n\n" for body in bodies))
    return path


def expected(bodies: list[bytes]) -> list[tuple[int, str]]:
    """Position and failure of each row of messages with these bodies, read by workers that end where they say so."""
    crashed = (b"end always", b"unforeseen")
    return [(n, Failure.CRASHED.value if body in crashed else Failure.EMPTY.value) for n, body in enumerate(bodies, 1)]


def failing(crew: Crew[Any], folder: Path, bodies: list[bytes], *, items: int) -> list[tuple[int, str]]:
    """What the rows are that such a crew writes to the folder."""
    source = mailbox(folder / "x.mbox", bodies)
    shards = list(plan.plan([open_source(source)], size=1, items=items))
    written = sorted(crew.run(shards), key=lambda done: done[0].number)
    assert written == [(shard, 0) for shard in shards]
    return [(row["position"], row["failure"]) for shard in shards for row in rows.read(folder / shard.file)]


def known(found: Iterator[rows.Row]) -> list[rows.Row]:
    """Rows without what differs from run to run."""
    return [{name: value for name, value in row.items() if name not in ("took_ms", "chain")} for row in found]
