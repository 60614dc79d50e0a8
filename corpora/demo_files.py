"""Writes the attachments of the demo mailbox, one function a format, from plain rows and paragraphs."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import docx
import fpdf
import openpyxl
import pptx
import pyzipper
from odf import table as odf_table
from odf import text as odf_text
from odf.opendocument import OpenDocumentSpreadsheet, OpenDocumentText
from PIL import Image, ImageDraw, ImageFont

from corpora.demo_envelopes import noise

Attachment = dict[str, Any]

CREATED = datetime(2026, 1, 1, tzinfo=UTC)
ZIP_DATE = (2026, 1, 1, 0, 0, 0)
TNEF_SIGNATURE = bytes.fromhex("789f3e22")


def write_file(attachment: Attachment) -> bytes:
    """The bytes of one attachment; the ending of its name says which format."""
    return FORMATS[suffix(attachment["filename"])][1](attachment)


def media_type(filename: str) -> str:
    """The media type that a mail program would give a file of that name."""
    return FORMATS[suffix(filename)][0]


def suffix(filename: str) -> str:
    """The ending of a file name, without the dot."""
    return filename.rpartition(".")[2]


def write_csv(attachment: Attachment) -> bytes:
    """Semicolons and a byte order mark, as a Danish spreadsheet program saves it."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(attachment["rows"])
    return text.getvalue().encode("utf-8-sig")


def write_txt(attachment: Attachment) -> bytes:
    """Paragraphs as lines."""
    return "".join(line + "\r\n" for line in attachment["paragraphs"]).encode()


def write_rtf(attachment: Attachment) -> bytes:
    """Rich Text Format, with Danish letters as escapes."""
    lines = ["".join(char if char.isascii() else f"\\u{ord(char)}?" for char in line) for line in attachment["paragraphs"]]
    body = "\n".join(line + "\\par" for line in lines)
    return f"{{\\rtf1\\ansi\\ansicpg1252\\deff0{{\\fonttbl{{\\f0 Arial;}}}}\\f0\\fs22\n{body}\n}}".encode()


def write_xlsx(attachment: Attachment) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = attachment["sheet"]
    for row in attachment["rows"]:
        sheet.append(row)
    return freeze(book.save)


def write_ods(attachment: Attachment) -> bytes:
    """An OpenDocument spreadsheet of one sheet; every cell is text."""
    document = OpenDocumentSpreadsheet()
    document.spreadsheet.addElement(fill_odf_table(attachment["sheet"], attachment["rows"]))
    return freeze(document.write)


def write_odt(attachment: Attachment) -> bytes:
    """An OpenDocument text: paragraphs, then the table."""
    document = OpenDocumentText()
    for line in attachment["paragraphs"]:
        document.text.addElement(odf_text.P(text=line))
    if "table" in attachment:
        document.text.addElement(fill_odf_table("Tabel1", attachment["table"]))
    return freeze(document.write)


def fill_odf_table(name: str, rows: list[list[str]]) -> Any:
    """A table of text cells."""
    table = odf_table.Table(name=name)
    table.addElement(odf_table.TableColumn(numbercolumnsrepeated=len(rows[0])))
    for row in rows:
        line = odf_table.TableRow()
        for value in row:
            cell = odf_table.TableCell(valuetype="string")
            cell.addElement(odf_text.P(text=value))
            line.addElement(cell)
        table.addElement(line)
    return table


def write_docx(attachment: Attachment) -> bytes:
    """A Word document: paragraphs, then the table."""
    document = docx.Document()
    for line in attachment["paragraphs"]:
        document.add_paragraph(line)
    rows = attachment.get("table", [])
    if rows:
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for row, values in zip(table.rows, rows, strict=True):
            for cell, value in zip(row.cells, values, strict=True):
                cell.text = value
    return freeze(document.save)


