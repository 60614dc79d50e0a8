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
MOST_FILLERS = 3
"""Words between a cue and its number."""
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

PERSON_NEAR = 0.2
"""What a person near by adds."""

ENOUGH = 0.5
NEARLY = ENOUGH - PERSON_NEAR - 0.01
"""Confidence from which a candidate is reported, and from which it is with a person near by; only then is one looked for."""

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


FOR, NEAR_OTHER, NUMBERED, OTHER, DUMMY, NONE = Cue
"""By names of their own, as Python 3.11 takes ten times as long to look up a member in its class."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What surrounds a candidate."""

    cue: Cue
    source: str = ""
    """Which words said so ("word before", "header")."""
    person: bool = False


WORD_BEFORE, WORD_BEHIND = Evidence(FOR, "word before"), Evidence(FOR, "word behind")
LISTED, OTHER_NUMBER = Evidence(FOR, "listed after one with a word before"), Evidence(OTHER)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The words of `languages/cpr.toml`, compiled."""

    cue: re.Pattern[str]
    follows: re.Pattern[str]
    """A cue with only fillers before it: what may stand behind a number."""
    person: re.Pattern[str]
    unit: re.Pattern[str]
    serial: re.Pattern[str]
    name_header: re.Pattern[str]
    filler: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The words, read once."""
    tables: dict[str, Any] = load("cpr")
    cue = rf"(?<![^\W_])(?:{'|'.join(f'(?P<{kind}>{alternatives(words_of(tables, kind))})' for kind in KINDS)})"
    filler = rf"[^\w;\n]*+(?:{alternatives(words_of(tables, 'filler'))})"
    return Lexicon(
        cue=re.compile(cue),
        follows=re.compile(rf"\A(?:{filler}){{0,{MOST_FILLERS}}}?[^\w;\n]*+{cue}"),
        person=re.compile(rf"(?<!\w)(?:{alternatives(words_of(tables, 'person'))})"),
        unit=re.compile(rf"\s?(?:{alternatives(words_of(tables, 'unit'))})"),
        serial=re.compile(alternatives(words_of(tables, "serial"))),
        name_header=re.compile(rf"(?<!\w)(?:{alternatives(words_of(tables, 'name_header'))})"),
        filler=frozenset(words_of(tables, "filler")),
    )


def confidence(candidate: Candidate, evidence: Evidence, today: datetime.date) -> float:
    """How sure it is that the candidate is somebody's CPR number, 0 to 1; a half is enough to report it."""
    cue, checked = evidence.cue, candidate.has_checksum
    if cue is OTHER or cue is DUMMY:
        return 0.0
    if cue is FOR:
        return WITH_CUE if checked else WITH_CUE_ONLY - (0 if candidate.may_lack_checksum else 0.1)
    value = BASE[candidate.form, checked]
    if not checked:
        value += 0.06 if candidate.is_exception else 0 if candidate.may_lack_checksum else -0.25
    value += PERSON_NEAR if evidence.person else 0
    value -= 0.3 if cue is NEAR_OTHER else 0.4 if cue is NUMBERED else 0
    value -= 0.25 if today.year - candidate.born.year > OLDEST else 0
    return min(value - (0.35 if candidate.wrapped else 0), WITH_CUE)


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
    ahead, behind = _read_before(before), _read_after(after[:AFTER])
    if ahead is DUMMY or behind is DUMMY:
        return Evidence(DUMMY)
    if ahead is FOR:
        return WORD_BEFORE
    if behind is FOR:
        return WORD_BEHIND
    return OTHER_NUMBER if ahead is OTHER or behind is OTHER else Evidence(ahead)


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
        return FOR
    return OTHER if kinds & {"against", "yielding"} else DUMMY if "dummy" in kinds else NONE


def _read_before(before: str) -> Cue:
    """The nearest word wins; one that does not govern the number gives way to a word for it further off."""
    lowered = before.lower()
    matches = list(lexicon().cue.finditer(lowered))
    if not matches:
        return NUMBERED if NUMBER_OF.search(lowered) else NONE
    result = NONE
    for match in reversed(matches):
        gap = before[match.end() :]
        kind = match.lastgroup
        if kind == "dummy" and not SENTENCE_END.search(gap):
            return DUMMY
        if kind == "maybe_dummy" and result is not OTHER and _only_fillers(_without_cues(gap.lower())):
            if before[match.start() - 1 : match.start()] != "-":
                return DUMMY  # but not a "covid-test"
        elif kind == "for" and result is not OTHER:
            result = FOR
        elif kind in ("against", "yielding") and result is NONE:
            if _only_fillers(gap.lower()):
                result = OTHER if kind == "against" else NEAR_OTHER
            elif not SENTENCE_END.search(gap):
                result = NEAR_OTHER
    return OTHER if result is NEAR_OTHER and _yields_to_nothing(matches[-1], lowered) else result


def _yields_to_nothing(match: re.Match[str], before: str) -> bool:
    """Whether a yielding word governs the number; it met no word for a CPR number."""
    return match.lastgroup == "yielding" and _only_fillers(before[match.end() :])


def _read_after(after: str) -> Cue:
    if after[:1] in SENTENCE_STOPS:
        return NONE
    lowered = after.lower()
    if lexicon().unit.match(lowered):
        return OTHER
    match = lexicon().follows.match(lowered)
    if not match or NEXT_NUMBER.match(lowered, match.end()):
        return NONE
    kind = str(match.lastgroup)
    link = lowered[: match.start(kind)]
    if kind == "for":
        return FOR
    if kind == "dummy" and "," not in link:
        return DUMMY
    return OTHER if kind in ("against", "yielding") and LINK.match(link) else NONE


def _without_cues(text: str) -> str:
    return lexicon().cue.sub(" ", text)


def _only_fillers(gap: str) -> bool:
    words = WORD.findall(gap)
    return len(words) <= MOST_FILLERS and lexicon().filler.issuperset(words) and "\n\n" not in gap
