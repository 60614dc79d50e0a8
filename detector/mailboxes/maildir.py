"""Maildir: a folder with `cur` and `new`, one message a file, its flags in the name (":2,FRS"); `tmp` holds what is not delivered yet.

A Maildir++ has subfolders beside these that are Maildirs again (".Sent"). Messages flagged as drafts or deleted are there, and are read.
Source: https://cr.yp.to/proto/maildir.html; https://www.courier-mta.org/imap/README.maildirquota.html
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath

KIND = "maildir"
DESCRIPTION = "a Maildir (Maildir++)"

OWN_FOLDERS = frozenset({"cur", "new", "tmp"})

BOOKKEEPING = ("dovecot", "courier", "maildirfolder", "maildirsize", "subscriptions", ".uidvalidity", ".customflags", ".mh_sequences")
"""Files that servers keep beside the messages begin with one of these; they hold no mail."""

DELIVERY_NAME = re.compile(r"\d{1,12}\.[^/]{1,200}")
"""Seconds since 1970, then what makes it unique."""


def is_maildir(folder: Path) -> bool:
    """Whether `folder` has the two subfolders that hold messages."""
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def messages(folder: Path) -> list[Path]:
    """The files of one Maildir, read ones first, each group by name. Raises OSError where a subfolder cannot be listed."""
    return [path for sub in ("cur", "new") for path in sorted((folder / sub).iterdir())]


def undelivered(folder: Path) -> list[Path]:
    """What lies in `tmp`, by name, but for names with a dot in front, which no message has. Raises OSError where it cannot be listed."""
    found = (folder / "tmp").iterdir() if (folder / "tmp").is_dir() else ()
    return sorted(path for path in found if not path.name.startswith("."))


def place(path: PurePath) -> str | None:
    """Which of the three a file of an archive lies in, None where its name is not one that a server gives.

    >>> place(PurePath("anna/.Sent/cur/1609841472.M1P2.mx:2,S")), place(PurePath("tmp/rapport.pdf"))
    ('cur', None)
    """
    own = path.parent.name in OWN_FOLDERS and DELIVERY_NAME.fullmatch(path.name)
    return path.parent.name if own else None


def is_bookkeeping(name: str) -> bool:
    """Whether a file of this name beside `cur` and `new` belongs to the server.

    >>> is_bookkeeping("dovecot-uidlist"), is_bookkeeping("mail.eml")
    (True, False)
    """
    return name.startswith(BOOKKEEPING)
