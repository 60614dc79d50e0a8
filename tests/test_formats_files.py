"""Every kind of file comes back whole, each value at its place; what is locked, damaged or too much is named."""

from __future__ import annotations

import io
import struct
import time
import zipfile

import fpdf
import openpyxl
import pytest
import pyzipper
import xlwt
from built_files import (
    EML,
    PNG,
    build_docx,
    build_odp,
    build_ods,
    build_odt,
    build_pdf,
    build_pptx,
    build_xls,
    build_xlsx,
    draw_letter,
    draw_scan,
    grid,
    read,
    reasons,
    replaced,
    samples,
    saved,
    signed,
    texts,
    zeros,
    zipped,
)

from detector.formats import picture_sizes
from detector.records import Role, Table

NAME, CPR = "Søren Ærø", "300280-0008"


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("rtf", [("header", "hoved"), ("paragraph 1", "Her er Søren År\u00f8 А"), ("table 1, row 2, column 2", CPR), ("footnote", "fod")]),
        ("docx", [("paragraph 1", "Første afsnit"), ("table 1, row 2, column 1", NAME), ("table 1, row 2, column 2", CPR)]),
        ("docx", [("header", "hoved"), ("footer", "fod"), ("comment 1", "en kommentar"), ("text box", "i boksen")]),
        ("docx", [("paragraph 3", "indsat"), ("paragraph 3, before changes", "slettet")]),
        ("odt", [("paragraph 1", "Overskrift"), ("comment", "en kommentar"), ("table 1, row 2, column 2", CPR)]),
        ("odp", [("slide 1", "forside"), ("slide 2", NAME)]),
        ("ods", [("Ark1!B3", "Navn"), ("Ark1!B4", NAME), ("Ark1!C4", CPR)]),
        ("pptx", [("slide 1", "Holdet"), ("slide 1, table 1, row 2, column 2", CPR), ("slide 1, notes", "husk ham")]),
        ("xlsx", [("Ark1!B3", "Navn"), ("Ark1!B4", NAME), ("Ark1!C4", CPR), ("Ark1!B6", "101900008"), ("Ark1!C6", "3.5")]),
        ("xlsx", [("Ark1!D6", "2026-03-01"), ("Skjult!A1, hidden", "bag tæppet"), ("Ark1!B4, comment", "syg i maj")]),
        ("xls", [("Ark1!B3", "Navn"), ("Ark1!B4", NAME), ("Ark1!C4", CPR)]),
        (
            "pdf",
            [("page 1", "Her er holdet."), ("page 1, row 2, column 1", NAME), ("page 1, row 2, column 2", CPR), ("page 2", "Anden side")],
        ),
        ("svg", [("paragraph 1", "Søren")]),
        ("zip", [("", "mappe/a.csv"), ("row 2, column 2", "d"), ("", "b.eml")]),
    ],
)
def test_content_and_places(kind: str, expected: list[tuple[str, str]]) -> None:
    """Known content is found at its place, and all of it was read."""
    reading = read(samples()[kind])
    assert not reading.unread
    found = texts(reading)
    assert [each for each in expected if each not in found] == []


@pytest.mark.parametrize(
    "build", [build_xlsx, build_xls, build_ods, build_docx, build_odt, build_pptx, lambda: build_pdf(draw_letter)],
    ids=["xlsx", "xls", "ods", "docx", "odt", "pptx", "pdf"],
)  # fmt: skip
def test_rows_stay_together(build) -> None:  # type: ignore[no-untyped-def]
    """Name and number stand in one row, under their headers."""
    tables = [grid(block) for document in read(build()).documents for block in document.blocks if isinstance(block, Table)]
    rows = [[text for text in cells if text] for each in tables for cells in each]
    assert rows.index([NAME, CPR]) == rows.index(["Navn", "CPR-nr."]) + 1


def test_presentation_tables_and_slides_of_opendocument() -> None:
    """Slides are numbered in order."""
    assert texts(read(build_odp())) == [("slide 1", "forside"), ("slide 2", NAME)]


