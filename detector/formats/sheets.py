"""Excel workbooks (.xlsx, .xlsm, .xlsb, .xls): every sheet, hidden ones too, read by calamine after a look at its extent."""

from __future__ import annotations

import datetime
import io
import itertools
import re
import zipfile
from collections.abc import Iterator

import python_calamine

from detector.budget import Budget, OverBudget
from detector.formats import extents, office, ole_parts, sheet_notes
from detector.formats.ods import sheet_cells
from detector.formats.package import chunks, member_bytes, open_package
from detector.formats.plugin import Format, Item, Row, Source
from detector.ole import Compound
from detector.records import Reason

_SHEET = re.compile(r"xl/(?:work|macro|dialog)sheets/[^/]*\.(?:xml|bin)", re.IGNORECASE)
_READ_BY_CALAMINE = re.compile(r"xl/.*\.(?:xml|bin|rels)", re.IGNORECASE)
_EMBEDDED = re.compile(r"xl/embeddings/[^/]+")


def read(source: Source) -> Iterator[Item]:
    """Rows with places "Ark1!B4"; comments at "Ark1!B4, comment", text boxes at "Ark1, text box"."""
    if source.kind == "xls":
        yield from _read_xls(source)
        return
    with open_package(source.part.data) as archive:
        _check_package(source, archive)
        items = itertools.chain(_read_workbook(source), sheet_notes.read_notes(archive, budget=source.budget))
        yield from office.with_embedded(source, archive, items, files=_EMBEDDED, media="xl/media/")


def _read_xls(source: Source) -> Iterator[Item]:
    compound = Compound(source.part.data)
    stream = compound.stream("Workbook") or compound.stream("Book")
    found, is_encrypted = extents.of_xls(stream, budget=source.budget)
    if is_encrypted:
        yield Reason.ENCRYPTED
        return
    if any(extent.is_too_large() for extent in found):
        raise OverBudget(Reason.TOO_LARGE)
    yield from _read_workbook(source)
    yield from ole_parts.properties(source, compound)
    yield from ole_parts.embedded(source, compound)


def _check_package(source: Source, archive: zipfile.ZipFile) -> None:
    """Raises OverBudget where a member unpacks to too much, or a sheet's cells reach too far to be laid out."""
    for info in archive.infolist():
        if _SHEET.fullmatch(info.filename):
            if _extent(archive, info, source.budget).is_too_large():
                raise OverBudget(Reason.TOO_LARGE)
        elif _READ_BY_CALAMINE.fullmatch(info.filename):
            for _ in chunks(archive, info, budget=source.budget):
                pass


def _extent(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget) -> extents.Extent:
    if info.filename.lower().endswith(".bin"):
        return extents.of_xlsb(member_bytes(archive, info, budget=budget), budget=budget)
    return extents.of_xlsx(chunks(archive, info, budget=budget))


def _read_workbook(source: Source) -> Iterator[Row]:
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(source.part.data))
    try:
        for name in workbook.sheet_names:
            source.budget.check_time()
            yield from _read_sheet(workbook.get_sheet_by_name(name), name)
    finally:
        workbook.close()


def _read_sheet(sheet: python_calamine.CalamineSheet, name: str) -> Iterator[Row]:
    start = sheet.start
    if start is None:
        return
    left = start[1]
    for number, values in enumerate(sheet.iter_rows()):  # from row 1 of the sheet, but from its first filled column
        filled = {left + column: text for column, value in enumerate(values) if value != "" and (text := _shown(value))}
        if filled:
            yield Row(name, sheet_cells(name, number, filled, max(filled)))


def _shown(value: object) -> str:
    """A value as text: whole numbers without ".0", dates as year-month-day.

    >>> _shown(101900008.0), _shown(datetime.datetime(2026, 3, 1, 10, 5)), _shown(True)
    ('101900008', '2026-03-01 10:05', 'true')
    """
    if isinstance(value, str):
        return value.replace("\0", " ").strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return str(value)


FORMAT = Format(
    "sheets",
    ("xlsx", "xlsb", "xls"),
    (".xlsx", ".xlsm", ".xltx", ".xltm", ".xlsb", ".xls", ".xlt"),
    "Excel workbooks: every sheet with hidden ones, comments, text boxes, cached data of pivots, and files put in.",
    read,
)
