"""The files of `benchmarks.hostile`, built by the tests' builders in a process of their own, whose memory is not measured.

    python -m benchmarks.hostile_files FOLDER    writes files, damaged files, bombs and small mails with attachments into FOLDER
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from built_bombs import bombs
from built_files import samples
from golden_files import GOLDEN

from benchmarks.hostile_mail import mail
from detector.formats import FORMATS

CUTS = 10
FLIPPED = 200
"""Damaged files of each format."""
MOST_FLIPS = 8
"""Bytes that are changed in one of them."""
SMALL = ("docx", "xlsx", "pdf", "zip", "html")
MAILS = 500
MOST_ATTACHED = 3


def main() -> None:
    """Writes each file as GROUP/NAME, its name beginning with the kind that it is of."""
    target = Path(sys.argv[1])
    whole = {f"{kind}-sample": data for kind, data in samples().items()} | {name: golden.build() for name, golden in GOLDEN.items()}
    write(target / "whole", whole.items())
    write(target / "cut", cuts(whole))
    write(target / "flipped", flips(samples()))
    write(target / "bombs", ((f"{kind}-{number}", data) for kind, each in bombs().items() for number, data in enumerate(each)))
    small = {name: data for name, data in whole.items() if name.startswith(SMALL) and name in GOLDEN and not GOLDEN[name].needs_ocr}
    write(target / "mails", mails(small))


def write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Each under its name."""
    folder.mkdir(parents=True)
    for name, data in files:
        (folder / name).write_bytes(data)


def cuts(whole: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Each file cut at ten points."""
    for name, data in whole.items():
        for number in range(CUTS):
            yield f"{name}-cut{number}", data[: max(1, len(data) * (number + 1) // (CUTS + 1))]


def flips(samples: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Two hundred damaged files of each format: some bytes of a sample of its kinds changed, always at the same places."""
    chance = random.Random(2026)
    for each in FORMATS:
        kinds = [kind for kind in each.kinds if kind in samples]
        for number in range(FLIPPED):
            kind = kinds[number % len(kinds)]
            data = bytearray(samples[kind])
            for _ in range(chance.randint(1, MOST_FLIPS)):
                data[chance.randrange(len(data))] = chance.randrange(256)
            yield f"{kind}-sample-flip{number}", bytes(data)


def mails(small: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Mails with one to three small attachments each, the same kinds throughout."""
    chance = random.Random(2026)
    for number in range(MAILS):
        files = {f"{name}.{name.partition('-')[0]}": small[name] for name in chance.sample(sorted(small), chance.randint(1, MOST_ATTACHED))}
        yield f"{number:03}", mail(files, f"Kære alle\n\nHer er bilag til punkt {number} på dagsordenen.\n\nVenlig hilsen\nBo Holm\n")


if __name__ == "__main__":
    main()
