"""Takes a network up again from what was shipped of it, so that training can go on where no checkpoint was kept.

The weights come back from eight bits; what that cost them is learned again within some hundred steps.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from detector.judge import PARTS
from detector.pipeline import JUDGES, LAYERS, NAME
from models.encoder.network import GLANCES, Network

PARTS_OF_LAYER = {"out": "attention.output.dense", "norm": "attention.output.LayerNorm", "up": "intermediate.dense",
                  "down": "output.dense", "last": "output.LayerNorm"}
"""What `shipping.Layer` calls them, and what the network does."""
ASKED = tuple(f"attention.self.{name}" for name in ("query", "key", "value"))
NAMED = re.compile(r"^layers\.(\d+)\.(\w+)\.(weight|bias)$")
TABLES = "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight"
"""That are trained; those of pieces stay as the starting model has them."""


def restore(network: Network, folder: Path) -> None:
    """Gives the network the weights of the pipeline at `folder`. Raises ValueError where one of its own is not found there."""
    files, heads = folder / NAME, network.bert.config.num_attention_heads
    state = dict(_heads(files / "heads.npz"))
    for name, first in zip(LAYERS, (0, *GLANCES), strict=True):
        state |= _weights(files / name, first, heads)
    state |= {f"other_{name}": state[name] for name in ("tags.weight", "tags.bias") if name in state}
    wanted = {name for name, _ in network.named_parameters() if "word_embeddings" not in name}
    if missing := wanted - set(state):
        raise ValueError(f"{folder} holds no {', '.join(sorted(missing)[:3])} ({len(missing)} in all)")
    network.load_state_dict({name: state[name] for name in wanted}, strict=False)


def _weights(path: Path, first: int, heads: int) -> Iterator[tuple[str, torch.Tensor]]:
    values = {each.name: numpy_helper.to_array(each) for each in onnx.load(str(path)).graph.initializer}
    found = {name: torch.from_numpy(values[name].copy()) for name in values if name.endswith((".weight", ".bias"))}
    found |= {name: _full(values, name) for name in TABLES if f"{name}_quantized" in values}
    for name in [name for name in values if name.endswith("_Transposed_quantized")]:
        turned = name.removesuffix("_quantized")
        found[turned.removesuffix("_Transposed")] = _full(values, turned).T
    for name, tensor in found.items():
        yield from _of_network(name, tensor, first, heads)


def _of_network(name: str, tensor: torch.Tensor, first: int, heads: int) -> Iterator[tuple[str, torch.Tensor]]:
    """The tensors of the network that a shipped one stands for."""
    named = NAMED.match(name)
    if not named:
        yield (name if name.startswith("tags") else f"bert.{name}"), tensor
        return
    layer = f"bert.encoder.layer.{int(named[1]) + first}"
    if named[2] != "asked":
        yield f"{layer}.{PARTS_OF_LAYER[named[2]]}.{named[3]}", tensor
        return
    query, *others = tensor.chunk(3)
    scale = math.sqrt(len(query) / heads)
    for part, own in zip(ASKED, (query * scale, *others), strict=True):
        yield f"{layer}.{part}.{named[3]}", own


def _full(values: dict[str, np.ndarray], name: str) -> torch.Tensor:
    quantized, scale, zero = (values[f"{name}_{part}"] for part in ("quantized", "scale", "zero_point"))
    return torch.from_numpy((quantized.astype(np.float32) - zero.astype(np.float32)) * scale)


def _heads(path: Path) -> Iterator[tuple[str, torch.Tensor]]:
    with np.load(path, allow_pickle=False) as heads:
        for judge, name in zip((*(f"glances.{n}" for n in range(len(GLANCES))), "read"), JUDGES, strict=True):
            for part in PARTS:
                layer, _, kind = part.partition("_")
                yield f"{judge}.{layer}.{kind}", torch.from_numpy(heads[f"{name}_{part}"].astype(np.float32))
        for kind in ("weight", "bias"):
            yield f"kind.{kind}", torch.from_numpy(heads[f"kind_{kind}"].astype(np.float32))
