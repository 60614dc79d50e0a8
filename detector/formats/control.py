"""Parts that hold no content of their own: detached signatures, and the "Version: 1" part of PGP/MIME."""

from __future__ import annotations

from collections.abc import Iterator

from detector.formats.plugin import Format, Item, Source


def read(_source: Source) -> Iterator[Item]:
    """Yields nothing: there is nothing to read."""
    yield from ()


FORMAT = Format("signature", ("signature",), (".p7s", ".sig"), "Detached signatures: nothing to read in them.", read, is_own=True)
