"""What is fuzzed: `mime.parse` and every format, each given bytes and held to what it promises.

`benchmarks.fuzz` and `test_fuzz.py` call it. A target raises `Broken` where its promise does not hold: nothing is raised, what comes back
is within the budget, what was not read is named by its part, and what a reader gives up on is damage that it met, not a mistake of ours (a
wrong type, an index, a missing key).
"""

from __future__ import annotations

import dataclasses
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from unittest import mock

from detector import bounces, content, formats, mime, outlook, transport
from detector.budget import Budget, Limits
from detector.formats.plugin import Format, Item, Source
from detector.formats.sniff import sniff
from detector.ole import MAGIC
from detector.records import Message, Part, Reading, Role

CORPUS = Path(__file__).parent / "fuzz"
"""A folder of inputs for each target."""
LIMITS = Limits(
    seconds=3.0, message_bytes=200_000, header_bytes=20_000, header_line_bytes=4_000, unpacked_bytes=5_000_000, depth=8, parts=100,
    rows=2_000, characters=500_000, ocr=False,
)  # fmt: skip
"""Small, so that they are met."""
MISTAKES = (AssertionError, AttributeError, LookupError, NameError, TypeError, ArithmeticError, RecursionError)
OWN = str(Path(formats.__file__).parents[1])
XML_MEMBERS = {
    "docx": ("word/document.xml", "word/footnotes.xml", "word/comments.xml", "word/charts/chart1.xml", "docProps/core.xml"),
    "pptx": ("ppt/slides/slide1.xml", "ppt/notesSlides/notesSlide1.xml", "ppt/comments/comment1.xml", "docProps/custom.xml"),
    "sheets": ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/comments1.xml", "xl/drawings/drawing1.xml", "xl/charts/chart1.xml"),
    "opendocument": ("content.xml", "styles.xml", "meta.xml", "Object 1/content.xml"),
}
"""Members that XML by itself is put into: bytes changed within a packed file hardly ever reach the reader."""


class Broken(AssertionError):  # noqa: N818 - it says what happened
    """A promise that was not kept."""


def targets() -> dict[str, Callable[[bytes], None]]:
    """Every target by its name."""
    return {"mime": check_mime} | {each.name: _checking(each) for each in formats.FORMATS}


def seeds(name: str, samples: dict[str, bytes]) -> list[bytes]:
    """Sound files for a target out of one `samples` of each kind, and the XML in those that are packages."""
    if name == "mime":
        return [path.read_bytes() for path in sorted((CORPUS.parent / "golden").glob("*.eml"))]
    each = next(each for each in formats.FORMATS if each.name == name)
    files = [samples[kind] for kind in each.kinds if kind in samples]
    packages = [zipfile.ZipFile(BytesIO(data)) for data in files if name in XML_MEMBERS and data[:2] == b"PK"]
    return files + [archive.read(member) for archive in packages for member in XML_MEMBERS[name] if member in archive.namelist()]


def check_mime(data: bytes) -> None:
    """A message is parsed, and what is told of it is found, without a word of complaint."""
    budget = Budget(LIMITS)
    with _in_time():
        message = mime.parse(data, budget=budget)
        transport.inspect(message)
        bounces.parse(message)
        _check_message(message)
        outlook.is_message(data)
        content.read(message, budget=budget, reader=_not_read)
    if sum(len(part.data) for part in message.parts) > 4 * max(len(data), 1):
        raise Broken("parts hold more than the message")


def _check_message(message: Message) -> None:
    if data_lost := [part.index for part in message.parts if not part.index]:
        raise Broken(f"{len(data_lost)} parts without an index")
    for attached in message.attached:
        _check_message(attached)


def _not_read(part: Part, *, role: Role, budget: Budget, depth: int = 0) -> Reading:  # the formats have targets of their own
    return Reading()


def _checking(each: Format) -> Callable[[bytes], None]:
    def check(data: bytes) -> None:
        check_format(each, data)

    return check


def check_format(each: Format, data: bytes) -> None:
    """A part is read by this format, whatever it looks like; what lies inside it by what it looks like."""
    data = _packed(each.name, data)
    part = _part(each, data)
    mistakes: list[BaseException] = []
    kinds = {kind: dataclasses.replace(other, read=_watched(other, mistakes)) for other in formats.FORMATS for kind in other.kinds}

    def told(inner: Part) -> str:
        kind = sniff(inner)
        return kind if inner.index != part.index or kind in each.kinds else _forced(each, inner.data)

    budget = Budget(LIMITS)
    with mock.patch.multiple(formats, sniff=told, _BY_KIND=kinds), _in_time():
        reading = formats.read(part, role=Role.ATTACHMENT if part.is_attachment else Role.BODY, budget=budget)
    if mistakes:
        raise Broken("a mistake was taken for damage") from mistakes[0]
    _check_reading(reading)


def _forced(each: Format, data: bytes) -> str:
    """The kind that a format would take the bytes for, were the sniffer mistaken; compound files and packages are told for certain."""
    return next((kind for kind in each.kinds if kind in {"xls", "msg"} and data.startswith(MAGIC)), each.kinds[0])


def _part(each: Format, data: bytes) -> Part:
    if each.name in {"text", "html"}:
        return Part("1", f"text/{'html' if each.name == 'html' else 'plain'}", data, charset="utf-8")
    return Part("1", "application/octet-stream", data, f"a{each.endings[0]}", is_attachment=True)


def _packed(name: str, data: bytes) -> bytes:
    """The package that XML is put into; what is a package is left as it is."""
    members = XML_MEMBERS.get(name)
    if members is None or data[:2] == b"PK" or not data.lstrip().startswith(b"<"):
        return data
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if name == "opendocument":
            archive.writestr("mimetype", b"application/vnd.oasis.opendocument." + _opendocument_kind(data))
        else:
            archive.writestr("[Content_Types].xml", b"<Types/>")
        for member in members:
            archive.writestr(member, data)
    return buffer.getvalue()


def _opendocument_kind(data: bytes) -> bytes:
    return next((kind for kind in (b"spreadsheet", b"presentation") if kind in data), b"text")


def _watched(each: Format, mistakes: list[BaseException]) -> Callable[[Source], Iterator[Item]]:
    """The reader; a mistake in our code that ends it is noted."""

    def read(source: Source) -> Iterator[Item]:
        try:
            yield from each.read(source)
        except MISTAKES as error:
            if traceback.extract_tb(error.__traceback__)[-1].filename.startswith(OWN):
                mistakes.append(error)
            raise

    return read


class _in_time:  # noqa: N801 - a context
    """Work ends within the clock of the scan; what the machine does besides is not counted."""

    def __enter__(self) -> None:
        self.begun = time.process_time()

    def __exit__(self, *_: object) -> None:
        if time.process_time() - self.begun > LIMITS.seconds + 1:
            raise Broken("it took longer than it may")


def _check_reading(reading: Reading) -> None:
    rows = characters = 0
    for document in reading.documents:
        for block in document.blocks:
            cells = [cell for row in block.rows for cell in row] if hasattr(block, "rows") else [block]
            rows += len(block.rows) if hasattr(block, "rows") else 0
            characters += sum(len(cell.text) for cell in cells)
    if rows > LIMITS.rows or characters > LIMITS.characters + LIMITS.message_bytes:
        raise Broken(f"{rows} rows and {characters} characters")
    if strange := [each.part for each in reading.unread if each.part.partition(".")[0] != "1"]:
        raise Broken(f"{len(strange)} unread parts that are none of it")
