"""What would change a decision: the smallest change of one count that makes the policy milder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from detector.policy import Policy, count, decide
from detector.records import Counts, Decision

COUNTS = ("recipients", "confidential_persons", "sensitive_persons", "unread_parts")
"""What a sender can bring down: by fewer recipients, by leaving persons out, by sending a file that can be read."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """With at most `limit` of `key` (or without tags, `key` "tags"), all else as it is, the message would be decided so."""

    key: str
    limit: int
    decision: Decision


def remedies(counts: Counts, policy: Policy) -> tuple[Remedy, ...]:
    """One remedy at most for each count, and one for the tags, where it makes the decision milder.

    >>> from detector.policy import load
    >>> told = Counts(confidential_persons=2, recipients=3, confidential=frozenset({"grades"}))
    >>> [(r.key, r.limit, r.decision.value) for r in remedies(told, load())]
    [('recipients', 1, 'allow'), ('confidential_persons', 1, 'allow')]
    """
    now = decide(counts, policy).decision
    found = [next(_milder(counts, key, policy, now), None) for key in COUNTS]
    if counts.tags:
        without = decide(replace(counts, tags=()), policy).decision
        found.append(Remedy("tags", 0, without) if without.severity < now.severity else None)
    return tuple(remedy for remedy in found if remedy)


def _milder(counts: Counts, key: str, policy: Policy, now: Decision) -> Iterator[Remedy]:
    """Remedies by one count, the smallest change first."""
    for limit in range(count(counts, key) - 1, -1, -1):
        decision = decide(_with(counts, key, limit), policy).decision
        if decision.severity < now.severity:
            yield Remedy(key, limit, decision)


def _with(counts: Counts, key: str, limit: int) -> Counts:
    changes: dict[str, Any] = {key: limit}
    if key.endswith("_persons") and not limit:
        changes[key.partition("_")[0]] = frozenset()
    return replace(counts, **changes)
