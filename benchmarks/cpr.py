"""CPR recognition against os2ds-rules 0.1.0 on the same generated text: MB/s, recall and precision, appended to cpr.md.

Run from the top folder: `python -m benchmarks.cpr`. The text (5 MB, fixed seed) holds CPR numbers in many spellings and as many numbers
that only look like them: one of each in 50 KB, about as in mail, and one of each in 10 KB, as in a case file. Each number costs us some
fifteen microseconds of reading the words around it; os2ds reads none by default. A number counts as found when its ten digits are reported.
os2ds is timed on the whole text, and asked line by line for what it finds: with modulus 11 it loses most numbers of a long text, and takes
the hyphen for a digit of the checksum.
"""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from os2ds_rules import CPRDetector

from benchmarks import table
from detector.recognizers import cpr
from detector.records import Document, Role, Text
from tests.cprs import hyphenated, make

SEED, CHARACTERS, ROUNDS = 20260601, 5_000_000, 7
DENSITIES = (100, 500)
"""True numbers in the text, and as many false ones."""

TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "machine", "Python", "what", "MB/s", "recall", "precision", "found", "of")
INTRO = """# CPR recognition

Written by `python -m benchmarks.cpr`; what is measured stands in its docstring. `os2ds` options: modulus 11, context."""

SENTENCES = """Vi mødes i morgen kl. {h} i bygning {n}, lokale {n2}.
Tak for sidst, og for den gode snak om projektet.
Kan du sende mig det reviderede budget inden fredag den {h}.?
Der er {n} studerende tilmeldt holdet, og {h} af dem mangler at betale.
Husk at notere timerne i skemaet, ellers kan vi ikke afregne.
Jeg har vedhæftet referatet fra mødet – sig endelig til, hvis noget mangler.
Hovednummeret er 87 15 {n2} {h}, og det bliver besvaret mellem 9 og 15.
Prøverne står i fryser {h} på gangen, mærket med gult.
Ansøgningen blev sendt til fonden {h}.03.2024, og svaret ventes i juni.
Den nye version {h}.{n}.{n2} af programmet lægges på i weekenden.
Regningen på {n2}.{n} kr. er bogført på projektet.
Vi har brug for to mere til at hjælpe ved åbent hus.
Den studerende har fået udsat sin aflevering til uge {h}.
Bussen går fra stationen hvert {h}. minut, så det er nemt at nå.
Please find the minutes attached, and let me know if anything is missing.
Døren låses automatisk kl. {h}, så husk nøglekort.
Jeg vender tilbage, når jeg har talt med de andre i gruppen.
Grafen på side {n} viser udviklingen fra 2010–2024 i procent.""".splitlines()

CARRIERS = """Hendes cpr-nummer er {hyphen}, siger hun.
CPR: {compact}
Personnr. {blank} mangler i systemet.
Mette Holm ({hyphen}) er startet i afdelingen.
Kan du slå {hyphen} op for mig?
CPR-nr. {endash} er oplyst pr. telefon.
Barnet er født {dots} på Skejby.
Patient Jens Krogh, {compact}, møder fastende.
The student's CPR number is {compact}.
Cpr.nr. {nbsp} – se bilaget.
Ordre 4471 til Karen Lund, cpr {compact}, er afsendt.
Lønseddel for {hyphen} er vedhæftet.
Ali Hassan, {young}, er indskrevet i vuggestuen.
CPR {young} har fået nyt sundhedskort.
Fakturaen er betalt. CPR {compact} er registreret på sagen.""".splitlines()

DECOYS = """Ordrenr. {hyphen} er pakket.
Faktura {compact} forfalder den første.
Sagsnr. {hyphen} er lukket.
P-nr. {compact} bruges til fakturering.
Se https://example.dk/sag/{compact} for mere.
Varenr. {compact}, tolv stk.
Prøven {failing} står i fryseren.
EAN {compact} skal med på rekvisitionen.
Serienr. {compact} er afmeldt.
Logget som {failing_compact} i nat.
Batch {hyphen} er udløbet.
Overført {compact} kr. til kontoen.
Pakken {compact} er på vej.
Journal {chain} er arkiveret.
Mødelokale {failing} er optaget.""".splitlines()


