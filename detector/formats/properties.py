"""The properties of documents that are zip packages: title, author, who saved it last, comments, and the user's own.

Source: ECMA-376, part 2, section 11 (core properties); OASIS, "OpenDocument 1.3", part 3, section 4.3.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import Final

from lxml import etree

from detector.budget import Budget
from detector.formats.package import member_bytes
from detector.formats.plugin import Item
from detector.records import Reason, Text

PLACE: Final = "properties"
MACROS = "macros-not-read"
"""The defect of a document with programs in it: they are code, not what the document says, and do not make it unread."""

_MEMBERS = ("docProps/core.xml", "docProps/app.xml", "docProps/custom.xml", "meta.xml")
_WORDS = {
    "title": "Title", "subject": "Subject", "creator": "Author", "initial-creator": "Author", "description": "Comments",
    "lastModifiedBy": "Last modified by", "keywords": "Keywords", "keyword": "Keywords", "category": "Category",
    "contentStatus": "Status", "Manager": "Manager", "Company": "Company", "printed-by": "Printed by",
}  # fmt: skip
"""Elements that tell something, by their local names."""
_OWN = frozenset({"user-defined", "property"})
LARGEST = 1_000_000


def read(archive: zipfile.ZipFile, *, budget: Budget) -> Iterator[Item]:
    """Blocks "Author: …" at "properties"; a damaged list is said, and costs no more than itself."""
    for name in _MEMBERS:
        info = archive.NameToInfo.get(name)
        if info is None:
            continue
        if info.file_size > LARGEST:
            yield Reason.TOO_LARGE
            continue
        try:
            yield from texts(member_bytes(archive, info, budget=budget))
        except etree.XMLSyntaxError:
            yield Reason.DAMAGED


def texts(xml: bytes) -> Iterator[Item]:
    """The properties in one list. Raises XMLSyntaxError where it is damaged."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    for element in etree.fromstring(xml, parser).iter(etree.Element):
        name = etree.QName(element).localname
        word = _own_name(element) if name in _OWN else _WORDS.get(name)
        text = "".join(element.itertext()).strip() if word is not None else ""
        if text:
            yield Text(f"{word}: {text}", PLACE)


def _own_name(element: etree._Element) -> str:
    """The name that its author gave to a property."""
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == "name"), "")
