"""Presidio as one would set it up for this policy.

Recognizers: its own for e-mail addresses, telephone numbers, credit cards and IBAN; a CPR pattern whose date and modulus 11 are checked;
the word lists; names by the spaCy pipeline. Its other recognizers (URL, IP, dates …) say nothing that the policy asks for and are not run.

- The words are looked up by a recognizer of one's own, which Presidio provides for. Its deny lists join them to one regular expression of
  20,000 words, which finds the same more slowly.
- A word counts where a person's name or CPR number stands in the same paragraph or row: a topic alone is not personal data.
- An e-mail address is private at a consumer's domain (`detector`'s list), unless it is the sender's or a recipient's.
- A telephone number is private where a word near by says so: Presidio's context words raise its score.
- Cards and accounts are `other_private` (private finances).

Nothing is fetched: the engine is given, and the list of domain endings that Presidio's e-mail recognizer would download is the one that
`tldextract` brings along.
"""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, Pattern, PatternRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, EmailRecognizer, IbanRecognizer, PhoneRecognizer
from spacy.language import Language
from stdnum.dk import cpr

from benchmarks import keywords
from benchmarks.peers import deciding
from benchmarks.peers.deciding import NAME, Found
from benchmarks.peers.letters import Letter
from detector import models, pipeline
from detector.recognizers.contact_emails import is_consumer

KINDS = {
    "PERSON": NAME, "CPR": "cpr", "EMAIL_ADDRESS": "private_email", "PHONE_NUMBER": "private_phone", "CREDIT_CARD": "other_private",
    "IBAN_CODE": "other_private",
}  # fmt: skip
"""What Presidio's entities are called here; the words' are called as their categories."""
PRIVATE = ["privat", "private", "hjemme", "home"]
"""Words that make a telephone number a private one."""
SURE = 0.5
"""Score that a finding needs; a telephone number has 0.4 and gets 0.35 more by a word near by."""
LANGUAGE = "en"
"""Presidio's recognizers are told apart by language; what these look for is the same in Danish."""


class Engine(SpacyNlpEngine):
    """A pipeline that is loaded already; it has no lemmas, so that words near by are met as they are written."""

    def __init__(self, nlp: Language) -> None:
        super().__init__()
        self.nlp = {LANGUAGE: nlp}

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """As Presidio's, with each word as its lemma."""
        doc = self.nlp[language](text)
        for token in doc:
            token.lemma_ = token.lower_
        return self._doc_to_nlp_artifact(doc, language)


class Cpr(PatternRecognizer):
    """CPR numbers: six digits and four, a real date, modulus 11."""

    def __init__(self) -> None:
        super().__init__("CPR", patterns=[Pattern("cpr", r"(?<!\d)\d{6}[- ]?\d{4}(?!\d)", 0.5)])

    def validate_result(self, pattern_text: str) -> bool:
        """Whether date and checksum are right."""
        number = cpr.compact(pattern_text)
        return cpr.is_valid(number) and cpr.checksum(number) == 0


class Words(EntityRecognizer):
    """The words of the lists."""

    def __init__(self, index: keywords.Index) -> None:
        super().__init__(list(keywords.CATEGORIES), "words")
        self._index = index

    def load(self) -> None:
        """Nothing: the words are given."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        """Each word of a list."""
        return [RecognizerResult(category, start, end, 1.0) for category, start, end in self._index.find(text) if category in entities]


def load(lists: Path, *, has_names: bool) -> Callable[[Letter], list[Found]]:
    """What finds personal data in a letter; without names, the words count wherever they stand."""
    nlp = spacy.load(models.folder() / pipeline.FOLDER) if has_names else spacy.blank("xx")
    analyzer = analyzer_of(nlp, keywords.Index.load(lists))
    entities = [entity for entity in (*KINDS, *keywords.CATEGORIES) if has_names or entity != "PERSON"]

    def find(letter: Letter) -> list[Found]:
        results = analyzer.analyze(letter.text, LANGUAGE, entities=entities, score_threshold=SURE)
        found = [f for f in findings(letter, results) if f.kind != "private_email" or is_private(f.value, letter)]
        return deciding.beside_persons(found, keywords.CATEGORIES) if has_names else found

    return find


def analyzer_of(nlp: Language, index: keywords.Index) -> AnalyzerEngine:
    """Presidio with a pipeline and words."""
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    nlp.max_length = 100_000_000  # characters
    engine, registry = Engine(nlp), RecognizerRegistry()
    registry.add_nlp_recognizer(engine)
    phones = PhoneRecognizer(context=PRIVATE, supported_regions=("DK", "GB", "US"))
    own: tuple[Any, ...] = (EmailRecognizer(), phones, CreditCardRecognizer(), IbanRecognizer(), Cpr(), Words(index))
    for recognizer in own:
        registry.add_recognizer(recognizer)
    return AnalyzerEngine(registry=registry, nlp_engine=engine)


def findings(letter: Letter, results: list[RecognizerResult]) -> Iterator[Found]:
    """Presidio's results, with the number of the place where each begins."""
    starts = list(itertools.accumulate((len(place) + 1 for place in letter.places), initial=0))
    for result in results:
        value, kind = letter.text[result.start : result.end], KINDS.get(result.entity_type, result.entity_type)
        yield Found(kind, bisect.bisect(starts, result.start) - 1, cpr.compact(value) if kind == "cpr" else value)


def is_private(address: str, letter: Letter) -> bool:
    """Whether an e-mail address is one that people have at home, and nobody's who writes or is written to."""
    return address.lower() not in letter.own and is_consumer(address.rpartition("@")[2].lower())
