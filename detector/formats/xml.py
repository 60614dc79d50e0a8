"""XML read as a tree, where it is small: no entity is resolved from outside, nothing is fetched."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from lxml import etree

from detector.budget import Budget, OverBudget
from detector.formats.package import member_bytes
from detector.records import Reason

_MAX_BYTES = 10_000_000
"""The lists of sheets and slides, properties and relations need a few kilobytes."""


def elements(data: bytes) -> Iterator[etree._Element]:
    """All elements in document order, but for comments and the like. Raises XMLSyntaxError; OverBudget where it is too large for a tree."""
    if len(data) > _MAX_BYTES:
        raise OverBudget(Reason.TOO_LARGE)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    yield from etree.fromstring(data, parser).iter("{*}*")


def members(archive: zipfile.ZipFile, name: str, *, budget: Budget) -> Iterator[etree._Element]:
    """The elements of a member of a package; none where it has no such member."""
    if name in archive.NameToInfo:
        yield from elements(member_bytes(archive, name, budget=budget))


def local(element: etree._Element) -> str:
    """Name of an element without its namespace."""
    return str(etree.QName(element).localname)


def attribute(element: etree._Element, name: str) -> str:
    """Value of the attribute of that local name, in whatever namespace; "" where there is none.

    >>> attribute(etree.fromstring('<a xmlns:r="u" r:id="x7"/>'), "id")
    'x7'
    """
    return next((str(value) for key, value in element.attrib.items() if etree.QName(key).localname == name), "")
