"""Sets the threshold of a gate on dev: so many of the lines that tell something of a person are read.

    python -m models.gate.threshold --gate models/trained/gate/gate.npz

Where what is read tells something, all that stands around it is read too: in the end, far more than pass. Some twenty seconds.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from detector.recognizers.gate import Gate
from detector.training import lines as corpus
from detector.training import measure
from detector.training.lines import Line

RECALL = 0.9
"""Share of dev's lines that tell something of a person, titles apart, that must pass by themselves."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--gate", type=Path, required=True)
    options.add_argument("--corpus", type=Path, default=Path("corpora/passages"))
    chosen = options.parse_args()
    splits = corpus.split(corpus.load(chosen.corpus))
    before = Gate.load(chosen.gate).threshold
    put(chosen.gate, splits["dev"])
    fitted = Gate.load(chosen.gate)
    for name in ("dev", "test"):
        is_passed, is_told = np.concatenate(fitted.scores(texts_of(splits[name]))) >= fitted.threshold, told(splits[name])
        shares = f"of told {is_passed[is_told].mean():.4f}, of the rest {is_passed[~is_told].mean():.3f}"
        print(f"{name} at {fitted.threshold:.2f} ({before:.2f} before): {shares}")


def put(path: Path, dev: Sequence[Line]) -> None:
    """Writes into a gate's file the log-odds at which `RECALL` of the lines pass that tell something."""
    least = np.quantile(np.concatenate(Gate.load(path).scores(texts_of(dev)))[told(dev)], 1 - RECALL)
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    save(path, arrays | {"threshold": np.float32(least)})


def save(path: Path, arrays: Mapping[str, np.ndarray | np.float32]) -> None:
    """One npz, uncompressed: it is read at every start."""
    np.savez(path, **arrays)  # type: ignore[arg-type]


def texts_of(lines: Sequence[Line]) -> list[tuple[str, list[str]]]:
    """The heading and the lines but titles of each document, as the gate takes them."""
    return [(heading, [line.text for line in body]) for heading, _, body in map(corpus.parted, corpus.documents(lines))]


def told(lines: Sequence[Line]) -> np.ndarray:
    """Of each line but titles, in the order of `texts_of`: whether it tells something of a person."""
    body = [line for group in corpus.documents(lines) for line in corpus.parted(group)[2]]
    return np.asarray(measure.wanted(body).any(1))


if __name__ == "__main__":
    main()
