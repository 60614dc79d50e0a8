"""Text in pictures: read within its limits where tesseract is there, named as unread where it is not, and never a hang."""

from __future__ import annotations

import random
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import fpdf
import pytest
from built_files import PNG, build_pdf, read, reasons, texts
from golden_files import GOLDEN, LETTER, picture

from detector.formats import ocr, picture_sizes, tesseract
from detector.records import Reason, Text

needs_tesseract = pytest.mark.skipif(not ocr.is_installed(), reason="needs tesseract with Danish")
SMALL = PNG.replace((200).to_bytes(4, "big"), (60).to_bytes(4, "big"))
VAST = PNG.replace((300).to_bytes(4, "big"), (90_000).to_bytes(4, "big"))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is all of the path: what is put there as "tesseract" is what is called."""
    monkeypatch.setenv("PATH", str(tmp_path))
    tesseract.command.cache_clear()
    yield tmp_path / "tesseract"
    tesseract.command.cache_clear()


def _script(file: Path, *, languages: str = "dan eng osd", does: str = "exit 0") -> None:
    file.write_text(f'#!/bin/sh\nif [ "$1" = --list-langs ]; then for l in {languages}; do echo $l; done; exit 0; fi\n{does}\n', "utf-8")
    file.chmod(0o700)


@pytest.mark.parametrize("languages, expected", [
    ("dan eng osd", ["-l", "dan+eng", "--psm", "1"]),
    ("dan", ["-l", "dan", "--psm", "3"]),  # no English, and none to tell which way is up
    ("eng osd", []),  # without the Danish letters names and words come out wrong
])  # fmt: skip
def test_command(program: Path, languages: str, expected: list[str]) -> None:
    """The languages that are installed are the ones asked for; Danish must be among them."""
    _script(program, languages=languages)
    assert list(tesseract.command()[3:7]) == expected
    assert ocr.missing() == ("" if expected else "apt-get install tesseract-ocr tesseract-ocr-dan")


@pytest.mark.parametrize("data, expected", [
    (PNG, ["no-ocr"]),
    (SMALL, []),  # a banner
    (build_pdf(lambda document: document.image(picture("png"), w=100) and None), ["no-ocr"]),
    (GOLDEN["docx-scan"].build(), ["no-ocr"]),
])  # fmt: skip
def test_without_tesseract(program: Path, data: bytes, expected: list[str]) -> None:
    """A page that is a picture is unread; a logo is no page."""
    assert not program.exists()
    assert [reason for _, reason in reasons(read(data, ocr=True))] == expected


@pytest.mark.parametrize("does, expected", [
    ("exec /bin/sleep 60", "timeout"),
    ("kill -9 $$", "damaged"),
    ("exit 1", "damaged"),
])  # fmt: skip
def test_program_that_fails(program: Path, does: str, expected: str) -> None:
    """A program that hangs is stopped at its time, one that dies costs the picture."""
    _script(program, does=does)
    begun = time.monotonic()
    assert reasons(read(PNG, ocr=True, ocr_seconds=0.5)) == [("1", expected)]
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("data, expected", [
    (VAST, "too-large"),  # 18 million pixels, told by the header
    (b"\x89PNG\r\n/etc/hostname\n" + bytes(400), "no-ocr"),  # no PNG: the program would take it for a list of files
    (b"II*\0\x08\0\0\0\0\0" + bytes(4), "no-ocr"),  # a TIFF without a page
])  # fmt: skip
def test_not_handed_over(program: Path, data: bytes, expected: str) -> None:
    """What is too large, or is not sure to be a picture, never reaches the program."""
    ran = program.with_name("ran")
    _script(program, does=f": > {ran}")
    assert reasons(read(data, ocr=True, ocr_pixels=10_000_000)) == [("1", expected)]
    assert not ran.exists()


@needs_tesseract
def test_time_is_shared() -> None:
    """A scanned page past the time is unread, and the pages behind it are read."""
    reading = read(GOLDEN["pdf-scan"].build(), ocr=True, ocr_seconds=0.01)
    assert (texts(reading), reasons(reading)) == ([("page 2", "Anden side")], [("1", "timeout")])


@needs_tesseract
def test_large_picture_in_a_scanned_page() -> None:
    """It is not drawn."""
    assert ("1", "too-large") in reasons(read(GOLDEN["pdf-scan"].build(), ocr=True, ocr_pixels=1000))


@needs_tesseract
@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_damaged_pictures(kind: str) -> None:
    """Cut or flipped, a picture is read in part or said unread."""
    chance, whole = random.Random(kind), picture(kind)
    flipped = bytearray(whole)
    for _ in range(5):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    for data in (whole[:30], whole[: len(whole) // 2], bytes(flipped)):
        reading = read(data, ocr=True)
        assert reading.documents or reading.unread


@needs_tesseract
def test_columns_of_prose_stay_apart() -> None:
    """A newsletter is read column by column, not across."""

    def draw(document: fpdf.FPDF) -> None:
        document.multi_cell(70, 6, "den ene spalte er lang og fuld af ord " * 6)
        document.set_xy(110, 10)
        document.multi_cell(70, 6, "en anden tekst har helt sine egne " * 6)

    words = " ".join(text for _, text in texts(read(picture("png", draw), ocr=True))).split()
    assert words.index("anden") > len(words) // 2 - 3


@pytest.mark.parametrize("confidences, is_read, expected", [
    ((95, 90, 30), True, []),
    ((30, 25, 90), True, [Reason.NO_OCR]),  # handwriting: what was made of it is kept, and said not to be all
    ((), False, []),  # a photo without words
])  # fmt: skip
def test_uncertain_words(monkeypatch: pytest.MonkeyPatch, confidences: tuple[int, ...], is_read: bool, expected: list[Reason]) -> None:
    """A picture whose words are mostly guesses counts as not read."""
    table = "\n".join(f"5\t1\t1\t1\t1\t{n}\t{n * 90}\t10\t80\t20\t{each}\tordet" for n, each in enumerate(confidences))
    monkeypatch.setattr(tesseract, "words", lambda *_, **__: table)
    items = list(ocr.read(b"", budget=None, where="picture"))  # type: ignore[arg-type]
    assert any(isinstance(each, Text) for each in items) == is_read
    assert [each for each in items if isinstance(each, Reason)] == expected


def _tiff(*fields: tuple[int, int, int], following: int = 0) -> bytes:
    return (
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", len(fields))
        + b"".join(struct.pack("<HHII", t, k, 1, v) for t, k, v in fields)
        + struct.pack("<I", following)
    )


@pytest.mark.parametrize("data, expected", [
    (_tiff((256, 3, 640), (257, 4, 480)), [(640, 480)]),
    (_tiff((256, 3, 640), (257, 4, 480), following=8), [(640, 480)]),  # a page that is followed by itself
    (_tiff((256, 3, 640), (257, 2, 480)), []),  # a height that is no number
    (_tiff((256, 3, 640), (257, 4, 480), following=9999), []),  # a page behind the end
    (b"\x89PNG\r\nhej", []),
])  # fmt: skip
def test_sizes_of_pages(data: bytes, expected: list[tuple[int, int]]) -> None:
    """Every page of a TIFF tells its size; where one does not, none is trusted."""
    assert picture_sizes.pages(data) == expected


@needs_tesseract
def test_scan_from_end_to_end() -> None:
    """A letter photographed sideways is read as if it lay straight."""
    assert texts(read(picture("jpeg", turned=270), ocr=True))[0] == ("picture", LETTER[0])
