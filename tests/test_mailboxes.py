"""Mailboxes, folders and single messages: every message is read once, and what is not read says so."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.mailboxes import SOURCES, mbox, open_source, open_sources, single, supported, window
from detector.records import DetectorError, Failure

ASCTIME = b"From anna@example.dk Tue Jan  5 10:11:12 2021\n"
A = b"From: anna@example.dk\nSubject: a\n\nHej\n"
B = b"From: bo@example.dk\nSubject: b\n\nDav\n"


def read(path: Path) -> list[bytes | Failure]:
    """What each item of the source at `path` holds, after a check that the items account for themselves."""
    source = open_source(path)
    items = list(source)
    assert [item.position for item in items] == list(range(1, len(items) + 1))
    assert all((item.raw is None) != (item.failure is None) for item in items)
    assert source.count() in (None, len(items))
    return [item.raw if item.failure is None else item.failure for item in items]


def written(tmp_path: Path, data: bytes, name: str = "export") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


# ---------------------------------------------------------------- mbox


@pytest.mark.parametrize("postmark", [
    b"From anna@example.dk Tue Jan  5 10:11:12 2021",         # RFC 4155
    b"From anna@example.dk Tue Jan 05 10:11:12 2021",         # day with a zero
    b"From anna@example.dk Tue Jan  5 10:11 2021",            # no seconds
    b"From anna@example.dk Tue Jan  5 10:11:12 CET 2021",     # a zone before the year
    b"From 169@xxx Tue Jan 05 10:11:12 +0000 2021",           # Gmail
    b"From - Tue Jan 05 10:11:12 2021",                       # Thunderbird: no address
    b"From MAILER-DAEMON Tue Jan  5 10:11:12 2021",           # no domain
    b"From \"Anna Holm\" Tue Jan  5 10:11:12 2021",           # a name with a blank
    b"From anna@example.dk Tue, 5 Jan 2021 10:11:12 +0100",   # date of RFC 5322
    b"From anna@example.dk 2021-01-05 10:11:12",              # ISO date
    b"From ???@??? Tue Jan 05 10:11:12 2021",                 # Eudora
    b"From anna@example.dk",                                  # no date: the header after it tells
    b"From anna@example.dk Tue Jan  5 10:11:12 2021 remote from mx",  # UUCP's tail
])  # fmt: skip
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_mbox_dialects(tmp_path, postmark, newline):
    text = (postmark + b"\n" + A + b"\n" + postmark + b"\n" + B + b"\n").replace(b"\n", newline)
    assert read(written(tmp_path, text)) == [A.replace(b"\n", newline), B.replace(b"\n", newline)]


@pytest.mark.parametrize("body, count", [
    (b"\nFrom the desk of the dean\nHello\n", 1),                          # an empty line before, but neither date nor header
    (b"text\nFrom x Tue Jan  5 10:11:12 2021\ntext\n", 1),                 # a date, but in the middle of a paragraph
    (b"text\nFrom here: on\nTo: me\n", 1),                                 # a header-like line after, no more
    (b"text\nFrom x Tue Jan  5 10:11:12 2021\nSubject: c\n\nc\n", 2),      # a writer that leaves the empty line out
    (b"\nFrom x@example.dk\nSubject: c\n\nc\n", 2),                        # a writer without dates
    (b"\nFrom x Tue Jan  5 10:11:12 2021\n>From y\nSubject: c\n\nc\n", 2),  # a quoted postmark among the headers
    (b"\n>From x Tue Jan  5 10:11:12 2021\nSubject: c\n", 1),              # quoted, so text
    (b"", 1),                                                              # a message that ends with its headers
])  # fmt: skip
def test_mbox_boundaries(tmp_path, body, count):
    assert len(read(written(tmp_path, ASCTIME + b"Subject: a\n\n" + body))) == count


@pytest.mark.parametrize("quoted, plain", [
    (b">From me", b"From me"),        # mboxo and mboxrd
    (b">>From me", b">From me"),      # mboxrd: one level off
    (b"> From me", b"> From me"),     # a reply, never quoted by the mailbox
    (b">Fromage", b">Fromage"),       # another word
    (b"a >From me", b"a >From me"),   # not at the start of its line
])  # fmt: skip
def test_mbox_unquotes(tmp_path, quoted, plain):
    head = b"Subject: a\n\n"
    assert read(written(tmp_path, ASCTIME + head + quoted + b"\n\n")) == [head + plain + b"\n"]


INNER = b"see:\n\nFrom x@example.dk Tue Jan  5 10:11:12 2021\nSubject: inner\n\n>From kept\n"


@pytest.mark.parametrize("length, messages", [
    (len(INNER), 2),         # mboxcl2: what looks like a postmark lies inside the message
    (len(INNER) + 7, 3),     # a length that lands in the middle of something is not believed
    (10**11, 3),             # nor one beyond the end
    (0, 3),                  # nor one that lands on the text
])  # fmt: skip
def test_mbox_content_length(tmp_path, length, messages):
    first = b"content-length: %d\nSubject: a\n\n" % length + INNER
    found = read(written(tmp_path, ASCTIME + first + b"\n" + ASCTIME + B))
    assert len(found) == messages
    if messages == 2:
        assert found == [first, B]  # the quoted line is the writer's own


def test_mboxcl_is_unquoted(tmp_path):
    """mboxcl has lengths and quotes as well."""
    first = b"Content-Length: 10\n\n>From here"
    assert read(written(tmp_path, ASCTIME + first + b"\n\n" + ASCTIME + B)) == [b"Content-Length: 10\n\nFrom here\n", B]


@pytest.mark.parametrize("before", [b"\n\n", b"\r\n", b"\xef\xbb\xbf"])
def test_mbox_starts_late(tmp_path, before):
    """Empty lines or a byte order mark before the first message."""
    assert read(written(tmp_path, before + ASCTIME + A + b"\n" + ASCTIME + B)) == [A, B]


def test_mbox_empty_message_is_a_failure(tmp_path):
    assert read(written(tmp_path, ASCTIME + b"\n" + ASCTIME + B)) == [Failure.EMPTY, B]


def test_empty_file_holds_no_messages(tmp_path):
    assert read(written(tmp_path, b"", "export.mbox")) == []


def test_mbox_cut_short_while_read(tmp_path):
    """A mailbox that another program truncates ends in a failure, not in a crash of the process."""
    path = written(tmp_path, (ASCTIME + A + b"\n") * 100_000)
    items = iter(open_source(path))
    next(items)
    os.truncate(path, 10)
    failures = {item.position: item.failure for item in items if item.failure}
    assert list(failures.values()) == [Failure.CHANGED]
    assert next(iter(failures)) < 100_000


@given(st.binary(max_size=60), st.binary(min_size=1, max_size=3), st.integers(0, 60), st.integers(0, 60))
def test_window_equals_bytes(data, wanted, start, length):
    """Whatever the size of the window, finding and slicing are those of the bytes."""
    with tempfile.TemporaryFile(buffering=0) as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(window, "WINDOW_BYTES", 5)
        file.write(data)
        view = window.Window(file)
        assert view.find(wanted, start) == data.find(wanted, start)
        assert view[start : start + length] == data[start : start + length]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_mbox_memory_is_flat(tmp_path):
    """A mailbox of 200 MB is read within 100 MB."""
    path = tmp_path / "large.mbox"
    with path.open("wb") as file:
        for _ in range(200):
            file.write(ASCTIME + A + b"x" * 999_999 + b"\n\n")
    program = (
        "import re, sys; from pathlib import Path; from detector.mailboxes import open_source\n"
        "count = sum(len(item.raw) > 999_999 for item in open_source(Path(sys.argv[1])))\n"
        "print(count, int(re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]) // 1000)"
    )
    found = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True).stdout.split()
    assert int(found[0]) == 200
    assert int(found[1]) < 150


PIECES = [b"From ", b"\n", b"\r\n", b">", b"a: b\n", b"Tue Jan  5 10:11:12 2021\n", b"Content-Length: 9\n", b"\xff"]


@given(st.lists(st.sampled_from(PIECES)))
def test_spans_cover_any_bytes(pieces):
    """Spans lie in order, and nothing but "From " lines lies between them."""
    data = ASCTIME + b"".join(pieces)
    end = 0
    for span in mbox.spans(data):
        assert data[end:].startswith(b"From ")
        assert end < span.start <= span.end
        assert data[end : span.start].count(b"\n") <= 1
        end = span.end
    assert end == len(data)


# ---------------------------------------------------------------- single messages


@pytest.mark.parametrize("head", [
    b"Subject: a\n\nx",                               # one header
    b"\n\nReceived: from x\n\tby y\nSubject: a\n\n",  # empty lines first, a folded header
    b"\xef\xbb\xbfFrom: a@example.dk\n\nx",           # byte order mark
    b"X-Odd: 1\r\nMIME-Version: 1.0\r\n\r\nx",        # an unknown header first
    b"subject : a\n\n",                               # blank before the colon
])  # fmt: skip
def test_eml_is_recognised(tmp_path, head):
    path = written(tmp_path, head)
    assert open_source(path).kind == "eml"
    assert read(path) == [head]


@pytest.mark.parametrize("data, named", [
    (b"%PDF-1.7\n1 0 obj", "export.mbox"),             # another format under a mailbox's name
    (bytes(range(256)) * 9, "export.mbox"),            # binary
    (b"From the desk of the dean\nHello\n", "a.eml"),  # begins like a postmark, is a letter
    (b"Package: x\nVersion: 1\n", "control"),          # headers, but not of mail
    (b"Dear all,\nSubject: x\n", "a.txt"),             # a header further down
    (b"   ", "blank.mbox"),                            # nothing but blanks
])  # fmt: skip
def test_what_is_no_mail_is_refused(tmp_path, data, named):
    with pytest.raises(DetectorError, match=rf"{named} is no mail.*Supported: a mailbox"):
        open_source(written(tmp_path, data, named))


def test_missing_path_is_refused(tmp_path):
    with pytest.raises(DetectorError, match="gone cannot be read: No such file"):
        open_source(tmp_path / "gone")


def test_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DetectorError, match="neither a file nor a folder"):
        open_source(tmp_path / "pipe")


@pytest.mark.parametrize("data, error", [
    (A, None),                                         # a message
    (ASCTIME + A + b"\n", None),                       # a mailbox with one
    (ASCTIME + A + b"\n" + ASCTIME + B, "several"),    # with two
    (b"", "is empty"),                                 # nothing
    (b"PK\x03\x04", "holds no message"),               # something else
])  # fmt: skip
def test_single_message(data, error):
    if error:
        with pytest.raises(DetectorError, match=error):
            single.read_bytes(data, name="x")
    else:
        assert single.read_bytes(data, name="x") == A


# ---------------------------------------------------------------- folders


def make_maildir(path: Path, *messages: bytes) -> None:
    for sub in ("cur", "new", "tmp"):
        (path / sub).mkdir(parents=True)
    for number, raw in enumerate(messages):
        (path / ("cur" if number else "new") / f"{number}.host:2,S").write_bytes(raw)


def test_maildir(tmp_path):
    """Subfolders under their own names; what is not delivered, the server's files and others are listed."""
    root = tmp_path / "Maildir"
    make_maildir(root, A, B)
    make_maildir(root / ".Sent", A)
    (root / "tmp" / "half").write_bytes(b"Subject: half")
    (root / "dovecot-uidlist").write_bytes(b"3 V1")
    (root / "stray.pdf").write_bytes(b"%PDF")
    (root / "extra").mkdir()
    (root / "extra" / "b.eml").write_bytes(B)
    items = list(open_source(root))
    assert open_source(root).kind == "maildir"
    assert [(item.source, item.raw or item.failure) for item in items] == [
        ("Maildir", B),
        ("Maildir", A),
        ("Maildir", Failure.UNDELIVERED),
        ("Maildir/dovecot-uidlist", Failure.INDEX),
        ("Maildir/stray.pdf", Failure.NOT_A_MESSAGE),
        ("Maildir/.Sent", A),
        ("Maildir/extra/b.eml", B),
    ]


