"""A document cut into the lines that are judged: sentences of a paragraph, rows of a table with their header."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from detector.recognizers import context
from detector.records import Cell, Document, Finding, Mention, Place, Role, Table, Text

MOST_CHARACTERS = 280
"""Of a line; what is longer is cut at a blank, so that all of it fits a window of the encoder."""
MOST_LINES = 64
"""Of a passage; more are read in several."""
WRAPPED_AT = 55
"""A line of a mail at least this long was wrapped by the mail program; a shorter one was ended by its writer."""

SUBJECT = "Emne: "
"""What a subject line is read as, in the corpora too."""

ABBREVIATION = re.compile(
    r"(?:\b(?:bl\.a|f\.eks|fx|ca|kl|nr|str|tlf|mv|osv|jf|pga|mht|ift|vedr|dr|hr|fr|prof|lic|cand|stud|ph|inkl|ekskl|evt|resp|"
    r"mr|mrs|ms|st|no|vs|e\.g|i\.e|etc|approx|sv|att|mvh|vh|kh|bh|gl|sdr|ndr|afd|inst|bygn|pkt|udg|tilsv|hhv|cf|incl|dept|univ)|\b[^\W\d])\.$",
    re.IGNORECASE,
)
UNIT = re.compile(r"(?<![^\W\d_])(?:kr|stk|mio|mia|pct|min|max|maks|tv|th|mf|mdr?|hrs|pt|ovf|vær|lejl|lok|jr|ed|fig|sek|kap|vol|pp)\.$",
                  re.IGNORECASE)
"""Before a small letter it ends no sentence."""
MONTH = re.compile(r"\b(?:jan|feb|mar|apr|jun|jul|aug|sept?|okt|oct|nov|dec)\.$", re.IGNORECASE)
"""Before a year it ends no sentence."""
BEGINS = re.compile(r" ?(?:[-*•–[]|\d{1,2}(?::\d\d|\)))|\s\s|\s?$|\n")
"""A line that goes on with none: of a list, of a chat, an empty one."""
SENTENCE_END = re.compile(r"[.!?…]['\"”»)]?\s+")

Spans = Mapping[Place, list[tuple[int, int]]]
"""(start, end) in characters of a place, in order."""


@dataclass(frozen=True, slots=True)
class Line:
    """One judged line. `segments` map it to its places: (start, end, place, start in the text at the place)."""

    text: str = field(repr=False)
    segments: tuple[tuple[int, int, Place, int], ...]
    is_row: bool = False

    @property
    def document(self) -> int:
        """Whose line it is."""
        return self.segments[0][2].document

    def locate(self, start: int, end: int) -> tuple[Place, tuple[int, int]] | None:
        """The place and span of the characters from `start` to `end`; cut to one cell. None where they lie on no place (a header)."""
        for first, last, place, at in self.segments:
            if max(first, start) < min(last, end):
                return place, (at + max(start, first) - first, at + min(end, last) - first)
        return None


@dataclass(frozen=True, slots=True)
class Passage:
    """Lines of one document that are read together, under its heading; what lies between them has been passed over."""

    heading: str = field(repr=False)
    lines: tuple[Line, ...] = field(repr=False)
    befores: tuple[str, ...] = field(repr=False)
    """What stands before each line: the heading and up to two lines."""
    is_title: bool
    """A subject line or a file's name, which has no other line to say whom it is about."""
    held: tuple[bool, ...]
    """Of each line, whether its names are wanted, whatever else it tells; else a glance may do."""

    @property
    def document(self) -> int:
        """Whose lines they are."""
        return self.lines[0].document


def together(
    lines: Sequence[Line], passed: Sequence[bool], held: Sequence[bool], heading: str, *, is_title: bool
) -> Iterator[Passage]:
    """The lines that are read, in passages: those that `passed`, and those whose names are wanted (`held`)."""
    chosen = [n for n, why in enumerate(zip(passed, held, strict=True)) if any(why)]
    texts = [line.text for line in lines]
    befores = {n: " / ".join(filter(None, [heading, *texts[max(0, n - 2) : n]])) for n in chosen}
    for start in range(0, len(chosen), MOST_LINES):
        numbers = chosen[start : start + MOST_LINES]
        own = tuple(held[n] for n in numbers)
        yield Passage(heading, tuple(lines[n] for n in numbers), tuple(befores[n] for n in numbers), is_title, own)


def by_place(located: Iterable[Finding | Mention]) -> Spans:
    """Where each begins and ends, by place and in order."""
    found: dict[Place, list[tuple[int, int]]] = defaultdict(list)
    for each in located:
        found[each.place].append(each.span)
    return {place: sorted(spans) for place, spans in found.items()}


def within(line: Line, spans: Spans) -> Iterator[tuple[int, int]]:
    """The spans that begin in a line, in its own characters; by a search, as a long mail has many of both."""
    for first, end, place, at in line.segments:
        known = spans.get(place, [])
        begun, ended = bisect_left(known, (at, 0)), bisect_left(known, (at + end - first, 0))
        yield from ((start - at + first, stop - at + first) for start, stop in known[begun:ended])


