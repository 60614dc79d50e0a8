"""Windows: what the encoder reads at once. `<s> heading </s> line </s> line </s>`, of as many lines of a doc as fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from tokenizers import Tokenizer

MOST_TOKENS = 192
"""Of one window, as in training."""
LONGEST = MOST_TOKENS // 2 - 2
"""Pieces of a row: a line of more is read in several."""
BEGIN, PAD, END = 0, 1, 2


@dataclass(slots=True)
class Window:
    """Pieces that the encoder reads at once."""

    ids: list[int]
    pieces: list[tuple[int, int, int]]
    """(line, start, end) in characters of the doc for each token; line -1 for the marks between lines."""

    @property
    def lines(self) -> npt.NDArray[np.int64]:
        """Whose each token is."""
        return np.array([line for line, _, _ in self.pieces], np.int64)

    @property
    def key(self) -> tuple[int, ...]:
        """The same for windows that say the same."""
        return (*self.ids, *(line for line, _, _ in self.pieces))


def of_doc(doc: Doc, tokenizer: Tokenizer) -> Iterator[Window]:
    """The windows of a doc. A heading is cut where it is long; another line is read in several rows then."""
    lines = lines_of(doc)
    text = doc.text  # put together anew at each call
    encodings = tokenizer.encode_batch([text[a:b] for a, b in lines], add_special_tokens=False)
    heading = min(heading_of(doc), len(lines))
    pieces = [_pieces(n, start, encodings[n], text) for n, (start, _) in enumerate(lines)]
    rows = [row[:MOST_TOKENS // (2 * heading)] for row in pieces[:heading]]
    rows += [row[at:at + LONGEST] for row in pieces[heading:] for at in range(0, len(row), LONGEST)]
    packed = list(pack([len(row) for row in rows], heading))
    yield from (_window([*rows[:heading], *(rows[n] for n in taken)]) for taken in packed or [[]] * bool(heading))


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


def heading_of(doc: Doc) -> int:
    """How many lines of a doc stand before every window."""
    return int(doc.user_data.get("heading", 0))


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


def _window(rows: list[list[tuple[int, int, int, int]]]) -> Window:
    window = Window([BEGIN], [(-1, 0, 0)])
    for row in rows:
        window.ids += [*(piece for piece, *_ in row), END]
        window.pieces += [*((line, start, end) for _, line, start, end in row), (-1, 0, 0)]
    return window
