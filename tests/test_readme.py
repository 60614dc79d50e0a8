"""What the README says is so: its help is the real one, its commands and files exist, its example runs."""

from __future__ import annotations

import ast
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from detector import Scanner, cli, formats, mailboxes, policy, recognizers, tables
from detector.batch.rows import Row
from detector.batch.run import Run
from detector.budget import Limits
from detector.records import Decision

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
TEXT = README.read_text("utf-8")
HELP = re.compile(r"<!-- help: detector ?(\w*) -->\n```\n(.*?)```\n<!-- /help -->", re.DOTALL)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
COMMAND = [sys.executable, "-c", "from detector.cli import main; main()"]
COMMANDS = ("", "scan", "check", "policy", "models", "report", "train")


def real_help(command: str) -> str:
    """What `--help` prints, 80 columns wide."""
    environment = os.environ | {"COLUMNS": "80", "PYTHONPATH": str(ROOT)}
    words = [*COMMAND, *command.split(), "--help"]
    return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=True, timeout=60, env=environment).stdout


def words(text: str) -> list[str]:
    """The words of a help text; how names of arguments are bracketed, and where lines break, is up to the version of Typer."""
    return re.sub(r"<(?!da)[^>]*>|[\[\]{}]|\.\.\.", " ", text).split()


@pytest.mark.parametrize("command", COMMANDS)
def test_help(command: str, update_golden: bool) -> None:
    """The blocks are what the command prints; `--update-golden` writes them anew."""
    real = real_help(command)
    if update_golden:
        README.write_text(HELP.sub(lambda m: m[0].replace(m[2], real) if m[1] == command else m[0], README.read_text("utf-8")), "utf-8")
    blocks = dict(HELP.findall(README.read_text("utf-8")))
    assert words(blocks[command]) == words(real)


def test_every_command_has_its_help() -> None:
    """No command is left untold."""
    listed = re.findall(r"^  (\w+)  ", real_help("").partition("Commands:")[2], re.MULTILINE)
    assert ["", *listed] == [name for name, _ in HELP.findall(TEXT)] == list(COMMANDS)


def shell_lines() -> list[str]:
    """Each command of ours in the README and in the examples of its help, up to a pipe or redirection."""
    inline = re.findall(r"`(detector [^`]+)`", TEXT)
    blocks = [line.strip() for language, block in FENCED.findall(TEXT) if language != "python" for line in block.splitlines()]
    lines = [*inline, *(line for line in blocks if line.startswith("detector "))]
    commands = (re.split(r" [|<>] | {3,}|  (?=and )", line)[0] for line in lines)
    return list(dict.fromkeys(command for command in commands if "…" not in command))


@pytest.mark.parametrize("line", shell_lines())
def test_commands_exist(line: str) -> None:
    """Each is a command of ours with options that it has, and takes files where files are given."""
    _, command, *rest = shlex.split(line)
    if command == "--version":
        return
    told = real_help(command)
    assert command in COMMANDS
    for option in (word for word in rest if re.match(r"--?[a-z]", word)):
        assert re.search(rf"(^|[\s,]){option}[\s,]", told), option
    for path in (word for word in rest if word.startswith(("corpora/", "detector/"))):
        assert (ROOT / path).exists()


def test_some_commands_were_found() -> None:
    """The search above works."""
    assert len(shell_lines()) > 8


def test_library_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs as it stands, and gives what the comments say."""
    (code,) = [block for language, block in FENCED.findall(TEXT) if language == "python"]
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(compile(ast.parse(code), "README.md", "exec"), names)
    verdict, scanner = names["verdict"], names["scanner"]
    assert isinstance(scanner, Scanner)
    assert verdict.decision is Decision.SECURE and "Decision.SECURE" in code  # type: ignore[attr-defined]
    assert verdict.counts.confidential_persons == 6  # type: ignore[attr-defined]
    assert verdict.counts.recipients == 2  # type: ignore[attr-defined]


def decisions_by_domain(found: list[Row]) -> list[tuple[object, ...]]:
    """What the SQL asks for."""
    counted = Counter(row["sender_domain"] for row in found if row["decision"] in ("secure", "block"))
    return sorted(counted.items())


EXAMPLES = {
    "duckdb": (lambda tool, text: sorted(tool.sql(text).fetchall()), decisions_by_domain),
    "pandas": (lambda tool, text: len(eval(text, {"pandas": tool})), lambda found: sum(row["decision"] == "secure" for row in found)),
    "polars": (lambda tool, text: len(eval(text, {"polars": tool})), lambda found: sum(bool(row["sensitive_persons"]) for row in found)),
}


@pytest.mark.parametrize("package", EXAMPLES)
def test_examples_over_a_run(package: str, whole: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They run as they stand, and give what the rows hold."""
    tool = pytest.importorskip(package, reason=f"{package} is not installed; the project does not need it")
    (tmp_path / "results").symlink_to(whole.folder)
    monkeypatch.chdir(tmp_path)
    (sql,), (python,) = ([block for language, block in FENCED.findall(TEXT) if language == kind] for kind in ("sql", "py"))
    text = sql if package == "duckdb" else next(line for line in python.splitlines() if line.startswith(package))
    run, expect = EXAMPLES[package]
    assert run(tool, text) == expect(list(whole.rows()))
    assert expect(list(whole.rows()))


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", TEXT))
def test_links(target: str) -> None:
    """What is linked to is there."""
    assert (ROOT / target).exists()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:detector|corpora|models|benchmarks|tests|\.ci)/[^`*{}]*)`", TEXT))))
def test_paths(path: str) -> None:
    """And what is named."""
    assert (ROOT / path).exists()


def test_names_in_the_code() -> None:
    """The tuples to add to, and the budgets that are promised."""
    assert formats.FORMATS and mailboxes.SOURCES and recognizers.RECOGNIZERS and tables.LANGUAGES and cli.Language
    told = re.search(r"its budgets \(([\w, ]+)\) are arguments", TEXT)
    assert told
    for word in told[1].split(", "):
        assert any(word in name for name in Limits.__dataclass_fields__), word


def test_categories() -> None:
    """The table of categories is the policy's."""
    rules = policy.load()
    for data_class in policy.CLASSES:
        row = re.search(rf"^\| {data_class} \| (.*) \|$", TEXT, re.MULTILINE)
        assert row
        assert sorted(re.findall(r"`(\w+)`", row[1])) == sorted(rules.of_class(data_class, rules.categories))


def test_tags() -> None:
    """And so are the tags."""
    row = re.search(r"^\| 1 \|.*$", TEXT, re.MULTILINE)
    assert row
    assert {tag.lower() for tag in re.findall(r"`\[(\w+)\]`", row[0])} == policy.load().tags


def test_exit_codes() -> None:
    """A gateway acts on them."""
    told = " ".join(real_help("check").split())
    assert "; ".join(f"{code} {decision}" for decision, code in cli.EXIT_CODES.items()) in told
