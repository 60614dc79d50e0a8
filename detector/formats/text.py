"""Plain text: paragraphs, tables drawn in them, and how deep each is quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detector import charsets
from detector.formats import columns, quotes
from detector.formats.plugin import Format, Item, Source
from detector.records import Defect, Reason

_MARKS = re.compile(r"(?: ?>)+ ?")
_MAX_PARAGRAPH_LINES = 400
"""A longer paragraph, such as a log, is cut here, at the end of a line."""
_PGP = "-----BEGIN PGP MESSAGE-----"


def read(source: Source) -> Iterator[Item]:
    """Blocks by line, "line 14"."""
    text, defect = charsets.decode(source.part.data, source.part.charset)
    if defect is not None:
        yield Defect(source.part.index, defect)
    yield from blocks(text)
    if _PGP in text:
        yield Reason.ENCRYPTED


def blocks(text: str, *, level: int = 0) -> Iterator[Item]:
    """Paragraphs and tables of `text`, all of it quoted `level` deep to begin with."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [_unmarked(line, level) for line in text.split("\n")]
    depths = quotes.depths(lines) if quotes.may_hold_history(text) else [depth for depth, _ in lines]
    paragraph: list[str] = []
    first = depth = 0
    for number, (_, line) in enumerate(lines):
        if paragraph and (not line or depths[number] != depth or len(paragraph) >= _MAX_PARAGRAPH_LINES):
            yield from columns.blocks(paragraph, first=first, quote=depth)
            paragraph = []
        if line:
            if not paragraph:
                first, depth = number + 1, depths[number]
            paragraph.append(line)
    if paragraph:
        yield from columns.blocks(paragraph, first=first, quote=depth)


def _unmarked(line: str, level: int) -> quotes.Line:
    """Depth and text of a line; a line of blanks only is empty."""
    if ">" in line[:2]:
        marks = _MARKS.match(line)
        if marks is not None:
            level += marks[0].count(">")
            line = line[marks.end() :]
    return level, "" if line.isspace() else line.rstrip(" \r")


FORMAT = Format(
    "text",
    ("text",),
    (".txt", ".log", ".md"),
    "Plain text, with tables drawn by tabs, blanks or bars, and quoted mails told from own words.",
    read,
    is_own=True,
)
