"""Parts to documents: each format in a file of its own, picked by content.

To add one, write its module with a `FORMAT`, name its kind in `sniff`, and put it in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field

from detector.budget import Budget, OverBudget
from detector.formats import (
    archive,
    columns,
    compressed,
    control,
    delimited,
    doc,
    docx,
    html,
    ics,
    json_values,
    mail,
    ole_parts,
    opendocument,
    outlook,
    pdf,
    pictures,
    ppt,
    pptx,
    rar,
    rtf,
    sealed,
    sevenzip,
    sheets,
    signed,
    svg,
    tar,
    text,
    vcf,
    xml_values,
)
from detector.formats.plugin import Format, Item, Load, Row, Source
from detector.formats.sniff import sniff
from detector.records import Defect, Document, Message, Part, Reading, Reason, Role, Table, Text, Unread

__all__ = ["FORMATS", "Format", "documented", "read"]

FORMATS: tuple[Format, ...] = (
    text.FORMAT,
    html.FORMAT,
    delimited.FORMAT,
    rtf.FORMAT,
    docx.FORMAT,
    doc.FORMAT,
    opendocument.FORMAT,
    pptx.FORMAT,
    ppt.FORMAT,
    sheets.FORMAT,
    pdf.FORMAT,
    mail.FORMAT,
    outlook.FORMAT,
    archive.FORMAT,
    tar.FORMAT,
    compressed.FORMAT,
    sevenzip.FORMAT,
    rar.FORMAT,
    ics.FORMAT,
    vcf.FORMAT,
    json_values.FORMAT,
    xml_values.FORMAT,
    svg.FORMAT,
    pictures.FORMAT,
    ole_parts.FORMAT,
    signed.FORMAT,
    sealed.FORMAT,
    control.FORMAT,
)


def by_kind(formats: tuple[Format, ...]) -> Mapping[str, Format]:
    """Each kind with the format that reads it. Raises ValueError where two claim one."""
    kinds: dict[str, Format] = {}
    for each in formats:
        for kind in each.kinds:
            if kind in kinds:
                raise ValueError(f"kind {kind!r} is claimed by {kinds[kind].name} and {each.name}")
            kinds[kind] = each
    return kinds


_BLOCK_COST = 16
_CELL_COST = 4
"""Characters that an empty block or cell counts for, so that millions of them cannot fill the memory."""

_BY_KIND = by_kind(FORMATS)


def documented() -> list[tuple[str, str, str]]:
    """Name, file endings and description of each format, for the documentation."""
    return [(each.name, " ".join(each.endings), each.description) for each in FORMATS]


def read(part: Part, *, role: Role, budget: Budget, depth: int = 0) -> Reading:
    """All that can be read of `part`, and what cannot. Never raises on content, whatever its bytes.

    `depth` is the nesting of the part in the message; members of an archive stand one deeper.
    """
    return _read(part, None, role, budget, depth)


def is_own(part: Part) -> bool:
    """Whether a part is read by this program's own code alone."""
    reader = _BY_KIND.get(sniff(part)) if part.data else None
    return reader is None or reader.is_own


def _read(part: Part, load: Load | None, role: Role, budget: Budget, depth: int) -> Reading:
    found = _Gathered(part, budget)

    def member(index: str, filename: str | None, load: Load) -> Reading:
        inside = Part(index, "application/octet-stream", b"", filename, is_attachment=True)
        return _read(inside, load, Role.ATTACHMENT, budget, depth + 1)

    try:
        if load is not None:
            budget.spend_part(depth)
            part = Part(part.index, part.media_type, load(), part.filename, is_attachment=True)
        if part.data:
            found.kind = sniff(part)
            _gather(found, Source(part, found.kind, budget, depth, member))
    except OverBudget as over:
        found.add(over.reason)
    except NotImplementedError:  # how unpackers say that they do not know a compression
        found.add(Reason.UNSUPPORTED)
    except (KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException:  # the one handler around readers; BaseException because a panic in Rust is no Exception
        found.add(Reason.DAMAGED)
    return found.reading(role)


def _gather(found: _Gathered, source: Source) -> None:
    reader = _BY_KIND.get(source.kind)
    if reader is None:
        found.add(Reason.UNSUPPORTED)
        return
    with closing(reader.read(source)) as items:  # type: ignore[type-var]  # readers are generators
        for item in items:
            found.add(item)


@dataclass(slots=True)
class _Gathered:
    """What a reader has yielded so far."""

    part: Part
    budget: Budget
    kind: str = ""
    blocks: list[Text | list[Row]] = field(default_factory=list)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    reasons: dict[Reason, None] = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)
    inside: list[Reading] = field(default_factory=list)

    def add(self, item: Item) -> None:
        if isinstance(item, Text):
            self.add_text(item)
        elif isinstance(item, Row):
            self.add_row(item)
        elif isinstance(item, Reason):
            self.reasons[item] = None
        elif isinstance(item, Defect):
            self.defects.append(item)
        else:
            self.inside.append(item)

    def add_text(self, block: Text) -> None:
        room = self.budget.limits.characters - self.budget.characters
        if len(block.text) > room > 0:  # keep what there is room for
            self.blocks.append(Text(block.text[:room], block.where, block.quote))
        self.budget.spend_text(len(block.text))
        self.blocks.append(block)
        self.budget.spend_text(_BLOCK_COST)

    def add_row(self, row: Row) -> None:
        self.budget.spend_row(len(row.cells))
        self.budget.spend_text(sum([len(cell.text) for cell in row.cells]) + _CELL_COST * len(row.cells))
        rows = self.tables.get(row.table)
        if rows is None:
            rows = self.tables[row.table] = []
            self.blocks.append(rows)
        rows.append(row)

    def reading(self, role: Role) -> Reading:
        reader = _BY_KIND.get(self.kind)
        gathered = columns.tabbed(self.blocks) if reader is not None and reader.has_tab_lines else self.blocks
        blocks = tuple([block if isinstance(block, Text) else _table(block) for block in gathered])
        own = (Document(self.part.index, role, blocks, self.part.filename, self.kind),) if blocks else ()
        unread = tuple([Unread(self.part.index, self.part.filename, reason) for reason in self.reasons])
        if not self.inside:
            return Reading(own, (), unread, tuple(self.defects))
        return self.merged(Reading(own, (), unread, tuple(self.defects)))

    def merged(self, own: Reading) -> Reading:
        """`own` with the readings of what lies inside, in order."""
        documents: list[Document] = list(own.documents)
        messages: list[Message] = []
        unread, defects = list(own.unread), list(own.defects)
        for each in self.inside:
            documents += each.documents
            messages += each.messages
            unread += each.unread
            defects += each.defects
        return Reading(tuple(documents), tuple(messages), tuple(unread), tuple(defects))


def _table(rows: list[Row]) -> Table:
    return Table(tuple([row.cells for row in rows]), rows[0].table, rows[0].quote)
