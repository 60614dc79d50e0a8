"""The labelled passages: each line is as `corpora/GUIDE.md` says, documents are whole, and what is measured on was not trained on."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cprs import has_checksum

from corpora import public
from detector import policy
from detector.recognizers.cpr_shape import birth_year
from detector.training import lines as corpus
from detector.training.lines import Line

ROOT = Path(__file__).parents[1]
PASSAGES = ROOT / "corpora" / "passages"
FILES = sorted(PASSAGES.glob("*.jsonl"))
GUIDE = (ROOT / "corpora" / "GUIDE.md").read_text("utf-8")

PUBLIC_DATA = ROOT.parent / "shared" / "data"

ALONE = {"text": str, "before": str, "lang": str, "person": list, "topic": list, "genre": str, "implicit": bool, "writer": str}
IN_DOCUMENT = ALONE | {"doc": str, "kind": str}
READ = [c for c in corpus.CATEGORIES if c != "cpr" and c not in ("private_address", "private_email", "private_phone")]
"""Found by reading; the others are found by rules."""
LEAST = {"da": 180, "en": 90}
"""Lines about a person in each of these."""
OF_NOBODY = ("blank-form", "notice", "programme", "theses", "newsletter", "teaching", "research", "survey", "code", "table-other")


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """All lines."""
    return corpus.load(PASSAGES)


@pytest.fixture(scope="module")
def documents(lines: list[Line]) -> list[list[Line]]:
    """Those in documents, by document."""
    return [group for group in corpus.documents(lines) if group[0].doc]


@pytest.fixture(scope="module")
def split(lines: list[Line]) -> dict[str, list[Line]]:
    """Train, dev and test."""
    return corpus.split(lines)


# ---------------------------------------------------------------- lines


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_line_is_valid(path: Path) -> None:
    """Fields of the right kind, known categories, a text."""
    rows = enumerate(path.read_text("utf-8").removesuffix("\n").split("\n"), 1)
    assert [f"{number}: {problem}" for number, raw in rows for problem in problems(json.loads(raw), path)] == []


def problems(row: dict[str, Any], path: Path) -> list[str]:
    """What is wrong with one line."""
    kinds = IN_DOCUMENT if "doc" in row else ALONE
    found = [] if set(row) - {"names"} == set(kinds) else [f"fields are {sorted(row)}"]
    found += [f"{name} is no {kind.__name__}" for name, kind in kinds.items() if not isinstance(row.get(name), kind)]
    found += [f"{c} is no category" for c in {*row["person"], *row["topic"]} - set(corpus.CATEGORIES)]
    found += ["a category twice"] if len(set(row["person"])) < len(row["person"]) or len(set(row["topic"])) < len(row["topic"]) else []
    found += ["no text"] if not row["text"].strip() else []
    found += ["no such language"] if row["lang"] not in ("da", "en", "mixed") else []
    found += ["implicit, but of nothing"] if row["implicit"] and not row["person"] and not row["topic"] else []
    found += ["the writer is another"] if row["writer"] != path.stem else []
    found += ["no such kind"] if "kind" in row and row["kind"] not in corpus.KINDS else []
    found += ["the document is another writer's"] if "doc" in row and not re.fullmatch(rf"{path.stem}-\d{{3}}", row["doc"]) else []
    return found


def test_marked_names_are_whole_words(lines: list[Line]) -> None:
    """In some lines of both languages; a name begins and ends with a word, stands apart from others, and most persons' have a capital."""
    marked = [line for line in lines if line.names is not None]
    assert {line.lang for line in marked} >= {"da", "en"}
    written = []
    for line in marked:
        spans = sorted(line.names or ())
        assert all(one[1] <= other[0] for one, other in pairwise(spans)), line.doc
        for start, end, label in spans:
            around = line.text[max(start - 1, 0) : start], line.text[end : end + 1]
            assert line.text[start:end].strip() == line.text[start:end] and not any(side.isalnum() for side in around), line.doc
            written += [line.text[start]] * (label == "PER")
    assert len(written) > 1000 and sum(letter.isupper() for letter in written) > 0.8 * len(written)


