"""Labelled lines: reading, splitting, near-duplicates.

A line is judged in its context; lines that share a `doc` are one document in reading order. Format: `corpora/GUIDE.md`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from detector.records import DetectorError

SENSITIVE = ("race_ethnicity", "beliefs", "union_membership", "genetic", "biometric", "health", "sexual", "criminal")
CONFIDENTIAL = ("cpr", "private_address", "private_email", "private_phone", "other_private", "personality_test", "civil_status", "adoption",
                "grades")
CATEGORIES = SENSITIVE + CONFIDENTIAL
JUDGED = tuple(c for c in CATEGORIES if c not in ("cpr", "private_address", "private_email", "private_phone"))
"""Categories that need reading; the other four are found by rules."""
LABELS = ("PER", "ORG", "LOC")
"""Of names."""
KINDS = ("mail", "chat", "letter", "minutes", "form", "record", "table", "blank-form", "notice", "programme", "theses", "newsletter",
         "teaching", "research", "survey", "code", "table-other")

AGAINST_A_MODEL = re.compile(r"u\d+")
"""Writers who saw what a model made of their lines, and wrote more of what it missed: it would be judged by its own faults."""


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
    names: tuple[tuple[int, int, str], ...] | None = None
    """(start, end, label) in characters; None where names are not marked."""

    @property
    def is_title(self) -> bool:
        """A document's title is judged too, and stands before all its lines."""
        return self.genre == "title"


def load(*paths: Path) -> list[Line]:
    """All lines of some files, and of the `.jsonl` files of some folders, in the order of names and lines.

    Raises DetectorError naming file and line, where one is not as the guide says.
    """
    found = [line for path in paths for file in _files(path) for line in _lines(file)]
    if not found:
        raise DetectorError(f"{', '.join(map(str, paths))}: no labelled lines")
    return found


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise DetectorError(f"{path}: no such file or folder of labelled lines (.jsonl)")
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def _lines(file: Path) -> Iterator[Line]:
    try:
        rows = file.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DetectorError(f"{file}: cannot be read as UTF-8 text ({type(error).__name__})") from None
    for number, raw in enumerate(rows, 1):
        if raw.strip():
            try:
                row = json.loads(raw)
            except json.JSONDecodeError:
                raise DetectorError(f"{file}:{number}: is not a line of JSON") from None
            problem = problem_of(row)
            if problem:
                raise DetectorError(f"{file}:{number}: {problem}")
            yield _line(row)


def _line(row: dict[str, Any]) -> Line:
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    if "names" in values:
        values["names"] = tuple(map(tuple, values["names"]))
    return Line(**values)


def problem_of(row: Any) -> str:
    """What is wrong with a row, in a few words; "" where nothing is.

    >>> row = {"text": "Hej", "before": "", "lang": "da", "topic": [], "genre": "mail", "implicit": False, "writer": "x"}
    >>> problem_of(row | {"person": ["flu"]})
    "person holds 'flu', which is none of the categories (see corpora/GUIDE.md)"
    """
    if not isinstance(row, dict):
        return "is not an object"
    known = {field.name: field.type for field in fields(Line)}
    missing = [name for name in known if name not in row and name not in ("doc", "kind", "names")]
    if missing or set(row) - set(known):
        return f"fields missing: {', '.join(missing) or 'none'}; unknown: {', '.join(sorted(set(row) - set(known))) or 'none'}"
    for name, kind in known.items():
        wanted = {"str": str, "bool": bool}.get(str(kind), list)
        if not isinstance(row.get(name, wanted()), wanted):
            return f"{name} is not of type {wanted.__name__}"
    for name in ("person", "topic"):
        for category in row[name]:
            if category not in CATEGORIES:
                return f"{name} holds {category!r}, which is none of the categories (see corpora/GUIDE.md)"
    if row.get("kind", "") not in ("", *KINDS):
        return f"kind is {row['kind']!r}; allowed: {', '.join(KINDS)}"
    if not all(_is_name(name, row["text"]) for name in row.get("names", ())):
        return f"names holds what is no [start, end, label] within the text; labels: {', '.join(LABELS)}"
    return "" if row["text"].strip() else "text is empty"


def _is_name(name: Any, text: str) -> bool:
    match name:
        case [int(start), int(end), str(label)]:
            return label in LABELS and 0 <= start < end <= len(text)
        case _:
            return False


def group_of(line: Line) -> str:
    """What may not be cut by a split: ten documents that were written one after another (twins among them), or one writer's genre.

    >>> line = Line("", "", "da", (), (), "chat", False, "c1", "c1-019", "chat")
    >>> group_of(line), group_of(Line("", "", "da", (), (), "chat", False, "t1"))
    ('c1-01', 't1|chat')
    """
    return line.doc[:-1] if line.doc else f"{line.writer}|{line.genre}"


def split_of(line: Line) -> str:
    """"train", "dev" or "test", by group; what was written against a model is trained on only."""
    if AGAINST_A_MODEL.fullmatch(line.writer):
        return "train"
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
