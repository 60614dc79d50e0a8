"""Maildir: a folder with `cur` and `new`, one message a file. `tmp` holds what is not delivered yet and is left out.

Source: https://cr.yp.to/proto/maildir.html
"""

from __future__ import annotations

from pathlib import Path

KIND = "maildir"
DESCRIPTION = "a Maildir"

OWN_FOLDERS = frozenset({"cur", "new", "tmp"})

BOOKKEEPING = ("dovecot", "courier", "maildirfolder", "maildirsize", "subscriptions", ".uidvalidity", ".customflags", ".mh_sequences")
"""Files that servers keep beside the messages begin with one of these; they hold no mail."""


def is_maildir(folder: Path) -> bool:
    """Whether `folder` has the two subfolders that hold messages."""
    return (folder / "cur").is_dir() and (folder / "new").is_dir()


def messages(folder: Path) -> list[Path]:
    """The files of one Maildir, read ones first, each group by name. Raises OSError where a subfolder cannot be listed."""
    return [path for sub in ("cur", "new") for path in sorted((folder / sub).iterdir())]


def is_bookkeeping(name: str) -> bool:
    """Whether a file of this name beside `cur` and `new` belongs to the server.

    >>> is_bookkeeping("dovecot-uidlist"), is_bookkeeping("mail.eml")
    (True, False)
    """
    return name.startswith(BOOKKEEPING)
