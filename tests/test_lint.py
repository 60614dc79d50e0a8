"""The linter and the type checker, run as tests so that one command checks all."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("detector", "tests", "benchmarks", "models", "corpora")
LONGEST_FUNCTION, LONGEST_MODULE = 40, 310
"""Lines; the aim is 20 and 300."""


def run(*command: str) -> str:
    """What a tool says; "" where it is content."""
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_ruff() -> None:
    """Style; the settings stand in `pyproject.toml`."""
    pytest.importorskip("ruff", reason="needs the test extra")
    assert run("ruff", "check", "--no-cache", "--quiet", *CODE) == ""


def test_mypy(tmp_path: Path) -> None:
    """Types, strictly, of the package."""
    pytest.importorskip("mypy", reason="needs the test extra")
    assert run("mypy", "--cache-dir", str(tmp_path), "--strict", "detector") == ""


MODULES = [path for path in sorted((ROOT / "detector").rglob("*.py")) if path.name != "records.py"]  # which only lists


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    """A reader takes in a function at a glance and a module in a sitting."""
    text = path.read_text("utf-8")
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [f"{f.name} (line {f.lineno})" for f in functions if (f.end_lineno or 0) - f.body[0].lineno >= LONGEST_FUNCTION] == []
    assert text.count("\n") <= LONGEST_MODULE
