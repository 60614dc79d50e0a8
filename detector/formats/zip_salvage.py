"""What a zip archive without a readable directory still holds: its members, each found by the header before its bytes.

Source: PKWARE, "APPNOTE.TXT", version 6.3.10, sections 4.3.7 and 4.4.4.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZIP_STORED

from detector.budget import Budget
from detector.formats.members import Damaged, Entry, accounted
from detector.formats.package import decoded_name
from detector.records import Reason

_HEADER = struct.Struct("<4sHHH4xIIIHH")
_LOCAL = b"PK\3\4"
_NEXT = re.compile(rb"PK(?:\x03\x04|\x01\x02|\x07\x08)")
_FRAME = re.compile(
    r"\[Content_Types\]\.xml|.*\.rels|docProps/app\.xml|META-INF/.*\.xml"
    r"|(?:word|xl|ppt)/(?:styles\w*|theme/.*|fontTable|(?:web)?[sS]ettings|numbering|slideLayouts/.*|slideMasters/.*)\.xml"
)
"""Members of documents that hold how they look and hang together, and no word of anyone."""
_ENCRYPTED, _SIZES_FOLLOW = 0x1, 0x8
_INPUT_BYTES = 65_536
_OUTPUT_BYTES = 262_144


def entries(data: bytes, *, budget: Budget) -> Iterator[Entry]:
    """Members in the order of their bytes."""
    at = data.find(_LOCAL)
    while 0 <= at <= len(data) - _HEADER.size:
        budget.check_time()
        entry, end = entry_at(data, at, budget=budget)
        if entry.path:
            yield entry
        at = data.find(_LOCAL, min(max(end, at + len(_LOCAL)), len(data)))


def entry_at(data: bytes, at: int, *, budget: Budget) -> tuple[Entry, int]:
    """The member whose header stands at `at`, and where its bytes end as far as it tells. Raises struct.error past the end."""
    _, _, flags, method, _, packed, _, name_bytes, extra_bytes = _HEADER.unpack_from(data, at)
    start = at + _HEADER.size + name_bytes + extra_bytes
    end = start + packed if packed or not flags & _SIZES_FOLLOW else _next(data, start)
    path = decoded_name(data[at + _HEADER.size : at + _HEADER.size + name_bytes])
    pieces = accounted(_pieces(data, start, end, method), max(0, min(end, len(data)) - start), budget=budget)
    is_file = not path.endswith("/") and not _FRAME.fullmatch(path)
    return Entry(path, pieces, is_file, Reason.ENCRYPTED if flags & _ENCRYPTED else None), end


def _next(data: bytes, start: int) -> int:
    """Where a member whose length is not told ends at the latest."""
    found = _NEXT.search(data, start)
    return found.start() if found else len(data)


def _pieces(data: bytes, start: int, end: int, method: int) -> Iterator[bytes]:
    if method == ZIP_STORED:
        yield data[start:end]
    elif method == ZIP_DEFLATED:
        yield from _inflated(data, start, end)
    else:
        raise NotImplementedError
    if end > len(data):
        raise Damaged


def _inflated(data: bytes, start: int, end: int) -> Iterator[bytes]:
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(start, min(end, len(data)), _INPUT_BYTES):
        waiting = data[at : min(at + _INPUT_BYTES, end)]
        while waiting and not decoder.eof:
            yield decoder.decompress(waiting, _OUTPUT_BYTES)
            waiting = decoder.unconsumed_tail
    if not decoder.eof:
        raise Damaged
