"""The encoder as a component of a spaCy pipeline: names and the reading of each line from one pass.

The component sets `doc.ents` (PER, ORG, LOC) and leaves a `Reading` of the lines in `doc.user_data["reading"]`. A doc's lines are those
between line breaks, or the spans given in `doc.user_data["lines"]`; the first `doc.user_data["heading"]` of them (default 0) stand before
every window, as a subject line or the header of a table stands over all that follows. Where `doc.user_data["held"]` is given, the windows
that hold a line named there by number are read in full, and of the others those only in which the first layers see that something may be
told: the lines of one that a glance passes over get neither names nor a reading. A doc in which all is passed over gets none at all.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from cachetools import LRUCache
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from detector import windows
from detector.judge import Floats, Judge, Lines
from detector.naming import Namer
from detector.records import DetectorError
from detector.windows import Window, lines_of

NAME = "detector_encoder"
FOLDER = "pipeline"
"""Of the trained pipeline among the trained files."""
MOST_KNOWN = 512
"""Windows whose reading is kept, some 10 KB each: the same attachment comes in many mails."""
LAYERS = ("first.onnx", "next.onnx", "last.onnx")
"""Steps of layers; after each but the last a glance is taken."""
JUDGES = ("glance1", "glance2", "read")
"""Who reads lines after each step; their names among the heads."""
FILES = (*LAYERS, "tokenizer.json", "heads.npz", "labels.json")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the encoder says of a doc's lines, one row each: log-odds of categories (of a person, as a topic) and of kinds; vectors; and
    what it said of a person on the way (lines, glances, categories), where it glances at all."""

    lines: tuple[tuple[int, int], ...]
    person: Floats = field(repr=False)
    topic: Floats = field(repr=False)
    kind: Floats = field(repr=False)
    vectors: Floats = field(repr=False)
    early: Floats = field(repr=False)
    is_read: npt.NDArray[np.bool_] = field(repr=False)
    """Whether a line was read in full; one that holds no piece never is."""

    def of(self, numbers: Sequence[int]) -> Reading:
        """The same of some lines only."""
        rows = np.array(numbers, np.int64)
        person, topic, kind, vectors, early = (part[rows] for part in (self.person, self.topic, self.kind, self.vectors, self.early))
        return Reading(tuple(self.lines[n] for n in numbers), person, topic, kind, vectors, early, self.is_read[rows])


@dataclass(frozen=True, slots=True)
class _Told:
    """What a window says: scores of tags of each piece, the kind of text, and what each line tells, in the end and at each glance."""

    tags: Floats
    kind: Floats
    lines: Lines
    early: Floats


