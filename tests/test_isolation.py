"""Parts read in processes of their own: the same as here, and whatever such a process does costs its part alone."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from golden_files import GOLDEN

from detector import content, formats, mime, wire
from detector.budget import Budget, Limits
from detector.isolation import Isolation
from detector.records import Part, Reading, Reason, Role

EML = sorted((Path(__file__).parents[1] / "corpora" / "demo" / "eml").glob("*.eml"))
HTML = b"<p>Hej</p><table><tr><td>Navn</td><td>CPR</td></tr></table>"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")


@pytest.fixture
def hostile() -> Iterator[Isolation]:
    """Processes that misbehave."""
    yield Isolation(module="hostile_worker", memory=2_000_000_000)
    gc.collect()


def ask(isolation: Isolation, name: str = "x", data: bytes = HTML, seconds: float = 20) -> Reading:
    """What reading a part gives; HTML is read by a library in C."""
    return isolation.read(Part("1", "text/html", data, name), role=Role.ATTACHMENT, budget=Budget(Limits(seconds=seconds)))


@pytest.mark.parametrize("path", EML, ids=lambda path: path.stem)
def test_the_same_as_here(path: Path) -> None:
    """Documents, attached messages, unread parts, defects and what was spent."""
    isolation = Isolation()
    here, there = Budget(Limits()), Budget(Limits())
    message = mime.parse(path.read_bytes(), budget=Budget(Limits()))
    own = content.read(message, budget=here)
    theirs = content.read(message, budget=there, reader=isolation.read)
    assert (own.documents, own.unread, own.defects, own.messages) == (theirs.documents, theirs.unread, theirs.defects, theirs.messages)
    assert (here.parts, here.rows, here.characters) == (there.parts, there.rows, there.characters)


def test_wire_keeps_everything() -> None:
    """Attached messages with their parts, bytes and lone surrogates."""
    inner = EML[0].read_bytes()
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n" + inner + b"\n--b--\n"
    message = mime.parse(raw, budget=Budget(Limits()))
    text = formats.read(Part("1", "text/plain", b"\xed\xa0\x80 hej"), role=Role.BODY, budget=Budget(Limits()))
    reading = Reading(text.documents, (message,))
    assert wire.loads(wire.dumps(reading)) == reading


@pytest.mark.parametrize(("what", "reason"), [
    ("crash", Reason.CRASHED),
    ("garbage", Reason.CRASHED),
    ("lie", Reason.CRASHED),
    ("endless", Reason.CRASHED),
    ("swell", Reason.CRASHED),  # a MemoryError that the real process would tell as such
    ("hang", Reason.TIMEOUT),
    ("half", Reason.TIMEOUT),
    ("drip", Reason.TIMEOUT),
])  # fmt: skip
@POSIX
def test_what_it_does_costs_its_part(hostile: Isolation, what: str, reason: Reason) -> None:
    """The next part is read all the same, and no process outlives its clock."""
    started = time.monotonic()
    reading = ask(hostile, what, seconds=0.5 if reason is Reason.TIMEOUT else 20)
    assert [u.reason for u in reading.unread] == [reason]
    assert time.monotonic() - started < 10
    assert ask(hostile).documents


@POSIX
def test_libraries_complain_to_nobody(tmp_path: Path) -> None:
    """What they print may quote what they read; pypdfium2 says of this form that it is only half able to read it."""
    (tmp_path / "form.pdf").write_bytes(GOLDEN["pdf-form-xfa"].build())
    code = (
        "from pathlib import Path; from detector.isolation import Isolation; from detector.budget import Budget\n"
        "from detector.records import Part, Role; part = Part('1', 'application/pdf', Path('form.pdf').read_bytes())\n"
        "print(len(Isolation().read(part, role=Role.ATTACHMENT, budget=Budget()).documents))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("1\n", "")


@POSIX
def test_no_file_is_written(hostile: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even in the folder that it was started in."""
    monkeypatch.chdir(tmp_path)
    ask(hostile, "write")
    assert [path.stat().st_size for path in tmp_path.iterdir()] in ([], [0])


@POSIX
def test_no_network(hostile: Isolation) -> None:
    """Refused by the kernel, where libseccomp is there."""
    pytest.importorskip("pyseccomp", reason="needs pyseccomp and libseccomp", exc_type=(ImportError, RuntimeError))  # type: ignore[arg-type]
    assert [block.text for block in ask(hostile, "network").documents[0].blocks] == ["refused: PermissionError"]  # type: ignore[union-attr]


@POSIX
def test_memory_that_runs_out_is_told() -> None:
    """The real process says so."""
    small = Isolation(memory=400_000_000)
    rows = b"<table>" + b"<tr><td>x</td></tr>" * 3_000_000
    assert {u.reason for u in ask(small, data=rows).unread} <= {Reason.MEMORY, Reason.CRASHED, Reason.ROWS, Reason.DAMAGED}
    assert ask(small).documents


def test_processes_are_kept_and_replaced(hostile: Isolation) -> None:
    """One serves many parts, one after another; after so many another takes its place."""
    def process(isolation: Isolation) -> str:
        return str(ask(isolation).documents[0].blocks[0].text)  # type: ignore[union-attr]

    assert len({process(hostile) for _ in range(5)}) == 1
    short = Isolation(module="hostile_worker", parts=2)
    assert len({process(short) for _ in range(6)}) == 3


def test_a_process_that_ended_while_idle_is_not_asked(hostile: Isolation) -> None:
    """The part is not to blame."""
    first = str(ask(hostile).documents[0].blocks[0].text)  # type: ignore[union-attr]
    os.kill(int(first.removeprefix("process ")), 9)
    time.sleep(0.3)
    assert ask(hostile).documents


def test_threads_share_it() -> None:
    """Each gets the answer to its own part."""
    isolation = Isolation()
    with ThreadPoolExecutor(4) as pool:
        texts = [f"<p>nummer {n}</p>".encode() for n in range(40)]
        found = list(pool.map(lambda data: ask(isolation, data=data).documents[0].blocks[0].text, texts))  # type: ignore[union-attr]
    assert found == [f"nummer {n}" for n in range(40)]


def test_our_own_readers_need_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain text, CSV and RTF are read here."""
    isolation = Isolation(module="no.such.module")
    part = Part("1", "text/plain", b"Hej Bo")
    assert isolation.read(part, role=Role.BODY, budget=Budget(Limits())).documents
    assert [u.reason for u in ask(isolation).unread] == [Reason.CRASHED]


def test_the_clock_counts_waiting() -> None:
    """A scan whose time is up asks nobody."""
    assert [u.reason for u in ask(Isolation(), seconds=0).unread] == [Reason.TIMEOUT]
