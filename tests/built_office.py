"""Old Office documents written from their parts, each with just what its reader has to find."""

from __future__ import annotations

import struct
import zlib

from built_outlook import Tree, compound

CPR = "300280-0008"
ROW_END = "\x07!"
"""In a text: the mark that ends a row, told from one that ends a cell by the properties of its paragraph."""


def build_doc(
    text: str, *, asides: tuple[str, ...] = (), stories: tuple[int, ...] = (), flags: int = 0, old: bool = False, extra: Tree | None = None
) -> bytes:
    """A Word document: body, then footnotes, headers, macros, comments, endnotes, text boxes; every second piece in 16 bits."""
    texts = [text, *asides, *[""] * (7 - len(asides))]
    whole = "".join(texts)
    plain = whole.replace(ROW_END, "\x07")
    start = 2048
    if old:
        stream = _old_head(plain, [len(each.replace(ROW_END, "\x07")) for each in texts], start, flags)
        return compound({"WordDocument": stream.ljust(start, b"\0") + plain.encode("cp1252")})
    body, pieces, places = bytearray(), [], []
    for number, at in enumerate(range(0, len(plain), 20)):
        part = plain[at : at + 20]
        is_wide = number % 2 == 1 or not part.isascii()
        pieces.append((at, (start + len(body)) if is_wide else (start + len(body)) * 2 | 0x40000000))
        places += [start + len(body) + place * (2 if is_wide else 1) for place in range(len(part))]
        body += part.encode("utf-16-le" if is_wide else "cp1252")
    ends = [*[at for at, _ in pieces], len(plain)]
    clx = struct.pack(f"<{len(ends)}I", *ends) + b"".join(struct.pack("<HIH", 0, at, 0) for _, at in pieces)
    clx = b"\1\2\0\0\0\2" + struct.pack("<I", len(clx)) + clx
    headers = struct.pack(f"<{len(stories)}I", *stories)
    page_at = -(-(start + len(body)) // 512)
    paragraphs = _paragraphs(whole, places)
    table = struct.pack("<III", start, start + len(body), page_at)
    lists = headers + table + clx
    head = bytearray(898)
    struct.pack_into("<HH6xH", head, 0, 0xA5EC, 0xC1, flags)
    struct.pack_into("<8i", head, 76, *[len(each.replace(ROW_END, "\x07")) for each in texts])
    struct.pack_into("<II", head, 242, 0, len(headers))
    struct.pack_into("<II", head, 258, len(headers), len(table))
    struct.pack_into("<II", head, 418, len(headers) + len(table), len(clx))
    stream = (bytes(head).ljust(start, b"\0") + bytes(body)).ljust(page_at * 512, b"\0") + _page(paragraphs)
    return compound({"WordDocument": stream, "0Table": lists, **(extra or {})})


def _old_head(plain: str, counts: list[int], start: int, flags: int) -> bytes:
    head = bytearray(400)
    struct.pack_into("<HH6xH", head, 0, 0xA5DC, 104, flags)
    struct.pack_into("<II", head, 24, start, start + len(plain))
    struct.pack_into("<8i", head, 52, *counts)
    return bytes(head)


def _paragraphs(whole: str, places: list[int]) -> list[tuple[int, int]]:
    """First byte and kind of each: 0 outside a table, 1 in one, 2 the end of a row."""
    found, begin, at, skipped = [], 0, 0, 0
    while at < len(whole):
        if whole[at] in "\r\x07\x0c":
            ends_row = whole[at : at + 2] == ROW_END
            found.append((places[begin], 2 if ends_row else int(whole[at] == "\x07")))
            skipped += ends_row
            at += ends_row
            begin = at + 1 - skipped
        at += 1
    return found


def _page(paragraphs: list[tuple[int, int]]) -> bytes:
    """A page of properties: the last 60 bytes hold those of a cell and of the end of a row."""
    kinds = {0: 0, 1: 440 // 2, 2: 460 // 2}
    page = bytearray(512)
    ends = [place for place, _ in paragraphs]
    struct.pack_into(f"<{len(ends)}I", page, 0, *ends)
    for number, (_, kind) in enumerate(paragraphs):
        page[4 * (len(ends) + 1) + 13 * number] = kinds[kind]
    page[440:448] = b"\4" + struct.pack("<HHB", 0, 0x2416, 1) + b"\0\0"
    page[460:472] = b"\0\5" + struct.pack("<HHBHB", 0, 0x2416, 1, 0x2417, 1) + b"\0\0"
    page[511] = len(paragraphs)
    return bytes(page)


def sample_doc() -> bytes:
    """A letter with a table, header and footer, and an author."""
    rows = f"Navn\x07CPR-nr.\x07{ROW_END}Søren Ærø\x07{CPR}\x07{ROW_END}"
    return build_doc(f"Første afsnit\r{rows}Sidste\r", asides=("", "hoved\r"), extra={"\x05SummaryInformation": summary({4: "Åse Krog"})})


def summary(values: dict[int, str], *, codepage: int = 1252) -> bytes:
    """A set of properties."""
    texts = [(struct.pack("<IH2x", 2, codepage), 1)]
    for tag, text in values.items():
        raw = text.encode("utf-16-le" if codepage == 1200 else "cp1252") + b"\0\0"
        texts.append((struct.pack("<II", 0x1E, len(raw)) + raw + bytes(-len(raw) % 4), tag))
    at, heads, body = 8 + 8 * len(texts), b"", b""
    for raw, tag in texts:
        heads += struct.pack("<II", tag, at + len(body))
        body += raw
    section = struct.pack("<II", at + len(body), len(texts)) + heads + body
    return struct.pack("<HHI16xI", 0xFFFE, 0, 2, 1) + bytes(16) + struct.pack("<I", 48) + section


# ---------------------------------------------------------------- PowerPoint


def record(kind: int, content: bytes, *, instance: int = 0, container: bool = True) -> bytes:
    """One record of a presentation."""
    return struct.pack("<HHI", instance << 4 | (15 if container else 0), kind, len(content)) + content


def said(text: str) -> bytes:
    """A record of text, in bytes where it can be."""
    if all(ord(letter) < 256 for letter in text):
        return record(0x0FA8, text.encode("latin-1"), container=False)
    return record(0x0FA0, text.encode("utf-16-le"), container=False)


def shape(*texts: str, left: int = 0, top: int = 0) -> bytes:
    """A shape with these paragraphs."""
    anchor = record(0xF00F, struct.pack("<iiii", left, top, left + 9, top + 9), container=False)
    return record(0xF004, anchor + record(0xF00D, said("\r".join(texts))))


def drawn_table(rows: list[list[str]]) -> bytes:
    """A group of shapes that is a table, its cells in no order."""
    options = record(0xF122, struct.pack("<HI", 0x039F, 1), instance=1, container=False)
    cells = [shape(text, left=column * 10, top=number * 10) for number, row in enumerate(rows) for column, text in enumerate(row)]
    return record(0xF003, record(0xF004, options) + b"".join(reversed(cells)))


def build_ppt(slides: list[bytes], *, notes: str = "", earlier: str = "", file: bytes = b"", locked: bool = False) -> bytes:
    """A presentation: the title of each slide in the document, its shapes on the slide."""
    output, places = b"", {}
    if earlier:
        output += record(0x03EE, record(0xF004, record(0xF00D, said(earlier))))
    for number, content in enumerate(slides, 1):
        places[10 - number] = len(output)  # so that numbers do not follow places
        output += record(0x03EE, content)
    listed = b"".join(
        record(0x03F3, struct.pack("<IIIII", 10 - number, 0, 0, 255 + number, 0), container=False) + said(f"titel {number}")
        for number in range(1, len(slides) + 1)
    )
    output += record(0x03E8, record(0x0FF0, listed))
    if notes:
        output += record(0x03F0, record(0x03F1, struct.pack("<II", 256, 0), container=False) + record(0xF00D, said(notes)))
    if file:
        output += record(0x1011, struct.pack("<I", len(file)) + zlib.compress(file), instance=1, container=False)
    numbers = sorted(places)
    head = struct.pack("<I", len(numbers) << 20 | min(numbers, default=1))
    persisted = head + b"".join(struct.pack("<I", places[number]) for number in numbers)
    output += record(0x1772, persisted, container=False)
    output += record(0x0FF5, bytes(0x20 if locked else 0x1C), container=False)
    return compound({"PowerPoint Document": output})


def sample_ppt() -> bytes:
    """A slide with a table and notes."""
    return build_ppt([shape("fri tekst") + drawn_table([["Navn", "CPR-nr."], ["Søren Ærø", CPR]])], notes="husk ham")
