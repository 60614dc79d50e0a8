"""Where messages come from: mailboxes, single messages and folders of them, recognised by content, not by name.

A new kind of file is a module with `KIND`, `DESCRIPTION`, `recognizes` and `open_at`, and one line in SOURCES.
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from detector.mailboxes import compressed, eml, emlx, folder, maildir, mbox, msg, pst, tarred, zipped
from detector.mailboxes.folder import Folder
from detector.mailboxes.source import Kind, Source, Within, kind_of, read_head
from detector.records import DetectorError, Failure

SOURCES: tuple[Kind, ...] = (mbox, eml, emlx, pst, msg, zipped, tarred, compressed)
"""Every kind of file, in the order in which they are tried."""

__all__ = ["SOURCES", "Kind", "Source", "open_source", "open_sources", "supported"]


def open_sources(paths: Sequence[Path]) -> list[Source]:
    """Each of `paths` opened, under names that differ. Raises DetectorError, before anything is read, where one cannot be."""
    met: Counter[str] = Counter()
    resolved = set()
    sources = []
    for path in paths:
        source = open_source(path)
        if path.resolve() in resolved:
            raise DetectorError(f"{path} is given twice; its messages would be counted twice.")
        resolved.add(path.resolve())
        met[source.name] += 1
        sources.append(source if met[source.name] == 1 else open_source(path, name=f"{source.name} ({met[source.name]})"))
    return sources


def open_source(path: Path, *, name: str | None = None) -> Source:
    """The mail at `path`, to be called `name` (by default the path's last part).

    Raises DetectorError where the path is missing or unreadable, or holds nothing that can be read. An empty file is an
    mbox of no messages.
    """
    within = Within(SOURCES)
    called = name or path.name or path.resolve().name or str(path)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            next(path.iterdir(), None)
            return Folder(path, called, within)
    except OSError as error:
        raise DetectorError(f"{path} cannot be read: {error.strerror or 'invalid path'}. {supported()}") from None
    head = read_head(path)
    if isinstance(head, Failure):
        raise DetectorError(f"{path} cannot be read: {_EXPLAINED[head]}. {supported()}")
    if not head:
        return mbox.open_at(path, name=called, within=within)
    kind = kind_of(head, SOURCES)
    if isinstance(kind, Failure):
        raise DetectorError(f"{path} is no mail: it begins like none of the kinds of file that can be read. {supported()}")
    return kind.open_at(path, name=called, within=within)


def supported() -> str:
    """What can be read, as one sentence.

    >>> supported()[:73]
    'Supported: a mailbox in one file (mbox), a single message (.eml), a messa'
    """
    return f"Supported: {', '.join([*(kind.DESCRIPTION for kind in SOURCES), maildir.DESCRIPTION, folder.DESCRIPTION])}."


_EXPLAINED = {Failure.UNREADABLE: "permission denied", Failure.NOT_A_FILE: "it is neither a file nor a folder"}
