"""Sets the threshold of a gate on dev: so many of the lines that tell something of a person are read.

    python -m models.gate.threshold --gate models/trained/gate/gate.npz

A line is read where it passes, or the one below it does (`reader.py`). Some twenty seconds.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from detector.judge import Floats
from detector.recognizers.gate import Gate
from detector.training import lines as corpus
from detector.training.lines import JUDGED, Line

RECALL = 0.95
"""Share of dev's lines that tell something of a person, titles apart, that must be read."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--gate", type=Path, required=True)
    options.add_argument("--corpus", type=Path, default=Path("corpora/passages"))
    chosen = options.parse_args()
    splits = corpus.split(corpus.load(chosen.corpus))
    gate = Gate.load(chosen.gate)
    threshold = best(gate, splits["dev"])
    with np.load(chosen.gate, allow_pickle=False) as file:
        arrays = dict(file)
    np.savez(chosen.gate, **(arrays | {"threshold": np.float32(threshold)}))  # uncompressed: it is read at every start
    for name in ("dev", "test"):
        scores, is_told = read_at(gate, splits[name])
        is_read = scores >= threshold
        shares = f"of told {is_read[is_told].mean():.4f}, of the rest {is_read[~is_told].mean():.3f}"
        print(f"{name} at {threshold:.2f} ({gate.threshold:.2f} before): {shares}")


def best(gate: Gate, dev: list[Line]) -> float:
    """The log-odds at which `RECALL` of the lines are read that tell something."""
    scores, is_told = read_at(gate, dev)
    return float(np.quantile(scores[is_told], 1 - RECALL))


def read_at(gate: Gate, lines: list[Line]) -> tuple[Floats, np.ndarray]:
    """Of each line but titles: the highest threshold at which it is read, and whether it tells something."""
    parted = [corpus.parted(group) for group in corpus.documents(lines)]
    scores = gate.scores([(heading, [line.text for line in body]) for heading, _, body in parted])
    is_told = np.array([any(category in line.person for category in JUDGED) for _, _, body in parted for line in body], bool)
    return np.concatenate([np.maximum(own, np.append(own[1:], -np.inf)) for own in scores]), is_told


if __name__ == "__main__":
    main()
