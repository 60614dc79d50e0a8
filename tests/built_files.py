"""Files of every format, built afresh with known content: the people in them are invented, 30 February is nobody's birthday."""

from __future__ import annotations

import datetime
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import docx
import fpdf
import openpyxl
import pptx
import xlwt
from built_archives import archives
from built_office import sample_doc, sample_ppt
from built_outlook import compound, sample_msg, sample_tnef
from odf import office, table, text
from odf.opendocument import OpenDocumentPresentation, OpenDocumentSpreadsheet, OpenDocumentText
from openpyxl.comments import Comment
from PIL import Image

from detector import formats
from detector.budget import Budget, Limits
from detector.records import Part, Reading, Role, Table, Text

ROWS = (("Navn", "CPR-nr."), ("Søren Ærø", "300280-0008"))


def read(data: bytes, filename: str | None = None, media_type: str = "application/octet-stream", **limits: Any) -> Reading:
    """The attachment `data`, read under these limits; without text recognition, which takes its time, where it is not asked for."""
    limits.setdefault("ocr", False)
    part = Part("1", media_type, data, filename, is_attachment=True)
    return formats.read(part, role=Role.ATTACHMENT, budget=Budget(Limits(**limits)))


def body(content: str, media_type: str = "text/plain") -> list[Text | Table]:
    """Blocks of a body part."""
    part = Part("1", media_type, content.encode(), charset="utf-8")
    reading = formats.read(part, role=Role.BODY, budget=Budget())
    assert not reading.unread
    return list(reading.documents[0].blocks) if reading.documents else []


def texts(reading: Reading) -> list[tuple[str, str]]:
    """(place, text) of every paragraph and filled cell, in order."""
    found = []
    for document in reading.documents:
        for block in document.blocks:
            cells = [block] if isinstance(block, Text) else [cell for cells in block.rows for cell in cells]
            found += [(each.where, each.text) for each in cells if each.text]
    return found


def grid(block: Text | Table) -> list[list[str]]:
    """Texts of a table, row by row."""
    assert isinstance(block, Table)
    return [[cell.text for cell in cells] for cells in block.rows]


def reasons(reading: Reading) -> list[tuple[str, str]]:
    """(part, reason) of all that was not read."""
    return [(each.part, each.reason.value) for each in reading.unread]


def places(reading: Reading) -> list[list[str]]:
    """For each document the places of its filled cells."""
    tables = [[block for block in document.blocks if isinstance(block, Table)] for document in reading.documents]
    return [[cell.where for block in each for cells in block.rows for cell in cells if cell.text] for each in tables]


def saved(document: Any) -> bytes:
    """What a document's own `save` writes."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def zipped(members: dict[str, bytes], *, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zeros(megabytes: int) -> bytes:
    """A zip archive of so many million NULs, packed one million at a time and repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    million = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = million * megabytes + packer.flush()
    sizes = struct.pack("<HHHIIIHH", 8, 0, 0, 0, len(packed), megabytes * 1_000_000, 7, 0)
    local = b"PK\3\4" + struct.pack("<HH", 20, 0) + sizes + b"nul.txt" + packed
    entry = b"PK\1\2" + struct.pack("<HHH", 20, 20, 0) + sizes + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"nul.txt"
    return local + entry + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(local), 0)


def build_xlsx() -> bytes:
    """Two sheets, the second hidden; leading blank rows and columns, numbers, dates, a comment."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Ark1"
    for number, cells in enumerate(ROWS, 3):
        for column, value in enumerate(cells, 2):
            sheet.cell(number, column, value)
    sheet["B6"], sheet["C6"], sheet["D6"] = 101900008, 3.5, datetime.datetime(2026, 3, 1)
    sheet["B4"].comment = Comment("syg i maj", "x")
    hidden = book.create_sheet("Skjult")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "bag tæppet"
    return saved(book)


def build_xls() -> bytes:
    """One sheet that begins in B3."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Ark1")
    for number, cells in enumerate(ROWS, 2):
        for column, value in enumerate(cells, 1):
            sheet.write(number, column, value)
    return saved(book)


