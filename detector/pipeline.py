"""The encoder as a component of a spaCy pipeline: names and the reading of each line from one pass.

The component sets `doc.ents` (PER, ORG, LOC) and leaves a `Reading` of the lines in `doc.user_data["reading"]`. A doc's lines are those
between line breaks, or the spans given in `doc.user_data["lines"]`; the first `doc.user_data["heading"]` of them (default 0) stand before
every window, as a subject line or the header of a table stands over all that follows.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from detector.records import DetectorError

NAME = "detector_encoder"
FOLDER = "pipeline"
"""Of the trained pipeline among the trained files."""
MOST_TOKENS = 192
"""Of one window, as in training."""
LONGEST = MOST_TOKENS // 2 - 2
"""Pieces of a row: a line of more is read in several."""
SHARPEST = 10.0
"""Largest log-weight of a token among those of its line."""
BEGIN, PAD, END = 0, 1, 2
FILES = ("encoder.onnx", "tokenizer.json", "heads.npz", "labels.json")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder says of a doc's lines, one row each: log-odds of categories (of a person, as a topic) and of kinds; vectors."""

    lines: tuple[tuple[int, int], ...]
    person: Floats = field(repr=False)
    topic: Floats = field(repr=False)
    kind: Floats = field(repr=False)
    vectors: Floats = field(repr=False)

    def after(self, number: int) -> Reading:
        """The same without the first `number` lines."""
        return Reading(self.lines[number:], self.person[number:], self.topic[number:], self.kind[number:], self.vectors[number:])


@dataclass(slots=True)
class _Window:
    doc: int
    ids: list[int] = field(default_factory=list)
    pieces: list[tuple[int, int, int]] = field(default_factory=list)
    """(line, start, end) in characters of the doc for each token; line -1 for the marks between lines."""


@Language.factory(NAME)
class Encoder:
    """The component; holds the ONNX session, the tokenizer of pieces and the heads."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.folder: Path | None = None

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> Encoder:
        """Reads the files that `to_disk` wrote; nothing in them is code."""
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else onnxruntime writes a device id and looks up a host
        import onnxruntime
        from tokenizers import Tokenizer

        self.folder = Path(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(self.folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        with np.load(self.folder / "heads.npz", allow_pickle=False) as heads:
            self.heads: dict[str, Floats] = dict(heads)
        labels = json.loads((self.folder / "labels.json").read_text("utf-8"))
        self.tags, self.categories, self.kinds = labels["tags"], labels["categories"], labels["kinds"]
        return self

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Copies the files that `from_disk` reads."""
        if self.folder is None:
            raise ValueError("the encoder has not been loaded")
        Path(path).mkdir(parents=True, exist_ok=True)
        for file in FILES:
            (Path(path) / file).write_bytes((self.folder / file).read_bytes())

    def __call__(self, doc: Doc) -> Doc:
        return next(iter(self._read([doc])))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Docs in batches."""
        docs = iter(stream)
        while batch := list(islice(docs, batch_size)):
            yield from self._read(batch)

    def _read(self, docs: list[Doc]) -> list[Doc]:
        spans = [lines_of(doc) for doc in docs]
        readings = [self._unread(lines) for lines in spans]
        names: list[list[Span]] = [[] for _ in docs]
        for window in (w for number, doc in enumerate(docs) for w in self._windows(number, doc, spans[number])):
            hidden, tags = self._run(window)  # one by one: on one thread a batch is no faster, and would be padded to its longest window
            doc = docs[window.doc]
            self._judge(window, hidden, readings[window.doc], _heading(doc))
            names[window.doc] += self._names(doc, window, tags)
        for doc, reading, found in zip(docs, readings, names, strict=True):
            doc.ents = filter_spans(found)
            doc.user_data["reading"] = reading
        return docs

    def _unread(self, lines: list[tuple[int, int]]) -> Reading:
        """What is said of lines that hold no piece."""
        person, topic = (np.tile(self.heads[f"{head}_bias"], (len(lines), 1)) for head in ("person", "topic"))
        kinds, width = self.heads["kind_weight"].shape
        return Reading(tuple(lines), person, topic, np.zeros((len(lines), kinds), np.float32), np.zeros((len(lines), width), np.float32))

    def _windows(self, number: int, doc: Doc, lines: list[tuple[int, int]]) -> Iterator[_Window]:
        """A heading is cut where it is long; another line is read in several rows then."""
        text = doc.text  # put together anew at each call
        encodings = self.tokenizer.encode_batch([text[a:b] for a, b in lines], add_special_tokens=False)
        heading = min(_heading(doc), len(lines))
        pieces = [_pieces(n, start, encodings[n], text) for n, (start, _) in enumerate(lines)]
        rows = [row[:MOST_TOKENS // (2 * heading)] for row in pieces[:heading]]
        rows += [row[at:at + LONGEST] for row in pieces[heading:] for at in range(0, len(row), LONGEST)]
        packed = list(pack([len(row) for row in rows], heading))
        yield from (_window(number, [*rows[:heading], *(rows[n] for n in taken)]) for taken in packed or [[]] * bool(heading))

    def _run(self, window: _Window) -> tuple[Floats, Floats]:
        ids = np.array([window.ids], np.int64)
        hidden, tags = self.session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        return hidden[0], tags[0]

    def _names(self, doc: Doc, window: _Window, scores: Floats) -> Iterator[Span]:
        best = scores.argmax(-1)
        run: tuple[str, int, int] | None = None
        for tag, (line, start, end) in zip((self.tags[t] for t in best), window.pieces, strict=True):
            label = tag[2:] if line >= 0 else ""
            if run and (label != run[0] or tag[:2] == "B-") and not (label == run[0] and start == run[2]):
                yield from _span(doc, run)
                run = None
            if label:
                run = (label, run[1] if run else start, end)
        if run:
            yield from _span(doc, run)

    def _judge(self, window: _Window, hidden: Floats, reading: Reading, heading: int) -> None:
        """Writes what is said of each line; of one in several rows the highest counts, of a heading what its first window says."""
        shares = np.exp(SHARPEST * np.tanh((hidden @ self.heads["seek_weight"].T + self.heads["seek_bias"]) / SHARPEST))
        spoken = shares * (hidden @ self.heads["value_weight"].T)
        kind = self.heads["kind_weight"] @ hidden[0] + self.heads["kind_bias"]
        numbers = np.array([line for line, _, _ in window.pieces])
        for n in dict.fromkeys(numbers[numbers >= 0].tolist()):
            of_line = numbers == n
            mean = hidden[of_line].mean(0)
            both = np.concatenate([mean, hidden[0]])
            more = np.split(spoken[of_line].sum(0) / shares[of_line].sum(0), 2)
            person, topic = (self.heads[f"{head}_weight"] @ both + self.heads[f"{head}_bias"] + own
                             for head, own in zip(("person", "topic"), more, strict=True))
            if not reading.kind[n].any():
                reading.person[n], reading.topic[n], reading.kind[n], reading.vectors[n] = person, topic, kind, mean
            elif n >= heading:
                np.maximum(reading.person[n], person, out=reading.person[n])
                np.maximum(reading.topic[n], topic, out=reading.topic[n])


def _heading(doc: Doc) -> int:
    return int(doc.user_data.get("heading", 0))


def categories_of(nlp: Language) -> tuple[str, ...]:
    """The categories that a pipeline's reading has columns for. Raises DetectorError where no component of it reads lines."""
    for _, component in nlp.pipeline:
        if hasattr(component, "categories"):
            return tuple(component.categories)
    raise DetectorError(f"a spaCy pipeline of {', '.join(nlp.pipe_names) or 'nothing'} reads no lines; see detector train --pipeline")


