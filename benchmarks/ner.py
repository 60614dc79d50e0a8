"""How well persons' names are found, on public sets that nothing was trained on.

    python -m benchmarks.ner --shared ../shared [--no-row]

Each sentence is read alone by the pipeline in use. A name counts as found where its first and last character are the set's. Lower case is
Danish-DDT test without its capitals. A row goes into `benchmarks/ner.md`.
"""

from __future__ import annotations

import argparse
import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import table
from corpora import names
from detector import Scanner, models

TABLE = Path(__file__).with_suffix(".md")
SETS = ("ddt-test", "arto-test", "twitter-test", "ewt-test")
LOWER = "ddt-test, lower case"
COLUMNS = ("date", "models", "set", "sentences", "persons", "precision", "recall", "F1")
INTRO = """# Names of persons

Made by `python -m benchmarks.ner --shared ../shared`: UNER Danish-DDT test, DaN+ Arto and Twitter test, UNER English-EWT test (all \
of it)."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    scanner = Scanner.load()
    sets = {name: list(names.sentences(chosen.shared / "data" / "ner", name)) for name in SETS}
    sets[LOWER] = [replace(s, text=s.text.lower()) for s in sets["ddt-test"] if len(s.text.lower()) == len(s.text)]
    rows = []
    for name, sentences in sets.items():
        wanted, found = persons(sentences), guessed(scanner, sentences)
        right = len(wanted & found)
        precision, recall = right / max(len(found), 1), right / len(wanted)
        f1 = 2 * right / (len(found) + len(wanted))
        counts = (datetime.datetime.now(datetime.UTC).date(), models.version(), name, len(sentences), len(wanted))
        rows.append((*counts, f"{precision:.3f}", f"{recall:.3f}", f"{f1:.3f}"))
        print(table.line(rows[-1]))
    if not chosen.no_row:
        table.append(TABLE, INTRO, COLUMNS, rows)


def persons(sentences: Sequence[names.Sentence]) -> set[tuple[int, int, int]]:
    """(sentence, start, end) of each person's name."""
    return {(n, start, end) for n, s in enumerate(sentences) for start, end, label in s.names if label == "PER"}


def guessed(scanner: Scanner, sentences: Sequence[names.Sentence]) -> set[tuple[int, int, int]]:
    """The same, as the pipeline finds them."""
    docs = scanner.nlp.pipe(s.text for s in sentences)
    return {(n, name.start_char, name.end_char) for n, doc in enumerate(docs) for name in doc.ents if name.label_ == "PER"}


if __name__ == "__main__":
    main()
