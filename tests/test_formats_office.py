"""Old Office documents, flat and template variants, and the properties of all of them."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from built_files import build_docx, build_odp, build_ods, build_odt, build_pptx, build_xls, build_xlsx, grid, read, reasons, replaced, texts
from built_office import CPR, ROW_END, build_doc, build_ppt, drawn_table, record, said, sample_doc, sample_ppt, shape, summary
from built_outlook import Tree, compound

from detector.formats.doc_rows import read_marks
from detector.ole import Compound
from detector.records import Table

NAME = "Søren Ærø"


def tables(data: bytes) -> list[list[list[str]]]:
    """All tables of a document."""
    return [grid(block) for document in read(data).documents for block in document.blocks if isinstance(block, Table)]


# ---------------------------------------------------------------- Word


def test_doc_tables() -> None:
    """Rows are told by their properties, so that empty cells, also the last, stay in their columns."""
    text = f"før\rA\x07B\x07C\x07{ROW_END}1\x07\x07\x07{ROW_END}\x07x\x07y\x07{ROW_END}efter\rD\x07{ROW_END}"
    assert tables(build_doc(text)) == [[["A", "B", "C"], ["1", "", ""], ["", "x", "y"]], [["D"]]]
    assert [where for where, _ in texts(read(build_doc(text)))][-2:] == ["paragraph 2", "table 2, row 1, column 1"]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("se \x13 HYPERLINK x \x14her\x15.\r", ["se her."]),
        ("a\x0bb\x1ec\x1fd\x01\x08\r", ["a\nb-cd"]),  # line break, hyphens, pictures
        ("én side\x0cto sider\r", ["én side", "to sider"]),
        ("uden mark til sidst", ["uden mark til sidst"]),
        ("Анна og 日本 i et stykke, der er langt\r", ["Анна og 日本 i et stykke, der er langt"]),
        ("\r\r\t\r", []),
    ],
)
def test_doc_paragraphs(text: str, expected: list[str]) -> None:
    """What is seen on the page, whatever pieces it is stored in."""
    assert [found for _, found in texts(read(build_doc(text)))] == expected


def test_doc_asides() -> None:
    """Notes, headers, footers, comments and boxes stand at their own places."""
    stories = (0, 0, 0, 0, 0, 0, 0, 0, 6, 6, 10, 10, 10)
    data = build_doc("krop\r", asides=("fodnote\r", "hoved\rfod\r", "", "kommentar\r", "slutnote\r", "boks\r"), stories=stories)
    assert texts(read(data)) == [
        ("paragraph 1", "krop"), ("footnote", "fodnote"), ("header", "hoved"), ("footer", "fod"), ("comment", "kommentar"),
        ("endnote", "slutnote"), ("text box", "boks"),
    ]  # fmt: skip


@pytest.mark.parametrize("old", [False, True], ids=["97", "95"])
def test_doc_locked_and_old(old: bool) -> None:
    """A password is named; Word 95 is read as well."""
    assert reasons(read(build_doc("hej\r", flags=0x0100, old=old))) == [("1", "encrypted")]
    assert texts(read(build_doc(f"Kære {NAME}\rhej\r", old=old))) == [("paragraph 1", f"Kære {NAME}"), ("paragraph 2", "hej")]


def _rewritten(data: bytes, name: str, change: Any) -> bytes:
    """A compound file with one of its streams changed."""
    whole = Compound(data)
    return compound({each: change(whole.stream(each)) if each == name else whole.stream(each) for each in whole.names()})


@pytest.mark.parametrize(
    "name, change",
    [
        ("0Table", lambda raw: b""),  # no pieces
        ("0Table", lambda raw: raw.replace(struct.pack("<I", 20), struct.pack("<I", 0x7FFFFFFF))),  # a piece of 2 GB
        ("WordDocument", lambda raw: raw[:100]),
        ("WordDocument", lambda raw: raw[:2100]),
    ],
    ids=["no-pieces", "endless", "head", "cut"],
)
def test_doc_damaged(name: str, change: Any) -> None:
    """Damage is said, and takes no time."""
    begun = time.monotonic()
    reading = read(_rewritten(build_doc("et afsnit med tekst nok til to stykker\r"), name, change))
    assert [reason for _, reason in reasons(reading)] == ["damaged"]
    assert time.monotonic() - begun < 1


def test_pages_of_properties_that_lie() -> None:
    """Counts beyond the page are not followed."""
    table = struct.pack("<III", 0, 10, 0)
    assert read_marks(b"\xff" * 512, table).starts == []
    assert read_marks(b"", table).starts == []
    assert read_marks(bytes(511) + b"\x01", b"\0").starts == []


@pytest.mark.parametrize("text, expected", [("\r", ["no-ocr"]), ("hej\r", [])], ids=["scan", "letter"])
def test_doc_of_pictures_only(text: str, expected: list[str]) -> None:
    """A scanned letter holds no text to read, and that is said."""
    assert [reason for _, reason in reasons(read(build_doc(text, extra={"Data": bytes(5_000)})))] == expected


# ---------------------------------------------------------------- PowerPoint


def test_ppt_places() -> None:
    """Slides are numbered as they are shown; what an earlier save left behind is read too."""
    found = texts(read(build_ppt([shape("først", "og Анна"), shape("så")], notes="husk", earlier="slettet om Bo")))
    assert sorted(found) == sorted(
        [("slide 1", "titel 1"), ("slide 2", "titel 2"), ("slide 1", "først"), ("slide 1", "og Анна"), ("slide 2", "så"),
         ("slide 1, notes", "husk"), ("earlier slide", "slettet om Bo")]
    )  # fmt: skip


def test_ppt_table() -> None:
    """Cells come back in their rows, whatever the order of the shapes."""
    rows = [["Navn", "CPR-nr."], [NAME, CPR], ["", "x"]]
    assert tables(build_ppt([drawn_table(rows)])) == [rows]


def test_ppt_comments_and_locks() -> None:
    """Comments, which stand in a record that does not say so; a password is named."""
    comment = record(0x138B, record(0x2EE0, record(0x0FBA, "om Bo".encode("utf-16-le"), container=False)), container=False)
    assert ("slide 1, comment", "om Bo") in texts(read(build_ppt([comment])))
    assert reasons(read(build_ppt([shape("x")], locked=True))) == [("1", "encrypted")]


def _deep(levels: int) -> bytes:
    inner = said("inderst")
    for _ in range(levels):
        inner = record(0xF003, record(0xF004, b"") + inner)
    return inner


@pytest.mark.parametrize(
    "data, expected",
    [
        (build_ppt([_deep(300)]), "damaged"),
        (build_ppt([], file=bytes(300_000_000)), "ratio"),
        (build_ppt([record(0x0FA8, b"x" * 3_000_000, container=False)]), "too-large"),
    ],
    ids=["deep", "bomb", "text"],
)
def test_ppt_limits(data: bytes, expected: str) -> None:
    """Nesting, bombs and endless text end with a word."""
    begun = time.monotonic()
    assert expected in {reason for _, reason in reasons(read(data, characters=1_000_000))}
    assert time.monotonic() - begun < 3


# ---------------------------------------------------------------- files put in


def _native(name: bytes, data: bytes) -> bytes:
    inner = b"\2\0" + name + b"\0C:\\" + name + b"\0\0\0\3\0" + struct.pack("<I", 4) + b"C:\\\0" + struct.pack("<I", len(data)) + data
    return struct.pack("<I", len(inner)) + inner


def _streams(data: bytes) -> Tree:
    whole = Compound(data)
    return {name: whole.stream(name) for name in whole.names()}


@pytest.mark.parametrize(
    "inside, expected",
    [
        (_streams(build_xls()), ("Ark1!C4", CPR)),  # a sheet, as storages of the same file
        (_streams(build_doc("indlejret brev\r")), ("paragraph 1", "indlejret brev")),
        ({"Package": build_xlsx()}, ("Ark1!C4", CPR)),
        ({"\x01Ole10Native": _native(b"liste.csv", b"a;b\nc;d\ne;f")}, ("row 3, column 2", "f")),
        ({"CONTENTS": b"hej"}, ("line 1", "hej")),
    ],
    ids=["xls", "doc", "xlsx", "native", "contents"],
)
def test_files_put_in(inside: Tree, expected: tuple[str, str]) -> None:
    """Whatever was put into a document is a part of its own, in Word and in Excel."""
    reading = read(build_doc("krop\r", extra={"ObjectPool": {"_1": inside}}))
    assert (expected in texts(reading), reasons(reading)) == (True, [])
    assert expected in texts(read(compound({**_streams(build_xls()), "MBD0001": inside})))
    assert expected in texts(read(build_ppt([], file=compound(inside))))


def test_objects_that_are_no_files() -> None:
    """A formula or drawing of a program we do not know is said unread."""
    reading = read(build_doc("krop\r", extra={"ObjectPool": {"_1": {"Equation Native": b"x"}, "_2": {"\x01Ole": b""}}}))
    assert reasons(reading) == [("1.1", "unsupported"), ("1.2", "unsupported")]


# ---------------------------------------------------------------- properties


@pytest.mark.parametrize(
    "data, expected",
    [
        (sample_doc(), ["Author: Åse Krog"]),
        (build_doc("x\r", extra={"\x05SummaryInformation": summary({2: "Om Анна", 8: "Ib"}, codepage=1200)}),
         ["Title: Om Анна", "Last modified by: Ib"]),
        (compound({**_streams(build_xls()), "\x05SummaryInformation": summary({6: "note om Bo"})}), ["Comments: note om Bo"]),
    ],
    ids=["ansi", "unicode", "xls"],
)
def test_properties_of_old_documents(data: bytes, expected: list[str]) -> None:
    """Who wrote it, who saved it, and what was noted on it."""
    assert [text for where, text in texts(read(data)) if where == "properties"] == expected


_CORE = (
    '<c:coreProperties xmlns:c="c" xmlns:dc="d"><dc:title>Om holdet</dc:title><dc:creator>Åse Krog</dc:creator><c:revision>3</c:revision>'
    "<dc:description>note om Bo</dc:description><c:lastModifiedBy>Ib Lund</c:lastModifiedBy></c:coreProperties>"
)
_CUSTOM = '<Properties><property name="Sagsbehandler"><v>Bo Holm</v></property></Properties>'
_META = '<m xmlns:dc="d" xmlns:meta="m"><meta:initial-creator>Åse Krog</meta:initial-creator><dc:date>2024</dc:date></m>'


def _with(data: bytes, name: str, content: str) -> bytes:
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as archive:
        if name not in archive.namelist():
            archive.writestr(name, content)
    return replaced(buffer.getvalue(), name, lambda _: content.encode())


@pytest.mark.parametrize("build", [build_docx, build_xlsx, build_pptx], ids=["docx", "xlsx", "pptx"])
def test_properties_of_packages(build: Any) -> None:
    """Known properties and those of the author's own."""
    found = texts(read(_with(_with(build(), "docProps/core.xml", _CORE), "docProps/custom.xml", _CUSTOM)))
    assert {("properties", text) for text in (
        "Title: Om holdet", "Author: Åse Krog", "Comments: note om Bo", "Last modified by: Ib Lund", "Sagsbehandler: Bo Holm",
    )} <= set(found)  # fmt: skip


