"""Outlook data files made for tests, as small as two readers take them.

Source: MS-PST, version 11: 2.2.2 (header, pages, blocks), 2.3 (heaps, tables), 2.4 (messages).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

TOP, ROOT, STORE = 0x8022, 0x122, 0x21
RECIPIENTS, ATTACHMENTS = 0x692, 0x671
INT, BOOL, OBJECT, TIME, TEXT, BINARY = 0x03, 0x0B, 0x0D, 0x40, 0x1F, 0x102
SENT = 132_543_078_720_000_000
"""5 January 2021, 09:11:12 UTC, in tenths of a microsecond since 1601."""

Value = str | bytes | int | bool


@dataclass(frozen=True)
class Attached:
    """A file or, where `message` is given, a message in a message."""

    name: str
    data: bytes = b""
    message: Mail | None = None


@dataclass(frozen=True)
class Mail:
    """One item of a folder; recipients are (type, name, address), where 1 is To, 2 Cc and 3 Bcc."""

    subject: str = ""
    text: str = ""
    html: bytes = b""
    rtf: bytes = b""
    headers: str = ""
    kind: str = "IPM.Note"
    recipients: tuple[tuple[int, str, str], ...] = ()
    attached: tuple[Attached, ...] = ()


@dataclass
class _File:
    """What is written so far: blocks and nodes, and where they are."""

    data: bytearray = field(default_factory=lambda: bytearray(0x4800))
    blocks: list[tuple[int, int, int]] = field(default_factory=list)
    nodes: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_block: int = 0
    last_node: int = 0x500

    def block(self, content: bytes, *, is_internal: bool = False) -> int:
        """A block, or a tree of them where one is too small; its number."""
        if len(content) > 8176:
            pieces = [self.block(content[at : at + 8176]) for at in range(0, len(content), 8176)]
            listed = struct.pack("<BBHI", 1, 1, len(pieces), len(content)) + b"".join(piece.to_bytes(8, "little") for piece in pieces)
            return self.block(listed, is_internal=True)
        self.last_block += 4
        number, place = self.last_block | (2 if is_internal else 0), len(self.data)
        self.data += content + bytes(-(len(content) + 16) % 64)
        self.data += struct.pack("<HHIQ", len(content), _signature(place, number), _crc(content), number)
        self.blocks.append((number, place, len(content)))
        return number

    def subnodes(self, entries: list[tuple[int, int, int]]) -> int:
        """A block that lists (node, data, subnodes); 0 where there are none."""
        if not entries:
            return 0
        listed = b"".join(struct.pack("<QQQ", *entry) for entry in sorted(entries))
        return self.block(struct.pack("<BBHI", 2, 0, len(entries), 0) + listed, is_internal=True)

    def new_node(self, kind: int) -> int:
        """A number for a node: 2 a folder, 4 a message, 5 an attachment, 31 anything inside a message."""
        self.last_node += 1
        return self.last_node << 5 | kind

    def tree(self, entries: list[bytes], *, size: int, kind: int, most: int) -> bytes:
        """Number and place of the root page of a tree of `entries`, which begin with their key."""
        level = 0
        while True:
            pages = [(entries[at][:8], self._page(entries[at : at + most], size, kind, level)) for at in range(0, len(entries), most)]
            if len(pages) == 1:
                return pages[0][1]
            entries = [key + reference for key, reference in pages]
            size, most, level = 24, 20, level + 1

    def _page(self, entries: list[bytes], size: int, kind: int, level: int) -> bytes:
        self.data += bytes(-len(self.data) % 512)
        place = len(self.data)
        self.last_block += 4
        body = b"".join(entries).ljust(488, b"\0") + struct.pack("<BBBBI", len(entries), 488 // size, size, level, 0)
        self.data += body + struct.pack("<BBHIQ", kind, kind, _signature(place, self.last_block), _crc(body), self.last_block)
        return struct.pack("<QQ", self.last_block, place)


def pst(folders: dict[str, list[Mail]], *, magic: bytes = b"SM") -> bytes:
    """An Outlook data file with these folders below the top of all mail."""
    file = _File()
    key = bytes(range(16))
    _add(file, STORE, 0, {0x0FF9: key, 0x3001: "Postkasse", 0x35E0: bytes(4) + key + TOP.to_bytes(4, "little")})
    _folder(file, ROOT, ROOT, "", [TOP], [])
    below = [file.new_node(2) for _ in folders]
    _folder(file, TOP, ROOT, "Top of Personal Folders", below, [])
    for folder, (name, mails) in zip(below, folders.items(), strict=True):
        messages = [file.new_node(4) for _ in mails]
        _folder(file, folder, TOP, name, [], messages)
        for node, mail in zip(messages, mails, strict=True):
            file.nodes.append((node, *_message(file, mail), folder))
    return _finish(file, magic)


def _folder(file: _File, node: int, parent: int, name: str, folders: list[int], messages: list[int]) -> None:
    """A folder and the tables of what is in it."""
    _add(file, node, parent, {0x3001: name, 0x3602: len(messages), 0x360A: bool(folders)})
    for offset, inside in ((11, folders), (12, messages)):
        file.nodes.append((node + offset, *_table(file, [{0x3602: 0}] * len(inside), ((0x3602, INT),), inside), 0))


def _add(file: _File, node: int, parent: int, values: dict[int, Value]) -> None:
    data, inner = _properties(file, values)
    file.nodes.append((node, data, file.subnodes(inner), parent))


def _message(file: _File, mail: Mail) -> tuple[int, int]:
    """Numbers of the blocks with a message and with what is in it."""
    values: dict[int, Value] = {0x001A: mail.kind, 0x0037: mail.subject, 0x0C1A: "Anna Holm", 0x0C1F: "anna@example.dk", 0x0C1E: "SMTP"}
    values |= {0x0042: "Anna Holm", 0x0065: "anna@example.dk", 0x0064: "SMTP"}
    values |= {0x1000: mail.text, 0x1013: mail.html, 0x1009: _packed(mail.rtf)}
    values |= {0x007D: mail.headers, 0x3FDE: 65001, 0x0E07: 1, 0x0E1B: bool(mail.attached)}
    values |= {number: "; ".join(name for kind_, name, _ in mail.recipients if kind_ == kind) for kind, number in _DISPLAYED.items()}
    data, inner = _properties(file, {number: value for number, value in values.items() if value not in ("", b"")} | {0x0039: _Time(SENT)})
    if mail.recipients:
        rows = [{0x0C15: kind, 0x3001: name, 0x3002: "SMTP", 0x3003: address} for kind, name, address in mail.recipients]
        inner.append((RECIPIENTS, *_table(file, rows, _RECIPIENT_COLUMNS, list(range(1, len(rows) + 1)))))
    if mail.attached:
        nodes = [file.new_node(5) for _ in mail.attached]
        rows = [{0x3705: 5 if each.message else 1, 0x3704: each.name, 0x0E20: len(each.data)} for each in mail.attached]
        inner.append((ATTACHMENTS, *_table(file, rows, _ATTACHMENT_COLUMNS, nodes)))
        inner += [(node, *_attachment(file, each)) for node, each in zip(nodes, mail.attached, strict=True)]
    return data, file.subnodes(inner)


def _packed(rtf: bytes) -> bytes:
    """Compressed as Outlook does it, without a repetition found. Source: MS-OXRTFCP 2.1.3."""
    if not rtf:
        return b""
    tokens = [bytes([byte]) for byte in rtf] + [((207 + len(rtf)) % 4096 << 4).to_bytes(2, "big")]
    runs = [tokens[at : at + 8] for at in range(0, len(tokens), 8)]
    content = b"".join(bytes([1 << len(run) - 1 if run is runs[-1] else 0]) + b"".join(run) for run in runs)
    return struct.pack("<II4sI", len(content) + 12, len(rtf), b"LZFu", _crc(content)) + content


def _attachment(file: _File, each: Attached) -> tuple[int, int]:
    values: dict[int, Value] = {0x3707: each.name, 0x3704: each.name, 0x3001: each.name, 0x0E20: len(each.data)}
    if each.message is None:
        data, inner = _properties(file, values | {0x3705: 1, 0x3701: each.data})
        return data, file.subnodes(inner)
    node = file.new_node(4)
    data, inner = _properties(file, values | {0x3705: 5, 0x3701: _Node(node)})
    return data, file.subnodes([*inner, (node, *_message(file, each.message))])


class _Time(int):
    """A point in time."""


class _Node(int):
    """An object that is another node."""


_DISPLAYED = {1: 0x0E04, 2: 0x0E03, 3: 0x0E02}
_RECIPIENT_COLUMNS = ((0x0C15, INT), (0x3001, TEXT), (0x3002, TEXT), (0x3003, TEXT))
_ATTACHMENT_COLUMNS = ((0x0E20, INT), (0x3704, TEXT), (0x3705, INT))


@dataclass
class _Heap:
    """Pieces of memory in one block; a large value is a node of its own."""

    file: _File
    inner: list[tuple[int, int, int]] = field(default_factory=list)
    pieces: list[bytes] = field(default_factory=list)

    def put(self, content: bytes) -> int:
        """Number of the piece, or of the node."""
        if len(content) > 400:
            node = self.file.new_node(31)
            self.inner.append((node, self.file.block(content), 0))
            return node
        return self.put_whole(content)

    def put_whole(self, content: bytes) -> int:
        """Number of the piece, whatever its size; 0 for none."""
        if not content:
            return 0
        self.pieces.append(content)
        return len(self.pieces) << 5

    def finish(self, root: int, client: int) -> int:
        """The number of the block with all of it."""
        places = [12]
        for piece in self.pieces:
            places.append(places[-1] + len(piece))
        end = places[-1] + places[-1] % 2
        index = struct.pack(f"<HH{len(places)}H", len(self.pieces), 0, *places)
        content = struct.pack("<HBBII", end, 0xEC, client, root, 0) + b"".join(self.pieces)
        return self.file.block(content.ljust(end, b"\0") + index)


def _properties(file: _File, values: dict[int, Value]) -> tuple[int, list[tuple[int, int, int]]]:
    heap = _Heap(file)
    records = b"".join(struct.pack("<HHI", number, *_stored(heap, values[number])) for number in sorted(values))
    root = heap.put(struct.pack("<BBBBI", 0xB5, 2, 6, 0, heap.put_whole(records)))
    return heap.finish(root, 0xBC), heap.inner


def _stored(heap: _Heap, value: Value) -> tuple[int, int]:
    """Type of a value, and itself or where it is."""
    if isinstance(value, bool):
        return BOOL, value
    if isinstance(value, _Time):
        return TIME, heap.put(struct.pack("<Q", value))
    if isinstance(value, _Node):
        return OBJECT, heap.put(struct.pack("<II", value, 0))
    if isinstance(value, int):
        return INT, value
    return (TEXT, heap.put(value.encode("utf-16-le"))) if isinstance(value, str) else (BINARY, heap.put(value))


def _table(file: _File, rows: list[dict[int, Value]], columns: tuple[tuple[int, int], ...], identifiers: list[int]) -> tuple[int, int]:
    """Numbers of the blocks with a table and with its large values."""
    heap = _Heap(file)
    every = ((0x67F2, INT), (0x67F3, INT), *columns)
    size = 4 * len(every)
    described = b"".join(
        struct.pack("<HHHBB", kind, number, 4 * at, 4, at) for at, (number, kind) in sorted(enumerate(every), key=lambda pair: pair[1])
    )
    bits = bytes([0xFF, 0xFF])
    matrix = b"".join(
        struct.pack("<II", identifier, 1) + b"".join(struct.pack("<I", _stored(heap, row[number])[1]) for number, _ in columns) + bits
        for identifier, row in zip(identifiers, rows, strict=True)
    )
    index = b"".join(struct.pack("<II", identifier, at) for identifier, at in sorted(zip(identifiers, range(len(rows)), strict=True)))
    row_index = heap.put(struct.pack("<BBBBI", 0xB5, 4, 4, 0, heap.put_whole(index)))
    info = struct.pack("<BB4HIII", 0x7C, len(every), size, size, size, size + 2, row_index, heap.put_whole(matrix), 0)
    root = heap.put(info + described)
    return heap.finish(root, 0x7C), file.subnodes(heap.inner)


def _finish(file: _File, magic: bytes) -> bytes:
    """The file with the trees of its nodes and blocks, and its header."""
    nodes = [struct.pack("<QQQII", node, data, subnodes, parent, 0) for node, data, subnodes, parent in sorted(file.nodes)]
    blocks = [struct.pack("<QQHHI", number, place, size, 2, 0) for number, place, size in sorted(file.blocks)]
    node_tree = file.tree(nodes, size=32, kind=0x81, most=15)
    block_tree = file.tree(blocks, size=24, kind=0x80, most=20)
    header = bytearray(564)
    struct.pack_into("<4s4x2sHHBB", header, 0, b"!BDN", magic, 23, 19, 1, 1)
    struct.pack_into("<QQQQ16s16sB", header, 184, len(file.data), 0x4400, 0, 0, node_tree, block_tree, 2)
    header[256:512] = b"\xff" * 256
    struct.pack_into("<BBHQ", header, 512, 0x80, 0, 0, file.last_block + 4)
    struct.pack_into("<I", header, 4, _crc(header[8:479]))
    struct.pack_into("<I", header, 524, _crc(header[8:524]))
    file.data[: len(header)] = header
    return bytes(file.data)


def _signature(place: int, number: int) -> int:
    mixed = (place ^ number) & 0xFFFFFFFF
    return (mixed >> 16 ^ mixed) & 0xFFFF


def _crc(data: bytes | bytearray) -> int:
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF
