"""Labelled lines of the project's corpora: reading, splitting, near-duplicates.

A line is judged in its context; lines that share a `doc` are one document in reading order. Format: `GUIDE.md` beside this file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
SENSITIVE = ("race_ethnicity", "beliefs", "union_membership", "genetic", "biometric", "health", "sexual", "criminal")
CONFIDENTIAL = ("cpr", "private_address", "private_email", "private_phone", "other_private", "personality_test", "civil_status", "adoption",
                "grades")
CATEGORIES = SENSITIVE + CONFIDENTIAL
JUDGED = tuple(c for c in CATEGORIES if c not in ("cpr", "private_address", "private_email", "private_phone"))
"""Categories that need reading; the other four are found by rules."""
KINDS = ("mail", "chat", "letter", "minutes", "form", "record", "table", "blank-form", "notice", "programme", "theses", "newsletter",
         "teaching", "research", "survey", "code", "table-other")


@dataclass(frozen=True, slots=True)
class Line:
    """One judged sentence or passage; `doc` and `kind` are "" where the line stands alone."""

    text: str
    before: str
    lang: str
    person: tuple[str, ...]
    topic: tuple[str, ...]
    genre: str
    implicit: bool
    writer: str
    doc: str = ""
    kind: str = ""

    @property
    def is_title(self) -> bool:
        """A document's title is judged too, and stands before all its lines."""
        return self.genre == "title"


def load(folder: Path = HERE / "passages") -> list[Line]:
    """All lines of all files, in the order of names and lines."""
    rows = (json.loads(raw) for path in sorted(folder.glob("*.jsonl")) for raw in path.read_text("utf-8").split("\n") if raw.strip())
    return [Line(**_tuples(row)) for row in rows]


def _tuples(row: dict[str, object]) -> dict[str, object]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def group_of(line: Line) -> str:
    """What may not be cut by a split: ten documents that were written one after another (twins among them), or one writer's genre.

    >>> line = Line("", "", "da", (), (), "chat", False, "c1", "c1-019", "chat")
    >>> group_of(line), group_of(Line("", "", "da", (), (), "chat", False, "t1"))
    ('c1-01', 't1|chat')
    """
    return line.doc[:-1] if line.doc else f"{line.writer}|{line.genre}"


def split_of(line: Line) -> str:
    """"train", "dev" or "test", by group."""
    number = int.from_bytes(hashlib.sha256(group_of(line).encode()).digest()[:4], "big") % 100
    return "test" if number < 11 else "dev" if number < 23 else "train"


def split(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """Lines by split; a line of train that is nearly one of dev or test is left out, and one of dev that is nearly one of test."""
    parts: dict[str, list[Line]] = {"train": [], "dev": [], "test": []}
    for line in lines:
        parts[split_of(line)].append(line)
    held_out: set[int] = set()
    for later, earlier in (("test", "dev"), ("dev", "train")):
        held_out |= {s for line in parts[later] for s in shingles(line.text)}
        parts[earlier] = [line for line in parts[earlier] if not is_near(shingles(line.text), held_out)]
    return parts


def shingles(text: str, *, width: int = 4) -> set[int]:
    """Hashes of all runs of `width` words.

    >>> len(shingles("Hun er startet i kemo i mandags"))
    4
    """
    words = re.findall(r"\w+", text.lower())
    runs = (" ".join(words[i:i + width]) for i in range(max(1, len(words) - width + 1)))
    return {int.from_bytes(hashlib.blake2b(run.encode(), digest_size=8).digest(), "big") for run in runs}


def is_near(mine: set[int], theirs: set[int]) -> bool:
    """Whether more than half of the runs stand in the others too; a line of few words is near nothing.

    >>> is_near(shingles("Hun er startet i kemo i mandags"), shingles("Hun er startet i kemo i tirsdags"))
    True
    >>> is_near(shingles("Med venlig hilsen"), shingles("Med venlig hilsen"))
    False
    """
    return len(mine) > 2 and len(mine & theirs) > 0.5 * len(mine)


def documents(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """Lines grouped by document, in order; a line without one is a group of its own."""
    group: list[Line] = []
    for line in lines:
        if group and (not line.doc or line.doc != group[-1].doc):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def parted(group: Sequence[Line]) -> tuple[str, list[Line], list[Line]]:
    """What stands over a document or a lone line; the document's title as a line, where it has one; the other lines.

    >>> title, line = (Line(t, "", "da", (), (), g, False, "c1", "c1-019", "mail") for t, g in (("Emne: ferie", "title"), ("Hej", "mail")))
    >>> parted([title, line]) == ("Emne: ferie", [title], [line])
    True
    """
    titles = [line for line in group if line.is_title]
    heading = titles[0].text if titles else "" if group[0].doc else group[0].before
    return heading, titles, [line for line in group if not line.is_title]
