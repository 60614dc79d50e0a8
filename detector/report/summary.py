"""What a scan found, counted while it runs and told on a terminal at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from detector.records import Decision, Failure, Item, Reason, Verdict
from detector.report import masking
from detector.report.chains import Chain, Chains, link
from detector.report.wording import Wording

SHOWN_MESSAGES = 20
SHOWN_CATEGORIES = 10
STYLES = {Decision.ALLOW: "green", Decision.REVIEW: "yellow", Decision.SECURE: "red", Decision.BLOCK: "bold red"}


@dataclass(frozen=True, slots=True)
class Flagged:
    """What is shown of one message that the policy caught."""

    source: str = field(repr=False)
    position: int
    decision: Decision
    subject: str = field(repr=False)
    persons: tuple[int, int]
    """With confidential, with sensitive data."""
    categories: tuple[str, ...]
    recipients: int


@dataclass(slots=True)
class Tally:
    """The counts of a scan so far. It holds the messages that will be shown, and some numbers of each other one."""

    read: int = 0
    decisions: Counter[Decision] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)
    """Messages that hold such data."""
    unread: Counter[Reason] = field(default_factory=Counter)
    failures: Counter[Failure] = field(default_factory=Counter)
    shown: list[Flagged] = field(default_factory=list, repr=False)
    chains: Chains = field(default_factory=Chains, repr=False)

    @property
    def failed(self) -> int:
        """Items that gave no message."""
        return self.failures.total()

    @property
    def lost(self) -> int:
        """Items of which something was not read; a mail program's own files hold nothing to read."""
        return self.failed - self.failures[Failure.INDEX]

    @property
    def flagged(self) -> int:
        """Messages with any decision but allow."""
        return self.read - self.decisions[Decision.ALLOW]

    def add_failure(self, failure: Failure) -> None:
        """Counts an item that gave no message."""
        self.failures[failure] += 1

    def add(self, item: Item, verdict: Verdict, *, show_values: bool = False) -> None:
        """Counts a message, and keeps it to be shown where it is among the first that were caught."""
        counts = verdict.counts
        self.read += 1
        self.decisions[verdict.decision] += 1
        self.categories.update(counts.confidential | counts.sensitive)
        self.unread.update(unread.reason for unread in verdict.unread)
        self.chains.add(item.source, item.position, link(verdict), verdict.decision)
        if verdict.decision is not Decision.ALLOW and len(self.shown) < SHOWN_MESSAGES:
            self.shown.append(_flagged(item, verdict, show_values=show_values))


def print_summary(tally: Tally, console: Console, words: Wording, *, seconds: float | None, ocr_command: str = "") -> None:
    """Tells a person what the scan found, and how long it took where that is known.

    `ocr_command` is what would install the text recognition, "" where it is there.
    """
    told = "" if seconds is None else words("seconds", seconds=f"{seconds:.1f}".replace(".", words("decimal")))
    console.print(words("read_line", read=tally.read, failed=tally.failed, seconds=told), style="bold")
    if not tally.read and not tally.failed:
        console.print(words("no_messages"))
        return
    if tally.read:
        decisions = {words.name("decision_names", decision): tally.decisions[decision] for decision in Decision}
        console.print(_counts(words("decisions"), decisions))
    if tally.categories:
        frequent = tally.categories.most_common(SHOWN_CATEGORIES)
        console.print(_counts(words("categories"), {words.category(name): count for name, count in frequent}))
    _print_flagged(tally, console, words)
    _print_chains(list(tally.chains.found()), console, words)
    for title, group, counter in (("unread_parts", "reasons", tally.unread), ("failures", "failures_named", tally.failures)):
        if counter:
            console.print(_counts(words(title), {words.name(group, key): count for key, count in sorted(counter.items())}))
    if ocr_command and tally.unread[Reason.NO_OCR]:
        console.print(words("ocr_missing", command=ocr_command))


def _flagged(item: Item, verdict: Verdict, *, show_values: bool) -> Flagged:
    counts = verdict.counts
    return Flagged(
        source=masking.printable(item.source) if show_values else masking.mask_source(item.source),
        position=item.position,
        decision=verdict.decision,
        subject=masking.printable(verdict.subject) if show_values else masking.mask_words(verdict.subject),
        persons=(counts.confidential_persons, counts.sensitive_persons),
        categories=tuple(sorted(counts.confidential | counts.sensitive)),
        recipients=counts.recipients,
    )


def _counts(title: str, counts: dict[str, int]) -> RenderableType:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, show_header=False, padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    for name, count in counts.items():
        table.add_row(Text(name), str(count))
    return table


def _print_flagged(tally: Tally, console: Console, words: Wording) -> None:
    if not tally.shown:
        if tally.read:
            console.print(words("nothing_flagged"))
        return
    titles = ("position", "decision", "persons", "recipients", "found", "subject", "source")
    table = Table(title=words("flagged"), title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(words(title), overflow="fold", justify="right" if title in ("position", "recipients") else "left")
    for flagged in tally.shown:
        table.add_row(
            str(flagged.position),
            Text(words.name("decision_names", flagged.decision), style=STYLES[flagged.decision]),
            "{} / {}".format(*flagged.persons),
            str(flagged.recipients),
            Text(", ".join(words.category(category) for category in flagged.categories)),
            Text(flagged.subject),
            Text(flagged.source),
        )
    console.print(table)
    console.print(words("persons_hint"), style="dim")
    if tally.flagged > len(tally.shown):
        console.print(words("flagged_rest", count=tally.flagged - len(tally.shown)))


def _print_chains(chains: list[Chain], console: Console, words: Wording) -> None:
    """What came back, and what was sent again without TLS; those first that broke the policy."""
    if not chains:
        return
    table = Table(title=words("chains"), title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for title in ("chain_bounce", "chain_status", "chain_tls", "chain_original", "chain_copy", "decision"):
        table.add_column(words(title), overflow="fold")
    ranked = sorted(chains, key=lambda chain: -(chain.decision.severity if chain.decision else -1))
    for chain in ranked[:SHOWN_MESSAGES]:
        places = [str(place.position) if place else "–" for place in (chain.bounce, chain.original, chain.copy)]
        decision = Text(words.name("decision_names", chain.decision), style=STYLES[chain.decision]) if chain.decision else Text("–")
        table.add_row(places[0], chain.status or "–", words("yes") if chain.needs_tls else words("no"), *places[1:], decision)
    console.print(table)
    if len(chains) > SHOWN_MESSAGES:
        console.print(words("chains_rest", count=len(chains) - SHOWN_MESSAGES))
