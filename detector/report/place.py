"""Where a finding stands, as its reader would look for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from detector.records import Document, Finding, Role, Table


@dataclass(frozen=True, slots=True)
class Location:
    """The part, its file name where it has one, and the place inside it ("Ark1!B4", "line 14", "")."""

    part: str
    role: Role
    file: str | None = field(repr=False)
    where: str = field(repr=False)


def locate(finding: Finding, documents: Sequence[Document]) -> Location:
    """Where `finding` stands, given the documents of its verdict. A subject or file name has its role for a place."""
    place = finding.place
    document = documents[place.document]
    block = document.blocks[place.block]
    where = block.where
    if isinstance(block, Table) and place.row >= 0:
        where = block.rows[place.row][place.column].where or block.where
    if document.role in (Role.SUBJECT, Role.FILENAME):
        where = where or document.role.value
    return Location(document.part, document.role, document.file, where)
