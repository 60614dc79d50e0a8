"""Outlook data files: both readers give the same messages, what is no mail is listed, and a broken file costs no more than itself."""

import os
import random
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
from built_pst import Attached, Mail, pst

from detector import mime
from detector.budget import Budget
from detector.mailboxes import libpff, open_source, readpst
from detector.records import Failure, Item, Message
from detector.scanner import Scanner

READERS = {
    reader.__name__.rpartition(".")[2]: pytest.param(
        reader, marks=pytest.mark.skipif(not reader.is_installed(), reason=f"{reader.__name__} is not installed")
    )
    for reader in (readpst, libpff)
}
both = pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
needs_both = pytest.mark.skipif(not (readpst.is_installed() and libpff.is_installed()), reason="needs readpst and libpff")

REAL = os.environ.get("DETECTOR_OUTLOOK_FILES")
"""A folder with real .pst and .ost files, on which the two readers are compared."""

RTF = rb"{\rtf1\ansi Kun rtf}"
ADDRESSED = Mail(
    "Første", "Hej Bo æøå", recipients=((1, "Bo Dam", "bo@example.dk"), (2, "Eva Lund", "eva@example.dk"), (3, "Ib Bæk", "ib@example.dk"))
)
WITH_HEADERS = Mail(
    "ikke denne",
    "tekst",
    headers="Received: from a by b\r\nFrom: Kim <kim@example.dk>\r\nTo: a@example.dk,\r\n b@example.dk\r\nSubject: Svar\r\n"
    "Message-ID: <1@example.dk>\r\nContent-Type: text/html\r\nDate: Wed, 6 Jan 2021 10:11:12 +0100\r\n",
    recipients=((1, "A", "a@example.dk"), (1, "B", "b@example.dk")),
)
WITH_FILES = Mail(
    "Filer",
    html="<p>Hej æ</p>".encode(),
    attached=(Attached("liste æ.csv", b"navn;cpr\n" * 2000), Attached("tom.txt", b"-")),
)
WITH_MESSAGE = Mail("Ydre", "ydre", attached=(Attached("Indre", message=Mail("Indre", "indre", attached=(Attached("x.txt", b"xx"),))),))
BOXES = {
    "Indbakke": [ADDRESSED, WITH_HEADERS, WITH_FILES, WITH_MESSAGE],
    "Sendt post": [Mail(f"Nr. {number}", "Hej") for number in range(12)],
    "Andet": [Mail("Kontakt", kind="IPM.Contact"), Mail("Møde", kind="IPM.Appointment"), Mail("Opgave", kind="IPM.Task")],
}


@pytest.fixture(scope="module")
def outlook(tmp_path_factory) -> Path:
    """The file of most tests."""
    path = tmp_path_factory.mktemp("outlook") / "export.pst"
    path.write_bytes(pst(BOXES))
    return path


