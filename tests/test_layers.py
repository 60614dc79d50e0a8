"""Who may import whom: each layer knows those under it, nothing knows what is above it, and loading the package costs little."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import detector

ROOT = Path(detector.__file__).parent
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in sorted(ROOT.rglob("*.py"))}

LAYERS = (  # from the lowest; modules of one layer may know each other, in one direction
    ("records",),
    ("tables",),
    ("budget", "languages", "charsets", "plain", "processes", "transfer", "multipart", "ole"),
    ("headers", "mime", "outlook"),
    ("bounces",),
    ("transport", "formats"),
    ("content", "wire"),
    ("worker",),
    ("isolation", "repeats"),
    ("models", "judge", "windows", "words", "naming", "pipeline", "heads", "recognizers"),
    ("identity", "policy"),
    ("remedies",),
    ("threads",),
    ("people", "told", "rows", "subjects"),
    ("scanner", "training"),
    ("mailboxes", "report"),
    ("batch",),
    ("outcome", "terminal"),
    ("runs", "scanning"),
    ("cli",),
)
LEVEL = {name: level for level, layer in enumerate(LAYERS) for name in layer}

HEAVY = ("spacy", "sklearn", "onnxruntime", "tokenizers", "skops", "numpy", "selectolax", "lxml", "pypdfium2", "python_calamine", "rich",
         "pyarrow")
MODELS = ("spacy", "sklearn", "onnxruntime", "tokenizers", "skops")


def imports(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports anywhere but for type checking: "records", "formats.plugin"."""
    for node in runtime_nodes(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.removeprefix("detector.") for name in node.names if name.name.startswith("detector."))
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "detector":
            module = (node.module or "").partition(".")[2]
            for name in node.names:
                inner = ".".join(filter(None, (module, name.name)))
                yield inner if inner in MODULES else module


def runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING:`."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            yield from (inner for other in node.orelse for inner in (other, *runtime_nodes(other)))
        else:
            yield from runtime_nodes(node)


GRAPH = {name: {target for target in imports(path) if target} - {name} for name, path in MODULES.items()}


def layer_of(module: str) -> int:
    """The level of the module's first name."""
    return LEVEL[module.partition(".")[0]]


def test_every_module_has_a_layer() -> None:
    """A new module takes its place in the list."""
    assert {name.partition(".")[0] for name in MODULES} - {"__init__"} == set(LEVEL)


@pytest.mark.parametrize("module", [name for name in MODULES if name != "__init__"])
def test_nothing_imports_from_above(module: str) -> None:
    """A module knows its own layer and those under it."""
    assert [target for target in sorted(GRAPH[module]) if layer_of(target) > layer_of(module)] == []


def test_records_import_nothing_of_ours() -> None:
    """All that passes between layers stands there, and it stands alone."""
    assert GRAPH["records"] == set()


def test_there_are_no_circles() -> None:
    """Taking away what imports nothing that is left takes all away."""
    left = {name: set(targets) for name, targets in GRAPH.items()}
    while free := [name for name, targets in left.items() if not targets & set(left)]:
        left = {name: targets for name, targets in left.items() if name not in free}
    assert sorted(left) == []


@pytest.mark.parametrize("package", ["formats", "recognizers", "mailboxes", "report"])
def test_others_use_a_package_by_its_front(package: str) -> None:
    """What reads files knows nothing of what finds data, and the other way round."""
    others = {"formats": {"recognizers", "mailboxes", "report"}, "recognizers": {"formats", "mailboxes", "report"},
              "mailboxes": {"formats", "recognizers", "report"}, "report": {"formats", "recognizers", "mailboxes"}}
    inside = [name for name in MODULES if name.partition(".")[0] == package]
    assert [(name, target) for name in inside for target in GRAPH[name] if target.partition(".")[0] in others[package]] == []


def test_public_names() -> None:
    """`__all__` is what there is, sorted, and nothing else is promised."""
    assert detector.__all__ == sorted(detector.__all__)
    assert detector.__all__ == ["Decision", "DetectorError", "Envelope", "Finding", "Limits", "Scanner", "Subject", "Verdict"]
    for name in detector.__all__:
        assert getattr(detector, name).__name__ == name
    with pytest.raises(AttributeError):
        detector.nothing  # noqa: B018


def loaded_after(code: str, *, cwd: Path | None = None) -> set[str]:
    """Top-level names of the modules that a fresh interpreter has loaded after running `code`."""
    program = f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    paths = f"import sys; sys.path[:0] = [{str(ROOT.parent)!r}]\n"
    done = subprocess.run([sys.executable, "-c", paths + program], capture_output=True, text=True, check=True, timeout=120, cwd=cwd)
    return set(done.stdout.split())


@pytest.mark.parametrize(("code", "unwanted"), [
    ("import detector", HEAVY),
    ("import detector.cli", HEAVY),  # `--help` answers at once
    ("import detector.records, detector.policy; detector.policy.load()", HEAVY),
    ("import detector.mailboxes", HEAVY),
    ("import detector.recognizers, detector.subjects", MODELS),
    ("import detector.scanner", MODELS),
    ("from detector import Scanner; Scanner.load()", MODELS),  # read when the first message needs them
    ("from detector import Scanner; Scanner.load().scan(b'Subject: Hej\\n\\n')", MODELS),  # an empty mail needs none
])  # fmt: skip
def test_import_is_light(code: str, unwanted: tuple[str, ...], tmp_path: Path) -> None:
    """The models' libraries take a second and hundreds of megabytes: they are loaded when something has to be read."""
    assert sorted(set(unwanted) & loaded_after(code, cwd=tmp_path)) == []


@pytest.mark.parametrize("module", [name for name in MODULES if name != "__init__"])
def test_modules_say_what_they_are_for(module: str) -> None:
    """A sentence at the top of each."""
    said = importlib.import_module(f"detector.{module}").__doc__ or ""
    assert said.partition("\n\n")[0].strip().endswith(".")
