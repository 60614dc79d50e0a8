"""Outlook's messages and TNEF: headers, bodies, attachments and messages within come back whole; what is lost is said."""

from __future__ import annotations

import random
import struct
import time
from pathlib import Path
from typing import Any

import pytest
from built_files import build_xls, read, reasons, texts, zipped
from built_outlook import (
    CPR,
    HEADERS,
    NOTE,
    RECIPIENTS,
    WRAPPED,
    attribute,
    build_msg,
    build_tnef,
    compound,
    message,
    rich,
    sample_msg,
    sample_tnef,
)
from cprs import hyphenated, make

from detector import Scanner, content, outlook
from detector.budget import Budget, Limits
from detector.mailboxes import open_source, single
from detector.outlook import richtext
from detector.records import Failure, Message, Reason, Role


def parse(data: bytes, **limits: Any) -> Message:
    """The message in `data`, read under these limits."""
    return outlook.parse(data, budget=Budget(Limits(**limits)))


def said(message: Message, **limits: Any) -> list[tuple[str, str]]:
    """(part, text) of all that is read in a message."""
    read_ = content.read(message, budget=Budget(Limits(**limits)))
    found = []
    for document in read_.documents:
        for block in document.blocks:
            cells = [block] if hasattr(block, "text") else [cell for row in block.rows for cell in row]
            found += [(document.part, cell.text) for cell in cells]
    return found


def emails(message: Message) -> dict[str, list[tuple[str, str]]]:
    """Addresses and names by kind."""
    return {kind: [(each.email, each.name) for each in getattr(message, kind)] for kind in ("to", "cc", "bcc")}


# ---------------------------------------------------------------- headers


def test_headers_of_properties() -> None:
    """A message that was never sent over the internet tells all that headers would."""
    found = parse(build_msg({**NOTE, 0x1042: "<0@uni.example>"}, RECIPIENTS))
    assert (found.subject, found.date, found.message_id) == ("Holdet", "2024-01-17T21:20:00+00:00", "<1@uni.example>")
    assert found.references == ("<0@uni.example>",)
    assert found.sender is not None
    assert (found.sender.email, found.sender.name) == ("bo@uni.example", "Bo Holm")
    assert emails(found) == {
        "to": [("eva@uni.example", "Eva Dam")], "cc": [("ib@anden.example", "Ib Lund")], "bcc": [("aase@anden.example", "Åse Krog")],
    }  # fmt: skip


@pytest.mark.parametrize(
    "values, recipients, to",
    [
        ({}, [{0x0C15: 1, 0x3001: "Eva Dam", 0x3003: "/o=X/cn=eva"}], [("Eva Dam", "Eva Dam")]),  # known by name in the organisation only
        ({0x007D: HEADERS}, [{0x0C15: 1, 0x3001: "Eva Dam", 0x3003: "/o=X/cn=eva"}], [("eva@uni.example", "Eva Dam")]),  # the headers know
        ({0x007D: HEADERS}, RECIPIENTS[:1], [("eva@uni.example", "Eva Dam")]),  # both know
        ({0x007D: HEADERS}, [{0x0C15: 1, 0x3003: "ib@b.example"}], [("ib@b.example", ""), ("eva@uni.example", "Eva Dam")]),  # neither
        ({0x0E04: "Eva Dam; Ib Lund"}, [], [("Eva Dam", "Eva Dam"), ("Ib Lund", "Ib Lund")]),  # a draft without a table
        ({}, [{0x3001: "eva@uni.example", 0x3003: "EVA@uni.example"}], [("EVA@uni.example", "")]),  # no kind: a recipient all the same
        ({}, [{0x0C15: 0x10000001, 0x39FE: "eva@uni.example"}], [("eva@uni.example", "")]),  # with the flag "already sent"
    ],
    ids=["name-only", "name-and-header", "both", "union", "shown-names", "no-kind", "flagged"],
)
def test_recipients(values: dict[int, Any], recipients: list[dict[int, Any]], to: list[tuple[str, str]]) -> None:
    """Every recipient counts once, by the best address that is known."""
    assert emails(parse(build_msg(values, recipients)))["to"] == to


def test_headers_that_were_kept() -> None:
    """What only the transport knows comes from its headers; the subject is the one that the user sees."""
    found = parse(build_msg({0x007D: HEADERS, 0x0037: "Nyt emne"}))
    assert (found.subject, found.date, found.message_id) == ("Nyt emne", "2024-01-19T11:00:00+00:00", "<1@uni.example>")
    assert len(found.received) == 1
    assert found.references == ("<0@uni.example>",)


