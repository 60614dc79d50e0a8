"""Which pieces of the starting model's vocabulary are kept: those that Danish and English text uses."""

from __future__ import annotations

import collections
import csv
import json
from collections.abc import Iterator
from pathlib import Path

from models.encoder import e5

MOST = 26_000


def kept(path: Path, model_path: Path, shared: Path) -> list[int]:
    """The same as `keep`, `MOST` of them, made once and written down at `path`."""
    if not path.exists():
        path.write_text(json.dumps(keep(model_path, shared, most=MOST)))
    return list(json.loads(path.read_text()))


def keep(model_path: Path, shared: Path, *, most: int) -> list[int]:
    """Piece ids in ascending order: the four special ones, every single letter, then the most frequent of public texts and lists.

    The passages are left out, so that more of them change no vocabulary; a word whose own piece is cut is read in smaller ones.
    """
    _, pieces, _, _ = e5.read_model(model_path)
    tokenizer = e5.tokenizer(model_path)
    tokenizer.no_truncation()
    counts: collections.Counter[int] = collections.Counter()
    texts = list(_texts(shared))
    for at in range(0, len(texts), 2000):
        for encoding in tokenizer.encode_batch(texts[at:at + 2000], add_special_tokens=False):
            counts.update(encoding.ids)
    letters = [i for i, piece in enumerate(pieces) if len(piece.lstrip("▁")) <= 1 and (piece.lstrip("▁") or " ") < "ӿ"]
    chosen = {0, 1, 2, 3, *letters}
    for piece, _ in counts.most_common():
        if len(chosen) >= most:
            break
        chosen.add(piece)
    return sorted(chosen)


def _texts(shared: Path) -> Iterator[str]:
    for path in sorted((shared / "data" / "raw").rglob("*.t*")):
        rows = path.read_text(encoding="utf-8", errors="replace").splitlines()
        yield from (column for row in rows for column in row.split("\t") if len(column) > 20)
    for path in sorted((shared / "data" / "ner").rglob("*train*")):
        if path.is_file():
            yield from _words(path)
    yield from _lists(shared / "data" / "lists")


def _words(path: Path) -> Iterator[str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for line in lines:
        if line.startswith("# text = "):
            yield line.removeprefix("# text = ")


def _lists(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.[tc]s*v")):
        with path.open(encoding="utf-8", errors="replace") as rows:
            for row in csv.reader(rows, delimiter="\t" if path.suffix == ".tsv" else ","):
                yield " ".join(row)
