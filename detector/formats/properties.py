"""What a document says of itself: title, author, who saved it last, keywords, and properties of the author's own.

Sources: ECMA-376, part 2, section 11 (core properties), and part 1, sections 22.2 and 22.3; OASIS, "OpenDocument 1.3, part 3", section 4.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from lxml import etree

from detector.budget import Budget
from detector.formats import xml
from detector.records import Text

_MEMBERS = ("docProps/core.xml", "docProps/app.xml", "meta.xml")
_CUSTOM = "docProps/custom.xml"
_TOLD = frozenset(
    {
        "title", "subject", "creator", "keywords", "description", "lastModifiedBy", "category", "Manager", "Company",
        "initial-creator", "keyword", "printed-by", "user-defined",
    }
)  # fmt: skip


def read(archive: zipfile.ZipFile, *, budget: Budget) -> Iterator[Text]:
    """Texts "properties": each with its name."""
    for member in _MEMBERS:
        for element in xml.members(archive, member, budget=budget):
            name = xml.local(element)
            if name in _TOLD:
                yield from _told(xml.attribute(element, "name") or name, element)
    for element in xml.members(archive, _CUSTOM, budget=budget):
        if xml.local(element) == "property":
            yield from _told(xml.attribute(element, "name"), element)


def _told(name: str, element: etree._Element) -> Iterator[Text]:
    value = "".join(str(text) for text in element.itertext()).strip()
    if value:
        yield Text(f"{name}: {value}", "properties")
