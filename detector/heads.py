"""What reads lines where another spaCy pipeline stands in for ours: linear heads over that pipeline's own vectors.

`detector train --pipeline NAME` fits them. The other pipeline names the persons; this component, its last, says of each line what it tells.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from spacy.language import Language

from detector.judge import Floats
from detector.pipeline import Reading
from detector.records import DetectorError
from detector.windows import lines_of

if TYPE_CHECKING:
    from spacy.tokens import Doc

NAME = "detector_heads"
WEIGHTS, LABELS = "heads.npz", "labels.json"
HEADS = ("person", "topic", "kind")


@Language.factory(NAME)
class Heads:
    """The component; `categories` and `kinds` name the columns of what its heads say."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.heads: dict[str, Floats] = {}
        self.categories: list[str] = []
        self.kinds: list[str] = []

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> Heads:
        """Reads what `to_disk` wrote; no pickle."""
        with np.load(Path(path) / WEIGHTS, allow_pickle=False) as heads:
            self.heads = dict(heads)
        labels = json.loads((Path(path) / LABELS).read_text("utf-8"))
        self.categories, self.kinds = labels["categories"], labels["kinds"]
        return self

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Writes weights and labels."""
        Path(path).mkdir(parents=True, exist_ok=True)
        np.savez(Path(path) / WEIGHTS, **self.heads)  # type: ignore[arg-type]
        (Path(path) / LABELS).write_text(json.dumps({"categories": self.categories, "kinds": self.kinds}), "utf-8")

    def __call__(self, doc: Doc) -> Doc:
        lines = lines_of(doc)
        vectors = vectors_of(doc, lines) if len(doc) else np.zeros((len(lines), self.heads["kind_weight"].shape[1]), np.float32)
        person, topic, kind = (vectors @ self.heads[f"{head}_weight"].T + self.heads[f"{head}_bias"] for head in HEADS)
        early = np.zeros((len(lines), 0, len(self.categories)), np.float32)  # it has no glances
        doc.user_data["reading"] = Reading(tuple(lines), person, topic, kind, vectors, early, np.ones(len(lines), bool))
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Docs, one by one."""
        return map(self, stream)


def vectors_of(doc: Doc, lines: Sequence[tuple[int, int]]) -> Floats:
    """Each line's mean vector beside that of the whole (lines, 2 x width): word vectors, or what the pipeline's network gives.

    Raises DetectorError where it gives neither.
    """
    tokens = np.asarray(doc.tensor if len(doc.tensor) == len(doc) else [token.vector for token in doc], np.float32)
    if tokens.ndim < 2 or not tokens.shape[1]:
        raise DetectorError("this spaCy pipeline gives no vectors: it has neither word vectors nor a tok2vec layer")
    spans = [doc.char_span(start, end, alignment_mode="expand") for start, end in lines]
    means = [tokens[span.start : span.end].mean(0) if span is not None and len(span) else np.zeros(tokens.shape[1]) for span in spans]
    return np.concatenate([np.stack(means), np.tile(tokens.mean(0), (len(lines), 1))], 1).astype(np.float32)
