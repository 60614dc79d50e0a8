"""Tables that are drawn with tabs, blanks or "|" in plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from detector.formats.plugin import Item, Row, row
from detector.records import Text

_MAX_CELL = 60
"""Characters of a cell in a table made of blanks; longer ones are prose."""
_MAX_TABBED_CELL = 300
_RULE = re.compile(r"[-=+:|_ \t]{3,}\Z")
_GAP = re.compile(r"[ \xa0]{2,}")
_TABS = re.compile(r"\t+")
_BULLET = re.compile(r"(?:[-*•·–o]|\(?[0-9a-zA-Z]{1,3}[.)])\Z")

Cut = Callable[[str], list[str]]


def blocks(lines: Sequence[str], *, first: int, quote: int) -> Iterator[Item]:
    """One paragraph, whose first line is number `first`, as text and rows of tables.

    >>> [type(each).__name__ for each in blocks(["Navn\\tCPR", "Bo\\t1", "Hej"], first=1, quote=0)]
    ['Row', 'Row', 'Text']
    """
    begun = at = 0
    is_drawn = lines[0] != "--" and not lines[0].startswith("-- ") and len(lines) > 1
    while is_drawn and at < len(lines) - 1:
        table, end = _table(lines, at)
        if not table:
            at = max(end, at + 1)  # lines looked at and rejected are not looked at again
            continue
        if at > begun:
            yield _text(lines[begun:at], first + begun, quote)
        name = f"line {first + at}"
        for number, cells in enumerate(table, 1):
            yield row(name, cells, number=number, quote=quote)
        begun = at = end
    if begun < len(lines):
        yield _text(lines[begun:], first + begun, quote)


def tabbed(items: Iterable[Text | list[Row]]) -> Iterator[Text | list[Row]]:
    """The same blocks, with neighbouring paragraphs that hold the same number of tabs made a table."""
    run: list[Text] = []
    for item in items:
        if isinstance(item, Text) and "\t" in item.text and "\n" not in item.text.strip("\n"):
            if run and (run[0].where.rstrip("0123456789") != item.where.rstrip("0123456789") or run[0].quote != item.quote):
                yield from _run(run)
                run = []
            run.append(item)
            continue
        if run:
            yield from _run(run)
            run = []
        yield item
    yield from _run(run)


def _run(run: list[Text]) -> Iterator[Text | list[Row]]:
    at = 0
    lines = [each.text for each in run]
    while at < len(run):
        table, end = _table(lines, at) if at < len(run) - 1 else ([], at)
        if table:
            first = run[at]
            yield [
                row(first.where, cells, number=number, prefix=f"{first.where}, ", quote=first.quote)
                for number, cells in enumerate(table, 1)
            ]
        end = max(end, at + 1)
        if not table:
            yield from run[at:end]
        at = end


def _text(lines: Sequence[str], first: int, quote: int) -> Text:
    return Text("\n".join(lines), f"line {first}", quote)


def _table(lines: Sequence[str], at: int) -> tuple[list[list[str]], int]:
    """Rows of the table that begins at line `at`, and the line after it; no rows where that is no table."""
    line = lines[at]
    if "|" in line:
        return _checked(_rows(lines, at, _cut_pipes, _MAX_TABBED_CELL), at)
    if "\t" in line:
        exact = _checked(_rows(lines, at, _cut_tabs, _MAX_TABBED_CELL), at)
        return exact if exact[0] else _checked(_rows(lines, at, _cut_tab_runs, _MAX_TABBED_CELL), at)
    if "  " in line or "\xa0" in line:
        rows, end = _checked(_rows(lines, at, _cut_gaps, _MAX_CELL), at)
        if len(rows) == 2 and len(rows[0]) == 2 and not _is_aligned(lines[at:end]):
            return [], end
        return rows, end
    return [], at


def _rows(lines: Sequence[str], at: int, cut: Cut, max_cell: int) -> tuple[list[list[str]], int]:
    rows: list[list[str]] = []
    for end, line in enumerate(lines[at:], at):
        if _RULE.match(line):
            continue
        cells = cut(line)
        if len(cells) < 2 or (rows and len(cells) != len(rows[0])) or any(len(cell) > max_cell for cell in cells):
            return rows, end
        rows.append(cells)
    return rows, len(lines)


def _checked(found: tuple[list[list[str]], int], at: int) -> tuple[list[list[str]], int]:
    """No rows where they are one only, a list with bullets, or "name: value" lines, which read better as text."""
    rows, end = found
    if len(rows) < 2:
        return [], at
    firsts = [cells[0] for cells in rows]
    is_pair = len(rows[0]) == 2
    is_list = all(_BULLET.match(cell) for cell in firsts) or (is_pair and all(cell.endswith(":") for cell in firsts))
    return ([], end) if is_list or (is_pair and not all(any(cells) for cells in rows)) else (rows, end)


def _cut_pipes(line: str) -> list[str]:
    if "|" not in line:
        return []
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _cut_tabs(line: str) -> list[str]:
    cells = [cell.strip() for cell in line.split("\t")]
    return cells if any(cells) else []


def _cut_tab_runs(line: str) -> list[str]:
    return _TABS.split(line.strip("\t ")) if "\t" in line else []


def _cut_gaps(line: str) -> list[str]:
    """Cells between gaps of two blanks and more; a gap after the end of a sentence is none."""
    line = line.strip()
    cells = _GAP.split(line)
    if any(cell.endswith((".", "!", "?", ",")) for cell in cells[:-1]):
        return []
    return cells


def _is_aligned(lines: Sequence[str]) -> bool:
    """Whether the second columns begin at the same place."""
    starts = [match.end() for match in (_GAP.search(line.rstrip(), len(line) - len(line.lstrip())) for line in lines) if match is not None]
    return all(one == other for one, other in pairwise(starts))


__all__ = ["Row", "blocks", "tabbed"]
