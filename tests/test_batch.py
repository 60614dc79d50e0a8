"""Runs over mailboxes: every item once and in order, whatever comes between."""

from __future__ import annotations

import json
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from runs_cases import Said, expected, failing, known, mailbox

from detector.batch import plan, pool, rows, run, summing
from detector.batch.messages import Setup
from detector.mailboxes import open_source, pieces
from detector.records import DetectorError, Failure, Item
from detector.scanner import Scanner

DEMO = Path(__file__).parents[1] / "corpora" / "demo"
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with mailboxes, a Maildir, single messages, and what is no mail."""
    root = tmp_path / "export"
    (root / "Maildir" / "cur").mkdir(parents=True)
    (root / "Maildir" / "new").mkdir()
    (root / "Maildir" / "tmp").mkdir()
    for n in range(7):
        (root / "Maildir" / "cur" / f"{n}:2,S").write_bytes(b"Subject: cur %d\n\nhej" % n)
    mailbox(root / "a.mbox", [b"hej %d\n>From dem" % n for n in range(23)])
    mailbox(root / "b.mbox", [])
    (root / "c.eml").write_bytes(b"Subject: c\n\nhej")
    (root / "notes.txt").write_bytes(b"no mail at all")
    (root / "empty.eml").write_bytes(b"")
    return root


# ---------------------------------------------------------------- pieces and plan


@pytest.mark.parametrize("size", [1, 60, 300, 10_000_000])
def test_pieces_hold_every_item(tree: Path, size: int) -> None:
    """The same items in the same order as the source gives, however it is cut."""
    for path in (tree, tree / "a.mbox", tree / "c.eml", tree / "b.mbox", DEMO):
        source = open_source(path)
        cut = list(pieces.cut(source, size=size))
        assert [item for piece in cut for item in pieces.read(piece)] == list(source)
        assert all(piece.count == len(list(pieces.read(piece))) for piece in cut)


BODIES = st.sampled_from([b"hej", b"From the desk", b"\n\nFrom b@x.dk Tue Jan  5 10:11:12 2021\n", b"Content-Length: 3", b""])


@given(bodies=st.lists(BODIES, max_size=8), size=st.integers(1, 200))
def test_parts_of_a_mailbox_read_as_the_whole(tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes], size: int) -> None:
    """Whatever stands in the messages."""
    path = mailbox(tmp_path_factory.mktemp("mbox") / "x.mbox", bodies)
    source = open_source(path)
    assert [item.raw for piece in pieces.cut(source, size=size) for item in pieces.read(piece)] == [item.raw for item in source]


def test_a_mailbox_cut_short_is_told(tmp_path: Path) -> None:
    """What is missing of a part is a failure of its own."""
    path = mailbox(tmp_path / "x.mbox", [b"hej"] * 10)
    (piece,) = pieces.cut(open_source(path), size=10_000)
    path.write_bytes(path.read_bytes()[:200])
    assert len(list(pieces.read(piece))) < 10


def test_the_plan_is_the_same_each_time(tree: Path) -> None:
    """Shards of so many items, numbered, and as they were after being written down."""
    shards = list(plan.plan([open_source(tree)], size=400, items=5))
    assert shards == list(plan.plan([open_source(tree)], size=400, items=5))
    assert [shard.number for shard in shards] == list(range(len(shards)))
    assert len(shards) > 4
    assert [plan.of_json(json.loads(json.dumps(plan.to_json(shard)))) for shard in shards] == shards
    assert sum(shard.count or 0 for shard in shards) == len(list(open_source(tree)))


# ---------------------------------------------------------------- runs


def test_a_run_holds_what_a_scan_tells(whole: run.Run) -> None:
    """Each item once, in order, with the decision that a scanner gives."""
    scanner = Scanner.load()
    told = [(item.position, item.failure or scanner.scan(item.raw or b"").decision.value) for item in open_source(DEMO)]
    found = list(whole.rows())
    assert [(row["position"], row["failure"] or row["decision"]) for row in found] == told
    assert whole.manifest["items"] == len(found)
    assert all(row["sender_domain"].endswith(".example") for row in found if not row["failure"])
    tally = summing.tally(whole)
    assert tally.read + tally.failed == len(found)


def test_values_are_masked(whole: run.Run) -> None:
    """No digits of a CPR number behind the date, no names."""
    texts = [finding["text"] for row in whole.rows() for finding in row["findings"] or () if finding["category"] == "cpr"]
    assert texts
    assert all(text.endswith("****") for text in texts)


@POSIX
def test_files_are_their_owners(whole: run.Run) -> None:
    """Folders 0700, files 0600."""
    for path in (whole.folder, *whole.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path.name


def test_a_finished_run_has_nothing_to_do(whole: run.Run) -> None:
    """Calling it again reads nothing."""
    again = run.prepare(whole.folder, [DEMO], run.Options())
    assert again.missing() == []
    run.go_on(again, workers=1)


@pytest.mark.parametrize(("sources", "options", "said"), [
    ([DEMO / "eml"], run.Options(), "other sources"),
    ([DEMO], run.Options(show_values=True), "another policy"),
])  # fmt: skip
def test_a_run_of_something_else_is_refused(whole: run.Run, sources: list[Path], options: run.Options, said: str) -> None:
    """Results of two runs do not mix."""
    with pytest.raises(DetectorError, match=said):
        run.prepare(whole.folder, sources, options)


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """Nothing is written there."""
    (tmp_path / "letter.txt").write_text("hej")
    with pytest.raises(DetectorError, match="no run directory"):
        run.prepare(tmp_path, [DEMO], run.Options())
    with pytest.raises(DetectorError, match="no run directory"):
        run.load(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_damaged_file_is_named(whole: run.Run, tmp_path: Path) -> None:
    """And how to go on."""
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "shards").mkdir()
    for name in (run.MANIFEST, run.PLAN):
        (copy / name).write_bytes((whole.folder / name).read_bytes())
    (copy / "shards" / "000000.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(DetectorError, match=r"000000\.parquet.*delete it"):
        list(run.load(copy).rows())


@POSIX
def test_one_process_at_a_time(whole: run.Run) -> None:
    """The second is told so."""
    import fcntl

    with (whole.folder / run.LOCK).open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(DetectorError, match="another process"):
            run.go_on(whole, workers=1)


def test_a_plan_is_read_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers elsewhere find the sources, and who goes on with the run from another folder does."""
    mailbox(tmp_path / "x.mbox", [b"hej"])
    monkeypatch.chdir(tmp_path)
    made = run.prepare(Path("run"), [Path("x.mbox")], run.Options())
    assert [piece.path for shard in made.shards for piece in shard.pieces] == [str(tmp_path / "x.mbox")]


