"""The report as one HTML file that needs nothing else: no network, no server.

The numbers are plain HTML. The table of messages is drawn by the script in `page.html` from compressed data in the file, since a browser
is slow with tens of thousands of rows that nobody looks at.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from detector import languages
from detector.policy import Policy, explain
from detector.records import Counts, Decision
from detector.report import masking
from detector.report.digest import Digest, Row
from detector.report.wording import Wording

PLACE = re.compile(r"\{\{([\w.]+)\}\}")
MOST_DOMAINS = 15
MOST_FLOWS = 60
MOST_CHAINS = 500


@dataclass(frozen=True, slots=True)
class About:
    """What a report is about, beside its rows."""

    made: str
    """When, as it is printed."""
    versions: Mapping[str, str]
    """Of detector, models and policy."""
    sources: Sequence[tuple[str, int | None]] = field(repr=False)
    """Path and bytes of each; None for a folder."""
    shows_values: bool = False
    missing: tuple[int, int] = (0, 0)
    """Parts that have not been read yet, of how many."""


def page(digest: Digest, about: About, words: Wording, policy: Policy) -> str:
    """The whole file, as text in UTF-8."""
    texts = Wording(words.language, languages.load("report")[words.language], words.categories)
    parts = _Parts(digest, about, words, texts, policy)
    made = parts.made()
    template = resources.files("detector.report").joinpath("page.html").read_text("utf-8")
    return PLACE.sub(lambda place: made[place[1]], template)  # in one pass: what is put in is not looked at


@dataclass(frozen=True, slots=True)
class _Parts:
    digest: Digest
    about: About
    words: Wording
    """Of the summary: names of decisions, categories and reasons."""
    texts: Wording
    """Of the report."""
    policy: Policy

    def made(self) -> dict[str, str]:
        """What stands in the places of the template."""
        parts: dict[str, Callable[[], str]] = {
            "notes": self.notes, "numbers": self.numbers, "months": self.months,
            "by_unit": lambda: self._heat(self.texts("by_unit"), self.digest.by_sender),
            "by_recipient": lambda: self._heat(self.texts("by_recipient"), self.digest.by_recipient),
            "flows": self.flows, "chains": self.chains, "unread": self.unread, "scanned": self.scanned, "data": self.data,
            "decisions": self.decision_options, "categories": self.category_options,
        }  # fmt: skip
        told = {f"text.{key}": _escaped(text) for key, text in self.texts.texts.items() if isinstance(text, str)}
        return {"language": self.words.language, **told, **{name: make() for name, make in parts.items()}}

    def notes(self) -> str:
        """When and with what it was made, and what is wrong with it."""
        told = [self.texts("made", made=self.about.made, **self.about.versions)]
        told.append(self.texts("shown" if self.about.shows_values else "masked"))
        missing, every = self.about.missing
        told += [self.texts("unfinished", missing=missing, all=every)] if missing else []
        return "".join(f"<p>{_escaped(text)}</p>" for text in told)

    def numbers(self) -> str:
        """The headline numbers."""
        digest = self.digest
        flagged = digest.read - digest.decisions[Decision.ALLOW]
        tiles = [(digest.read, self.texts("read")), (digest.failures.total(), self.texts("failed")), (flagged, self.texts("flagged")),
                 *((digest.decisions[decision], self.words.name("decision_names", decision)) for decision in Decision),
                 (digest.persons, self.texts("data_subjects"))]  # fmt: skip
        return "".join(f"<div><dt>{_escaped(name)}</dt><dd>{self.number(count)}</dd></div>" for count, name in tiles)

    def months(self) -> str:
        """A row a month, with a bar."""
        names = [self.words.name("decision_names", decision) for decision in Decision]
        most = max((counter.total() for counter in self.digest.months.values()), default=1)
        rows = []
        for month, counter in sorted(self.digest.months.items(), key=lambda pair: pair[0] or "~"):
            shares = {decision: 100 * counter[decision] / most for decision in Decision if counter[decision]}
            bar = "".join(f'<i class="{decision}" style="width:{share:.2f}%"></i>' for decision, share in shares.items())
            counts = [self.number(counter[decision]) for decision in Decision]
            drawn = _Raw(f'<div class="bar" aria-hidden="true">{bar}</div>')
            rows.append([month or self.texts("no_date"), *counts, self.number(counter.total()), drawn])
        return _table(self.texts("over_time"), [self.texts("month"), *names, self.texts("total"), ""], rows)

    def _heat(self, caption: str, counts: Mapping[str, Counter[str]]) -> str:
        """Messages with each category of data, by domain."""
        held = {domain: counter for domain, counter in counts.items() if counter}
        categories = [c for c in self.policy.categories if any(counter[c] for counter in held.values())]
        ranked = sorted(held, key=lambda domain: (-held[domain].total(), domain))
        shown = [(domain or self.texts("no_domain"), held[domain]) for domain in ranked[:MOST_DOMAINS]]
        rest: Counter[str] = Counter()
        for domain in ranked[MOST_DOMAINS:]:
            rest.update(held[domain])
        if rest:
            shown.append((self.texts("other_domains", count=len(ranked) - MOST_DOMAINS), rest))
        most = max((counter[c] for _, counter in shown for c in categories), default=1)
        rows = [[name, *(self._shade(counter[c], most) for c in categories)] for name, counter in shown]
        return _table(caption, [self.texts("domain"), *(self.words.category(c) for c in categories)], rows) if rows else self._nothing()

    def _shade(self, count: int, most: int) -> _Raw:
        step = 0 if not count else 1 + int(4 * (count - 1) / max(most, 1))
        return _Raw(f'<td class="heat{step}">{self.number(count) if count else ""}</td>')

    def flows(self) -> str:
        """From domain to domain, those with most stopped messages first."""
        ranked = sorted(self.digest.flows.items(), key=lambda pair: (-pair[1].stopped, -pair[1].with_data, -pair[1].messages, pair[0]))
        heads = [self.texts(key) for key in ("from", "to", "messages", "with_data", "stopped", "protected", "open_hops")]
        rows = [
            [sender or self.texts("no_domain"), recipient or self.texts("no_domain"),
             *(self.number(n) for n in (flow.messages, flow.with_data, flow.stopped, flow.protected, flow.open_hops))]
            for (sender, recipient), flow in ranked[:MOST_FLOWS]
        ]  # fmt: skip
        return _table(self.texts("flows"), heads, rows) if rows else self._nothing()

    def chains(self) -> str:
        """Reports on messages that came back."""
        yes, no = self.texts("yes"), self.texts("no")
        rows = []
        for chain in self.digest.chains.found():
            places = (chain.bounce, chain.original, chain.copy)
            bounce, original, copy = (f"{place.source} {place.position}" if place else "–" for place in places)
            decision = self.words.name("decision_names", chain.decision) if chain.decision else "–"
            rows.append([bounce, chain.status or "–", yes if chain.needs_tls else no, original, copy, decision])
        heads = [self.texts(key) for key in ("chain_bounce", "chain_status", "chain_tls", "chain_original", "chain_copy", "decision")]
        return _table(self.texts("chains"), heads, rows[:MOST_CHAINS]) if rows else self._nothing()

    def unread(self) -> str:
        """Parts and items that were not read, by reason."""
        rows = [[self.words.name("reasons", reason), self.number(count), ""] for reason, count in sorted(self.digest.unread.items())]
        failures = sorted(self.digest.failures.items())
        rows += [[self.words.name("failures_named", failure), "", self.number(count)] for failure, count in failures]
        heads = [self.texts(key) for key in ("reason", "parts", "items")]
        return _table(self.texts("unread"), heads, rows) if rows else f"<p>{_escaped(self.texts('everything_read'))}</p>"

    def scanned(self) -> str:
        """The sources."""
        rows = [[path, self.texts("folder") if size is None else self.number(size)] for path, size in self.about.sources]
        return _table(self.texts("scanned"), [self.texts("source"), self.texts("size")], rows)

    def decision_options(self) -> str:
        """Choices of the filter."""
        found = [d for d in Decision if d is not Decision.ALLOW and self.digest.decisions[d]]
        return "".join(f'<option value="{d}">{_escaped(self.words.name("decision_names", d))}</option>' for d in found)

    def category_options(self) -> str:
        """Choices of the filter."""
        found = {c for row in self.digest.caught for c in (*row["confidential"], *row["sensitive"])}
        chosen = (c for c in self.policy.categories if c in found)
        return "".join(f'<option value="{c}">{_escaped(self.words.category(c))}</option>' for c in chosen)

    def data(self) -> str:
        """The messages that were caught, for the script: JSON, gzip, base64."""
        names = {
            "decisions": {d.value: self.words.name("decision_names", d) for d in Decision},
            "categories": {c: self.words.category(c) for c in self.policy.categories},
            "reasons": dict(self.words.texts["reasons"]),
            "texts": {key: text for key, text in self.texts.texts.items() if isinstance(text, str)},
        }
        rows = [self._row(row) for row in self.digest.caught]
        packed = gzip.compress(json.dumps({"names": names, "rows": rows}, ensure_ascii=False).encode("utf-8", "replace"), 6, mtime=0)
        return base64.b64encode(packed).decode()

    def _row(self, row: Row) -> list[Any]:
        labels = {subject["id"]: subject["label"] or self.words("unnamed", id=subject["id"]) for subject in row["subjects"]}
        findings = [
            [f["category"], labels.get(f["subject"], ""), place_of(f), f["text"], round(f["confidence"], 2)] for f in row["findings"]
        ]
        unread = [[u["file"] or u["part"], u["reason"]] for u in row["unread"]]
        date = (row["date"] or "")[:16].replace("T", " ")
        return [row["source"], row["position"], date, masking.printable(row["subject"] or ""), row["decision"],
                [*row["confidential"], *row["sensitive"]], row["confidential_persons"], row["sensitive_persons"], row["recipients"],
                row["sender_domain"] or "", row["recipient_domains"] or [], self._reasons(row), findings, unread]  # fmt: skip

    def _reasons(self, row: Row) -> list[str]:
        counts = Counts(
            row["confidential_persons"], row["sensitive_persons"], row["personal_persons"], row["recipients"], len(row["unread"]),
            frozenset(row["confidential"]), frozenset(row["sensitive"]), tuple(row["tags"]), row["protected"],
        )  # fmt: skip
        held = [rule for rule in self.policy.rules if rule.id in row["rules"]]
        return [explain(rule, counts, self.policy).text(self.words.language) for rule in held]

    def number(self, count: int) -> str:
        """With a blank between thousands, which both languages read."""
        return f"{count:,}".replace(",", "\u202f")

    def _nothing(self) -> str:
        return "<p>–</p>"


def place_of(finding: Row) -> str:
    """Where a finding stands: the file's name, and the place in it."""
    return " ".join(filter(None, [finding["file"], finding["where"]]))


class _Raw(str):
    """HTML that is put in as it is; a whole cell, or what a cell holds."""


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{_escaped(text)}</th>' for text in heads)
    body = "".join(f"<tr>{''.join(_cell(text, n) for n, text in enumerate(row))}</tr>" for row in rows)
    told = f'<caption class="hidden">{_escaped(caption)}</caption>'
    return f'<div class="wide"><table>{told}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(text: str, column: int) -> str:
    if isinstance(text, _Raw):
        return text if text.startswith("<td") else f"<td>{text}</td>"
    return f'<th scope="row">{_escaped(text)}</th>' if column == 0 else f"<td>{_escaped(text)}</td>"


def _escaped(text: str) -> str:
    return html.escape(masking.printable(text))
