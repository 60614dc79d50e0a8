"""A policy as a table that a person reads: each rule, its decision, when it holds, and the sentence it comes from."""

from __future__ import annotations

from collections.abc import Collection

from rich.console import Console
from rich.table import Table
from rich.text import Text

from detector.policy import Condition, Policy
from detector.report.summary import STYLES
from detector.report.wording import Wording

MARK = "●"
"""Stands beside a rule that holds."""


def print_policy(policy: Policy, console: Console, words: Wording) -> None:
    """Prints the rules of `policy`, in the order of its file, and the categories of each class."""
    console.print(Text(f"{policy.titles[words.language]} ({policy.name}/{policy.version})", style="bold"))
    console.print(rules_table(policy, words))
    for data_class in ("confidential", "sensitive"):
        names = policy.of_class(data_class, policy.categories)
        console.print(Text(f"{words(data_class)}: {', '.join(words.category(name) for name in names)}."))


def rules_table(policy: Policy, words: Wording, *, held: Collection[str] | None = None) -> Table:
    """The rules as a table; with `held`, those that hold for a message are marked, and the policy's sentences left out."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("rule", "decision", "when", "policy_says" if held is None else "holds"):
        table.add_column(words(title), overflow="fold")
    for rule in policy.rules:
        decision = Text(words.name("decision_names", rule.decision), style=STYLES[rule.decision])
        holds = held is not None and rule.id in held
        last = Text(rule.policy, style="italic") if held is None else Text(MARK if holds else "")
        table.add_row(Text(rule.id), decision, Text(_when(rule.when, words)), last, style="bold" if holds else "")
    return table


def _when(condition: Condition, words: Wording) -> str:
    """The conditions of one rule, as "recipients: 2 to 5; the subject has [notls]"."""
    parts = [f"{words.name('counts', key)}: {_range(low, high, words)}" for key, low, high in condition.bounds]
    if condition.tags:
        parts.append(words("when_tags", tags=", ".join(f"[{tag}]" for tag in sorted(condition.tags))))
    if condition.protected is not None:
        parts.append(words("when_protected" if condition.protected else "when_not_protected"))
    return "; ".join(parts) or words("when_always")


def _range(low: int, high: int | None, words: Wording) -> str:
    if high is None:
        return words("at_least", low=low)
    if low == high:
        return str(low)
    return words("between", low=low, high=high) if low else words("at_most", high=high)
