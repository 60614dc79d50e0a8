"""What stands around a piece of text: the words near by, the header of its column, the label of its row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from detector.languages import load, words
from detector.records import Table

HEADER_SEARCH_ROWS = 6
"""A header stands among the first rows; what is further down is content."""

MASK = bytes(
    ord("0") if byte < 128 and chr(byte).isdigit()
    else ord("q") if chr(byte) == "?"
    else ord("a") if chr(byte).isalpha()
    else ord(".")
    for byte in range(256)
)  # fmt: skip
"""Digit, letter, other, and `q` for what Latin-1 lacks (a question mark too: both must be looked at)."""

BLANK_LINE = re.compile(r"\n[ \t>]*\r?\n")
LEGEND = re.compile(r"(?:^|[,;/(\s])\w{1,3} ?= ?[^\W\d]{3}")
"""A mark and what it stands for: "G = godkendt"."""
MERGE_FIELD = re.compile(
    r"«(?:[A-ZÆØÅ][A-ZÆØÅ0-9_]{1,39}|\w{0,20}(?:[Nn]avn|[Nn]ame|[Dd]ato|[Dd]ate|[Aa]dress?e?)\w{0,20})»"
    r"|<<[A-Za-zÆØÅæøå_ ]{1,40}>>|\{\{[^{}\n]{1,40}\}\}"
    r"|\[(?:NAVN|FORNAVN|NAME|DATO|DATE|CPR|ADRESSE|ADDRESS)\]"
)
"""Where a template is filled in for each person."""
CONTENT_CELL = re.compile(r"@|\d{6}|^\W*[\d.,:/ -]+\W*$|(?:\d\d\W?){4}")
STRIPPED = ".,;:!?()[]<>\"'*/|–-"


def digit_mask(text: str) -> bytes:
    """One byte a character, so that positions agree: `0` digit, `a` letter, `.` other, `q` outside Latin-1.

    Scanning it is some ten times as fast as scanning the text, and no word of the text is looked at.

    >>> digit_mask("nr. 12 – x?")
    b'aa..00.q.aq'
    """
    return latin(text).translate(MASK)


def latin(text: str) -> bytes:
    """One byte a character, `?` for what Latin-1 lacks: what compiled patterns scan, so that spans agree with the text."""
    return text.encode("latin-1", "replace")


def text_before(text: str, start: int, *, reach: int, lead: str = "") -> str:
    """Up to `reach` characters before `start`, back to a blank line; `lead` (the block before) fills up a short rest.

    >>> text_before("Ordre 7\\n\\nCPR: 1", 14, reach=40), text_before("1", 0, reach=9, lead="Hendes CPR:")
    ('CPR: ', 'des CPR:\\n')
    """
    if lead and start < reach:
        text, start = f"{lead}\n{text[:start]}", start + len(lead) + 1
    window = text[max(0, start - reach) : start]
    return BLANK_LINE.split(window)[-1] if "\n" in window else window


def text_after(text: str, end: int, *, reach: int) -> str:
    """Up to `reach` characters after `end`, on to a blank line."""
    window = text[end : end + reach]
    blank = BLANK_LINE.search(window) if "\n" in window else None
    return window[: blank.start()] if blank else window


def header_rows(table: Table) -> int:
    """Rows before the content: titles and the header; 0 where the first row is content already."""
    width = max((sum(bool(cell.text.strip()) for cell in row) for row in table.rows[:50]), default=0)
    for number, row in enumerate(table.rows[:HEADER_SEARCH_ROWS]):
        filled = [cell.text.strip() for cell in row if cell.text.strip()]
        if not filled or (len(filled) == 1 and width > 1 and not CONTENT_CELL.search(filled[0])):
            continue  # an empty row or a title above the header
        is_content = any(CONTENT_CELL.search(text) or len(text) > 80 for text in filled) or _tells_of_somebody(filled)
        return 0 if is_content or number + 1 == len(table.rows) else number + 1
    return 0


def _tells_of_somebody(filled: list[str]) -> bool:
    """Whether a name stands beside what is said of its bearer ("bestået", "gift"), as in a list without a header, or beside a label, as in
    a form."""
    if len(filled) == 2 and is_form_label(filled[0].lower().strip(" .:*")) and has_name(filled[1]):
        return True
    values = words("columns", "passed_values") | words("columns", "civil_status_values")
    return has_name(filled[0]) and any(text.lower() in values for text in filled[1:])


def is_form_label(label: str) -> bool:
    """Whether a form asks by such a label, in lower case without marks."""
    return label in words("persons", "form_labels") or label in words("persons", "name_columns")


def column_headers(table: Table) -> tuple[str, ...]:
    """The header of each column, () where the table has none."""
    count = header_rows(table)
    return tuple(cell.text.strip() for cell in table.rows[count - 1]) if count else ()


def header_of(headers: tuple[str, ...], column: int) -> str:
    """The header of `column`, "" where there is none."""
    return headers[column] if column < len(headers) else ""


def is_total(first: str) -> bool:
    """Whether a row with this first cell sums up those above it, or explains their marks, so that it is about nobody.

    >>> [is_total(text) for text in ("I alt", "Gennemsnit:", "Mette Total", "G = godkendt, U = udeblevet")]
    [True, True, False, True]
    """
    return first.lower().strip(" .:") in words("persons", "totals") or is_legend(first)


def is_legend(text: str) -> bool:
    """Whether a text says what marks stand for.

    >>> is_legend("B = bestået, S = syg"), is_legend("Fra: Bo, til: Ida")
    (True, False)
    """
    return len(LEGEND.findall(text[:400])) > 1


def is_template(text: str) -> bool:
    """Whether a text is still to be filled in for somebody, and names nobody yet.

    >>> is_template("Du har været syg siden «DATO_1»."), is_template("Kære {{ navn }}"), is_template("Hun sa «syk».")
    (True, True, False)
    >>> is_template("Mette Holm har været syg siden «DATO_1».")
    False
    """
    return MERGE_FIELD.search(text) is not None and not has_name(text)


def has_name(text: str) -> bool:
    """Whether two words that may be a person's name stand side by side.

    >>> has_name("til Mette Holm,"), has_name("fra Hansen, Jens"), has_name("Med Venlig Hilsen"), has_name("på Aarhus Universitet")
    (True, True, False, False)
    """
    pairs = pairwise(text.split())
    return any(_is_name_word(first, may_end=False) and _is_name_word(second, may_end=True) for first, second in pairs)


def _is_name_word(word: str, *, may_end: bool) -> bool:
    bare = word.strip(STRIPPED)
    if not bare or not bare[0].isupper() or (not may_end and word[-1] in "!?;:" and len(bare) > 1):
        return False
    if len(bare) == 1:
        return not may_end
    return bare[1:].replace("-", "").replace("'", "").replace("’", "").isalpha() and not bare.isupper() and bare.lower() not in not_names()


@cache
def not_names() -> frozenset[str]:
    """Capitalised words, in lower case, that are no part of a person's name."""
    return frozenset(word for words in load("not_names").values() for word in words)