@pytest.mark.parametrize("build", [build_odt, build_ods, build_odp], ids=["odt", "ods", "odp"])
def test_properties_of_opendocument(build: Any) -> None:
    """The list of properties stands in a member of its own."""
    found = texts(read(_with(build(), "meta.xml", _META)))
    assert [text for where, text in found if where == "properties"] == ["Author: Åse Krog"]


@pytest.mark.parametrize("content, reason", [("<a", "damaged"), (" " * 2_000_000, "too-large")], ids=["cut", "large"])
def test_damaged_properties(content: str, reason: str) -> None:
    """They cost the document nothing but themselves."""
    reading = read(_with(build_docx(), "docProps/core.xml", content))
    assert ("paragraph 1", "Første afsnit") in texts(reading)
    assert reasons(reading) == [("1", reason)]
    old = read(build_doc("krop\r", extra={"\x05SummaryInformation": summary({4: "x"})[:-14]}))
    assert (texts(old)[0], reasons(old)) == (("paragraph 1", "krop"), [("1", "damaged")]) or not old.unread


# ---------------------------------------------------------------- variants

_WORD = b"application/vnd.openxmlformats-officedocument.wordprocessingml"


@pytest.mark.parametrize(
    "data, kind",
    [
        (replaced(build_docx(), "[Content_Types].xml", lambda xml: xml.replace(_WORD, b"application/vnd.ms-word")), "docx"),
        (_with(build_docx(), "word/vbaProject.bin", "x"), "docx"),
        (_with(build_xlsx(), "xl/vbaProject.bin", "x"), "xlsx"),
        (_with(build_pptx(), "ppt/vbaProject.bin", "x"), "pptx"),
        (replaced(build_odt(), "mimetype", lambda raw: raw + b"-template"), "odt"),
        (replaced(build_ods(), "mimetype", lambda raw: raw + b"-template"), "ods"),
        (replaced(build_odp(), "mimetype", lambda raw: raw + b"-template"), "odp"),
        (replaced(build_odt(), "mimetype", lambda _: b"application/vnd.sun.xml.writer"), "odt"),
    ],
    ids=["dotx", "docm", "xlsm", "pptm", "ott", "ots", "otp", "sxw"],
)
def test_variants(data: bytes, kind: str) -> None:
    """Templates and files with macros are read as what they are."""
    reading = read(data)
    assert reading.documents[0].format == kind
    assert not reading.unread


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (_with(build_docx(), "word/vbaProject.bin", "x"), ["macros-not-read"]),
        (_with(build_xlsx(), "xl/VBAPROJECT.BIN", "x"), ["macros-not-read"]),
        (build_docx(), []),
        (build_doc("hej\r", extra={"Macros": {"PROJECT": b"x"}}), ["macros-not-read"]),
    ],
    ids=["docm", "xlsm", "docx", "doc"],
)
def test_macros_are_told_of(data: bytes, codes: list[str]) -> None:
    """They are not read, and do not hold the message."""
    reading = read(data)
    assert [defect.code for defect in reading.defects] == codes
    assert not reading.unread


