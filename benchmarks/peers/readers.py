"""The readers that race: each decides on a mail, given its bytes."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import keywords
from benchmarks.peers import deciding, letters
from benchmarks.peers.deciding import Found
from benchmarks.peers.letters import Letter
from detector import models
from detector.policy import Policy
from detector.records import Decision

Find = Callable[[Letter], list[Found]]

WORDS_NEEDED = 3
"""Distinct words of the lists that a mail must hold before they count: one is in most mails, two may be chance."""
CPR_SHAPE = re.compile(r"(?<!\d)(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d[- ]?\d{4}(?!\d)")


@dataclass(frozen=True)
class Reader:
    """How a reader is set up, and the package whose version tells which it was ("" for none)."""

    load: Callable[[Path, Policy], Callable[[bytes], Decision]]
    package: str = ""

    @property
    def version(self) -> str:
        """Name and version, as "os2ds-rules 0.1.0"; the models too where they are used."""
        return f"{self.package} {importlib.metadata.version(self.package)}" if self.package else ""


def peer(find_from: Callable[[Path], Find]) -> Callable[[Path, Policy], Callable[[bytes], Decision]]:
    """A reader of text, with the mail read for it and its findings decided on."""

    def load(lists: Path, rules: Policy) -> Callable[[bytes], Decision]:
        find = find_from(lists)

        def decide(raw: bytes) -> Decision:
            letter = letters.read(raw, rules)
            return deciding.decide(letter, find(letter), rules)

        return decide

    return load


def ours(_lists: Path, _rules: Policy) -> Callable[[bytes], Decision]:
    """The project's own scanner."""
    from detector import Scanner

    scanner = Scanner.load()
    return lambda raw: scanner.scan(raw).decision


def by_presidio(*, has_names: bool) -> Callable[[Path], Find]:
    """Presidio, imported in the process that runs it only."""

    def load(lists: Path) -> Find:
        from benchmarks.peers import presidio

        return presidio.load(lists, has_names=has_names)

    return load


def by_words(lists: Path) -> Find:
    """Words of the lists, where there are enough of them in the mail, and numbers shaped like CPR numbers."""
    index = keywords.Index.load(lists)

    def find(letter: Letter) -> list[Found]:
        words = list(words_of(letter, index))
        has_enough = len({f.value for f in words}) >= WORDS_NEEDED
        return [*(words if has_enough else ()), *numbers_of(letter)]

    return find


def words_of(letter: Letter, index: keywords.Index) -> Iterator[Found]:
    """Each word of the lists in a mail."""
    for number, place in enumerate(letter.places):
        for category, start, end in index.find(place):
            yield Found(category, number, place[start:end].lower())


def numbers_of(letter: Letter) -> Iterator[Found]:
    """Each number that begins like a date and has ten digits."""
    for number, place in enumerate(letter.places):
        for match in CPR_SHAPE.finditer(place):
            yield Found("cpr", number, digits(match[0]))


def by_os2ds(_lists: Path) -> Find:
    """CPR numbers as os2ds-rules finds them without modulus 11 and context, the setting with which it finds most of them (`cpr.md`)."""
    from os2ds_rules import CPRDetector

    detector = CPRDetector(False, False)
    return lambda letter: [Found("cpr", 0, digits(found["match"])) for found in detector.find_matches(letter.text)]


def digits(number: str) -> str:
    """A CPR number without hyphen and blanks."""
    return re.sub(r"\D", "", number)


READERS = {
    "detector": Reader(ours, "detector"),
    "presidio": Reader(peer(by_presidio(has_names=True)), "presidio-analyzer"),
    "presidio, no names": Reader(peer(by_presidio(has_names=False)), "presidio-analyzer"),
    "keywords": Reader(peer(by_words)),
    "os2ds-rules": Reader(peer(by_os2ds), "os2ds-rules"),
    "nothing found": Reader(peer(lambda _lists: lambda _letter: [])),
}
"""By name, in the order in which they run."""


def versions(name: str) -> str:
    """What a row of the table says it was made by: the reader's package, and the models where it uses them."""
    has_models = name in ("detector", "presidio")
    return ", ".join(filter(None, (READERS[name].version, f"models {models.version()}" if has_models else "")))
