"""What the workers of a run have in common, be they processes here or actors on a cluster: given shards, watched, replaced where one ends.

A worker that ends takes nothing with it: its shard is given to another. An item at which a second worker ends is passed over, as a failure
`crashed`, and the rest of its shard is read.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from detector.batch.messages import Told
from detector.batch.plan import Shard
from detector.records import DetectorError

SILENT = 300.0
"""Seconds after which a worker that says nothing is taken for hung: ten times what a scan may take."""
MOST_ENDS = 4
"""Workers that may end at one item, which from the second on is passed over."""
BEFORE = -1
"""The item that a worker ends at before it has begun one."""
POLL = 0.5
"""Seconds between two looks at what the workers have begun."""
FRUITLESS = 3
"""Workers that may end before they are ready, one after another."""


class Tell(Protocol):
    """Takes what happens in a run: the event's name and its facts, numbers and places only, never anything of a message."""

    def __call__(self, event: str, **facts: object) -> None:
        """One event."""


def tell_nobody(event: str, **facts: object) -> None:
    """For a run that nobody follows."""


@dataclass(slots=True, eq=False)
class Worker:
    """What is known of any worker."""

    shard: Shard | None = None
    item: int = BEFORE
    """Number in its shard of the item that it has begun."""
    is_ready: bool = False
    heard: float = field(default_factory=time.monotonic)


W = TypeVar("W", bound=Worker)


class Crew(ABC, Generic[W]):
    """Some workers; `on_item` is called for each item that one has begun, `tell` for what else happens."""

    def __init__(self, workers: int, *, on_item: Callable[[], None], tell: Tell = tell_nobody) -> None:
        self._size, self._on_item, self._tell = workers, on_item, tell
        self._workers: list[W] = []
        self._waiting: deque[Shard] = deque()
        self._ended_at: Counter[tuple[int, int]] = Counter()
        """How many workers have ended at an item, by its shard and number there."""
        self._fruitless = 0

    @abstractmethod
    def _start(self) -> W:
        """A new worker, which will tell that it is ready."""

    @abstractmethod
    def _listen(self) -> Iterator[tuple[W, Told]]:
        """What workers have told since, and which have ended; waits `POLL` at most, before the first."""

    @abstractmethod
    def _begun(self, worker: W) -> int:
        """The item that a worker has begun last in its shard; it can be asked whatever has ended the worker."""

    @abstractmethod
    def _give(self, worker: W, shard: Shard, skipped: list[int]) -> None:
        """Has a shard read, but for the items with these numbers. Raises OSError where the worker has ended."""

    @abstractmethod
    def _end(self, worker: W) -> None:
        """Ends a worker, whatever it does."""

    def run(self, shards: Iterable[Shard]) -> Iterator[tuple[Shard, int]]:
        """Each shard, once it has been written, in whatever order, and how many of its messages were flagged. Raises DetectorError where
        workers cannot be started."""
        self._waiting.extend(shards)
        try:
            for _ in range(min(self._size, len(self._waiting))):
                self._workers.append(self._start())
            while self._waiting or any(worker.shard for worker in self._workers):
                heard = list(self._listen())
                self._look()
                for worker, told in heard:
                    yield from self._hear(worker, told)
                for worker in [w for w in self._workers if time.monotonic() - w.heard > SILENT]:
                    self._replace(worker, "silent")
        finally:
            for worker in self._workers:
                self._end(worker)
            self._workers.clear()

    def _look(self) -> None:
        """Counts the items that workers have begun since."""
        for worker in self._workers:
            if worker.shard is not None and (begun := self._begun(worker)) > worker.item:
                worker.heard = time.monotonic()
                self._count_items(worker, begun)

    def _hear(self, worker: W, told: Told) -> Iterator[tuple[Shard, int]]:
        if told["kind"] == "ended":
            self._replace(worker, told["why"])
            return
        worker.heard = time.monotonic()
        if told["kind"] == "error":
            raise DetectorError(told["text"])
        if told["kind"] == "ready":
            worker.is_ready, self._fruitless = True, 0
            self._tell("worker_ready", host=told["host"], process=told["process"])
            self._go_on(worker)
        elif worker.shard is not None:
            self._count_items(worker, told["rows"] - 1)
            written, worker.shard = worker.shard, None
            self._go_on(worker)
            yield written, told["flagged"]

    def _count_items(self, worker: W, item: int) -> None:
        for _ in range(worker.item, item):
            self._on_item()
        worker.item = item

    def _go_on(self, worker: W) -> None:
        """Gives a worker its next shard, or lets it go."""
        if not self._waiting:
            self._workers.remove(worker)
            self._end(worker)
            return
        worker.shard, worker.item = self._waiting.popleft(), BEFORE
        skipped = [item for (shard, item), times in self._ended_at.items() if shard == worker.shard.number and times > 1]
        try:
            self._give(worker, worker.shard, skipped)
        except OSError:
            self._replace(worker, "out of reach")

    def _replace(self, worker: W, why: str) -> None:
        """Starts another in the place of one that has ended or hangs; its shard comes first."""
        self._workers.remove(worker)
        self._end(worker)
        number, item = worker.shard and worker.shard.number, None if worker.item == BEFORE else worker.item
        self._tell("worker_lost", shard=number, item=item, why=why)
        if not worker.is_ready:
            self._fruitless += 1
            if self._fruitless >= FRUITLESS:
                raise DetectorError(f"workers end before they have begun ({why}).")
        if worker.shard is not None:
            self._waiting.appendleft(worker.shard)
            self._count_end(worker.shard.number, worker.item)
        if self._waiting:
            self._workers.append(self._start())

    def _count_end(self, shard: int, item: int) -> None:
        self._ended_at[shard, item] += 1
        if self._ended_at[shard, item] > MOST_ENDS:
            raise DetectorError(f"workers end again and again in shard {shard}, at item {item + 1}, even where it is passed over.")
        if self._ended_at[shard, item] == 2 and item != BEFORE:
            self._tell("item_passed_over", shard=shard, item=item)
