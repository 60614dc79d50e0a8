"""A worker of a run that ends where a message tells it to, and writes rows without scanning. For `test_batch.py`."""

from __future__ import annotations

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from detector.batch import messages, plan, rows
from detector.batch.worker import items_of
from detector.records import Failure, Item


def main() -> None:
    """Serves as `detector.batch.worker` does."""
    connection = Connection(int(sys.argv[1]))
    setup = messages.receive(connection)
    messages.send(connection, kind="ready", versions={})
    while True:
        told = messages.receive(connection)
        shard = plan.of_json(told["shard"])
        found = []
        for number, item in enumerate(items_of(shard)):
            messages.send(connection, kind="at", item=number)
            failure = Failure.CRASHED if number in told["skipped"] else act(item, Path(setup["folder"]))
            found.append(rows.of_failure(item, failure, show_values=True))
        rows.write(found, Path(setup["folder"]) / shard.file)
        messages.send(connection, kind="written", shard=shard.number, rows=len(found))


def act(item: Item, folder: Path) -> Failure:
    """Ends the process where the message says so: always, or the first time."""
    raw = item.raw or b""
    mark = folder / f"ended-{item.position}"
    if b"end always" in raw or (b"end once" in raw and not mark.exists()):
        mark.touch()
        os._exit(9)
    return Failure.EMPTY


if __name__ == "__main__":
    main()
