"""PowerPoint presentations (.pptx and kin): slides, tables, notes, comments, charts and files put in."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from detector.formats import docx, flow, office, xml
from detector.formats.package import chunks, member_bytes, open_package
from detector.formats.plugin import Format, Item, Source

_WORDS = replace(docx.WORDS, text=frozenset({"t", "text"}), paragraph=frozenset({"p", "cm"}), span=("tc", "none"), asides={})
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")
_ASIDES = (
    (re.compile(r"ppt/notesSlides/([^/]*)\.xml"), "notes"),
    (re.compile(r"ppt/comments/([^/]*)\.xml"), "comment"),
)
_DRAWN = re.compile(r"ppt/(charts/chart|diagrams/data)[^/]*\.xml")
_EMBEDDED = re.compile(r"ppt/embeddings/[^/]+")
_OWNER = re.compile(rb"slides/slide\d{1,6}\.xml")
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_HIDDEN = re.compile(rb"<(?:\w{1,20}:)?sld\b[^<>]*\bshow\s*=\s*[\"'](?:0|false)[\"']")
_HEAD_BYTES = 4096


def read(source: Source) -> Iterator[Item]:
    """Blocks "slide 3", "slide 3, hidden", "slide 3, notes", "slide 3, table 1, row 2, column 1"."""
    with open_package(source.part.data) as archive:
        yield from office.with_embedded(source, archive, _blocks(source, archive), files=_EMBEDDED, media="ppt/media/")


def _blocks(source: Source, archive: zipfile.ZipFile) -> Iterator[Item]:
    names = archive.namelist()
    slides = _in_order(archive, source)
    for name, place in slides.items():
        yield from flow.blocks(chunks(archive, name, budget=source.budget), _WORDS, where=place, prefix=f"{place}, ")
    for pattern, word in _ASIDES:
        for name in names:
            if pattern.fullmatch(name):
                owner = slides.get(_owner(source, archive, name))
                place = f"{owner}, {word}" if owner else word
                yield from flow.blocks(chunks(archive, name, budget=source.budget), _WORDS, where=place, prefix=f"{place}, ")
    yield from docx.drawn(source, archive, _DRAWN)


def _in_order(archive: zipfile.ZipFile, source: Source) -> dict[str, str]:
    """The slides' members in the order in which they are shown, with their places; those in no list come last."""
    links = {
        xml.attribute(each, "Id"): f"ppt/{xml.attribute(each, 'Target')}"
        for each in xml.members(archive, "ppt/_rels/presentation.xml.rels", budget=source.budget)
    }
    listed = [
        links.get(str(each.get(_LINK, "")), "")
        for each in xml.members(archive, "ppt/presentation.xml", budget=source.budget)
        if xml.local(each) == "sldId"
    ]
    present = {name: int(match[1]) for name in archive.namelist() if (match := _SLIDE.fullmatch(name))}
    ordered = dict.fromkeys([*(name for name in listed if name in present), *sorted(present, key=lambda name: present[name])])
    return {name: _place(archive, name, number, source) for number, name in enumerate(ordered, 1)}


def _place(archive: zipfile.ZipFile, name: str, number: int, source: Source) -> str:
    source.budget.spend_page()
    with archive.open(name) as member:
        is_hidden = _HIDDEN.search(member.read(_HEAD_BYTES)) is not None
    return f"slide {number}, hidden" if is_hidden else f"slide {number}"


def _owner(source: Source, archive: zipfile.ZipFile, name: str) -> str:
    """The member of the slide that notes or comments belong to; "" where nothing says it."""
    folder, _, file = name.rpartition("/")
    links = f"{folder}/_rels/{file}.rels"
    if links not in archive.NameToInfo:
        return ""
    match = _OWNER.search(member_bytes(archive, links, budget=source.budget))
    return f"ppt/{match[0].decode('ascii')}" if match is not None else ""


FORMAT = Format(
    "pptx",
    ("pptx",),
    (".pptx", ".pptm", ".ppsx", ".ppsm", ".potx", ".potm"),
    "PowerPoint: slides, hidden ones too, with tables, charts and diagrams, notes, comments, and files put in.",
    read,
    has_tab_lines=True,
)