@dataclass(frozen=True)
class Sample:
    """The text, and the ten digits of each true number in it."""

    text: str
    numbers: frozenset[str]


def generate(count: int) -> Sample:
    """A text with `count` numbers, the same for each run."""
    rng = random.Random(SEED)
    numbers: set[str] = set()
    pieces: list[str] = []
    gap = CHARACTERS // (2 * count)
    for _ in range(count):
        carrier = rng.choice(CARRIERS)
        digits = _fresh(rng, numbers, young="{young}" in carrier)
        numbers.add(digits)
        decoy = rng.choice(DECOYS).format_map(_decoys(rng))
        pieces += [*_filler(rng, gap), carrier.format_map(_spellings(digits)), *_filler(rng, gap), decoy]
    return Sample("\n".join(pieces), frozenset(numbers))


def _filler(rng: random.Random, characters: int) -> Iterator[str]:
    size = 0
    while size < characters:
        sentence = _sentence(rng)
        size += len(sentence) + 1
        yield sentence


def _sentence(rng: random.Random) -> str:
    return rng.choice(SENTENCES).format(h=rng.randrange(10, 24), n=rng.randrange(100, 999), n2=rng.randrange(10, 99))


def _fresh(rng: random.Random, taken: set[str], *, young: bool) -> str:
    while True:
        digits = make(rng, first=2008, last=2018, checksum=False) if young else make(rng)
        if digits not in taken:
            return digits


def _spellings(digits: str) -> dict[str, str]:
    date, serial = digits[:6], digits[6:]
    return {
        "hyphen": hyphenated(digits),
        "young": hyphenated(digits),
        "compact": digits,
        "blank": f"{date} {serial}",
        "endash": f"{date}–{serial}",
        "nbsp": f"{date}\u00a0{serial}",
        "dots": f"{date[:2]}.{date[2:4]}.{date[4:]}-{serial}",
    }


def _decoys(rng: random.Random) -> dict[str, str]:
    """Real-looking numbers: half the words stand by one that even passes modulus 11."""
    digits, failing = make(rng), make(rng, checksum=False)
    return {
        "hyphen": hyphenated(digits),
        "compact": digits,
        "chain": f"2024-{hyphenated(digits)}",
        "failing": hyphenated(failing),
        "failing_compact": failing,
    }


def measure(name: str, sample: Sample, run: Callable[[str], list[str]], *, by_line: bool) -> tuple[object, ...]:
    """One row of the table."""
    best, found = float("inf"), []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        found = run(sample.text)
        best = min(best, time.perf_counter() - start)
    if by_line:
        found = [text for line in sample.text.splitlines() for text in run(line)]
    digits = ["".join(re.findall(r"\d", text)) for text in found]
    hits = sample.numbers & set(digits)
    assert hits, f"{name} found nothing: no work was done"
    size = len(sample.text.encode()) / 1e6
    recall, precision = len(hits) / len(sample.numbers), len(hits) / len(digits)
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    what = (datetime.date.today(), machine, platform.python_version(), name)
    return (*what, f"{size / best:.0f}", f"{recall:.3f}", f"{precision:.3f}", len(hits), len(sample.numbers))


def ours(text: str) -> list[str]:
    """The written form of each finding."""
    return [finding.text for finding in cpr.find(Document("1", Role.BODY, (Text(text),)), 0)]


def theirs(*, checksum: bool, context: bool) -> Callable[[str], list[str]]:
    """os2ds-rules with its options."""
    return lambda text: [found["match"] for found in CPRDetector(checksum, context).find_matches(text)]


def main() -> None:
    """Measures, prints, appends."""
    version = importlib.metadata.version("os2ds-rules")
    rows = []
    for count in DENSITIES:
        sample = generate(count)
        rows.append(measure("detector 0.1.0", sample, ours, by_line=False))
        for checksum, context in ((False, False), (True, False), (True, True)):
            run = theirs(checksum=checksum, context=context)
            rows.append(measure(f"os2ds-rules {version} ({checksum}, {context})", sample, run, by_line=True))
    print("\n".join(map(table.line, rows)))
    table.append(TABLE, INTRO, COLUMNS, rows)


if __name__ == "__main__":
    main()
