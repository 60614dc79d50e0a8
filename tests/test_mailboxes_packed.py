"""Packed mail: compressed files, zip and tar archives; each member is read or said to be unread, and nothing is left behind."""

import bz2
import gzip
import io
import lzma
import os
import random
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
import pyzipper

from detector.mailboxes import open_source, unpacking
from detector.records import Failure

ASCTIME = b"From anna@example.dk Tue Jan  5 10:11:12 2021\n"
A = b"From: anna@example.dk\nSubject: a\n\nHej\n"
B = b"From: bo@example.dk\nSubject: b\n\nDav\n"
MBOX = ASCTIME + A + b"\n" + ASCTIME + B
ODD = b"no header\n\nbut delivered\n"


def zstd(data: bytes) -> bytes:
    """Compressed with zstd."""
    module = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    return module.compress(data)


COMPRESSIONS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd}


def zipped(members: dict[str, bytes]) -> bytes:
    """A zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def tarred(members: dict[str, bytes], *, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def nothing_left(tmp_path_factory, monkeypatch):
    """No test leaves a temporary file, read to its end or not."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def read(path: Path) -> list[tuple[str, bytes | Failure]]:
    """Where each item lies in the source, and what it holds, after a check that the items account for themselves."""
    source = open_source(path)
    items = list(source)
    assert [item.position for item in items] == list(range(1, len(items) + 1))
    assert all((item.raw is None) != (item.failure is None) for item in items)
    assert source.count() in (None, len(items))
    return [(item.source.removeprefix(source.name), item.raw if item.failure is None else item.failure) for item in items]


def written(tmp_path: Path, data: bytes, name: str = "export") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


# ---------------------------------------------------------------- what is read


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
@pytest.mark.parametrize(("data", "found"), [
    (MBOX, [("", A), ("", B)]),
    (A, [("", A)]),
    (b"", [("", Failure.EMPTY)]),
    (b"%PDF-1.7", [("", Failure.NOT_A_MESSAGE)]),
    (tarred({"a/b.mbox": MBOX, "c.eml": A}), [("/a/b.mbox", A), ("/a/b.mbox", B), ("/c.eml", A)]),
], ids=["mbox", "eml", "empty", "other", "tar"])  # fmt: skip
def test_compressed(tmp_path, compress, data, found):
    assert read(written(tmp_path, compress(data))) == found


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zstd], ids=COMPRESSIONS)
def test_compressed_in_pieces(tmp_path, compress):
    """Compressed pieces one after the other, as logs and parallel programs write them, are one file."""
    assert read(written(tmp_path, compress(ASCTIME + A + b"\n") + compress(ASCTIME + B))) == [("", A), ("", B)]


TREE = {
    "export/inbox": MBOX,
    "export/a.eml": A,
    "export/Maildir/cur/1609841472.M1P2.mx,S=40:2,FRS": ODD,
    "export/Maildir/.Sent/new/1609841473.M1P2.mx": B,
    "export/Maildir/tmp/1609841474.M1P2.mx": B,
    "export/new/rapport.pdf": b"%PDF-1.7",
    "export/inbox.msf": b'// <!-- <mdb:mork:z v="1.4"/> -->',
    "export/empty.eml": b"",
    "export/old.mbox.gz": gzip.compress(ASCTIME + B),
    "../../etc/b.eml": B,
}
FOUND = [
    ("/export/inbox", A),
    ("/export/inbox", B),
    ("/export/a.eml", A),
    ("/export/Maildir/cur/1609841472.M1P2.mx,S=40:2,FRS", ODD),
    ("/export/Maildir/.Sent/new/1609841473.M1P2.mx", B),
    ("/export/Maildir/tmp/1609841474.M1P2.mx", Failure.UNDELIVERED),
    ("/export/new/rapport.pdf", Failure.NOT_A_MESSAGE),
    ("/export/inbox.msf", Failure.INDEX),
    ("/export/empty.eml", Failure.EMPTY),
    ("/export/old.mbox.gz", B),
    ("/etc/b.eml", B),
]


@pytest.mark.parametrize("data", [
    zipped(TREE),
    tarred(TREE),
    tarred(TREE, form=tarfile.GNU_FORMAT),
    tarred(TREE, form=tarfile.USTAR_FORMAT),
    gzip.compress(tarred(TREE)),
], ids=["zip", "pax", "gnu", "ustar", "tar.gz"])  # fmt: skip
def test_archives(tmp_path, data):
    """Mailboxes, messages, Maildirs and packed files in archives; every member is accounted for."""
    assert read(written(tmp_path, data)) == FOUND


def test_archive_in_a_folder(tmp_path):
    written(tmp_path, zipped({"in.eml": A, "deeper.zip": zipped({"b.eml": B})}), "a.zip")
    assert read(tmp_path) == [("/a.zip/in.eml", A), ("/a.zip/deeper.zip/b.eml", B)]


@pytest.mark.parametrize("member", ["[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"])
def test_document_is_no_archive_of_mail(tmp_path, member):
    """A docx, an odt or a program is one file, not a hundred."""
    assert read(written(tmp_path, zipped({"a": b"x", member: b"y", "b.eml": A}))) == [("", Failure.NOT_A_MESSAGE)]


