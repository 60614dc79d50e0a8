"""How well persons' names are found, on public sets that nothing was trained on, against spaCy's own small network.

    python -m benchmarks.ner --shared ../shared [--no-row]

Each sentence is read alone by the pipeline in use. A name counts as found where its first and last character are the set's. The sets made
of Danish-DDT test: without capitals; its persons called by names of Danish or of immigrant origin (DaCy's lists, which training drew names
from too), or by a first name alone. The other reader: spaCy's tok2vec, fitted in the same run on Danish-DDT and English-EWT train. Rows go
into `benchmarks/ner.md`; some ten minutes.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import spacy
from spacy.training import Example
from spacy.util import filter_spans, fix_random_seed, minibatch

from benchmarks import table
from corpora import names
from corpora.names import Sentence
from detector import Scanner, models
from detector.recognizers.reader import PERSONS

if TYPE_CHECKING:
    from spacy.language import Language

TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "models", "reader", "set", "sentences", "persons", "precision", "recall", "F1")
INTRO = """# Names of persons

Made by `python -m benchmarks.ner --shared ../shared`: UNER Danish-DDT test, also without capitals and with other names in it; DaN+ Arto \
and Twitter test; UNER English-EWT test, its e-mail apart. tok2vec: spaCy's, fitted on Danish-DDT and English-EWT train in the same run."""
SEED, PASSES, BATCH = 20261125, 6, 64
"""Of the fitting of spaCy's network."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    data = chosen.shared / "data"
    sets = dict(tests(data))
    rows = [row for reader, nlp in (("detector", Scanner.load().nlp), ("tok2vec", tok2vec(data))) for row in measured(reader, nlp, sets)]
    if not chosen.no_row:
        table.append(TABLE, INTRO, COLUMNS, rows)


def tests(data: Path) -> Iterator[tuple[str, list[Sentence]]]:
    """The sets by name."""
    danish = list(names.sentences(data / "ner", "ddt-test"))
    english = list(names.sentences(data / "ner", "ewt-test"))
    yield "ddt-test", danish
    yield from ((name, list(names.sentences(data / "ner", name))) for name in ("arto-test", "twitter-test"))
    yield "ewt-test", english
    yield "ewt-test, e-mail", [s for s in english if s.source.endswith("/email")]
    yield "ddt-test, lower case", [replace(s, text=s.text.lower()) for s in danish if len(s.text.lower()) == len(s.text)]
    firsts, lasts = origins(data / "lists")
    for origin in ("danish", "muslim"):
        yield f"ddt-test, names {origin}", list(renamed(danish, lambda rng, o=origin: f"{rng.choice(firsts[o])} {rng.choice(lasts[o])}"))
        yield f"ddt-test, first names {origin}", list(renamed(danish, lambda rng, o=origin: rng.choice(firsts[o])))


def origins(lists: Path) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """First names and surnames by origin, as DaCy's list calls it."""
    with (lists / "dacy_names" / "names.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return _by_origin(rows, "True"), _by_origin(rows, "False")


def _by_origin(rows: Sequence[dict[str, str]], is_first: str) -> dict[str, list[str]]:
    return {o: [row["name"] for row in rows if row["ethnicity"] == o and row["first_name"] == is_first] for o in ("danish", "muslim")}


def renamed(sentences: Sequence[Sentence], name: Callable[[random.Random], str]) -> Iterator[Sentence]:
    """The sentences that hold a person, every person called something else."""
    rng = random.Random(SEED)
    for sentence in sentences:
        text, spans, at = "", [], 0
        for start, end, label in sentence.names or ():
            text += sentence.text[at:start]
            new = name(rng) if label == "PER" else sentence.text[start:end]
            spans.append((len(text), len(text) + len(new), label))
            text, at = text + new, end
        if any(label == "PER" for _, _, label in spans):
            yield Sentence(text + sentence.text[at:], tuple(spans), sentence.source)


def tok2vec(data: Path) -> Language:
    """spaCy's own network without vectors, fitted on both languages."""
    fix_random_seed(SEED)
    rng = random.Random(SEED)
    nlp = spacy.blank("xx")
    nlp.add_pipe("ner")
    examples = [_example(nlp, s) for name in ("ddt-train", "ewt-train") for s in names.sentences(data / "ner", name)]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(PASSES):
        rng.shuffle(examples)
        for batch in minibatch(examples, BATCH):
            nlp.update(batch, sgd=optimizer, drop=0.1)
    return nlp


def _example(nlp: Language, sentence: Sentence) -> Example:
    doc = nlp.make_doc(sentence.text)
    gold = nlp.make_doc(sentence.text)
    spans = [gold.char_span(start, end, label, alignment_mode="expand") for start, end, label in sentence.names or ()]
    gold.ents = filter_spans([span for span in spans if span is not None])
    return Example(doc, gold)


def measured(reader: str, nlp: Language, sets: dict[str, list[Sentence]]) -> Iterator[tuple[object, ...]]:
    """A row for each set."""
    for name, sentences in sets.items():
        wanted, found = persons(sentences), guessed(nlp, sentences)
        right = len(wanted & found)
        shares = right / max(len(found), 1), right / len(wanted), 2 * right / (len(found) + len(wanted))
        today = datetime.datetime.now(datetime.UTC).date()
        row = (today, models.version(), reader, name, len(sentences), len(wanted), *(f"{share:.3f}" for share in shares))
        print(table.line(row), flush=True)
        yield row


def persons(sentences: Sequence[Sentence]) -> set[tuple[int, int, int]]:
    """(sentence, start, end) of each person's name."""
    return {(n, start, end) for n, s in enumerate(sentences) for start, end, label in s.names or () if label == "PER"}


def guessed(nlp: Language, sentences: Sequence[Sentence]) -> set[tuple[int, int, int]]:
    """The same, as a pipeline finds them."""
    docs = nlp.pipe(s.text for s in sentences)
    return {(n, name.start_char, name.end_char) for n, doc in enumerate(docs) for name in doc.ents if name.label_ in PERSONS}


if __name__ == "__main__":
    main()
