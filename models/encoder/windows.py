"""Windows: what the encoder reads at once. `<s> title </s> line </s> line </s>`, as the product builds them too."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from tokenizers import Encoding, Tokenizer

from corpora.names import Sentence
from detector.training.lines import CATEGORIES, KINDS, Line, documents, parted
from detector.windows import BEGIN, END, MOST_TOKENS, pack
from models.encoder.network import TAGS

ORDINARY = 0.5
"""Share of the documents without any of the categories that are drawn for each pass."""
AGAIN = 0.05
"""Share of the documents that are known already that are drawn."""
LEAST_THINNED = 0.1
"""Share of a document's lines that are left out at least, so that no line is always read in the same company."""


@dataclass(frozen=True, slots=True)
class Window:
    """Piece ids, the line each token is of (-1 none), and what is known: labels by line, the kind, tags by token (-100 unknown)."""

    ids: list[int]
    line_of: list[int]
    person: list[list[float] | None]
    topic: list[list[float] | None]
    kind: int
    tags: list[int]
    is_other: bool = False
    """Whether the names are marked by other rules than those of the product."""
    document: str = ""
    """What the document is known by; "" for public sentences."""


def of_lines(group: Sequence[Line], tokenizer: Tokenizer, *, around: tuple[str, str] = ("", "")) -> Iterator[Window]:
    """A document in as many windows as it takes, its title first in each; a lone line after its `before`, between plain lines."""
    heading, titles, body = parted(group)
    head: list[tuple[str, Line | None]] = [(heading, titles[0] if titles else None)] if heading else []
    segments: list[tuple[str, Line | None]] = [(line.text, line) for line in body]
    if not group[0].doc:
        segments = [s for s in [(around[0], None), *segments, (around[1], None)] if s[0]]
    kind = KINDS.index(group[0].kind) if group[0].kind else -100
    for part in _cut(head, segments, tokenizer):
        yield _window(part, kind, _name(group))


def _cut(
    head: list[tuple[str, Line | None]], segments: list[tuple[str, Line | None]], tokenizer: Tokenizer
) -> Iterator[list[tuple[Encoding, Line | None]]]:
    lines = [line for _, line in [*head, *segments]]
    encodings = _encoded([text for text, _ in [*head, *segments]], tokenizer, most=MOST_TOKENS // 2)
    for taken in pack([len(encoding.ids) for encoding in encodings], len(head)):
        yield [(encodings[n], lines[n]) for n in [*range(len(head)), *taken]]


def _window(segments: list[tuple[Encoding, Line | None]], kind: int, document: str) -> Window:
    ids, line_of, tags = _joined(segments)
    vectors = [(_vector(line.person), _vector(line.topic)) if line else (None, None) for _, line in segments]
    return Window(ids, line_of, [p for p, _ in vectors], [t for _, t in vectors], kind, tags, document=document)


def _joined(segments: Sequence[tuple[Encoding, Sentence | Line | None]]) -> tuple[list[int], list[int], list[int]]:
    """Piece ids, the segment that each is of, and tags, one segment after the other."""
    ids, line_of, tags = [BEGIN], [-1], [-100]
    for number, (encoding, marked) in enumerate(segments):
        ids += [*encoding.ids, END]
        line_of += [number] * len(encoding.ids) + [-1]
        tags += [*_tags(marked, encoding.offsets), -100]
    return ids, line_of, tags


def _vector(categories: Iterable[str]) -> list[float]:
    return [float(c in categories) for c in CATEGORIES]


def of_sentences(judged: Sequence[tuple[Sentence, tuple[str, ...] | None]], tokenizer: Tokenizer, *, is_other: bool = False) -> Window:
    """Some public sentences, one line each, with their names and with the categories that each tells of a person, where known."""
    encodings = _encoded([s.text for s, _ in judged], tokenizer, most=MOST_TOKENS // 2 - 2)
    ends = list(accumulate((len(encoding.ids) + 1 for encoding in encodings), initial=1))
    fit = next((n for n in range(1, len(encodings)) if ends[n + 1] > MOST_TOKENS), len(encodings))
    ids, line_of, tags = _joined([(encoding, s) for encoding, (s, _) in zip(encodings[:fit], judged, strict=False)])
    person = [None if told is None else _vector(told) for _, told in judged[:fit]]
    return Window(ids, line_of, person, [None] * fit, -100, tags, is_other)


def _encoded(texts: list[str], tokenizer: Tokenizer, *, most: int) -> list[Encoding]:
    """Each text in so many pieces at most."""
    encodings: list[Encoding] = tokenizer.encode_batch(texts, add_special_tokens=False)
    for encoding in encodings:
        encoding.truncate(most)
    return encodings


def _tags(marked: Sentence | Line | None, offsets: list[tuple[int, int]]) -> list[int]:
    if marked is None or marked.names is None:
        return [-100] * len(offsets)
    found, last = [], None
    for start, end in offsets:
        while start < end and marked.text[start].isspace():
            start += 1
        name = next((n for n in marked.names if n[0] < end and start < n[1] and start < end), None)
        found.append(TAGS.index(f"{'I' if name is last else 'B'}-{name[2]}") if name else 0)
        last = name
    return found


def batches(windows: list[Window], rng: random.Random, *, tokens: int = 1200) -> list[list[Window]]:
    """Windows of like length together, so many padded tokens a batch, in random order."""
    order = sorted(windows, key=lambda w: len(w.ids) + rng.random() * 8)
    groups: list[list[Window]] = [[]]
    for window in order:
        if groups[-1] and max(len(window.ids), len(groups[-1][-1].ids)) * (len(groups[-1]) + 1) > tokens:
            groups.append([])
        groups[-1].append(window)
    rng.shuffle(groups)
    return groups


def lone_lines(lines: list[Line]) -> list[Line]:
    """Ordinary lines that can stand around another one."""
    return [line for line in lines if not line.person and not line.topic and not line.before]


def category_windows(
    lines: list[Line], tokenizer: Tokenizer, rng: random.Random | None = None, *, known: frozenset[str] = frozenset()
) -> list[Window]:
    """All windows of some lines; with `rng`, as for a pass: ordinary documents and `known` ones are drawn, lone lines get neighbours now
    and then, and documents miss a line here and there."""
    plain, found = lone_lines(lines), []
    for group in documents(lines):
        if rng and rng.random() >= _share(group) * (AGAIN if _name(group) in known else 1.0):
            continue
        around = tuple(rng.choice(plain).text if rng and plain and rng.random() < 0.25 else "" for _ in range(2))
        found += list(of_lines(_thinned(group, rng) if rng else group, tokenizer, around=(around[0], around[1])))
    return found


def _share(group: list[Line]) -> float:
    return 1.0 if any(line.person or line.topic for line in group) else ORDINARY


def _name(group: Sequence[Line]) -> str:
    """What a document is known by from one pass to the next, whatever case it is read in."""
    return group[0].doc or group[0].text.lower()


def _thinned(group: list[Line], rng: random.Random) -> list[Line]:
    """A document without some of its lines: half of the time hardly any, else up to all that tell nothing, as after the gate."""
    share = LEAST_THINNED if rng.random() < 0.5 else rng.uniform(LEAST_THINNED, 1.0)
    dropped = {True: LEAST_THINNED, False: share}
    kept = [line for line in group if rng.random() >= dropped[bool(line.person)] * (0.5 if line.topic else 1.0)]
    return kept or group
