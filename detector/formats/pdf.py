"""PDF by pypdfium2: text and tables of each page, filled-in form fields, notes, and files put in.

PDFium is not safe between threads: one lock holds for all of it.
"""

from __future__ import annotations

import ctypes
import re
import threading
from collections.abc import Iterator
from contextlib import closing

import pypdfium2
import pypdfium2.raw as pdfium

from detector.formats.pdf_layout import Word, layout
from detector.formats.plugin import Format, Item, Source, row
from detector.records import Reason, Text

_LOCK = threading.RLock()
_WORD = re.compile(r"[^\s\x00-\x1f\x7f]+")
_MAX_FIELD_BYTES = 200_000
_MAX_FORM_DEPTH = 4


def read(source: Source) -> Iterator[Item]:
    """Texts "page 2", cells "page 2, row 3, column 1", "page 2, field", "page 2, note"."""
    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(source.part.data)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) != pdfium.FPDF_ERR_PASSWORD:
                raise
            yield Reason.ENCRYPTED
            return
        with closing(document):
            yield from _read_document(source, document)


def _read_document(source: Source, document: pypdfium2.PdfDocument) -> Iterator[Item]:
    has_form = document.get_formtype() != pdfium.FORMTYPE_NONE
    if document.get_formtype() == pdfium.FORMTYPE_XFA_FULL:
        yield Reason.UNSUPPORTED  # its pages only say "please wait"; the form is drawn by a program in it
    if has_form:
        document.init_forms()
    for number in range(len(document)):
        source.budget.check_time()
        with closing(document[number]) as page:
            yield from _read_page(page, number + 1)
            yield from _read_annotations(page, number + 1, document.formenv if has_form else None)
    for number in range(document.count_attachments()):
        attachment = document.get_attachment(number)
        name = attachment.get_name()
        yield source.member(f"{source.part.index}.{number + 1}", name, lambda attachment=attachment: bytes(attachment.get_data()))  # type: ignore[misc]


def _read_page(page: pypdfium2.PdfPage, number: int) -> Iterator[Item]:
    place = f"page {number}"
    with closing(page.get_textpage()) as textpage:
        words = _words(textpage)
    if not words:
        if any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_FORM_DEPTH)):
            yield Reason.NO_OCR
        return
    rows = tables = 0
    for block in layout(words):
        if isinstance(block, str):
            yield Text(block, place)
            continue
        tables += 1
        for texts in block:
            rows += 1
            yield row(place if tables == 1 else f"{place}, table {tables}", texts, number=rows, prefix=f"{place}, ")


def _words(textpage: pypdfium2.PdfTextPage) -> list[Word]:
    count = textpage.count_chars()
    text = textpage.get_text_range() if count > 0 else ""
    if len(text) != count:  # characters that PDFium leaves out, or takes for two: ask for each
        text = "".join([chr(pdfium.FPDFText_GetUnicode(textpage, index) or 32) for index in range(count)])
    box = _Box(textpage)
    words: list[Word] = []
    for match in _WORD.finditer(text):
        first, last = match.start(), match.end() - 1
        left, right, bottom, top = box.of(first)
        if last > first:
            other = box.of(last)
            left, right = min(left, other[0]), max(right, other[1])
            bottom, top = min(bottom, other[2]), max(top, other[3])
        words.append(Word(_clean(match[0]), left, right, bottom, top, box.run(first)))
    return words


def _clean(word: str) -> str:
    """Without the marks that PDFium sets for a hyphen at a line's end (U+FFFE, U+0002)."""
    return word.replace("￾", "-").replace("\u0002", "-") if not word.isascii() else word


class _Box:
    """Boxes of characters, asked for without making new C numbers each time."""

    def __init__(self, textpage: pypdfium2.PdfTextPage) -> None:
        self.textpage = textpage
        self.rect = pdfium.FS_RECTF()
        self.pointer = ctypes.byref(self.rect)

    def of(self, index: int) -> tuple[float, float, float, float]:
        """Left, right, bottom and top: of the line's height, not of the letter's own, so that "-" stands on a line too."""
        pdfium.FPDFText_GetLooseCharBox(self.textpage, index, self.pointer)
        rect = self.rect
        return rect.left, rect.right, rect.bottom, rect.top

    def run(self, index: int) -> int:
        """Which of the page's text objects drew a character."""
        return ctypes.cast(pdfium.FPDFText_GetTextObject(self.textpage, index), ctypes.c_void_p).value or 0


def _read_annotations(page: pypdfium2.PdfPage, number: int, forms: object) -> Iterator[Item]:
    """Values of form fields and texts of notes, which are no part of the page's text."""
    for index in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if kind == pdfium.FPDF_ANNOT_WIDGET and forms is not None:
                name = _wide(pdfium.FPDFAnnot_GetFormFieldName, forms, annotation)
                value = _wide(pdfium.FPDFAnnot_GetFormFieldValue, forms, annotation)
                if value and value != "Off":
                    yield Text(f"{name}: {value}" if name else value, f"page {number}, field")
            elif kind not in {pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP, pdfium.FPDF_ANNOT_WIDGET}:
                note = _wide(pdfium.FPDFAnnot_GetStringValue, annotation, b"Contents")
                if note:
                    yield Text(note, f"page {number}, note")
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _wide(ask, *arguments: object) -> str:  # type: ignore[no-untyped-def]  # a C function
    """The UTF-16 string that a C function of PDFium writes."""
    size = min(ask(*arguments, None, 0), _MAX_FIELD_BYTES)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    ask(*arguments, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\0", " ").replace("\r", "\n").strip()


FORMAT = Format(
    "pdf", ("pdf",), (".pdf",), "PDF by page: text, tables, filled-in fields, notes, and files put in; scanned pages are said unread.", read
)