@pytest.fixture(autouse=True)
def nothing_left(tmp_path_factory, monkeypatch):
    """No test leaves a temporary file."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def parsed(item: Item) -> Message:
    return mime.parse(item.raw, budget=Budget())


def found(reader, path: Path, *subjects: str) -> list[Message]:
    """The messages with these subjects."""
    messages = [parsed(item) for item in reader.read(path, name="x") if item.raw]
    return [next(message for message in messages if message.subject == subject) for subject in subjects]


# ---------------------------------------------------------------- what is in it


@both
def test_folders_and_what_is_no_mail(outlook, reader):
    """Every item of every folder, in order, and those that are no mail."""
    items = list(reader.read(outlook, name="x"))
    assert [(item.source, parsed(item).subject) for item in items if item.raw] == [
        *(("x/Indbakke", subject) for subject in ("Første", "Svar", "Filer", "Ydre")),
        *(("x/Sendt post", f"Nr. {number}") for number in range(12)),
    ]
    assert [(item.source, item.failure) for item in items if item.failure] == [("x/Andet", Failure.NOT_A_MESSAGE)] * 3


@both
def test_recipients_by_type(outlook, reader):
    """To, Cc and Bcc of a message that was sent from here, so that it has no headers of transport."""
    (message,) = found(reader, outlook, "Første")
    assert [[address.name for address in kind] for kind in (message.to, message.cc, message.bcc)] == [["Bo Dam"], ["Eva Lund"], ["Ib Bæk"]]
    assert (message.sender.email, message.date[:10]) == ("anna@example.dk", "2021-01-05")
    assert len(Scanner.load().scan(next(reader.read(outlook, name="x")).raw).recipients) == 3


@both
def test_transport_headers_are_kept(outlook, reader):
    """What they say goes before what Outlook says; how the parts were is told anew."""
    (message,) = found(reader, outlook, "Svar")
    assert [address.email for address in message.to] == ["a@example.dk", "b@example.dk"]
    assert (message.message_id, message.date[:10], len(message.received)) == ("<1@example.dk>", "2021-01-06", 1)
    assert message.parts[0].media_type == "text/plain"


@both
def test_attachments_and_html(outlook, reader):
    (message,) = found(reader, outlook, "Filer")
    body, *files = message.parts
    assert (body.media_type, body.data.decode(body.charset).strip()) == ("text/html", "<p>Hej æ</p>")
    assert {part.filename: part.data for part in files} == {"liste æ.csv": b"navn;cpr\n" * 2000, "tom.txt": b"-"}


@both
def test_message_in_a_message(outlook, reader):
    """readpst reads it, with its own attachments; libpff says that it is unread."""
    (item,) = [item for item in reader.read(outlook, name="x") if item.raw and parsed(item).subject == "Ydre"]
    message = parsed(item)
    if reader is readpst:
        (inner,) = message.attached
        assert (inner.subject, inner.parts[0].data.strip(), inner.parts[1].data) == ("Indre", b"indre", b"xx")
        assert b">From " not in item.raw
    else:
        assert [unread.part for unread in Scanner.load().scan(item.raw).unread] == ["2"]


@both
def test_rtf_body(tmp_path, reader):
    """The only body of some messages."""
    path = tmp_path / "rtf.pst"
    path.write_bytes(pst({"Indbakke": [Mail("Rtf", rtf=RTF)]}))
    (message,) = found(reader, path, "Rtf")
    assert [(part.filename, part.data.rstrip(b"\0")) for part in message.parts] == [("rtf-body.rtf", RTF)]


@both
def test_ost(tmp_path, reader):
    path = tmp_path / "x.ost"
    path.write_bytes(pst({"Indbakke": [ADDRESSED]}, magic=b"SO"))
    assert open_source(path).kind == "pst"
    assert len(found(reader, path, "Første")) == 1


# ---------------------------------------------------------------- the two readers


def shape(item: Item) -> dict[str, object]:
    """What both readers say of a message: recipients by the names that readpst gives, without the invitations that it makes itself."""
    message = parsed(item)
    names = [sorted({address.name or address.email for address in kind}) for kind in (message.to, message.cc, message.bcc)]
    files = sorted((part.filename or "", part.data) for part in message.parts if part.is_attachment and part.media_type != "text/calendar")
    words = {part.media_type: part.data.split() for part in message.parts if not part.is_attachment and part.media_type != "text/calendar"}
    return {
        "folder": item.source, "subject": message.subject, "id": message.message_id, "date": message.date, "to": names, "files": files,
        "sender": message.sender and (message.sender.name or message.sender.email), "words": words,
    }  # fmt: skip


def same(path: Path) -> int:
    """Number of messages, after a check that both readers give the same."""
    first, second = (sorted([shape(item) for item in reader.read(path, name="x") if item.raw], key=repr) for reader in (readpst, libpff))
    assert first == second
    return len(first)


@needs_both
def test_readers_agree(outlook):
    assert same(outlook) == 16


@needs_both
@pytest.mark.skipif(not REAL, reason="DETECTOR_OUTLOOK_FILES names no folder of real files")
def test_readers_agree_on_real_files():
    paths = [path for path in sorted(Path(REAL or "").iterdir()) if path.suffix in {".pst", ".ost"}]
    assert sum(same(path) for path in paths)


# ---------------------------------------------------------------- as a source


@pytest.mark.skipif(not libpff.is_installed(), reason="libpff is not installed")
def test_count(outlook, monkeypatch):
    """libpff tells it before it reads; a source says it where it is the reader."""
    monkeypatch.setattr(readpst, "PROGRAM", "no-such-program")
    source = open_source(outlook)
    assert source.count() == len(list(source)) == 19


def test_no_reader_installed(outlook, monkeypatch):
    monkeypatch.setattr(readpst, "PROGRAM", "no-such-program")
    monkeypatch.setattr(libpff, "is_installed", lambda: False)
    source = open_source(outlook)
    assert [(item.failure, item.position) for item in source] == [(Failure.UNSUPPORTED, 1)]
    assert source.count() is None


@pytest.mark.skipif(not readpst.is_installed(), reason="readpst is not installed")
def test_in_a_zip_archive(outlook, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(outlook, "mappe/export.pst")
    items = list(open_source(tmp_path / "x.zip"))
    assert [item.source for item in items][:1] == ["x.zip/mappe/export.pst/Indbakke"]
    assert len(items) == 19


# ---------------------------------------------------------------- broken and hostile files


@both
@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_cut_files(outlook, tmp_path, reader, cut):
    """What is left is read or not; that something is missing is said."""
    path = tmp_path / "cut.pst"
    data = outlook.read_bytes()
    path.write_bytes(data[: int(len(data) * cut)])
    assert list(reader.read(path, name="x"))[-1].failure is Failure.DAMAGED


@both
def test_flipped_files_never_raise(outlook, tmp_path, reader):
    """Random bytes flipped, most of them where something is written."""
    data = outlook.read_bytes()
    generator = random.Random(3)
    written = [at for at, byte in enumerate(data) if byte]
    for _ in range(8):
        flipped = bytearray(data)
        for at in generator.sample(written, 20):
            flipped[at] = generator.randrange(256)
        path = tmp_path / "flipped.pst"
        path.write_bytes(flipped)
        assert all((item.raw is None) != (item.failure is None) for item in reader.read(path, name="x"))


@both
def test_file_that_is_gone(tmp_path, reader):
    assert [item.failure for item in reader.read(tmp_path / "gone.pst", name="x")] == [Failure.UNREADABLE]


@pytest.mark.skipif(os.name != "posix", reason="the program of the test is a shell script")
def test_program_that_hangs(outlook, tmp_path, monkeypatch):
    """It is ended when its time is over, and what it has written is read."""
    program = tmp_path / "bin" / "readpst"
    program.parent.mkdir()
    writes = "mkdir $2/x; printf 'Subject: a\\n\\nHej\\n' > $2/x/1.eml"
    program.write_text(f"#!/bin/sh\nwhile [ $1 != -o ]; do shift; done\n{writes}\nexec sleep 100\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    monkeypatch.setattr(readpst, "START_S", 0.5)
    monkeypatch.setattr(readpst, "S_PER_MB", 0.0)
    started = time.monotonic()
    assert [item.raw or item.failure for item in readpst.read(outlook, name="x")] == [b"Subject: a\n\nHej\n", Failure.TIMEOUT]
    assert time.monotonic() - started < 5


@pytest.mark.skipif(not libpff.is_installed(), reason="libpff is not installed")
def test_reader_that_is_silent(outlook, monkeypatch):
    monkeypatch.setattr(libpff, "PATIENCE_S", 0.0)
    assert [item.failure for item in libpff.read(outlook, name="x")] == [Failure.TIMEOUT]


@pytest.mark.skipif(not readpst.is_installed(), reason="readpst is not installed")
def test_temporary_folder_is_private_and_goes(outlook, nothing_left):
    """Also when the reading is given up, as Ctrl-C does."""
    items = readpst.read(outlook, name="x")
    next(items)
    (folder,) = nothing_left.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    items.close()
    assert not folder.exists()
