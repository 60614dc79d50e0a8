"""Files of known content in every format, each with all that must come back of it: (place, text), in order, and nothing else.

The persons are invented; 30 February is nobody's birthday.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import docx
import fpdf
import openpyxl
import pptx
import pypdfium2
import xlwt
from built_files import RTF, build_pdf, replaced, saved, zipped
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE

HEADER = ("Navn", "CPR-nr.", "Karakter")
ROWS = (HEADER, ("Søren Ærø", "300280-0008", "7"), ("Ida Nørgård", "300280-0024", "12"))
LETTER = ("Kære Lærke Ærø-Sørensen", "Vi har modtaget din ansøgning om orlov.")
Found = list[tuple[str, str]]


class Golden(NamedTuple):
    """A file and what it holds."""

    build: Callable[[], bytes]
    expected: Found
    filename: str | None = None
    needs_ocr: bool = False


def cells(prefix: str, rows: tuple[tuple[str, ...], ...] = ROWS) -> Found:
    """Places and texts of a table, as `plugin.row` gives them."""
    return [
        (f"{prefix}row {number}, column {column}", text) for number, row in enumerate(rows, 1) for column, text in enumerate(row, 1) if text
    ]


def sheet_cells(sheet: str, rows: tuple[tuple[str, ...], ...] = ROWS, *, hidden: str = "") -> Found:
    """The same of a sheet."""
    return [(f"{sheet}!{'ABCDEF'[column]}{number}{hidden}", text) for number, row in enumerate(rows, 1) for column, text in enumerate(row)]


def extended(data: bytes, members: dict[str, str]) -> bytes:
    """A package with more members."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        kept = {name: archive.read(name) for name in archive.namelist()}
    return zipped(kept | {name: text.encode() for name, text in members.items()})


# ---------------------------------------------------------------- text, HTML, RTF


def _separated(mark: str) -> str:
    return "".join(mark.join(row) + "\n" for row in ROWS)


def _html() -> bytes:
    table = "".join(f"<tr>{''.join(f'<td>{text}</td>' for text in row)}</tr>" for row in ROWS)
    return (
        f"<html><head><title>Holdet</title></head><body><p>{LETTER[0]}</p><table>{table}</table><!-- en kommentar -->"
        '<p style="display:none">skjult</p><p>se <img src="x" alt="et billede af Ida"></p></body></html>'
    ).encode()


# ---------------------------------------------------------------- Word

_NO_PROPERTIES = "<cp:coreProperties xmlns:cp='urn:c'/>"


def _docx(body: str = "", members: dict[str, str] | None = None, *, properties: str = _NO_PROPERTIES) -> bytes:
    """A Word file whose body is this XML."""
    plain = replaced(saved(docx.Document()), "word/document.xml", lambda xml: xml.replace(b"<w:sectPr", body.encode() + b"<w:sectPr", 1))
    return replaced(extended(plain, members or {}), "docProps/core.xml", lambda _: properties.encode())


def _p(text: str, kind: str = "t") -> str:
    return f"<w:p>{_r(text, kind)}</w:p>"


def _r(text: str, kind: str = "t") -> str:
    return f'<w:r><w:{kind} xml:space="preserve">{text}</w:{kind}></w:r>'


def _w(root: str, inside: str) -> str:
    return f'<w:{root} xmlns:w="urn:w">{inside}</w:{root}>'


