"""Where a worker of this computer says which item it has begun: a number in memory that it shares with the run.

It is there whatever ends the worker, and costs neither of them anything: a message for each item would take the run a twentieth of a
processor.
"""

from __future__ import annotations

import mmap
import struct

NUMBER = struct.Struct("=q")


class Mark:
    """The number, in the file that is open as the descriptor `fd`."""

    def __init__(self, fd: int) -> None:
        self._memory = mmap.mmap(fd, NUMBER.size)

    def write(self, item: int) -> None:
        """Says which item has been begun; -1 that none has."""
        NUMBER.pack_into(self._memory, 0, item)

    def read(self) -> int:
        """The item that was begun last."""
        item: int = NUMBER.unpack_from(self._memory)[0]
        return item

    def close(self) -> None:
        """Lets the memory go."""
        self._memory.close()
