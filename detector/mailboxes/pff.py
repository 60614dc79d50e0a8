"""The program that reads an Outlook data file with libpff and writes its items to standard output (see `libpff`).

Each is a header of JSON with its length before it in four bytes, and the bytes of the message; "null" ends them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import IO, Any

from detector.mailboxes import outlook
from detector.mailboxes.outlook import Properties
from detector.mailboxes.source import readable
from detector.records import Failure

MAIL_SUBTREE = 0x35E0
"""Entry of the message store with the folder at the top of all mail; its last four bytes are the folder's number. Source: MS-PST 2.4.3."""

OST_SUBTREE = "IPM_SUBTREE"
"""What that folder is called in an .ost, whose message store does not tell."""

NUMBER_TYPE, SETTINGS_TYPE = 0x1F, 0x08
"""Outlook's own settings are items too (folder associated information). Source: MS-PST 2.2.2.1."""

OTHER_CLASSES = ("ipm.contact", "ipm.distlist", "ipm.appointment", "ipm.task", "ipm.stickynote", "ipm.activity")
"""How the message classes begin of what is no mail; what is unknown is mail. Microsoft, "Item types and message classes" (Outlook)."""

MOST_LEVELS = 200

ERRORS = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, MemoryError)
"""What libpff raises where a file is damaged, and the standard library on what comes out of it."""

Where = tuple[str, ...]


def main(arguments: list[str], output: IO[bytes]) -> None:
    """Writes the items of a file, or with "--count" their number."""
    import pypff

    file = pypff.file()
    file.open(arguments[-1])
    found = list(_folders(file))
    if "--count" in arguments:
        _write(output, {"count": sum(1 if folder is None else _size(folder) for folder, _ in found)})
        return
    for folder, where in found:
        for item in [Failure.DAMAGED] if folder is None else _items(folder):
            raw, failure = (b"", item.value) if isinstance(item, Failure) else (item, None)
            _write(output, {"folder": where, "failure": failure, "size": len(raw)})
            output.write(raw)
    _write(output, None)


def _write(output: IO[bytes], said: object) -> None:
    data = json.dumps(said).encode()
    output.write(len(data).to_bytes(4, "big") + data)


def _folders(file: Any) -> Iterator[tuple[Any, Where]]:
    """Every folder, and where it lies below the top of all mail (the root where it is not there); None for what cannot be opened."""
    top = _top(file)
    waiting: list[tuple[Any, Where]] = [(file.root_folder, ())]
    while waiting:
        folder, where = waiting.pop()
        try:
            below = [folder.get_sub_folder(number) for number in range(folder.number_of_sub_folders)]
            _size(folder)
            names = [() if _is_top(sub, top) else (*where, readable(sub.name or "")) for sub in below]
        except ERRORS:
            yield None, where
            continue
        yield folder, where
        if len(where) < MOST_LEVELS:
            waiting.extend(reversed(list(zip(below, names, strict=True))))
        elif below:
            yield None, where


def _size(folder: Any) -> int:
    return int(folder.number_of_sub_items - folder.number_of_sub_folders)


def _items(folder: Any) -> Iterator[bytes | Failure]:
    for number in range(folder.number_of_sub_items):
        item = _read(folder, number)
        if item is not None:
            yield item


def _is_top(folder: Any, top: int | None) -> bool:
    return bool(folder.identifier == top if top else folder.name == OST_SUBTREE)


def _top(file: Any) -> int | None:
    store = file.message_store
    entry = Properties.of(store).data(MAIL_SUBTREE) if store else b""
    return int.from_bytes(entry[-4:], "little") if entry else None


def _read(folder: Any, number: int) -> bytes | Failure | None:
    """The mail of one item of a folder, why it gives none, or None where it is a folder."""
    import pypff

    try:
        item = folder.get_sub_item(number)
        if isinstance(item, pypff.folder):
            return None
        if item.identifier & NUMBER_TYPE == SETTINGS_TYPE:
            return Failure.INDEX
        is_other = Properties.of(item).text(outlook.MESSAGE_CLASS).lower().startswith(OTHER_CLASSES)
        return Failure.NOT_A_MESSAGE if is_other or not isinstance(item, pypff.message) else outlook.to_mail(item)
    except ERRORS:
        return Failure.DAMAGED


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdout.buffer)
    sys.stdout.buffer.flush()
