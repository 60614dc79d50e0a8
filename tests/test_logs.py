"""Logs of a run: lines of JSON on standard error, and nothing of a message in them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from runs_cases import mailbox

COMMAND = [sys.executable, "-c", "from detector.cli import main; main()", "scan"]
BODY = "Kære Mette Lund Hansen\n\nDit cpr er 010280-0008, og du er sygemeldt med en depression. Skriv til mette.privat@gmail.com.".encode()


def events(said: str) -> list[dict[str, Any]]:
    """Each line of what was said; not one is anything else."""
    return [json.loads(line) for line in said.splitlines()]


def scan(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command as it is."""
    return subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=300)


def test_a_run_is_logged(tmp_path: Path) -> None:
    """From its start to its end; the summary is printed as ever."""
    source = mailbox(tmp_path / "x.mbox", [BODY, BODY])
    done = scan(source, "--run", tmp_path / "run", "--workers", 1, "--json-logs", "--lang", "en")
    found = events(done.stderr)
    assert [event["event"] for event in found] == ["run_started", "worker_ready", "shard_done", "run_ended"]
    assert (found[0]["sources"][0]["path"], found[0]["items"]) == (str(source), 2)
    assert (found[2]["shard"], found[2]["flagged"], found[2]["done"], found[2]["of"]) == (0, 2, 1, 1)
    assert (found[3]["read"], found[3]["failed"], done.returncode) == (2, 0, 0)
    assert all(event["level"] == "info" and event["timestamp"] for event in found)
    assert "2" in done.stdout
    for word in ("Mette", "mette", "010280", "sygemeldt", "Hansen"):
        assert word not in done.stderr


def test_errors_are_logged(tmp_path: Path) -> None:
    """As a line too, with the exit code."""
    done = scan(tmp_path / "gone.mbox", "--run", tmp_path / "run", "--json-logs")
    (event,) = events(done.stderr)
    assert (event["event"], event["level"], event["exit_code"], done.returncode) == ("run_failed", "error", 2, 2)
    assert "gone.mbox" in event["error"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupts_are_logged(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    """However the run is told to end."""
    command = [*COMMAND, str(mailbox(tmp_path / "x.mbox", [BODY] * 3000)), "--run", str(tmp_path / "run"), "--json-logs"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        first = process.stderr.readline()
        time.sleep(0.2)
        os.kill(process.pid, sent)
        found = events(first + process.stderr.read())
    assert (found[0]["event"], found[-1]["event"], found[-1]["exit_code"]) == ("run_started", "run_interrupted", code)
    assert process.returncode == code


@pytest.mark.parametrize("option", [("--json-logs",), ("--ray", "local"), ("--resume",)])
def test_only_of_runs(tmp_path: Path, option: tuple[str, ...]) -> None:
    """A scan without a run directory has no events, and no workers."""
    done = scan(mailbox(tmp_path / "x.mbox", [BODY]), *option)
    assert done.returncode == 2
    assert "need --run" in done.stderr


def test_resume_needs_a_run(tmp_path: Path) -> None:
    """With --resume nothing is begun; without, a run that is there is gone on with all the same."""
    source, folder = mailbox(tmp_path / "x.mbox", [BODY]), tmp_path / "run"
    done = scan(source, "--run", str(folder), "--resume")
    assert (done.returncode, folder.exists()) == (2, False)
    assert "no run directory" in done.stderr
    assert [scan(source, "--run", str(folder), *option).returncode for option in ((), ("--resume",), ())] == [0, 0, 0]
