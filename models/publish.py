"""Writes the manifest of the trained files: the SHA-256 of each, and the version that verdicts name.

    python -m models.publish --trained models/trained --version 2026.11.25
"""

from __future__ import annotations

import argparse
from pathlib import Path

from detector.models import publish


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--trained", type=Path, required=True)
    options.add_argument("--version", required=True)
    chosen = options.parse_args()
    print(f"{publish(chosen.trained, chosen.version) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
