"""Runs on a Ray cluster: the rows of a run by one process, whatever becomes of the workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from failing_worker import FailingActor
from runs_cases import Said, expected, failing, known, mailbox

from detector.batch import cluster, run
from detector.batch.messages import Setup
from detector.batch.plan import Shard
from detector.records import DetectorError

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "corpora" / "demo"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a cluster of two nodes with a processor each."""
    settings = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]), "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_AUTH_MODE": "disabled",  # else a token is written to the home of whoever runs this
        "RAY_worker_niceness": "0",  # else a busy machine lets the readers of attachments run out of time
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        pytest.importorskip("ray", reason="Ray is not installed: pip install '.[cluster]'")
        from ray.cluster_utils import Cluster

        node = {"num_cpus": 1, "object_store_memory": cluster.STORE, "include_dashboard": False}
        nodes = Cluster(initialize_head=True, head_node_args=node)
        nodes.add_node(**node)
        yield nodes.address
        nodes.shutdown()


def test_a_killed_worker_loses_nothing(address: str, whole: run.Run, tmp_path: Path) -> None:
    """SIGKILL of one in the middle: each row once, as one process gives them; what is logged is JSON and nothing of a message."""
    code = "from detector.batch import plan; plan.plan.__kwdefaults__['items'] = 20; from detector.cli import main; main()"
    command = [sys.executable, "-c", code, "scan", str(DEMO), "--run", str(tmp_path / "run"), "--ray", address, "--json-logs", "--quiet"]
    events = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr and process.stdout
        for line in process.stderr:
            events.append(json.loads(line))
            if events[-1]["event"] == "shard_done" and events[-1]["done"] == 1:
                os.kill([event["process"] for event in events if event["event"] == "worker_ready"][-1], signal.SIGKILL)
        assert process.stdout.read() == ""
    found = run.load(tmp_path / "run")
    assert known(found.rows()) == known(whole.rows())
    names = [event["event"] for event in events]
    assert (names[0], names[-1], process.returncode) == ("run_started", "run_ended", 0)
    assert names.count("worker_lost") == 1 and names.count("worker_ready") == 3
    assert sorted(event["shard"] for event in events if event["event"] == "shard_done") == [shard.number for shard in found.shards]
    assert all(path.suffix == ".parquet" for path in (found.folder / run.SHARDS).iterdir())


def test_workers_that_end(address: str, tmp_path: Path) -> None:
    """The item that ends two is a failure, the others are read."""
    bodies = [b"hej", b"end once", b"hej", b"end always", b"unforeseen"]
    said = Said()
    crew = cluster.Cluster(Setup(str(tmp_path), "00"), 2, address=address, on_item=said.on_item, tell=said, actor=FailingActor)
    assert failing(crew, tmp_path, bodies, items=4) == expected(bodies)
    said.check(bodies)


def test_other_versions_are_refused(address: str, tmp_path: Path) -> None:
    """A node with another version would give other rows."""
    setup = Setup(str(tmp_path), "00", versions={"detector": "0"})
    with pytest.raises(DetectorError, match="other versions"):
        list(on(address, setup).run([Shard(0, ())]))


def test_local(tmp_path: Path) -> None:
    """A cluster of this computer alone, begun and ended with the run, with Ray's own check of who asks; it says nothing of its own."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install '.[cluster]'")
    source = mailbox(tmp_path / "x.mbox", [b"hej"] * 3)
    command = [sys.executable, "-c", "from detector.cli import main; main()", "scan", str(source), "--run", str(tmp_path / "run"),
               "--ray", "local", "--workers", "1", "--quiet"]  # fmt: skip
    set_up = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
    set_up |= {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=set_up, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [row["position"] for row in run.load(tmp_path / "run").rows()] == [1, 2, 3]


def test_no_cluster_there() -> None:
    """An error that names the address."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install '.[cluster]'")
    with pytest.raises(DetectorError, match=r"127\.0\.0\.1:9"):
        list(on("127.0.0.1:9", Setup("", "00")).run([]))


def test_without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install."""
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(DetectorError, match="cluster"):
        on("local", Setup("", "00"))


def on(address: str, setup: Setup) -> cluster.Cluster:
    """A crew of one there."""
    return cluster.Cluster(setup, 1, address=address, on_item=lambda: None)
