"""The words that reports use, in the language of their reader; the texts are data in `languages/summary.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from detector import languages
from detector.policy import Policy
from detector.records import Role
from detector.report import masking
from detector.report.place import Location

WORD = re.compile(r"[a-z]+")


def language_of(environ: Mapping[str, str]) -> str:
    """The language that a terminal is set to: "da" where its locale is Danish, else "en".

    >>> language_of({"LANG": "da_DK.UTF-8"}), language_of({"LANG": "da_DK.UTF-8", "LC_ALL": "C"}), language_of({})
    ('da', 'en', 'en')
    """
    locale = environ.get("LC_ALL") or environ.get("LC_MESSAGES") or environ.get("LANG") or ""
    return "da" if re.match(r"da(?:[_.@]|$)", locale) else "en"


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts of one language."""

    language: str
    texts: Mapping[str, Any] = field(repr=False)
    categories: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, key: str, **values: object) -> str:
        """The sentence called `key`, with `values` filled in."""
        return str(self.texts[key]).format(**values)

    def name(self, group: str, key: str) -> str:
        """What `key` is called in `group`; itself where it has no name of its own."""
        return str(self.texts[group].get(key, key))

    def category(self, category: str) -> str:
        """What the policy calls `category`."""
        return self.categories.get(category, category)


def wording(language: str, policy: Policy) -> Wording:
    """The texts of `language` ("da" or "en"), with the names that `policy` gives its categories."""
    names = {category.id: category.names[language] for category in policy.categories.values()}
    return Wording(language, languages.load("summary")[language], names)


def describe(location: Location, words: Wording, *, show_values: bool) -> str:
    """Where a finding stands, in a sentence's words: "attachment l****.xlsx, Ark1!B4"."""
    role = words(f"in_{location.role.value}")
    file = location.file if show_values or location.file is None else masking.mask_file(location.file)
    where = "" if location.where == location.role.value else location.where if show_values else masking.mask_where(location.where)
    sheet, mark, inside = where.rpartition("!")
    where = sheet + mark + WORD.sub(lambda word: words.name("where_words", word[0]), inside)
    named = f"{role} {file}" if file and location.role is Role.ATTACHMENT else role
    if location.role is Role.ATTACHMENT and not file:
        named = f"{role} ({words('part', part=location.part)})"
    return masking.printable(", ".join(filter(None, [named, where])))
