"""Word documents (.docx and kin): body, tables, text boxes, headers, footers, notes, comments, charts and files put in.

Text deleted under change tracking leaves with the file: a paragraph that has lost some is read as it is and as it was.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from detector.formats import flow, office
from detector.formats.package import chunks, open_package
from detector.formats.plugin import Format, Item, Source

WORDS = flow.Vocabulary(
    paragraph=frozenset({"p"}),
    text=frozenset({"t", "delText"}),
    table="tbl",
    row="tr",
    cell=frozenset({"tc"}),
    span=("gridSpan", "val"),
    breaks={"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"},
    skipped=frozenset({"pPr", "rPr", "Fallback", "instrText", "delInstrText", "fldData", "sectPr", "tblPr"}),
    asides={"txbxContent": "text box"},
    deleted=frozenset({"del", "moveFrom"}),
    inserted=frozenset({"ins", "moveTo"}),
    spoken={"docPr": ("title", "descr"), "cNvPr": ("title", "descr"), "shape": ("title", "alt")},
)
CHART = flow.Vocabulary(paragraph=frozenset({"p", "pt"}), text=frozenset({"t", "v"}), skipped=frozenset({"numCache"}))

_PLACES = (
    (re.compile(r"word/header\d*\.xml"), "header", ""),
    (re.compile(r"word/footer\d*\.xml"), "footer", ""),
    (re.compile(r"word/footnotes\d*\.xml"), "footnote", "footnote"),
    (re.compile(r"word/endnotes\d*\.xml"), "endnote", "endnote"),
    (re.compile(r"word/comments\d*\.xml"), "comment", "comment"),
    (re.compile(r"word/glossary/document\.xml"), "building block", ""),
)
"""Members, the word for their place, and the element that is one of several in it."""
_MAIN = re.compile(r"word/document\d*\.xml")
_DRAWN = re.compile(r"word/(charts/chart|diagrams/data)[^/]*\.xml")
_EMBEDDED = re.compile(r"word/(?:embeddings/|afchunk)[^/]+")


def read(source: Source) -> Iterator[Item]:
    """Blocks "paragraph 12", "paragraph 12, before changes", "table 1, row 3, column 2", "header", "comment 2"."""
    with open_package(source.part.data) as archive:
        yield from office.with_embedded(source, archive, _blocks(source, archive), files=_EMBEDDED, media="word/media/")


def _blocks(source: Source, archive: zipfile.ZipFile) -> Iterator[Item]:
    names = archive.namelist()
    for name in names:
        if _MAIN.fullmatch(name):
            yield from flow.blocks(chunks(archive, name, budget=source.budget), WORDS)
    for pattern, place, each in _PLACES:
        words = replace(WORDS, page=each, page_word=each)
        for name in names:
            if pattern.fullmatch(name):
                prefix = f"{place} {number[0]}, " if (number := re.search(r"\d+", name)) else f"{place}, "
                yield from flow.blocks(chunks(archive, name, budget=source.budget), words, where=place, prefix=prefix)
    yield from drawn(source, archive, _DRAWN)


def drawn(source: Source, archive: zipfile.ZipFile, members: re.Pattern[str]) -> Iterator[Item]:
    """The words of charts and diagrams: titles, categories, boxes; "chart 1", "chart 2", "diagram 1", …"""
    counts = {"chart": 0, "diagram": 0}
    for name in archive.namelist():
        match = members.fullmatch(name)
        if match is not None:
            word = "chart" if match[1].startswith("charts") else "diagram"
            counts[word] += 1
            yield from flow.blocks(chunks(archive, name, budget=source.budget), CHART, where=f"{word} {counts[word]}")


FORMAT = Format(
    "docx",
    ("docx",),
    (".docx", ".docm", ".dotx", ".dotm"),
    "Word documents: body, tables, text boxes, headers, footers, notes, comments, tracked changes, and files put in.",
    read,
    has_tab_lines=True,
)
