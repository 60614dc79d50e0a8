"""PowerPoint presentations (.pptx and kin): slides, tables, notes, comments, charts and files put in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from detector.formats import docx, flow, office
from detector.formats.package import chunks, member_bytes, open_package
from detector.formats.plugin import Format, Item, Source

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
    with open_package(source.part.data) as archive:
        yield from office.with_embedded(source, archive, _blocks(source, archive), files=_EMBEDDED, media="ppt/media/")


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
    yield from docx.drawn(source, archive, _DRAWN)


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
    (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    "PowerPoint: slides with tables and charts, notes, comments, and files put in.",
    read,
    has_tab_lines=True,
)
