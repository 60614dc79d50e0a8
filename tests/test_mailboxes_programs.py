"""Folders as mail programs keep them: Apple Mail, Thunderbird, Maildir++; and mailboxes too large for memory."""

import hashlib
import os
import random
from pathlib import Path

import pytest

from detector import mime
from detector.budget import Budget
from detector.mailboxes import apple, folder, mbox, open_source
from detector.mailboxes.source import LARGEST_MESSAGE_BYTES
from detector.mailboxes.window import Window
from detector.records import Failure, Message
from detector.scanner import Scanner

ASCTIME = b"From - Tue Jan 05 10:11:12 2021\n"
A = b"From: anna@example.dk\nSubject: a\n\nHej\n"
B = b"From: bo@example.dk\nSubject: b\n\nDav\n"
FLAGS = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>flags</key><integer>8623750145</integer></dict></plist>\n'


def emlx(raw: bytes) -> bytes:
    """A message as Apple Mail keeps it."""
    return f"{len(raw):<10}\n".encode() + raw + FLAGS


def put(root: Path, files: dict[str, bytes]) -> Path:
    """The files in a new folder."""
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def read(root: Path) -> list[tuple[str, bytes | Failure]]:
    """Path inside the source and content of each item, after a check that the count told before is theirs."""
    source = open_source(root)
    items = list(source)
    assert [item.position for item in items] == list(range(1, len(items) + 1))
    assert source.count() in (None, len(items))
    return [(item.source.removeprefix(source.name).lstrip("/"), item.raw if item.failure is None else item.failure) for item in items]


# ---------------------------------------------------------------- Apple Mail

PARTED = (
    b'From: anna@example.dk\nSubject: liste\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n'
    b"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nHej \xc3\xa6\n--b\n"
    b'Content-Type: text/csv; name="liste.csv"\nContent-Disposition: attachment; filename="liste.csv"\n'
    b"Content-Transfer-Encoding: base64\nX-Apple-Content-Length: 20\n\n\n--b\n"
    b'Content-Type: message/rfc822\n\nSubject: inner\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="c"\n\n--c\n'
    b"Content-Type: text/plain\n\ninner\n--c\nContent-Type: text/plain\nX-Apple-Content-Length: 9\n\n\n--c--\n--b--\n"
)


def parsed(raw: bytes) -> Message:
    return mime.parse(raw, budget=Budget())


def contents(message: Message) -> dict[str, bytes]:
    """Decoded parts by their number, attached messages included."""
    inner = [pair for attached in message.attached for pair in contents(attached).items()]
    return {part.index: part.data.strip() for part in message.parts} | dict(inner)


def test_apple_mail_folders(tmp_path):
    """Old and new folders; the programs' own files are listed, attachments that are copies of what a message holds are not."""
    root = put(tmp_path / "Mail", {
        "V10/X/INBOX.mbox/Info.plist": FLAGS,
        "V10/X/INBOX.mbox/U/Data/1/Messages/17.emlx": emlx(A),
        "V10/X/INBOX.mbox/U/Data/1/Messages/18.partial.emlx": emlx(B),
        "V10/X/INBOX.mbox/U/Data/1/Attachments/99/2/alone.pdf": b"%PDF-1.7",
        "Old.mbox/mbox": ASCTIME + A + b"\n" + ASCTIME + B,
        "Old.mbox/table_of_contents": b"\0\0\0\1",
        ".DS_Store": b"\0\0\0\1Bud1\0\0",
    })  # fmt: skip
    assert read(root) == [
        (".DS_Store", Failure.INDEX),
        ("Old.mbox/mbox", A),
        ("Old.mbox/mbox", B),
        ("Old.mbox/table_of_contents", Failure.NOT_A_MESSAGE),
        ("V10/X/INBOX.mbox/Info.plist", Failure.NOT_A_MESSAGE),
        ("V10/X/INBOX.mbox/U/Data/1/Attachments/99/2/alone.pdf", Failure.NOT_A_MESSAGE),
        ("V10/X/INBOX.mbox/U/Data/1/Messages/17.emlx", A),
        ("V10/X/INBOX.mbox/U/Data/1/Messages/18.partial.emlx", B),
    ]