@pytest.mark.parametrize(
    "codepage, raw, text",
    [
        (1252, "Åse".encode("cp1252"), "Åse"),
        (1251, "Анна".encode("cp1251"), "Анна"),
        (65001, "Åse".encode(), "Åse"),
        (1200, "Åse".encode("cp1252"), "Åse"),  # "Unicode" is no code page of bytes
        (99999, "Åse".encode("cp1252"), "Åse"),
    ],
)
def test_strings_that_are_not_unicode(codepage: int, raw: bytes, text: str) -> None:
    """Old messages hold strings in the code page that they name."""
    assert parse(build_msg({0x3FFD: codepage, 0x0037: (raw,)})).subject == text


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    "values, kinds",
    [
        ({0x1000: "hej"}, ["text/plain"]),
        ({0x1000: "hej", 0x1013: b"<p>hej</p>"}, ["text/plain", "text/html"]),
        ({0x1013: "<p>hej</p>"}, ["text/html"]),
        ({0x1009: rich(WRAPPED)}, ["text/html"]),
        ({0x1013: b"<p>hej</p>", 0x1009: rich(WRAPPED)}, ["text/html"]),  # wrapped HTML is that HTML
        ({0x1013: b"<p>hej</p>", 0x1009: rich(rb"{\rtf1 andet}")}, ["text/html", "text/rtf"]),  # this is something else
        ({0x1009: struct.pack("<III", 25, 13, 0x414C454D) + bytes(4) + rb"{\rtf1 plain}"}, ["text/rtf"]),  # not packed
    ],
    ids=["plain", "plain-and-html", "html-string", "wrapped", "html-and-wrapped", "html-and-rich", "unpacked"],
)
def test_bodies(values: dict[int, Any], kinds: list[str]) -> None:
    """Every form of the body that tells something of its own is a part."""
    found = parse(build_msg({0x001A: "IPM.Note", **values}))
    assert [part.media_type for part in found.parts] == kinds
    assert not found.unread
    assert not any(part.is_attachment for part in found.parts)


def test_html_in_rich_text_keeps_its_table() -> None:
    """Name and number stand in one row; what is only for readers of RTF is left out; other alphabets are decoded by their font."""
    (_, row), *_ = [(part.index, part.data.decode()) for part in parse(build_msg({0x1009: rich(WRAPPED)})).parts]
    assert row == f"<table><tr><td>Søren Ærø</td><td class={{x}}>{CPR} А</td></tr></table>"
    assert ("1", "Søren Ærø") in said(parse(build_msg({0x1009: rich(WRAPPED)})))


@pytest.mark.parametrize("text", [b"{\\rtf1 " + b"ab" * 5000 + b"}", bytes(range(256)) * 40, b"{\\rtf1 x}", b"-" * 10_000], ids=len)
def test_compressed_rich_text(text: bytes) -> None:
    """What another program packs comes back, also text that repeats itself and more than the window holds."""
    assert richtext.unpack(rich(text), budget=Budget()) == (text, True)


@pytest.mark.parametrize("at", [17, 30, 60, -3])
def test_compressed_rich_text_cut(at: int) -> None:
    """What there is of it is read, and the rest said."""
    found = parse(build_msg({0x1009: rich(rb"{\rtf1 et langt brev om ingenting, der ender her}")[:at]}))
    assert [each.reason for each in found.unread] == [Reason.DAMAGED]


# ---------------------------------------------------------------- attachments


def test_sample() -> None:
    """All of a message is read at its place, the message within too."""
    found = said(parse(sample_msg()))
    assert {("", "Holdet"), ("1", f"Søren Ærø\t{CPR}"), ("2", "Søren Ærø"), ("3", "liste.csv"), ("3", "f")} <= set(found)
    assert {("4", "inderst"), ("4.1", "indre tekst")} <= set(found)