def write_pptx(attachment: Attachment) -> bytes:
    """A presentation of two slides: the first paragraph as title, the others as bullets."""
    title, *bullets = attachment["paragraphs"]
    show = pptx.Presentation()
    show.slides.add_slide(show.slide_layouts[0]).shapes.title.text = title
    slide = show.slides.add_slide(show.slide_layouts[1])
    slide.shapes.title.text = title
    slide.placeholders[1].text = "\n".join(bullets)
    return freeze(show.save)


def write_pdf(attachment: Attachment) -> bytes:
    """A PDF of one page: paragraphs, or the picture of a page where the attachment is a scan."""
    page = fpdf.FPDF()
    page.set_creation_date(CREATED)
    page.add_page()
    if "scan" in attachment:
        page.image(draw_page(attachment["scan"]), x=0, y=0, w=210)
        return bytes(page.output())
    page.set_font("Helvetica", size=11)
    for line in attachment["paragraphs"]:
        page.multi_cell(0, 8, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(page.output())


def draw_page(lines: list[str]) -> Image.Image:
    """An A4 page at 75 dots an inch, in grey tones, as an office scanner makes it."""
    image = Image.new("L", (620, 877), 244)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(18)
    for number, line in enumerate(lines):
        draw.text((70, 90 + 40 * number), line, fill=50, font=font)
    return image.rotate(0.6, fillcolor=236)


def write_zip(attachment: Attachment) -> bytes:
    """A zip archive; with a password, AES-256."""
    data = io.BytesIO()
    # A real archive takes a random salt, which would change the file at every build.
    with mock.patch.object(pyzipper.zipfile_aes, "Random", FixedRandom), pyzipper.AESZipFile(data, "w") as archive:
        if "password" in attachment:
            archive.setpassword(attachment["password"].encode())
            archive.setencryption(pyzipper.WZ_AES)
        for member in attachment["zip"]:
            info = pyzipper.zipfile_aes.AESZipInfo(member["filename"], ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, write_file(member))
    return data.getvalue()


class FixedRandom:
    """Stands in for the source of random octets while a demo archive is written."""

    @staticmethod
    def new() -> FixedRandom:
        """As the original is made."""
        return FixedRandom()

    def read(self, size: int) -> bytes:
        """So many octets, always the same."""
        return noise("salt", size)


def write_unknown(attachment: Attachment) -> bytes:
    """The signature of Outlook's TNEF container, then nothing that a reader could use."""
    return TNEF_SIGNATURE + noise(attachment["filename"], 3000)


def freeze(save: Callable[[io.BytesIO], None]) -> bytes:
    """What `save` writes, a zip, with fixed dates on its members and in its metadata."""
    written, frozen = io.BytesIO(), io.BytesIO()
    save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(frozen, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name in ("docProps/core.xml", "meta.xml"):
                data = re.sub(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d", CREATED.strftime("%Y-%m-%dT%H:%M:%S").encode(), data)
            member = zipfile.ZipInfo(name, ZIP_DATE)
            member.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            target.writestr(member, data)
    return frozen.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument"
OPENDOCUMENT = "application/vnd.oasis.opendocument"

FORMATS: dict[str, tuple[str, Callable[[Attachment], bytes]]] = {
    "csv": ("text/csv", write_csv),
    "dat": ("application/ms-tnef", write_unknown),
    "docx": (f"{OFFICE}.wordprocessingml.document", write_docx),
    "ods": (f"{OPENDOCUMENT}.spreadsheet", write_ods),
    "odt": (f"{OPENDOCUMENT}.text", write_odt),
    "pdf": ("application/pdf", write_pdf),
    "pptx": (f"{OFFICE}.presentationml.presentation", write_pptx),
    "rtf": ("application/rtf", write_rtf),
    "txt": ("text/plain", write_txt),
    "xlsx": (f"{OFFICE}.spreadsheetml.sheet", write_xlsx),
    "zip": ("application/zip", write_zip),
}