def alternatives(words: Iterable[str]) -> str:
    """A pattern for words and phrases in lower case: `*` at an end stands for any letters, `-` for hyphen, full stop, blank or nothing.

    Grouped by first letter, which makes a list of hundreds several times as fast to search.

    >>> bool(re.fullmatch(alternatives(["reg-nr"]), "reg. nr")), bool(re.fullmatch(alternatives(["ordre*"]), "ordrenummer"))
    (True, True)
    """
    groups: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        groups.setdefault(word[0], []).append(word)
    open_ended = "|".join(_as_pattern(word) for word in groups.pop("*", ()))
    by_letter = "|".join(f"{re.escape(letter)}(?:{'|'.join(_as_pattern(word[1:]) for word in group)})" for letter, group in groups.items())
    return "|".join(filter(None, (by_letter, open_ended)))


def _as_pattern(word: str) -> str:
    core = re.escape(word.strip("*")).replace(r"\-", r"[-. \xa0]{0,2}").replace(r"\ ", r"\s{1,2}")
    return (r"\w{0,20}" if word.startswith("*") else "") + core + (r"\w{0,20}" if word.endswith("*") else r"(?!\w)")


def words_of(tables: dict[str, dict[str, list[str]]], key: str) -> tuple[str, ...]:
    """The words under `key` in every language of a file."""
    return tuple(word for language in tables.values() for word in language.get(key, ()))