@pytest.mark.parametrize(
    "file, expected",
    [
        ({0x3705: 1, 0x3707: "tom.txt", 0x3701: b""}, []),  # empty is no loss
        ({0x3705: 7, 0x3707: "i skyen.docx"}, ["unsupported"]),  # a link
        ({0x3705: 2, 0x3707: "paa drevet.docx", 0x370D: "G:\\x.docx"}, ["unsupported"]),
        ({0x3705: 6, 0x3707: "tegning", 0x3701: {"CONTENTS": b"x"}}, ["unsupported"]),  # an OLE object
        ({0x3705: 5, 0x3701: {}}, ["damaged"]),  # a message without properties
        ({0x3705: 1, 0x3707: "a.zip", 0x3701: zipped({"a.txt": b"hej"})}, []),
        ({0x3705: 1, 0x3707: "a.bin", 0x3701: bytes(range(256)) * 20}, ["unsupported"]),
    ],
    ids=["empty", "cloud", "reference", "ole", "no-properties", "zip", "binary"],
)
def test_attachments_that_are_not_there(file: dict[int, Any], expected: list[str]) -> None:
    """A file that is only pointed to is not read, and that is said."""
    read_ = content.read(parse(build_msg(NOTE, [], [file])), budget=Budget())
    assert [each.reason.value for each in read_.unread] == expected


def test_signed_and_encrypted() -> None:
    """S/MIME keeps its meaning: a signed mail is opened, an encrypted one is known as such."""
    enveloped = bytes.fromhex("3080" "06092a864886f70d010703") + bytes(40)  # fmt: skip
    locked = parse(build_msg({0x001A: "IPM.Note.SMIME"}, [], [{0x3707: "smime.p7m", 0x3701: enveloped}]))
    assert (locked.media_type, [part.media_type for part in locked.parts]) == ("application/pkcs7-mime", ["application/pkcs7-mime"])
    entity = b"Content-Type: multipart/signed; boundary=x\r\n\r\n--x\r\n\r\nhej fra Bo\r\n--x--\r\n"
    file = {0x3707: "smime.p7m", 0x370E: "multipart/signed", 0x3701: entity}
    assert ("1.1", "hej fra Bo") in said(parse(build_msg({0x001A: "IPM.Note.SMIME.MultipartSigned"}, [], [file])))


def test_contact() -> None:
    """A contact tells its person in properties of its own."""
    values = {0x001A: "IPM.Contact", 0x0037: "Åse Krog", 0x3A1C: "12 34 56 78", 0x8083: "aase@anden.example", 0x8005: b"\1\2"}
    assert said(parse(build_msg(values)))[1:] == [("1", "12 34 56 78\naase@anden.example")]


# ---------------------------------------------------------------- TNEF


def test_tnef() -> None:
    """The body, the file and the message within, read as an attached mail."""
    reading = read(sample_tnef(), "winmail.dat", "application/ms-tnef")
    (found,) = reading.messages
    assert {("1", "Holdet på år 1"), ("1.1", "Søren Ærø"), ("1.2", "f"), ("1.3", "inderst"), ("1.3.1", "indre tekst")} <= set(said(found))
    assert not found.unread


@pytest.mark.parametrize(
    "data, expected",
    [
        (b"\x78\x9f\x3e\x22\1\0", ["damaged"]),  # a signature, no more
        (b"\x78\x9f\x3e\x22\1\0" + struct.pack("<BII", 1, 0x00069003, 0xFFFFFFFF) + bytes(9), ["damaged"]),  # 4 GB
        (build_tnef({})[:6] + attribute(1, 0x69003, b"\xff" * 4), ["damaged"]),  # as many properties, none there
        (build_tnef({})[:6] + attribute(1, 0x69003, struct.pack("<IHHI", 1, 0x1F, 0x37, 0xFFFFFFFF)), ["damaged"]),  # as many values
        (build_tnef({})[:6] + attribute(1, 0x69003, struct.pack("<IHHI", 1, 0x1003, 0x37, 0xFFFFFFFF)), []),  # values of no use
        (build_tnef({})[:6] + attribute(1, 0x69004, b"\xff" * 4 + bytes(400)), ["damaged"]),  # rows without properties
        (build_tnef({}, [{0x3707: "paa drevet.docx"}]), ["unsupported"]),
    ],
    ids=["signature", "length", "count", "values", "numbers", "rows", "reference"],
)
def test_tnef_damaged(data: bytes, expected: list[str]) -> None:
    """Counts that lie take neither memory nor time."""
    begun = time.monotonic()
    assert [each.reason.value for each in parse(data).unread] == expected
    assert time.monotonic() - begun < 1


# ---------------------------------------------------------------- limits and damage


