"""Whether a PDF that shows nothing is blank, or its content was not found: PDFium takes the one for the other."""

from __future__ import annotations

import re
import zlib

_STREAM = re.compile(rb"\bstream\r?\n")
_DRAWS = re.compile(rb"\s(?:T[jJ]|Do|['\"])\s")
"""Operators that show text or a picture."""
_TAIL, _HEAD, _MOST_BYTES = 2_048, 1_000, 1_000_000


def content_is_lost(data: bytes) -> bool:
    """Of a document without anything on its pages: whether it was cut off, or a stream does not unpack, or one draws something."""
    return b"%%EOF" not in data[-_TAIL:] or any(_is_telling(data, match) for match in _STREAM.finditer(data))


def _is_telling(data: bytes, begin: re.Match[bytes]) -> bool:
    end = data.find(b"endstream", begin.end())
    head = data[max(0, begin.start() - _HEAD) : begin.start()].rpartition(b" obj")[2]
    stream = data[begin.end() : end]
    if b"/FlateDecode" in head:
        try:
            stream = zlib.decompressobj().decompress(stream, _MOST_BYTES)
        except zlib.error:
            return True
    return end < 0 or _DRAWS.search(stream) is not None