def flat(data: bytes) -> bytes:
    """An OpenDocument package as one XML file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content, mimetype = archive.read("content.xml"), archive.read("mimetype")
    meta = b"<office:meta><dc:creator xmlns:dc=\"d\">\xc3\x85se Krog</dc:creator></office:meta>"
    head = b'<office:document office:mimetype="' + mimetype + b'"'
    content = content.replace(b"<office:document-content", head, 1).replace(b"</office:document-content>", b"</office:document>")
    at = content.index(b">", content.index(head)) + 1
    return content[:at] + meta + content[at:]


@pytest.mark.parametrize(
    "build, kind, expected",
    [
        (build_odt, "fodt", ("table 1, row 2, column 2", CPR)),
        (build_ods, "fods", ("Ark1!C4", CPR)),
        (build_odp, "fodp", ("slide 2", NAME)),
    ],
)
def test_flat(build: Any, kind: str, expected: tuple[str, str]) -> None:
    """An OpenDocument file without a package, and its properties."""
    reading = read(flat(build()))
    assert reading.documents[0].format == kind
    assert {expected, ("properties", "Author: Åse Krog")} <= set(texts(reading))
    assert not reading.unread


# ---------------------------------------------------------------- as another program writes them


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Our samples as LibreOffice saves them in the old formats."""
    program = shutil.which("soffice")
    if program is None:
        pytest.skip("needs LibreOffice")
    folder: Path = tmp_path_factory.mktemp("office")
    found = {}
    for name, data, filter_name in (("a.docx", build_docx(), "doc:MS Word 97"), ("b.pptx", build_pptx(), "ppt:MS PowerPoint 97")):
        (folder / name).write_bytes(data)
        command = [program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", filter_name, name]
        subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
        written = folder / f"{name[0]}.{filter_name[:3]}"
        if not written.exists():
            pytest.skip("LibreOffice has no filter for it")
        found[filter_name[:3]] = written.read_bytes()
    return found


@pytest.mark.parametrize(
    "kind, expected",
    [
        ("doc", [("paragraph 1", "Første afsnit"), ("table 1, row 2, column 1", NAME), ("table 1, row 2, column 2", CPR)]),
        ("doc", [("header", "hoved"), ("footer", "fod"), ("comment", "en kommentar"), ("text box", "i boksen")]),
        ("ppt", [("slide 1", "Holdet"), ("slide 1, table 1, row 2, column 2", CPR), ("slide 1, notes", "husk ham")]),
    ],
)
def test_written_by_another_program(converted: dict[str, bytes], kind: str, expected: list[tuple[str, str]]) -> None:
    """Real files, not only those that we build."""
    reading = read(converted[kind])
    assert [each for each in expected if each not in texts(reading)] == []
    assert not reading.unread


def test_sample_of_presentation() -> None:
    """The sample says what its name promises."""
    assert ("slide 1, table 1, row 2, column 2", CPR) in texts(read(sample_ppt()))


def _following(sector: int | None, follows: int) -> bytes:
    """An old workbook in whose table a sector (None: the first of the directory) is followed by another."""
    data = bytearray(build_xls())
    (directory,), (table,) = struct.unpack_from("<I", data, 48), struct.unpack_from("<I", data, 76)
    sector = directory if sector is None else sector
    struct.pack_into("<I", data, (table + 1) * 512 + sector * 4, directory if follows < 0 else follows)
    return bytes(data)


def test_circle_of_sectors() -> None:
    """Old workbooks are read although the sectors of their directory follow one another for ever."""
    assert ("Ark1!C4", CPR) in texts(read(_following(None, -1)))


def test_workbook_that_breaks_off() -> None:
    """What is left of an old workbook is read, and the rest is missed."""
    assert reasons(read(build_xls())) == []
    assert reasons(read(_following(5, 0xFFFFFFFE))) == [("1", "damaged")]


@pytest.mark.parametrize(("name", "streams"), [
    ("doc", {"WordDocument": bytes(5_000)}), ("ppt", {"PowerPoint Document": bytes(5_000)}), ("ole", {"\x01Ole10Native": b""}),
])  # fmt: skip
def test_a_container_that_gives_nothing_is_damaged(name: str, streams: dict[str, bytes]) -> None:
    """Nobody saves one: something in its tables is wrong."""
    assert {reason for _, reason in reasons(read(compound(streams), f"x.{name}"))} == {"damaged"}
