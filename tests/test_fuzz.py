"""Inputs that once broke a promise, or that reach far into a reader, keep it; see `fuzz_targets.py`."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from built_files import EML, RTF
from fuzz_targets import CORPUS, Broken, check_format, targets

from detector import formats, mime
from detector.formats.plugin import Format, Item, Source

INPUTS = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
ROOT = Path(__file__).parents[1]
RTF_FORMAT = next(each for each in formats.FORMATS if each.name == "rtf")
MEMORY_BYTES = 8_000_000_000


@pytest.fixture(autouse=True, scope="module")
def _ceiling() -> Iterator[None]:
    """An input on which memory swells fails here, before the machine does."""
    resource = pytest.importorskip("resource", reason="resource limits are POSIX")
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_promise_is_kept(path: Path) -> None:
    """Nothing is raised, and what comes back is within the budget."""
    targets()[path.parent.name](path.read_bytes())


def test_inputs_are_small_and_known() -> None:
    """Each target has some, none is of another, and none is more than a few KB."""
    assert {path.parent.name for path in INPUTS} == set(targets())
    assert [path.name for path in INPUTS if path.stat().st_size > 8_192] == []


def _failing(*, mistake: bool) -> Format:
    """RTF, whose reader comes upon damage or has a mistake in it."""

    def read(source: Source) -> Iterator[Item]:
        yield from RTF_FORMAT.read(source)
        raise (IndexError if mistake else ValueError)

    return dataclasses.replace(RTF_FORMAT, read=read)


def test_mistakes_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are taken for damage outside."""
    monkeypatch.setattr("fuzz_targets.OWN", str(Path(__file__).parent))
    monkeypatch.setattr(formats, "FORMATS", (_failing(mistake=False),))
    check_format(RTF_FORMAT, RTF)
    monkeypatch.setattr(formats, "FORMATS", (_failing(mistake=True),))
    with pytest.raises(Broken, match="mistake"):
        check_format(RTF_FORMAT, RTF)


def test_promises_of_mime_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parser that raises breaks it."""

    def parse(_raw: bytes, **_: object) -> None:
        raise IndexError

    monkeypatch.setattr(mime, "parse", parse)
    with pytest.raises(IndexError):
        targets()["mime"](EML)


def test_without_atheris() -> None:
    """Who has not installed the extra is told what to install."""
    code = "import sys; sys.modules['atheris'] = None; from benchmarks.fuzz import main; sys.exit(main([]))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (2, "Fuzzing needs Atheris: pip install '.[fuzz]'\n")
