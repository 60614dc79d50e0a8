"""PDF by pypdfium2: text and tables of each page, scanned pages by text recognition, and what `pdf_extras` reads beside the pages.

PDFium is not safe between threads: one lock holds for all of it.
"""

from __future__ import annotations

import ctypes
import math
import re
import threading
from collections.abc import Iterator
from contextlib import closing

import pypdfium2
import pypdfium2.raw as pdfium

from detector.budget import Budget
from detector.formats import ocr, pdf_extras
from detector.formats.pdf_damage import content_is_lost
from detector.formats.pdf_layout import Word, layout
from detector.formats.plugin import Format, Item, Source, row
from detector.records import Reason, Text

_LOCK = threading.RLock()
_WORD = re.compile(r"[^\s\x00-\x1f\x7f]+")
_MAX_FORM_DEPTH = 4
_SCAN_DPI = 300
_MAX_DRAWN = 20_000_000
"""Pixels that a page is drawn in: an A3 sheet at 300 dots an inch has 17 million."""


def read(source: Source) -> Iterator[Item]:
    """Texts "page 2", cells "page 2, row 3, column 1", "page 2, field", "page 2, note", "bookmark", "properties"."""
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
    files = [document.get_attachment(number) for number in range(document.count_attachments())]
    is_blank = len(document) > 0 and not has_form
    for number in range(len(document)):
        source.budget.spend_page()
        with closing(document[number]) as page:
            yield from _read_page(source, page, number + 1)
            yield from pdf_extras.read_annotations(page, number + 1, document.formenv if has_form else None)
            files += pdf_extras.files_on(page, document)
            is_blank = is_blank and _is_blank(page)
    if is_blank and content_is_lost(source.part.data):
        yield Reason.DAMAGED
    yield from pdf_extras.read_form_data(document)
    yield from pdf_extras.read_bookmarks(document, budget=source.budget)
    yield from pdf_extras.read_properties(document)
    for number, file in enumerate(pdf_extras.distinct(files), 1):
        yield source.member(f"{source.part.index}.{number}", pdf_extras.file_name(file), lambda file=file: bytes(file.get_data()))  # type: ignore[misc]


def _is_blank(page: pypdfium2.PdfPage) -> bool:
    """Whether a page has neither text, pictures nor annotations; lines may be drawn on it."""
    with closing(page.get_textpage()) as textpage:
        has_text = textpage.count_chars() > 0
    return not (has_text or pdfium.FPDFPage_GetAnnotCount(page) or any(page.get_objects([pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=2)))


def _read_page(source: Source, page: pypdfium2.PdfPage, number: int) -> Iterator[Item]:
    place = f"page {number}"
    with closing(page.get_textpage()) as textpage:
        words = _words(textpage)
    if not words:
        yield from _read_scan(page, place, source.budget)
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


def _read_scan(page: pypdfium2.PdfPage, place: str, budget: Budget) -> Iterator[Item]:
    """The text of a page without any that shows pictures; their pixels are counted before it is drawn."""
    images = list(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=_MAX_FORM_DEPTH))
    if not images:
        return
    if not ocr.is_wanted(budget):
        yield Reason.NO_OCR
    elif sum(_pixels(image) for image in images) > budget.limits.ocr_pixels:
        yield Reason.TOO_LARGE
    else:
        yield from ocr.read(_drawn(page), budget=budget, where=place, dpi=_SCAN_DPI)


def _pixels(image: pypdfium2.PdfObject) -> int:
    width, height = ctypes.c_uint(), ctypes.c_uint()
    pdfium.FPDFImageObj_GetImagePixelSize(image, width, height)
    return width.value * height.value


def _drawn(page: pypdfium2.PdfPage) -> bytes:
    """The page as a grey picture (PGM) of 300 dots an inch, or of as many as `_MAX_DRAWN` has room for."""
    width, height = page.get_size()
    scale = min(_SCAN_DPI / 72, math.sqrt(_MAX_DRAWN / max(width * height, 1.0)))
    with closing(page.render(scale=scale, grayscale=True)) as bitmap:
        rows = memoryview(bitmap.buffer)
        lines = [bytes(rows[at : at + bitmap.width]) for at in range(0, bitmap.stride * bitmap.height, bitmap.stride)]
        return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(lines)


FORMAT = Format(
    "pdf",
    ("pdf",),
    (".pdf",),
    "PDF by page: text, tables, scanned pages as pictures are, filled-in fields, notes, bookmarks, properties, and files put in.",
    read,
)
