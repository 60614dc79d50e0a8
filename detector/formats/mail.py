"""Mails as files (.eml, .mht, members of archives), and a small mbox: handed to the parser of messages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from detector import mime
from detector.formats.plugin import Format, Item, Source
from detector.records import Reading

_POSTMARK = re.compile(rb"(?:\A|\r?\n\r?\n)From [^\r\n]{1,200}\r?\n")


def read(source: Source) -> Iterator[Item]:
    """The message, or each message of an mbox, as an attached one."""
    data, index = source.part.data, source.part.index
    if source.kind != "mbox":
        yield Reading(messages=(mime.parse(data, budget=source.budget, part=index, depth=source.depth + 1),))
        return
    marks = [match.span() for match in _POSTMARK.finditer(data)]
    ends = [*[start for start, _ in marks[1:]], len(data)]
    for number, ((_, start), end) in enumerate(zip(marks, ends, strict=True), 1):
        source.budget.spend_part(source.depth + 1)
        raw = data[start:end].replace(b"\n>From ", b"\nFrom ")
        yield Reading(messages=(mime.parse(raw, budget=source.budget, part=f"{index}.{number}", depth=source.depth + 1),))


FORMAT = Format("mail", ("mail", "mbox"), (".eml", ".mht", ".mhtml", ".mbox"), "Mails as files, with their own parts.", read, is_own=True)
