"""Settles the layer that names, after training, on sentences which the layers below have not seen: the dev sets of the gold data.

    python -m models.encoder.settle --shared ../shared --work WORK
    python -m models.encoder.settle --shared ../shared --work WORK --from PIPELINE      where training went on from PIPELINE

Where training went on from a pipeline, the weights are first drawn back towards it by a share. The layers learn their training sentences so
well that the last one becomes too sure on them. It starts from what it is and is held to it; the last checkpoint in WORK is written anew,
and says that it is settled. Fixed seed; some minutes.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn

from corpora import names
from models.encoder import shipped, windows
from models.encoder.network import Network
from models.encoder.train import SEED, last_checkpoint, tensors, trained

SETS = ("ddt-dev", "ewt-dev")
SHARE = 0.5
"""Of the sentences that are read in lower case too."""
STEPS, RATE, BATCH, HELD = 300, 1e-3, 512, 1e-3
"""HELD: weight of the squared distance from the layer as it was."""
FOLDS = 4
KEPT = 0.5
"""Share of the weights that training went on from, in the mean with those that it ended with."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--work", type=Path, required=True)
    options.add_argument("--from", dest="begun", type=Path, metavar="PIPELINE", help="what training went on from; a share of it is kept")
    chosen = options.parse_args()
    path = last_checkpoint(chosen.work)
    state = torch.load(path, weights_only=True)
    if state.get("settled"):
        raise SystemExit(f"{path}: is settled already")
    network, tokenizer = trained(chosen.work, chosen.shared)
    if chosen.begun:
        blend(network, chosen.begun)
    torch.manual_seed(SEED)
    parts = list(states(network, tokenizer, chosen.shared / "data" / "ner"))
    for fold in range(FOLDS):
        layer = settled(network.tags, [part for n, part in enumerate(parts) if n % FOLDS != fold])
        left = [part for n, part in enumerate(parts) if n % FOLDS == fold]
        print(f"fold {fold + 1}: loss {loss_of(network.tags, left):.4f} before, {loss_of(layer, left):.4f} after")
    network.tags = settled(network.tags, parts)
    torch.save(state | {"network": network.state_dict(), "settled": True}, path)


def blend(network: Network, begun: Path) -> None:
    """Draws the weights back by `KEPT` towards those that training went on from: what these knew and the passes lost comes back."""
    now = {name: values.clone() for name, values in network.state_dict().items()}
    shipped.restore(network, begun)
    before = network.state_dict()
    network.load_state_dict({name: values.lerp(before[name], KEPT) for name, values in now.items()})


def states(network: Network, tokenizer: Tokenizer, data: Path) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """The last states (tokens, width) and the tags of the pieces of each sentence, in the order of a fixed draw."""
    rng = random.Random(SEED)
    found = [sentence for name in SETS for sentence in names.sentences(data, name)]
    rng.shuffle(found)
    for sentence in found:
        lowered = replace(sentence, text=sentence.text.lower())
        for each in [sentence] + [lowered] * (rng.random() < SHARE and len(lowered.text) == len(sentence.text)):
            ids, mask, _, tags = tensors([windows.of_sentences([(each, None)], tokenizer)])
            with torch.no_grad():
                hidden = network(ids, mask)[-1]
            yield hidden[tags >= 0], tags[tags >= 0]


def settled(layer: nn.Linear, parts: list[tuple[torch.Tensor, torch.Tensor]]) -> nn.Linear:
    """The layer, fitted on."""
    hidden, tags = (torch.cat(each) for each in zip(*parts, strict=True))
    fitted = nn.Linear(layer.in_features, layer.out_features)
    fitted.load_state_dict(layer.state_dict())
    was = [p.detach().clone() for p in layer.parameters()]
    optimizer = torch.optim.Adam(fitted.parameters(), lr=RATE)
    for _ in range(STEPS):
        at = torch.randint(len(tags), (BATCH,))
        loss = nn.functional.cross_entropy(fitted(hidden[at]), tags[at])
        loss = loss + HELD * sum(((p - w) ** 2).sum() for p, w in zip(fitted.parameters(), was, strict=True))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return fitted


def loss_of(layer: nn.Linear, parts: list[tuple[torch.Tensor, torch.Tensor]]) -> float:
    """Mean over the pieces."""
    hidden, tags = (torch.cat(each) for each in zip(*parts, strict=True))
    with torch.no_grad():
        return float(nn.functional.cross_entropy(layer(hidden), tags))


if __name__ == "__main__":
    main()
