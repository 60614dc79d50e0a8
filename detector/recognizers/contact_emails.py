"""Private e-mail addresses: at a consumer's provider, at a family's own domain, or said to be private."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from detector.languages import load
from detector.recognizers.contact_context import NAMED, Spot, distance, pattern
from detector.records import Finding

CATEGORY = "private_email"
ENOUGH = 0.5
LONGEST_LOCAL, LONGEST_DOMAIN = 64, 120
"""Characters; what is longer is no address."""

LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}$")
DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,6}[^\W\d_]{2,24}")

PUBLIC_ENDING = re.compile(r"\.(?:edu|gov|mil|int)(?:\.\w\w)?$|\.ac\.\w\w$")


def find(spot: Spot, own: frozenset[str]) -> Iterator[Finding]:
    """The private addresses of a paragraph or cell."""
    text, at = spot.text, spot.text.find("@")
    while at >= 0:
        local = LOCAL.search(text[max(0, at - LONGEST_LOCAL) : at])
        domain = DOMAIN.match(text[at + 1 : at + 1 + LONGEST_DOMAIN])
        if local and domain:
            start = at - len(local[0].lstrip("'*_`/|={"))
            end = at + 1 + domain.end()
            if start < at and text[start:end].lower() not in own:
                value, why = _judge(spot, start, end, text[start:at].lower(), domain[0].lower())
                if value >= ENOUGH:
                    yield Finding(CATEGORY, spot.place, (start, end), text[start:end], value, why)
        at = text.find("@", at + 1)


def _judge(spot: Spot, start: int, end: int, local: str, domain: str) -> tuple[float, str]:
    before, after = spot.before(start), spot.after(end)
    low_before, low_after = before.lower(), after.lower()
    if pattern("roles").fullmatch(local) or _is_role(local) or pattern("not_somebodys").search(low_before):
        return 0.0, ""
    is_headed = bool(pattern("private_header").search(spot.header.lower()))
    private, work = (distance(key, low_before[-44:], low_after[:24]) for key in ("private", "work"))
    is_private = is_headed or (private is not None and (work is None or private < work))
    if is_consumer(domain) and (is_private or not spot.is_signature(start)):
        return 0.9, "consumer provider" + (", said to be private" if is_private else "")
    if is_work(domain) or spot.is_signature(start):
        return 0.0, ""
    if is_private:
        return 0.7, "said to be private"
    return (0.65, "family's own domain") if _is_family_domain(local, domain, f"{before[-40:]} {after[:30]} {spot.row}") else (0.0, "")


def _is_role(local: str) -> bool:
    """Whether the last word of a local part names an office ("rektor.kontor")."""
    words = re.split(r"[._-]", local)
    return len(words) > 1 and bool(pattern("roles").fullmatch(words[-1]))


def _is_family_domain(local: str, domain: str, near: str) -> bool:
    """Whether the domain is called after the person: its name is a word of the local part, or of a name near by."""
    label = domain.rsplit(".", 1)[0].rsplit(".", 1)[-1]
    words = label.split("-")
    if any(pattern("own_words").fullmatch(word) or pattern("own_words").match(word) for word in words):
        return True
    names = {word.lower() for word in NAMED.findall(near) if len(word) > 3}
    if any(label.startswith(name) and pattern("own_words").fullmatch(label.removeprefix(name)) for name in names):
        return True
    parts = {part for part in re.split(r"[._\d-]", local) if len(part) > 3}
    return len(words) == 1 and (label in parts or (label in names and local != label and bool(parts & names or len(local) < 3)))


@cache
def _consumer_domains() -> tuple[frozenset[str], frozenset[str]]:
    """Whole domains, and names that stand under any ending ("yahoo.*")."""
    domains = load("contacts")["places"]["consumer_domains"]
    return frozenset(d for d in domains if not d.endswith(".*")), frozenset(d[:-2] for d in domains if d.endswith(".*"))


def is_consumer(domain: str) -> bool:
    """Whether a provider sells or gives mailboxes to anybody.

    >>> is_consumer("gmail.com"), is_consumer("yahoo.co.uk"), is_consumer("au.dk"), is_consumer("live.company.dk")
    (True, True, False, False)
    """
    whole, names = _consumer_domains()
    name, _, ending = domain.partition(".")
    return domain in whole or (name in names and (ending.count(".") == 0 or len(ending) <= 6))


def is_work(domain: str) -> bool:
    """Whether a domain is a known employer's, or a university's or authority's by its ending."""
    known = load("contacts")["places"]["work_domains"]
    return bool(PUBLIC_ENDING.search(domain)) or any(domain == work or domain.endswith(f".{work}") for work in known)
