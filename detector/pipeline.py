"""The encoder as a component of a spaCy pipeline: names and the reading of each line from one pass.

The component sets `doc.ents` (PER, ORG, LOC) and leaves a `Reading` of the lines in `doc.user_data["reading"]`. A doc's lines are those
between line breaks, or the spans given in `doc.user_data["lines"]`; the first `doc.user_data["heading"]` of them (default 0) stand before
every window, as a subject line or the header of a table stands over all that follows. Where `doc.user_data["glance"]` is true, some of the
layers may say that nothing is told there: then the others are not run, and the doc gets neither names nor a reading.
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
LAYERS = ("first.onnx", "next.onnx", "last.onnx")
"""Steps of layers; after each but the last a glance is taken."""
JUDGES = ("glance1", "glance2", "read")
"""Who reads lines after each step; their names among the heads."""
FILES = (*LAYERS, "tokenizer.json", "heads.npz", "labels.json")


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
class _Known:
    """What is kept of a window: what the glances saw that were taken, and what it says, where all layers were run."""

    odds: tuple[float, ...] = ()
    told: _Told | None = field(default=None, repr=False)


@dataclass(slots=True)
class _Opened:
    """A window as far as it has been read."""

    window: Window = field(repr=False)
    odds: list[float]
    """For each glance taken, the highest log-odds that a line had."""
    told: _Told | None = field(repr=False)
    depth: int = 0
    """Steps of layers that were run."""
    hidden: Floats | None = field(default=None, repr=False)
    """States (tokens, width) after those."""


@Language.factory(NAME)
class Encoder:
    """The component; holds the ONNX sessions of the layers, step by step, the tokenizer of pieces and the heads."""

    def __init__(self, nlp: Language, name: str) -> None:
        self.name = name
        self.folder: Path | None = None
        self._known: LRUCache[tuple[int, ...], _Known] = LRUCache(MOST_KNOWN)
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
        opened = [self._open(window) for window in windows.of_doc(doc, self.tokenizer)]
        if not doc.user_data.get("glance") or self._may_tell(opened):
            self._read_in_full(doc, opened)
        with self._knowing:
            self._known.update({each.window.key: _Known(tuple(each.odds), each.told) for each in opened})
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
        return self._finish(_Opened(Window(list(ids), []), [], None))

    def glance(self, doc: Doc) -> Floats:
        """The highest log-odds that a category has (lines, glances); what the thresholds are set on."""
        found = np.full((len(lines_of(doc)), len(self._glances)), -np.inf, np.float32)
        for window in windows.of_doc(doc, self.tokenizer):
            opened = _Opened(window, [], None)
            for glance in range(len(self._glances)):
                for line, odds in self._seen(opened, glance):
                    found[line, glance] = max(found[line, glance], odds)
        return found

    def _may_tell(self, opened: list[_Opened]) -> bool:
        """Whether no glance says that nothing is told in any of the windows."""
        return all(any(self._glanced(each, n) >= least for each in opened) for n, least in enumerate(self.thresholds))

    def _read_in_full(self, doc: Doc, opened: list[_Opened]) -> None:
        reading, text = self._unread(lines_of(doc)), doc.text  # put together anew at each call
        names: list[Span] = []
        for each in opened:
            told = each.told = each.told or self._tell_all(each)
            self._tell(told, reading, windows.heading_of(doc))
            names += (span for name in self._namer.names(told.tags, each.window.pieces, text) if (span := _span(doc, name)))
        doc.ents = filter_spans(names)
        doc.user_data["reading"] = reading

    def _open(self, window: Window) -> _Opened:
        """The window, with what is known of it."""
        with self._knowing:
            known = self._known.get(window.key, _Known())
        return _Opened(window, list(known.odds), known.told)

    def _glanced(self, opened: _Opened, glance: int) -> float:
        """What a glance sees in the window, and those before it, which are taken first."""
        for n in range(len(opened.odds), glance + 1):
            opened.odds.append(max((odds for _, odds in self._seen(opened, n)), default=-np.inf))
        return opened.odds[glance]

    def _seen(self, opened: _Opened, glance: int) -> Iterator[tuple[int, float]]:
        hidden = self._run(opened, glance + 1)
        for line, person, _, _ in self._glances[glance].lines(hidden, opened.window.lines):
            yield line, float(person[self._judged].max())

    def _tell_all(self, opened: _Opened) -> _Told:
        self._glanced(opened, len(self._glances) - 1)  # so that the same window is judged the same when it comes again
        hidden, tags = self._finish(opened)
        kind = self._kind[0] @ hidden[0] + self._kind[1]
        return _Told(tags, kind, tuple(self._judge.lines(hidden, opened.window.lines)))

    def _run(self, opened: _Opened, depth: int) -> Floats:
        """States after so many steps of layers, at least one and not the last."""
        while opened.depth < depth:
            given = {"early": opened.hidden} if opened.depth else {"ids": np.array(opened.window.ids, np.int64)}
            (opened.hidden,) = self._layers[opened.depth].run(None, given)
            opened.depth += 1
        assert opened.hidden is not None, "a step has been run"
        return opened.hidden

    def _finish(self, opened: _Opened) -> tuple[Floats, Floats]:
        """The last states and the scores of tags."""
        hidden, tags = self._layers[-1].run(None, {"early": self._run(opened, len(LAYERS) - 1)})
        return hidden, tags

    def _unread(self, lines: list[tuple[int, int]]) -> Reading:
        """What is said of lines that hold no piece."""
        person, topic = (np.tile(odds, (len(lines), 1)) for odds in self._judge.nothing)
        kinds, width = self._kind[0].shape
        return Reading(tuple(lines), person, topic, np.zeros((len(lines), kinds), np.float32), np.zeros((len(lines), width), np.float32))

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
