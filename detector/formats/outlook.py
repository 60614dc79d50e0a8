"""Outlook's messages as files (.msg) and in TNEF (winmail.dat): handed to their parser, as mails are to theirs."""

from __future__ import annotations

from collections.abc import Iterator

from detector import outlook
from detector.formats.plugin import Format, Item, Source
from detector.records import Reading, Reason


def read(source: Source) -> Iterator[Item]:
    """The message, as an attached one."""
    message = outlook.parse(source.part.data, budget=source.budget, part=source.part.index, depth=source.depth + 1)
    yield Reading(messages=(message,))
    if not (message.sender or message.subject or message.parts or message.attached or message.unread):
        yield Reason.DAMAGED


FORMAT = Format(
    "outlook",
    ("msg", "tnef"),
    (".msg", ".oft", ".dat"),
    "Outlook messages, contacts and winmail.dat (TNEF): headers, plain, HTML and rich-text bodies, attachments, messages within.",
    read,
)
