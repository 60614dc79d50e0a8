"""Workers that read shards: started, given work, watched, and replaced where one ends.

A worker that ends takes nothing with it: its shard is given to another. An item at which a second worker ends is passed over, as a failure
`crashed`, and the rest of its shard is read.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any

from detector.batch import messages, plan
from detector.batch.messages import Setup
from detector.batch.plan import Shard
from detector.isolation import environment
from detector.records import DetectorError

SILENT = 300.0
"""Seconds after which a worker that says nothing is taken for hung: ten times what a scan may take."""
MOST_ENDS = 4
"""Workers that may end at one item, which from the second on is passed over."""
BEFORE = -1
"""The item that a worker ends at before it has begun one."""
FRUITLESS = 3
"""Workers that may end before they are ready, one after another."""


@dataclass(slots=True, eq=False)
class _Worker:
    process: subprocess.Popen[bytes]
    connection: Connection
    shard: Shard | None = None
    item: int | None = None
    """Number in its shard of the item that it has begun."""
    is_ready: bool = False
    heard: float = field(default_factory=time.monotonic)

    def end(self) -> None:
        self.connection.close()
        self.process.kill()
        self.process.wait()


class Pool:
    """Some workers; `on_item` is called for each item that one has begun."""

    def __init__(self, setup: Setup, workers: int, *, on_item: Callable[[], None], module: str = "detector.batch.worker") -> None:
        self._setup, self._size, self._on_item, self._module = setup, workers, on_item, module
        self._workers: list[_Worker] = []
        self._waiting: deque[Shard] = deque()
        self._ended_at: Counter[tuple[int, int]] = Counter()
        """How many workers have ended at an item, by its shard and number there."""
        self._fruitless = 0
        self.versions: dict[str, Any] = {}

    def run(self, shards: Iterable[Shard]) -> Iterator[Shard]:
        """Each shard, once it has been written, in whatever order. Raises DetectorError where workers cannot be started."""
        self._waiting.extend(shards)
        try:
            for _ in range(min(self._size, len(self._waiting))):
                self._start()
            while self._workers:
                yield from self._listen()
        finally:
            for worker in self._workers:
                worker.end()
            self._workers.clear()

    def _start(self) -> None:
        ours, theirs = Pipe()
        command = [sys.executable, "-P", "-m", self._module, str(theirs.fileno())]
        with theirs:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),), env=environment())  # noqa: S603 - ours
        worker = _Worker(process, ours)
        self._workers.append(worker)
        messages.send(ours, **asdict(self._setup))

    def _listen(self) -> Iterator[Shard]:
        by_connection = {worker.connection: worker for worker in self._workers}
        for connection in wait(list(by_connection), timeout=5):
            worker = by_connection[connection]  # type: ignore[index]  # connections are all that is waited for
            try:
                told = messages.receive(worker.connection)
            except (EOFError, OSError):
                self._replace(worker)
                continue
            worker.heard = time.monotonic()
            yield from self._hear(worker, told)
        for worker in [w for w in self._workers if time.monotonic() - w.heard > SILENT]:
            self._replace(worker)

    def _hear(self, worker: _Worker, told: dict[str, Any]) -> Iterator[Shard]:
        if told["kind"] == "error":
            raise DetectorError(told["text"])
        if told["kind"] == "at":
            worker.item = told["item"]
            self._on_item()
            return
        if told["kind"] == "ready":
            self.versions, worker.is_ready, self._fruitless = told["versions"], True, 0
        written, worker.shard, worker.item = worker.shard, None, None
        self._give(worker)
        if written is not None:
            yield written

    def _give(self, worker: _Worker) -> None:
        if not self._waiting:
            self._workers.remove(worker)
            worker.end()
            return
        worker.shard = self._waiting.popleft()
        skipped = [item for (shard, item), times in self._ended_at.items() if shard == worker.shard.number and times > 1]
        try:
            messages.send(worker.connection, shard=plan.to_json(worker.shard), skipped=skipped)
        except OSError:
            self._replace(worker)

    def _replace(self, worker: _Worker) -> None:
        """Starts another in the place of one that has ended or hangs; its shard comes first."""
        self._workers.remove(worker)
        worker.end()
        if not worker.is_ready:
            self._fruitless += 1
            if self._fruitless >= FRUITLESS:
                raise DetectorError(f"workers end before they have begun (exit status {worker.process.returncode}).")
        if worker.shard is not None:
            self._waiting.appendleft(worker.shard)
            self._count_end(worker.shard.number, BEFORE if worker.item is None else worker.item)
        if self._waiting:
            self._start()

    def _count_end(self, shard: int, item: int) -> None:
        self._ended_at[shard, item] += 1
        if self._ended_at[shard, item] > MOST_ENDS:
            raise DetectorError(f"workers end again and again in shard {shard}, at item {item + 1}, even where it is passed over.")
