"""From what a peer found to a decision, by the project's policy."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from benchmarks.peers.letters import Letter
from detector import policy
from detector.policy import Policy
from detector.records import Counts, Decision, Mention, Place
from detector.subjects import named_persons

NAME = "name"
"""Kind of a finding that names a person."""


@dataclass(frozen=True, slots=True)
class Found:
    """A category of the policy or a name, the number of the place where it stands, and what stands there (of a CPR number its digits)."""

    kind: str
    place: int
    value: str = field(default="", repr=False)


def decide(letter: Letter, found: Sequence[Found], rules: Policy) -> Decision:
    """What may happen to the mail."""
    confidential, sensitive = (rules.of_class(name, {f.kind for f in found}) for name in policy.CLASSES)
    counts = Counts(
        confidential_persons=persons(found, confidential), sensitive_persons=persons(found, sensitive),
        recipients=len(letter.recipients), unread_parts=letter.unread, confidential=frozenset(confidential),
        sensitive=frozenset(sensitive), tags=letter.sent.tags, protected=letter.sent.protected is not None,
    )  # fmt: skip
    return policy.decide(counts, rules).decision


def persons(found: Sequence[Found], categories: Collection[str]) -> int:
    """How many persons the findings of these categories are about.

    The distinct CPR numbers and, where others stand without one, the distinct names beside them; at least one where anything was found.
    """
    about = [f for f in found if f.kind in categories]
    numbers = {f.value for f in about if f.kind == "cpr"}
    told = {f.place for f in about} - {f.place for f in about if f.kind == "cpr"}
    names = [Mention(Place(0, f.place), (0, len(f.value)), f.value) for f in found if f.kind == NAME and f.place in told]
    return max(len(numbers) + named_persons(names), int(bool(about)))


def beside_persons(found: Sequence[Found], words: Collection[str]) -> list[Found]:
    """Without the findings of the categories `words` in places that tell of no person, by name or CPR number."""
    told = {f.place for f in found if f.kind in (NAME, "cpr")}
    return [f for f in found if f.kind not in words or f.place in told]
