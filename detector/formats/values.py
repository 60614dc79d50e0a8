"""Trees of named values, as JSON and XML hold them: records that are alike as tables, all else as "name: value"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from detector.budget import Budget
from detector.formats.plugin import Item, Row, row
from detector.records import Text

Value = Any
"""A dict of values, a list of values, a text, True, False or None; numbers are texts as they were written."""

_MAX_COLUMNS = 200
_MAX_BLANKS = 4
"""Cells of a table for each that is filled; a sparser one is read record by record."""
_MAX_PREFIX = 60
"""Characters of a name that is told with each value under it."""
_LINES = 50


def merged(pairs: Iterable[tuple[str, Value]]) -> dict[str, Value]:
    """A dict in which a name that comes again has a list of its values: no value is lost."""
    found: dict[str, Value] = {}
    again: dict[str, list[Value]] = {}
    for name, value in pairs:
        if name in again:
            again[name].append(value)
        elif name in found:
            again[name] = found[name] = [found[name], value]
        else:
            found[name] = value
    return found


def blocks(value: Value, *, budget: Budget) -> Iterator[Item]:
    """Tables "table 1" and paragraphs "item 4", in the order of the file. Depth costs no stack."""
    waiting: list[tuple[str, Value]] = [("", value)]
    tables = items = 0
    while waiting:
        budget.check_time()
        name, value = waiting.pop()
        rows = _table(value)
        if rows is not None:
            tables += 1
            yield from _rows(rows, f"table {tables}", name)
            continue
        texts, inner = _apart(name, value)
        for text in texts:
            items += 1
            yield Text(text, f"item {items}")
        waiting += reversed(inner)


def _apart(name: str, value: Value) -> tuple[list[str], list[tuple[str, Value]]]:
    """Paragraphs of what stands directly in a value, and what is deeper in it."""
    if isinstance(value, dict):
        flat = {key: text for key, each in value.items() if (text := _cells(key, each)) is not None}
        lines = [f"{key}: {text}" if key else text for cells in flat.values() for key, text in cells.items() if text or key]
        inner = [(key, each) for key, each in value.items() if key not in flat]
    elif isinstance(value, list):
        lines = [_shown(each) for each in value if not isinstance(each, dict | list)]
        inner = [("", each) for each in value if isinstance(each, dict | list)]
    else:
        lines, inner = [_shown(value)], []
    lines = [line for line in lines if line]
    if name:
        lines.insert(0, f"{_shown(name)}:")
    return ["\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES)], inner


def _table(value: Value) -> list[list[str]] | None:
    """Rows with their header, where the value is a list of records, of rows, or records under a key each."""
    if isinstance(value, dict) and len(value) > 1 and all(isinstance(each, dict) for each in value.values()):
        if not _alike(value.values()):
            return None
        records = [_record(each) for each in value.values()]
        return _grid([{"key": _shown(key), **each} if each is not None else None for key, each in zip(value, records, strict=True)])
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(each, dict) for each in value):
        return _grid([_record(each) for each in value])
    if len(value) > 1 and all(isinstance(each, list) and each and not _is_deep(each) for each in value):
        return [[_shown(cell) for cell in each] for each in value]
    return None


def _alike(records: Iterable[dict[str, Value]]) -> bool:
    names = [set(each) for each in records]
    return bool(set.intersection(*names))


def _grid(records: list[dict[str, str] | None]) -> list[list[str]] | None:
    columns: dict[str, None] = {}
    filled = 0
    for record in records:
        if record is None or len(columns) > _MAX_COLUMNS:
            return None
        columns |= dict.fromkeys(record)
        filled += len(record)
    if not columns or len(columns) * len(records) > _MAX_BLANKS * filled:
        return None
    return [list(columns), *([record.get(column, "") for column in columns] for record in records if record)]


def _record(value: dict[str, Value]) -> dict[str, str] | None:
    """One text for each name, where no value is deeper than a record in a record."""
    found: dict[str, str] = {}
    for key, each in value.items():
        cells = _cells(key, each)
        if cells is None or not found.keys().isdisjoint(cells):
            return None
        found |= cells
    return found


def _cells(key: str, value: Value) -> dict[str, str] | None:
    """The texts that a named value is, by name; None where it is deeper."""
    name = _shown(key)
    if isinstance(value, list):
        return None if _is_deep(value) else {name: ", ".join(filter(None, map(_shown, value)))}
    if not isinstance(value, dict):
        return {name: _shown(value)}
    if not value:
        return {name: ""}
    if _is_deep(value.values()) or len(name) > _MAX_PREFIX:
        return None
    return {f"{name} {_shown(inner)}".strip(): _shown(each) for inner, each in value.items()}


def _is_deep(values: Iterable[Value]) -> bool:
    return any(isinstance(each, dict | list) for each in values)


def _rows(rows: list[list[str]], table: str, name: str) -> Iterator[Text | Row]:
    if name:
        yield Text(f"{_shown(name)}:", table)
    for number, texts in enumerate(rows, 1):
        yield row(table, texts, number=number, prefix=f"{table}, ")


def _shown(value: Value) -> str:
    """A value as text; a lone surrogate, which is no letter, as "?"."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).replace("\0", " ").strip()
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