@pytest.mark.skipif(not PUBLIC_DATA.exists(), reason="the public data is not part of the project")
def test_public_names_stand_where_they_are_said_to() -> None:
    """Of the sentences whose names were marked for this project: within the text, apart from one another, most persons' with a capital."""
    marked = [j.sentence for name in public.LOOSE for j in public.sentences(PUBLIC_DATA, name) if j.sentence.names is not None]
    assert len(marked) == len(public.NAMES.read_text("utf-8").splitlines())
    persons = [sentence.text[start:end] for sentence in marked for start, end, label in sentence.names or () if label == "PER"]
    assert len(persons) > 5000 and sum(person[:1].isupper() for person in persons) > 0.95 * len(persons)
    for sentence in marked:
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(sentence.names or ()))), sentence.source
        assert all(start < end <= len(sentence.text) for start, end, _ in sentence.names or ()), sentence.source


def test_categories_are_the_policys() -> None:
    """Corpora and policy speak of the same classes."""
    rules = policy.load()
    assert set(corpus.SENSITIVE) == set(rules.of_class("sensitive", rules.categories))
    assert set(corpus.CONFIDENTIAL) == set(rules.of_class("confidential", rules.categories))


def test_numbers_are_nobodys(lines: list[Line]) -> None:
    """What looks like a CPR number is no date, or fails modulus 11 for a birth to which no number without it was given.

    Those are births before 2007, but for the first of January of some years from 1960.
    """
    numbers = {a + b for line in lines for a, b in re.findall(r"(?<!\d)(\d{6})[- ]?(\d{4})(?!\d)", f"{line.text} {line.before}")}
    assert numbers
    assert [n for n in sorted(numbers) if is_a_date(n) and (has_checksum(n) or may_lack_checksum(n))] == []


def may_lack_checksum(number: str) -> bool:
    """Whether modulus 11 says nothing."""
    return birth_year(number) > (1959 if number.startswith("0101") else 2006)


def is_a_date(number: str) -> bool:
    """Whether the first digits can be a day and a month."""
    return 1 <= int(number[:2]) <= 31 and 1 <= int(number[2:4]) <= 12 and not number.startswith("3002")


# ---------------------------------------------------------------- documents


def test_documents_are_whole(lines: list[Line], documents: list[list[Line]]) -> None:
    """The lines of a document stand together and are of one kind; a title stands first and only there."""
    names = [group[0].doc for group in documents]
    assert len(set(names)) == len(names)
    for group in documents:
        assert not any(line.is_title for line in group[1:]), group[0].doc
        assert len({line.kind for line in group}) == 1
    assert not any(line.is_title for line in lines if not line.doc)


def test_what_stands_before_a_line_is_told(documents: list[list[Line]]) -> None:
    """A title stands over its document and repeats in `before`; it has nothing before it itself."""
    for group in documents:
        assert group[0].before == ""
        assert [line.text for line in group[1:] if not line.before.startswith(group[0].text)] == [] or not group[0].is_title
    titled = sum(group[0].is_title for group in documents)
    assert titled > 0.95 * len(documents)


def test_kinds(lines: list[Line]) -> None:
    """Every kind is there; documents that are about topics tell of hardly anyone, and some others do."""
    for kind in corpus.KINDS:
        told = [bool(line.person) for line in lines if line.kind == kind]
        assert len(told) >= 100
        share = sum(told) / len(told)
        assert share < 0.1 if kind in OF_NOBODY else share > 0.15, f"{kind}: {share:.2f}"


# ---------------------------------------------------------------- counts


