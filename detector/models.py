"""The trained files that ship with the package: where they are, whether they are whole, what their cards say."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

from detector.records import DetectorError

MANIFEST = "manifest.json"
CARDS = "cards.toml"


def folder() -> Path:
    """The folder of trained files: inside the installed package, or `models/trained` of a checkout.

    Raises DetectorError where neither is there.
    """
    here = Path(__file__).parent
    for path in (here / "trained", here.parent / "models" / "trained"):
        if (path / MANIFEST).is_file():
            return path
    raise DetectorError(f"{here / 'trained'}: no trained models ({MANIFEST} is missing); install the package again")


def verify() -> list[tuple[str, bool]]:
    """Each file of the manifest, and whether its SHA-256 is the one written there."""
    root = folder()
    files: dict[str, str] = json.loads((root / MANIFEST).read_text("utf-8"))["files"]
    return [(name, (root / name).is_file() and digest(root / name) == wanted) for name, wanted in files.items()]


def check() -> Path:
    """The folder, after every file in it was found to be the one that was published. Raises DetectorError naming the file."""
    for name, is_whole in verify():
        if not is_whole:
            raise DetectorError(f"{folder() / name}: is not the file of the manifest (SHA-256 differs); install the package again")
    return folder()


def digest(path: Path) -> str:
    """SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def version() -> str:
    """Version of the trained files as a whole."""
    return str(json.loads((folder() / MANIFEST).read_text("utf-8"))["version"])


def cards() -> list[tuple[str, str, str]]:
    """(name, version, description) of each model."""
    return [(c["name"], c["version"], c["description"]) for c in tomllib.loads((folder() / CARDS).read_text("utf-8"))["card"]]