def build_docx() -> bytes:
    """Body, table, header, footer, comment, text box, tracked changes."""
    document = docx.Document()
    document.add_paragraph("Første afsnit")
    grid_ = document.add_table(2, 2)
    for number, cells in enumerate(ROWS):
        for column, value in enumerate(cells):
            grid_.cell(number, column).text = value
    paragraph = document.add_paragraph("Sidste afsnit")
    document.add_comment(paragraph.runs, "en kommentar", author="x")
    document.sections[0].header.paragraphs[0].text = "hoved"
    document.sections[0].footer.paragraphs[0].text = "fod"
    plain = saved(document)
    extra = (
        '<w:p><w:ins w:id="1"><w:r><w:t>indsat</w:t></w:r></w:ins><w:del w:id="2"><w:r><w:delText>slettet</w:delText></w:r></w:del></w:p>'
        '<w:p><w:r><w:t>udenom</w:t><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><w:txbxContent>'
        "<w:p><w:r><w:t>i boksen</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
    )
    return replaced(plain, "word/document.xml", lambda xml: xml.replace(b"<w:sectPr", extra.encode() + b"<w:sectPr", 1))


def replaced(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """A zip with one of its members changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return zipped({each: change(archive.read(each)) if each == name else archive.read(each) for each in archive.namelist()})


def build_pptx() -> bytes:
    """A slide with title, table and notes."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[5])
    slide.shapes.title.text = "Holdet"
    drawn = slide.shapes.add_table(2, 2, 0, 0, 1_000_000, 1_000_000).table
    for number, cells in enumerate(ROWS):
        for column, value in enumerate(cells):
            drawn.cell(number, column).text = value
    slide.notes_slide.notes_text_frame.text = "husk ham"
    return saved(show)


def _odf_table(name: str, *, leading: int = 0) -> Any:
    drawn = table.Table(name=name)
    if leading:
        blank = table.TableRow(numberrowsrepeated=leading)
        blank.addElement(table.TableCell(numbercolumnsrepeated=16384))
        drawn.addElement(blank)
    for cells in ROWS:
        line = table.TableRow()
        if leading:
            line.addElement(table.TableCell())
        for value in cells:
            cell = table.TableCell(valuetype="string")
            cell.addElement(text.P(text=value))
            line.addElement(cell)
        drawn.addElement(line)
    return drawn


def _written(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.write(buffer)
    return buffer.getvalue()


def build_odt() -> bytes:
    """Heading, paragraph with a span, table, comment."""
    document = OpenDocumentText()
    document.text.addElement(text.H(outlinelevel=1, text="Overskrift"))
    paragraph = text.P(text="Hej ")
    paragraph.addElement(text.Span(text="Bo"))
    note = office.Annotation()
    note.addElement(text.P(text="en kommentar"))
    paragraph.addElement(note)
    document.text.addElement(paragraph)
    document.text.addElement(_odf_table("T"))
    return _written(document)


def build_ods() -> bytes:
    """One sheet that begins in B3, after rows that are stored once with a count."""
    document = OpenDocumentSpreadsheet()
    document.spreadsheet.addElement(_odf_table("Ark1", leading=2))
    return _written(document)


def build_odp() -> bytes:
    """Two slides."""
    from odf import draw, style

    document = OpenDocumentPresentation()
    layout = style.PageLayout(name="l")
    document.automaticstyles.addElement(layout)
    master = style.MasterPage(name="m", pagelayoutname=layout)
    document.masterstyles.addElement(master)
    for line in ("forside", "Søren Ærø"):
        page = draw.Page(masterpagename=master)
        frame = draw.Frame(width="1cm", height="1cm")
        box = draw.TextBox()
        box.addElement(text.P(text=line))
        frame.addElement(box)
        page.addElement(frame)
        document.presentation.addElement(page)
    return _written(document)


def build_pdf(draw_page: Callable[[fpdf.FPDF], None], *, password: str | None = None) -> bytes:
    """A PDF of one page and what `draw_page` adds."""
    document = fpdf.FPDF()
    document.add_page()
    document.set_font("helvetica", size=11)
    draw_page(document)
    if password is not None:
        document.set_encryption("owner", password)
    return bytes(document.output())


def draw_letter(document: fpdf.FPDF) -> None:
    """Two paragraphs and a bordered table."""
    document.multi_cell(0, 6, "Her er holdet.")
    document.ln(10)
    with document.table() as drawn:
        for cells in ROWS:
            line = drawn.row()
            for value in cells:
                line.cell(value)
    document.add_page()
    document.cell(0, 6, "Anden side")


def draw_scan(document: fpdf.FPDF) -> None:
    """A page with a picture only, and one with text."""
    document.image(Image.new("L", (300, 300), 200), w=100)
    document.add_page()
    document.cell(0, 6, "Anden side")


RTF = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fcharset204 Arial;}}{\info{\author Ingen}}{\header hoved\par}"
    rb"\pard Her er S\'f8ren \u197?r\'f8{\f1  \'c0}\par\trowd\pard\intbl Navn\cell CPR-nr.\cell\row"
    rb"\trowd\pard\intbl S\'f8ren \u198?r\u248?\cell 300280-0008\cell\row\pard efter{\footnote fod}\par{\pict 0102}{\*\ukendt nej}}"
)
HTML = (
    "<html><head><style>p{}</style></head><body><p>Her er holdet</p><table>"
    + "".join(f"<tr>{''.join(f'<td>{value}</td>' for value in cells)}</tr>" for cells in ROWS)
    + "</table></body></html>"
).encode()
EML = b"From: a@uni.example\nTo: b@uni.example\nMIME-Version: 1.0\nSubject: s\n\nHej\n"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><style>x</style><text>S\xc3\xb8ren</text></svg>'
XML = (
    '<?xml version="1.0"?><hold><elev><navn>Søren Ærø</navn><cpr>300280-0008</cpr></elev><elev id="7"><navn>Bo</navn></elev></hold>'
).encode()
JSON = '[{"navn": "Søren Ærø", "cpr": "300280-0008"}, {"navn": "Bo", "point": 7}]'.encode()
ICS = (
    "BEGIN:VCALENDAR\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Romance\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Samtale med Bo\r\n"
    "DESCRIPTION:Bo er syg.\\n\\nHan kommer\\, m\r\n åske.\r\nLOCATION:Stuen\r\n"
    'ORGANIZER;CN="Ær, Ida":MAILTO:ida@uni.example\r\n'
    'ATTENDEE;CN=Bo;SENT-BY="mailto:c@uni.example":mailto:bo@uni.example\r\n'
    "ATTACH;ENCODING=BASE64;VALUE=BINARY;FILENAME=a.txt:aGVqIG1lZCBkaWc=\r\n"
    "X-ALT-DESC;FMTTYPE=text/html:<html><body><p>Bo er syg\\; ja</p></body></html>\r\nuden kolon\r\n"
    "BEGIN:VALARM\r\nDESCRIPTION:Husk\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).encode()
VCF = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C3=86r=C3=B8;S=C3=B8ren;;;\r\nTEL;HOME;VOICE:12345678\r\n"
    b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:syg siden=0D=0A=\r\n12. maj, p=E5 orlov\r\nBDAY:19800230\r\n"
    b"PHOTO;ENCODING=BASE64;TYPE=GIF:\r\n R0lGODlhAQABAAA=\r\n\r\nEND:VCARD\r\n"
    b"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Bosen;Bo;;;\r\nFN:Bo Bosen\r\nitem1.EMAIL;TYPE=home:bo@uni.example\r\n"
    b"ADR;TYPE=HOME:;;Ingenvej 3\\, 2. tv;Aarhus;;8000;\r\nNOTE:en lang no\r\n te\r\nX-CPR:300280-0008\r\nEND:VCARD\r\n"
)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (300).to_bytes(4, "big") + (200).to_bytes(4, "big") + bytes(9)
FLAT = (
    b'<?xml version="1.0"?><office:document xmlns:office="o" xmlns:text="t" xmlns:draw="d" xmlns:table="b" '
    b'office:mimetype="application/vnd.oasis.opendocument.%s"><office:body>%s</office:body></office:document>'
)
FLAT_SHEET = (
    b'<table:table table:name="a"><table:table-row><table:table-cell>'
    b"<text:p>hej</text:p></table:table-cell></table:table-row></table:table>"
)