# ---------------------------------------------------------------- workers that end


@POSIX
@pytest.mark.parametrize("items", [1, 4, 100])
def test_a_worker_that_ends_loses_nothing(tmp_path: Path, items: int) -> None:
    """Its shard is read by another; the item that ends two is a failure, the others are read."""
    bodies = [b"hej", b"end once", b"hej", b"end always", b"hej", b"unforeseen", b"hej"] * 2
    said = Said()
    working = pool.Pool(Setup(str(tmp_path), "00"), 2, on_item=said.on_item, tell=said, module="failing_worker")
    assert failing(working, tmp_path, bodies, items=items) == expected(bodies)
    said.check(bodies)


@POSIX
def test_workers_that_cannot_begin(tmp_path: Path) -> None:
    """An error, not an endless loop."""
    working = pool.Pool(Setup(str(tmp_path), "00"), 1, on_item=lambda: None, module="no.such.module")
    with pytest.raises(DetectorError, match="before they have begun"):
        list(working.run(plan.plan([open_source(DEMO)])))


def test_a_wrong_setup_is_told(tmp_path: Path) -> None:
    """As the scanner says it."""
    working = pool.Pool(Setup(str(tmp_path), "00", policy=str(tmp_path / "none.toml")), 1, on_item=lambda: None)
    with pytest.raises(DetectorError, match=r"none\.toml"):
        list(working.run(plan.plan([open_source(DEMO)])))


@POSIX
def test_killed_and_resumed(whole: run.Run, tmp_path: Path) -> None:
    """SIGKILL at some moment, three times; then it goes on, and gives the same rows."""
    folder = tmp_path / "run"
    code = ("import sys; from pathlib import Path; from detector.batch import plan, run; plan.plan.__kwdefaults__['items'] = 4; "
            "run.go_on(run.prepare(Path(sys.argv[1]), [Path(sys.argv[2])], run.Options()), workers=2)")  # fmt: skip
    command = [sys.executable, "-c", code, str(folder), str(DEMO)]
    moments = random.Random(7)
    for _ in range(3):
        process = subprocess.Popen(command)
        time.sleep(moments.uniform(1, 6))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True)
    assert known(run.load(folder).rows()) == known(whole.rows())
    assert len(run.load(folder).shards) > 5
    assert not list((folder / "shards").glob("*.part"))


def test_an_item_without_a_message_is_a_row() -> None:
    """With its reason, and nothing else."""
    row = rows.of_failure(Item("x.mbox", 3, failure=Failure.TOO_LARGE), Failure.TOO_LARGE, show_values=True)
    assert (row["source"], row["position"], row["failure"], row["decision"]) == ("x.mbox", 3, "too-large", None)