def test_kind_by_content_not_by_name() -> None:
    """A wrong ending or type changes nothing."""
    assert read(build_xlsx(), "billede.png", "image/png").documents[0].format == "xlsx"
    assert read(build_pdf(draw_letter), "a.txt", "text/plain").documents[0].format == "pdf"


# ---------------------------------------------------------------- pdf


def _lines(rows: list[list[tuple[float, str]]], *, pitch: float = 5) -> bytes:
    """A page written line by line, as reports are."""

    def draw(document: fpdf.FPDF) -> None:
        for number, cells in enumerate(rows):
            for left, value in cells:
                document.text(left, 20 + number * pitch, value)

    return build_pdf(draw)


@pytest.mark.parametrize(
    "rows, expected",
    [
        # left-aligned columns without borders
        ([[(10, "Navn"), (80, "P")], [(10, "Bo"), (80, "7")], [(10, "Ida"), (80, "12")]], [["Navn", "P"], ["Bo", "7"], ["Ida", "12"]]),
        # right-aligned numbers
        ([[(10, "Navn"), (78, "Point")], [(10, "Bo"), (84, "7")], [(10, "Ida"), (82, "12")]],
         [["Navn", "Point"], ["Bo", "7"], ["Ida", "12"]]),
        # an empty cell in the middle
        ([[(10, "N"), (60, "P"), (90, "Q")], [(10, "Bo"), (90, "7")], [(10, "Ida"), (60, "1"), (90, "2")]],
         [["N", "P", "Q"], ["Bo", "", "7"], ["Ida", "1", "2"]]),
    ],
)  # fmt: skip
def test_pdf_table(rows: list[list[tuple[float, str]]], expected: list[list[str]]) -> None:
    """Rows are rebuilt from the places of the words."""
    assert [grid(block) for block in read(_lines(rows)).documents[0].blocks] == [expected]


@pytest.mark.parametrize(
    "rows",
    [
        [[(10, "Navn:"), (50, "Bo Bosen")], [(10, "Tlf.:"), (50, "12345678")]],  # name and value
        [[(10, "1."), (20, "Velkomst")], [(10, "2."), (20, "Eventuelt")]],  # numbered list
        [[(10, "Kære alle")], [(10, "Vi ses i morgen")], [(15, "indrykket")]],  # prose
    ],
)
def test_pdf_without_table(rows: list[list[tuple[float, str]]]) -> None:
    """What is no table stays text."""
    assert not any(isinstance(block, Table) for block in read(_lines(rows)).documents[0].blocks)


def test_pdf_wrapped_cells() -> None:
    """Lines that a cell was wrapped to stay in it, in the first column and in the last."""
    long = "en bemærkning, der er så lang, at den bliver brudt over flere linjer i sin celle"
    person = "Mette Marie Lund Hansen af Store Restrup og Omegn i Nordjylland"
    rows = [["Navn", "CPR-nr.", "Note"], ["Bo", CPR, long], [person, CPR, "12"]]

    def draw(document: fpdf.FPDF) -> None:
        with document.table() as drawn:
            for cells in rows:
                line = drawn.row()
                for value in cells:
                    line.cell(value)

    assert [grid(block) for block in read(build_pdf(draw)).documents[0].blocks] == [rows]


def test_pdf_columns_of_text_stay_apart() -> None:
    """Two columns of prose are read one after the other."""

    def draw(document: fpdf.FPDF) -> None:
        document.multi_cell(60, 5, "første spalte er lang " * 12)
        document.set_xy(100, 10)
        document.multi_cell(60, 5, "anden spalte er lang " * 12)

    blocks = read(build_pdf(draw)).documents[0].blocks
    assert not any(isinstance(block, Table) for block in blocks)
    whole = " ".join(text for _, text in texts(read(build_pdf(draw)))).split()
    assert whole.index("anden") > len(whole) // 2 - 1


def test_scanned_page() -> None:
    """A page that is a picture is named once; the others are read."""
    reading = read(build_pdf(draw_scan))
    assert (texts(reading), reasons(reading)) == ([("page 2", "Anden side")], [("1", "no-ocr")])


