"""The lines of a message with the names in them, and which of those names are told of rather than written to."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from itertools import islice, takewhile

from detector.formats import quotes
from detector.recognizers import cues
from detector.recognizers.passages import Line
from detector.records import Document, Mention, Place, Role
from detector.threads import Threads, Writer

HISTORY = 5
"""Mails of the history in which a pronoun's person is looked for."""

Row = tuple[int, int, int]
"""Document, block, row."""


class Told:
    """Lines in order; a line is known by its number."""

    def __init__(
        self, lines: Sequence[Line], mentions: Sequence[Mention], documents: Sequence[Document], writers: Sequence[Writer]
    ) -> None:
        self.lines, self.documents, self._writers = lines, documents, writers
        self._threads = Threads(documents, writers)
        self._of_place: dict[Place, list[tuple[int, int]]] = defaultdict(list)
        """(start in the text at the place, line), rising."""
        self._of_row: dict[Row, list[int]] = defaultdict(list)
        for number, line in enumerate(lines):
            for _, _, place, at in line.segments:
                self._of_place[place].append((at, number))
                self._of_row[place.document, place.block, place.row].append(number)
        self.names: dict[int, list[Mention]] = defaultdict(list)
        for mention in sorted(mentions, key=lambda m: (m.place, m.span)):
            found = self.line_of(mention.place, mention.span)
            if found is not None:
                self.names[found].append(mention)
        self._of_document: dict[int, list[int]] = defaultdict(list)
        self._of_segment: dict[int, list[int]] = defaultdict(list)
        for number in sorted(self.names):
            self._of_document[self.document_of(number)].append(number)
            self._of_segment[self.segment_of(number)].append(number)
        self._cues: dict[int, cues.Cues] = {}
        self._ungreeted: dict[int, list[Mention]] = {}

    def line_of(self, place: Place, span: tuple[int, int]) -> int | None:
        """Number of the line that holds the beginning of this span; None where nothing was read at the place."""
        starts = self._of_place.get(place)
        return starts[max(bisect_right(starts, (span[0], len(self.lines))) - 1, 0)][1] if starts else None

    def document_of(self, number: int) -> int:
        """Number of the document that the line stands in."""
        return self.lines[number].segments[0][2].document

    def is_beside(self, number: int, other: int) -> bool:
        """Whether two lines stand in the same paragraph."""
        one, two = self.lines[number].segments[0][2], self.lines[other].segments[0][2]
        return (one.document, one.block) == (two.document, two.block)

    def segment_of(self, number: int) -> int:
        """Number of the segment that the line stands in: a document's own words, or a mail quoted there."""
        return self._threads.of(self.lines[number].segments[0][2])

    def writer_of(self, segment: int) -> Writer:
        """Who writes a segment to whom."""
        return self._threads.segments[segment].writer

    def writers(self) -> list[Writer]:
        """Those of all segments."""
        return [*self._writers, *(segment.writer for segment in self._threads.segments)]

    def is_under(self, segment: int, other: int) -> bool:
        """Whether a segment is quoted in another of the same document."""
        one, over = self._threads.segments[segment], self._threads.segments[other]
        return one.document == over.document and one.depth > over.depth

    def quoted_in(self, segment: int) -> list[int]:
        """The segments that are quoted under this one, the newest first."""
        below = takewhile(lambda other: self.is_under(other, segment), range(segment + 1, len(self._threads.segments)))
        return list(islice(below, HISTORY))

    def cues(self, number: int) -> cues.Cues:
        """What the line says of persons apart from names."""
        if number not in self._cues:
            self._cues[number] = cues.read(self.lines[number].text)
        return self._cues[number]

    def of_row(self, place: Place) -> list[Mention]:
        """The names in a row of a table."""
        numbers = dict.fromkeys(self._of_row.get((place.document, place.block, place.row), ()))
        return [mention for number in numbers for mention in self.names.get(number, ())]

    def of_document(self, document: int) -> list[int]:
        """Lines of a document that hold names, in order."""
        return self._of_document.get(document, [])

    def of_segment(self, segment: int) -> list[int]:
        """Lines of a segment that hold names, in order."""
        return self._of_segment.get(segment, [])

    def ungreeted(self, number: int) -> list[Mention]:
        """The names in a line but those that are greeted, and those of who wrote or received a quoted mail."""
        if number not in self._ungreeted:
            is_head = number in self.names and quotes.is_head(self.lines[number].text)
            self._ungreeted[number] = [] if is_head else [m for m in self.names.get(number, ()) if not self.is_greeted(number, m)]
        return self._ungreeted[number]

    def of_line(self, number: int) -> list[Mention]:
        """The names that a line tells of: neither greeted nor signing."""
        return [m for m in self.ungreeted(number) if not self.is_signing(number, m)]

    def is_greeted(self, number: int, mention: Mention) -> bool:
        """Whether the name is called or written to."""
        start, end = self._span_in(number, mention)
        return cues.is_greeted(self.lines[number].text, start, end)

    def is_signing(self, number: int, mention: Mention) -> bool:
        """Whether the name is the writer's under the text: behind a closing, or alone in the line under one."""
        text = self.lines[number].text
        if cues.is_signing(text, self._span_in(number, mention)[0]):
            return True
        is_under = number > 0 and self.segment_of(number - 1) == self.segment_of(number) and cues.is_closing(self.lines[number - 1].text)
        return is_under and len(cues.WORD.findall(text)) <= cues.MOST_SIGNED

    def word_after(self, number: int, mention: Mention) -> str:
        """The word that follows a name in its line, in lower case."""
        found = cues.WORD.match(self.lines[number].text[self._span_in(number, mention)[1] :].lstrip())
        return found[0].lower() if found else ""

    def lead(self, document: int) -> Mention | None:
        """The first name in a document's file name, else in the subject line over it."""
        for role in (Role.FILENAME, Role.SUBJECT):
            for other, lines in self._of_document.items():
                is_over = self.documents[other].part == self.documents[document].part or role is Role.SUBJECT
                if self.documents[other].role is role and is_over and self._writers[other] == self._writers[document]:
                    return self.names[lines[0]][0]
        return None

    def _span_in(self, number: int, mention: Mention) -> tuple[int, int]:
        for start, _, place, at in self.lines[number].segments:
            if place == mention.place:
                return start + mention.span[0] - at, start + mention.span[1] - at
        return 0, 0
