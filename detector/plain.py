"""Text as it is read by eye: without characters that have no width, and with the usual letters and digits for those that look like them.

Soft hyphens and decomposed letters come from ordinary programs; the rest hides a number or a name, and is undone in the same way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from detector.records import Block, Cell, Document, Table

Span = tuple[int, int]

# Source: Unicode 16, DerivedCoreProperties.txt, "Default_Ignorable_Code_Point", and the interlinear marks.
_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_MARKS = "\u0300-\u036f"
_UNUSUAL = re.compile("[^\x00-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20bf]")
"""What no Danish or English text needs: most texts have none of it, and are left as they are."""
_CHANGED = re.compile(
    rf"(?P<hyphen>(?<=\d{{6}})\u00ad(?=\d{{4}}(?!\d)))|(?P<gone>(?<=\d)[{_HIDDEN}{_MARKS}\u20d0-\u20f0]+|[{_HIDDEN}]+)"
    rf"|(?P<alike>[A-Za-z][{_MARKS}]+|[\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff\U0001fbf0-\U0001fbf9])|(?P<digit>(?![0-9])\d)|(?P<half>[\ud800-\udfff])"
)
"""A soft hyphen where a CPR number has its hyphen; what is not seen; letters of two characters, ligatures, full-width and mathematical
letters; digits of other scripts; half a surrogate pair, which is no character. Raised digits are notes and stay."""


def document(whole: Document) -> Document:
    """The same document with the text of each block and cell made plain."""
    blocks = tuple(map(_block, whole.blocks))
    return whole if all(new is old for new, old in zip(blocks, whole.blocks, strict=True)) else replace(whole, blocks=blocks)


def text(written: str) -> str:
    """`written` made plain; mostly the same string.

    >>> text("Met\u00adte, \uff10\uff11\u0660\u0662"), text("A\u030ase"), text("120485\u00ad1234"), text("x\u00b2")
    ('Mette, 0102', 'Åse', '120485-1234', 'x²')
    """
    return written if _is_usual(written) else _CHANGED.sub(_usual, written)


def origins(written: str, spans: Sequence[Span]) -> list[Span]:
    """Where in `written` that stands which stands at `spans` of the plain text; none of them empty.

    >>> origins("\u200bA\u030as\u00ade.", [(0, 1), (0, 3)])
    [(1, 3), (1, 6)]
    """
    if not spans or _is_usual(written):
        return list(spans)
    stand: list[Span] = []
    at = 0
    for change in _CHANGED.finditer(written):
        stand += ((position, position + 1) for position in range(at, change.start()))
        stand += [change.span()] * len(_usual(change))
        at = change.end()
    stand += ((position, position + 1) for position in range(at, len(written)))
    return [(stand[start][0], stand[end - 1][1]) for start, end in spans]


def _is_usual(written: str) -> bool:
    return written.isascii() or _UNUSUAL.search(written) is None


def _usual(change: re.Match[str]) -> str:
    match change.lastgroup:
        case "hyphen":
            return "-"
        case "gone":
            return ""
        case "digit":
            return str(unicodedata.decimal(change[0]))
        case "half":
            return "\ufffd"
        case _:
            return unicodedata.normalize("NFKC", change[0])


def _block(block: Block) -> Block:
    if not isinstance(block, Table):
        plain = text(block.text)
        return block if plain is block.text else replace(block, text=plain)
    rows = tuple(tuple(map(_cell, row)) for row in block.rows)
    return block if rows == block.rows else replace(block, rows=rows)


def _cell(cell: Cell) -> Cell:
    plain = text(cell.text)
    return cell if plain is cell.text else replace(cell, text=plain)