@pytest.mark.parametrize("files", [
    {"Attachments/18/2/liste.csv": b"navn;cpr", "Attachments/18/3.2/x.txt": b"deep"},      # version 2 and later
    {"Messages/18.2.emlxpart": b"bmF2bjtjcHI=\n", "Messages/18.3.2.emlxpart": b"deep\n"},  # before: encoded, beside the message
])  # fmt: skip
def test_attachments_kept_apart_are_put_back(tmp_path, files):
    """Into the parts they were taken from, in an attached message too; they are no items of their own."""
    root = put(tmp_path / "x", {"Messages/18.partial.emlx": emlx(PARTED), **files})
    ((name, raw),) = read(root)
    assert name == "Messages/18.partial.emlx"
    assert isinstance(raw, bytes)
    assert contents(parsed(raw)) == {"1": "Hej æ".encode(), "2": b"navn;cpr", "3.1": b"inner", "3.2": b"deep"}


def test_attachments_that_are_not_there_are_unread(tmp_path):
    """A part without its content is no empty part."""
    ((_, raw),) = read(put(tmp_path / "x", {"Messages/18.partial.emlx": emlx(PARTED)}))
    verdict = Scanner.load().scan(raw)
    assert [unread.part for unread in verdict.unread] == ["2", "3.2"]


@pytest.mark.parametrize("raw", [A, PARTED], ids=["text", "parts"])
def test_attachments_that_no_part_asks_for_are_added(tmp_path, raw):
    root = put(tmp_path / "x", {"Messages/17.emlx": emlx(raw), "Attachments/17/9/blå.csv": b"navn;cpr"})
    ((_, found),) = read(root)
    message = parsed(found)
    assert (message.subject, message.parts[-1].filename, message.parts[-1].data) == (parsed(raw).subject, "blå.csv", b"navn;cpr")


@pytest.mark.parametrize(("data", "found"), [
    (emlx(A), [A]),
    (emlx(A)[:30], [A[: 30 - 11], Failure.DAMAGED]),   # cut in the message
    (b"9999999999\n" + A, [A, Failure.DAMAGED]),       # says to be longer than it is
    (b"38\r\n" + A, [A]),                              # another line break
    (b"0\n" + A, [Failure.EMPTY]),                     # says to be empty: what follows are flags
    (b"38\nno mail\n", [Failure.NOT_A_MESSAGE]),
])  # fmt: skip
def test_emlx(tmp_path, data, found):
    assert [what for _, what in read(put(tmp_path / "x", {"1.emlx": data}))] == found


def test_deep_nesting_does_not_raise(tmp_path):
    """Deeper than the standard library goes: the message is there, and that it is not whole is said."""
    deep = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(2000))
    raw = b"Subject: x\nX-Apple-Content-Length: 1\n" + deep
    items = list(open_source(put(tmp_path / "x", {"Messages/1.partial.emlx": emlx(raw)})))
    assert [item.raw or item.failure for item in items] == [raw, Failure.DAMAGED]


def test_flipped_partial_messages_never_raise(tmp_path):
    generator = random.Random(7)
    path = put(tmp_path, {"Attachments/1/2/liste.csv": b"navn;cpr", "Messages/1.partial.emlx": b""}) / "Messages/1.partial.emlx"
    for _ in range(200):
        raw = bytearray(PARTED)
        raw[generator.randrange(len(raw))] = generator.randrange(256)
        completed = apple.with_attachments(bytes(raw), path)
        assert completed is None or b"bmF2bjtjcHI=" in completed


# ---------------------------------------------------------------- Thunderbird and Maildir++


