"""What documents that are zip packages (Office, OpenDocument) share: files put in, properties, and pages that are only pictures."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator

from detector.formats import pictures, properties
from detector.formats.archive import read_embedded
from detector.formats.plugin import Item, Row, Source
from detector.records import Reason, Text


def with_embedded(source: Source, archive: zipfile.ZipFile, items: Iterable[Item], *, files: re.Pattern[str], media: str) -> Iterator[Item]:
    """The items of a package, its `files`, its properties; NO_OCR where it has no text but a large picture in the folder `media`."""
    is_empty = True
    for item in items:
        is_empty = is_empty and not isinstance(item, Text | Row)
        yield item
    yield from read_embedded(source, archive, files)
    if is_empty and pictures.any_large(archive, media, budget=source.budget):
        yield Reason.NO_OCR
    yield from properties.read(archive, budget=source.budget)
