"""The gate: a small network over words that says which lines the encoder has to read.

Each word has a vector, distilled from the encoder by `models/gate`. A convolution of three words and a maximum say what a line tells; the
means and maxima of the lines around it say in what company: "she starts on Monday" is one thing in a letter of a ward, another on a list of
programmers. Everything is numpy over flat arrays, so that mail is read at megabytes a second.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
import numpy.typing as npt

TOKEN = re.compile(r"[^\W_]+")
DIGIT = re.compile(r"\d")
END = "\0"
"""What ends a line where several are looked up at once."""
NOTHING, UNKNOWN = 0, 1
"""Rows of the end of a line and of words that are like no known one."""
SHORTEST, STEM, LONGEST = 4, 5, 12
"""Letters of a beginning: of a known word at least, of any word, of a known word at most."""
COMPANY = 48
"""Lines that are each other's company, under the heading of their document."""
AT_ONCE = 24
"""Companies that are judged together."""
MOST_KEPT, LONGEST_KEPT = 200_000, 40
"""Of what stands between blanks, so many are kept with their rows, of so many characters at most; others are looked up anew each time."""
FOLDER, FILE = "gate", "gate.npz"
"""Of the gate among the trained files."""

Floats = npt.NDArray[np.float32]


class Rows(dict[str, int]):
    """Rows of words and of beginnings; a word that is not there has the row of what stands for it.

    >>> rows = Rows({"\\n": 0, "?": 1, "kemo": 2, "kræft~": 3, "00": 4})
    >>> rows["kemoen"], rows["kræftafdelingen"], rows["27"], rows["zebra"]
    (2, 3, 4, 1)
    >>> rows.of(f"Kemo, 27-zebra {END}")
    [2, 4, 1, 0]
    """

    def __init__(self, rows: Mapping[str, int]) -> None:
        super().__init__(rows)
        self._kept = _Kept(self)

    def __missing__(self, word: str) -> int:
        plain = word if word.isalpha() else DIGIT.sub("0", word)
        return self[plain] if plain in self else self.stand_in(plain)

    def stand_in(self, word: str) -> int:
        """The row of the longest known beginning of a word, or that of no known word."""
        for beginning in beginnings(word):
            if beginning in self:
                return self[beginning]
        return UNKNOWN

    def of(self, text: str) -> list[int]:
        """The rows of the words of a text, in order, and that of nothing for each `END` between blanks."""
        return list(chain.from_iterable(map(self._kept.__getitem__, text.lower().split())))


class _Kept(dict[str, tuple[int, ...]]):
    """The rows of the words in what stood between blanks before."""

    def __init__(self, rows: Rows) -> None:
        super().__init__({END: (NOTHING,)})
        self._rows = rows

    def __missing__(self, chunk: str) -> tuple[int, ...]:
        found = (self._rows[chunk],) if chunk.isalnum() else tuple([self._rows[word] for word in TOKEN.findall(chunk)])
        if len(self) < MOST_KEPT and len(chunk) <= LONGEST_KEPT:
            self[chunk] = found
        return found


def words(text: str) -> list[str]:
    """The words of a line, as the gate knows them: in lower case, each digit a nought.

    >>> words("Hun fik 12 i Jura-1")
    ['hun', 'fik', '00', 'i', 'jura', '0']
    """
    return TOKEN.findall(DIGIT.sub("0", text.lower()))


def beginnings(word: str) -> list[str]:
    """What can stand for a word that has no row: known words it starts with, the longest first, then its first letters.

    >>> beginnings("kemoen")
    ['kemoe', 'kemo', 'kemoe~']
    """
    found = [word[:n] for n in range(min(len(word) - 1, LONGEST), SHORTEST - 1, -1)]
    if len(word) > STEM:
        found.append(f"{word[:STEM]}~")
    return found


