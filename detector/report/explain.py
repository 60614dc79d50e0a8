"""One verdict, explained to a person: what was decided, by which sentence of the policy, for what was found, and what would change it."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from detector.policy import Policy
from detector.records import Decision, Finding, Verdict
from detector.remedies import remedies
from detector.report import masking
from detector.report.place import locate
from detector.report.rules import rules_table
from detector.report.summary import STYLES
from detector.report.wording import Wording, describe

SHOWN_FINDINGS = 50


def print_verdict(verdict: Verdict, console: Console, words: Wording, policy: Policy, *, show_values: bool = False) -> None:
    """Explains `verdict`, which was given by `policy`; values are masked unless `show_values`."""
    style = STYLES[verdict.decision]
    name = words.name("decision_names", verdict.decision).upper()
    console.print(Text.assemble((name, f"bold {style}"), f": {words.name('verdicts', verdict.decision)}"))
    subject = masking.printable(verdict.subject) if show_values else masking.mask_words(verdict.subject)
    if subject:
        console.print(Text(f"{words('subject')}: {subject}"))
    counts = verdict.counts
    persons = {"confidential": counts.confidential_persons, "sensitive": counts.sensitive_persons}
    console.print(words("counted", recipients=counts.recipients, **persons))
    _print_reasons(verdict, console, words)
    _print_findings(verdict, console, words, show_values=show_values)
    _print_unread(verdict, console, words, show_values=show_values)
    _print_rules(verdict, console, words, policy)
    if verdict.findings and not show_values:
        console.print(words("masked_hint"), style="dim")


def _print_reasons(verdict: Verdict, console: Console, words: Wording) -> None:
    for reason in verdict.reasons:
        console.print()
        console.print(Text(reason.text(words.language), style="bold"))
        if reason.policy:
            console.print(Padding(Text(f"{words('policy_says')}: “{reason.policy}”", style="italic"), (0, 0, 0, 2)))
    notes = [
        words("unlisted") if verdict.unlisted else "",
        words("protected") if verdict.protected else "",
        f"{words('tags')} {', '.join(f'[{tag}]' for tag in verdict.transport.tags)}." if verdict.transport.tags else "",
    ]
    without_tls = sum(hop.tls is False for hop in verdict.transport.hops)
    notes.append(words("hops_without_tls", count=without_tls) if without_tls else "")
    for note in filter(None, notes):
        console.print(Text(note))


def _print_findings(verdict: Verdict, console: Console, words: Wording, *, show_values: bool) -> None:
    console.print()
    if not verdict.findings:
        console.print(words("none_found"))
        return
    table = Table(title=words("found"), title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for title in ("category", "text", "person", "place", "confidence", "why"):
        table.add_column(words(title), overflow="fold", justify="right" if title == "confidence" else "left")
    owners = _owners(verdict, words, show_values=show_values)
    for number, finding in enumerate(verdict.findings[:SHOWN_FINDINGS]):
        table.add_row(*_row(finding, owners.get(number, ""), verdict, words, show_values=show_values))
    console.print(table)
    if len(verdict.findings) > SHOWN_FINDINGS:
        console.print(words("findings_rest", count=len(verdict.findings) - SHOWN_FINDINGS))


def _owners(verdict: Verdict, words: Wording, *, show_values: bool) -> dict[int, str]:
    """What the person of each finding is called."""
    owners = {}
    for subject in verdict.subjects:
        name = subject.name and (masking.printable(subject.name) if show_values else masking.mask_words(subject.name))
        owners.update(dict.fromkeys(subject.findings, name or words("unnamed", id=subject.id)))
    return owners


def _row(finding: Finding, owner: str, verdict: Verdict, words: Wording, *, show_values: bool) -> list[Text]:
    cells = (
        words.category(finding.category),
        masking.printable(finding.text) if show_values else masking.mask(finding.category, finding.text),
        owner,
        describe(locate(finding, verdict.documents), words, show_values=show_values),
        f"{finding.confidence:.2f}".replace(".", words("decimal")),
        finding.why,
    )
    return [Text(cell) for cell in cells]


def _print_unread(verdict: Verdict, console: Console, words: Wording, *, show_values: bool) -> None:
    if not verdict.unread:
        return
    console.print()
    console.print(words("unread_parts"), style="bold")
    for unread in verdict.unread:
        shown = unread.file and (masking.printable(unread.file) if show_values else masking.mask_file(unread.file))
        called = shown or words("part", part=unread.part)
        console.print(Padding(Text(f"{called}: {words.name('reasons', unread.reason)}"), (0, 0, 0, 2)))


def _print_rules(verdict: Verdict, console: Console, words: Wording, policy: Policy) -> None:
    """The rules, with a mark at those that hold, and what would make the decision milder."""
    if verdict.decision == Decision.ALLOW and not verdict.rules:
        return
    console.print()
    console.print(words("rules_of_policy"), style="bold")
    console.print(rules_table(policy, words, held=verdict.rules))
    found = remedies(verdict.counts, policy)
    if found:
        console.print()
        console.print(words("remedies"), style="bold")
    for remedy in found:
        what = words("remedy_tags") if remedy.key == "tags" else words.name("counts", remedy.key)
        limit = words("at_most", high=remedy.limit) if remedy.limit else words("remedy_none")
        decision = words.name("verdicts", remedy.decision)
        console.print(Padding(Text(words("remedy", what=what, limit=limit, decision=decision)), (0, 0, 0, 2)))