@Language.factory(NAME)
class Encoder:
    """The component; holds the ONNX sessions of the layers, step by step, the tokenizer of pieces and the heads."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.folder: Path | None = None
        self._known: LRUCache[tuple[bytes, bytes, int, bool], _Told | None] = LRUCache(MOST_KNOWN)
        self._knowing = threading.Lock()

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> Encoder:
        """Reads the files that `to_disk` wrote; nothing in them is code."""
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # else onnxruntime writes a device id and looks up a host
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # threads for some lines take longer than the lines
        import onnxruntime
        from tokenizers import Tokenizer

        self.folder = Path(path)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._layers = [
            onnxruntime.InferenceSession(str(self.folder / name), options, providers=["CPUExecutionProvider"]) for name in LAYERS
        ]
        self.tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        with np.load(self.folder / "heads.npz", allow_pickle=False) as heads:
            self._kind = heads["kind_weight"].astype(np.float32), heads["kind_bias"].astype(np.float32)
            *self._glances, self._judge = (Judge(heads, name) for name in JUDGES)
        labels = json.loads((self.folder / "labels.json").read_text("utf-8"))
        self.tags, self.categories, self.kinds = labels["tags"], labels["categories"], labels["kinds"]
        self._judged = [n for n, category in enumerate(self.categories) if category in labels["judged"]]
        self.thresholds, self._namer = labels["glances"], Namer(self.tags)
        return self

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:
        """Copies the files that `from_disk` reads."""
        if self.folder is None:
            raise ValueError("the encoder has not been loaded")
        Path(path).mkdir(parents=True, exist_ok=True)
        for file in FILES:
            (Path(path) / file).write_bytes((self.folder / file).read_bytes())

    def __call__(self, doc: Doc) -> Doc:
        held, heading = doc.user_data.get("held"), windows.heading_of(doc)
        read = [(window, told) for window in windows.of_doc(doc, self.tokenizer) if (told := self._told(window, heading, held))]
        if read or held is None:
            self._write(doc, read)
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
        hidden, *tags = self._step(0, np.array(ids, np.int64))
        for n in range(1, len(LAYERS)):
            hidden, *tags = self._step(n, hidden)
        return hidden, tags[0]

    def highest(self, odds: Floats) -> Floats:
        """The highest of the log-odds of the categories that need reading, along the last axis; what the glances' thresholds are for."""
        found: Floats = odds[..., self._judged].max(-1, initial=-np.inf)
        return found

    def _told(self, window: Window, heading: int, held: frozenset[int] | None) -> _Told | None:
        """What the window says, or said when it came before; None where the glances pass over all of it."""
        in_full = held is None or not held.isdisjoint(window.lines.tolist())
        key = window.ids.tobytes(), window.lines.tobytes(), heading, in_full
        with self._knowing:
            if key in self._known:
                return self._known[key]
        told = self._read(window, heading, in_full=in_full)
        with self._knowing:
            self._known[key] = told
        return told

    def _read(self, window: Window, heading: int, *, in_full: bool) -> _Told | None:
        """Step by step; unless it is wanted `in_full`, as long as each glance sees something in a line below the heading."""
        hidden, *tags = self._step(0, window.ids)
        early: list[Floats] = []
        for n, (glance, least) in enumerate(zip(self._glances, self.thresholds, strict=True), 1):
            seen = glance.lines(hidden, window.lines)
            if not in_full and self.highest(seen.person)[seen.numbers >= heading].max(initial=-np.inf) < least:
                return None
            early.append(seen.person)
            hidden, *tags = self._step(n, hidden)
        kind = self._kind[0] @ hidden[0] + self._kind[1]
        return _Told(tags[0], kind, self._judge.lines(hidden, window.lines), np.stack(early, 1))

    def _step(self, number: int, given: npt.NDArray[Any]) -> Sequence[Floats]:
        """Runs a step of layers over pieces or hidden states (tokens, width): gives hidden states, the last one scores of tags as well."""
        made: Sequence[Floats] = self._layers[number].run(None, {"early" if number else "ids": given})
        return made

    def _write(self, doc: Doc, read: Sequence[tuple[Window, _Told]]) -> None:
        reading, heading = self._unread(lines_of(doc)), windows.heading_of(doc)
        text = doc.text  # put together anew at each call
        names: list[Span] = []
        for window, told in read:
            self._tell(told, reading, heading)
            found = self._namer.names(told.tags, window.pieces(text), text)
            names += (span for name in found if (span := _span(doc, name)))
        doc.ents = filter_spans(names)
        doc.user_data["reading"] = reading

    def _unread(self, lines: list[tuple[int, int]]) -> Reading:
        """What is said of lines that hold no piece."""
        person, topic = (np.tile(odds, (len(lines), 1)) for odds in self._judge.nothing)
        kinds, width = self._kind[0].shape
        kind, vectors = (np.zeros((len(lines), columns), np.float32) for columns in (kinds, width))
        early = np.tile(np.stack([glance.nothing[0] for glance in self._glances]), (len(lines), 1, 1))
        return Reading(tuple(lines), person, topic, kind, vectors, early, is_read=np.zeros(len(lines), bool))

    def _tell(self, told: _Told, reading: Reading, heading: int) -> None:
        """Writes what is said of each line; of one in several rows the highest counts, of a heading what its first window says."""
        said = told.lines
        for n, person, topic, mean, early in zip(said.numbers, said.person, said.topic, said.means, told.early, strict=True):
            if not reading.is_read[n]:
                reading.is_read[n] = True
                reading.kind[n], reading.vectors[n] = told.kind, mean
                reading.person[n], reading.topic[n], reading.early[n] = person, topic, early
            elif n >= heading:
                for known, new in ((reading.person, person), (reading.topic, topic), (reading.early, early)):
                    np.maximum(known[n], new, out=known[n])


def categories_of(nlp: Language) -> tuple[str, ...]:
    """The categories that a pipeline's reading has columns for. Raises DetectorError where no component of it reads lines."""
    for _, component in nlp.pipeline:
        if hasattr(component, "categories"):
            return tuple(component.categories)
    raise DetectorError(f"a spaCy pipeline of {', '.join(nlp.pipe_names) or 'nothing'} reads no lines; see detector train --pipeline")


def _span(doc: Doc, name: tuple[str, int, int]) -> Span | None:
    label, start, end = name
    return doc.char_span(start, end, label=label, alignment_mode="expand")
