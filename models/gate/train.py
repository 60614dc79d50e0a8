"""Trains the gate: word vectors distilled from the encoder, a convolution over them, the lines around as context.

    pip install torch==2.13.0 '.[train]'
    python -m models.gate.train --shared ../shared --pipeline models/trained/pipeline --out models/trained/gate

It learns from the corpora which lines tell something of a person, from news, web and mail what ordinary text is like, and from the
encoder what it takes everyday talk to tell. The threshold is set on dev (`threshold.py`).
Fixed seed; some fifteen minutes on one core beside other work.
"""

from __future__ import annotations

import argparse
import collections
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import spacy
import torch
from spacy.language import Language
from torch import nn

from corpora import public
from detector import pipeline
from detector.recognizers import gate, reader
from detector.recognizers.gate import COMPANY, NOTHING, Gate, Rows
from detector.training import lines as corpus
from detector.training import looks
from detector.training.lines import JUDGED
from detector.windows import BEGIN, END
from models.gate import threshold

SEED = 20261125
WIDTH, FILTERS, HIDDEN = 96, 64, 64
"""Of a word's vector; of the convolution and of the company; of the layer before the scores."""
PASSES, DOCUMENTS, RATE = 5, 48, 1e-3
TALK, TOGETHER = 12_000, 8
"""Pairs of sentences of everyday talk, which the encoder judges; how many of them stand together."""
AMID = 0.4
"""Share of the documents that tell something of which a line stands amid ordinary text too, so that what is told in passing is found."""
FOUND = 4.0
"""Times the weight, of a line that tells something."""
LISTS = ("own_compiled_da/*.tsv", "laegehaandbog_stikord/stikord.txt", "icd10cm_en/*.tsv", "wordnet_categories/*.tsv")
COMMON_NAME = 200
"""Bearers of a name that has a vector of its own."""


Told = tuple[float, ...]
"""How far a line tells each judged category, and any: from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Text:
    """Lines that are each other's company: rows of their words, and what each tells (None: not judged)."""

    rows: list[list[int]]
    told: list[Told | None]


class Network(nn.Module):
    """What `detector.recognizers.gate` computes, and a score for each category beside, which are learned with it and not shipped."""

    def __init__(self, vectors: np.ndarray) -> None:
        super().__init__()
        self.words = nn.Embedding.from_pretrained(torch.from_numpy(vectors), freeze=False, padding_idx=NOTHING)
        self.filters = nn.Conv1d(WIDTH, FILTERS, 3, padding=1)
        self.company = nn.Linear(2 * FILTERS, FILTERS)
        self.hidden = nn.Linear(3 * FILTERS, HIDDEN)
        self.scores = nn.Linear(HIDDEN, len(JUDGED) + 1)
        self.dropout = nn.Dropout(0.3)

    def forward(self, rows: torch.Tensor, text_of: torch.Tensor) -> torch.Tensor:
        """Scores (lines, categories + 1) of rows (lines, words) and the number of each line's text; the last score is "any"."""
        mask = (rows > 0).unsqueeze(-1).float()
        seen = torch.relu(self.filters(self.dropout(self.words(rows)).transpose(1, 2))).transpose(1, 2) * mask
        most, mean = seen.max(1).values, seen.sum(1) / mask.sum(1).clamp(min=1)
        texts = int(text_of.max()) + 1
        lines = torch.bincount(text_of, minlength=texts).unsqueeze(-1)
        means = torch.zeros(texts, FILTERS).index_add(0, text_of, mean) / lines
        highest = torch.stack([most[text_of == n].max(0).values for n in range(texts)])
        company = torch.relu(self.company(torch.cat([means, highest], 1)))[text_of]
        return self.scores(torch.relu(self.hidden(self.dropout(torch.cat([most, mean, company], 1)))))  # type: ignore[no-any-return]


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--corpus", type=Path, default=Path("corpora/passages"))
    options.add_argument("--pipeline", type=Path, required=True)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    rng = random.Random(SEED)
    splits = corpus.split(corpus.load(chosen.corpus))
    ordinary = list(strangers(chosen.shared / "data", rng))
    nlp = spacy.load(chosen.pipeline)
    talk = list(imitated(chosen.shared / "data", nlp, rng))
    strange = [j.line.text for text in ordinary for j in text] + [sentence for text in talk for sentence, _ in text]
    known = vocabulary([line.text for line in splits["train"]], strange, chosen.shared / "data" / "lists")
    table, vectors = with_beginnings(known, distilled(known, nlp.get_pipe(pipeline.NAME)))
    network = Network(vectors)
    texts = [Text([table.of(j.line.text) for j in text], [None if j.told is None else told(j.line) for j in text])
             for text in ordinary]
    spoken = [Text([table.of(sentence) for sentence, _ in text], [said for _, said in text]) for text in talk]
    fit(network, table, splits["train"], texts, spoken, rng)
    path = chosen.out / gate.FILE
    save(network, table, path)
    threshold.put(path, splits["dev"])
    report(Gate.load(path), {name: splits[name] for name in ("dev", "test")}, nlp)


