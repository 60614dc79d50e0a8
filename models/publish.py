"""Writes the manifest of the trained files: the SHA-256 of each, and the version that verdicts name.

    python -m models.publish --trained models/trained --version 2026.11.25
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from detector.models import CARDS, MANIFEST, digest


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--trained", type=Path, required=True)
    options.add_argument("--version", required=True)
    chosen = options.parse_args()
    files = sorted(p for p in chosen.trained.rglob("*") if p.is_file() and p.name not in (MANIFEST, CARDS))
    table = {"version": chosen.version, "files": {p.relative_to(chosen.trained).as_posix(): digest(p) for p in files}}
    (chosen.trained / MANIFEST).write_text(json.dumps(table, indent=1) + "\n", "utf-8")
    print(f"{len(files)} files, {sum(p.stat().st_size for p in files) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
