"""Windows: what the encoder reads at once. `<s> heading </s> line </s> line </s>`, of as many lines of a doc as fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from spacy.tokens import Doc
    from tokenizers import Encoding, Tokenizer

MOST_TOKENS = 192
"""Of one window, as in training."""
LONGEST = MOST_TOKENS // 2 - 2
"""Pieces of a row: a line of more is read in several."""
BEGIN, PAD, END = 0, 1, 2


@dataclass(frozen=True, slots=True)
class _Row:
    """Pieces of a line, or of as much of it as is read at once, and where its text begins in the doc."""

    line: int
    ids: list[int]
    encoding: Encoding
    first: int
    """Of the pieces, among those of the line."""
    start: int


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces that the encoder reads at once: the first mark, and each row with a mark after it."""

    ids: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    """The line that each piece is of, -1 for marks."""
    _rows: tuple[_Row, ...] = ()

    def pieces(self, text: str) -> list[tuple[int, int, int]]:
        """(line, start, end) in characters of the doc's text for each piece; line -1 for marks."""
        found = [(-1, 0, 0)]
        for row in self._rows:
            found += (_place(row, offset, text) for offset in row.encoding.offsets[row.first:row.first + len(row.ids)])
            found.append((-1, 0, 0))
        return found


def of_doc(doc: Doc, tokenizer: Tokenizer) -> Iterator[Window]:
    """The windows of a doc. A heading is cut where it is long; another line is read in several rows then."""
    lines = lines_of(doc)
    text = doc.text  # put together anew at each call
    encodings = [tokenizer.encode(text[a:b], add_special_tokens=False) for a, b in lines]  # together takes twice as long
    heading = min(heading_of(doc), len(lines))
    rows = [_Row(n, encodings[n].ids[:MOST_TOKENS // (2 * heading)], encodings[n], 0, lines[n][0]) for n in range(heading)]
    for n in range(heading, len(lines)):
        ids = encodings[n].ids  # put together anew at each call
        rows += [_Row(n, ids[at:at + LONGEST], encodings[n], at, lines[n][0]) for at in range(0, len(ids), LONGEST)]
    packed = list(pack([len(row.ids) for row in rows], heading))
    yield from (_window((*rows[:heading], *(rows[n] for n in taken))) for taken in packed or [[]] * bool(heading))


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


def _place(row: _Row, offset: tuple[int, int], text: str) -> tuple[int, int, int]:
    start, end = row.start + offset[0], row.start + offset[1]
    while start < end and text[start].isspace():
        start += 1  # a piece carries the blank before it
    return row.line, start, end


def _window(rows: tuple[_Row, ...]) -> Window:
    ids = [BEGIN]
    for row in rows:
        ids += row.ids
        ids.append(END)
    lengths = [len(row.ids) + 1 for row in rows]
    lines = np.repeat(np.array([-1, *(row.line for row in rows)]), [1, *lengths])
    lines[np.cumsum(lengths)] = -1
    return Window(np.array(ids, np.int64), lines, rows)
