"""JSON and lines of JSON: records as tables, all else as "name: value"; what is none, or nested too deep, is read as text."""

from __future__ import annotations

import json
from collections.abc import Iterator

from detector import charsets
from detector.formats import text as plain
from detector.formats import values
from detector.formats.plugin import Format, Item, Source
from detector.records import Defect

_MAX_CHARACTERS, _MAX_VALUES = 10_000_000, 500_000
"""Taken apart; a larger file, whose values could take thirty times its size, is read as text."""


def read(source: Source) -> Iterator[Item]:
    """Cells "table 1, row 3, column 2", paragraphs "item 4"; "line 14" where it is read as text."""
    text, defect = charsets.decode(source.part.data, source.part.charset)
    if defect is not None:
        yield Defect(source.part.index, defect)
    try:
        value = _parsed(text)
    except (ValueError, RecursionError):
        yield from plain.blocks(text)
        return
    yield from values.blocks(value, budget=source.budget)


def _parsed(text: str) -> values.Value:
    """Raises ValueError where it is no JSON, or too large, and RecursionError where it is too deep."""
    if len(text) > _MAX_CHARACTERS or sum(map(text.count, "[{,")) > _MAX_VALUES:
        raise ValueError("too large")
    try:
        return _value(text)
    except ValueError:
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) < 2:
            raise
        return [_value(line) for line in lines]


def _value(text: str) -> values.Value:
    """Numbers stay as they are written, however many digits they have."""
    return json.loads(text, object_pairs_hook=values.merged, parse_int=str, parse_float=str, parse_constant=str)


FORMAT = Format("json", ("json",), (".json", ".jsonl", ".ndjson", ".geojson"), "JSON: lists of records as tables, all else by name.", read)
