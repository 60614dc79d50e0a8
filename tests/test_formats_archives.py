"""Archives and compressed files come back member by member; what is locked, damaged, unknown or a bomb is named, and nothing is written."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest
import pyzipper
import zstandard
from built_archives import (
    CONTENT,
    NAME,
    RAR4_LOCKED,
    RAR4_SOLID,
    RAR5_SOLID,
    SEVENZIP,
    SEVENZIP_LOCKED,
    SEVENZIP_NAMES_LOCKED,
    archives,
    packed,
    rar5,
    rar5_names_locked,
    tar,
)
from built_bombs import bombs, quine
from built_files import build_docx, build_odt, read, reasons, texts, zeros, zipped

from detector.formats import libarchive, members
from detector.records import Reading, Reason, Role


def _has_libarchive() -> bool:
    try:
        libarchive._library()
    except NotImplementedError:
        return False
    return True


needs_libarchive = pytest.mark.skipif(not _has_libarchive(), reason="needs the system's libarchive (libarchive13)")
LINES = "\n".join(["linje 0", *map(str, random.Random(1).choices(range(10**9), k=30_000))]).encode()
CPR = ("row 2, column 2", "300280-0008")


UNAIDED = ("tar", "gzip", "bzip2", "xz", "zstd", "zlib")


@pytest.mark.parametrize("kind", [*UNAIDED, *(pytest.param(kind, marks=needs_libarchive) for kind in ("7z", "iso", "rar"))])
def test_members_are_read(kind: str) -> None:
    """The list inside is read as the table that it is."""
    reading = read(archives()[kind])
    assert not reading.unread
    assert CPR in texts(reading)


@pytest.mark.parametrize("kind", ["tar", "7z", "rar"])
@needs_libarchive
def test_names_are_documents(kind: str) -> None:
    """A member's path tells things too."""
    reading = read(archives()[kind])
    assert NAME in [text for each in reading.documents if each.role is Role.FILENAME for _, text in texts(Reading((each,)))]


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["ustar", "gnu", "pax"])
@pytest.mark.parametrize("name", ["kort.txt", "mappe/" * 20 + "lang.txt", "mappe/" * 15 + "Læøå.txt"], ids=["short", "long", "letters"])
def test_tar_forms(form: int, name: str) -> None:
    """Names come whole from prefixes, GNU and pax headers, and those after them are not touched."""
    assert texts(read(tar({name: b"hej", "b": b"dig"}, form))) == [("", name), ("line 1", "hej"), ("", "b"), ("line 1", "dig")]


def test_old_tar_and_links() -> None:
    """A header without a mark is told by its checksum; links and folders have no bytes."""
    header = bytearray(512)
    header[:5], header[124:135], header[156:157] = b"a.txt", b"00000000003", b"0"
    header[148:156] = b"%06o\0 " % (sum(header) + 8 * 32)
    assert texts(read(bytes(header) + b"hej".ljust(512, b"\0") + bytes(1024))) == [("", "a.txt"), ("line 1", "hej")]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("x")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert reasons(read(buffer.getvalue())) == []


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.compress], ids=["gz", "bz2", "xz", "zst"])
def test_compressed_tar(pack: Callable[[bytes], bytes]) -> None:
    """A tar in a stream, and streams one after the other."""
    archive = tar({"a.csv": CONTENT})
    reading = read(pack(archive[:700]) + pack(archive[700:]), "alt.tgz")
    assert (reasons(reading), [each.part for each in reading.documents]) == ([], ["1.1.1", "1.1.1"])
    assert CPR in texts(reading)


def test_name_in_gzip() -> None:
    """The name that a gzip file keeps is read, and is the member's."""
    buffer = io.BytesIO()
    with gzip.GzipFile("Søren.csv", "wb", fileobj=buffer) as stream:
        stream.write(CONTENT)
    assert texts(read(buffer.getvalue(), "x.gz"))[0] == ("", "Søren.csv")
    assert read(gzip.compress(CONTENT), "liste.csv.gz").documents[0].file == "liste.csv"


# ---------------------------------------------------------------- locked, unknown


def _locked_zip(encryption: int | None) -> bytes:
    if encryption is None:  # ZipCrypto, which no library writes: the flag is what tells
        data = bytearray(zipped({"a.txt": b"hej"}, compression=zipfile.ZIP_STORED))
        for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            data[data.index(mark) + at] |= 1
        return bytes(data)
    buffer = io.BytesIO()
    with pyzipper.AESZipFile(buffer, "w", encryption=encryption) as archive:
        archive.setpassword(b"hemmeligt")
        archive.writestr("a.txt", "hej")
    return buffer.getvalue()


def _locked_package() -> bytes:
    """As LibreOffice 24.8 writes an encrypted text: one package in another."""
    kind = b"application/vnd.oasis.opendocument.text"
    return zipped({"mimetype": kind, "META-INF/manifest.xml": b"<m/>", "encrypted-package": b"x" * 99})


