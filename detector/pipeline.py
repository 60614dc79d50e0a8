"""The encoder as a component of a spaCy pipeline: names and the reading of each line from one pass.

The component sets `doc.ents` (PER, ORG, LOC) and leaves a `Reading` of the lines in `doc.user_data["reading"]`. A doc's lines are those
between line breaks, or the spans given in `doc.user_data["lines"]`; the first `doc.user_data["heading"]` of them (default 0) stand before
every window, as a subject line or the header of a table stands over all that follows. Where `doc.user_data["glance"]` is true, the first
layers may say that nothing is told there: then the rest is not run, and the doc gets neither names nor a reading.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from cachetools import LRUCache
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from detector import windows
from detector.judge import Floats, Judge
from detector.naming import Namer
from detector.records import DetectorError
from detector.windows import Window, lines_of

NAME = "detector_encoder"
FOLDER = "pipeline"
"""Of the trained pipeline among the trained files."""
MOST_KNOWN = 512
"""Windows whose reading is kept, some 10 KB each: the same attachment comes in many mails."""
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


@dataclass(frozen=True, slots=True)
class _Told:
    """What a window says: scores of tags of each token, the kind of text, and (number, log-odds, log-odds, mean) of each line."""

    tags: Floats
    kind: Floats
    lines: tuple[tuple[int, Floats, Floats, Floats], ...]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A window after the first layers: the highest log-odds that a line has there, and what it says once the rest has been run."""

    odds: float
    early: Floats | None = field(repr=False)
    told: _Told | None = field(default=None, repr=False)


@Language.factory(NAME)
class Encoder:
    """The component; holds the ONNX sessions of the first layers and of the rest, the tokenizer of pieces and the heads."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.folder: Path | None = None
        self._known: LRUCache[tuple[int, ...], _Opened] = LRUCache(MOST_KNOWN)
        self._knowing = threading.Lock()

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
        self.threshold, self._namer = labels["glance"], Namer(self.tags)
        return self

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Copies the files that `from_disk` reads."""
        if self.folder is None:
            raise ValueError("the encoder has not been loaded")
        Path(path).mkdir(parents=True, exist_ok=True)
        for file in FILES:
            (Path(path) / file).write_bytes((self.folder / file).read_bytes())

    def __call__(self, doc: Doc) -> Doc:
        opened = [(window, self._open(window)) for window in windows.of_doc(doc, self.tokenizer)]
        if not doc.user_data.get("glance") or any(each.odds >= self.threshold for _, each in opened):
            self._read_in_full(doc, opened)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Docs one by one: on one thread a batch is no faster, and would be padded to its longest window."""
        yield from map(self, stream)

    @property
    def width(self) -> int:
        """Numbers of a hidden state."""
        return int(self._kind[0].shape[1])

    def states(self, ids: Sequence[int]) -> tuple[Floats, Floats]:
        """Hidden states (tokens, width) and scores of tags (tokens, tags) of a row of pieces."""
        (early,) = self._first.run(None, {"ids": np.array(ids, np.int64)})
        hidden, tags = self._rest.run(None, {"early": early})
        return hidden, tags

    def glance(self, doc: Doc) -> Floats:
        """For each line the highest log-odds that a category has after the first layers; what the threshold is set on."""
        found = np.full(len(lines_of(doc)), -np.inf, np.float32)
        for window in windows.of_doc(doc, self.tokenizer):
            for n, odds in self._glanced(window, self._early(window)):
                found[n] = max(found[n], odds)
        return found

    def _read_in_full(self, doc: Doc, opened: list[tuple[Window, _Opened]]) -> None:
        reading = self._unread(lines_of(doc))
        names: list[Span] = []
        for window, each in opened:
            told = each.told or self._told(window, each)
            self._tell(told, reading, windows.heading_of(doc))
            names += (span for name in self._namer.names(told.tags, window.pieces, doc.text) if (span := _span(doc, name)))
        doc.ents = filter_spans(names)
        doc.user_data["reading"] = reading

    def _open(self, window: Window) -> _Opened:
        """The window as it was read before, or after the first layers."""
        with self._knowing:
            known = self._known.get(window.key)
        if known:
            return known
        early = self._early(window)
        return _Opened(max((odds for _, odds in self._glanced(window, early)), default=-np.inf), early)

    def _told(self, window: Window, opened: _Opened) -> _Told:
        assert opened.early is not None, "what has not been told is open"
        hidden, tags = self._rest.run(None, {"early": opened.early})
        kind = self._kind[0] @ hidden[0] + self._kind[1]
        told = _Told(tags, kind, tuple(self._judge.lines(hidden, window.lines)))
        with self._knowing:
            self._known[window.key] = _Opened(opened.odds, None, told)
        return told

    def _unread(self, lines: list[tuple[int, int]]) -> Reading:
        """What is said of lines that hold no piece."""
        person, topic = (np.tile(odds, (len(lines), 1)) for odds in self._judge.nothing)
        kinds, width = self._kind[0].shape
        return Reading(tuple(lines), person, topic, np.zeros((len(lines), kinds), np.float32), np.zeros((len(lines), width), np.float32))

    def _early(self, window: Window) -> Floats:
        (early,) = self._first.run(None, {"ids": np.array(window.ids, np.int64)})
        return np.asarray(early, np.float32)

    def _glanced(self, window: Window, early: Floats) -> Iterator[tuple[int, float]]:
        for n, person, _, _ in self._glance.lines(early, window.lines):
            yield n, float(person[self._judged].max())

    def _tell(self, told: _Told, reading: Reading, heading: int) -> None:
        """Writes what is said of each line; of one in several rows the highest counts, of a heading what its first window says."""
        for n, person, topic, mean in told.lines:
            if not reading.kind[n].any():
                reading.person[n], reading.topic[n], reading.kind[n], reading.vectors[n] = person, topic, told.kind, mean
            elif n >= heading:
                np.maximum(reading.person[n], person, out=reading.person[n])
                np.maximum(reading.topic[n], topic, out=reading.topic[n])


def categories_of(nlp: Language) -> tuple[str, ...]:
    """The categories that a pipeline's reading has columns for. Raises DetectorError where no component of it reads lines."""
    for _, component in nlp.pipeline:
        if hasattr(component, "categories"):
            return tuple(component.categories)
    raise DetectorError(f"a spaCy pipeline of {', '.join(nlp.pipe_names) or 'nothing'} reads no lines; see detector train --pipeline")


def _span(doc: Doc, name: tuple[str, int, int]) -> Span | None:
    label, start, end = name
    return doc.char_span(start, end, label=label, alignment_mode="expand")