def test_folder_accounts_for_every_file(tmp_path):
    """Whatever lies in a folder is one item a message, or one failure."""
    root = tmp_path / "export"
    (root / "b").mkdir(parents=True)
    (root / "a.mbox").write_bytes(ASCTIME + A + b"\n" + ASCTIME + B)
    (root / "b" / "c.txt").write_bytes(A)
    (root / "note.docx").write_bytes(b"PK\x03\x04")
    (root / "nothing.eml").write_bytes(b"")
    (root / "loop").symlink_to(root)
    (root / "broken").symlink_to(root / "gone")
    os.mkfifo(root / "pipe")
    make_maildir(root / "m", A)
    assert {(item.source, item.failure) for item in open_source(root)} == {
        ("export/a.mbox", None),
        ("export/b/c.txt", None),
        ("export/m", None),
        ("export/note.docx", Failure.NOT_A_MESSAGE),
        ("export/nothing.eml", Failure.EMPTY),
        ("export/loop", Failure.LINK),
        ("export/broken", Failure.UNREADABLE),
        ("export/pipe", Failure.NOT_A_FILE),
    }
    assert len(read(root)) == 9  # two in a.mbox


def test_folder_order_does_not_depend_on_the_disk(tmp_path):
    for name in ("c", "a", "b.eml", "B.eml"):
        written(tmp_path, A, name)
    assert [Path(item.source).name for item in open_source(tmp_path)] == ["B.eml", "a", "b.eml", "c"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file_is_a_failure(tmp_path):
    written(tmp_path, A).chmod(0)
    assert read(tmp_path) == [Failure.UNREADABLE]


def test_file_that_vanishes_is_a_failure(tmp_path):
    for name in ("a", "b"):
        written(tmp_path, A, name)
    items = iter(open_source(tmp_path))
    next(items)
    (tmp_path / "b").unlink()
    assert next(items).failure is Failure.UNREADABLE


def test_name_that_is_no_utf8_can_be_written(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/bl\xe5.eml")).write_bytes(A)
    (item,) = open_source(tmp_path)
    assert item.source.encode().endswith("bl\N{REPLACEMENT CHARACTER}.eml".encode())


def test_deep_folders_are_walked(tmp_path):
    """Deeper than Python's recursion goes."""
    folders = [tmp_path.joinpath(*["d"] * depth) for depth in range(1, 1101)]
    for folder in folders:
        folder.mkdir()
    path = written(folders[-1], A)
    assert read(tmp_path) == [A]
    path.unlink()
    for folder in reversed(folders):  # pytest would remove them by recursion
        folder.rmdir()


# ---------------------------------------------------------------- several at once


def test_names_differ(tmp_path):
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder, A, "a.eml")
    assert [source.name for source in open_sources([tmp_path / "x/a.eml", tmp_path / "y/a.eml"])] == ["a.eml", "a.eml (2)"]


def test_same_path_twice_is_refused(tmp_path):
    path = written(tmp_path, A)
    with pytest.raises(DetectorError, match="given twice"):
        open_sources([path, path.parent / "." / path.name])


def test_every_kind_is_documented():
    assert all(kind.DESCRIPTION in supported() for kind in SOURCES)
    assert len({kind.KIND for kind in SOURCES}) == len(SOURCES)
