"""What old Office documents have in common: properties (title, author, comments), and files put into them.

Source: Microsoft, "[MS-OLEPS]: Object Linking and Embedding (OLE) Property Set Data Structures", section 2.21, and
"[MS-OLEDS]: Object Linking and Embedding (OLE) Data Structures", section 2.3.6.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial, wraps

from detector import charsets
from detector.formats.plugin import Format, Item, Source
from detector.formats.properties import MACROS, PLACE
from detector.ole import Compound
from detector.records import Defect, Reading, Reason, Text, Unread

_MACRO_STORAGES = frozenset({"Macros", "_VBA_PROJECT_CUR"})
"""Of Word and of Excel. Source: Microsoft, "[MS-OVBA]", section 2.2.1."""

LARGE = 4_096
"""Bytes of pictures from which a document without text may be a scanned one."""
_SETS = (
    ("\x05SummaryInformation", {2: "Title", 3: "Subject", 4: "Author", 5: "Keywords", 6: "Comments", 8: "Last modified by"}),
    ("\x05DocumentSummaryInformation", {2: "Category", 14: "Manager", 15: "Company"}),
)
_CODEPAGE, _NAMES = 1, 0
_OWN_PROPERTIES = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
"""The section in which a document's user has named properties."""
_MOST = 1_000
_STRING8, _UNICODE = 0x1E, 0x1F

_POOL, _PREFIX = "ObjectPool", "MBD"
"""The storage in which Word keeps storages of files, and how those of Excel begin."""
_DOCUMENTS = frozenset({"WordDocument", "Workbook", "Book", "PowerPoint Document", "EncryptedPackage", "__properties_version1.0"})
_PACKAGES = ("Package", "CONTENTS", "Contents")
_NATIVE = "\x01Ole10Native"


def never_silent(read: Callable[[Source], Iterator[Item]]) -> Callable[[Source], Iterator[Item]]:
    """The same reader, which says `damaged` where a file gives nothing at all: one whose tables of sectors are wrong looks empty."""

    @wraps(read)
    def watched(source: Source) -> Iterator[Item]:
        is_silent = True
        for item in read(source):
            is_silent = is_silent and item == Reading()
            yield item
        if is_silent:
            yield Reason.DAMAGED

    return watched


def properties(source: Source, compound: Compound) -> Iterator[Item]:
    """Blocks "Author: …" at "properties"; a damaged set is said, and costs no more than itself. Macros are told of, not read."""
    if compound.root_names() & _MACRO_STORAGES:
        yield Defect(source.part.index, MACROS)
    for name, words in _SETS:
        data = compound.stream(name)
        if not data:
            continue
        source.budget.spend_unpacked(len(data))
        try:
            yield from _texts(data, words)
        except (struct.error, ValueError, IndexError):
            yield Reason.DAMAGED


def _texts(data: bytes, words: dict[int, str]) -> Iterator[Item]:
    count = struct.unpack_from("<I", data, 24)[0]
    for number in range(min(count, 2)):
        identifier, at = struct.unpack_from("<16sI", data, 28 + 20 * number)
        places = dict(_places(data, at))
        codec = _codec(data, places)
        if identifier == _OWN_PROPERTIES:
            words = _names(data, places, codec)
        for tag, word in words.items():
            if tag in places and (text := _text(data, places[tag], codec).strip("\0 \r\n")):
                yield Text(f"{word}: {text}" if word else text, PLACE)


def _places(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    count = struct.unpack_from("<I", data, start + 4)[0]
    for number in range(min(count, _MOST)):
        tag, at = struct.unpack_from("<II", data, start + 8 + 8 * number)
        yield tag, start + at


def _codec(data: bytes, places: dict[int, int]) -> str:
    page = struct.unpack_from("<H", data, places[_CODEPAGE] + 4)[0] if _CODEPAGE in places else 1252
    return "utf-16-le" if page == 1200 else charsets.codec("utf-8" if page == 65001 else f"cp{page}") or "cp1252"


def _text(data: bytes, at: int, codec: str) -> str:
    kind, size = struct.unpack_from("<II", data, at)
    if kind == _UNICODE:
        return data[at + 8 : at + 8 + 2 * size].decode("utf-16-le", "replace")
    return data[at + 8 : at + 8 + size].decode(codec, "replace") if kind == _STRING8 else ""


def _names(data: bytes, places: dict[int, int], codec: str) -> dict[int, str]:
    """The names of a user's own properties, by their numbers."""
    found: dict[int, str] = {}
    if _NAMES not in places:
        return found
    at = places[_NAMES]
    count = struct.unpack_from("<I", data, at)[0]
    at += 4
    for _ in range(min(count, _MOST)):
        tag, size = struct.unpack_from("<II", data, at)
        size = 2 * size if codec == "utf-16-le" else size
        found[tag] = data[at + 8 : at + 8 + size].decode(codec, "replace").strip("\0")
        at += 8 + ((size + 3) & ~3 if codec == "utf-16-le" else size)
    return found


# ---------------------------------------------------------------- files put in


def embedded(source: Source, compound: Compound) -> Iterator[Item]:
    """Each file put into the document, as a part of its own."""
    storages = [
        number for name, number in sorted(compound.names().items()) if name.startswith(_PREFIX) and compound.is_storage(number)
    ]
    if (pool := compound.names().get(_POOL)) is not None:
        storages += [number for _, number in sorted(compound.names(pool).items()) if compound.is_storage(number)]
    for number, storage in enumerate(storages, 1):
        source.budget.check_time()
        yield _embedded(source, compound, storage, f"{source.part.index}.{number}")


def read(source: Source) -> Iterator[Item]:
    """The file within an object that was put into a mail or document by itself."""
    yield _embedded(source, Compound(source.part.data), 0, f"{source.part.index}.1")


def _embedded(source: Source, compound: Compound, storage: int, index: str) -> Reading:
    names = compound.names(storage)
    if not _DOCUMENTS.isdisjoint(names):
        return source.member(index, None, partial(compound.cut, storage))
    for name in _PACKAGES:
        if name in names:
            return source.member(index, None, partial(compound.read, names[name]))
    if _NATIVE in names:
        filename, data = _native(compound.read(names[_NATIVE]))
        return source.member(index, filename, lambda: data)
    return Reading(unread=(Unread(index, None, Reason.UNSUPPORTED),))


def _native(data: bytes) -> tuple[str | None, bytes]:
    """Name and bytes of a file that was put in as it is."""
    if data[4:6] != b"\2\0":  # not wrapped: what an old program drew
        return None, data[4:]
    label_end = data.index(b"\0", 6)
    path_end = data.index(b"\0", label_end + 1)
    at = path_end + 1 + 4
    at += 4 + struct.unpack_from("<I", data, at)[0]
    size = struct.unpack_from("<I", data, at)[0]
    return data[6:label_end].decode("cp1252", "replace") or None, data[at + 4 : at + 4 + size]


FORMAT = Format("ole", ("ole",), (".ole",), "Objects that were put into a mail by themselves: the file within.", never_silent(read))