_DRAWING = (
    '<w:p><w:r><w:drawing><wp:inline><wp:docPr id="1" name="Billede 1" descr="klassefoto med Ida" title="Foto"/><a:graphic '
    'xmlns:a="urn:a"><pic:pic xmlns:pic="urn:p"><pic:cNvPr id="0" name="x" descr="klassefoto med Ida"/></pic:pic></a:graphic>'
    "</wp:inline></w:drawing></w:r></w:p>"
)
_CONTROL = f'<w:sdt><w:sdtPr><w:alias w:val="Navn"/></w:sdtPr><w:sdtContent>{_p("i et felt")}</w:sdtContent></w:sdt>'
_FIELD = f'<w:p>{_r("Side ")}<w:fldSimple w:instr="PAGE">{_r("7")}</w:fldSimple></w:p>'
_HIDDEN = "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>usynlig</w:t></w:r></w:p>"
_BOX = (
    '<w:p><w:r><w:pict><v:shape xmlns:v="urn:v" alt="en boks"><v:textbox><w:txbxContent>'
    + _p("i boksen")
    + "</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>"
)
_NOTE_SEPARATOR = '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
_CHANGED = f"""<w:p>{_r("Ida har ")}<w:del w:id="1">{_r("diabetes", "delText")}</w:del><w:ins w:id="2">{_r("fri")}</w:ins></w:p>
<w:p><w:del w:id="3">{_r("en sætning er væk", "delText")}</w:del></w:p>
<w:p><w:moveFrom w:id="4">{_r("flyttet")}</w:moveFrom></w:p><w:p><w:moveTo w:id="4">{_r("flyttet")}</w:moveTo></w:p>
<w:tbl><w:tr><w:tc>{_p("Navn")}</w:tc><w:tc>{_p("CPR-nr.")}</w:tc></w:tr><w:tr><w:trPr><w:ins w:id="7"/></w:trPr>
<w:tc>{_p("Ida")}</w:tc><w:tc>
<w:p><w:del w:id="5">{_r("300280-0008", "delText")}</w:del><w:ins w:id="6">{_r("300280-0024")}</w:ins></w:p></w:tc></w:tr></w:tbl>"""
_CHART = (
    '<c:chart xmlns:c="urn:c" xmlns:a="urn:a"><c:title><a:p><a:r><a:t>Fravær</a:t></a:r></a:p></c:title><c:cat><c:strCache>'
    "<c:pt><c:v>Ida Nørgård</c:v></c:pt></c:strCache></c:cat><c:val><c:numCache><c:pt><c:v>12</c:v></c:pt></c:numCache></c:val></c:chart>"
)
_DIAGRAM = '<d:data xmlns:d="urn:d" xmlns:a="urn:a"><d:pt><a:p><a:r><a:t>Rektor: Ida Nørgård</a:t></a:r></a:p></d:pt></d:data>'
_CORE = (
    '<cp:coreProperties xmlns:cp="urn:c" xmlns:dc="urn:d"><dc:title>Klage</dc:title><dc:creator>Ida Nørgård</dc:creator>'
    "<cp:lastModifiedBy>Bo Holm</cp:lastModifiedBy><cp:revision>4</cp:revision></cp:coreProperties>"
)
_CUSTOM = '<Properties><property name="Sagsbehandler"><lpwstr>Bo Holm</lpwstr></property></Properties>'


def _docx_table() -> bytes:
    document = docx.Document()
    for line in LETTER:
        document.add_paragraph(line)
    drawn = document.add_table(3, 3)
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            drawn.cell(number, column).text = text
    return replaced(saved(document), "docProps/core.xml", lambda _: _NO_PROPERTIES.encode())


def _docx_margins() -> bytes:
    return _docx(
        _p("brødtekst"),
        {
            "word/header1.xml": _w("hdr", _p("hoved")),
            "word/footer1.xml": _w("ftr", _p("fod")),
            "word/footnotes.xml": _w("footnotes", f"{_NOTE_SEPARATOR}<w:footnote>{_p('en fodnote')}</w:footnote>"),
            "word/endnotes.xml": _w("endnotes", f"<w:endnote>{_p('en slutnote')}</w:endnote>"),
            "word/comments.xml": _w("c", f"<w:comment>{_p('ring til Ida')}</w:comment><w:comment>{_p('gjort')}{_p('af Bo')}</w:comment>"),
        },
    )


# ---------------------------------------------------------------- sheets


def _book(rows: tuple[tuple[str, ...], ...] = ROWS) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.properties.creator = ""
    book.active.title = "Løn"
    for row in rows:
        book.active.append(row)
    return book


def _xlsx_hidden() -> bytes:
    book = _book()
    sheet = book.active
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["C"].hidden = True
    secret = book.create_sheet("Gemt")
    secret.append(("Bo Holm",))
    secret.sheet_state = "veryHidden"
    return saved(book)


