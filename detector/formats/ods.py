"""The sheets of an OpenDocument spreadsheet, as a stream of tags.

Source: OASIS, "OpenDocument 1.3, part 3", sections 9.1 (tables) and 19.675 to 19.678 (repeated cells and rows).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from detector.budget import OverBudget
from detector.formats.places import letters
from detector.formats.plugin import BLANK, Item, Row
from detector.records import Cell, Reason, Text

_MAX_COPIES = 100
"""Of equal neighbouring cells or rows, which are stored once with a count."""
_MAX_CELLS = 4_000_000
"""Of all sheets, blanks between filled cells among them."""


def read_sheets(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Rows "Ark1!B4" of every sheet, hidden ones too, and comments "Ark1!B4, comment"."""
    target = _Sheets()
    parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    for chunk in chunks:
        parser.feed(chunk)
        yield from target.taken()
    parser.close()
    yield from target.taken()


@dataclass(slots=True)
class _Sheets:
    """What lxml calls at each tag."""

    items: list[Item] = field(default_factory=list)
    sheet: str = ""
    row: int = 0
    column: int = 0
    copies: int = 1
    row_copies: int = 1
    value: str = ""
    filled: list[tuple[int, str]] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    comment: list[str] = field(default_factory=list)
    text: list[str] | None = None
    is_comment: bool = False
    quiet: int = 0
    cells: int = 0

    def taken(self) -> list[Item]:
        items, self.items = self.items, []
        return items

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag[tag.rfind("}") + 1 :]
        if name == "table":
            self.sheet, self.row = _attribute(attributes, "name"), 0
        elif name == "table-row":
            self.column, self.filled = 0, []
            self.row_copies = _repeats(attributes, "number-rows-repeated")
        elif name in {"table-cell", "covered-table-cell"}:
            self.copies = _repeats(attributes, "number-columns-repeated")
            self.value = _attribute(attributes, "value")
            self.paragraphs, self.comment = [], []
        elif name == "annotation":
            self.is_comment = True
        elif name in {"creator", "date", "date-string"}:
            self.quiet += 1
        elif name == "p":
            self.text = []
        elif name in {"s", "tab", "line-break"} and self.text is not None:
            self.text.append("\n" if name == "line-break" else " ")

    def end(self, tag: str) -> None:
        name = tag[tag.rfind("}") + 1 :]
        if name == "p" and self.text is not None:
            (self.comment if self.is_comment else self.paragraphs).append("".join(self.text))
            self.text = None
        elif name == "annotation":
            self.is_comment = False
        elif name in {"creator", "date", "date-string"}:
            self.quiet = max(0, self.quiet - 1)
        elif name in {"table-cell", "covered-table-cell"}:
            self.end_cell()
        elif name == "table-row":
            self.end_row()

    def data(self, data: str) -> None:
        if self.text is not None and not self.quiet:
            self.text.append(data)

    def close(self) -> None:
        """lxml asks for it."""

    def end_cell(self) -> None:
        text = "\n".join(self.paragraphs).strip() or self.value
        if text:
            self.filled += [(self.column + copy, text) for copy in range(min(self.copies, _MAX_COPIES))]
        if comment := "\n".join(self.comment).strip():
            self.items.append(Text(comment, f"{self.sheet}!{letters(self.column)}{self.row + 1}, comment"))
        self.column += self.copies

    def end_row(self) -> None:
        for copy in range(min(self.row_copies, _MAX_COPIES) if self.filled else 0):
            last = self.filled[-1][0]
            self.cells += last
            if self.cells > _MAX_CELLS:
                raise OverBudget(Reason.TOO_LARGE)
            self.items.append(Row(self.sheet, sheet_cells(self.sheet, self.row + copy, dict(self.filled), last)))
        self.row += self.row_copies


def sheet_cells(sheet: str, row: int, filled: Mapping[int, str], last: int) -> tuple[Cell, ...]:
    """Cells of one row from column A to `last`, blanks among them."""
    end = f"{row + 1}"
    return tuple([Cell(filled[column], f"{sheet}!{letters(column)}{end}") if column in filled else BLANK for column in range(last + 1)])


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.endswith(f"}}{name}")), "")


def _repeats(attributes: Mapping[str, str], name: str) -> int:
    value = _attribute(attributes, name)
    return max(1, int(value[:8])) if value.isascii() and value.isdigit() else 1
