"""OpenDocument texts, presentations and spreadsheets (.odt, .odp, .ods), with headers, footers, notes and comments.

Spreadsheets are read here rather than by calamine: repeated cells are stored as a count, which is taken apart only
where there is something in them, so that no count can fill the memory.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from detector.formats import flow, office, properties
from detector.formats.ods import read_sheets
from detector.formats.package import chunks, open_package
from detector.formats.plugin import Format, Item, Row, Source
from detector.records import Reason, Text

_ALT_TEXTS = {"title": flow.ALT_TEXT, "desc": flow.ALT_TEXT}
_WORDS = flow.Vocabulary(
    paragraph=frozenset({"p", "h", *_ALT_TEXTS}),
    table="table",
    row="table-row",
    cell=frozenset({"table-cell", "covered-table-cell"}),
    span=("none", "none"),
    breaks={"tab": "\t", "line-break": "\n", "s": " "},
    skipped=frozenset({"note-citation", "forms", "creator", "date", "date-string", "shapes"}),
    asides={"annotation": "comment", "note-body": "footnote", "text-box": "text box", "deletion": "deleted", **_ALT_TEXTS},
)
_STYLES = flow.Vocabulary(
    paragraph=frozenset({"p", "h"}),
    breaks=_WORDS.breaks,
    asides={name: word for word in ("header", "footer") for name in (word, f"{word}-left", f"{word}-first")},
)
_SLIDES = flow.Vocabulary(
    paragraph=frozenset({"p", "h", "header-decl", "footer-decl", *_ALT_TEXTS}),
    table="table",
    row="table-row",
    cell=_WORDS.cell,
    breaks=_WORDS.breaks,
    skipped=_WORDS.skipped,
    asides={"annotation": "comment", "notes": "notes", "header-decl": "header", "footer-decl": "footer", **_ALT_TEXTS},
    page="page",
)
_EMBEDDED = re.compile(r"(?:\./)?Object \d+")
_OBJECT = re.compile(r"Object \d+/content\.xml")
_FLAT = frozenset({"fodt", "fods", "fodp"})
_CHUNK_BYTES = 262_144
_END_OF_PROPERTIES = b"</office:meta>"


def read(source: Source) -> Iterator[Item]:
    """Blocks "paragraph 12" (text), "slide 3" (presentation), "Ark1!B4" (spreadsheet), "header", "comment"."""
    if source.kind in _FLAT:
        yield from _flat(source)
        return
    with open_package(source.part.data) as archive:
        yield from office.with_embedded(source, archive, _blocks(source, archive), files=_EMBEDDED, media="Pictures/")


def _blocks(source: Source, archive: zipfile.ZipFile) -> Iterator[Item]:
    content = chunks(archive, "content.xml", budget=source.budget)
    if source.kind == "ods":
        yield from read_sheets(content)
    else:
        yield from flow.blocks(content, _SLIDES if source.kind == "odp" else _WORDS)
    for number, name in enumerate([name for name in archive.namelist() if _OBJECT.fullmatch(name)], 1):
        place = f"object {number}"
        yield from flow.blocks(chunks(archive, name, budget=source.budget), _WORDS, where=place, prefix=f"{place}, ")
    if "styles.xml" in archive.NameToInfo:
        yield from (item for item in flow.blocks(chunks(archive, "styles.xml", budget=source.budget), _STYLES) if _is_aside(item))


def _flat(source: Source) -> Iterator[Item]:
    """A document that is one XML file; pictures and files stand in it as base64, and are said unread where there is no text."""
    content = source.part.data
    chunks_ = (content[at : at + _CHUNK_BYTES] for at in range(0, len(content), _CHUNK_BYTES))
    items = read_sheets(chunks_) if source.kind == "fods" else flow.blocks(chunks_, _SLIDES if source.kind == "fodp" else _WORDS)
    is_empty = True
    for item in items:
        is_empty = is_empty and not isinstance(item, Text | Row)
        yield item
    if is_empty and b"binary-data>" in content:
        yield Reason.NO_OCR
    end = content.find(_END_OF_PROPERTIES)
    if 0 <= end < properties.LARGEST:
        yield from properties.texts(content[: end + len(_END_OF_PROPERTIES)] + b"</office:document>")


def _is_aside(item: Item) -> bool:
    return not isinstance(item, Text) or item.where in {"header", "footer"}


FORMAT = Format(
    "opendocument",
    ("odt", "odp", "ods", *sorted(_FLAT)),
    (".odt", ".ott", ".odp", ".otp", ".ods", ".ots", ".odg", ".fodt", ".fods", ".fodp", ".sxw", ".sxc", ".sxi"),
    "OpenDocument: texts, slides and every sheet, with headers, footers, notes, comments and tracked changes.",
    read,
    has_tab_lines=True,
)
