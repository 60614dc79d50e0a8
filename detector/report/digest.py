"""What a report is made of: counts over all rows of a run, and the rows that the policy caught, gathered in one pass."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from detector.records import Decision, Failure, Reason
from detector.report.chains import Chains, Link

STOPPED = (Decision.SECURE, Decision.BLOCK)

Row = Mapping[str, Any]


@dataclass(slots=True)
class Flow:
    """Messages from one domain to another."""

    messages: int = 0
    with_data: int = 0
    stopped: int = 0
    protected: int = 0
    open_hops: int = 0
    """Messages with a hop that tells no TLS."""


@dataclass(slots=True)
class Digest:
    """Counts so far; `caught` grows with the messages that the policy caught, all else with months, domains and categories."""

    read: int = 0
    persons: int = 0
    """With confidential or sensitive data, counted in each message by itself."""
    decisions: Counter[Decision] = field(default_factory=Counter)
    months: defaultdict[str, Counter[Decision]] = field(default_factory=lambda: defaultdict(Counter))
    """By "2026-11", "" for messages without a date."""
    by_sender: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter), repr=False)
    """Messages with data of each category, by domain."""
    by_recipient: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter), repr=False)
    flows: defaultdict[tuple[str, str], Flow] = field(default_factory=lambda: defaultdict(Flow), repr=False)
    unread: Counter[Reason] = field(default_factory=Counter)
    failures: Counter[Failure] = field(default_factory=Counter)
    chains: Chains = field(default_factory=Chains, repr=False)
    caught: list[Row] = field(default_factory=list, repr=False)

    @property
    def lost(self) -> int:
        """Items that gave no message, but for files that never hold one."""
        return self.failures.total() - self.failures[Failure.INDEX]

    def add_failure(self, failure: Failure) -> None:
        """An item that gave no message."""
        self.failures[failure] += 1

    def add(self, row: Row, link: Link) -> None:
        """A message."""
        decision = Decision(row["decision"])
        categories = {*row["confidential"], *row["sensitive"]}
        self.read += 1
        self.persons += len(row["subjects"])
        self.decisions[decision] += 1
        self.months[(row["date"] or "")[:7]][decision] += 1
        self.unread.update(Reason(unread["reason"]) for unread in row["unread"])
        self.chains.add(row["source"], row["position"], link, decision)
        sender, recipients = row["sender_domain"] or "", row["recipient_domains"] or [""]
        self.by_sender[sender].update(categories)
        for recipient in recipients:
            self.by_recipient[recipient].update(categories)
            self._add_flow(self.flows[sender, recipient], row, decision, has_data=bool(categories))
        if decision is not Decision.ALLOW:
            self.caught.append(row)

    def _add_flow(self, flow: Flow, row: Row, decision: Decision, *, has_data: bool) -> None:
        flow.messages += 1
        flow.with_data += has_data
        flow.stopped += decision in STOPPED
        flow.protected += row["protected"]
        flow.open_hops += row["hops_without_tls"] > 0
