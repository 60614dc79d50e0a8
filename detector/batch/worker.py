"""A worker of a run: reads its own part of the mailboxes, one shard after another, and writes each as one file.

Started by `pool.py` as `python -m detector.batch.worker CONNECTION MARK`, by `cluster.py` as an actor; only numbers and file names pass
between it and the run, never a message.
"""

from __future__ import annotations

import os
import platform
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from detector.batch import messages, plan
from detector.batch.mark import Mark
from detector.batch.messages import Setup, Told
from detector.records import DetectorError, Failure, Item
from detector.report.masking import without_text

if TYPE_CHECKING:
    from detector.batch.rows import Row


class Reader:
    """The models, and the reading of shards with them. `on_item` is called with the number of each item that is begun; what else it does,
    it tells. Nothing raises out of it."""

    def __init__(self, setup: Setup, *, on_item: Callable[[int], None]) -> None:
        self._setup, self._on_item = setup, on_item

    def ready(self) -> Told:
        """Loads the models."""
        return _told(self._load)

    def read(self, shard: plan.Shard, skipped: list[int]) -> Told:
        """Reads a shard and writes its file; the items with the numbers `skipped` have ended workers before and are not scanned again."""
        return _told(partial(self._read, shard, skipped))

    def row(self, item: Item) -> Row:
        """The row of one item."""
        from detector.batch import rows

        show_values = self._setup.show_values
        if item.raw is None:
            return rows.of_failure(item, item.failure or Failure.UNREADABLE, show_values=show_values)
        return rows.of_verdict(item, self._scanner.scan(item.raw), key=bytes.fromhex(self._setup.key), show_values=show_values)

    def _load(self) -> Told:
        from detector.budget import Limits
        from detector.scanner import Scanner

        setup = self._setup
        self._scanner = Scanner.load(setup.policy, models_folder=setup.models, limits=Limits(ocr=setup.ocr), isolated=setup.isolated)
        return self._loaded(asdict(self._scanner.versions))

    def _loaded(self, versions: dict[str, str]) -> Told:
        host = platform.node()
        if self._setup.versions not in (None, versions):
            raise DetectorError(f"{host} has other versions ({versions}) than the run was begun with ({self._setup.versions}).")
        return {"kind": "ready", "host": host, "process": os.getpid()}

    def _read(self, shard: plan.Shard, skipped: list[int]) -> Told:
        from detector.batch import rows

        found = []
        for number, item in enumerate(items_of(shard)):
            self._on_item(number)
            found.append(self.row(Item(item.source, item.position, failure=Failure.CRASHED) if number in skipped else item))
        rows.write(found, Path(self._setup.folder) / shard.file)
        return {"kind": "written", "rows": len(found), "flagged": sum(map(rows.is_flagged, found))}


def items_of(shard: plan.Shard) -> Iterator[Item]:
    """All items of a shard; where a source cannot be opened any more, an item that says so in their place."""
    from detector.mailboxes import pieces

    for piece in shard.pieces:
        try:
            yield from pieces.read(piece)
        except DetectorError:
            yield Item(piece.name, piece.first, failure=Failure.UNREADABLE)


def serve(kind: type[Reader] = Reader) -> None:
    """Serves as a process until the connection is closed."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    with Connection(int(sys.argv[1])) as connection:
        try:
            reader = kind(Setup(**messages.receive(connection)), on_item=Mark(int(sys.argv[2])).write)
            messages.send(connection, **reader.ready())
            while True:
                told = messages.receive(connection)
                messages.send(connection, **reader.read(plan.of_json(told["shard"]), told["skipped"]))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return  # the parent has ended


def _told(do: Callable[[], Told]) -> Told:
    """What is told of doing something. Of an error that nobody foresaw that is its kind and place: its text may quote a mail."""
    try:
        return do()
    except DetectorError as error:
        return {"kind": "error", "text": str(error)}
    except Exception as error:
        return {"kind": "ended", "why": without_text(error)}


if __name__ == "__main__":
    serve()