def heading(document: Document, subject: str) -> str:
    """What stands over all lines of a document: the subject line, or an attachment's name as words.

    >>> heading(Document("2", Role.ATTACHMENT, (), "liste_over-fravær.xlsx"), "hej")
    'liste over fravær'
    """
    if document.role is Role.BODY:
        return f"{SUBJECT}{_in_one_line(subject[:MOST_CHARACTERS])}" if subject else ""
    if document.role is Role.ATTACHMENT and document.file:
        return _in_one_line(_as_words(document.file.rpartition(".")[0] or document.file)[:MOST_CHARACTERS])
    return ""


def _as_words(file: str) -> str:
    """A file name with blanks between its words, as long as before."""
    return file.replace("_", " ").replace("-", " ")


def _in_one_line(text: str) -> str:
    """The text without line breaks, as long as before."""
    return text.replace("\n", " ")


def lines(document: Document, number: int) -> Iterator[Line]:
    """All lines of a document in reading order; `number` is the document's."""
    for index, block in enumerate(document.blocks):
        if isinstance(block, Table):
            yield from _rows(block, number, index)
        elif document.role is Role.SUBJECT:
            yield Line(SUBJECT + _in_one_line(block.text), ((len(SUBJECT), len(SUBJECT) + len(block.text), Place(number, index), 0),))
        elif document.role is Role.FILENAME:
            yield Line(_in_one_line(_as_words(block.text)), ((0, len(block.text), Place(number, index), 0),))
        else:
            yield from _sentences(block, Place(number, index))


def _sentences(block: Text, place: Place) -> Iterator[Line]:
    for start, end in spans(block.text):
        text = _in_one_line(block.text[start:end])
        if not text.isspace():
            yield Line(text, ((0, end - start, place, start),))


def spans(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence of a paragraph.

    >>> [t[a:b] for t in ["Hej Bo\\nJeg kommer kl. 9. Hun er syg!"] for a, b in spans(t)]
    ['Hej Bo', 'Jeg kommer kl. 9.', 'Hun er syg!']
    """
    for first, last in _written_lines(text):
        start = first
        for match in SENTENCE_END.finditer(text, first, last):
            if match.end() < last and not _goes_on(text, match.start() + 1, match.end()):
                yield from _cut(text, start, match.end())
                start = match.end()
        yield from _cut(text, start, last)


def _goes_on(text: str, end: int, follower: int) -> bool:
    """Whether the full stop before `end` belongs to an abbreviation or an ordinal number."""
    if text[follower].isdigit() and MONTH.search(text, max(0, end - 8), end):
        return True
    if text[follower].islower() and (text[end - 2 : end - 1].isdigit() or UNIT.search(text, max(0, end - 8), end)):
        return True
    return bool(ABBREVIATION.search(text, max(0, end - 8), end))


def _written_lines(text: str) -> Iterator[tuple[int, int]]:
    """Lines as their writer ended them: a mail program's wrapping is undone."""
    start, at = 0, 0
    for row in text.split("\n"):
        end = at + len(row)
        is_wrapped = len(row) >= WRAPPED_AT and row.rstrip()[-1:] not in ".:!?;" and not BEGINS.match(text, end + 1)
        if not is_wrapped:
            yield start, end
            start = end + 1
        at = end + 1
    if start < len(text):
        yield start, len(text)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MOST_CHARACTERS:
        blank = text.rfind(" ", start + MOST_CHARACTERS // 2, start + MOST_CHARACTERS)
        middle = blank + 1 if blank > 0 else start + MOST_CHARACTERS
        yield start, middle
        start = middle
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield start, end


def _rows(table: Table, document: int, block: int) -> Iterator[Line]:
    count = context.header_rows(table)
    headers = tuple(cell.text.strip() for cell in table.rows[count - 1]) if count else ()
    for number, row in enumerate(table.rows):
        place = Place(document, block, number)
        is_header = number < count
        pieces = _pieces(row, () if is_header else headers, place, is_form=not count and len(row) == 2)
        yield from _packed(pieces, is_row=not is_header)


def _pieces(row: tuple[Cell, ...], headers: tuple[str, ...], place: Place, *, is_form: bool) -> Iterator[tuple[str, str, Place, int]]:
    """(what leads up to it, text, place, start in the cell) of each filled cell, a long one in several."""
    for column, cell in enumerate(row):
        lead = ": " if column == 1 and is_form else "; "  # a form of two columns: label and value
        header = _in_one_line(context.header_of(headers, column))
        for start, end in _cut(cell.text, len(cell.text) - len(cell.text.lstrip()), len(cell.text)):
            yield lead + (f"{header}: " if header else ""), _in_one_line(cell.text[start:end]), replace(place, column=column), start
            lead = " "


def _packed(pieces: Iterable[tuple[str, str, Place, int]], *, is_row: bool) -> Iterator[Line]:
    text = ""
    segments: list[tuple[int, int, Place, int]] = []
    for lead, piece, place, start in pieces:
        if text and len(text) + len(lead) + len(piece) > MOST_CHARACTERS:
            yield Line(text, tuple(segments), is_row)
            text, segments = "", []
        text += lead if text else lead.lstrip("; :")
        segments.append((len(text), len(text) + len(piece), place, start))
        text += piece
    if text:
        yield Line(text, tuple(segments), is_row)