def signed(content: bytes | None, *, pieces: int = 0) -> bytes:
    """An S/MIME signature around content, or apart from it (None); with `pieces`, of unknown length and cut, as by programs that stream."""

    def tlv(tag: int, value: bytes) -> bytes:
        if pieces and tag & 0x20 and tag != 0x31:
            return bytes([tag, 0x80]) + value + b"\0\0"
        size = len(value).to_bytes((len(value).bit_length() + 7) // 8 or 1, "big")
        return bytes([tag]) + (size if len(value) < 0x80 else bytes([0x80 | len(size)]) + size) + value

    step = -(-len(content or b"") // (pieces or 1)) or 1
    cut = [(content or b"")[at : at + step] for at in range(0, len(content or b""), step)]
    octets = tlv(0x24, b"".join(tlv(0x04, piece) for piece in cut)) if pieces else tlv(0x04, content or b"")
    kind = bytes.fromhex("06092a864886f70d010701")
    inner = tlv(0x30, kind + (b"" if content is None else tlv(0xA0, octets)))
    structure = tlv(0x30, b"\x02\1\1" + tlv(0x31, b"\x30\0") + inner + tlv(0x31, b""))
    return tlv(0x30, bytes.fromhex("06092a864886f70d010702") + tlv(0xA0, structure))


def samples() -> dict[str, bytes]:
    """One file of each kind."""
    return {
        "text": "Her er Søren Ærø\n\nNavn\tCPR-nr.\nSøren Ærø\t300280-0008\n".encode(),
        "html": HTML,
        "csv": "Navn;CPR-nr.\nSøren Ærø;300280-0008\nBo;\n".encode(),
        "rtf": RTF,
        "docx": build_docx(),
        "odt": build_odt(),
        "odp": build_odp(),
        "ods": build_ods(),
        "pptx": build_pptx(),
        "xlsx": build_xlsx(),
        "xls": build_xls(),
        "pdf": build_pdf(draw_letter),
        "mail": EML,
        "mbox": b"From a Thu Jan 1\n" + EML + b"\n\nFrom b Fri Jan 2\n" + EML,
        "doc": sample_doc(),
        "ppt": sample_ppt(),
        "ole": compound({"CONTENTS": b"hej"}),
        "fodt": FLAT % (b"text", b"<office:text><text:p>hej</text:p></office:text>"),
        "fodp": FLAT % (b"presentation", b"<office:presentation><draw:page><text:p>hej</text:p></draw:page></office:presentation>"),
        "fods": FLAT % (b"spreadsheet", FLAT_SHEET),
        "msg": sample_msg(),
        "tnef": sample_tnef(),
        "zip": zipped({"mappe/a.csv": b"a;b\nc;d\ne;f", "b.eml": EML}),
        **archives(),
        "ics": ICS,
        "vcf": VCF,
        "json": JSON,
        "xml": XML,
        "svg": SVG,
        "picture": PNG,
        "signed": signed(b"Content-Type: text/plain\r\n\r\nhej\r\n"),
        "sealed": b"-----BEGIN PGP MESSAGE-----\n\nhQ\n-----END PGP MESSAGE-----\n",
        "signature": b"-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n",
    }
