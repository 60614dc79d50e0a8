"""What hidden states say of lines: the numbers' side of `models/encoder/network.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

SHARPEST = 10.0
"""Largest log-weight of a token among those of its line."""

Floats = npt.NDArray[np.float32]
PARTS = ("person_weight", "person_bias", "topic_weight", "topic_bias", "seek_weight", "seek_bias", "value_weight")


@dataclass(frozen=True, slots=True)
class Lines:
    """What is said of some lines, one row each: their numbers, log-odds of categories (of a person, as a topic), mean vectors."""

    numbers: npt.NDArray[np.int64]
    person: Floats = field(repr=False)
    topic: Floats = field(repr=False)
    means: Floats = field(repr=False)


class Judge:
    """The categories of each line of a window: by its mean beside the window's first vector, and by the words that each category seeks."""

    def __init__(self, arrays: Mapping[str, Floats], name: str) -> None:
        self._arrays = {part: arrays[f"{name}_{part}"].astype(np.float32) for part in PARTS}
        self._words = np.concatenate([self._arrays.pop(part) for part in ("seek_weight", "value_weight")]).T.copy()

    @property
    def nothing(self) -> tuple[Floats, Floats]:
        """Log-odds, about a person and as a topic, of a line that holds nothing."""
        return self._arrays["person_bias"], self._arrays["topic_bias"]

    def lines(self, hidden: Floats, owners: npt.NDArray[np.int64]) -> Lines:
        """What hidden states (tokens, width) say of each line; `owners` says whose each token is, -1 for none's."""
        heads = self._arrays
        numbers = np.unique(owners[owners >= 0])
        own = (owners == numbers[:, None]).astype(np.float32)
        seek, value = np.split(hidden @ self._words, 2, axis=1)
        shares = np.exp(SHARPEST * np.tanh((seek + heads["seek_bias"]) / SHARPEST))
        spoken = own @ (shares * value) / (own @ shares)
        means = own @ hidden / own.sum(1, keepdims=True)
        both = np.concatenate([means, np.broadcast_to(hidden[0], means.shape)], 1)
        person, topic = np.split(spoken, 2, axis=1)
        return Lines(numbers, both @ heads["person_weight"].T + heads["person_bias"] + person,
                     both @ heads["topic_weight"].T + heads["topic_bias"] + topic, means)
