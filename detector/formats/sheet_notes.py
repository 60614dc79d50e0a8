"""What stands beside the cells of an .xlsx workbook: comments, text boxes, names, and copies of data that pivots and links keep."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from detector.budget import Budget
from detector.formats import flow, xml
from detector.formats.package import chunks, member_bytes
from detector.formats.plugin import Item
from detector.records import Text

_COMMENTS = re.compile(r"xl/(?:threadedComments/|comments|comments/comment)[^/]*\.xml", re.IGNORECASE)
_DRAWING = re.compile(r"xl/drawings/drawing[^/]*\.xml", re.IGNORECASE)
_CHART = re.compile(r"xl/charts/chart[^/]*\.xml", re.IGNORECASE)
_CACHE = re.compile(r"xl/pivotCache/pivotCache(?:Records|Definition)[^/]*\.xml", re.IGNORECASE)
_LINK = re.compile(r"xl/externalLinks/[^/]*\.xml", re.IGNORECASE)
_LINKS = re.compile(r"xl/worksheets/_rels/([^/]*)\.rels", re.IGNORECASE)
_TARGET = re.compile(rb"Target=[\"']([^\"']{1,300})")

_DRAWN = flow.Vocabulary(
    paragraph=frozenset({"p", "pt"}),
    text=frozenset({"t", "v"}),
    skipped=frozenset({"numCache", "Fallback"}),
    asides={"txBody": "text box"},
    spoken={"cNvPr": ("title", "descr")},
)
_LINKED = flow.Vocabulary(paragraph=frozenset({"cell"}), text=frozenset({"v"}))


def read_notes(archive: zipfile.ZipFile, names: Mapping[str, str], *, budget: Budget) -> Iterator[Item]:
    """Texts "Ark1!B4, comment", "Ark1!text box", "chart", "defined name", "pivot cache", "external link"; `names` as of `sheet_names`."""
    yield from _defined_names(archive, budget)
    owners = _owners(archive, names, budget)
    for info in archive.infolist():
        name = info.filename
        sheet = owners.get(name.rpartition("/")[2].lower(), "")
        if _COMMENTS.fullmatch(name):
            yield from _notes(chunks(archive, info, budget=budget), sheet)
        elif _DRAWING.fullmatch(name):
            prefix = f"{sheet}!" if sheet else ""
            yield from flow.blocks(chunks(archive, info, budget=budget), _DRAWN, prefix=prefix)
        elif _CHART.fullmatch(name):
            yield from flow.blocks(chunks(archive, info, budget=budget), _DRAWN, where="chart")
        elif _CACHE.fullmatch(name):
            yield from _notes(chunks(archive, info, budget=budget), sheet)
        elif _LINK.fullmatch(name):
            yield from flow.blocks(chunks(archive, info, budget=budget), _LINKED, where="external link")


def sheet_names(archive: zipfile.ZipFile, budget: Budget) -> dict[str, str]:
    """File names of the worksheets, lower case, with the names that their tabs bear."""
    links = {
        each.get("Id", ""): each.get("Target", "").rpartition("/")[2].lower()
        for each in xml.members(archive, "xl/_rels/workbook.xml.rels", budget=budget)
        if xml.local(each) == "Relationship"
    }
    sheets = (each for each in xml.members(archive, "xl/workbook.xml", budget=budget) if xml.local(each) == "sheet")
    return {links.get(xml.attribute(sheet, "id"), ""): str(sheet.get("name", "")) for sheet in sheets}


def _defined_names(archive: zipfile.ZipFile, budget: Budget) -> Iterator[Item]:
    """Names given to cells, and the value of one that stands for a value."""
    for element in xml.members(archive, "xl/workbook.xml", budget=budget):
        name = str(element.get("name", ""))
        if xml.local(element) == "definedName" and not name.startswith("_xlnm."):
            value = element.text or ""
            yield Text(name if "!" in value else f"{name}: {value}", "defined name")


def _owners(archive: zipfile.ZipFile, names: Mapping[str, str], budget: Budget) -> dict[str, str]:
    """File names of comments and drawings, lower case, with the name of the sheet that they belong to."""
    owners: dict[str, str] = {}
    for info in archive.infolist():
        match = _LINKS.fullmatch(info.filename)
        if match is not None and match[1].lower() in names:
            for target in _TARGET.findall(member_bytes(archive, info, budget=budget)):
                owners[target.decode("utf-8", "replace").rpartition("/")[2].lower()] = names[match[1].lower()]
    return owners


class _Notes:
    """What lxml calls at each tag of a part with comments, or of a pivot's cache."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.reference = ""
        self.text: list[str] = []
        self.is_text = False
        self.items: list[Item] = []
        self.values: dict[str, None] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag[tag.rfind("}") + 1 :]
        if name in {"comment", "threadedComment"}:
            self.reference, self.text = attributes.get("ref", ""), []
        elif name in {"t", "text"}:
            self.is_text = True
        elif name in {"s", "n", "d"} and "v" in attributes:
            self.values[attributes["v"]] = None

    def end(self, tag: str) -> None:
        name = tag[tag.rfind("}") + 1 :]
        if name in {"t", "text"}:
            self.is_text = False
        elif name in {"comment", "threadedComment"} and (text := "".join(self.text).strip()):
            where = f"{self.sheet}!{self.reference}" if self.sheet else self.reference
            self.items.append(Text(text, f"{where}, comment"))

    def data(self, data: str) -> None:
        if self.is_text and (data := data.strip("\r\n") if data.isspace() else data):
            self.text.append(data)

    def close(self) -> None:
        """lxml asks for it."""


def _notes(parts: Iterable[bytes], sheet: str) -> Iterator[Item]:
    """Comments, or the different values of a pivot's cache as one text."""
    target = _Notes(sheet)
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    for part in parts:
        parser.feed(part)
        yield from target.items
        target.items = []
    parser.close()
    yield from target.items
    if text := "\n".join(value for value in target.values if value):
        yield Text(text, "pivot cache")
