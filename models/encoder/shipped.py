"""Takes a network up again from what was shipped of it, so that training can go on where no checkpoint was kept.

The weights come back from eight bits; what that cost them is learned again within some hundred steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from detector.judge import PARTS
from detector.pipeline import FILES, NAME
from models.encoder.network import GLANCE, Network

LAYER = re.compile(r"^layers\.(\d+)\.")
PRODUCT = re.compile(r"^/(layers\.\d+/.+)/MatMul_quant$")
KEPT_AS = "embeddings.position_embeddings.weight", "embeddings.token_type_embeddings.weight"
"""Tables that are trained; those of pieces stay as the starting model has them."""


def restore(network: Network, folder: Path) -> None:
    """Gives the network the weights of the pipeline at `folder`. Raises ValueError where one of its own is not found there."""
    files = folder / NAME
    state = dict(_weights(files / FILES[0], 0)) | dict(_weights(files / FILES[1], GLANCE)) | dict(_heads(files / "heads.npz"))
    wanted = {name for name, values in network.named_parameters() if values.requires_grad and "word_embeddings" not in name}
    used = {name for name in wanted if not name.startswith("bert.pooler")}
    if missing := used - set(state):
        raise ValueError(f"{folder} holds no {', '.join(sorted(missing)[:3])} ({len(missing)} in all)")
    network.load_state_dict({name: values for name, values in state.items() if name in used}, strict=False)


def _weights(path: Path, first: int) -> Iterator[tuple[str, torch.Tensor]]:
    graph = onnx.load(str(path)).graph
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    for name in values:
        if LAYER.match(name) or name.startswith("embeddings.LayerNorm"):
            yield _named(name, first), torch.from_numpy(values[name].copy())
    for name in KEPT_AS:
        if f"{name}_quantized" in values:
            yield f"bert.{name}", _full(values, name)
    for node in graph.node:
        of = PRODUCT.match(node.name)
        if of:
            yield _named(of[1].replace("/", ".") + ".weight", first), _full(values, node.input[1].removesuffix("_quantized")).T
        elif node.name == "/tags/MatMul_quant":
            yield "tags.weight", _full(values, node.input[1].removesuffix("_quantized")).T
    if "tags.bias" in values:
        yield "tags.bias", torch.from_numpy(values["tags.bias"].copy())


def _named(name: str, first: int) -> str:
    """A layer's name in the whole network."""
    moved = LAYER.sub(lambda of: f"encoder.layer.{int(of[1]) + first}.", name)
    return f"bert.{moved}"


def _full(values: dict[str, np.ndarray], name: str) -> torch.Tensor:
    quantized, scale, zero = (values[f"{name}_{part}"] for part in ("quantized", "scale", "zero_point"))
    return torch.from_numpy((quantized.astype(np.float32) - zero.astype(np.float32)) * scale)


def _heads(path: Path) -> Iterator[tuple[str, torch.Tensor]]:
    with np.load(path, allow_pickle=False) as heads:
        for judge in ("glance", "read"):
            for part in PARTS:
                layer, _, kind = part.partition("_")
                yield f"{judge}.{layer}.{kind}", torch.from_numpy(heads[f"{judge}_{part}"].astype(np.float32))
        for kind in ("weight", "bias"):
            yield f"kind.{kind}", torch.from_numpy(heads[f"kind_{kind}"].astype(np.float32))