def lines_of(doc: Doc) -> list[tuple[int, int]]:
    """The spans of a doc's lines, in its characters."""
    given = doc.user_data.get("lines")
    if given is not None:
        return [(int(a), int(b)) for a, b in given]
    found, at = [], 0
    for line in doc.text.split("\n"):
        if line.strip():
            found.append((at, at + len(line)))
        at += len(line) + 1
    return found


def pack(lengths: Sequence[int], heading: int) -> Iterator[list[int]]:
    """Which lines stand in each window, given their lengths in tokens: as many as fit under the first `heading` lines, at least one.

    >>> list(pack([10, 100, 60, 60], 1))
    [[1, 2], [3]]
    """
    room = MOST_TOKENS - 1 - sum(length + 1 for length in lengths[:heading])
    taken: list[int] = []
    left = room
    for n in range(heading, len(lengths)):
        if taken and lengths[n] + 1 > left:
            yield taken
            taken, left = [], room
        taken.append(n)
        left -= lengths[n] + 1
    if taken:
        yield taken


def _pieces(line: int, start: int, encoding: Any, text: str) -> list[tuple[int, int, int, int]]:
    rows = []
    for piece, (a, b) in zip(encoding.ids, encoding.offsets, strict=True):
        while a < b and text[start + a].isspace():
            a += 1  # a piece carries the blank before it
        rows.append((piece, line, start + a, start + b))
    return rows


def _window(doc: int, rows: list[list[tuple[int, int, int, int]]]) -> _Window:
    window = _Window(doc, [BEGIN], [(-1, 0, 0)])
    for row in rows:
        window.ids += [*(piece for piece, *_ in row), END]
        window.pieces += [*((line, start, end) for _, line, start, end in row), (-1, 0, 0)]
    return window


def _span(doc: Doc, run: tuple[str, int, int]) -> Iterator[Span]:
    label, start, end = run
    span = doc.char_span(start, end, label=label, alignment_mode="expand") if end > start else None
    if span is not None:
        yield span