def _xlsx_margins() -> bytes:
    book = _book((("Navn",),))
    sheet = book.active
    sheet.oddHeader.left.text, sheet.oddHeader.right.text, sheet.oddFooter.center.text = "Skolen & Ida", "Fortroligt", "Side &P"
    sheet["A1"].comment = Comment("syg i maj", "x")
    book.defined_names["Rektor"] = DefinedName("Rektor", attr_text='"Ida Nørgård"')
    book.defined_names["Navne"] = DefinedName("Navne", attr_text="Løn!$A$1")
    choices = DataValidation("list", formula1='"Ida,Bo"', promptTitle="Vælg", prompt="Ida's elev")
    choices.add("A2")
    sheet.add_data_validation(choices)
    drawing = '<x:d xmlns:x="urn:x" xmlns:a="urn:a"><x:cNvPr descr="et kort"/><x:txBody><a:p><a:t>i boksen</a:t></a:p></x:txBody></x:d>'
    threaded = '<ThreadedComments><threadedComment ref="A1"><text>ring til Bo</text></threadedComment></ThreadedComments>'
    links = b'<Relationship Id="a" Target="../drawings/drawing1.xml"/><Relationship Id="b" Target="../threadedComments/tc1.xml"/>'
    written = extended(saved(book), {"xl/drawings/drawing1.xml": drawing, "xl/threadedComments/tc1.xml": threaded})
    end = b"</Relationships>"
    return replaced(written, "xl/worksheets/_rels/sheet1.xml.rels", lambda xml: xml.replace(end, links + end))


def _xls() -> bytes:
    book = xlwt.Workbook()
    for name, visibility in (("Løn", 0), ("Gemt", 1)):
        sheet = book.add_sheet(name)
        sheet.visibility = visibility
        for number, row in enumerate(ROWS):
            for column, text in enumerate(row):
                sheet.write(number, column, text)
    return saved(book)


# ---------------------------------------------------------------- OpenDocument

_FILTERED = ' table:visibility="filter"'
_NAMES = ("office", "text", "table", "draw", "style", "svg", "presentation", "dc", "meta")
_SPACES = " ".join(f'xmlns:{name}="urn:{name}"' for name in _NAMES)


def _odf(kind: str, content: str, *, styles: str = "", meta: str = "") -> bytes:
    """An OpenDocument file of this content."""
    members = {"mimetype": f"application/vnd.oasis.opendocument.{kind}", "content.xml": f"<office:d {_SPACES}>{content}</office:d>"}
    if styles:
        members["styles.xml"] = f"<office:styles {_SPACES}>{styles}</office:styles>"
    if meta:
        members["meta.xml"] = f"<office:meta {_SPACES}>{meta}</office:meta>"
    return zipped({name: text.encode() for name, text in members.items()})


def _odf_table(rows: tuple[tuple[str, ...], ...] = ROWS, attributes: str = "", hidden: int = -1) -> str:
    lines = "".join(
        f"<table:table-row{_FILTERED if number == hidden else ''}>"
        + "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in row)
        + "</table:table-row>"
        for number, row in enumerate(rows)
    )
    return f'<table:table table:name="Løn"{attributes}>{lines}</table:table>'


