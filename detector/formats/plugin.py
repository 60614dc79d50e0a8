"""What a format is: a name, what it is recognised by, and a reader that yields what it finds as it goes.

A reader is a generator, so that what was read before a limit or a defect is kept. It yields

- `Text`: a paragraph;
- `Row`: one row of the table of that name (rows of several tables may alternate);
- `Reason`: why the rest, or something in it, is not read;
- `Defect`: something wrong that did not stop the reading;
- `Reading`: all of something inside that is a part of its own (a member of an archive, an attached message).

It may raise anything: the one handler is in `detector.formats`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from detector.budget import Budget
from detector.records import Cell, Defect, Part, Reading, Reason, Text


class Row(NamedTuple):
    """One row of a table; `table` names it within its document and becomes its `where`."""

    table: str
    cells: tuple[Cell, ...]
    quote: int = 0


BLANK = Cell("")
"""Every empty cell: it needs no place, as nothing is found in it."""

Item = Text | Row | Reason | Defect | Reading
Load = Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Source:
    """What a reader is given: the part, its kind as sniffed, and how to read what lies inside it."""

    part: Part
    kind: str
    budget: Budget
    depth: int
    member: Callable[[str, str | None, Load], Reading] = field(repr=False)
    """Reads one member, given its index, its file name and how to get its bytes; never raises on content."""


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file (or a few that are read alike); `kinds` are the sniffer's words for it."""

    name: str
    kinds: tuple[str, ...]
    endings: tuple[str, ...]
    description: str
    read: Callable[[Source], Iterator[Item]]
    has_tab_lines: bool = False
    """Whether neighbouring paragraphs with tabs in them are the rows of a table."""
    is_own: bool = False
    """Whether it is read by this program's own code alone, which needs no process of its own."""


def row(table: str, texts: list[str], *, number: int, prefix: str = "", quote: int = 0) -> Row:
    """A row of `texts` whose cells are placed by row and column, both from 1.

    >>> row("line 4", ["a", "b"], number=2).cells[1].where
    'row 2, column 2'
    """
    place = f"{prefix}row {number}, column "
    return Row(table, tuple([Cell(text, f"{place}{column}") if text else BLANK for column, text in enumerate(texts, 1)]), quote)
