"""Who writes to whom in each part of a message: in a document's own words, and in each mail that is quoted in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from detector.formats import quotes
from detector.records import Address, Block, Document, Place, Text

HEAD = 5
"""Blocks that a header block may be spread over."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes to whom."""

    sender: Address | None = field(default=None, repr=False)
    recipients: tuple[Address, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """Own words of a document, or a mail that it quotes; `depth` counts as `Text.quote` does."""

    document: int
    depth: int
    writer: Writer = field(repr=False)


class Threads:
    """The segments of some documents, in reading order; `writers` are those of the documents' own words."""

    def __init__(self, documents: Sequence[Document], writers: Sequence[Writer]) -> None:
        self.segments: list[Segment] = []
        self._of: dict[tuple[int, int], int] = {}
        for number, (document, writer) in enumerate(zip(documents, writers, strict=True)):
            self._cut(number, document, writer)

    def of(self, place: Place) -> int:
        """Number of the segment that a place is in."""
        return self._of[place.document, place.block]

    def _cut(self, number: int, document: Document, writer: Writer) -> None:
        least = min((block.quote for block in document.blocks), default=0)
        running: dict[int, int] = {}  # the segment that goes on at each depth
        above = ""
        for index, block in enumerate(document.blocks):
            head = _head(document.blocks[index : index + HEAD], above) if block.quote > least or not running else None
            if head or block.quote not in running:
                begun = Segment(number, block.quote, head or _turned(writer, block.quote - least))
                running = {depth: other for depth, other in running.items() if depth < block.quote} | {block.quote: len(self.segments)}
                self.segments.append(begun)
            self._of[number, index] = running[block.quote]
            above = block.text if isinstance(block, Text) else ""


def _head(blocks: Sequence[Block], above: str) -> Writer | None:
    """Who writes a mail that begins with these blocks: as its own header block says, or the line over it."""
    texts = [block.text for block in blocks if isinstance(block, Text) and block.quote == blocks[0].quote]
    if not isinstance(blocks[0], Text):
        return None
    told = quotes.fields("\n".join(texts)) if quotes.may_begin(texts[0]) else {}
    if told:
        return Writer(quotes.address(told["from"]), quotes.addresses(f"{told.get('to', '')};{told.get('cc', '')}"))
    author = quotes.author(above)
    return Writer(quotes.address(author)) if author else None


def _turned(writer: Writer, depth: int) -> Writer:
    """Who writes what is quoted without a word on its writer: in a mail to one person, that person and the sender in turn."""
    if not depth:
        return writer
    if len(writer.recipients) != 1:
        return Writer()
    return writer if depth % 2 == 0 else Writer(writer.recipients[0], (writer.sender,) if writer.sender else ())