_ODF_NOTE = "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>en fodnote</text:p></text:note-body></text:note>"
_ODF_COMMENT = "<office:annotation><dc:creator>Bo</dc:creator><dc:date>2026</dc:date><text:p>ring til Ida</text:p></office:annotation>"
_ODF_FRAME = (
    "<draw:frame><draw:text-box><text:p>i boksen</text:p></draw:text-box><svg:title>Foto</svg:title>"
    "<svg:desc>af Ida</svg:desc></draw:frame>"
)
_ODT = (
    "<text:tracked-changes><text:changed-region><text:deletion><dc:creator>Bo</dc:creator><text:p>slettet linje</text:p></text:deletion>"
    f"</text:changed-region></text:tracked-changes><text:h>Overskrift</text:h><text:p>Hej{_ODF_NOTE} med{_ODF_COMMENT} dig</text:p>"
    f"<text:p>{_ODF_FRAME}</text:p>"
)
_ODF_MARGINS = (
    "<style:header><text:p>hoved</text:p></style:header><style:footer-first><text:p>fod</text:p></style:footer-first><text:p>nej</text:p>"
)
_ODF_META = (
    "<dc:title>Klage</dc:title><meta:initial-creator>Ida Nørgård</meta:initial-creator>"
    '<meta:user-defined meta:name="Sag">Bo</meta:user-defined>'
)
_ODS = (
    '<style:style style:name="ta2"><style:table-properties table:display="false"/></style:style>'
    "<table:tracked-changes><table:change-track-table-cell><text:p>før</text:p></table:change-track-table-cell></table:tracked-changes>"
    + _odf_table(hidden=1).replace("<table:table-row", f"<table:shapes>{_ODF_FRAME}</table:shapes><table:table-row", 1)
    + '<table:table table:name="Gemt" table:style-name="ta2"><table:table-column table:visibility="collapse"/><table:table-row>'
    f"<table:table-cell><text:p>Bo</text:p>{_ODF_COMMENT}</table:table-cell></table:table-row></table:table>"
    '<table:named-range table:name="Rektor"/>'
)
_ODP = (
    "<presentation:footer-decl>sidefoden</presentation:footer-decl>"
    f"<draw:page>{_ODF_FRAME}{_ODF_COMMENT}<presentation:notes><text:p>husk Ida</text:p></presentation:notes></draw:page>"
    f"<draw:page>{_odf_table()}</draw:page>"
)


# ---------------------------------------------------------------- PowerPoint


def _show() -> pptx.presentation.Presentation:
    show = pptx.Presentation()
    for name in ("author", "title", "last_modified_by", "subject", "keywords", "comments", "category"):
        setattr(show.core_properties, name, "")
    return show


def _pptx_notes() -> bytes:
    show = _show()
    first, second = (show.slides.add_slide(show.slide_layouts[5]) for _ in range(2))
    first.shapes.title.text, second.shapes.title.text = "Holdet", "Skjult dias"
    drawn = first.shapes.add_table(3, 3, 0, 0, 1_000_000, 1_000_000).table
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            drawn.cell(number, column).text = text
    second.notes_slide.notes_text_frame.text = "husk Ida"
    second._element.set("show", "0")
    order = show.slides._sldIdLst
    order.append(order[0])  # the first file is shown last
    links = '<R><Relationship Id="a" Target="../slides/slide1.xml"/></R>'
    comment = '<p:cmLst xmlns:p="urn:p"><p:cm><p:text>ring til Bo</p:text></p:cm></p:cmLst>'
    return extended(saved(show), {"ppt/comments/comment1.xml": comment, "ppt/comments/_rels/comment1.xml.rels": links})


def _pptx_chart() -> bytes:
    show = _show()
    slide = show.slides.add_slide(show.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["Ida Nørgård", "Bo Holm"]
    data.add_series("Fravær", (3, 5))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, 1_000_000, 1_000_000, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", "fravær som kage")
    written = extended(saved(show), {"ppt/diagrams/data1.xml": _DIAGRAM})
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist() if "embeddings" not in name})


# ---------------------------------------------------------------- PDF


def _draw_letter(document: fpdf.FPDF) -> None:
    document.multi_cell(0, 6, LETTER[0])
    document.ln(10)
    with document.table() as drawn:
        for row in ROWS:
            line = drawn.row()
            for text in row:
                line.cell(text)


def _draw_extras(document: fpdf.FPDF) -> None:
    document.set_title("Klage")
    document.set_author("Ida Nørgård")
    document.start_section("Om Ida")
    document.start_section("Sygdom", level=1)
    document.cell(0, 6, "tekst")
    document.text_annotation(20, 20, "ring til Bo")
    document.free_text_annotation("skrevet ovenpå", x=20, y=60, w=40, h=10)
    document.embed_file(basename="liste.csv", bytes=_separated(";").encode())
    with tempfile.TemporaryDirectory() as folder:
        pinned = Path(folder, "brev.txt")
        pinned.write_text(LETTER[0], "utf-8")
        document.file_attachment_annotation(pinned, 40, 40)


