"""What would make a decision milder, and that it would."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import policy
from detector.records import Counts, Decision
from detector.remedies import COUNTS, remedies

POLICY = policy.load()
GRADES, HEALTH = frozenset({"grades"}), frozenset({"health"})


@pytest.mark.parametrize(("counts", "wanted"), [
    (Counts(), []),  # allowed already
    (Counts(confidential_persons=1, recipients=6, confidential=GRADES), [("recipients", 5, "allow"), ("confidential_persons", 0, "allow")]),
    (Counts(confidential_persons=6, recipients=1, confidential=GRADES), [("confidential_persons", 5, "allow")]),
    (Counts(confidential_persons=6, recipients=6, confidential=GRADES), [("confidential_persons", 0, "allow")]),  # either is too many alone
    (Counts(sensitive_persons=2, recipients=1, sensitive=HEALTH), [("sensitive_persons", 0, "allow")]),
    (Counts(sensitive_persons=1, recipients=1, unread_parts=1, sensitive=HEALTH), [("sensitive_persons", 0, "review")]),
    (Counts(unread_parts=2, recipients=1), [("unread_parts", 0, "allow")]),
    (Counts(confidential_persons=1, recipients=1, confidential=GRADES, tags=("notls",)),
     [("confidential_persons", 0, "allow"), ("tags", 0, "allow")]),
    (Counts(confidential_persons=2, recipients=9, confidential=GRADES, tags=("notls",)),
     [("confidential_persons", 0, "allow"), ("tags", 0, "secure")]),
])  # fmt: skip
def test_remedies(counts: Counts, wanted: list[tuple[str, int, str]]) -> None:
    """The smallest change of each count that helps by itself."""
    assert [(r.key, r.limit, r.decision.value) for r in remedies(counts, POLICY)] == wanted


@given(st.integers(0, 9), st.integers(0, 3), st.integers(0, 9), st.integers(0, 2), st.booleans())
def test_a_remedy_helps_and_less_does_not(confidential: int, sensitive: int, recipients: int, unread: int, tagged: bool) -> None:
    """With the count brought down so far the decision is the one told; one more, and it is as it was."""
    counts = Counts(confidential, sensitive, 0, recipients, unread, GRADES if confidential else frozenset(),
                    HEALTH if sensitive else frozenset(), ("notls",) if tagged else ())
    now = policy.decide(counts, POLICY).decision
    for remedy in remedies(counts, POLICY):
        assert remedy.decision.severity < now.severity
        if remedy.key in COUNTS:
            assert policy.decide(replace(counts, **{remedy.key: remedy.limit}), POLICY).decision == remedy.decision
            assert policy.decide(replace(counts, **{remedy.key: remedy.limit + 1}), POLICY).decision == now
    assert now != Decision.ALLOW or remedies(counts, POLICY) == ()
