"""A reading process that does what a hostile file might make one do; the part's name says what. For `test_isolation.py`."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from detector import wire
from detector.records import Document, Reading, Role, Text
from detector.worker import SPENT, confine


def main() -> None:
    """Serves as `detector.worker` does."""
    confine(int(sys.argv[2]))
    connection = Connection(int(sys.argv[1]))
    while True:
        asked = json.loads(connection.recv_bytes())
        connection.recv_bytes()
        said = act(asked["part"]["filename"], connection)
        document = Document(asked["part"]["index"], Role.ATTACHMENT, (Text(said),))
        connection.send_bytes(json.dumps(dict.fromkeys(SPENT, 1)).encode())
        connection.send_bytes(wire.dumps(Reading((document,))))


def act(what: str, connection: Connection) -> str:
    """What is read, where the process lives to tell."""
    if what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "hang":
        time.sleep(60)
    if what == "half":  # an answer without an end
        os.write(connection.fileno(), b"\0\0\0\x10{")
        time.sleep(60)
    if what == "garbage":
        connection.send_bytes(b"\xff not json")
    if what == "lie":  # JSON, but no reading
        connection.send_bytes(json.dumps(dict.fromkeys(SPENT, 1)).encode())
        connection.send_bytes(b'[[["1","body",[[1,2,3]],null,"x"]],[],[],[]]')
    if what == "swell":
        return str(len(bytearray(4_000_000_000)))
    return _tried(what)


def _tried(what: str) -> str:
    try:
        if what == "write":
            Path("written-by-a-reader").write_bytes(b"x" * 100)
        if what == "network":
            socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
    except OSError as error:
        return f"refused: {type(error).__name__}"
    return f"process {os.getpid()}"


if __name__ == "__main__":
    main()
