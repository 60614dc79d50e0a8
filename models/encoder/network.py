"""The network that is trained: the starting model's layers, with readings of lines on the way down and one at the end."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from detector.judge import SHARPEST
from detector.training.lines import CATEGORIES, KINDS, LABELS
from models.encoder import e5

TAGS = ("O", *(f"{prefix}-{label}" for label in LABELS for prefix in "BI"))

RARE = -4.0
"""Log-odds of a category before anything is known of a line; about its share in the corpora."""

GLANCES = (3, 6)
"""Layers after which a glance is taken at a window; the next are run only where it sees something."""


class Dropout(nn.Module):
    """Dropout whose masks are cut out of one long random row: drawing each anew takes a third of a step of training on a CPU."""

    LENGTH = 2**23
    """Of the row; the values of one layer for a batch are some 500,000."""

    def __init__(self, share: float = 0.1) -> None:
        super().__init__()
        row = (torch.rand(self.LENGTH) >= share) / (1 - share)
        self.register_buffer("row", row.to(torch.bfloat16), persistent=False)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """The values, a share of which is nought in training, the others the larger."""
        if not self.training:
            return values
        at = int(torch.randint(self.LENGTH - values.numel(), ()))
        return values * self.row[at:at + values.numel()].view(values.shape).to(values.dtype)


class Judge(nn.Module):
    """What the lines of a window tell: categories about a person, and as a topic.

    A line is seen as its mean beside the window's first vector; and for each category, those of its tokens that the category seeks say by
    their own values how much they speak for it, so that a word told in passing is not lost in a long line.
    """

    def __init__(self, width: int, dropout: Dropout) -> None:
        super().__init__()
        self.person = nn.Linear(2 * width, len(CATEGORIES))
        self.topic = nn.Linear(2 * width, len(CATEGORIES))
        for head in (self.person, self.topic):
            nn.init.constant_(head.bias, RARE)  # else the first passes go into learning that most lines say nothing
        self.seek = nn.Linear(width, 2 * len(CATEGORIES))
        self.value = nn.Linear(width, 2 * len(CATEGORIES), bias=False)
        self.dropout = dropout

    def forward(self, hidden: torch.Tensor, line_of: torch.Tensor, lines: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Person and topic scores (batch, lines, categories) of hidden states (batch, tokens, width).

        `line_of` (batch, tokens) says which line a token belongs to, -1 for none.
        """
        one_hot = nn.functional.one_hot(line_of.clamp(min=-1) + 1, lines + 1)[..., 1:].to(hidden.dtype)
        sums = torch.einsum("btw,btl->blw", hidden, one_hot)
        means = sums / one_hot.sum(1).clamp(min=1).unsqueeze(-1)
        both = self.dropout(torch.cat([means, hidden[:, :1].expand_as(means)], -1))
        dropped = self.dropout(hidden)
        shares = torch.exp(SHARPEST * torch.tanh(self.seek(dropped) / SHARPEST))
        spoken = torch.einsum("btc,btl->blc", shares * self.value(dropped), one_hot)
        person, topic = (spoken / torch.einsum("btc,btl->blc", shares, one_hot).clamp(min=1e-6)).chunk(2, -1)
        return self.person(both) + person, self.topic(both) + topic


class Network(nn.Module):
    """Token tags, the categories of each line, at each glance and read in full, and the kind of text of the window.

    Sets that mark names by other rules than the ones the product is measured by have tags of their own, which are not shipped.
    """

    def __init__(self, model_path: Path, kept: list[int], *, layers: int = 12) -> None:
        super().__init__()
        self.bert = e5.bert_model(str(model_path), kept)
        self.bert.encoder.layer = self.bert.encoder.layer[:layers]
        self.bert.config.num_hidden_layers = layers
        self.dropout = self.bert.embeddings.dropout = Dropout()
        for layer in self.bert.encoder.layer:
            layer.attention.output.dropout = layer.output.dropout = self.dropout
        width = self.bert.config.hidden_size
        self.tags, self.other_tags = nn.Linear(width, len(TAGS)), nn.Linear(width, len(TAGS))
        self.kind = nn.Linear(width, len(KINDS))
        self.glances = nn.ModuleList(Judge(width, self.dropout) for _ in GLANCES)
        self.read = Judge(width, self.dropout)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> list[torch.Tensor]:
        """Hidden states (batch, tokens, width) after the layers of each glance and after all."""
        states = self.bert(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        return [states[layers] for layers in (*GLANCES, -1)]

    def freeze(self, layers: int) -> None:
        """Lets the embeddings and the first so many layers be as they are, and drops nothing out there."""
        kept = self.bert.encoder.layer[:layers]
        for p in (*self.bert.embeddings.parameters(), *kept.parameters()):
            p.requires_grad_(False)
        self.bert.embeddings.dropout = nn.Identity()
        for layer in kept:
            layer.attention.output.dropout = layer.output.dropout = nn.Identity()

    def names(self, hidden: torch.Tensor, is_other: torch.Tensor) -> torch.Tensor:
        """Tag scores (batch, tokens, tags) of the last hidden states; `is_other` (batch,) says where names are marked by other rules."""
        dropped = self.dropout(hidden)
        return torch.where(is_other[:, None, None], self.other_tags(dropped), self.tags(dropped))

    def kinds(self, hidden: torch.Tensor) -> torch.Tensor:
        """Scores of the kinds of text (batch, kinds) of the last hidden states."""
        return self.kind(self.dropout(hidden[:, 0]))  # type: ignore[no-any-return]

    def heads(self) -> list[nn.Parameter]:
        """The parameters that no starting model has."""
        return [p for layer in (self.tags, self.other_tags, self.kind, self.glances, self.read) for p in layer.parameters()]
