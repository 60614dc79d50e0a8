"""The policy as data: loading and validating it, and deciding by it.

A policy file is TOML; `policies/au.toml` is the default and documents the form. Every error names the file, the key and what is allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from string import Formatter

import re2  # type: ignore[import-untyped]

from detector import languages
from detector.records import Counts, Decision, DetectorError, Envelope, Explanation, Message
from detector.tables import Table

CLASSES = ("confidential", "sensitive")
COUNTED = ("confidential_persons", "sensitive_persons", "affected_persons", "personal_persons", "recipients", "unread_parts")
RECIPIENTS = ("all", "external")


Expand = Callable[[str], Collection[str] | int | None]
"""What a list's address (in lower case) stands for: its members, how many they are, or None for an address that is no list."""


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of personal data, the class it belongs to, and what else finds it than the program's own recognizers."""

    id: str
    data_class: str
    names: Mapping[str, str]
    pattern: str = ""
    """A regular expression in RE2's syntax; "" for none."""
    words: tuple[str, ...] = ()
    """Whole words or phrases, in any case."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for a rule: each count within its bounds, any of the tags, protected or not (None: either)."""

    bounds: tuple[tuple[str, int, int | None], ...] = ()
    tags: frozenset[str] = frozenset()
    protected: bool | None = None

    def holds(self, counts: Counts) -> bool:
        """Whether the message with these counts meets it."""
        if self.tags and not self.tags & set(counts.tags):
            return False
        if self.protected is not None and self.protected != counts.protected:
            return False
        return all(low <= count(counts, key) and (high is None or count(counts, key) <= high) for key, low, high in self.bounds)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the policy's table."""

    id: str
    decision: Decision
    when: Condition
    texts: Mapping[str, str]
    policy: str
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything that one organisation's policy says."""

    name: str
    version: str
    titles: Mapping[str, str]
    categories: Mapping[str, Category]
    rules: tuple[Rule, ...]
    count_recipients: str = "all"
    internal_domains: frozenset[str] = frozenset()
    lists: Mapping[str, tuple[str, ...] | int] = field(default_factory=dict)
    """Members of mailing lists, or how many they are, by the list's address in lower case."""

    @property
    def tags(self) -> frozenset[str]:
        """Every subject tag that some rule asks for."""
        return frozenset(tag for rule in self.rules for tag in rule.when.tags)

    def of_class(self, data_class: str, categories: Iterable[str]) -> tuple[str, ...]:
        """Those of `categories` that belong to `data_class`, in the order of the file."""
        wanted = set(categories)
        return tuple(c.id for c in self.categories.values() if c.data_class == data_class and c.id in wanted)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules say of one message."""

    decision: Decision
    rules: tuple[str, ...]
    reasons: tuple[Explanation, ...]
    unlisted: bool


def decide(counts: Counts, policy: Policy) -> Ruling:
    """The strictest decision of the rules that hold (allow where none does), with all of them as reasons."""
    held = [rule for rule in policy.rules if rule.when.holds(counts)]
    decision = max((rule.decision for rule in held), key=lambda d: d.severity, default=Decision.ALLOW)
    reasons = tuple(explain(rule, counts, policy) for rule in held)
    return Ruling(decision, tuple(rule.id for rule in held), reasons, any(rule.unlisted for rule in held))


def count(counts: Counts, key: str) -> int:
    """The count that a rule calls `key`."""
    if key == "affected_persons":
        return counts.confidential_persons + counts.sensitive_persons
    return int(getattr(counts, key))


def explain(rule: Rule, counts: Counts, policy: Policy) -> Explanation:
    """The rule's sentences with the message's own numbers in them."""
    texts = ((language, text.format(**_phrases(counts, policy, language))) for language, text in rule.texts.items())
    return Explanation(rule.id, tuple(texts), rule.policy)


def _phrases(counts: Counts, policy: Policy, language: str) -> dict[str, str]:
    words = languages.load("policy")[language]

    def number(key: str, noun: str) -> str:
        n = count(counts, key)
        one, many = words[noun]
        return f"{n} {one if n == 1 else many}"

    def listed(categories: Iterable[str]) -> str:
        names = [policy.categories[c].names[language] for c in policy.categories if c in set(categories)]
        return f" {words['and']} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

    persons = {key: number(key, "person") for key in COUNTED if key.endswith("_persons")}
    return {**persons, "recipients": number("recipients", "recipient"), "unread_parts": number("unread_parts", "part"),
            "confidential": listed(counts.confidential), "sensitive": listed(counts.sensitive),
            "categories": listed(counts.confidential | counts.sensitive), "tags": ", ".join(f"[{tag}]" for tag in counts.tags)}


PLACEHOLDERS = (*COUNTED, "confidential", "sensitive", "categories", "tags")


def recipients(message: Message, envelope: Envelope | None, policy: Policy, *, expand: Expand | None = None) -> frozenset[str]:
    """The distinct addresses that a message goes to, lower case: the envelope's where there is one, else To, Cc and Bcc.

    A list counts as its members, where the policy or `expand` (asked first) knows them; members known by number are `list#1` and so on.
    """
    if envelope is not None and envelope.recipients:
        found = set(envelope.recipients)
    else:
        found = {address.email for address in (*message.to, *message.cc, *message.bcc)}
    addresses = {_plain(address) for address in found} - {""}
    addresses = {member for address in addresses for member in _members(address, policy, expand)}
    if policy.count_recipients == "external":
        addresses = {a for a in addresses if not _is_internal(a, policy.internal_domains)}
    return frozenset(addresses)


def _plain(address: str) -> str:
    return address.strip().strip("<>").lower()


def _members(address: str, policy: Policy, expand: Expand | None, above: frozenset[str] = frozenset()) -> Iterator[str]:
    """The members of a list, those of lists among them too; a list that holds itself is not asked again."""
    known = expand(address) if expand else None
    members = policy.lists.get(address) if known is None else known
    if members is None or address in above:
        yield address
    elif isinstance(members, int):
        yield from (f"{address}#{n}" for n in range(1, members + 1))
    else:
        for member in members:
            yield from _members(_plain(member), policy, expand, above | {address})


def _is_internal(address: str, domains: frozenset[str]) -> bool:
    domain = address.rpartition("@")[2].partition("#")[0]  # a list's member known by number has one behind
    return any(domain == d or domain.endswith("." + d) for d in domains)


# ---------------------------------------------------------------- loading


def load(path: Path | None = None) -> Policy:
    """The policy in `path`, or Aarhus University's.

    Raises DetectorError naming the file, the key and the values allowed.
    """
    name = str(path) if path else "policies/au.toml"
    try:
        text = path.read_text("utf-8") if path else resources.files("detector").joinpath("policies/au.toml").read_text("utf-8")
        table = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DetectorError(f"{name}: cannot be read as a policy: {error}") from error
    return _policy(Table(name, "", table))


def _policy(table: Table) -> Policy:
    table.only("policy", "recipients", "category", "rule")
    head, counted = table.table("policy"), table.table("recipients")
    head.only("name", "version", "title")
    counted.only("count", "internal_domains", "lists")
    categories = [_category(t) for t in table.tables("category")]
    rules = [_rule(t) for t in table.tables("rule")]
    for key, ids in (("category", [c.id for c in categories]), ("rule", [r.id for r in rules])):
        for twice in {i for i in ids if ids.count(i) > 1}:
            table.fail(key, twice, "each id once")
    return Policy(head.word("name"), head.word("version"), head.texts("title"), {c.id: c for c in categories}, tuple(rules),
                  counted.word("count", RECIPIENTS, "all"), frozenset(d.lower() for d in counted.words("internal_domains")),
                  _lists(counted.table("lists")))


def _lists(table: Table) -> dict[str, tuple[str, ...] | int]:
    found: dict[str, tuple[str, ...] | int] = {}
    for address, members in table.values.items():
        is_number = isinstance(members, int) and not isinstance(members, bool) and members >= 0
        if "@" not in address or not (is_number or isinstance(members, list)):
            table.fail(address, members, "the address of a list, with its members' addresses or their number")
        found[_plain(address)] = members if is_number else table.words(address)
    return found


def _category(table: Table) -> Category:
    table.only("id", "class", "name", "pattern", "words")
    pattern = table.get("pattern", str, "a regular expression", "")
    try:
        re2.compile(pattern)
    except re2.error as error:
        table.fail("pattern", pattern, f"a regular expression in RE2's syntax ({error})")
    return Category(table.word("id"), table.word("class", CLASSES), table.texts("name"), pattern, table.words("words"))


def _rule(table: Table) -> Rule:
    table.only("id", "decision", "unlisted", "when", "text", "policy")
    texts = table.texts("text")
    for language, text in texts.items():
        _check_placeholders(table, f"text.{language}", text)
    return Rule(table.word("id"), Decision(table.word("decision", list(Decision))), _condition(table.table("when")), texts,
                table.word("policy"), table.get("unlisted", bool, "true | false", False))


def _check_placeholders(table: Table, key: str, text: str) -> None:
    try:
        fields = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
    except ValueError:  # a brace without its other half
        fields = [("", "", None)]
    if any(name not in PLACEHOLDERS or spec or conversion for name, spec, conversion in fields):
        table.fail(key, text, "a text with no other placeholders than " + ", ".join(f"{{{p}}}" for p in PLACEHOLDERS))


def _condition(table: Table) -> Condition:
    table.only(*COUNTED, "tags", "protected")
    bounds = tuple(_bound(table, key) for key in COUNTED if key in table.values)
    protected = table.get("protected", bool, "true | false", False) if "protected" in table.values else None
    return Condition(bounds, frozenset(tag.lower() for tag in table.words("tags")), protected)


def _bound(table: Table, key: str) -> tuple[str, int, int | None]:
    bound = table.table(key)
    bound.only("min", "max")
    low = bound.get("min", int, "a whole number from 0", 0)
    high = bound.get("max", int, f"a whole number from {low}") if "max" in bound.values else None
    if low < 0 or (high is not None and high < low):
        table.fail(key, bound.values, "min and max, whole numbers from 0, min not over max")
    return key, low, high