# ---------------------------------------------------------------- words


def strangers(data: Path, rng: random.Random) -> Iterator[list[public.Judged]]:
    """Ordinary text, some lines at a time: web and e-mail as they follow one another, news and talk as they come."""
    together = [j for j in public.sentences(data, "ewt-train") if j.is_train]
    loose = [j for name in public.SETS if name != "ewt-train" for j in public.sentences(data, name) if j.is_train]
    rng.shuffle(loose)
    for judged in (together, loose):
        at = 0
        while at < len(judged):
            taken = rng.randint(1, COMPANY // 2)
            yield judged[at : at + taken]
            at += taken


def imitated(data: Path, nlp: Language, rng: random.Random) -> Iterator[list[tuple[str, Told]]]:
    """Everyday talk in both languages, some sentences at a time, with what the encoder takes each to tell."""
    pairs = rng.sample((data / "raw" / "tatoeba_dan_eng" / "dan.txt").read_text("utf-8").splitlines(), TALK)
    sentences = [column for pair in pairs for column in pair.split("\t")[:2]]
    rng.shuffle(sentences)
    groups = [sentences[at : at + TOGETHER] for at in range(0, len(sentences), TOGETHER)]
    labels = pipeline.categories_of(nlp)
    columns = [labels.index(category) for category in JUDGED]
    for group, doc in zip(groups, nlp.pipe(reader.make_doc(nlp, "", group) for group in groups), strict=True):
        odds = doc.user_data["reading"].person[:, columns]
        likely = 1 / (1 + np.exp(-odds))
        yield [(sentence, (*row, max(row))) for sentence, row in zip(group, likely.tolist(), strict=True)]


def vocabulary(told: list[str], ordinary: list[str], lists: Path) -> list[str]:
    """The words that get a vector: all of the corpora, those met twice elsewhere, those of the lists, names that many bear."""
    seen = collections.Counter(word for text in ordinary for word in gate.words(text))
    found = {word for word, times in seen.items() if times > 1} | {word for text in told for word in gate.words(text)}
    for pattern in LISTS:
        found |= {word for path in sorted(lists.glob(pattern)) for word in gate.words(path.read_text("utf-8"))}
    for path in sorted((lists / "dst_names_2023").glob("*.tsv")):
        rows = (row.split("\t") for row in path.read_text("utf-8").splitlines()[1:])
        found |= {word for name, bearers in rows if int(bearers) >= COMMON_NAME for word in gate.words(name)}
    return sorted(word for word in found if len(word) <= 30)


def distilled(known: list[str], encoder: pipeline.Encoder) -> np.ndarray:
    """What the encoder makes of each word when it stands alone, in its `WIDTH` principal components."""
    encodings = encoder.tokenizer.encode_batch(known, add_special_tokens=False)
    vectors = np.stack([encoder.states([BEGIN, *encoding.ids, END])[0][1:-1].mean(0) for encoding in encodings])
    centred = vectors - vectors.mean(0)
    _, _, directions = np.linalg.svd(centred[::4], full_matrices=False)
    reduced = centred @ directions[:WIDTH].T
    return np.asarray(reduced / reduced.std(), np.float32)


def with_beginnings(known: list[str], vectors: np.ndarray) -> tuple[Rows, np.ndarray]:
    """Rows by word, and the vectors with those of nothing, of the unknown and of beginnings, the mean of the words that begin so."""
    by_stem: dict[str, list[int]] = {}
    for n, word in enumerate(known):
        if len(word) > gate.STEM:
            by_stem.setdefault(f"{word[: gate.STEM]}~", []).append(n)
    stems = {stem: numbers for stem, numbers in sorted(by_stem.items()) if len(numbers) > 1}
    table = Rows({word: n for n, word in enumerate(["\n", "?", *known, *stems])})
    none = np.zeros((2, WIDTH), np.float32)
    means = np.stack([vectors[numbers].mean(0) for numbers in stems.values()])
    return table, np.concatenate([none, vectors, means])


# ---------------------------------------------------------------- learning


def fit(network: Network, table: Rows, train: list[corpus.Line], strange: list[Text], talk: list[Text], rng: random.Random) -> None:
    """Passes over the corpora, ordinary text and talk; the rate falls to zero."""
    stand_in = torch.tensor(_stand_ins(table))
    groups = list(corpus.documents(train))
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.01)
    step, started = 0, time.monotonic()
    network.train()
    for number in range(PASSES):
        texts = [*strange, *talk, *(text for group in groups for text in _texts(group, table, strange, rng))]
        rng.shuffle(texts)
        steps = step + (PASSES - number) * (len(texts) // DOCUMENTS)
        total = 0.0
        for start in range(0, len(texts) - DOCUMENTS, DOCUMENTS):
            for settings in optimizer.param_groups:
                settings["lr"] = RATE * max(0.0, 1 - step / steps)
            loss = _loss(network, texts[start : start + DOCUMENTS], stand_in)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total, step = total + loss.item(), step + 1
        print(f"pass {number + 1}/{PASSES}: loss {total * DOCUMENTS / len(texts):.4f}, {time.monotonic() - started:.0f} s", flush=True)
    network.eval()


def _texts(group: Sequence[corpus.Line], table: Rows, strange: list[Text], rng: random.Random) -> Iterator[Text]:
    """A document as the product would cut it, a lone line after what stands before it; now and then a line of it amid ordinary text."""
    heading, titles, body = corpus.parted(group)
    if group[0].doc:
        for start in range(0, len(body), COMPANY):
            lines = [*titles, *body[start : start + COMPANY]]
            yield Text([table.of(line.text) for line in lines], [told(line) for line in lines])
    else:
        above = [table.of(heading)] if heading else []
        yield Text([*above, table.of(group[0].text)], [*(None for _ in above), told(group[0])])
    telling = [line for line in body if told(line)[-1]]
    if telling and rng.random() < AMID:
        yield _amid(rng.choice(telling), table, rng.choice(strange), rng)


def _amid(line: corpus.Line, table: Rows, ordinary: Text, rng: random.Random) -> Text:
    """Ordinary text with one line in it that tells something; only that line is judged."""
    at = rng.randint(0, len(ordinary.rows))
    rows = [*ordinary.rows[:at], table.of(line.text), *ordinary.rows[at:]]
    return Text(rows, [*(None for _ in ordinary.rows[:at]), told(line), *(None for _ in ordinary.rows[at:])])


def told(line: corpus.Line) -> Told:
    """What the line tells of a person that needs reading."""
    each = [float(category in line.person) for category in JUDGED]
    return (*each, max(each))


def _stand_ins(table: Rows) -> list[int]:
    """For each row the one that would stand for its word if it had none."""
    return [table.stand_in(word.rstrip("~")) for word in table]


def _loss(network: Network, texts: list[Text], stand_in: torch.Tensor) -> torch.Tensor:
    lines = [row for text in texts for row in text.rows]
    most = max(1, *map(len, lines))
    rows = torch.tensor([row + [NOTHING] * (most - len(row)) for row in lines])
    rows = torch.where((torch.rand(rows.shape) < 0.1) & (rows > 0), stand_in[rows], rows)
    text_of = torch.tensor([n for n, text in enumerate(texts) for _ in text.rows])
    nothing = (0.0,) * (len(JUDGED) + 1)
    wanted = torch.tensor([t or nothing for text in texts for t in text.told])
    weights = torch.tensor([float(t is not None) for text in texts for t in text.told]).unsqueeze(-1)
    weights = weights * (1 + (FOUND - 1) * wanted)
    losses = nn.functional.binary_cross_entropy_with_logits(network(rows, text_of), wanted, reduction="none") * weights
    by_score = losses.sum(0) / weights.sum(0)
    return by_score[-1] + 0.3 * by_score[:-1].sum()


# ---------------------------------------------------------------- what is shipped


def arrays(network: Network) -> dict[str, np.ndarray]:
    """The layers by the names that the product knows; only the score of "any" of those."""
    state = {name: value.detach().numpy() for name, value in network.state_dict().items()}
    return {
        "filters": np.stack([state["filters.weight"][:, :, n].T for n in range(3)]), "bias": state["filters.bias"],
        "company_weight": state["company.weight"].T, "company_bias": state["company.bias"],
        "hidden_weight": state["hidden.weight"].T, "hidden_bias": state["hidden.bias"],
        "score_weight": state["scores.weight"][-1], "score_bias": state["scores.bias"][-1],
    }  # fmt: skip


def save(network: Network, table: Rows, path: Path) -> None:
    """The words' vectors in eight bits; no threshold yet."""
    vectors = network.words.weight.detach().numpy()
    scale = np.abs(vectors).max(1, keepdims=True).clip(1e-6) / 127
    small = np.rint(vectors / scale).astype(np.int8)
    known = np.frombuffer("\n".join(["", *list(table)[1:]]).encode(), np.uint8)
    words = {"words": known, "vectors": small, "scale": scale.astype(np.float32)}
    threshold.save(path, {"threshold": np.float32(0), **words, **arrays(network)})


def report(fitted: Gate, splits: dict[str, list[corpus.Line]], nlp: Language) -> None:
    """Prints what is read of what the encoder finds, of what is told and of all lines, and megabytes of text a second."""
    for name, lines in splits.items():
        is_found, is_told = looks.finds(looks.seen(lines, nlp)), threshold.told(lines)
        started = time.perf_counter()
        scores = np.concatenate(fitted.scores(threshold.texts_of(lines)))
        speed = sum(len(line.text.encode()) for line in lines) / 1e6 / (time.perf_counter() - started)
        for least in (fitted.threshold, *(np.quantile(scores[is_found], 1 - recall) for recall in (0.98, 0.985, 0.995))):
            is_read = scores >= least
            print(f"{name} at {least:.2f}: read of found {is_read[is_found].mean():.4f}, of told {is_read[is_told].mean():.4f}, "
                  f"of all {is_read.mean():.3f}, of the rest {is_read[~is_told].mean():.3f}, {speed:.1f} MB/s")


if __name__ == "__main__":
    main()
