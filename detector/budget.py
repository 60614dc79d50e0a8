"""What one scan may spend, and the account of what it has spent."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from detector.records import Reason

T = TypeVar("T")
SPENT = ("parts", "rows", "cells", "pages", "unpacked_bytes", "characters")
"""What is counted against a limit of the same name."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Ceilings of one scan; what lies beyond them is listed as unread."""

    seconds: float = 30.0
    message_bytes: int = 100_000_000
    header_bytes: int = 1_000_000
    """Of all headers of one message; a single header is read up to `header_line_bytes`."""
    header_line_bytes: int = 65_536
    unpacked_bytes: int = 500_000_000
    """Of all attachments after unpacking."""
    ratio: int = 200
    """Unpacked to packed bytes of one archive member (or zipped document) of more than 1 MB."""
    depth: int = 50
    """Nesting of parts, attached messages and archives."""
    parts: int = 5_000
    rows: int = 200_000
    """Table rows a message."""
    cells: int = 5_000_000
    """Of them, filled or not."""
    pages: int = 10_000
    """Of documents of pages or slides, a message."""
    characters: int = 50_000_000
    """Of text a message."""
    ocr: bool = True
    """Whether pictures and scanned pages are read, where tesseract is installed."""
    ocr_seconds: float = 20.0
    """Of all of them in a message."""
    ocr_pixels: int = 50_000_000
    """Of one of them; what is larger is not unpacked."""


class OverBudget(Exception):  # noqa: N818 - it says what happened, and is always caught by the reader that spends
    """A ceiling was met; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Clocked(tuple[T, ...]):
    """A tuple that looks at the clock at each step of going through it. Raises OverBudget there."""

    budget: Budget

    def __iter__(self) -> Iterator[T]:
        for item in super().__iter__():
            self.budget.check_time()
            yield item


class Budget:
    """The account of one scan. Not shared between scans or threads."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.deadline = time.monotonic() + self.limits.seconds
        self.parts = self.rows = self.cells = self.pages = self.unpacked_bytes = self.characters = 0
        self.ocr_seconds = 0.0

    def spent(self) -> dict[str, int]:
        """The counts so far, by name."""
        return {name: getattr(self, name) for name in SPENT}

    def has_room(self, spent: Mapping[str, int]) -> bool:
        """Whether so much more may be spent."""
        return all(getattr(self, name) + spent[name] <= getattr(self.limits, name) for name in SPENT)

    def add(self, spent: Mapping[str, int]) -> None:
        """What was spent elsewhere; no limit is looked at."""
        for name in SPENT:
            setattr(self, name, getattr(self, name) + spent[name])

    def check_time(self) -> None:
        """Raises OverBudget when the clock has run out."""
        if time.monotonic() > self.deadline:
            raise OverBudget(Reason.TIMEOUT)

    def clocked(self, items: Iterable[T]) -> Clocked[T]:
        """`items`, which those who go through them cannot spend more time on than there is."""
        found = Clocked(items)
        found.budget = self
        return found

    def ocr_seconds_left(self) -> float:
        """How long the next picture may take."""
        return min(self.limits.ocr_seconds - self.ocr_seconds, self.deadline - time.monotonic())

    def spend_part(self, depth: int) -> None:
        """One more part at `depth` (0 for the message itself)."""
        self.check_time()
        self.parts += 1
        if self.parts > self.limits.parts:
            raise OverBudget(Reason.TOO_MANY_PARTS)
        if depth > self.limits.depth:
            raise OverBudget(Reason.TOO_DEEP)

    def spend_page(self) -> None:
        """One more page or slide."""
        self.check_time()
        self.pages += 1
        if self.pages > self.limits.pages:
            raise OverBudget(Reason.TOO_LARGE)

    def spend_row(self, cells: int) -> None:
        """One more table row, of so many cells."""
        self.rows += 1
        self.cells += cells
        if self.rows > self.limits.rows or self.cells > self.limits.cells:
            raise OverBudget(Reason.ROWS)
        if self.rows % 1000 == 0:
            self.check_time()

    def spend_text(self, characters: int) -> None:
        """So many more characters of text; looks at the clock too, for text may come in millions of pieces."""
        self.check_time()
        self.characters += characters
        if self.characters > self.limits.characters:
            raise OverBudget(Reason.TOO_LARGE)

    def spend_unpacked(self, count: int, packed: int | None = None) -> None:
        """So many more unpacked bytes, which came from `packed` bytes where that is known."""
        self.unpacked_bytes += count
        if self.unpacked_bytes > self.limits.unpacked_bytes:
            raise OverBudget(Reason.TOO_LARGE)
        if packed is not None:
            self.check_ratio(count, packed)

    def check_ratio(self, unpacked: int, packed: int) -> None:
        """Raises OverBudget when one member has swollen beyond `limits.ratio`; small members may."""
        if unpacked > 1_000_000 and unpacked > self.limits.ratio * max(packed, 1):
            raise OverBudget(Reason.RATIO)
