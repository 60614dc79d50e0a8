"""Workers that are actors of a Ray cluster. The sources and the run directory lie on a path that all its nodes see under one name.

Each worker writes the number of the item that it has begun to a small file beside the shards, which is there whatever ends the worker. The
file is closed before the item is scanned: that is when a network file system passes it on.
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from detector.batch.crew import BEFORE, POLL, Crew, Tell, Worker, tell_nobody
from detector.batch.messages import Setup, Told
from detector.batch.plan import Shard
from detector.batch.worker import Reader
from detector.records import DetectorError
from detector.report.output import open_private

LOCAL = "local"
"""The address of a cluster that is this computer alone, for the length of the run."""
STORE = 100_000_000
"""Bytes of the shared memory of a cluster that is started here; only numbers and file names pass through it."""
REACHED = 5.0
"""Seconds within which a cluster answers."""
MARK = ".at"
"""Ending of the files that say which item has been begun."""


class Actor(Reader):
    """A worker on some node of the cluster."""

    def __init__(self, setup: Setup, mark: str) -> None:
        super().__init__(setup, on_item=partial(_write, Path(mark)))
        _hush()


@dataclass(slots=True, eq=False, kw_only=True)
class _Remote(Worker):
    actor: Any = field(repr=False)
    mark: Path
    answer: Any = field(repr=False)
    """What it is to tell next."""


class Cluster(Crew[_Remote]):
    """Some actors of the kind `actor`: as many as there are processors, where `workers` is 0. Raises DetectorError without Ray."""

    def __init__(
        self, setup: Setup, workers: int, *, address: str, on_item: Callable[[], None], tell: Tell = tell_nobody, actor: type[Actor] = Actor
    ) -> None:
        super().__init__(workers, on_item=on_item, tell=tell)
        self._setup, self._address, self._actor = setup, address, actor
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        if address == LOCAL:
            os.environ.setdefault("RAY_AUTH_MODE", "token")  # its ports are open to others; read when Ray is imported
            os.environ.setdefault("RAY_worker_niceness", "0")  # else scans run out of time beside other work
        logging.getLogger("ray").setLevel(logging.ERROR)
        try:
            import ray
        except ImportError:
            raise DetectorError("clusters need an extra: pip install '.[cluster]'") from None
        self._ray: Any = ray

    def run(self, shards: Iterable[Shard]) -> Iterator[tuple[Shard, int]]:
        """As any crew, and raises DetectorError where the cluster cannot be reached."""
        with self._connected():
            self._size = self._size or int(self._ray.cluster_resources().get("CPU", 1))
            self._remote = self._ray.remote(num_cpus=1, max_restarts=0, max_task_retries=0)(self._actor)
            yield from super().run(shards)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[None]:
        own: dict[str, Any] = {"address": self._address}
        if self._address == LOCAL:
            own |= {"num_cpus": self._size or None, "object_store_memory": STORE, "include_dashboard": False}
        else:
            _check(self._address)
        ours = signal.getsignal(signal.SIGTERM)
        with contextlib.redirect_stdout(Path(os.devnull).open("w")) as nowhere, nowhere:  # where Ray says what becomes of workers
            try:
                self._ray.init(configure_logging=False, log_to_driver=False, **own)
            except (OSError, RuntimeError, ValueError) as error:
                raise DetectorError(f"no Ray cluster can be used at {self._address}: {_first_line(error)}") from None
            try:
                signal.signal(signal.SIGTERM, ours)  # Ray has put its own there
                yield
            finally:
                self._ray.shutdown()

    def _start(self) -> _Remote:
        mark = Path(self._setup.folder) / f".{secrets.token_hex(8)}{MARK}"
        open_private(mark).close()
        actor = self._remote.remote(self._setup, str(mark))
        return _Remote(actor=actor, mark=mark, answer=actor.ready.remote(), heard=math.inf)  # it may wait long for a processor

    def _listen(self) -> Iterator[tuple[_Remote, Told]]:
        by_answer = {worker.answer: worker for worker in self._workers}
        answered, _ = self._ray.wait(list(by_answer), timeout=POLL)
        for answer in answered:
            try:
                told = self._ray.get(answer)
            except self._ray.exceptions.RayError as error:
                told = {"kind": "ended", "why": type(error).__name__}
            yield by_answer[answer], told

    def _begun(self, worker: _Remote) -> int:
        return _read(worker.mark)

    def _give(self, worker: _Remote, shard: Shard, skipped: list[int]) -> None:
        _write(worker.mark, BEFORE)
        worker.answer = worker.actor.read.remote(shard, skipped)

    def _end(self, worker: _Remote) -> None:
        self._ray.kill(worker.actor)
        worker.mark.unlink(missing_ok=True)


def _check(address: str) -> None:
    """Raises DetectorError where nobody listens; Ray itself would try for many minutes."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=REACHED).close()
    except (OSError, ValueError):
        raise DetectorError(f"no Ray cluster answers at {address}; it takes HOST:PORT of the head node, or {LOCAL}.") from None


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _write(mark: Path, item: int) -> None:
    """In one go over what stands there, so that there is always a number."""
    with mark.open("r+b") as file:
        file.write(f"{item:8d}".encode())


def _read(mark: Path) -> int:
    return int(mark.read_bytes())


def _hush() -> None:
    """What libraries print goes nowhere: Ray would keep it in its logs, and it may quote a mail."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    for number in (1, 2):
        os.dup2(nowhere, number)
