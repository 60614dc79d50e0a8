"""Compound files, Outlook messages and TNEF, written from properties; the people in them are invented."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping
from typing import Any

import compressed_rtf

Tree = Mapping[str, "bytes | Tree"]
Values = Mapping[int, Any]

_NONE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_SECTOR, _SMALL, _CUTOFF = 512, 64, 4096

CPR = "300280-0008"


def compound(tree: Tree) -> bytes:
    """A compound file with these streams and storages."""
    entries: list[list[Any]] = []  # name, kind, right, child, data
    _enter(entries, "Root Entry", tree)
    small = bytearray()
    small_table: list[int] = []
    sectors: list[bytes] = []
    table: list[int] = []

    def put(data: bytes) -> int:
        first = len(sectors)
        pieces = [data[at : at + _SECTOR].ljust(_SECTOR, b"\0") for at in range(0, len(data), _SECTOR)]
        sectors.extend(pieces)
        table.extend([*range(first + 1, first + len(pieces)), _END] if pieces else [])
        return first if pieces else _END

    for entry in entries:
        data = entry[4]
        if isinstance(data, bytes) and len(data) < _CUTOFF:
            first, count = len(small_table), -(-len(data) // _SMALL)
            small += data.ljust(count * _SMALL, b"\0")
            small_table.extend([*range(first + 1, first + count), _END] if count else [])
            entry.append(first if count else _END)
        else:
            entry.append(put(data) if isinstance(data, bytes) else _END)
    entries[0][4], entries[0][5] = bytes(small), put(bytes(small))
    small_at = put(struct.pack(f"<{len(small_table)}I", *small_table) + b"\xff" * (-4 * len(small_table) % _SECTOR))
    directory_at = put(b"".join(_packed(*entry) for entry in entries))
    count = next(count for count in range(1, 110) if count * 128 >= len(table) + count)
    fat = [*table, *[_FAT] * count]
    places = range(len(sectors), len(sectors) + count)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, count, directory_at, 0, _CUTOFF, small_at, 1, _END, 0)
    header += struct.pack("<109I", *places, *[_NONE] * (109 - count))
    return header + b"".join(sectors) + struct.pack(f"<{count * 128}I", *fat, *[_NONE] * (count * 128 - len(fat)))


def _enter(entries: list[list[Any]], name: str, content: bytes | Tree) -> int:
    number = len(entries)
    is_stream = isinstance(content, bytes)
    entries.append([name, 2 if is_stream else 1 if number else 5, _NONE, _NONE, content if is_stream else None])
    if not is_stream:
        below = [_enter(entries, each, inner) for each, inner in content.items()]
        for one, other in itertools.pairwise(below):
            entries[one][2] = other
        entries[number][3] = below[0] if below else _NONE
    return number


def _packed(name: str, kind: int, right: int, child: int, data: bytes | None, start: int) -> bytes:
    raw = name.encode("utf-16-le") + b"\0\0"
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw), kind, 1, _NONE, right, child)
    return head + bytes(36) + struct.pack("<IQ", start, len(data or b""))


# ---------------------------------------------------------------- .msg


def bag(values: Values, header: int) -> dict[str, bytes | Tree]:
    """Streams of a message, recipient or attachment: text, bytes of a code page (in a tuple), bytes, numbers, and storages."""
    fixed, tree = b"", {}
    for tag, value in values.items():
        if isinstance(value, str):
            tree[f"__substg1.0_{tag:04X}001F"] = value.encode("utf-16-le")
        elif isinstance(value, tuple):
            tree[f"__substg1.0_{tag:04X}001E"] = value[0]
        elif isinstance(value, bytes):
            tree[f"__substg1.0_{tag:04X}0102"] = value
        elif isinstance(value, int):
            fixed += struct.pack("<HHIq", 0x40 if value >= 1 << 32 else 3, tag, 6, value)
        else:
            tree[f"__substg1.0_{tag:04X}000D"] = value
    return {"__properties_version1.0": bytes(header) + fixed, **tree}


def message(values: Values, recipients: list[Values] = [], files: list[Values] = [], *, header: int = 24) -> dict[str, Any]:  # noqa: B006
    """Storages of a message; a file's 0x3701 may be a message."""
    tree = bag(values, header)
    tree |= {f"__recip_version1.0_#{number:08X}": bag(each, 8) for number, each in enumerate(recipients)}
    return tree | {f"__attach_version1.0_#{number:08X}": bag(each, 8) for number, each in enumerate(files)}


def build_msg(values: Values, recipients: list[Values] = [], files: list[Values] = []) -> bytes:  # noqa: B006
    """A .msg file."""
    return compound(message(values, recipients, files, header=32))


def rich(text: bytes) -> bytes:
    """The compressed body of RTF, as another program packs it."""
    return bytes(compressed_rtf.compress(text))


