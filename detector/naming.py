"""Names from what the encoder says of pieces: a word is named as a whole, whatever each of its pieces says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Piece = tuple[int, int, int]
"""(line, start, end) in characters of the text; line -1 for what is no text."""
SIDE_BY_SIDE = 2.0
"""Log-odds by which two words with capitals that stand side by side are likelier to be of one name, beyond what each says by itself; set on
Danish-DDT and English-EWT dev, where 1 to 4 do alike."""


class Namer:
    """Finds the names in a window, by tags such as "B-PER" (a name begins), "I-PER" (it goes on) and "O"."""

    def __init__(self, tags: Sequence[str]) -> None:
        self._labels = ("", *dict.fromkeys(tag[2:] for tag in tags if tag[2:]))
        self._tags_of = [[n for n, tag in enumerate(tags) if tag[2:] == label] for label in self._labels]
        self._begins = np.array([tag.startswith("B-") for tag in tags])

    def names(self, scores: Floats, pieces: Sequence[Piece], text: str) -> Iterator[tuple[str, int, int]]:
        """(label, start, end) of each name; `scores` are (pieces, tags)."""
        words = list(words_of(pieces, text))
        if not words:
            return
        labels = self._labels_of(scores, words, pieces, text)
        begins = self._begins[scores[[first for first, _ in words]].argmax(-1)]
        run: tuple[str, int, int, int] | None = None
        for (first, last), label, is_begun in zip(words, labels, begins, strict=True):
            line, start, end = pieces[first][0], pieces[first][1], pieces[last][2]
            goes_on = run is not None and (label, line) == (run[0], run[1]) and (not is_begun or text[run[3] : start] in ("", " "))
            if run and not goes_on:
                yield run[0], run[2], run[3]
            run = (label, line, run[2] if run and goes_on else start, end) if label else None
        if run:
            yield run[0], run[2], run[3]

    def _labels_of(self, scores: Floats, words: Sequence[tuple[int, int]], pieces: Sequence[Piece], text: str) -> list[str]:
        """Of each word the label that its first piece and its pieces on average speak for most, and the words with capitals beside it."""
        logs = scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)
        by_label = np.stack([np.logaddexp.reduce(logs[:, own], axis=-1) for own in self._tags_of], -1)
        sums = np.concatenate([np.zeros((1, len(self._labels))), by_label.cumsum(0)])
        firsts, ends = np.array([first for first, _ in words]), np.array([last for _, last in words]) + 1
        by_word = by_label[firsts] + (sums[ends] - sums[firsts]) / (ends - firsts)[:, None]
        likeliest = by_word.argmax(-1)
        for run in _side_by_side(words, pieces, text):
            if likeliest[run].any():
                likeliest[run] = _together(by_word[run])
        return [self._labels[n] for n in likeliest]


def _side_by_side(words: Sequence[tuple[int, int]], pieces: Sequence[Piece], text: str) -> Iterator[slice]:
    """Runs of two words or more with capitals, a blank between each and the next."""
    first = 0
    for n in range(1, len(words) + 1):
        if n == len(words) or not _is_beside(words[n - 1], words[n], pieces, text):
            if n - first > 1:
                yield slice(first, n)
            first = n


def _is_beside(one: tuple[int, int], other: tuple[int, int], pieces: Sequence[Piece], text: str) -> bool:
    (line, begin, _), end = pieces[one[0]], pieces[one[1]][2]
    own, start, _ = pieces[other[0]]
    return line == own and text[end:start] == " " and text[begin].isupper() and text[start].isupper()


def _together(weights: Floats) -> list[int]:
    """The likeliest labels of words side by side, by number, where `weights` (words, labels) are what each says; label 0 is none.

    >>> _together(np.log(np.array([[0.6, 0.4], [0.1, 0.9]]))), _together(np.log(np.array([[0.99, 0.01], [0.1, 0.9]])))
    ([1, 1], [0, 1])
    """
    bonus = np.where(np.arange(weights.shape[1]), SIDE_BY_SIDE, 0.0)
    best, before = weights[0], []
    for row in weights[1:]:
        stays = best + bonus
        before.append(np.where(stays >= best.max(), np.arange(len(row)), best.argmax()))
        best = np.maximum(stays, best.max()) + row
    labels = [int(best.argmax())]
    for came in reversed(before):
        labels.append(int(came[labels[-1]]))
    return labels[::-1]


def words_of(pieces: Sequence[Piece], text: str) -> Iterator[tuple[int, int]]:
    """First and last piece of each word; a sign is a word of its own, but for a hyphen.

    >>> list(words_of([(-1, 0, 0), (0, 0, 3), (0, 3, 6), (0, 6, 7), (0, 8, 10)], "Hansen, Bo"))
    [(1, 2), (3, 3), (4, 4)]
    """
    kept = [n for n, (line, start, end) in enumerate(pieces) if line >= 0 and end > start]
    signs = {n for n in kept if _is_sign(text[pieces[n][1] : pieces[n][2]])}
    first = -1
    for n, following in pairwise([*kept, -1]):
        first = n if first < 0 else first
        if following != n + 1 or pieces[following][:2] != (pieces[n][0], pieces[n][2]) or not signs.isdisjoint((n, following)):
            yield first, n
            first = -1


def _is_sign(piece: str) -> bool:
    return piece != "-" and not any(character.isalnum() for character in piece)
