"""A reading process that does what a hostile file might make one do; the part's name says what. For `test_isolation.py`."""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import sys
import time
from pathlib import Path

from detector import wire
from detector.budget import SPENT
from detector.records import Document, Reading, Role, Text
from detector.worker import confine

ACCOUNT = json.dumps(dict.fromkeys(SPENT, 1)).encode()


def main() -> None:
    """Serves as `detector.worker` does."""
    confine(int(sys.argv[2]))
    line = socket.socket(fileno=int(sys.argv[1]))
    while True:
        asked = json.loads(wire.receive(line)[0])
        said = act(asked["part"]["filename"], line)
        document = Document(asked["part"]["index"], Role.ATTACHMENT, (Text(said),))
        wire.send(line, ACCOUNT, wire.dumps(Reading((document,))))


def act(what: str, line: socket.socket) -> str:
    """What is read, where the process lives to tell."""
    if what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "hang":
        time.sleep(60)
    if what == "half":  # an answer without an end
        line.sendall(struct.pack("!QQ", 16, 16) + b"{")
        time.sleep(60)
    if what == "drip":  # an answer that comes for ever
        for _ in range(600):
            line.sendall(struct.pack("!QQ", 1_000, 16)[:1])
            time.sleep(0.1)
    if what == "garbage":
        line.sendall(b"\xff not json and longer than two lengths")
    if what == "endless":  # numbers that JSON does not have
        wire.send(line, b'{"parts": Infinity, "rows": 1, "unpacked_bytes": 1, "characters": 1}', b"[[],[],[],[]]")
    if what == "lie":  # JSON, but no reading
        wire.send(line, ACCOUNT, b'[[["1","body",[[1,2,3]],null,"x"]],[],[],[]]')
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
