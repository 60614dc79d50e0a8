"""What the words around ten digits say of them, and how sure that makes one that they are a CPR number."""

from __future__ import annotations

import datetime
import enum
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from detector.languages import load
from detector.recognizers.context import alternatives, has_name, words_of
from detector.recognizers.cpr_shape import Candidate

BEFORE, AFTER, NAME_REACH = 42, 24, 32
"""Characters looked at before and behind a number, and for a name on either side."""

KINDS = ("dummy", "maybe_dummy", "for", "against", "yielding")
WORD = re.compile(r"\w+")
SENTENCE_END = re.compile(r"[.!?;][ \xa0]+(?=[A-ZÆØÅ])|[!?\n]")
SENTENCE_STOPS = (".", ";", "\n", "")
NUMBER_OF = re.compile(r"(?:nr|nummer|nummeret|no|number|num)[.: #]{0,3}(?:(?:er|is)[: ]{1,2})?$")
LINK = re.compile(r"\s*(?:\(|\[|[-–=]\s|\b(?:er|is|was|var)\b)")
NEXT_NUMBER = re.compile(r"[\W\w]{0,3}?[:\s.]*+(?:n[ro][.:\s]*+)?\d")

BASE = {("hyphen", True): 0.85, ("spaced", True): 0.55, ("compact", True): 0.4,
        ("hyphen", False): 0.45, ("spaced", False): 0.3, ("compact", False): 0.15}  # fmt: skip
"""Confidence without a word around, by form and modulus 11."""

WITH_CUE, WITH_CUE_ONLY = 0.97, 0.8
"""Confidence beside a word for it, with and without modulus 11."""

ENOUGH = 0.5
"""Confidence from which a candidate is reported."""

OLDEST = 112
"""Years; nobody alive is older."""


class Cue(enum.Enum):
    """What the nearest words say."""

    FOR = "for"
    NEAR_OTHER = "near"
    """A word for another number stands near by and does not govern this one."""
    NUMBERED = "numbered"
    """It is called a number of something that is not known ("Dok.nr.")."""
    OTHER = "other"
    """A word for another number governs this one."""
    DUMMY = "dummy"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What surrounds a candidate."""

    cue: Cue
    source: str = ""
    """Which words said so ("word before", "header")."""
    person: bool = False


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of `languages/cpr.toml`, compiled."""

    cue: re.Pattern[str]
    person: re.Pattern[str]
    unit: re.Pattern[str]
    serial: re.Pattern[str]
    name_header: re.Pattern[str]
    filler: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The words, read once."""
    tables: dict[str, Any] = load("cpr")
    groups = "|".join(f"(?P<{kind}>{alternatives(words_of(tables, kind))})" for kind in KINDS)
    return Lexicon(
        cue=re.compile(rf"(?<![^\W_])(?:{groups})"),
        person=re.compile(rf"(?<!\w)(?:{alternatives(words_of(tables, 'person'))})"),
        unit=re.compile(rf"\s?(?:{alternatives(words_of(tables, 'unit'))})"),
        serial=re.compile(alternatives(words_of(tables, "serial"))),
        name_header=re.compile(rf"(?<!\w)(?:{alternatives(words_of(tables, 'name_header'))})"),
        filler=frozenset(words_of(tables, "filler")),
    )


def confidence(candidate: Candidate, evidence: Evidence, today: datetime.date) -> float:
    """How sure it is that the candidate is somebody's CPR number, 0 to 1; a half is enough to report it."""
    checked = candidate.has_checksum
    if evidence.cue in (Cue.OTHER, Cue.DUMMY):
        return 0.0
    if evidence.cue is Cue.FOR:
        return WITH_CUE if checked else WITH_CUE_ONLY - (0 if candidate.may_lack_checksum else 0.1)
    value = BASE[candidate.form, checked]
    if not checked:
        value += 0.06 if candidate.is_exception else 0 if candidate.may_lack_checksum else -0.25
    value += 0.2 if evidence.person else 0
    value -= {Cue.NEAR_OTHER: 0.3, Cue.NUMBERED: 0.4}.get(evidence.cue, 0)
    value -= 0.25 if today.year - candidate.born.year > OLDEST else 0
    return min(value - (0.35 if candidate.wrapped else 0), WITH_CUE)


def hangs_on_person(candidate: Candidate, evidence: Evidence, today: datetime.date) -> bool:
    """Whether a person near by would make the difference; only then is one looked for."""
    if evidence.cue in (Cue.FOR, Cue.OTHER, Cue.DUMMY):
        return False
    return confidence(candidate, evidence, today) < ENOUGH <= confidence(candidate, Evidence(evidence.cue, person=True), today)


