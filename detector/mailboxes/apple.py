"""Folders of Apple Mail: where the attachments of a message lie that are kept apart from it, and how they are put back.

Version 2 and later: `Messages/17.partial.emlx` and `Attachments/17/2/liste.xlsx`, where 2 is the number of the part (RFC 3501).
Before that: `Messages/17.partial.emlx` and, beside it, `17.2.emlxpart` with the part as it was encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from detector.mailboxes import parts
from detector.mailboxes.source import LARGEST_MESSAGE_BYTES, check_file, readable

MESSAGE_ENDINGS = (".partial.emlx", ".emlx")
PART_NAME = re.compile(r"([^.]+)\.([0-9.]+)\.emlxpart")

KEPT_APART = "X-Apple-Content-Length"
"""Header of a part whose content is kept apart."""


def belongs_to_message(path: Path) -> bool:
    """Whether `path` is a file or folder of attachments whose message is there, so that it is read with it."""
    part = PART_NAME.fullmatch(path.name)
    if part:
        return (path.parent / f"{part[1]}.partial.emlx").exists()
    if path.parent.name != "Attachments":
        return False
    return any((path.parent.parent / "Messages" / f"{path.name}{ending}").exists() for ending in MESSAGE_ENDINGS)


def with_attachments(raw: bytes, path: Path) -> bytes | None:
    """The message `raw` of the file at `path` with all that is kept apart from it, None where it cannot be taken apart.

    A part whose content is not there is one that cannot be read.
    """
    kept = _kept_apart(path)
    if not kept and KEPT_APART.encode() not in raw:
        return raw
    try:
        message = message_from_bytes(raw, policy=parts.PLAIN_POLICY)
        for index, part in _leaves(message):
            if KEPT_APART in part and not str(part.get_payload()).strip():
                _put_back(part, kept.pop(index, []))
        for file in (file for files in kept.values() for file in files):
            message = _add(message, file)
        return parts.to_bytes(message)
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):  # of the standard library, over a sender's bytes
        return None


def _kept_apart(path: Path) -> dict[str, list[Path]]:
    """Files by the number of their part."""
    number = path.name.partition(".")[0]
    found: dict[str, list[Path]] = {}
    folder = path.parent.parent / "Attachments" / number
    if path.parent.name == "Messages" and folder.is_dir():
        for file in sorted(file for file in folder.rglob("*") if not file.is_dir()):
            found.setdefault(file.relative_to(folder).parts[0], []).append(file)
    if path.name.endswith(MESSAGE_ENDINGS[0]):
        for file in sorted(path.parent.glob(f"{_literally(number)}.*.emlxpart")):
            named = PART_NAME.fullmatch(file.name)
            if named:
                found.setdefault(named[2], []).append(file)
    return found


def _literally(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def _leaves(message: Message, before: str = "") -> Iterator[tuple[str, Message]]:
    """Each part that holds no others, with its number."""
    inner = message.get_payload()
    if not isinstance(inner, list):
        yield f"{before}1", message
        return
    for number, part in enumerate(inner, 1):
        if isinstance(part, Message) and part.is_multipart():
            attached = part.get_payload(0) if part.get_content_maintype() == "message" else part
            if isinstance(attached, Message):
                yield from _leaves(attached, f"{before}{number}.")
        elif isinstance(part, Message):
            yield f"{before}{number}", part


def _put_back(part: Message, files: list[Path]) -> None:
    del part[KEPT_APART]
    data = _read(files[0]) if files else None
    if data is None:
        parts.empty(part)
    elif files[0].name.endswith(".emlxpart"):
        part.set_payload(data.decode("ascii", "surrogateescape"))
    else:
        parts.fill(part, data)


def _add(message: Message, file: Path) -> Message:
    """`message` with a file that none of its parts asks for."""
    data, name = _read(file), readable(file.name)
    added = parts.absent(name) if data is None else parts.leaf(data, "application/octet-stream", filename=name)
    if message.get_content_maintype() == "multipart" and isinstance(message.get_payload(), list):
        message.attach(added)
        return message
    return parts.wrap(message, added)


def _read(file: Path) -> bytes | None:
    try:
        return None if check_file(file) or file.stat().st_size > LARGEST_MESSAGE_BYTES else file.read_bytes()
    except OSError:
        return None
