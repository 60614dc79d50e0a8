"""Words of the categories, out of the public lists in `shared/data/lists`; what keyword lists know."""

from __future__ import annotations

import importlib.util
import re
import runpy
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

WORDNET = {  # category -> those of the WordNet list
    "health": ("health_condition", "health_treatment", "drug_abuse"), "beliefs": ("religion_belief", "politics"),
    "union_membership": ("union",), "race_ethnicity": ("ethnicity_nationality",), "sexual": ("sex_orientation",), "criminal": ("crime",),
    "other_private": ("social_problem",),
}  # fmt: skip
LISTS = {  # category -> (file, columns of the words)
    "health": (("laegehaandbog_stikord/stikord.txt", (0,)), ("icpc2_dk/icpc2_dk.tsv", (1,)), ("icd10cm_en/icd10cm_4char.tsv", (1,)),
               ("own_compiled_da/medicin_handelsnavne_dk.tsv", (0,))),
    "beliefs": (("own_compiled_da/religion.tsv", (0, 1)), ("own_compiled_da/partier.tsv", (0, 2)),
                ("own_compiled_da/politik_ord.tsv", (0, 1))),
    "union_membership": (("own_compiled_da/fagforening_ord.tsv", (0, 1)), ("own_compiled_da/fagforeninger.tsv", (0,))),
    "race_ethnicity": (("own_compiled_da/nationaliteter_etnicitet.tsv", (1, 2)),),
    "sexual": (("own_compiled_da/seksualitet.tsv", (0, 1)),),
    "criminal": (("own_compiled_da/strafbare_forhold.tsv", (0, 1)),),
}
"""The categories that there are lists of; the others have none, and count as not found."""
CATEGORIES = tuple(dict.fromkeys((*WORDNET, *LISTS)))


def load(lists: Path, categories: Iterable[str]) -> dict[str, frozenset[str]]:
    """The words and phrases of each category, lower case, their words parted by single blanks."""
    return {category: frozenset(filter(None, _words(lists, category))) for category in categories}


def _words(lists: Path, category: str) -> Iterator[str]:
    rows = [row.split("\t") for row in (lists / "wordnet_categories" / "wordnet_categories.tsv").read_text("utf-8").splitlines()[1:]]
    found = [row[2] for row in rows if row[0] in WORDNET.get(category, ())]
    for name, columns in LISTS.get(category, ()):
        cells = [row.split("\t") for row in (lists / name).read_text("utf-8").splitlines()[1:]]
        found += [row[n] for row in cells for n in columns if n < len(row)]
    for term in found:
        for word in term.split(","):
            if len(word.strip()) > 2:
                yield " ".join(re.findall(r"\w+", word.lower()))


def stop_words() -> frozenset[str]:
    """Words such as "hun" (she), which WordNet lists as a people: spaCy's, read from their files, as spaCy itself would fill the memory."""
    spacy = importlib.util.find_spec("spacy")
    assert spacy is not None
    assert spacy.origin is not None
    files = [Path(spacy.origin).parent / "lang" / language / "stop_words.py" for language in ("da", "en")]
    return frozenset(word for file in files for word in runpy.run_path(str(file))["STOP_WORDS"])


class Index:
    """The words of all categories, looked up by the first word of each."""

    @classmethod
    def load(cls, lists: Path) -> Index:
        """Of all categories that there are lists of, without stop words."""
        return cls({category: words - stop_words() for category, words in load(lists, CATEGORIES).items()})

    def __init__(self, words: Mapping[str, Iterable[str]]) -> None:
        self._by_first: dict[str, list[tuple[list[str], str]]] = {}
        for category, known in words.items():
            for phrase in known:
                first, *rest = phrase.split()
                self._by_first.setdefault(first, []).append((rest, category))

    def find(self, text: str) -> Iterator[tuple[str, int, int]]:
        """(category, start, end) of each word of a list, in characters of `text`.

        >>> list(Index({"health": ["lung cancer"]}).find("He has lung cancer."))
        [('health', 7, 18)]
        """
        met = list(re.finditer(r"\w+", text))
        words = [word[0].lower() for word in met]
        for n, first in enumerate(words):
            for rest, category in self._by_first.get(first, ()):
                if words[n + 1 : n + 1 + len(rest)] == rest:
                    yield category, met[n].start(), met[n + len(rest)].end()
