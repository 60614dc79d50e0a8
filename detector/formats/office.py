"""What the documents that are zip packages (Office, OpenDocument) have in common: properties, files put in, pages of pictures only."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator

from detector.formats import flow, pictures, properties
from detector.formats.archive import read_embedded
from detector.formats.plugin import Item, Row, Source
from detector.records import Defect, Text


def with_embedded(source: Source, archive: zipfile.ZipFile, items: Iterable[Item], *, files: re.Pattern[str], media: str) -> Iterator[Item]:
    """The items of a package, then its properties, the `files` put into it, and where it has no text the large pictures in `media`."""
    is_empty = True
    for item in items:
        is_empty = is_empty and not _is_written(item)
        yield item
    if any(name.lower().endswith("vbaproject.bin") for name in archive.namelist()):
        yield Defect(source.part.index, properties.MACROS)
    yield from properties.read(archive, budget=source.budget)
    yield from read_embedded(source, archive, files)
    if is_empty:
        yield from pictures.read_folder(archive, media, budget=source.budget)


def _is_written(item: Item) -> bool:
    """Whether it is text of the document; what describes a picture is not."""
    return isinstance(item, Row) or (isinstance(item, Text) and not item.where.endswith(flow.ALT_TEXT))
