"""What a run and its workers tell each other, as JSON over a connection."""

from __future__ import annotations

import json
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

Told = dict[str, Any]
"""What a worker tells, by its `kind`: `ready`, `written`, `ended`, or an `error` that ends the run."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker needs to know before its first shard."""

    folder: str
    """Where shards are written."""
    key: str
    """Of the run's digests, in hexadecimal."""
    policy: str | None = None
    models: str | None = None
    show_values: bool = False
    isolated: bool = True
    ocr: bool = True
    versions: dict[str, str] | None = None
    """Those that the worker must have."""


def send(connection: Connection, **told: Any) -> None:
    """Raises OSError where the other side has ended."""
    connection.send_bytes(json.dumps(told).encode())


def receive(connection: Connection) -> Told:
    """Raises EOFError or OSError where the other side has ended."""
    told: Told = json.loads(connection.recv_bytes())
    return told