@dataclass(frozen=True, slots=True)
class Gate:
    """Rows of words, the layers' weights by name, and the log-odds that a line must reach."""

    rows: Rows = field(repr=False)
    layers: dict[str, Floats] = field(repr=False)
    """`before`, `at`, `after`: what a word gives to the one after it, to itself, to the one before it (rows, filters)."""
    threshold: float

    @classmethod
    def load(cls, path: Path) -> Gate:
        """Reads the arrays that the recipe wrote; no pickle."""
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        known = bytes(arrays.pop("words")).decode().split("\n")
        vectors = arrays.pop("vectors").astype(np.float32) * arrays.pop("scale")
        threshold, seen = float(arrays.pop("threshold")), seen_from(vectors, arrays.pop("filters"), arrays.pop("bias"))
        return cls(Rows({word or "\n": n for n, word in enumerate(known)}), arrays | seen, threshold)

    def scores(self, documents: Sequence[tuple[str, Sequence[str]]], *, each: Callable[[], None] = lambda: None) -> list[Floats]:
        """Log-odds for each line of each document that it tells something of a person, of documents given as heading and lines; `each` is
        called now and then, and may raise."""
        companies = [[h, *lines[n : n + COMPANY]] for h, lines in documents for n in range(0, len(lines), COMPANY)]
        found = []
        for n in range(0, len(companies), AT_ONCE):
            each()
            found.append(self._judge(companies[n : n + AT_ONCE]))
        flat = np.concatenate([np.zeros(0, np.float32), *found])
        return np.split(flat, np.cumsum([len(lines) for _, lines in documents])[:-1]) if documents else []

    def _judge(self, companies: Sequence[Sequence[str]]) -> Floats:
        """Of the lines of all companies, without their headings."""
        lengths = np.array([len(lines) for lines in companies])
        starts = np.cumsum(lengths) - lengths
        most, mean = self._seen([line for lines in companies for line in lines])
        layer = self.layers
        means = np.add.reduceat(mean, starts) / lengths[:, None].astype(np.float32)
        around = np.concatenate([means, np.maximum.reduceat(most, starts)], 1)
        company = np.maximum(around @ layer["company_weight"] + layer["company_bias"], 0)
        own, shared = layer["hidden_weight"][: 2 * most.shape[1]], layer["hidden_weight"][2 * most.shape[1] :]
        hidden = np.concatenate([most, mean], 1) @ own + np.repeat(company @ shared + layer["hidden_bias"], lengths, 0)
        np.maximum(hidden, 0, out=hidden)
        scores: Floats = hidden @ layer["score_weight"] + layer["score_bias"]
        return np.delete(scores, starts)

    def _seen(self, lines: Sequence[str]) -> tuple[Floats, Floats]:
        """The highest and the mean of what each filter sees in each line.

        The first words of all lines are seen together, then the second ones of those that have more, and so on: the longest lines come
        first, so that what goes on is the beginning of what went before.
        """
        rows = np.array(self.rows.of("".join([f"{line.replace(END, ' ')} {END} " for line in lines])))
        ends = np.flatnonzero(rows == NOTHING)
        starts = np.concatenate([[0], ends[:-1] + 1])
        lengths = ends - starts
        order = (-lengths).argsort(kind="stable")
        goes_on = np.arange(lengths.max())[:, None] < lengths[order]
        number, line = goes_on.nonzero()
        words = starts[order][line] + number
        layer = self.layers
        seen = layer["at"].take(rows[words], 0)
        seen += layer["before"].take(rows[words - 1], 0)
        seen += layer["after"].take(rows[words + 1], 0)
        np.maximum(seen, 0, out=seen)
        most, total = np.zeros((2, len(lines), seen.shape[1]), np.float32)
        at = 0
        for many in goes_on.sum(1).tolist():
            some = seen[at : at + many]
            np.maximum(most[:many], some, out=most[:many])
            total[:many] += some
            at += many
        back = order.argsort()
        return most[back], (total / np.maximum(lengths[order], 1).astype(np.float32)[:, None])[back]


def seen_from(vectors: Floats, filters: Floats, bias: Floats) -> dict[str, Floats]:
    """What each word gives to the one after it, to itself and to the one before it; `filters` are (3, width, filters)."""
    before, at, after = vectors @ filters
    at += bias
    return {"before": before, "at": at, "after": after}
