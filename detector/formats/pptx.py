"""PowerPoint presentations (.pptx and kin): slides, tables, notes, comments, charts and files put in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from detector.formats import docx, flow, pictures
from detector.formats.archive import read_embedded
from detector.formats.package import chunks, member_bytes, open_package
from detector.formats.plugin import Format, Item, Row, Source
from detector.records import Reason, Text

_WORDS = replace(docx.WORDS, text=frozenset({"t", "text"}), paragraph=frozenset({"p", "cm"}), span=("tc", "none"), asides={})
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")
_ASIDES = (
    (re.compile(r"ppt/notesSlides/([^/]*)\.xml"), "notes"),
    (re.compile(r"ppt/comments/([^/]*)\.xml"), "comment"),
)
_DRAWN = re.compile(r"ppt/(?:charts/chart|diagrams/data)[^/]*\.xml")
_EMBEDDED = re.compile(r"ppt/embeddings/[^/]+")
_OWNER = re.compile(rb"slides/slide(\d{1,6})\.xml")


def read(source: Source) -> Iterator[Item]:
    """Blocks "slide 3", "slide 3, notes", "slide 3, table 1, row 2, column 1"."""
    is_empty = True
    with open_package(source.part.data) as archive:
        for item in _blocks(source, archive):
            is_empty = is_empty and not isinstance(item, Text | Row)
            yield item
        yield from read_embedded(source, archive, _EMBEDDED)
        if is_empty and pictures.any_large(archive, "ppt/media/", budget=source.budget):
            yield Reason.NO_OCR


def _blocks(source: Source, archive: zipfile.ZipFile) -> Iterator[Item]:
    names = archive.namelist()
    slides = sorted((int(match[1]), name) for name in names if (match := _SLIDE.fullmatch(name)))
    for number, name in slides:
        place = f"slide {number}"
        yield from flow.blocks(chunks(archive, name, budget=source.budget), _WORDS, where=place, prefix=f"{place}, ")
    for pattern, word in _ASIDES:
        for name in names:
            if pattern.fullmatch(name):
                owner = _owner(source, archive, name)
                place = f"slide {owner}, {word}" if owner else word
                yield from flow.blocks(chunks(archive, name, budget=source.budget), _WORDS, where=place, prefix=f"{place}, ")
    for number, name in enumerate([name for name in names if _DRAWN.fullmatch(name)], 1):
        yield from flow.blocks(chunks(archive, name, budget=source.budget), docx.CHART, where=f"chart {number}")


def _owner(source: Source, archive: zipfile.ZipFile, name: str) -> str:
    """Number of the slide that notes or comments belong to; "" where nothing says it."""
    folder, _, file = name.rpartition("/")
    links = f"{folder}/_rels/{file}.rels"
    if links not in archive.NameToInfo:
        return ""
    match = _OWNER.search(member_bytes(archive, links, budget=source.budget))
    return match[1].decode("ascii") if match is not None else ""


FORMAT = Format(
    "pptx",
    ("pptx",),
    (".pptx", ".pptm", ".ppsx"),
    "PowerPoint: slides with tables and charts, notes, comments, and files put in.",
    read,
    has_tab_lines=True,
)