_FORM = """%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 5 0 R 6 0 R]/DA(/Helv 0 Tf)>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Annots[4 0 R 5 0 R 6 0 R]>> endobj
4 0 obj <</Type/Annot/Subtype/Widget/FT/Tx/T(navn)/V(Bo Holm)/Rect[10 10 100 30]/P 3 0 R>> endobj
5 0 obj <</Type/Annot/Subtype/Widget/FT/Ch/Ff 131072/T(hold)/Opt[(A)(B)]/V(B)/Rect[10 40 100 60]/P 3 0 R>> endobj
6 0 obj <</Type/Annot/Subtype/Widget/FT/Tx/T(tom)/Rect[10 70 100 90]/P 3 0 R>> endobj
trailer <</Root 1 0 R>>
"""
_DATASETS = "<xfa:datasets xmlns:xfa='urn:x'><xfa:data><f><navn>Ida Holm</navn><tom/></f></xfa:data></xfa:datasets>"
_XFA = f"""%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[]/XFA[(datasets) 4 0 R]>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]>> endobj
4 0 obj <</Length {len(_DATASETS)}>> stream
{_DATASETS}
endstream endobj
trailer <</Root 1 0 R>>
"""


# ---------------------------------------------------------------- pictures


def _draw_page(document: fpdf.FPDF) -> None:
    for number, line in enumerate(LETTER):
        document.text(20, 25 + 10 * number, line)
    for number, row in enumerate(ROWS):
        for column, text in enumerate(row):
            document.text(20 + 55 * column, 60 + 8 * number, text)