def _locked_odt() -> bytes:
    with zipfile.ZipFile(io.BytesIO(build_odt())) as archive:
        members_ = {name: archive.read(name) for name in archive.namelist()}
    members_["META-INF/manifest.xml"] += b"<manifest:encryption-data/>"
    return zipped(members_)


@pytest.mark.parametrize(
    "data, expected",
    [
        (_locked_zip(None), [("1.1", "encrypted")]),
        (_locked_zip(pyzipper.WZ_AES), [("1.1", "encrypted")]),
        pytest.param(SEVENZIP_LOCKED, [("1.2", "encrypted")], marks=needs_libarchive),
        (SEVENZIP_NAMES_LOCKED, [("1", "encrypted")]),
        (rar5({"a.txt": b"hej"}, locked=True), [("1.1", "encrypted")]),
        (rar5_names_locked(), [("1", "encrypted")]),
        (RAR4_LOCKED, [("1.1", "encrypted"), ("1.2", "encrypted")]),
        (_locked_odt(), [("1", "encrypted")]),
        (_locked_package(), [("1", "encrypted")]),
        (b"\x76\xe8\x04\x60\xc4\x11\xe3\x86" + bytes(range(100)), [("1", "encrypted")]),  # mail under rights management
    ],
    ids=["zip", "zip-aes", "7z", "7z-names", "rar5", "rar5-names", "rar4", "odt", "odt-package", "rpmsg"],
)
def test_locked(data: bytes, expected: list[tuple[str, str]]) -> None:
    """What is encrypted is said so, member by member where their names can be read."""
    assert reasons(read(data)) == expected


def test_names_of_locked_members_are_read() -> None:
    """Names are in the clear unless they are encrypted too."""
    assert texts(read(RAR4_LOCKED)) == [("", "file1.txt"), ("", "file2.txt")]


@needs_libarchive
def test_real_rar() -> None:
    """Compressed and solid archives; of what libarchive does not know the names are read, and the rest is said."""
    assert ("line 1", "000") in [(where, text[:3]) for where, text in texts(read(RAR5_SOLID))]
    reading = read(RAR4_SOLID)
    assert ("", "stest2.txt") in texts(reading)
    assert reasons(reading) == [("1.2", "unsupported")]


