"""Makes CPR numbers that belong to nobody in particular, for tests and benchmarks."""

from __future__ import annotations

import datetime
import random

WEIGHTS = (4, 3, 2, 7, 6, 5, 4, 3, 2, 1)


def has_checksum(digits: str) -> bool:
    """Modulus 11, reckoned here so that the code under test does not check itself."""
    return sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11 == 0


def make(rng: random.Random, *, first: int = 1940, last: int = 2006, checksum: bool = True, born: datetime.date | None = None) -> str:
    """Ten digits for a birth from the year `first` to `last`, or for the day `born`."""
    while True:
        day = born or datetime.date(first, 1, 2) + datetime.timedelta(days=rng.randrange((last - first + 1) * 365 - 2))
        if born is None and (day.day, day.month) == (1, 1):
            continue
        for _ in range(500):
            digits = f"{day:%d%m%y}{_seventh(rng, day.year)}{rng.randrange(1, 1000):03d}"
            if has_checksum(digits) == checksum:
                return digits


def hyphenated(digits: str) -> str:
    """The usual spelling."""
    return f"{digits[:6]}-{digits[6:]}"


def _seventh(rng: random.Random, year: int) -> int:
    if year >= 2000:
        return rng.choice((4, 5, 6, 7, 8, 9) if year <= 2036 else (5, 6, 7, 8))
    return rng.choice((0, 1, 2, 3, 4, 9) if year >= 1937 else (0, 1, 2, 3))
