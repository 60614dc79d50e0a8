"""Chains of a mailbox: a message, the report that it could not be delivered, and a later copy sent without TLS.

Only numbers are kept of the messages that belong to no chain yet, so that a large mailbox takes little room.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from detector.bounces import plain_subject
from detector.records import Decision, Verdict

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


@dataclass(frozen=True, slots=True)
class Link:
    """What joins a message with others, as digests: its Message-ID, and its subject with each recipient; of a report, those it names."""

    message: int | None
    subjects: tuple[int, ...]
    status: str | None = None
    """Of a report, "" where it tells none; None for any other message."""
    needs_tls: bool = False
    is_open: bool = False
    """Whether its tag turns TLS off."""


def link(verdict: Verdict, *, key: bytes = b"") -> Link:
    """The link of a message; with a `key`, digests that nobody else can make."""
    bounce = verdict.transport.bounce
    if bounce:
        subjects = [_digest(key, plain_subject(bounce.subject), address) for address in bounce.recipients] if bounce.subject else []
        return Link(_digest(key, bounce.message_id) if bounce.message_id else None, tuple(subjects), bounce.status, bounce.needs_tls)
    subjects = [_digest(key, plain_subject(verdict.subject), address) for address in verdict.recipients]
    message = _digest(key, verdict.message_id) if verdict.message_id else None
    return Link(message, tuple(subjects), is_open=bool(verdict.transport.tags))


@dataclass(slots=True)
class Chains:
    """What has been seen of chains so far; `found` joins it when the scan has ended."""

    _sources: dict[str, int] = field(default_factory=dict, repr=False)
    _by_id: dict[int, int] = field(default_factory=dict, repr=False)
    _by_subject: dict[int, int] = field(default_factory=dict, repr=False)
    _bounces: list[tuple[int, Link]] = field(default_factory=list, repr=False)
    _copies: dict[int, tuple[int, Decision]] = field(default_factory=dict, repr=False)

    def add(self, source: str, position: int, link: Link, decision: Decision) -> None:
        """Remembers a message as a report, a copy without TLS, or one that may come back."""
        place = self._sources.setdefault(source, len(self._sources)) << POSITION_BITS | position
        if link.status is not None:
            self._bounces.append((place, link))
        elif link.is_open:
            self._copies.update((key, (place, decision)) for key in link.subjects)
        else:
            if link.message is not None:
                self._by_id.setdefault(link.message, place)
            for key in link.subjects:
                self._by_subject.setdefault(key, place)

    def found(self) -> Iterator[Chain]:
        """One chain for each report, in the order of the reports."""
        names = list(self._sources)

        def where(place: int | None) -> Place | None:
            return None if place is None else Place(names[place >> POSITION_BITS], place & (1 << POSITION_BITS) - 1)

        for place, bounce in self._bounces:
            by_subject = next((self._by_subject[key] for key in bounce.subjects if key in self._by_subject), None)
            original = by_subject if bounce.message is None else self._by_id.get(bounce.message, by_subject)
            copy, decision = next((self._copies[key] for key in bounce.subjects if key in self._copies), (None, None))
            yield Chain(where(place), bounce.status or "", bounce.needs_tls, where(original), where(copy), decision)


def _digest(key: bytes, *parts: str) -> int:
    text = "\n".join(parts).encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8, key=key).digest(), "big", signed=True)