WRAPPED = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fswiss\fcharset204 Arial;}}{\*\generator x;}"
    rb"{\*\htmltag64 <table>}{\*\htmltag64 <tr><td>}\htmlrtf {\htmlrtf0 S\'f8ren \u198?r\u248?\htmlrtf }\htmlrtf0"
    rb"{\*\htmltag64 </td><td class=\{x\}>}300280-0008\htmlrtf \cell\row kun i rtf\htmlrtf0 {\f1  \'c0}"
    rb"{\*\mhtmltag64 <b>}{\*\htmltag64 </td></tr></table>}}"
)
SUBMITTED = 133_500_000_000_000_000
"""A moment in January 2024."""
HEADERS = (
    "Received: from a.example by b.example with ESMTPS id 1; Fri, 19 Jan 2024 12:00:01 +0100\r\nFrom: Bo Holm <bo@uni.example>\r\n"
    "To: Eva Dam <eva@uni.example>\r\nSubject: gammelt emne\r\nMessage-ID: <1@uni.example>\r\nReferences: <0@uni.example>\r\n"
    "Date: Fri, 19 Jan 2024 12:00:00 +0100\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
)
RECIPIENTS: list[Values] = [
    {0x0C15: 1, 0x3001: "Eva Dam", 0x3003: "/o=X/cn=Recipients/cn=eva", 0x39FE: "eva@uni.example"},
    {0x0C15: 2, 0x3001: "Ib Lund", 0x3003: "ib@anden.example"},
    {0x0C15: 3, 0x3001: "Åse Krog", 0x3003: "aase@anden.example"},
]
NOTE: Values = {
    0x001A: "IPM.Note", 0x0037: "Holdet", 0x1000: f"Søren Ærø\t{CPR}", 0x0039: SUBMITTED, 0x1035: "<1@uni.example>",
    0x0C1A: "Bo Holm", 0x0C1F: "/o=X/cn=Recipients/cn=bo", 0x5D01: "bo@uni.example",
}  # fmt: skip


def sample_msg() -> bytes:
    """A mail with recipients, three bodies, a file and a message within."""
    inner = message({0x001A: "IPM.Note", 0x0037: "inderst", 0x1000: "indre tekst"})
    files = [{0x3705: 1, 0x3707: "liste.csv", 0x3701: b"a;b\nc;d\ne;f"}, {0x3705: 5, 0x3001: "inderst", 0x3701: inner}]
    return build_msg({**NOTE, 0x1009: rich(WRAPPED)}, RECIPIENTS, files)


# ---------------------------------------------------------------- TNEF


def properties(values: Values) -> bytes:
    """A list of MAPI properties as TNEF has it."""
    output = struct.pack("<I", len(values))
    for tag, value in values.items():
        name = bytes(16) + struct.pack("<II", 0, tag) if tag >= 0x8000 else b""
        if isinstance(value, int):
            is_time = value >= 1 << 32
            output += struct.pack("<HH", 0x40 if is_time else 3, tag) + name + struct.pack("<q" if is_time else "<i", value)
            continue
        kind = 0x1F if isinstance(value, str) else 0x1E if isinstance(value, tuple) else 0x102
        raw = (value + "\0").encode("utf-16-le") if isinstance(value, str) else value[0] if isinstance(value, tuple) else value
        output += struct.pack("<HH", kind, tag) + name + struct.pack("<II", 1, len(raw)) + raw + bytes(-len(raw) % 4)
    return output


def attribute(level: int, number: int, data: bytes) -> bytes:
    """One attribute of a TNEF stream."""
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def build_tnef(values: Values, files: list[Values] = [], *, first: bytes = b"") -> bytes:  # noqa: B006
    """A TNEF stream; a file's 0x3701 stands in an attribute of its own, unless it is a stream itself."""
    output = b"\x78\x9f\x3e\x22\1\0" + first + attribute(1, 0x00069003, properties(values))
    for each in files:
        data = each.get(0x3701, b"")
        output += attribute(2, 0x00069002, bytes(14))
        if data.startswith(b"\x78\x9f\x3e\x22"):
            each = {**each, 0x3701: bytes.fromhex("0703020000000000c000000000000046") + data}
        elif data:
            output += attribute(2, 0x0006800F, data)
            each = {tag: value for tag, value in each.items() if tag != 0x3701}
        output += attribute(2, 0x00069005, properties(each))
    return output


def sample_tnef() -> bytes:
    """A rich-text mail with a file and a message within."""
    codepage = attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    old = attribute(1, 0x00018004, "Holdet på år 1\0".encode("cp1252"))
    inner = build_tnef({0x0037: "inderst", 0x1000: "indre tekst"})
    files = [{0x3707: "liste.csv", 0x3701: b"a;b\nc;d\ne;f"}, {0x3001: "inderst", 0x3701: inner}]
    return build_tnef({0x1009: rich(WRAPPED), 0x8005: "navngivet"}, files, first=codepage + old)