_FORM = b"""%PDF-1.7
1 0 obj <</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/DA(/Helv 0 Tf)>>>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Annots[4 0 R]>> endobj
4 0 obj <</Type/Annot/Subtype/Widget/FT/Tx/T(navn)/V(Bo Bosen)/Rect[10 10 100 30]/P 3 0 R>> endobj
trailer <</Root 1 0 R>>
"""


def test_filled_in_form() -> None:
    """Values of form fields are no part of the page's text, and are read all the same."""
    assert texts(read(_FORM)) == [("page 1, field", "navn: Bo Bosen")]


def test_notes_and_files_in_a_pdf() -> None:
    """Notes on the page and files put into the document are read."""

    def draw(document: fpdf.FPDF) -> None:
        document.text_annotation(20, 20, "en note om Bo")
        document.embed_file(basename="liste.csv", bytes=b"a;b\nc;d\ne;f")

    found = texts(read(build_pdf(draw)))
    assert ("page 1, note 1", "en note om Bo") in found
    assert ("row 3, column 2", "f") in found


def test_empty_page() -> None:
    """A page with nothing on it is no fault."""
    reading = read(build_pdf(lambda _: None))
    assert not reading.documents
    assert not reading.unread


# ---------------------------------------------------------------- locked, pictures, archives


def _locked_zip() -> bytes:
    buffer = io.BytesIO()
    with pyzipper.AESZipFile(buffer, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"hemmeligt")
        archive.writestr("a.txt", "hej")
    return buffer.getvalue()


