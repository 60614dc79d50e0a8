"""The summary of a run, from its rows."""

from __future__ import annotations

from detector.batch import rows
from detector.batch.run import Run
from detector.records import Decision, Failure, Reason
from detector.report.summary import SHOWN_MESSAGES, Flagged, Tally

COLUMNS = ("source", "position", "failure", "subject", "decision", "recipients", "confidential_persons", "sensitive_persons",
           "confidential", "sensitive", "unread", "tags", "bounce", "chain")


def tally(run: Run) -> Tally:
    """What a scan without a run directory counts while it goes."""
    found = Tally()
    for row in run.rows(columns=COLUMNS):
        if row["failure"]:
            found.add_failure(Failure(row["failure"]))
        else:
            _add(found, row)
    return found


def _add(found: Tally, row: rows.Row) -> None:
    decision = Decision(row["decision"])
    found.read += 1
    found.decisions[decision] += 1
    found.categories.update({*row["confidential"], *row["sensitive"]})
    found.unread.update(Reason(unread["reason"]) for unread in row["unread"])
    found.chains.add(row["source"], row["position"], rows.link_of(row), decision)
    if decision is not Decision.ALLOW and len(found.shown) < SHOWN_MESSAGES:
        persons = row["confidential_persons"], row["sensitive_persons"]
        categories = tuple(sorted({*row["confidential"], *row["sensitive"]}))
        subject = row["subject"] or ""
        found.shown.append(Flagged(row["source"], row["position"], decision, subject, persons, categories, row["recipients"]))