def nested(levels: int) -> bytes:
    """A message in a message in a message …"""
    inner = message({0x001A: "IPM.Note", 0x1000: "inderst"})
    for _ in range(levels - 1):
        inner = message({0x001A: "IPM.Note"}, [], [{0x3705: 5, 0x3701: inner}])
    return build_msg({0x001A: "IPM.Note"}, [], [{0x3705: 5, 0x3701: inner}])


@pytest.mark.parametrize("levels, expected", [(20, []), (60, ["too-deep"])])
def test_depth(levels: int, expected: list[str]) -> None:
    """Messages within messages are read down to the limit."""
    read_ = content.read(parse(nested(levels)), budget=Budget())
    assert [each.reason.value for each in read_.unread] == expected
    assert ("inderst" in {text for _, text in said(parse(nested(levels)))}) is not expected


@pytest.mark.parametrize(
    "limits, expected",
    [({"parts": 10}, "too-many-parts"), ({"unpacked_bytes": 5_000}, "too-large"), ({"seconds": -1.0}, "timeout")],
)
def test_limits(limits: dict[str, Any], expected: str) -> None:
    """What lies over a limit is said; what was read before it is kept."""
    files = [{0x3707: f"{number}.txt", 0x3701: b"x" * 500} for number in range(30)]
    found = parse(build_msg(NOTE, [], files), **limits)
    assert expected in {each.reason.value for each in found.unread}
    assert len(found.parts) < 12
    assert expected == "timeout" or found.subject == "Holdet"


def test_storage_in_itself() -> None:
    """A directory that leads in a circle ends."""
    data = bytearray(build_msg(NOTE, [], [{0x3705: 5, 0x3701: {"x": b""}}]))
    at = data.find("__substg1.0_3701000D".encode("utf-16-le"))
    struct.pack_into("<I", data, at + 76, 1)  # its first child: the first stream of the root
    assert parse(bytes(data)).subject == "Holdet"


@pytest.mark.parametrize("data", [sample_msg(), sample_tnef()], ids=["msg", "tnef"])
def test_damage_never_raises(data: bytes) -> None:
    """Cut anywhere or flipped, a message is read or said unread."""
    chance = random.Random(1)
    for _ in range(200):
        flipped = bytearray(data)
        for _ in range(4):
            flipped[chance.randrange(len(data))] = chance.randrange(256)
        parse(bytes(flipped), seconds=5.0)
    for twentieth in range(1, 20):
        found = parse(data[: len(data) * twentieth // 20], seconds=5.0)
        assert found.unread or found.subject


# ---------------------------------------------------------------- where messages come from


def test_folder_of_messages(tmp_path: Path) -> None:
    """A .msg in a folder is a message, an old Office file beside it is none."""
    (tmp_path / "a.msg").write_bytes(sample_msg())
    (tmp_path / "b.xls").write_bytes(build_xls())
    (tmp_path / "c.msg").write_bytes(compound({"WordDocument": b""}))
    (tmp_path / "d.msg").write_bytes(sample_msg()[:600])
    items = list(open_source(tmp_path))
    assert [item.raw is not None for item in items] == [True, False, False, False]
    assert {item.failure for item in items} == {None, Failure.NOT_A_MESSAGE}
    assert open_source(tmp_path / "a.msg").kind == "msg"
    assert single.read_file(tmp_path / "a.msg") == sample_msg()


def test_scanned_as_any_message() -> None:
    """The verdict on a .msg rests on its recipients, its text and the file in it."""
    number = hyphenated(make(random.Random(3)))
    file = {0x3707: "liste.csv", 0x3701: f"Navn;CPR-nr.\nSøren Ærø;{number}\nBo;\n".encode()}
    verdict = Scanner.load().scan(build_msg(NOTE, RECIPIENTS, [file]))
    assert verdict.recipients == ("aase@anden.example", "eva@uni.example", "ib@anden.example")
    assert [finding.text for finding in verdict.findings if finding.category == "cpr"] == [number]
    assert (verdict.subject, verdict.message_id, verdict.unread) == ("Holdet", "<1@uni.example>", ())


def test_attached_message_is_read_like_any() -> None:
    """As an attachment its parts stand under its own."""
    reading = read(zipped({"a.msg": sample_msg()}))
    (found,) = reading.messages
    assert (found.part, [part.index for part in found.parts]) == ("1.1", ["1.1.1", "1.1.2", "1.1.3"])
    assert reasons(reading) == []
    assert [(each.role, each.part) for each in reading.documents] == [(Role.FILENAME, "1.1")]
    assert texts(reading) == [("", "a.msg")]
