"""Sentences of public sets, with what they tell of a person: ordinary text of web, mail, news and talk, for training.

`public.jsonl` beside this file holds what was judged, by set and number; the text is in `../shared/data` and not part of this project.
A sentence that is not listed had nothing in it that seemed to tell of a person, and is taken to tell nothing. `public_names.jsonl` holds
the names in some Danish sentences whose set marks none, as (start, end, label) in characters. As labelled lines:

    python -m corpora.public --shared ../shared --out WORK/public.jsonl
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpora import names
from corpora.names import Sentence
from detector.training.lines import Line, split_of

FILE = Path(__file__).with_suffix(".jsonl")
NAMES = Path(__file__).with_name("public_names.jsonl")
RUNNING = {"ewt-train": "en", "wnut-train": "en", "wnut-dev": "en"}
"""Sets whose names are marked."""
LOOSE = {  # name -> (path, column of the text, language)
    "lcc-web": ("raw/lcc_da/dan_mixed_2014_10K-sentences.csv", 2, "da"),
    "lcc-news": ("raw/lcc_da/dan_newscrawl_2011_10K-sentences.csv", 2, "da"),
    "dkhate": ("labelled/dkhate/offenseval-da-training-v1.tsv", 1, "da"),
}
SETS = (*RUNNING, *LOOSE)
TOGETHER = {"ewt-train": 6}
"""Sentences of a set that are read as one document, where they follow one another."""
LONGEST = 600
"""Characters of a text that are used."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence and the categories that it tells of a person; None where that was left open."""

    sentence: Sentence
    told: tuple[str, ...] | None
    is_reviewed: bool
    """Whether it was read for this; those that were are the ones that seem to tell something."""
    line: Line
    """The same as a labelled line; it says to which split the sentence belongs."""

    @property
    def is_train(self) -> bool:
        """Whether models may be fitted on it."""
        return split_of(self.line) == "train"


def sentences(data: Path, name: str) -> Iterator[Judged]:
    """All sentences of one of `SETS`, in order; `data` is the folder of the public data."""
    reviewed = _said(FILE, name, "person")
    found = _loose(data, name) if name in LOOSE else names.sentences(data / "ner", name)
    language = RUNNING[name] if name in RUNNING else LOOSE[name][2]
    for number, sentence in enumerate(found):
        told = reviewed.get(number, ())
        document = f"{name}-{number // TOGETHER.get(name, 1):05d}"
        line = Line(sentence.text, "", language, tuple(told or ()), (), name, False, "public", document)
        yield Judged(sentence, None if told is None else tuple(told), number in reviewed, line)


def _said(file: Path, name: str, field: str) -> dict[int, Any]:
    """What a file beside this one says of the sentences of a set, by their number."""
    rows = map(json.loads, file.read_text("utf-8").splitlines())
    return {row["number"]: row[field] for row in rows if row["set"] == name}


def _loose(data: Path, name: str) -> Iterator[Sentence]:
    path, column, _ = LOOSE[name]
    marked = {number: tuple(map(tuple, spans)) for number, spans in _said(NAMES, name, "names").items()}
    with (data / path).open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if path.endswith(".tsv") else csv.reader(file)
        next(rows)  # the columns' names
        texts = (row[column][:LONGEST] for row in rows if len(row) > column)
        yield from (Sentence(text, marked.get(number), name) for number, text in enumerate(texts))


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    judged = [j for name in SETS for j in sentences(chosen.shared / "data", name)]
    lines = [asdict(j.line) for j in judged if j.told is not None and j.line.text.strip()]
    rows = [{field: value for field, value in line.items() if field != "names"} for line in lines]
    chosen.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    print(f"{len(rows)} lines, {sum(bool(row['person']) for row in rows)} of a person")


if __name__ == "__main__":
    main()
