"""Excel workbooks (.xlsx, .xlsm, .xlsb, .xls): every sheet, hidden ones too, read by calamine after a look at its extent."""

from __future__ import annotations

import datetime
import io
import itertools
import re
import zipfile
from collections.abc import Iterator, Mapping

import python_calamine

from detector.budget import Budget, OverBudget
from detector.formats import extents, office, ole_parts, sheet_notes
from detector.formats.ods import sheet_cells
from detector.formats.package import chunks, member_bytes, open_package
from detector.formats.plugin import Format, Item, Row, Source
from detector.formats.sheet_margins import EVERY, Margins
from detector.ole import Compound
from detector.records import Reason

_SHEET = re.compile(r"xl/(?:work|macro|dialog)sheets/[^/]*\.(?:xml|bin)", re.IGNORECASE)
_READ_BY_CALAMINE = re.compile(r"xl/.*\.(?:xml|bin|rels)", re.IGNORECASE)
_EMBEDDED = re.compile(r"xl/embeddings/[^/]+")


def read(source: Source) -> Iterator[Item]:
    """Rows with places "Ark1!B4", "Ark1!B4, hidden"; what stands beside them at "Ark1!B4, comment", "Ark1!text box", "Ark1!header"."""
    if source.kind == "xls":
        yield from ole_parts.never_silent(_read_xls)(source)
        return
    with open_package(source.part.data) as archive:
        names = sheet_notes.sheet_names(archive, source.budget)
        margins = _check_package(source, archive, names)
        items = itertools.chain(
            _read_workbook(source, source.part.data, margins),
            (text for each in margins.values() for text in each.texts),
            sheet_notes.read_notes(archive, names, budget=source.budget),
        )
        yield from office.with_embedded(source, archive, items, files=_EMBEDDED, media="xl/media/")


def _read_xls(source: Source) -> Iterator[Item]:
    compound = Compound(source.part.data)
    name = "Workbook" if compound.stream("Workbook") else "Book"
    stream = compound.stream(name)
    if not stream:
        raise ValueError("no workbook")
    found, is_encrypted = extents.of_xls(stream, budget=source.budget)
    if is_encrypted:
        yield Reason.ENCRYPTED
        return
    if any(extent.is_too_large() for extent in found):
        raise OverBudget(Reason.TOO_LARGE)
    yield from _read_workbook(source, compound.alone(name), {})  # QUIRK: calamine follows a circle of sectors until the memory is full
    if len(stream) < compound.size(compound.names()[name]):
        yield Reason.DAMAGED
    yield from ole_parts.properties(source, compound)
    yield from ole_parts.embedded(source, compound)


def _check_package(source: Source, archive: zipfile.ZipFile, names: Mapping[str, str]) -> dict[str, Margins]:
    """The margins of each sheet by its name.

    Raises OverBudget where a member unpacks to too much, or a sheet's cells reach too far to be laid out.
    """
    margins: dict[str, Margins] = {}
    for info in archive.infolist():
        if _SHEET.fullmatch(info.filename):
            name = names.get(info.filename.rpartition("/")[2].lower(), "")
            if _extent(archive, info, source.budget, margins.setdefault(name, Margins()), name).is_too_large():
                raise OverBudget(Reason.TOO_LARGE)
        elif _READ_BY_CALAMINE.fullmatch(info.filename):
            for _ in chunks(archive, info, budget=source.budget):
                pass
    return margins


def _extent(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, margins: Margins, name: str) -> extents.Extent:
    if info.filename.lower().endswith(".bin"):
        return extents.of_xlsb(member_bytes(archive, info, budget=budget), budget=budget)
    return extents.of_xlsx(margins.watching(chunks(archive, info, budget=budget), name))


def _read_workbook(source: Source, data: bytes, margins: Mapping[str, Margins]) -> Iterator[Row]:
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    try:
        for sheet in workbook.sheets_metadata:
            source.budget.check_time()
            is_seen = sheet.visible == python_calamine.SheetVisibleEnum.Visible
            seen = margins.get(sheet.name, Margins()) if is_seen else None
            yield from _read_sheet(workbook.get_sheet_by_name(sheet.name), sheet.name, seen)
    finally:
        workbook.close()


def _read_sheet(sheet: python_calamine.CalamineSheet, name: str, margins: Margins | None) -> Iterator[Row]:
    """Rows of one sheet; all cells are hidden where it has no `margins`."""
    start = sheet.start
    if start is None:
        return
    left = start[1]
    for number, values in enumerate(sheet.iter_rows()):  # from row 1 of the sheet, but from its first filled column
        filled = {left + column: text for column, value in enumerate(values) if value != "" and (text := _shown(value))}
        if filled:
            hidden = EVERY if margins is None else margins.hidden(number)
            yield Row(name, sheet_cells(name, number, filled, max(filled), hidden=hidden))


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
    "Excel workbooks: every sheet with hidden ones, comments, text boxes, headers and footers, cached data of pivots, and files put in.",
    read,
)
