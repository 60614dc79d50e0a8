"""Lets another spaCy pipeline stand in for the encoder: linear heads are fitted on its vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import spacy
from sklearn.linear_model import LogisticRegression
from spacy.language import Language

from detector import heads
from detector.judge import Floats
from detector.records import DetectorError
from detector.training.lines import CATEGORIES, KINDS, Line
from detector.training.looks import as_docs

SEED = 20261125
NEVER = -8.0
"""Log-odds of what no line tells."""


def fitted(name: str, train: Sequence[Line]) -> Language:
    """The pipeline `name` (package or folder) with heads that were fitted on the lines of train.

    Raises DetectorError where it cannot be loaded, names no persons, or gives no vectors.
    """
    try:
        nlp = spacy.load(name)
    except OSError as error:
        raise DetectorError(f"{name}: is no installed spaCy pipeline, nor a folder of one ({type(error).__name__})") from None
    if not {"ner", "entity_ruler"} & set(nlp.pipe_names):
        raise DetectorError(f"{name}: names no persons (neither ner nor entity_ruler in {', '.join(nlp.pipe_names) or 'it'})")
    component = nlp.add_pipe(heads.NAME, last=True)
    lines, vectors = _read(train, nlp)
    assert isinstance(component, heads.Heads)
    component.categories, component.kinds = list(CATEGORIES), list(KINDS)
    kinds = np.array([KINDS.index(line.kind) if line.kind else -1 for line in lines])
    component.heads = {
        **_by_category("person", vectors, [line.person for line in lines]),
        **_by_category("topic", vectors, [line.topic for line in lines]),
        **_by_kind(vectors[kinds >= 0], kinds[kinds >= 0]),
    }  # fmt: skip
    return nlp


def _read(train: Sequence[Line], nlp: Language) -> tuple[list[Line], Floats]:
    """The lines in the order of their documents, and their vectors there."""
    docs, kept = as_docs(train, nlp)
    rows = []
    with nlp.select_pipes(disable=[heads.NAME]):
        for doc, group in zip(nlp.pipe(docs), kept, strict=True):
            spans = zip(doc.user_data["lines"], group, strict=True)
            rows.append(heads.vectors_of(doc, [span for span, line in spans if line is not None]))
    return [line for group in kept for line in group if line is not None], np.concatenate(rows)


def _by_category(name: str, vectors: Floats, told: Sequence[Sequence[str]]) -> dict[str, Floats]:
    weight, bias = np.zeros((len(CATEGORIES), vectors.shape[1]), np.float32), np.full(len(CATEGORIES), NEVER, np.float32)
    for n, category in enumerate(CATEGORIES):
        wanted = np.array([category in row for row in told])
        if wanted.any():
            model = LogisticRegression(C=0.1, max_iter=2000, random_state=SEED).fit(vectors, wanted)
            weight[n], bias[n] = model.coef_[0], model.intercept_[0]
    return {f"{name}_weight": weight, f"{name}_bias": bias}


def _by_kind(vectors: Floats, kinds: np.ndarray) -> dict[str, Floats]:
    weight, bias = np.zeros((len(KINDS), vectors.shape[1]), np.float32), np.full(len(KINDS), NEVER, np.float32)
    model = LogisticRegression(C=0.1, max_iter=2000, random_state=SEED).fit(vectors, kinds)
    weight[model.classes_], bias[model.classes_] = model.coef_, model.intercept_
    return {"kind_weight": weight, "kind_bias": bias}
