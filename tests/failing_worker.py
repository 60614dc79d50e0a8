"""Workers of a run that end where a message tells them to, and write rows without scanning. For `test_batch.py` and `test_cluster.py`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from detector.batch import rows, worker
from detector.batch.cluster import Actor
from detector.batch.messages import Told
from detector.batch.worker import Reader
from detector.records import Failure, Item


class Failing(Reader):
    """It has no models."""

    def ready(self) -> Told:
        """At once."""
        return {"kind": "ready", "host": "here", "process": os.getpid()}

    def row(self, item: Item) -> rows.Row:
        """Ends the process where the message says so: always, or the first time."""
        raw = item.raw or b""
        mark = Path(self._setup.folder) / f"ended-{item.position}"
        if b"end always" in raw or (b"end once" in raw and not mark.exists()):
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if b"unforeseen" in raw and item.failure is None:
            raise ValueError(raw)
        return rows.of_failure(item, item.failure or Failure.EMPTY, show_values=True)


class FailingActor(Failing, Actor):
    """On a cluster."""


if __name__ == "__main__":
    worker.serve(Failing)
