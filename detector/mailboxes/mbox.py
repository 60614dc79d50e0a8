"""Mailboxes in one file: mboxo, mboxrd, mboxcl and mboxcl2, with LF or CRLF.

A message starts at a line "From " for which two of three hold: it carries a date, an empty line stands before it, a header
stands after it. That takes the dialects of Thunderbird, Gmail, Eudora and plain servers, and leaves "From the desk of …" in a body.
Source: RFC 4155, appendix A; https://www.loc.gov/preservation/digital/formats/fdd/fdd000383.shtml for the four variants.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from detector.mailboxes.source import HEADER_LINE, LARGEST_MESSAGE_BYTES, Within, skip_blank
from detector.mailboxes.window import ChangedError, Window
from detector.records import Failure, Item

KIND = "mbox"
DESCRIPTION = "a mailbox in one file (mbox)"

COUNTED_BYTES = 256_000_000
"""A mailbox up to this size is counted in advance: under half a second."""

LARGEST_MAILBOX = 1 << 62
"""Bytes; the end of a file whose end is not known."""
HEADERS_BYTES = 65_536
POSTMARK_BYTES = 1_000
"""A "From " line and the beginning of the next are looked for in so much."""

Buffer = bytes | Window

POSTMARK = re.compile(
    rb"From [^\r\n]*?(?:"
    rb"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} [A-Z][a-z]{2} \d{4}),? +\d{1,2}:\d{2}"  # asctime, RFC 5322
    rb"|\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"  # ISO 8601
    rb")"
)
CONTENT_LENGTH = re.compile(rb"\ncontent-length:[ \t]*(\d{1,12})[ \t]*\r?\n")
QUOTED_FROM = re.compile(rb"(?m)^>(>*From )")


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` is an mbox.

    >>> recognizes(b"From a@au.dk Tue Jan  5 10:11:12 2021\\nSubject: x\\n\\n"), recognizes(b"From the desk of the dean\\n")
    (True, False)
    """
    text = skip_blank(head)[:POSTMARK_BYTES]
    return text.startswith(b"From ") and (_has_date(text) or _has_header_next(text))


def open_at(path: Path, *, name: str, within: Within) -> Mbox:
    """The mailbox at `path`."""
    return Mbox(path, name)


@dataclass(frozen=True, slots=True)
class Mbox:
    """A mailbox file, read through a window."""

    path: Path
    name: str
    kind: str = KIND
    span: tuple[int, int] | None = None
    """The part of the file that is read, from one "From " line to another; all of it where None."""

    def count(self) -> int | None:
        """Number of messages, None where the file is too large to count at once or cannot be read."""
        try:
            with self.path.open("rb", buffering=0) as file:
                window = Window(file)
                return sum(1 for _ in spans(window)) if len(window) <= COUNTED_BYTES else None
        except (OSError, ChangedError):
            return None

    def __iter__(self) -> Iterator[Item]:
        position = 0
        try:
            with self.path.open("rb", buffering=0) as file:
                window = Window(file)
                for position, span in enumerate(spans(window, *(self.span or ())), 1):
                    yield _item(window, span, name=self.name, position=position)
        except ChangedError:
            yield Item(self.name, position + 1, failure=Failure.CHANGED)
        except OSError:
            yield Item(self.name, position + 1, failure=Failure.UNREADABLE)


    def ranges(self, size: int) -> Iterator[tuple[int, int, int | None]]:
        """(start, stop, messages) of parts of some `size` bytes that can be read by themselves.

        Where the file cannot be read on, the last part is all that is left, and how much that is is not known.
        """
        start = count = 0
        try:
            with self.path.open("rb", buffering=0) as file:
                window = Window(file)
                for span in spans(window):
                    count += 1
                    if span.end - start >= size:
                        yield start, span.end, count
                        start, count = span.end, 0
        except (OSError, ChangedError):
            yield start, LARGEST_MAILBOX, None
            return
        if count:
            yield start, span.end, count


