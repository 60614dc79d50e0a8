"""SVG drawings: the texts in them."""

from __future__ import annotations

from collections.abc import Iterator

from detector.formats import flow
from detector.formats.plugin import Format, Item, Source

_WORDS = flow.Vocabulary(paragraph=frozenset({"text", "title", "desc", "p", "div"}), skipped=frozenset({"style", "script", "metadata"}))


def read(source: Source) -> Iterator[Item]:
    """Blocks "paragraph 3"."""
    yield from flow.blocks([source.part.data], _WORDS)


FORMAT = Format("svg", ("svg",), (".svg",), "SVG drawings: the texts in them.", read)