def test_without_libarchive(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has none, RAR is listed and 7z named."""

    def missing() -> None:
        raise NotImplementedError

    monkeypatch.setattr(libarchive, "_library", missing)
    reading = read(RAR5_SOLID)
    assert texts(reading) == [("", "stest1.txt"), ("", "stest2.txt")]
    assert reasons(reading) == [("1.1", "unsupported"), ("1.2", "unsupported")]
    assert reasons(read(SEVENZIP)) == [("1", "unsupported")]


# ---------------------------------------------------------------- damage


@pytest.mark.parametrize("kind", ["gzip", "bzip2", "xz", "zstd", "zlib"])
def test_cut_stream(kind: str) -> None:
    """What came out before the cut is kept, and the cut is told."""
    data = packed(LINES)[kind]
    reading = read(data[: len(data) * 3 // 4])
    assert any(text.startswith("linje 0\n") for _, text in texts(reading))
    assert reasons(reading) == [("1.1", "damaged")]


def test_tar_with_a_wrong_header() -> None:
    """The member that it describes is lost, the others are read."""
    data = bytearray(tar({"a": b"hej", "b": b"dig", "c": b"der"}, tarfile.USTAR_FORMAT))
    data[1024 + 10] ^= 1
    reading = read(bytes(data))
    assert [text for _, text in texts(reading)] == ["a", "hej", "c", "der"]
    assert reasons(reading) == [("1", "damaged")]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize("is_streamed", [False, True], ids=["sizes", "sizes-follow"])
def test_zip_without_its_directory(method: int, is_streamed: bool) -> None:
    """Members are found by their own headers, the cut one as far as it goes."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return not is_streamed

        def tell(self) -> int:
            if is_streamed:
                raise io.UnsupportedOperation
            return super().tell()

    buffer = Pipe()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        archive.writestr("a.csv", CONTENT)
        archive.writestr("b.txt", LINES)
    data = buffer.getvalue()
    reading = read(data[: len(data) * 3 // 4])
    assert CPR in texts(reading)
    assert any(text.startswith("linje 0\n") for _, text in texts(reading))
    assert {reason for _, reason in reasons(reading)} == {"damaged"}


def test_cut_document_is_read_as_a_zip() -> None:
    """A Word file without its end gives its words all the same."""
    data = build_docx()
    assert "Første afsnit" in " ".join(text for _, text in texts(read(data[:-300])))


def test_wrong_checksum() -> None:
    """A member whose checksum is wrong is read, and said damaged."""
    data = bytearray(zipped({"a.txt": b"hej med dig"}, compression=zipfile.ZIP_STORED))
    data[data.index(b"med")] ^= 1
    reading = read(bytes(data))
    assert [text for _, text in texts(reading)] == ["a.txt", "hej led dig"]
    assert reasons(reading) == [("1.1", "damaged")]


# ---------------------------------------------------------------- hostile


@pytest.mark.parametrize("name", ["../../etc/x.txt", "/etc/x.txt", "C:\\Windows\\x.txt", "a/./../x.txt"])
@pytest.mark.parametrize("pack", [zipped, tar, rar5], ids=["zip", "tar", "rar"])
def test_names_that_lead_out(pack: Callable[[dict[str, bytes]], bytes], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are read as names; no file is opened anywhere."""
    data = pack({name: b"hej"})
    monkeypatch.setattr("builtins.open", None)
    assert not any(".." in text for _, text in texts(read(data)))


@pytest.mark.parametrize("path, name", [("a\\b.txt", "b.txt"), ("..", ""), ("a/", "a"), ("", "")])
def test_file_name(path: str, name: str) -> None:
    """The last step of a path, of either system."""
    assert members.file_name(path) == name


BOMBS = bombs()


def test_quine() -> None:
    """It really unpacks to itself."""
    assert gzip.decompress(quine(b"r.gz")) == quine(b"r.gz")


def test_a_hundred_bombs() -> None:
    """Twenty of each kind, as the limit of two seconds is for a hundred."""
    assert {kind: len(each) for kind, each in BOMBS.items()} == dict.fromkeys(("flat", "overlapping", "nested", "quine", "many"), 20)


@pytest.mark.parametrize("number", range(20))
@pytest.mark.parametrize("kind", BOMBS)
def test_bomb(kind: str, number: int) -> None:
    """Each ends within two seconds of computing, and is said unread; of a great many empty members there is nothing to say."""
    begun = time.process_time()
    reading = read(BOMBS[kind][number])
    assert time.process_time() - begun < 2
    assert reading.unread or kind == "many"


@needs_libarchive
def test_sevenzip_bomb() -> None:
    """A solid archive is left at the first member that swells, as skipping one takes as long as reading it."""
    import libarchive as library

    taken: list[bytes] = []
    with library.custom_writer(lambda data: taken.append(bytes(data)) or len(data), "7zip") as archive:
        for name in ("a", "b"):
            archive.add_file_from_memory(name, 20_000_000, [bytes(1_000_000)] * 20)
    assert reasons(read(b"".join(taken))) == [("1", "ratio"), ("1.1", "ratio")]


def test_blanks_at_the_start_are_no_bomb() -> None:
    """Some megabytes of nothing before the text."""
    assert reasons(read(gzip.compress(b" " * 4_000_000 + LINES))) == []


def test_memory_that_a_stream_asks_for() -> None:
    """A window of 256 MB is not given."""
    options = {"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28, "mode": lzma.MODE_FAST, "nice_len": 4, "mf": lzma.MF_HC3}
    data = lzma.compress(b"hej" * 100, lzma.FORMAT_XZ, filters=[options])
    assert reasons(read(data)) == [("1.1", "damaged")]


def test_pax_header_of_digits() -> None:
    """Digits without end in a pax header cost no time."""
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 3_000_000
    begun = time.process_time()
    read(info.tobuf(tarfile.USTAR_FORMAT) + b"9" * 3_000_000)
    assert time.process_time() - begun < 1


def test_sizes_beyond_the_end() -> None:
    """A tar that promises terabytes, or less than nothing."""
    for size in (b"\x80" + (1 << 60).to_bytes(11, "big"), b"\xff" * 12, b"77777777777\0"):
        header = bytearray(tarfile.TarInfo("x").tobuf(tarfile.USTAR_FORMAT))
        header[124:136] = size
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
        assert "damaged" in {reason for _, reason in reasons(read(bytes(header) + b"hej"))} or size[0] == 0xFF


def test_zlib_is_told_by_trying() -> None:
    """Two bytes are not enough."""
    assert reasons(read(b"\x78\x9c" + bytes(range(255, -1, -1)) * 9)) == [("1", "unsupported")]
    assert texts(read(zlib.compress(b"hej"))) == [("line 1", "hej")]


def test_limits_hold_in_all() -> None:
    """Parts and depth are counted in every kind of archive."""
    many = tar({f"{number}": b"hej" for number in range(30)})
    assert (Reason.TOO_MANY_PARTS.value) in {reason for _, reason in reasons(read(many, parts=10))}
    deep = CONTENT
    for _ in range(9):
        deep = gzip.compress(deep)
    assert reasons(read(deep, depth=5)) == [("1.1.1.1.1.1.1", "too-deep")]
    assert reasons(read(zeros(50), unpacked_bytes=1_000_000)) == [("1.1", "ratio")]
