"""What processes of ours are started with, those that read parts and those that read mailboxes."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def environment() -> dict[str, str]:
    """That of a process of ours: it finds what this one has imported, and its libraries run on one thread."""
    found = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
    return os.environ | {"PYTHONPATH": found, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
