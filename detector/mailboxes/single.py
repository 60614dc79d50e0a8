"""The one message that a file or stream holds: a message alone, or a mailbox with one message."""

from __future__ import annotations

from pathlib import Path

from detector.mailboxes import eml, mbox, msg
from detector.mailboxes.source import HEAD_BYTES, check_file
from detector.records import DetectorError, Failure


class NoMessageError(DetectorError):
    """What was given exists, and no message could be read from it."""


def read_file(path: Path) -> bytes:
    """The one message in the file at `path`.

    Raises DetectorError where the path is no file, or holds several messages, and NoMessageError where nothing can be read.
    """
    if not path.exists():
        raise DetectorError(f"{path} does not exist. Give the file of one message, or - for standard input.")
    if check_file(path) is Failure.NOT_A_FILE:
        raise DetectorError(f"{path} is not a file. Give the file of one message; `detector scan` reads folders.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise NoMessageError(f"{path} cannot be read: {error.strerror}.") from None
    return read_bytes(data, name=str(path))


def read_bytes(data: bytes, *, name: str) -> bytes:
    """The one message in `data`, which stands in errors as `name`. Raises as `read_file` does.

    >>> read_bytes(b"From a@au.dk Tue Jan  5 10:11:12 2021\\nSubject: x\\n\\nHej\\n\\n", name="-")
    b'Subject: x\\n\\nHej\\n'
    """
    head = data[:HEAD_BYTES]
    if not head.strip():
        raise NoMessageError(f"{name} is empty.")
    if mbox.recognizes(head):
        return _only_message(data, name=name)
    if not eml.recognizes(head) and not msg.is_message(data):
        raise NoMessageError(f"{name} holds no message: it does not begin with mail headers.")
    return data


def _only_message(data: bytes, *, name: str) -> bytes:
    spans = mbox.spans(data)
    span = next(spans)
    if next(spans, None) is not None:
        raise DetectorError(f"{name} holds several messages; `detector scan` reads mailboxes.")
    return mbox.message(data, span)
