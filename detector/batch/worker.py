"""A worker of a run: reads its own part of the mailboxes, one shard after another, and writes each as one file.

Started by `pool.py` as `python -m detector.batch.worker FD`; only numbers and file names cross the connection, never a message.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from detector.batch import messages, plan
from detector.batch.messages import Setup
from detector.records import DetectorError, Failure, Item

if TYPE_CHECKING:
    from detector.batch.rows import Row
    from detector.scanner import Scanner


def main() -> None:
    """Serves until the connection is closed."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    with Connection(int(sys.argv[1])) as connection:
        try:
            setup = Setup(**messages.receive(connection))
            scanner = _scanner(setup)
            messages.send(connection, kind="ready", versions=asdict(scanner.versions))
            while True:
                told = messages.receive(connection)
                work(plan.of_json(told["shard"]), set(told["skipped"]), setup, scanner, connection)
        except DetectorError as error:
            messages.send(connection, kind="error", text=str(error))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            return  # the parent has ended


def work(shard: plan.Shard, skipped: set[int], setup: Setup, scanner: Scanner, connection: Connection) -> None:
    """Reads a shard and writes its file; the items with the numbers `skipped` have ended workers before and are not scanned again."""
    from detector.batch import rows

    found = []
    for number, item in enumerate(items_of(shard)):
        messages.send(connection, kind="at", item=number)
        found.append(row(Item(item.source, item.position, failure=Failure.CRASHED) if number in skipped else item, setup, scanner))
    rows.write(found, Path(setup.folder) / shard.file)
    messages.send(connection, kind="written", shard=shard.number, rows=len(found))


def items_of(shard: plan.Shard) -> Iterator[Item]:
    """All items of a shard; where a source cannot be opened any more, an item that says so in their place."""
    from detector.mailboxes import pieces

    for piece in shard.pieces:
        try:
            yield from pieces.read(piece)
        except DetectorError:
            yield Item(piece.name, piece.first, failure=Failure.UNREADABLE)


def row(item: Item, setup: Setup, scanner: Scanner) -> Row:
    """The row of one item."""
    from detector.batch import rows

    if item.raw is None:
        return rows.of_failure(item, item.failure or Failure.UNREADABLE, show_values=setup.show_values)
    return rows.of_verdict(item, scanner.scan(item.raw), key=bytes.fromhex(setup.key), show_values=setup.show_values)


def _scanner(setup: Setup) -> Scanner:
    from detector.budget import Limits
    from detector.scanner import Scanner

    return Scanner.load(setup.policy, models_folder=setup.models, limits=Limits(ocr=setup.ocr), isolated=setup.isolated)


if __name__ == "__main__":
    main()
