"""Word documents (.docx and kin): body, tables, text boxes, headers, footers, notes, comments, charts and files put in.

Text that was deleted or inserted under change tracking is read too: it leaves with the file.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from detector.formats import flow, pictures
from detector.formats.archive import read_embedded
from detector.formats.package import chunks, open_package
from detector.formats.plugin import Format, Item, Row, Source
from detector.records import Reason, Text

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
    is_empty = True
    with open_package(source.part.data) as archive:
        for item in _blocks(source, archive):
            is_empty = is_empty and not isinstance(item, Text | Row)
            yield item
        yield from read_embedded(source, archive, _EMBEDDED)
        if is_empty and pictures.any_large(archive, "word/media/", budget=source.budget):
            yield Reason.NO_OCR


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
    for number_, name in enumerate([name for name in names if _DRAWN.fullmatch(name)], 1):
        yield from flow.blocks(chunks(archive, name, budget=source.budget), CHART, where=f"chart {number_}")


FORMAT = Format(
    "docx",
    ("docx",),
    (".docx", ".docm", ".dotx"),
    "Word documents: body, tables, text boxes, headers, footers, notes, comments, tracked changes, and files put in.",
    read,
    has_tab_lines=True,
)