def _ole(name: str) -> bytes:
    """A compound file of 512-byte sectors with one empty stream."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 44, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    struct.pack_into("<109I", header, 76, 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", 0xFFFFFFFD, 0xFFFFFFFE, *[0xFFFFFFFF] * 126)

    def entry(name: str, kind: int, child: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child) + bytes(36) + bytes(12)

    return bytes(header) + fat + entry("Root Entry", 5, 1) + entry(name, 2, 0xFFFFFFFF) + bytes(256)


_ENVELOPED = bytes.fromhex("3080" "06092a864886f70d010703") + bytes(40)  # fmt: skip
_SIGNED = bytes.fromhex("3080" "06092a864886f70d010702") + bytes(40)  # fmt: skip


@pytest.mark.parametrize(
    "data, filename, media_type, expected",
    [
        (build_pdf(draw_letter, password="x"), "a.pdf", "application/pdf", ["encrypted"]),
        (_locked_zip(), "a.zip", "application/zip", ["encrypted"]),
        (_ole("EncryptedPackage"), "a.docx", "application/octet-stream", ["encrypted"]),
        (_ole("WordDocument"), "a.doc", "application/msword", ["damaged"]),
        (_ENVELOPED, "smime.p7m", "application/pkcs7-mime", ["encrypted"]),
        (samples()["sealed"], "encrypted.asc", "application/octet-stream", ["encrypted"]),
        (_SIGNED, "smime.p7s", "application/pkcs7-signature", []),  # a signature holds nothing to read
        (_SIGNED, "smime.p7m", "application/pkcs7-mime", ["damaged"]),  # but a signed message does
        (signed(None), "smime.p7m", "application/pkcs7-mime", ["damaged"]),  # and should have its content in it
        (signed(None), "smime.p7s", "application/pkcs7-mime", []),  # from which a signature stands apart
        (samples()["signature"], "signature.asc", "application/pgp-signature", []),
        (b"Version: 1\n", None, "application/pgp-encrypted", []),
        (build_xlsx(), "signature.asc", "application/pgp-signature", []),  # content that hides as one is read
        (PNG, "scan.png", "image/png", ["no-ocr"]),
        (PNG.replace((200).to_bytes(4, "big"), (60).to_bytes(4, "big")), "logo.png", "image/png", []),  # a banner
        (b"GIF89a\1\0\1\0", None, "image/gif", []),  # a tracking pixel
        (b"II*\0" + bytes(20), "fax.tif", "image/tiff", ["no-ocr"]),  # size unknown
        (b"\0\0\0\x18ftypmp42" + bytes(20), "a.mp4", "video/mp4", ["unsupported"]),
        (bytes(range(256)) * 20, "a.bin", "application/octet-stream", ["unsupported"]),
        (b"PK\3\4 not really", "a.zip", "application/zip", ["damaged"]),
        (b"%PDF-1.7 not really", "a.pdf", "application/pdf", ["damaged"]),
        (b"", "tom.txt", "text/plain", []),
    ],
)
def test_unread(data: bytes, filename: str | None, media_type: str, expected: list[str]) -> None:
    """What is not read is named with its reason; what holds nothing is clean."""
    assert [reason for _, reason in reasons(read(data, filename, media_type))] == expected


@pytest.mark.parametrize(
    "data, size",
    [
        (b"\xff\xd8\xff\xe0\0\4\0\0\xff\xc0\0\x0b\x08\0\x10\0\x20\1", (32, 16)),  # JPEG, past its first segment
        (b"RIFF\0\0\0\0WEBPVP8X\0\0\0\0\0\0\0\0\x1f\0\0\x0f\0\0", (32, 16)),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + (31 | 15 << 14).to_bytes(4, "little"), (32, 16)),
        (b"BM" + bytes(16) + struct.pack("<ii", 32, -16), (32, 16)),  # stored top-down
        (b"\xff\xd8\xff", None),
    ],
)
def test_pixels(data: bytes, size: tuple[int, int] | None) -> None:
    """Width and height of each kind of picture."""
    assert picture_sizes.pixels(data) == size


def test_zip_members() -> None:
    """Members have indexes of their own, their names are documents, nested archives and mails are opened."""
    inner = zipped({"b.txt": b"inderst"})
    reading = read(zipped({"Elever/Søren.csv": b"a;b\nc;d\ne;f", "i.zip": inner, "m.eml": EML, "../../x.txt": b"op"}))
    assert [(each.part, each.role) for each in reading.documents] == [
        ("1.1", Role.FILENAME), ("1.1", Role.ATTACHMENT), ("1.2", Role.FILENAME), ("1.2.1", Role.FILENAME), ("1.2.1", Role.ATTACHMENT),
        ("1.3", Role.FILENAME), ("1.4", Role.FILENAME), ("1.4", Role.ATTACHMENT),
    ]  # fmt: skip
    assert [each.part for each in reading.messages] == ["1.3"]
    assert {"Elever/Søren.csv", "inderst", "x.txt"} <= {text for _, text in texts(reading)}


@pytest.mark.parametrize("charset", ["cp850", "cp1252", "utf-8"])
def test_member_name_without_flag(charset: str) -> None:
    """Danish letters in names survive whatever the machine that packed them."""
    raw = "Læøå.txt".encode(charset)
    data = zipped({"X" * len(raw): b"hej"}).replace(b"X" * len(raw), raw)
    assert texts(read(data))[0] == ("", "Læøå.txt")


def test_files_put_into_a_document() -> None:
    """A spreadsheet inside a Word file is read."""
    with zipfile.ZipFile(io.BytesIO(build_docx())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    reading = read(zipped({**members, "word/embeddings/Microsoft_Excel_Sheet.xlsx": build_xlsx()}))
    assert ("Ark1!C4", CPR) in texts(reading)


# ---------------------------------------------------------------- limits


def test_zip_bomb() -> None:
    """A thousand million zeros end within two seconds, said unread."""
    data = zeros(1_000)
    begun = time.monotonic()
    reading = read(data)
    assert time.monotonic() - begun < 2
    assert reasons(reading) == [("1.1", "ratio")]


def test_nested_archives() -> None:
    """An archive in an archive in an archive … ends at the limit of depth."""
    data = zipped({"a.txt": b"inderst"})
    for _ in range(8):
        data = zipped({"a.zip": data})
    assert [reason for _, reason in reasons(read(data, depth=5))] == ["too-deep"]
    assert not read(data).unread


def test_too_many_members() -> None:
    """Members over the limit are said unread; those before it are kept."""
    reading = read(zipped({f"{number}.txt": b"hej" for number in range(30)}), parts=10)
    assert sum(document.role is Role.ATTACHMENT for document in reading.documents) == 10
    assert "too-many-parts" in {reason for _, reason in reasons(reading)}


def test_rows_before_the_limit_are_kept() -> None:
    """A table too long is read up to the limit."""
    book = openpyxl.Workbook()
    for number in range(50):
        book.active.append([f"Person {number}", number])
    reading = read(saved(book), rows=20)
    assert len(texts(reading)) == 40
    assert reasons(reading) == [("1", "rows")]


def test_text_before_the_limit_is_kept() -> None:
    """Text too long is read up to the limit."""
    reading = read(b"hej med dig " * 100, "a.txt", characters=100)
    assert len(texts(reading)[0][1]) == 100
    assert reasons(reading) == [("1", "too-large")]


def test_damage_at_the_end_costs_only_the_end() -> None:
    """What was read before the damage is kept."""
    cut = replaced(build_docx(), "word/document.xml", lambda xml: xml[: xml.index(b"Sidste")])
    reading = read(cut)
    assert ("paragraph 1", "Første afsnit") in texts(reading)
    assert reasons(reading) == [("1", "damaged")]


def _far_xlsx() -> bytes:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "a", "b"
    return saved(book)


def _far_xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    sheet.write(0, 0, "a")
    sheet.write(65535, 255, "b")
    return saved(book)


def _far_ods() -> bytes:
    rows = (
        b'<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384">'
        b"<text:p>x</text:p></table:table-cell></table:table-row>"
    )
    return replaced(build_ods(), "content.xml", lambda xml: xml.replace(b"</table:table>", rows + b"</table:table>"))


@pytest.mark.parametrize("build, expected", [(_far_xlsx, ["too-large"]), (_far_xls, ["too-large"]), (_far_ods, [])])
def test_sheet_without_end(build, expected: list[str]) -> None:  # type: ignore[no-untyped-def]
    """A few bytes that span a sheet of thousands of millions of cells take neither memory nor time."""
    data = build()
    begun = time.monotonic()
    assert [reason for _, reason in reasons(read(data))] == expected
    assert time.monotonic() - begun < 5


def test_no_entity_from_outside() -> None:
    """An entity that names a file, or that swells, gives nothing."""
    doctype = b'<!DOCTYPE w [<!ENTITY f SYSTEM "file:///etc/hostname"><!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;">]>'
    xml = doctype + b'<w:document xmlns:w="x"><w:p><w:r><w:t>[&f;]</w:t></w:r></w:p></w:document>'
    assert ("paragraph 1", "[]") in texts(read(replaced(build_docx(), "word/document.xml", lambda _: xml)))


def test_pdf_without_its_content() -> None:
    """Pages on which nothing is drawn, as what draws them is not found, are missed."""
    letter = build_pdf(draw_letter)
    assert reasons(read(letter.replace(b"/Contents", b"/Kontents"))) == [("1", "damaged")]
    assert reasons(read(letter.replace(b"stream\nx", b"stream\ny"))) == [("1", "damaged")]
    assert reasons(read(build_pdf(lambda document: document.add_page()))) == []


def test_pages_and_cells_are_bounded() -> None:
    """What lies within the ceiling is read."""

    def draw(document: fpdf.FPDF) -> None:
        for word in ("Karla", "Storm"):
            document.add_page()
            document.set_font("Helvetica", size=12)
            document.cell(text=word)

    cut = read(build_pdf(draw), pages=2)  # the first is blank
    assert [text for _, text in texts(cut)] == ["Karla"]
    assert reasons(cut) == [("1", "too-large")]
    table = read(b"a;b;c\n" * 10, "x.csv", cells=12)
    assert reasons(table) == [("1", "rows")]
    assert len(grid(table.documents[0].blocks[0])) == 4
