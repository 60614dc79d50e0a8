"""One file compressed with gzip, bzip2, xz or zstd: what is in it is told by its content, as of any file."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from detector.mailboxes.source import Within
from detector.mailboxes.unpacking import Packed, read_packed
from detector.records import Item

KIND = "compressed"
DESCRIPTION = "any of these compressed (gzip, bzip2, xz, zstd)"


def recognizes(head: bytes) -> bool:
    """Whether a file that begins with `head` is compressed.

    >>> recognizes(b"\\x1f\\x8b\\x08\\0"), recognizes(b"BZhej")
    (True, False)
    """
    return _opener(head) is not None


def open_at(path: Path, *, name: str, within: Within) -> Compressed:
    """The compressed file at `path`."""
    return Compressed(path, name, within, KIND)


class Compressed(Packed[io.BufferedIOBase]):
    """A compressed file."""

    def open(self, path: Path) -> io.BufferedIOBase:
        """Raises whatever its reader raises."""
        return _open(path)

    def inside(self, packed: io.BufferedIOBase, folder: Path, within: Within) -> Iterator[Item]:
        """The one file in it."""
        return read_packed(packed, folder, name=self.name, within=within)


def _open(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        opener = _opener(file.read(_MAGIC_BYTES))
    if opener is None:
        raise EOFError  # it was another file when it was recognised
    return opener(path)


def _opener(head: bytes) -> Callable[[Path], io.BufferedIOBase] | None:
    if head.startswith(b"BZh") and head[4:10] not in _BZIP2_BLOCKS:
        return None
    return next((opener for magic, opener in _OPENERS if head.startswith(magic)), None)


def _open_zstd(path: Path) -> io.BufferedIOBase:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdFile(path)


_OPENERS: tuple[tuple[bytes, Callable[[Path], io.BufferedIOBase]], ...] = (
    (b"\x1f\x8b\x08", gzip.GzipFile),
    (b"BZh", bz2.BZ2File),
    (b"\xfd7zXZ\0", lzma.LZMAFile),
    (b"\x28\xb5\x2f\xfd", _open_zstd),
)
_MAGIC_BYTES = 10
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
"""How a block begins, and how an empty file ends: three letters alone are a word."""
