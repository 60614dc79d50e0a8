"""The trained layers as they are shipped: one window at a time, so that nothing is padded and no mask is needed."""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from models.encoder.network import Network


class Layer(nn.Module):
    """A layer of the network: what each token asks for, offers and gives is computed at once: a window is quantized once for all."""

    def __init__(self, layer: nn.Module, heads: int) -> None:
        super().__init__()
        own, out = layer.attention.self, layer.attention.output
        self.heads, self.width = heads, own.query.out_features // heads
        asked = [own.query.weight / math.sqrt(self.width), own.key.weight, own.value.weight]
        biases = [own.query.bias / math.sqrt(self.width), own.key.bias, own.value.bias]
        self.asked = nn.Linear(heads * self.width, 3 * heads * self.width)
        self.asked.weight, self.asked.bias = nn.Parameter(torch.cat(asked).detach()), nn.Parameter(torch.cat(biases).detach())
        self.out, self.norm = out.dense, out.LayerNorm
        self.up, self.down, self.last = layer.intermediate.dense, layer.output.dense, layer.output.LayerNorm

    def forward(self, hidden: torch.Tensor) -> torch.Tensor:
        """Hidden states (tokens, width) after the layer."""
        query, key, value = self.asked(hidden).view(-1, 3 * self.heads, self.width).transpose(0, 1).split(self.heads)
        seen = torch.softmax(query @ key.transpose(1, 2), -1) @ value
        hidden = self.norm(hidden + self.out(seen.transpose(0, 1).reshape(-1, self.heads * self.width)))
        return self.last(hidden + self.down(functional.gelu(self.up(hidden))))  # type: ignore[no-any-return]


class First(nn.Module):
    """Pieces (tokens,) to the hidden states (tokens, width) after the first `end` layers."""

    def __init__(self, network: Network, end: int) -> None:
        super().__init__()
        self.embeddings, self.layers = network.bert.embeddings, _layers(network, slice(end))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """See the class."""
        return self.layers(self.embeddings(input_ids=ids[None])[0])  # type: ignore[no-any-return]


class Next(nn.Module):
    """Hidden states after `start` layers to those after `end` (tokens, width)."""

    def __init__(self, network: Network, start: int, end: int) -> None:
        super().__init__()
        self.layers = _layers(network, slice(start, end))

    def forward(self, early: torch.Tensor) -> torch.Tensor:
        """See the class."""
        return self.layers(early)  # type: ignore[no-any-return]


class Last(nn.Module):
    """Hidden states after `start` layers to the last ones, and to scores of tags (tokens, tags)."""

    def __init__(self, network: Network, start: int) -> None:
        super().__init__()
        self.layers, self.tags = _layers(network, slice(start, None)), network.tags

    def forward(self, early: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """See the class."""
        hidden = self.layers(early)
        return hidden, self.tags(hidden)


def _layers(network: Network, which: slice) -> nn.Sequential:
    heads = network.bert.config.num_attention_heads
    return nn.Sequential(*(Layer(layer, heads) for layer in network.bert.encoder.layer[which]))
