"""The tree of an HTML page walked in a loop, so that no nesting overflows a stack, to the pieces a reader of it sees."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from detector.budget import Budget

_BLOCKS = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li", "listing",
        "main", "nav", "ol", "option", "p", "pre", "section", "select", "summary", "table", "tbody", "td", "textarea", "tfoot", "th",
        "thead", "title", "tr", "ul", "xmp",
    }
)  # fmt: skip
_DROPPED = frozenset({"script", "style", "template", "noframes", "-comment", "-doctype", "math-annotation"})
_PRESERVED = frozenset({"pre", "textarea", "listing", "xmp"})
_TABLES = frozenset({"table", "tr", "td", "th"})
_QUIET_INPUTS = frozenset({"hidden", "submit", "button", "image", "reset", "checkbox", "radio", "password"})
_STYLED = _BLOCKS | {"span", "font", "a", "b", "i", "strong", "em", "u"}

_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
_HIDING = ("display", "visibility", "mso-hide", "hidden")
_NONE: frozenset[str] = frozenset()
_BLANKS = re.compile(r"[\t\r\n\f][ \t\r\n\f]*| [ \t\r\n\f]+")
"""Runs of white space but for the single blank, which is fine as it is."""
_BLANK_PAIRS = re.compile(r" {2,}")
_MAX_SPAN = 30
"""Columns or rows that one cell may cover."""


def pieces_of(text: str, *, budget: Budget) -> list[Piece]:
    """Paragraphs and tables of a page, in its order."""
    lower = text.lower()
    may_hide = any(word in lower for word in _HIDING)  # asking each element for its style takes half the time
    return _walk(LexborHTMLParser(text).root, budget, may_hide=may_hide)


@dataclass(slots=True)
class Piece:
    """A paragraph, or (where `rows` is given) a table."""

    text: str
    level: int
    rows: list[list[str]] | None = None
    is_preserved: bool = False


@dataclass(slots=True)
class _Table:
    """A table being read; `kept` holds for each row its cells, each with its pieces and the columns and rows it covers."""

    outer: list[Piece]
    level: int
    kept: list[list[tuple[list[Piece], int, int]]] = field(default_factory=list)
    cell: list[Piece] | None = None
    spans: tuple[int, int] = (1, 1)


class _Page:
    """The state of the walk: where text goes, and how deep it is quoted."""

    def __init__(self) -> None:
        self.pieces: list[Piece] = []
        self.buffer: list[str] = []
        self.tables: list[_Table] = []
        self.level = 0
        self.preserved = 0

    def flush(self) -> None:
        """The text so far becomes paragraphs; a blank line parts two."""
        if not self.buffer:
            return
        text = "".join(self.buffer)
        self.buffer.clear()
        if self.preserved:
            if not text.isspace():
                self.pieces.append(Piece(text, self.level, is_preserved=True))
            return
        if "  " in text:  # a blank at the end of one element and one at the start of the next
            text = _BLANK_PAIRS.sub(" ", text)
        if "\n" not in text:
            text = text.strip(" \xa0")
            if text:
                self.pieces.append(Piece(text, self.level))
            return
        lines = [line.strip(" \xa0") for line in text.split("\n")]
        for paragraph in "\n".join(lines).split("\n\n"):
            if paragraph := paragraph.strip("\n"):
                self.pieces.append(Piece(paragraph, self.level))

    def enter(self, tag: str, node: LexborNode) -> None:
        """A block element begins."""
        self.flush()
        if tag in _TABLES:
            self._enter_table(tag, node)
        elif tag == "blockquote":
            self.level += 1
        elif tag in _PRESERVED:
            self.preserved += 1

    def leave(self, tag: str) -> None:
        """A block element ends."""
        self.flush()
        if tag in _TABLES:
            self._leave_table(tag)
        elif tag == "blockquote":
            self.level -= 1
        elif tag in _PRESERVED:
            self.preserved -= 1

    def _enter_table(self, tag: str, node: LexborNode) -> None:
        if tag == "table":
            self.tables.append(_Table(self.pieces, self.level))
        elif self.tables and tag == "tr":
            self.tables[-1].kept.append([])
        elif self.tables and self.tables[-1].kept:
            table = self.tables[-1]
            attributes = node.attributes
            table.spans = (_span(attributes.get("colspan")), _span(attributes.get("rowspan")))
            table.cell = self.pieces = []

    def _leave_table(self, tag: str) -> None:
        if not self.tables or tag == "tr":
            return
        table = self.tables[-1]
        if tag != "table":
            if table.cell is not None:
                table.kept[-1].append((table.cell, *table.spans))
                self.pieces, table.cell = table.outer, None
            return
        self.tables.pop()
        self.pieces = table.outer
        self.pieces += _table_pieces(table)


def _walk(root: LexborNode | None, budget: Budget, *, may_hide: bool) -> list[Piece]:
    page = _Page()
    node, steps = root, 0
    styled = _STYLED if may_hide else _NONE
    while node is not None:
        steps += 1
        if steps % 5000 == 0:
            budget.check_time()
        tag = node.tag
        child = None
        if tag == "-text":
            text = node.text_content or ""
            page.buffer.append(text if page.preserved else _collapsed(text))
        elif tag == "br":
            page.buffer.append("\n")
        elif tag not in _DROPPED and not (tag in styled and _is_hidden(node)):
            if tag in _BLOCKS:
                page.enter(tag, node)
            elif tag in {"img", "input", "area"}:
                page.buffer.append(_spoken(tag, node))
            child = node.child
            if child is None and tag in _BLOCKS:
                page.leave(tag)
        node = child if child is not None else _next(node, root, page)
    page.flush()
    return page.pieces


def _collapsed(text: str) -> str:
    if "\n" in text or "  " in text or "\t" in text or "\r" in text or "\f" in text:
        return _BLANKS.sub(" ", text)
    return text


def _next(node: LexborNode, root: LexborNode | None, page: _Page) -> LexborNode | None:
    """The node after `node` and all in it; what it stands in is left on the way."""
    current: LexborNode | None = node
    while current is not None:
        following = current.next
        if following is not None:
            return following
        current = current.parent
        if current is None or current.tag == "-document":
            return None
        tag = current.tag
        if tag in _BLOCKS:
            page.leave(tag)
    return None


def _is_hidden(node: LexborNode) -> bool:
    attributes = node.attributes
    if not attributes:
        return False
    if "hidden" in attributes:
        return True
    style = attributes.get("style")
    return style is not None and ("none" in style or "hid" in style or "NONE" in style) and _HIDDEN.search(style) is not None


def _spoken(tag: str, node: LexborNode) -> str:
    """What a picture or field says: its alternative text or its value."""
    attributes = node.attributes
    if tag == "input":
        if (attributes.get("type") or "text").lower() in _QUIET_INPUTS:
            return ""
        return f" {attributes.get('value') or ''} "
    alt = attributes.get("alt")
    return f" {_collapsed(alt)} " if alt else ""


def _span(value: str | None) -> int:
    if value is None or not value.isascii() or not value.isdigit():
        return 1
    return max(1, min(int(value[:6]), _MAX_SPAN))


# ---------------------------------------------------------------- tables


def _table_pieces(table: _Table) -> list[Piece]:
    """The table itself, or the paragraphs in its cells where it only lays out the page."""
    kept = [cells for cells in table.kept if cells]
    is_nesting = any(piece.rows is not None or piece.level > table.level for cells in kept for pieces, _, _ in cells for piece in pieces)
    if is_nesting or len(kept) < 2 or max(len(cells) for cells in kept) < 2:
        return [piece for cells in kept for pieces, _, _ in cells for piece in pieces]
    rows = [each for each in _grid(kept) if any(each)]
    return [Piece("", table.level, rows)] if rows else []


def _grid(kept: list[list[tuple[list[Piece], int, int]]]) -> list[list[str]]:
    """Rows of texts; what a cell covers beyond its first place is blank."""
    covered: dict[int, int] = {}  # column: rows that a cell from above still covers
    rows: list[list[str]] = []
    for cells in kept:
        texts: list[str] = []
        begun: dict[int, int] = {}
        for pieces, wide, high in cells:
            while covered.get(len(texts), 0) > 0:
                texts.append("")
            for column in range(len(texts), len(texts) + wide if high > 1 else 0):
                begun[column] = high
            texts.append("\n".join([piece.text.strip() for piece in pieces]))
            texts += [""] * (wide - 1)
        covered = {column: left - 1 for column, left in covered.items() if left > 1} | {column: high - 1 for column, high in begun.items()}
        rows.append(texts)
    return rows