def test_links_and_devices_in_tar(tmp_path):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind, target in ((tarfile.SYMTYPE, "/etc/passwd"), (tarfile.LNKTYPE, "a.eml"), (tarfile.FIFOTYPE, ""), (tarfile.DIRTYPE, "")):
            info = tarfile.TarInfo(f"kind-{kind.decode()}")
            info.type, info.linkname = kind, target
            archive.addfile(info)
    assert [found for _, found in read(written(tmp_path, buffer.getvalue()))] == [Failure.LINK, Failure.LINK, Failure.NOT_A_FILE]


# ---------------------------------------------------------------- what is not


def test_encrypted_member(tmp_path):
    """The others are read."""
    path = tmp_path / "export.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"hemmelig")
        archive.writestr("secret.eml", A)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("open.eml", B)
    assert read(path) == [("/secret.eml", Failure.ENCRYPTED), ("/open.eml", B)]


def test_nothing_to_decompress_with(tmp_path, monkeypatch):
    data = zstd(MBOX)
    for name in ("compression", "compression.zstd", "backports", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    assert read(written(tmp_path, data)) == [("", Failure.UNSUPPORTED)]


@pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)
def test_cut_file_is_read_as_far_as_it_goes(tmp_path, compress):
    """What could be unpacked is read, and that something is missing is said."""
    text = random.Random(1).randbytes(400_000).hex().encode()
    data = compress(MBOX + b"\n" + ASCTIME + B + text)
    found = [what for _, what in read(written(tmp_path, data[: len(data) // 2]))]
    assert found[-1] is Failure.DAMAGED
    assert found[:2] == [A, B] or compress is bz2.compress  # it gives a block of 900 KB whole or not at all


def test_damaged_member(tmp_path):
    """A wrong checksum costs that member's end, not the others."""
    data = zipped({"a.eml": A, "b.eml": B})
    wrong = data.replace(zipfile.ZipFile(io.BytesIO(data)).getinfo("a.eml").CRC.to_bytes(4, "little"), b"\1\2\3\4")
    found = read(written(tmp_path, wrong))
    assert (found[0], found[-1]) == (("/a.eml", Failure.DAMAGED), ("/b.eml", B))


PACKED = {
    "zip": zipped(TREE),
    "tar": tarred(TREE),
    **{name: compress(MBOX * 20) for name, compress in COMPRESSIONS.items() if name != "zst"},
}


@pytest.mark.parametrize("data", PACKED.values(), ids=PACKED)
def test_cut_and_flipped_files_never_raise(tmp_path, data):
    """Cut at ten points, and 60 random bytes flipped one at a time: always items that account for themselves."""
    generator = random.Random(5)
    broken = [data[: len(data) * cut // 10] for cut in range(1, 10)]
    for _ in range(60):
        flipped = bytearray(data)
        flipped[generator.randrange(6, len(data))] ^= 1 << generator.randrange(8)
        broken.append(bytes(flipped))
    for number, variant in enumerate(broken):
        (tmp_path / f"v{number}").mkdir()
        written(tmp_path / f"v{number}", variant)
        assert read(tmp_path / f"v{number}")


BOMB = ASCTIME + A + b"\0" * 40_000_000


@pytest.mark.parametrize("data", [
    gzip.compress(BOMB),
    bz2.compress(BOMB),
    lzma.compress(BOMB),
    zipped({"a.mbox": BOMB}),
    zipped({f"{number}.mbox": BOMB[:9_000_000] for number in range(9)}),
    gzip.compress(gzip.compress(BOMB)),
], ids=["gzip", "bzip2", "xz", "zip", "many", "twice"])  # fmt: skip
def test_bombs(tmp_path, data, monkeypatch):
    """What swells beyond all mail is given up soon, however it is wrapped."""
    monkeypatch.setattr(unpacking, "SMALL_BYTES", 1_000_000)
    started = time.monotonic()
    assert Failure.RATIO in [found for _, found in read(written(tmp_path, data))]
    assert time.monotonic() - started < 2


def test_quine_like_nesting_ends(tmp_path):
    data = A
    for _ in range(30):
        data = zipped({"again.zip": data})
    assert [found for _, found in read(written(tmp_path, data))] == [Failure.TOO_DEEP]


# ---------------------------------------------------------------- temporary files


def test_temporary_files_are_private(tmp_path, nothing_left):
    """Only the owner can enter the folder, and it goes when the reading is given up."""
    items = iter(open_source(written(tmp_path, gzip.compress(MBOX))))
    next(items)
    (folder,) = nothing_left.iterdir()
    assert folder.stat().st_mode & 0o077 == 0
    items.close()


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C")
@pytest.mark.parametrize(("sent", "code"), [("SIGINT", -2), ("SIGTERM", 143)])
def test_interrupt_leaves_nothing(tmp_path, nothing_left, sent, code):
    """Ctrl-C, or a service being stopped, in the middle of a mailbox."""
    program = (
        "import os, signal, sys; from pathlib import Path; from detector import cli; from detector.mailboxes import open_source\n"
        "cli.leave_when_told()\n"
        "items = iter(open_source(Path(sys.argv[1]))); next(items); print(len(os.listdir(os.environ['TMPDIR'])), flush=True)\n"
        f"os.kill(os.getpid(), signal.{sent})"
    )
    environment = os.environ | {"TMPDIR": str(nothing_left), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    path = written(tmp_path, gzip.compress(MBOX))
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert (done.stdout.strip(), done.returncode) == ("1", code)