@pytest.mark.parametrize("category", READ)
def test_each_category_has_lines_in_both_languages(category: str, lines: list[Line]) -> None:
    """About a person, four in ten of them without its plain words, and as many as a topic."""
    counts = Counter(line.lang for line in lines if category in line.person)
    topics = sum(category in line.topic for line in lines)
    implicit = sum(line.implicit for line in lines if category in line.person)
    assert all(counts[language] >= least for language, least in LEAST.items()), counts
    assert topics >= counts.total()
    assert implicit >= 0.4 * counts.total()


def test_the_guide_tells_the_counts(lines: list[Line]) -> None:
    """The numbers in the guide are those of the files."""
    text = GUIDE.replace("\n", " ")
    for category in READ:
        counts = Counter(line.lang for line in lines if category in line.person)
        assert f"{category} {counts['da']} / {counts['en']}" in text
    documents = {line.doc for line in lines if line.doc}
    for number in (len(lines), sum(not line.doc for line in lines), sum(bool(line.doc) for line in lines), len(documents),
                   sum(not line.person for line in lines)):
        assert f"{number:,}" in text


def test_the_guide_tells_files_fields_and_kinds() -> None:
    """Nothing is left untold."""
    stems = sorted((p.stem for p in FILES), key=lambda stem: (stem[0] != "t", stem[0], int(stem[1:])))
    assert re.findall(r"^\| ([a-z]\d+) \|", GUIDE, re.MULTILINE) == stems
    assert [name for name in (*IN_DOCUMENT, *corpus.KINDS, *corpus.CATEGORIES) if f"`{name}`" not in GUIDE] == []


def test_half_the_lines_tell_of_nobody(lines: list[Line]) -> None:
    """And a third of those that tell of somebody do so without the category's words."""
    told = [line for line in lines if line.person]
    assert sum(not line.person for line in lines) > len(lines) / 2
    assert sum(line.implicit for line in told) > len(told) / 3


# ---------------------------------------------------------------- split


def test_what_was_written_against_a_model_is_trained_on_only(split: dict[str, list[Line]]) -> None:
    """The guide says which files those are; the others are measured on too."""
    against = {path.stem for path in FILES if path.stem.startswith("u")}
    assert against and against <= {line.writer for line in split["train"]}
    assert not against & {line.writer for part in ("dev", "test") for line in split[part]}


def test_split_has_all_categories(split: dict[str, list[Line]]) -> None:
    """Each part can measure each category; train has most of them."""
    for name, least in (("train", 140), ("dev", 12), ("test", 12)):
        counts = Counter(category for line in split[name] for category in line.person)
        assert [(c, counts[c]) for c in READ if counts[c] < least] == []
    assert len(split["train"]) > 3 * len(split["dev"]) > 3 * len(split["test"])


def test_split_keeps_groups_together(split: dict[str, list[Line]]) -> None:
    """Twins were written one after another: both are on one side."""
    groups = [{corpus.group_of(line) for line in part} for part in split.values()]
    assert not groups[0] & groups[1] and not groups[0] & groups[2] and not groups[1] & groups[2]


def test_no_line_is_measured_on_that_was_trained_on(split: dict[str, list[Line]]) -> None:
    """Nearly the same line, by its runs of four words, stands in one part only."""
    runs = {name: [corpus.shingles(line.text) for line in part] for name, part in split.items()}
    for one, other in (("train", "dev"), ("train", "test"), ("dev", "test")):
        theirs = set().union(*runs[other])
        assert [line.text for line, mine in zip(split[one], runs[one], strict=True) if corpus.is_near(mine, theirs)] == []


def test_few_lines_are_written_twice(lines: list[Line]) -> None:
    """Greetings repeat; what tells of a person does not, word for word, in the same context."""
    told = Counter((line.text.lower(), line.before) for line in lines if line.person)
    assert [text for text, times in told.items() if times > 1] == []
    longer = [line.text.lower() for line in lines if len(line.text.split()) > 3]
    assert len(set(longer)) > 0.99 * len(longer) > 0.75 * len(lines)
