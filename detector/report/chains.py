"""Chains of a mailbox: a message, the report that it could not be delivered, and a later copy sent without TLS.

Only numbers are kept of the messages that belong to no chain yet, so that a large mailbox takes little room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from detector.bounces import plain_subject
from detector.records import Bounce, Decision, Item, Verdict

POSITION_BITS = 40
"""Of a place kept as one number: the source's above, the position's below."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message stands: its source, and its position there from 1."""

    source: str = field(repr=False)
    position: int


@dataclass(frozen=True, slots=True)
class Chain:
    """A report, and what belongs to it in the same scan."""

    bounce: Place | None
    status: str
    needs_tls: bool
    original: Place | None
    copy: Place | None
    """A message with the same subject to the same recipient whose tag turns TLS off."""
    decision: Decision | None
    """On the copy: what it holds says whether sending it so broke the policy."""


@dataclass(slots=True)
class Chains:
    """What has been seen of chains so far; `found` joins it when the scan has ended."""

    _sources: dict[str, int] = field(default_factory=dict, repr=False)
    _by_id: dict[int, int] = field(default_factory=dict, repr=False)
    _by_subject: dict[int, int] = field(default_factory=dict, repr=False)
    _bounces: list[tuple[int, Bounce]] = field(default_factory=list, repr=False)
    _copies: dict[int, tuple[int, Decision]] = field(default_factory=dict, repr=False)

    def add(self, item: Item, verdict: Verdict) -> None:
        """Remembers a message as a report, a copy without TLS, or one that may come back."""
        place = self._sources.setdefault(item.source, len(self._sources)) << POSITION_BITS | item.position
        bounce = verdict.transport.bounce
        if bounce:
            self._bounces.append((place, bounce))
            return
        keys = [_key(plain_subject(verdict.subject), address) for address in verdict.recipients]
        if verdict.transport.tags:
            self._copies.update((key, (place, verdict.decision)) for key in keys)
            return
        if verdict.message_id:
            self._by_id.setdefault(_key(verdict.message_id), place)
        for key in keys:
            self._by_subject.setdefault(key, place)

    def found(self) -> Iterator[Chain]:
        """One chain for each report, in the order of the reports."""
        names = list(self._sources)

        def where(place: int | None) -> Place | None:
            return None if place is None else Place(names[place >> POSITION_BITS], place & (1 << POSITION_BITS) - 1)

        for place, bounce in self._bounces:
            keys = [_key(plain_subject(bounce.subject), address) for address in bounce.recipients] if bounce.subject else []
            by_subject = next((self._by_subject[key] for key in keys if key in self._by_subject), None)
            original = self._by_id.get(_key(bounce.message_id), by_subject) if bounce.message_id else by_subject
            copy, decision = next((self._copies[key] for key in keys if key in self._copies), (None, None))
            yield Chain(where(place), bounce.status, bounce.needs_tls, where(original), where(copy), decision)


def _key(*parts: str) -> int:
    return int.from_bytes(hashlib.blake2b("\n".join(parts).encode("utf-8", "replace"), digest_size=8).digest(), "big")
