"""The committed tables: each benchmark appends its own rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path


def append(path: Path, intro: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Adds rows to a table of Markdown, which begins with `intro` and the columns' names where it is not there yet."""
    if not path.exists():
        path.write_text(f"{intro}\n\n{line(columns)}\n{'|---' * len(columns)}|\n", "utf-8")
    with path.open("a", encoding="utf-8") as table:
        table.writelines(f"{line(row)}\n" for row in rows)


def line(cells: Iterable[object]) -> str:
    """One row of Markdown.

    >>> line(("a", 1))
    '| a | 1 |'
    """
    return f"| {' | '.join(map(str, cells))} |"
