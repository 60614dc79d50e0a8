"""The encoder as a component of a spaCy pipeline: names and the reading of each line from one pass.

The component sets `doc.ents` (PER, ORG, LOC) and leaves a `Reading` of the lines in `doc.user_data["reading"]`. A doc's lines are those
between line breaks, or the spans given in `doc.user_data["lines"]`; the first `doc.user_data["heading"]` of them (default 0) stand before
every window, as a subject line or the header of a table stands over all that follows. Where `doc.user_data["glance"]` is true, the first
layers may say that nothing is told there: then the rest is not run, and the doc gets neither names nor a reading.
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

from detector.judge import Floats, Judge
from detector.records import DetectorError

NAME = "detector_encoder"
FOLDER = "pipeline"
"""Of the trained pipeline among the trained files."""
MOST_TOKENS = 192
"""Of one window, as in training."""
LONGEST = MOST_TOKENS // 2 - 2
"""Pieces of a row: a line of more is read in several."""
BEGIN, PAD, END = 0, 1, 2
FILES = ("glance.onnx", "encoder.onnx", "tokenizer.json", "heads.npz", "labels.json")


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

    @property
    def lines(self) -> npt.NDArray[np.int64]:
        """Whose each token is."""
        return np.array([line for line, _, _ in self.pieces], np.int64)


@Language.factory(NAME)
class Encoder:
    """The component; holds the ONNX sessions of the first layers and of the rest, the tokenizer of pieces and the heads."""

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
        self._first, self._rest = (
            onnxruntime.InferenceSession(str(self.folder / name), options, providers=["CPUExecutionProvider"]) for name in FILES[:2]
        )
        self.tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        with np.load(self.folder / "heads.npz", allow_pickle=False) as heads:
            self._kind = heads["kind_weight"].astype(np.float32), heads["kind_bias"].astype(np.float32)
            self._glance, self._judge = Judge(heads, "glance"), Judge(heads, "read")
        labels = json.loads((self.folder / "labels.json").read_text("utf-8"))
        self.tags, self.categories, self.kinds = labels["tags"], labels["categories"], labels["kinds"]
        self._judged = [n for n, category in enumerate(self.categories) if category in labels["judged"]]
        self._threshold = labels["glance"]
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

    @property
    def width(self) -> int:
        """Numbers of a hidden state."""
        return int(self._kind[0].shape[1])

    def states(self, ids: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Hidden states (batch, tokens, width) and scores of tags (batch, tokens, tags) of rows of pieces, padded with `PAD`."""
        mask = (ids != PAD).astype(np.int64)
        (early,) = self._first.run(None, {"ids": ids, "mask": mask})
        hidden, tags = self._rest.run(None, {"early": early, "mask": mask})
        return hidden, tags

    def glance(self, doc: Doc) -> Floats:
        """For each line the highest log-odds that a category has after the first layers; what the threshold is set on."""
        found = np.full(len(lines_of(doc)), -np.inf, np.float32)
        for window in self._windows(0, doc, lines_of(doc)):
            for n, odds in self._glanced(window, self._early(window)):
                found[n] = max(found[n], odds)
        return found

    def _read(self, docs: list[Doc]) -> list[Doc]:
        for number, doc in enumerate(docs):
            lines = lines_of(doc)
            windows = [(window, self._early(window)) for window in self._windows(number, doc, lines)]
            seen = (odds for window, early in windows for _, odds in self._glanced(window, early))
            if not doc.user_data.get("glance") or any(odds >= self._threshold for odds in seen):
                self._read_in_full(doc, lines, windows)
        return docs

    def _read_in_full(self, doc: Doc, lines: list[tuple[int, int]], windows: list[tuple[_Window, Floats]]) -> None:
        reading = self._unread(lines)
        names: list[Span] = []
        for window, early in windows:  # one by one: on one thread a batch is no faster, and would be padded to its longest window
            hidden, tags = self._rest.run(None, {"early": early, "mask": np.ones(early.shape[:2], np.int64)})
            self._tell(window, hidden[0], reading, _heading(doc))
            names += self._names(doc, window, tags[0])
        doc.ents = filter_spans(names)
        doc.user_data["reading"] = reading

    def _unread(self, lines: list[tuple[int, int]]) -> Reading:
        """What is said of lines that hold no piece."""
        person, topic = (np.tile(odds, (len(lines), 1)) for odds in self._judge.nothing)
        kinds, width = self._kind[0].shape
        return Reading(tuple(lines), person, topic, np.zeros((len(lines), kinds), np.float32), np.zeros((len(lines), width), np.float32))

    def _early(self, window: _Window) -> Floats:
        ids = np.array([window.ids], np.int64)
        (early,) = self._first.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        return np.asarray(early, np.float32)

    def _glanced(self, window: _Window, early: Floats) -> Iterator[tuple[int, float]]:
        for n, person, _, _ in self._glance.lines(early[0], window.lines):
            yield n, float(person[self._judged].max())

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

    def _tell(self, window: _Window, hidden: Floats, reading: Reading, heading: int) -> None:
        """Writes what is said of each line; of one in several rows the highest counts, of a heading what its first window says."""
        kind = self._kind[0] @ hidden[0] + self._kind[1]
        for n, person, topic, mean in self._judge.lines(hidden, window.lines):
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
