"""Identical parts are read once: the same attachment in a hundred mails."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cachetools import LRUCache

from detector import formats
from detector.budget import Budget
from detector.records import Part, Reading, Reason, Role

if TYPE_CHECKING:
    from detector.content import Reader

ROOM = 8_000_000
"""Characters of text that are kept; what was met longest ago goes first."""
LASTING = frozenset({Reason.ENCRYPTED, Reason.UNSUPPORTED, Reason.DAMAGED, Reason.NO_OCR})
"""Why a part is unread that do not hang on what the scan had left to spend."""


@dataclass(frozen=True, slots=True)
class _Kept:
    reading: Reading = field(repr=False)
    spent: dict[str, int]


class Repeats:
    """A reader of parts that knows a part again by the hash of its bytes; threads may share it.

    A reading is the same as one made anew, and costs the budget the same. What was cut short, and what holds mails with bytes of their own,
    is read each time; so are parts that this program's own code reads, which takes no time.
    """

    def __init__(self, reader: Reader, *, room: int = ROOM) -> None:
        self._reader, self._room = reader, room
        self._kept: LRUCache[tuple[object, ...], _Kept] = LRUCache(room, getsizeof=lambda kept: kept.spent["characters"] + 1)
        self._lock = threading.Lock()

    def read(self, part: Part, *, role: Role, budget: Budget, depth: int = 0) -> Reading:
        """As `formats.read`."""
        if formats.is_own(part):
            return self._reader(part, role=role, budget=budget, depth=depth)
        told = (part.index, part.media_type, part.filename, part.charset, part.is_attachment)
        key = (hashlib.sha256(part.data).digest(), *told, role, depth)
        with self._lock:
            kept = self._kept.get(key)
        if kept and budget.has_room(kept.spent):
            budget.add(kept.spent)
            return kept.reading
        before = budget.spent()
        reading = self._reader(part, role=role, budget=budget, depth=depth)
        spent = {name: count - before[name] for name, count in budget.spent().items()}
        if not reading.messages and spent["characters"] < self._room and all(each.reason in LASTING for each in reading.unread):
            with self._lock:
                self._kept[key] = _Kept(reading, spent)
        return reading