def explain(candidate: Candidate, evidence: Evidence) -> str:
    """What spoke for it, without the value."""
    reasons = ["date", "modulus 11" if candidate.has_checksum else "no modulus 11"]
    if evidence.source:
        reasons.append(evidence.source)
    elif evidence.person:
        reasons.append("person near by")
    return ", ".join(reasons)


def read_words(before: str, after: str) -> Evidence:
    """What the words on both sides of a number say of it.

    >>> read_words("Hendes CPR-nr. er ", ".").cue, read_words("ordrenr. ", "").cue, read_words("", " (CPR)").cue
    (<Cue.FOR: 'for'>, <Cue.OTHER: 'other'>, <Cue.FOR: 'for'>)
    """
    behind = _read_after(after[:AFTER])
    ahead = _read_before(before)
    if Cue.DUMMY in (behind, ahead):
        return Evidence(Cue.DUMMY)
    if ahead is Cue.FOR:
        return Evidence(Cue.FOR, "word before")
    if behind is Cue.FOR:
        return Evidence(Cue.FOR, "word behind")
    return Evidence(Cue.OTHER if Cue.OTHER in (behind, ahead) else ahead)


def is_person_near(before: str, after: str) -> bool:
    """Whether a name or a word for a person stands close by."""
    near = before[-NAME_REACH:], after[:NAME_REACH]
    return any(has_name(side) for side in near) or bool(lexicon().person.search(near[0].lower()))


def read_label(label: str) -> Cue:
    """What a column's header or a row's label says of the numbers under or beside it.

    >>> read_label("CPR-nr."), read_label("Ordrenr."), read_label("Navn")
    (<Cue.FOR: 'for'>, <Cue.OTHER: 'other'>, <Cue.NONE: 'none'>)
    """
    kinds = {match.lastgroup for match in lexicon().cue.finditer(label[:80].lower())}
    if "for" in kinds:
        return Cue.FOR
    return Cue.OTHER if kinds & {"against", "yielding"} else Cue.DUMMY if "dummy" in kinds else Cue.NONE


def _read_before(before: str) -> Cue:
    """The nearest word wins; one that does not govern the number gives way to a word for it further off."""
    lowered = before.lower()
    matches = list(lexicon().cue.finditer(lowered))
    if not matches:
        return Cue.NUMBERED if NUMBER_OF.search(lowered) else Cue.NONE
    result = Cue.NONE
    for match in reversed(matches):
        gap = before[match.end() :]
        kind = match.lastgroup
        if kind == "dummy" and not SENTENCE_END.search(gap):
            return Cue.DUMMY
        governs = _only_fillers(gap.lower() if kind != "maybe_dummy" else _without_cues(gap.lower()))
        if kind == "maybe_dummy" and governs and result is not Cue.OTHER and before[match.start() - 1 : match.start()] != "-":
            return Cue.DUMMY  # but not a "covid-test"
        if result is Cue.FOR or kind in ("dummy", "maybe_dummy"):
            continue
        if kind == "for":
            result = Cue.FOR if result is not Cue.OTHER else result
        elif result is Cue.NONE and governs:
            result = Cue.OTHER if kind == "against" else Cue.NEAR_OTHER
        elif result is Cue.NONE and not SENTENCE_END.search(gap):
            result = Cue.NEAR_OTHER
    return _settle(result, matches, lowered)


def _settle(result: Cue, matches: list[re.Match[str]], before: str) -> Cue:
    """A yielding word that governs the number and met no word for it is about another number."""
    if result is Cue.NEAR_OTHER and matches and matches[-1].lastgroup == "yielding" and _only_fillers(before[matches[-1].end() :]):
        return Cue.OTHER
    return result


def _read_after(after: str) -> Cue:
    if after[:1] in SENTENCE_STOPS:
        return Cue.NONE
    lowered = after.lower()
    if lexicon().unit.match(lowered):
        return Cue.OTHER
    match = lexicon().cue.search(lowered)
    link = lowered[: match.start()] if match else ""
    if not match or re.search(r"[;\n\d]", link) or not _only_fillers(link) or NEXT_NUMBER.match(lowered, match.end()):
        return Cue.NONE
    kind = match.lastgroup
    if kind == "for":
        return Cue.FOR
    if kind == "dummy" and "," not in link:
        return Cue.DUMMY
    return Cue.OTHER if kind in ("against", "yielding") and LINK.match(link) else Cue.NONE


def _without_cues(text: str) -> str:
    return lexicon().cue.sub(" ", text)


def _only_fillers(gap: str) -> bool:
    words = WORD.findall(gap)
    return len(words) <= 3 and all(word in lexicon().filler for word in words) and "\n\n" not in gap
