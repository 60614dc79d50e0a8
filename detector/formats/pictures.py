"""Pictures, read by text recognition where that is installed; where it is not, that is said, but for logos, icons and tracking pixels.

Those are told by their size: what has fewer than 200 pixels in width or in height shows no page, form or card.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from detector.budget import Budget
from detector.formats import ocr
from detector.formats.package import member_bytes
from detector.formats.picture_sizes import pages, pixels
from detector.formats.plugin import Format, Item, Source
from detector.records import Reason

_MIN_PIXELS = 200
_MAX_IN_DOCUMENT = 50
_READABLE = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM", b"RIFF", b"II*\0", b"MM\0*")
"""What tesseract takes for a picture; anything else it would take for a list of files."""


def read(source: Source) -> Iterator[Item]:
    """Texts "picture" and cells "picture, row 3, column 1"; "page 2" in a file of several pages."""
    if is_large(source.part.data):
        yield from _read(source.part.data, source.budget, "picture")


def read_folder(archive: zipfile.ZipFile, folder: str, *, budget: Budget) -> Iterator[Item]:
    """The same of the large pictures in a folder of a document's package: "picture 1", "picture 2", …"""
    infos = [info for info in archive.infolist() if info.filename.startswith(folder) and not info.is_dir()]
    if len(infos) > _MAX_IN_DOCUMENT:
        yield Reason.NO_OCR
    number = 0
    for info in infos[:_MAX_IN_DOCUMENT]:
        data = member_bytes(archive, info, budget=budget)
        if is_large(data):
            number += 1
            yield from _read(data, budget, f"picture {number}")


def is_large(data: bytes) -> bool:
    """Whether width and height of a page reach 200 pixels, or cannot be told."""
    size = pixels(data)
    return size is None or min(size) >= _MIN_PIXELS


def _read(data: bytes, budget: Budget, where: str) -> Iterator[Item]:
    sizes = pages(data)
    if not sizes or not data.startswith(_READABLE) or not ocr.is_wanted(budget):
        yield Reason.NO_OCR
        return
    for number, (width, height) in enumerate(sizes):
        if width * height > budget.limits.ocr_pixels:
            yield Reason.TOO_LARGE
        elif len(sizes) == 1:
            yield from ocr.read(data, budget=budget, where=where)
        else:
            yield from ocr.read(data, budget=budget, where=f"page {number + 1}", page=number)


FORMAT = Format(
    "picture",
    ("picture",),
    (".png", ".jpg", ".gif", ".bmp", ".webp", ".tif", ".heic"),
    "Pictures: the text in them by tesseract where it is installed; without it said unread, but for those under 200 pixels.",
    read,
)