def page(draw: Callable[[fpdf.FPDF], None] = _draw_page, *, turned: int = 0) -> Image.Image:
    """The upper half of a letter with a table, as a scanner sees it: drawn by PDFium, whose own letters are the same everywhere."""
    with closing(pypdfium2.PdfDocument(build_pdf(draw))) as document, closing(document[0]) as drawn:
        image = drawn.render(scale=200 / 72, grayscale=True).to_pil()
    return image.crop((0, 0, image.width, image.height // 2)).rotate(turned, expand=True, fillcolor=255)


def picture(kind: str, draw: Callable[[fpdf.FPDF], None] = _draw_page, *, pages: int = 1, turned: int = 0) -> bytes:
    """The letter in a file of this kind."""
    buffer = io.BytesIO()
    more = {"save_all": True, "append_images": [page()] * (pages - 1)} if pages > 1 else {}
    page(draw, turned=turned).save(buffer, kind, **more)
    return buffer.getvalue()


def _letter_at(place: str) -> Found:
    return [*((place, line) for line in LETTER), *cells(f"{place}, ")]


def _pdf_scan() -> bytes:
    def draw(document: fpdf.FPDF) -> None:
        document.image(page(), w=190)
        document.add_page()
        document.cell(0, 6, "Anden side")

    return build_pdf(draw)


def _docx_scan() -> bytes:
    document = docx.Document()
    document.add_picture(io.BytesIO(picture("png")))
    return replaced(saved(document), "docProps/core.xml", lambda _: _NO_PROPERTIES.encode())


_LIST = cells("")
GOLDEN: dict[str, Golden] = {
    "text": Golden(lambda: f"{LETTER[0]}\n\n{_separated(chr(9))}".encode(), [("line 1", LETTER[0]), *_LIST]),
    "text-latin": Golden(lambda: LETTER[0].encode("latin-1"), [("line 1", LETTER[0])], "a.txt"),
    "text-wide": Golden(lambda: LETTER[0].encode("utf-16"), [("line 1", LETTER[0])], "a.txt"),
    "csv": Golden(lambda: _separated(";").encode("cp1252"), _LIST, "a.csv"),
    "tsv": Golden(lambda: _separated("\t").encode(), _LIST, "a.tsv"),
    "html": Golden(
        _html, [("paragraph 1", "Holdet"), ("paragraph 2", LETTER[0]), *cells("table 1, "), ("paragraph 3", "se et billede af Ida")]
    ),
    "rtf": Golden(
        lambda: RTF,
        [
            ("header", "hoved"),
            ("paragraph 1", "Her er Søren År\u00f8 А"),
            *cells("table 1, ", (HEADER[:2], ROWS[1][:2])),
            ("footnote", "fod"),
            ("paragraph 2", "efter"),
        ],
    ),
    "svg": Golden(
        lambda: '<svg xmlns="u"><title>Kort</title><text>Ida Nørgård</text></svg>'.encode(),
        [("paragraph 1", "Kort"), ("paragraph 2", "Ida Nørgård")],
    ),
    "docx-table": Golden(_docx_table, [("paragraph 1", LETTER[0]), ("paragraph 2", LETTER[1]), *cells("table 1, ")]),
    "docx-margins": Golden(
        _docx_margins,
        [
            ("paragraph 1", "brødtekst"),
            ("header", "hoved"),
            ("footer", "fod"),
            ("footnote 1", "en fodnote"),
            ("endnote 1", "en slutnote"),
            ("comment 1", "ring til Ida"),
            ("comment 2", "gjort"),
            ("comment 2", "af Bo"),
        ],
    ),
    "docx-changes": Golden(
        lambda: _docx(_CHANGED),
        [
            ("paragraph 1", "Ida har fri"),
            ("paragraph 1, before changes", "Ida har diabetes"),
            ("paragraph 2, deleted", "en sætning er væk"),
            ("paragraph 3, deleted", "flyttet"),
            ("paragraph 4", "flyttet"),
            ("table 1, row 1, column 1", "Navn"),
            ("table 1, row 1, column 2", "CPR-nr."),
            ("table 1, row 2, column 1", "Ida"),
            ("table 1, row 2, column 2", "300280-0024\n300280-0008"),
        ],
    ),
    "docx-fields": Golden(
        lambda: _docx(_CONTROL + _FIELD + _HIDDEN + _DRAWING + _BOX),
        [
            ("paragraph 1", "i et felt"),
            ("paragraph 2", "Side 7"),
            ("paragraph 3", "usynlig"),
            ("alt text", "Foto"),
            ("alt text", "klassefoto med Ida"),
            ("alt text", "en boks"),
            ("text box", "i boksen"),
        ],
    ),
    "docx-drawn": Golden(
        lambda: _docx("", {"word/charts/chart1.xml": _CHART, "word/diagrams/data1.xml": _DIAGRAM}),
        [
            ("chart 1", "Fravær"),
            ("chart 1", "Ida Nørgård"),
            ("diagram 1", "Rektor: Ida Nørgård"),
        ],
    ),
    "docx-properties": Golden(
        lambda: _docx("", {"docProps/custom.xml": _CUSTOM}, properties=_CORE),
        [
            ("properties", "Title: Klage"),
            ("properties", "Author: Ida Nørgård"),
            ("properties", "Last modified by: Bo Holm"),
            ("properties", "Sagsbehandler: Bo Holm"),
        ],
    ),
    "odt": Golden(
        lambda: _odf("text", _ODT + _odf_table(), styles=_ODF_MARGINS, meta=_ODF_META),
        [
            ("deleted", "slettet linje"),
            ("paragraph 2", "Overskrift"),
            ("footnote", "en fodnote"),
            ("comment", "ring til Ida"),
            ("paragraph 5", "Hej med dig"),
            ("text box", "i boksen"),
            ("alt text", "Foto"),
            ("alt text", "af Ida"),
            *cells("table 1, "),
            ("header", "hoved"),
            ("footer", "fod"),
            ("properties", "Title: Klage"),
            ("properties", "Author: Ida Nørgård"),
            ("properties", "Sag: Bo"),
        ],
    ),
    "ods": Golden(
        lambda: _odf("spreadsheet", _ODS, styles=_ODF_MARGINS),
        [
            ("deleted", "før"),
            ("Løn!text box", "i boksen"),
            ("Løn!alt text", "Foto"),
            ("Løn!alt text", "af Ida"),
            *[(f"{where}, hidden" if where[-1] == "2" else where, text) for where, text in sheet_cells("Løn")],
            ("Gemt!A1, comment", "ring til Ida"),
            ("Gemt!A1, hidden", "Bo"),
            ("defined name", "Rektor"),
            ("header", "hoved"),
            ("footer", "fod"),
        ],
    ),
    "odp": Golden(
        lambda: _odf("presentation", _ODP),
        [
            ("footer", "sidefoden"),
            ("slide 1", "i boksen"),
            ("slide 1, alt text", "Foto"),
            ("slide 1, alt text", "af Ida"),
            ("slide 1, comment", "ring til Ida"),
            ("slide 1, notes", "husk Ida"),
            *cells("slide 2, table 1, "),
        ],
    ),
    "pptx-notes": Golden(
        _pptx_notes,
        [
            ("slide 1, hidden", "Skjult dias"),
            ("slide 2", "Holdet"),
            *cells("slide 2, table 1, "),
            ("slide 1, hidden, notes", "husk Ida"),
            ("slide 2, comment", "ring til Bo"),
        ],
    ),
    "pptx-chart": Golden(
        _pptx_chart,
        [
            ("slide 1, alt text", "fravær som kage"),
            ("chart 1", "Fravær"),
            ("chart 1", "Ida Nørgård"),
            ("chart 1", "Bo Holm"),
            ("diagram 1", "Rektor: Ida Nørgård"),
        ],
    ),
    "xlsx": Golden(lambda: saved(_book()), sheet_cells("Løn")),
    "xlsx-hidden": Golden(
        _xlsx_hidden,
        [
            *[(f"{where}, hidden" if "C" in where or where[-1] == "2" else where, text) for where, text in sheet_cells("Løn")],
            ("Gemt!A1, hidden", "Bo Holm"),
        ],
    ),
    "xlsx-margins": Golden(
        _xlsx_margins,
        [
            ("Løn!A1", "Navn"),
            ("Løn!prompt", "Vælg Ida's elev"),
            ("Løn!header", "Skolen & Ida\nFortroligt"),
            ("Løn!footer", "Side"),
            ("Løn!choices", "Ida\nBo"),
            ("defined name", 'Rektor: "Ida Nørgård"'),
            ("defined name", "Navne"),
            ("Løn!A1, comment", "syg i maj"),
            ("Løn!alt text", "et kort"),
            ("Løn!text box", "i boksen"),
            ("Løn!A1, comment", "ring til Bo"),
        ],
    ),
    "xls": Golden(_xls, [*sheet_cells("Løn"), *sheet_cells("Gemt", hidden=", hidden")]),
    "pdf": Golden(lambda: build_pdf(_draw_letter), [("page 1", LETTER[0]), *cells("page 1, ")]),
    "pdf-form": Golden(_FORM.encode, [("page 1, field", "navn: Bo Holm"), ("page 1, field", "hold: B")]),
    "pdf-form-xfa": Golden(_XFA.encode, [("form data", "navn: Ida Holm")]),
    "pdf-extras": Golden(
        lambda: build_pdf(_draw_extras),
        [
            ("page 1", "tekst"),
            ("page 1, note 1", "ring til Bo"),
            ("page 1, note 2", "skrevet ovenpå"),
            ("bookmark", "Om Ida"),
            ("bookmark", "Sygdom"),
            ("properties", "Title: Klage"),
            ("properties", "Author: Ida Nørgård"),
            *_LIST,
            ("line 1", LETTER[0]),
        ],
    ),
    "pdf-scan": Golden(_pdf_scan, [*_letter_at("page 1"), ("page 2", "Anden side")], needs_ocr=True),
    "docx-scan": Golden(_docx_scan, _letter_at("picture 1"), needs_ocr=True),
    "zip": Golden(
        lambda: zipped({"liste.csv": _separated(";").encode(), "i.zip": zipped({"brev.txt": LETTER[0].encode()})}),
        [
            ("", "liste.csv"),
            *_LIST,
            ("", "i.zip"),
            ("", "brev.txt"),
            ("line 1", LETTER[0]),
        ],
    ),
    **{
        kind: Golden(lambda kind=kind: picture(kind), _letter_at("picture"), needs_ocr=True)
        for kind in ("png", "jpeg", "gif", "bmp", "webp")
    },
    "png-ruled": Golden(lambda: picture("png", _draw_letter), [("picture", LETTER[0]), *cells("picture, ")], needs_ocr=True),
    "png-turned": Golden(lambda: picture("png", turned=90), _letter_at("picture"), needs_ocr=True),
    "tiff": Golden(lambda: picture("tiff", pages=2), [*_letter_at("page 1"), *_letter_at("page 2")], needs_ocr=True),
}
