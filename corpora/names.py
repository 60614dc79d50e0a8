"""Sentences with marked names, read from the data in `../shared/data/ner`, and names of all origins to swap in.

Each set's licence stands in the model card of what is trained on it; the data itself is not part of this project.
"""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ENGLISH = ("ewt", "wnut")
"""How the names of the sets begin that write a genitive apart."""
_MEANS = {"PER": "PER", "PERSON": "PER", "ORG": "ORG", "CORPORATION": "ORG", "GROUP": "ORG", "LOC": "LOC", "LOCATION": "LOC",
          "GPE_LOC": "LOC", "GPE_ORG": "LOC", "GPE": "LOC"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """Text with (start, end, label) spans in characters; None where names are not marked."""

    text: str
    names: tuple[tuple[int, int, str], ...] | None
    source: str
    """Name of the set, and the kind of text where the set tells it: "ewt-test/email"."""


FILES = {  # name -> (path, column of the word, column of the tag)
    "ddt-train": ("uner_danish_ddt/da_ddt-ud-train.iob2", 1, 2),
    "ddt-dev": ("uner_danish_ddt/da_ddt-ud-dev.iob2", 1, 2),
    "ddt-test": ("uner_danish_ddt/da_ddt-ud-test.iob2", 1, 2),
    "ewt-train": ("uner_english_ewt/en_ewt-ud-train.cleaned.iob2", 1, 2),
    "ewt-dev": ("uner_english_ewt/en_ewt-ud-dev.iob2", 1, 2),
    "ewt-test": ("uner_english_ewt/en_ewt-ud-test.iob2", 1, 2),
    "arto-dev": ("danplus/da_arto_dev.tsv", 0, 1),
    "arto-test": ("danplus/da_arto_test.tsv", 0, 1),
    "twitter-dev": ("danplus/da_twitter_dev.tsv", 0, 1),
    "twitter-test": ("danplus/da_twitter_test.tsv", 0, 1),
    "talbanken-train": ("uner_swedish_talbanken/sv_talbanken-ud-train.iob2", 1, 2),
    "talbanken-dev": ("uner_swedish_talbanken/sv_talbanken-ud-dev.iob2", 1, 2),
    "norne": ("norne_nob/norne_nob.iob2", 0, 1),
    "wnut-train": ("wnut17/wnut17train.conll", 0, 1),
    "wnut-dev": ("wnut17/emerging.dev.conll", 0, 1),
}


def sentences(folder: Path, name: str) -> Iterator[Sentence]:
    """The sentences of one set, their text put together as people write it."""
    path, word, tag = FILES[name]
    rows: list[tuple[str, str]] = []
    source = name
    for raw in [*(folder / path).read_text(encoding="utf-8").split("\n"), ""]:
        columns = raw.rstrip("\r").split("\t")
        if not raw.strip() and rows:
            yield _sentence(rows, source)
            rows = []
        elif raw.startswith("# sent_id = ") and name.startswith("ewt"):
            source = f"{name}/{raw.removeprefix('# sent_id = ').partition('-')[0]}"
        elif raw.strip() and len(columns) > max(word, tag) and not raw.startswith("# "):
            rows.append((columns[word], columns[tag]))


def _sentence(rows: list[tuple[str, str]], source: str) -> Sentence:
    text, names = "", []
    for word, tag in rows:
        glued = not text or re.match(r"^([,.!?:;)\]}»”]|'s$|n't$|'re$|'ve$|'ll$)", word) or text[-1] in "([{«“#@"
        start = len(text) + (not glued)
        text += ("" if glued else " ") + word
        kind = _MEANS.get(tag.split("-", 1)[-1].upper(), "")
        if kind and tag.startswith("I-") and names and names[-1][2] == kind:
            names[-1] = (names[-1][0], len(text), kind)
        elif kind:
            names.append((start, len(text), kind))
    return Sentence(text, tuple(names), source)


class NamePool:
    """Names of people of all origins living in Denmark, and English ones, drawn by the square root of their frequency."""

    def __init__(self, lists: Path) -> None:
        dst = lists / "dst_names_2023"
        firsts = [*_counts(dst / "fornavne_kvinder_2023.tsv"), *_counts(dst / "fornavne_maend_2023.tsv")]
        lasts = list(_counts(dst / "efternavne_2023.tsv"))
        self._first, self._last = _weighted(firsts), _weighted(lasts)
        self._borne = Counter[str]()
        for name, often in [*firsts, *lasts]:
            self._borne[name] += round(often)
        with (lists / "dacy_names" / "names.csv").open(encoding="utf-8") as rows:
            far = [row for row in csv.DictReader(rows) if row["ethnicity"] != "danish"]
        self._far_first = [row["name"] for row in far if row["first_name"] == "True"]
        self._far_last = [row["name"] for row in far if row["first_name"] != "True"]

    def first(self, rng: random.Random) -> str:
        """One first name."""
        return rng.choice(self._far_first) if rng.random() < 0.2 else rng.choices(self._first[0], cum_weights=self._first[1])[0]

    def last(self, rng: random.Random) -> str:
        """One surname, sometimes a double one."""
        one = rng.choice(self._far_last) if rng.random() < 0.2 else rng.choices(self._last[0], cum_weights=self._last[1])[0]
        return f"{one}-{rng.choices(self._last[0], cum_weights=self._last[1])[0]}" if rng.random() < 0.04 else one

    def name(self, rng: random.Random, words: int) -> str:
        """A whole name of about `words` words, in one of the forms that people write."""
        first, last = self.first(rng), self.last(rng)
        if words <= 1:
            return last if rng.random() < 0.2 else first
        shape = rng.random()
        if shape < 0.08:
            return f"{last}, {first}"
        if shape < 0.16:
            return f"{first[0]}. {last}"
        if shape < 0.24:
            return f"{first} {last[0]}."
        middle = f" {rng.choice((self.first, self.last))(rng)}" if words > 2 or shape > 0.85 else ""
        return f"{first}{middle} {last}"

    def is_genitive(self, name: str) -> bool:
        """Whether a name ends in the `s` of the Danish genitive: fewer bear the whole of its last word than what stands before the `s`."""
        word = name.split()[-1]
        return word.endswith("s") and self._borne[word[:-1].title()] > self._borne[word.title()]


def _counts(path: Path) -> list[tuple[str, float]]:
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    return [(name, float(count) ** 0.5) for name, count in rows if count.isdigit() and int(count) >= 10]


def _weighted(counts: list[tuple[str, float]]) -> tuple[list[str], list[float]]:
    total, sums = 0.0, []
    for _, weight in counts:
        total += weight
        sums.append(total)
    return [name for name, _ in counts], sums


def swap(sentence: Sentence, pool: NamePool, rng: random.Random, *, share: float = 0.5) -> Sentence:
    """The sentence with that share of its persons called something else, in the genitive and in capitals where they were."""
    if sentence.names is None:
        return sentence
    text, names, shift, at = "", [], 0, 0
    for start, end, label in sentence.names:
        old = sentence.text[start:end]
        is_swapped = label == "PER" and rng.random() < share
        new = _renamed(old, pool, rng, may_inflect=not sentence.source.startswith(ENGLISH)) if is_swapped else old
        text += sentence.text[at:start] + new
        names.append((start + shift, start + shift + len(new), label))
        shift += len(new) - len(old)
        at = end
    return Sentence(text + sentence.text[at:], tuple(names), sentence.source)


def _renamed(old: str, pool: NamePool, rng: random.Random, *, may_inflect: bool) -> str:
    new = pool.name(rng, len(old.split()))
    if may_inflect and pool.is_genitive(old):
        new += "'" if new[-1] in "sxz" else "" if new[-1] == "." else "s"
    return new.lower() if old.islower() else new.upper() if old.isupper() and len(old) > 3 else new