@dataclass(frozen=True, slots=True)
class Span:
    """Where one message stands, without its "From " line; `counted` where Content-Length gave the end."""

    start: int
    end: int
    counted: bool = False


def spans(buffer: Buffer, at: int = 0, stop: int | None = None) -> Iterator[Span]:
    """The messages of a mailbox, or of the part between two of its "From " lines, in order; nothing for an empty one."""
    at = at or _first(buffer)
    while at < (len(buffer) if stop is None else min(stop, len(buffer))):
        start = _line_end(buffer, at)
        separator = _next_separator(buffer, start)
        by_length = _end_by_length(buffer, start, separator)
        end = separator if by_length is None else by_length
        yield Span(start, end, counted=by_length is not None)
        at = end


def message(buffer: Buffer, span: Span) -> bytes:
    """The bytes of one message: its last empty line, which belongs to the mailbox, is dropped and `>From ` is unquoted."""
    raw = buffer[span.start : span.end]
    for ending in (b"\r\n\r\n", b"\n\n"):
        if raw.endswith(ending):
            raw = raw[: -len(ending) // 2]
            break
    if b">From " not in raw or (span.counted and b"\nFrom " in raw):  # mboxcl2 quotes nothing
        return raw
    return QUOTED_FROM.sub(rb"\1", raw)


def _item(buffer: Buffer, span: Span, *, name: str, position: int) -> Item:
    if span.end - span.start > LARGEST_MESSAGE_BYTES:
        return Item(name, position, failure=Failure.TOO_LARGE)
    raw = message(buffer, span)
    return Item(name, position, raw) if raw.strip() else Item(name, position, failure=Failure.EMPTY)


def _first(buffer: Buffer) -> int:
    head = buffer[:HEADERS_BYTES]
    return len(head) - len(skip_blank(head))


def _next_separator(buffer: Buffer, start: int) -> int:
    """Offset of the next "From " line that starts a message, or the end of the mailbox."""
    newline = buffer.find(b"\nFrom ", start - 1)
    while newline >= 0:
        if _starts_message(buffer, newline + 1):
            return newline + 1
        newline = buffer.find(b"\nFrom ", newline + 1)
    return len(buffer)


def _starts_message(buffer: Buffer, at: int) -> bool:
    before, after = buffer[at - 3 : at], buffer[at : at + POSTMARK_BYTES]
    return before.endswith((b"\n\n", b"\n\r\n")) + _has_date(after) + _has_header_next(after) >= 2


def _has_date(text: bytes) -> bool:
    return POSTMARK.match(text) is not None


def _has_header_next(text: bytes) -> bool:
    after = text.find(b"\n") + 1
    # QUIRK: some servers leave their own, quoted "From " line as the first header.
    return after > 0 and (text.startswith(b">From ", after) or HEADER_LINE.match(text, after) is not None)


def _end_by_length(buffer: Buffer, start: int, separator: int) -> int | None:
    """Where Content-Length says that the message ends; None where it does not say so, or no message or end of file is there."""
    before = start - 1  # with the line break before, so that the first header is found like the others
    head = buffer[before : min(separator, start + HEADERS_BYTES)].lower()
    field = head.find(b"\ncontent-length:")  # found before it is matched: ten times as fast
    length = CONTENT_LENGTH.match(head, field) if field >= 0 else None
    if length is None:
        return None
    blank = min((at + len(empty) for empty in (b"\n\n", b"\n\r\n") if (at := head.find(empty)) >= 0), default=0)
    if length.end() > blank:
        return None
    end = before + blank + int(length[1])
    rest = buffer[end : end + 4]
    end += len(rest) - len(rest.lstrip(b"\r\n"))
    if end == len(buffer) or (buffer[end : end + 5] == b"From " and _starts_message(buffer, end)):
        return end
    return None


def _line_end(buffer: Buffer, at: int) -> int:
    newline = buffer.find(b"\n", at)
    return len(buffer) if newline < 0 else newline + 1
