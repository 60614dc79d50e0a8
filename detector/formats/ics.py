"""Calendars (.ics): what each event is called and described as, who takes part, and the files in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from detector.formats.content_lines import Line, lines
from detector.formats.plugin import Format, Item, Source, row
from detector.records import Defect, Text

_PEOPLE = frozenset({"ORGANIZER", "ATTENDEE"})
_OTHER_PEOPLE = ("SENT-BY", "DELEGATED-TO", "DELEGATED-FROM", "MEMBER", "EMAIL")
_TEXTS = frozenset({"SUMMARY", "DESCRIPTION", "COMMENT", ""})
"""Told without their name: they are sentences of their own."""
_TECHNICAL = frozenset(
    {
        "ACTION", "BEGIN", "CALSCALE", "CLASS", "CREATED", "DTEND", "DTSTAMP", "DUE", "DURATION", "END", "EXDATE", "LAST-MODIFIED",
        "METHOD", "PERCENT-COMPLETE", "PRIORITY", "PRODID", "RDATE", "RECURRENCE-ID", "REPEAT", "RRULE", "SEQUENCE", "STATUS",
        "TRANSP", "TRIGGER", "TZID", "UID", "VERSION",
    }
)  # fmt: skip
_MAILTO = re.compile(r"mailto:", re.IGNORECASE)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")


def read(source: Source) -> Iterator[Item]:
    """Texts "event 2, description", tables "event 2" of who takes part; files in an event are parts of their own."""
    found, defect = lines(source.part.data, source.part.charset)
    if defect is not None:
        yield Defect(source.part.index, defect)
    files = 0
    for number, properties in enumerate(_events(found)):
        source.budget.check_time()
        place = f"event {number}" if number else "calendar"
        people: dict[tuple[str, str], None] = {}
        for line in properties:
            content = _file(line)
            if content is not None:
                files += 1
                name = line.parameters.get("FILENAME") or line.parameters.get("X-FILENAME")
                yield source.member(f"{source.part.index}.{files}", name, lambda content=content: content)  # type: ignore[misc]
            elif line.name in _PEOPLE:
                people |= dict.fromkeys(_people(line))
            else:
                yield from _texts(line, place)
        yield from _table(list(people), place)


def _events(found: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines before the first event, then those of each event, with its alarms; time zones hold nothing of anyone."""
    properties: list[Line] = []
    in_zone = False
    for line in found:
        is_mark = line.name in {"BEGIN", "END"}
        what = line.value.strip().upper() if is_mark else ""
        if what == "VTIMEZONE":
            in_zone = line.name == "BEGIN"
        elif what in {"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY"} and line.name == "BEGIN":
            yield properties
            properties, in_zone = [], False
        elif not in_zone and not is_mark:
            properties.append(line)
    yield properties


def _file(line: Line) -> bytes | None:
    if line.name == "X-ALT-DESC":
        return line.text.encode("utf-8", "replace")
    return line.binary


def _texts(line: Line, place: str) -> Iterator[Text]:
    if line.name in _TECHNICAL or line.name.startswith("X-MICROSOFT-"):
        return
    word = line.name.lower().removeprefix("x-")
    for paragraph in _EMPTY_LINE.split(line.text):
        if paragraph.strip():
            told = paragraph.strip() if line.name in _TEXTS else f"{word}: {paragraph.strip()}"
            yield Text(told, f"{place}, {word}" if word else place)


def _people(line: Line) -> Iterator[tuple[str, str]]:
    yield line.parameters.get("CN", ""), _MAILTO.sub("", line.text)
    for parameter in _OTHER_PEOPLE:
        for address in line.parameters.get(parameter, "").replace('"', "").split(","):
            if address:
                yield "", _MAILTO.sub("", address)


def _table(people: list[tuple[str, str]], place: str) -> Iterator[Item]:
    if people:
        yield row(place, ["Name", "E-mail"], number=1, prefix=f"{place}, ")
    for number, person in enumerate(people, 2):
        yield row(place, list(person), number=number, prefix=f"{place}, ")


FORMAT = Format("ics", ("ics",), (".ics", ".ical"), "Calendars: titles, descriptions, places, who takes part, and files in events.", read)
