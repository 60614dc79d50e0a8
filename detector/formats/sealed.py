"""What is locked: Office files with a password, S/MIME and PGP data. Said unread, never clean."""

from __future__ import annotations

from collections.abc import Iterator

from detector.formats.plugin import Format, Item, Source
from detector.records import Reason


def read(_source: Source) -> Iterator[Item]:
    """Says that the content is encrypted."""
    yield Reason.ENCRYPTED


FORMAT = Format(
    "sealed", ("sealed",), (".p7m", ".pgp", ".gpg", ".asc"), "Encrypted data and password-protected Office files: named as not read.", read,
    is_own=True,
)  # fmt: skip
