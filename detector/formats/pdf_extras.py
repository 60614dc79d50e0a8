"""What a PDF holds beside the text of its pages: form fields, notes, bookmarks, properties, and files pinned to a page.

Called under the lock of `pdf`.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from detector.budget import Budget
from detector.formats import xml
from detector.formats.plugin import Item
from detector.records import Text

_MAX_FIELD_BYTES = 200_000
_MAX_DATA_BYTES = 10_000_000
_MAX_BOOKMARKS = 10_000
_MAX_BOOKMARK_DEPTH = 20
_PROPERTIES = (b"Title", b"Author", b"Subject", b"Keywords")


def read_annotations(page: pypdfium2.PdfPage, number: int, forms: object) -> Iterator[Item]:
    """What is no part of the page's text: form fields with their names, "page 2, field", and texts of notes, "page 2, note 1"."""
    notes = 0
    fields: set[str] = set()
    for annotation in _annotations(page):
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind == pdfium.FPDF_ANNOT_WIDGET:
            field = _field(annotation, forms) if forms is not None else ""
            if field and field not in fields:  # each button of a group bears the value of all
                fields.add(field)
                yield Text(field, f"page {number}, field")
        elif kind != pdfium.FPDF_ANNOT_POPUP and (note := _wide(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")):
            notes += 1
            yield Text(note, f"page {number}, note {notes}")


def files_on(page: pypdfium2.PdfPage, document: pypdfium2.PdfDocument) -> Iterator[pypdfium2.PdfAttachment]:
    """Files that are pinned to the page."""
    for annotation in _annotations(page):
        if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            file = pdfium.FPDFAnnot_GetFileAttachment(annotation)
            if file:
                yield pypdfium2.PdfAttachment(file, document)


def read_form_data(document: pypdfium2.PdfDocument) -> Iterator[Item]:
    """What was filled into an XFA form, "form data": each value with the name of its field."""
    for number in range(max(0, pdfium.FPDF_GetXFAPacketCount(document))):
        if _packet_name(document, number) == b"datasets":
            for element in xml.elements(_packet(document, number)):
                if len(element) == 0 and (value := (element.text or "").strip()):
                    yield Text(f"{xml.local(element)}: {value}", "form data")


def read_bookmarks(document: pypdfium2.PdfDocument, *, budget: Budget) -> Iterator[Item]:
    """The outline, "bookmark"."""
    for number, bookmark in enumerate(document.get_toc(max_depth=_MAX_BOOKMARK_DEPTH)):
        if number == _MAX_BOOKMARKS:
            return
        budget.check_time()
        if title := _wide(pdfium.FPDFBookmark_GetTitle, bookmark):
            yield Text(title, "bookmark")


def read_properties(document: pypdfium2.PdfDocument) -> Iterator[Item]:
    """Title, author, subject and keywords, "properties"."""
    for name in _PROPERTIES:
        if value := _wide(pdfium.FPDF_GetMetaText, document, name):
            yield Text(f"{name.decode('ascii')}: {value}", "properties")


def distinct(files: Iterable[pypdfium2.PdfAttachment]) -> list[pypdfium2.PdfAttachment]:
    """The files, each once: one that is pinned to a page may stand in the list of the document too."""
    return list({ctypes.cast(file.raw, ctypes.c_void_p).value: file for file in files}.values())


def file_name(file: pypdfium2.PdfAttachment) -> str:
    """Name of a file put in."""
    return _wide(pdfium.FPDFAttachment_GetName, file)


def _annotations(page: pypdfium2.PdfPage) -> Iterator[Any]:
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            try:
                yield annotation
            finally:
                pdfium.FPDFPage_CloseAnnot(annotation)


def _field(annotation: object, forms: object) -> str:
    """"name: value"; "" for an empty field and a box that is not ticked."""
    name = _wide(pdfium.FPDFAnnot_GetFormFieldName, forms, annotation)
    value = _wide(pdfium.FPDFAnnot_GetFormFieldValue, forms, annotation)
    if not value or value == "Off":
        return ""
    return f"{name}: {value}" if name else value


def _packet_name(document: pypdfium2.PdfDocument, number: int) -> bytes:
    size = pdfium.FPDF_GetXFAPacketName(document, number, None, 0)
    buffer = ctypes.create_string_buffer(min(size, _MAX_FIELD_BYTES))
    pdfium.FPDF_GetXFAPacketName(document, number, buffer, len(buffer))
    return buffer.value


def _packet(document: pypdfium2.PdfDocument, number: int) -> bytes:
    size = ctypes.c_ulong()
    pdfium.FPDF_GetXFAPacketContent(document, number, None, 0, size)
    if size.value > _MAX_DATA_BYTES:
        return b""
    buffer = ctypes.create_string_buffer(size.value)
    pdfium.FPDF_GetXFAPacketContent(document, number, buffer, len(buffer), size)
    return buffer.raw


def _wide(ask: Callable[..., int], *arguments: object) -> str:
    """The UTF-16 string that a C function of PDFium writes."""
    size = min(ask(*arguments, None, 0), _MAX_FIELD_BYTES)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    text = buffer.raw[: size - 2].decode("utf-16-le", "replace")
    return text.replace("\0", " ").replace("\r", "\n").strip()
