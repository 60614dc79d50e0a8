"""Single compressed files: gzip, bzip2, xz, Zstandard and zlib. What comes out is a part of its own, be it a tar or a text."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator

from detector.budget import Budget
from detector.formats.members import Content, Damaged, named
from detector.formats.plugin import Format, Item, Source
from detector.records import Reading, Reason, Unread

_INPUT_BYTES = 16_384
_ZSTD_INPUT_BYTES = 1_024
"""Its decoder gives all that comes of its input at once: 32 MB at most."""
_OUTPUT_BYTES = 262_144
_AHEAD_BYTES = 262_144
"""Input counted as used though it is not yet, so that a run of blanks at the start is no bomb."""
_MAX_WINDOW_BYTES = 1 << 27
"""Memory that a stream may ask for; as much as `xz -9` and `zstd -19` need, and more."""
_ENDINGS = {".tgz": ".tar", ".tbz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".tzst": ".tar", ".svgz": ".svg"}


def read(source: Source) -> Iterator[Item]:
    """The one member, "3.1"; of a damaged stream what came out before the damage."""
    data, index = source.part.data, f"{source.part.index}.1"
    stored = _stored_name(data) if source.kind == "gzip" else ""
    if stored:
        yield named(index, stored)
    name = stored or _inner_name(source.part.filename or "")
    content = Content(_accounted(_OPENED[source.kind], data, source.budget))
    yield source.member(index, name or None, content)
    if content.is_damaged:
        yield Reading(unread=(Unread(index, name or None, Reason.DAMAGED),))


def _accounted(unpack: Callable[[_Input], Iterator[bytes]], data: bytes, budget: Budget) -> Iterator[bytes]:
    total = 0
    packed = _Input(data, budget)
    for piece in unpack(packed):
        total += len(piece)
        budget.check_time()
        budget.spend_unpacked(len(piece))
        budget.check_ratio(total, min(len(data), packed.tell() + _AHEAD_BYTES))
        yield piece


class _Input(io.BytesIO):
    """The packed bytes; each time more are asked for, the clock is looked at, for millions of empty streams give no piece."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        super().__init__(data)
        self.budget = budget

    def read(self, size: int | None = -1, /) -> bytes:
        """As any file's. Raises OverBudget."""
        self.budget.check_time()
        return super().read(size)


def _gzip(packed: _Input) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=packed) as stream:
        while piece := stream.read1(_OUTPUT_BYTES):  # `read` keeps to itself what it has when the end is missing
            yield piece


def _zstd(packed: _Input) -> Iterator[bytes]:
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
    waiting = packed.read(_ZSTD_INPUT_BYTES)
    try:
        while waiting:
            decoder = decompressor.decompressobj()
            while not decoder.eof:
                if not waiting and not (waiting := packed.read(_ZSTD_INPUT_BYTES)):
                    raise Damaged
                yield decoder.decompress(waiting)
                waiting = b""
            waiting = decoder.unused_data or packed.read(_ZSTD_INPUT_BYTES)
    except zstandard.ZstdError as error:
        raise Damaged from error


def _zlib(packed: _Input) -> Iterator[bytes]:
    decoder = zlib.decompressobj()
    while not decoder.eof and (waiting := packed.read(_INPUT_BYTES)):
        while waiting and not decoder.eof:
            yield decoder.decompress(waiting, _OUTPUT_BYTES)
            waiting = decoder.unconsumed_tail
    if not decoder.eof:
        raise Damaged


def _streams(new: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor]) -> Callable[[_Input], Iterator[bytes]]:
    def unpack(packed: _Input) -> Iterator[bytes]:
        waiting = packed.read(_INPUT_BYTES)
        while waiting:
            decoder = new()
            while not decoder.eof:
                if decoder.needs_input and not waiting and not (waiting := packed.read(_INPUT_BYTES)):
                    raise Damaged
                yield decoder.decompress(waiting, _OUTPUT_BYTES)
                waiting = b""
            waiting = (decoder.unused_data or packed.read(_INPUT_BYTES)).lstrip(b"\0")  # streams may be padded

    return unpack


_OPENED: dict[str, Callable[[_Input], Iterator[bytes]]] = {
    "gzip": _gzip,
    "bzip2": _streams(bz2.BZ2Decompressor),
    "xz": _streams(lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_WINDOW_BYTES)),
    "zstd": _zstd,
    "zlib": _zlib,
}


def is_zlib(head: bytes) -> bool:
    """Whether it begins as a zlib stream does, and goes on as one."""
    if len(head) < 8 or head[0] != 0x78 or int.from_bytes(head[:2], "big") % 31:
        return False
    try:
        return bool(zlib.decompressobj().decompress(head, _OUTPUT_BYTES))
    except zlib.error:
        return False


def _stored_name(data: bytes) -> str:
    """The file name in the header of a gzip file; "" where there is none. Source: RFC 1952, section 2.3."""
    flags = data[3] if len(data) > 10 else 0
    start = 10 + (2 + int.from_bytes(data[10:12], "little") if flags & 4 else 0)
    end = data.find(b"\0", start, start + 1024)
    return data[start:end].decode("latin-1") if flags & 8 and end >= 0 else ""


def _inner_name(name: str) -> str:
    """The name without the ending of the compression.

    >>> _inner_name("liste.csv.gz"), _inner_name("alt.TGZ")
    ('liste.csv', 'alt.tar')
    """
    stem, dot, ending = name.rpartition(".")
    return stem + _ENDINGS.get(dot + ending.lower(), "") if dot else name


FORMAT = Format(
    "compressed",
    tuple(_OPENED),
    (".gz", ".bz2", ".xz", ".zst", ".z"),
    "Files compressed by gzip, bzip2, xz, Zstandard or zlib: what is in them, in its own format.",
    read,
)
