"""The trained files that ship with the package: where they are, whether they are whole, what their cards say."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from detector.records import DetectorError

MANIFEST = "manifest.json"
CARDS = "cards.toml"
FORMAT = 6
"""Of the files; a folder made for another one cannot be read."""


def folder() -> Path:
    """The folder of trained files: inside the installed package, or `models/trained` of a checkout.

    Raises DetectorError where neither is there.
    """
    here = Path(__file__).parent
    for path in (here / "trained", here.parent / "models" / "trained"):
        if (path / MANIFEST).is_file():
            return path
    raise DetectorError(f"{here / 'trained'}: no trained models ({MANIFEST} is missing); install the package again")


def verify(root: Path) -> list[tuple[str, bool]]:
    """Each file of the manifest, and whether its SHA-256 is the one written there. Raises DetectorError where there is no manifest."""
    return [(name, (root / name).is_file() and digest(root / name) == wanted) for name, wanted in _manifest(root)["files"].items()]


def check(root: Path | None = None) -> Path:
    """The folder (default: of the package), after every file in it was found to be the one that was published.

    Raises DetectorError naming the file.
    """
    root = root or folder()
    if _manifest(root).get("format") != FORMAT:
        raise DetectorError(f"{root}: was trained for another version of detector (format is not {FORMAT}); train it again")
    for name, is_whole in verify(root):
        if not is_whole:
            raise DetectorError(f"{root / name}: is not the file of the manifest (SHA-256 differs); install or train it again")
    return root


def digest(path: Path) -> str:
    """SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def publish(root: Path, version: str) -> int:
    """Writes the manifest: the SHA-256 of each file, and the version that verdicts name. Gives the size of all files in bytes."""
    files = sorted(p for p in root.rglob("*") if p.is_file() and p.name not in (MANIFEST, CARDS))
    table = {"version": version, "format": FORMAT, "files": {p.relative_to(root).as_posix(): digest(p) for p in files}}
    (root / MANIFEST).write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    return sum(p.stat().st_size for p in files)


def version(root: Path | None = None) -> str:
    """Version of the trained files as a whole."""
    return str(_manifest(root or folder())["version"])


def cards(root: Path) -> list[tuple[str, str, str]]:
    """(name, version, description) of each model."""
    return [(c["name"], c["version"], c["description"]) for c in tomllib.loads((root / CARDS).read_text("utf-8"))["card"]]


def _manifest(root: Path) -> dict[str, Any]:
    try:
        return dict(json.loads((root / MANIFEST).read_text("utf-8")))
    except OSError:
        raise DetectorError(f"{root}: no trained models ({MANIFEST} is missing)") from None
