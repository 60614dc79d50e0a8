"""The sheets of an OpenDocument spreadsheet, as a stream of tags.

Source: OASIS, "OpenDocument 1.3, part 3", sections 9.1 (tables) and 19.675 to 19.678 (repeated cells and rows).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from detector.budget import OverBudget
from detector.formats.places import letters
from detector.formats.plugin import BLANK, Item, Row
from detector.formats.sheet_margins import EVERY
from detector.records import Cell, Reason, Text

_MAX_COPIES = 100
"""Of equal neighbouring cells or rows, which are stored once with a count."""
_MAX_CELLS = 4_000_000
"""Of all sheets, blanks between filled cells among them."""
_MAX_COLUMN = 16_384
_UNSEEN = frozenset({"collapse", "filter"})
_QUIET = frozenset({"creator", "date", "date-string"})
_DRAWN = frozenset({"frame", "custom-shape", "rect", "ellipse", "circle", "line", "connector", "polygon", "polyline", "path", "caption"})
_PARAGRAPHS = frozenset({"p", "title", "desc"})


def read_sheets(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Rows "Ark1!B4" of every sheet, "Ark1!B4, hidden"; "Ark1!B4, comment", "Ark1!text box", "deleted", "defined name"."""
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
    drawn: int = 0
    is_cell: bool = False
    style: str = ""
    hidden_styles: set[str] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False
    is_hidden_row: bool = False

    def taken(self) -> list[Item]:
        items, self.items = self.items, []
        return items

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag[tag.rfind("}") + 1 :]
        if name in {"table-cell", "covered-table-cell"}:
            self.copies = _repeats(attributes, "number-columns-repeated")
            self.value = _attribute(attributes, "value")
            self.paragraphs, self.comment, self.is_cell = [], [], True
        elif name == "table-row":
            self.column, self.filled = 0, []
            self.row_copies = _repeats(attributes, "number-rows-repeated")
            self.is_hidden_row = _attribute(attributes, "visibility") in _UNSEEN
        elif name == "annotation":
            self.is_comment = True
        elif name in _QUIET:
            self.quiet += 1
        elif name in _DRAWN:
            self.drawn += 1
        elif name in _PARAGRAPHS:
            self.text = []
        elif name in {"s", "tab", "line-break"} and self.text is not None:
            self.text.append("\n" if name == "line-break" else " ")
        else:
            self.start_frame(name, attributes)

    def start_frame(self, name: str, attributes: Mapping[str, str]) -> None:
        """A sheet, a column, a name or a style begins, if anything."""
        if name == "table":
            self.sheet, self.row, self.column = _attribute(attributes, "name"), 0, 0
            self.is_hidden, self.hidden_columns = _attribute(attributes, "style-name") in self.hidden_styles, set()
        elif name == "table-column":
            end = self.column + _repeats(attributes, "number-columns-repeated")
            if _attribute(attributes, "visibility") in _UNSEEN:
                self.hidden_columns.update(range(self.column, min(end, _MAX_COLUMN)))
            self.column = end
        elif name == "style":
            self.style = _attribute(attributes, "name")
        elif name == "table-properties" and _attribute(attributes, "display") == "false":
            self.hidden_styles.add(self.style)
        elif name in {"named-range", "named-expression"}:
            self.items.append(Text(_attribute(attributes, "name"), "defined name"))

    def end(self, tag: str) -> None:
        name = tag[tag.rfind("}") + 1 :]
        if name in _PARAGRAPHS and self.text is not None:
            self.end_paragraph("".join(self.text), name)
            self.text = None
        elif name == "annotation":
            self.is_comment = False
        elif name in _QUIET:
            self.quiet = max(0, self.quiet - 1)
        elif name in _DRAWN:
            self.drawn -= 1
        elif name in {"table-cell", "covered-table-cell"}:
            self.end_cell()
        elif name == "table-row":
            self.end_row()
        elif name == "table":
            self.sheet = ""

    def data(self, data: str) -> None:
        if self.text is not None and not self.quiet:
            self.text.append(data)

    def close(self) -> None:
        """lxml asks for it."""

    def end_paragraph(self, text: str, name: str) -> None:
        if self.is_comment:
            self.comment.append(text)
        elif self.is_cell and not self.drawn:
            self.paragraphs.append(text)
        elif text := text.strip():
            place = "deleted" if not self.drawn else "text box" if name == "p" else "alt text"
            self.items.append(Text(text, f"{self.sheet}!{place}" if self.sheet else place))

    def end_cell(self) -> None:
        self.is_cell = False
        text = "\n".join(self.paragraphs).strip() or self.value
        if text:
            self.filled += [(self.column + copy, text) for copy in range(min(self.copies, _MAX_COPIES))]
        if comment := "\n".join(self.comment).strip():
            self.items.append(Text(comment, f"{self.sheet}!{letters(self.column)}{self.row + 1}, comment"))
        self.column += self.copies

    def end_row(self) -> None:
        hidden = EVERY if self.is_hidden or self.is_hidden_row else self.hidden_columns
        for copy in range(min(self.row_copies, _MAX_COPIES) if self.filled else 0):
            last = self.filled[-1][0]
            self.cells += last
            if self.cells > _MAX_CELLS:
                raise OverBudget(Reason.TOO_LARGE)
            self.items.append(Row(self.sheet, sheet_cells(self.sheet, self.row + copy, dict(self.filled), last, hidden=hidden)))
        self.row += self.row_copies


def sheet_cells(sheet: str, row: int, filled: Mapping[int, str], last: int, *, hidden: Container[int] = ()) -> tuple[Cell, ...]:
    """Cells of one row from column A to `last`, blanks among them; those in `hidden` columns are said to be."""
    end = f"{row + 1}"
    ends = [f"{end}, hidden" if column in hidden else end for column in range(last + 1)] if hidden else [end] * (last + 1)
    return tuple(
        [Cell(filled[column], f"{sheet}!{letters(column)}{ends[column]}") if column in filled else BLANK for column in range(last + 1)]
    )


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.endswith(f"}}{name}")), "")


def _repeats(attributes: Mapping[str, str], name: str) -> int:
    value = _attribute(attributes, name)
    return max(1, int(value[:8])) if value.isascii() and value.isdigit() else 1
