"""A hundred small files of five kinds that would fill the disk, the memory or the day of who unpacks them trustingly."""

from __future__ import annotations

import bz2
import gzip
import itertools
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator

import zstandard
from built_archives import tar
from built_files import zeros, zipped

MEGABYTE = 1_000_000


def _local(name: bytes, packed: int, unpacked: int, method: int) -> bytes:
    return b"PK\3\4" + struct.pack("<HHHHHIIIHH", 20, 0, method, 0, 0, 0, packed, unpacked, len(name), 0) + name


def _directory(entries: list[tuple[bytes, int, int, int]], start: int) -> bytes:
    """The directory of a zip; entries are name, packed bytes, unpacked bytes and offset."""
    raw = b"".join(
        b"PK\1\2" + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 8, 0, 0, 0, packed, unpacked, len(name), 0, 0, 0, 0, 0, at) + name
        for name, packed, unpacked, at in entries
    )
    return raw + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, len(entries), len(entries), len(raw), start, 0)


def overlapping(count: int, megabytes: int) -> bytes:
    """A zip whose members are quoted in one another, so that all end in the same bytes. Source: D. Fifield, WOOT 2019."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(bytes(megabytes * MEGABYTE)) + packer.flush()
    unpacked, body = megabytes * MEGABYTE, b""
    sizes: list[tuple[bytes, int, int]] = []
    for number in reversed(range(count)):
        name = f"{number}.txt".encode()
        sizes.append((name, len(data), unpacked))
        body = _local(name, len(data), unpacked, 8) + data
        header = body[: len(body) - len(data)]
        data = b"\0" + struct.pack("<HH", len(header), len(header) ^ 0xFFFF) + body
        unpacked += len(header)
    entries, at = [], 0
    for name, packed, size in reversed(sizes):
        entries.append((name, packed, size, at))
        at += 30 + len(name) + 5
    return body + _directory(entries, len(body))


def shared(count: int, megabytes: int) -> bytes:
    """A zip whose members are all the same bytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = packer.compress(bytes(megabytes * MEGABYTE)) + packer.flush()
    body = _local(b"a", len(data), megabytes * MEGABYTE, 8) + data
    return body + _directory([(b"a", len(data), megabytes * MEGABYTE, 0)] * count, len(body))


def nested(width: int, depth: int, inner: bytes) -> bytes:
    """Zips of zips of zips, each with `width` of the next."""
    for _ in range(depth):
        inner = zipped({f"{number}.zip": inner for number in range(width)})
    return inner


_FIVE_BYTES = 5


def _literal(units: int) -> bytes:
    return b"\0" + struct.pack("<HH", units * _FIVE_BYTES, units * _FIVE_BYTES ^ 0xFFFF)


def _repeat_four() -> bytes:
    """A block of 40 bits that gives the last 20 bytes again: twice a match of length 10 at distance 20."""
    bits = "010" + ("0001000" + "01000" + "110") * 2 + "0000000"
    return bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, 40, 8))


def quine(name: bytes) -> bytes:
    """A gzip file that unpacks to itself; `name` has four letters. Source: R. Cox, "Zip Files All The Way Down", 2010."""
    head = b"\x1f\x8b\x08\x08" + bytes(4) + b"\0\x03" + name + b"\0"
    zero, one, four, again = _literal(0), _literal(1), _literal(4), _repeat_four()
    start = head + four + head + four + again + one + again + one + one + four + again + one + one + four + (again + four) * 3 + again
    start += four + again + zero + zero + four + again + zero + zero + four

    def whole(check: int) -> bytes:
        tail = b"\1\0\0\xff\xff" + struct.pack("<II", check, size) + b"\0\0"
        return start + again + tail + again + tail

    size = 0
    size = len(whole(0))
    return whole(_fixed_point(lambda check: zlib.crc32(whole(check))))


def _fixed_point(checked: Callable[[int], int]) -> int:
    """The number that a checksum, which is linear but for a constant, leaves as it is."""
    constant = checked(0)
    rows = [((checked(1 << bit) ^ constant ^ 1 << bit), 1 << bit) for bit in range(32)]
    wanted, chosen = constant, 0
    for bit in range(32):
        pivot = next((row for row in rows if row[0] >> bit & 1), None)
        if pivot is None:
            continue
        rows = [(row[0] ^ pivot[0], row[1] ^ pivot[1]) if row[0] >> bit & 1 else row for row in rows if row is not pivot]
        if wanted >> bit & 1:
            wanted, chosen = wanted ^ pivot[0], chosen ^ pivot[1]
    return chosen


def _flat() -> Iterator[bytes]:
    yield from (zeros(megabytes) for megabytes in (100, 500, 1_000, 4_000))
    million = bytes(MEGABYTE)
    for packed in (gzip.compress(million), bz2.compress(million * 9), lzma.compress(million * 5), zstandard.compress(million * 20)):
        yield from (packed * count for count in (5, 50, 200))
    yield from (zlib.compress(million * 50), gzip.compress(tar({"a": million * 20})), gzip.compress(gzip.compress(million * 50)))
    yield gzip.compress(tar({"a": million}, tarfile.USTAR_FORMAT) * 50)


def _many() -> Iterator[bytes]:
    names = tar({"a": b""})[:512]
    empty = [gzip.compress(b""), bz2.compress(b""), lzma.compress(b""), zstandard.compress(b"")]
    yield from (zipped({f"{number}": b"" for number in range(count)}, compression=0) for count in (5_000, 6_000, 10_000, 20_000))
    yield from (gzip.compress(names * count) for count in (2_000, 5_000, 20_000, 50_000))
    yield from (packed * count for packed in empty for count in (1_000, 10_000, 100_000))


def bombs() -> dict[str, list[bytes]]:
    """Twenty of each kind."""
    letters = [bytes(each) for each in itertools.islice(itertools.permutations(b"abcd"), 20)]
    bottoms = [zeros(megabytes) for megabytes in (5, 1_000, 4_000, 50)]
    return {
        "flat": list(_flat()),
        "overlapping": [make(count, size) for make in (overlapping, shared) for count in (20, 250, 1_000, 2_000, 4_000) for size in (1, 9)],
        "nested": [nested(width, depth, bottom) for width, depth in ((16, 3), (10, 4), (2, 10), (1, 60), (30, 2)) for bottom in bottoms],
        "quine": [quine(name) for name in letters],
        "many": list(_many()),
    }