def test_thunderbird_profile(tmp_path):
    """Mailboxes without ending, their subfolders in .sbd, an empty one; indexes and settings are listed."""
    mork = b'// <!-- <mdb:mork:z v="1.4"/> -->\n< <(a=c)> >'
    root = put(tmp_path / "profile", {
        "Mail/pop.example.dk/Inbox": ASCTIME + b"X-Mozilla-Status: 0009\n" + A + b"\n" + ASCTIME + B,
        "Mail/pop.example.dk/Inbox.msf": mork,
        "Mail/pop.example.dk/Inbox.sbd/2024": ASCTIME + B,
        "Mail/pop.example.dk/Inbox.sbd/2024.msf": mork,
        "Mail/pop.example.dk/Trash": b"",
        "Mail/pop.example.dk/Trash.msf": mork,
        "prefs.js": b"// Mozilla User Preferences\n",
    })  # fmt: skip
    assert read(root) == [
        ("prefs.js", Failure.NOT_A_MESSAGE),
        ("Mail/pop.example.dk/Inbox", b"X-Mozilla-Status: 0009\n" + A),  # deleted, and still there
        ("Mail/pop.example.dk/Inbox", B),
        ("Mail/pop.example.dk/Inbox.msf", Failure.INDEX),
        ("Mail/pop.example.dk/Trash.msf", Failure.INDEX),
        ("Mail/pop.example.dk/Inbox.sbd/2024", B),
        ("Mail/pop.example.dk/Inbox.sbd/2024.msf", Failure.INDEX),
    ]


@pytest.mark.parametrize("flags", ["", ":2,", ":2,S", ":2,DFPRST", ":2,Sab", ";2,S", ",S=40,W=42:2,RS"])
def test_maildir_flags(tmp_path, flags):
    """Drafts and deleted messages are messages; some systems write the colon otherwise."""
    root = put(tmp_path / "Maildir", {f"cur/1609841472.M1P2.mx{flags}": b"whatever", ".Arkiv.2024/cur/1.x": A})
    for name in ("new", ".Arkiv.2024/new"):
        (root / name).mkdir()
    assert read(root) == [("", b"whatever"), (".Arkiv.2024", A)]


def test_folders_are_counted_where_it_is_cheap(tmp_path, monkeypatch):
    """Mailboxes and files, but not what is packed, and not when there are too many files."""
    put(tmp_path, {"a.mbox": ASCTIME + A + b"\n" + ASCTIME + B, "b.eml": A, "c.emlx": emlx(B), "d.pdf": b"%PDF"})
    assert open_source(tmp_path).count() == 5
    monkeypatch.setattr(folder, "COUNTED_FILES", 3)
    assert open_source(tmp_path).count() is None
    monkeypatch.undo()
    put(tmp_path, {"e.zip": b"PK\5\6" + bytes(18)})
    assert open_source(tmp_path).count() is None


# ---------------------------------------------------------------- large


class Skipping(Window):
    """A window that does not look for anything in the holes of a sparse file: four gigabytes of zeros take seconds."""

    def find(self, wanted: bytes, start: int) -> int:
        """As of `Window`, for what does not reach into a hole."""
        while start < len(self):
            start = os.lseek(self._file.fileno(), max(start, 0), os.SEEK_DATA)
            end = os.lseek(self._file.fileno(), start, os.SEEK_HOLE)
            found = self[start:end].find(wanted)
            if found >= 0:
                return start + found
            start = end
        return -1


@pytest.mark.skipif(not hasattr(os, "SEEK_HOLE"), reason="the system does not tell where the holes of a file are")
def test_mbox_over_4_gb(tmp_path, monkeypatch):
    """Read through a window: what lies beyond 2^32 is found. The file is sparse, and takes no room."""
    monkeypatch.setattr(mbox, "Window", Skipping)
    path = tmp_path / "large.mbox"
    beyond = 2**32 + 12345
    with path.open("wb") as file:
        file.write(ASCTIME + A + b"\n" + ASCTIME + B)
        file.seek(beyond)
        file.write(b"\n\n" + ASCTIME + A + b"\n")
    if path.stat().st_blocks * 512 > 1_000_000:
        pytest.skip("this file system writes the holes of a sparse file")
    assert beyond > 2 * LARGEST_MESSAGE_BYTES
    assert open_source(path).count() is None
    assert [what for _, what in read(path)] == [A, Failure.TOO_LARGE, A]


def test_order_and_bytes_do_not_change(tmp_path):
    """Reading twice gives the same."""
    put(tmp_path, {"Messages/1.partial.emlx": emlx(PARTED), "Attachments/1/2/liste.csv": b"navn;cpr", "b.eml": B})
    sums = [hashlib.sha256(repr(read(tmp_path)).encode()).hexdigest() for _ in range(2)]
    assert sums[0] == sums[1]
