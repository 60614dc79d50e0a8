"""What hidden states say of lines: the numbers' side of `models/encoder/network.py`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import numpy.typing as npt

SHARPEST = 10.0
"""Largest log-weight of a token among those of its line."""

Floats = npt.NDArray[np.float32]
PARTS = ("person_weight", "person_bias", "topic_weight", "topic_bias", "seek_weight", "seek_bias", "value_weight")


class Judge:
    """The categories of each line of a window: by its mean beside the window's first vector, and by the words that each category seeks."""

    def __init__(self, arrays: Mapping[str, Floats], name: str) -> None:
        self._arrays = {part: arrays[f"{name}_{part}"].astype(np.float32) for part in PARTS}

    @property
    def nothing(self) -> tuple[Floats, Floats]:
        """Log-odds, about a person and as a topic, of a line that holds nothing."""
        return self._arrays["person_bias"], self._arrays["topic_bias"]

    def lines(self, hidden: Floats, numbers: npt.NDArray[np.int64]) -> Iterator[tuple[int, Floats, Floats, Floats]]:
        """(line, log-odds about a person, as a topic, mean vector) of each line; `numbers` says whose each token is, -1 for none's."""
        heads = self._arrays
        shares = np.exp(SHARPEST * np.tanh((hidden @ heads["seek_weight"].T + heads["seek_bias"]) / SHARPEST))
        spoken = shares * (hidden @ heads["value_weight"].T)
        for n in dict.fromkeys(numbers[numbers >= 0].tolist()):
            of_line = numbers == n
            mean = hidden[of_line].mean(0)
            both = np.concatenate([mean, hidden[0]])
            person, topic = np.split(spoken[of_line].sum(0) / shares[of_line].sum(0), 2)
            yield (n, heads["person_weight"] @ both + heads["person_bias"] + person,
                   heads["topic_weight"] @ both + heads["topic_bias"] + topic, mean)
