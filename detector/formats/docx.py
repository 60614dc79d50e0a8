"""Word documents (.docx and kin): body, tables, text boxes, headers, footers, notes, comments, charts and files put in.

Text that was deleted or inserted under change tracking is read too: it leaves with the file.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

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
)
CHART = flow.Vocabulary(paragraph=frozenset({"p", "pt"}), text=frozenset({"t", "v"}), skipped=frozenset({"numCache"}))

_PLACES = (
    (re.compile(r"word/header\d*\.xml"), "header"),
    (re.compile(r"word/footer\d*\.xml"), "footer"),
    (re.compile(r"word/footnotes\d*\.xml"), "footnote"),
    (re.compile(r"word/endnotes\d*\.xml"), "endnote"),
    (re.compile(r"word/comments\d*\.xml"), "comment"),
    (re.compile(r"word/glossary/document\.xml"), "building block"),
)
_MAIN = re.compile(r"word/document\d*\.xml")
_DRAWN = re.compile(r"word/(?:charts/chart|diagrams/data)[^/]*\.xml")
_EMBEDDED = re.compile(r"word/(?:embeddings/|afchunk)[^/]+")


def read(source: Source) -> Iterator[Item]:
    """Blocks "paragraph 12", "table 1, row 3, column 2", "header", "comment"."""
    with open_package(source.part.data) as archive:
        yield from office.with_embedded(source, archive, _blocks(source, archive), files=_EMBEDDED, media="word/media/")


def _blocks(source: Source, archive: zipfile.ZipFile) -> Iterator[Item]:
    names = archive.namelist()
    for name in names:
        if _MAIN.fullmatch(name):
            yield from flow.blocks(chunks(archive, name, budget=source.budget), WORDS)
    for pattern, place in _PLACES:
        for name in names:
            if pattern.fullmatch(name):
                prefix = f"{place} {number[0]}, " if (number := re.search(r"\d+", name)) else f"{place}, "
                yield from flow.blocks(chunks(archive, name, budget=source.budget), WORDS, where=place, prefix=prefix)
    yield from drawn(source, archive, _DRAWN)


def drawn(source: Source, archive: zipfile.ZipFile, members: re.Pattern[str]) -> Iterator[Item]:
    """The words of charts and diagrams, "chart 1", "chart 2", …"""
    for number, name in enumerate([name for name in archive.namelist() if members.fullmatch(name)], 1):
        yield from flow.blocks(chunks(archive, name, budget=source.budget), CHART, where=f"chart {number}")


FORMAT = Format(
    "docx",
    ("docx",),
    (".docx", ".docm", ".dotx", ".dotm"),
    "Word documents: body, tables, text boxes, headers, footers, notes, comments, tracked changes, and files put in.",
    read,
    has_tab_lines=True,
)
