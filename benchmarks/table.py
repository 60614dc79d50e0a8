"""The committed tables: each benchmark appends its own rows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def append(path: Path, head: str, rows: Iterable[str]) -> None:
    """Adds rows of Markdown to a table, which begins with `head` where it is not there yet."""
    if not path.exists():
        path.write_text(head, "utf-8")
    with path.open("a", encoding="utf-8") as table:
        table.writelines(f"{row}\n" for row in rows)
