"""A verdict as one line of JSON, masked unless values are asked for. The schema of a line: `verdict.schema.json` beside this file."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

from detector.records import Bounce, Failure, Finding, Subject, Verdict
from detector.report import masking
from detector.report.place import locate

VERDICT = "detector.verdict/1"
FAILURE = "detector.failure/1"

Json = dict[str, Any]


def schema() -> Json:
    """The JSON Schema of a line (draft 2020-12)."""
    loaded: Json = json.loads(resources.files("detector.report").joinpath("verdict.schema.json").read_text("utf-8"))
    return loaded


def to_line(record: Json) -> str:
    """`record` as one line that is valid UTF-8 whatever stood in the message."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode() + "\n"


def failure_to_json(failure: Failure, *, source: str, position: int, show_values: bool = False) -> Json:
    """The record of an item that could not be read."""
    return {"schema": FAILURE, "source": _source(source, show_values), "position": position, "failure": failure.value}


def to_json(verdict: Verdict, *, source: str, position: int, show_values: bool = False) -> Json:
    """The record of one message. With `show_values` it holds personal data: names, values, the subject, file names."""
    counts = verdict.counts
    return {
        "schema": VERDICT,
        "source": _source(source, show_values),
        "position": position,
        "message_id": verdict.message_id,
        "date": verdict.date,
        "subject": (verdict.subject if show_values else masking.mask_words(verdict.subject)) or None,
        "decision": verdict.decision.value,
        "rules": list(verdict.rules),
        "unlisted": verdict.unlisted,
        "protected": verdict.protected,
        "reasons": [{"rule": reason.rule, **dict(reason.texts), "policy": reason.policy} for reason in verdict.reasons],
        "recipients": counts.recipients,
        "persons": {"confidential": counts.confidential_persons, "sensitive": counts.sensitive_persons},
        "confidential": sorted(counts.confidential),
        "sensitive": sorted(counts.sensitive),
        "subjects": [_subject(subject, show_values) for subject in verdict.subjects],
        "findings": _findings(verdict, show_values),
        "unread": [
            {"part": unread.part, "file": _file(unread.file, show_values), "reason": unread.reason.value} for unread in verdict.unread
        ],
        "transport": {
            "tags": list(verdict.transport.tags),
            "hops": len(verdict.transport.hops),
            "hops_without_tls": sum(hop.tls is False for hop in verdict.transport.hops),
            "bounce": _bounce(verdict.transport.bounce),
        },
        "versions": {
            "detector": verdict.versions.detector,
            "models": verdict.versions.models,
            "policy": verdict.versions.policy,
        },
        "took_ms": round(verdict.took_ms, 1),
    }


def _bounce(bounce: Bounce | None) -> Json | None:
    if bounce is None:
        return None
    return {"status": bounce.status or None, "needs_tls": bounce.needs_tls, "message_id": bounce.message_id}


def _source(source: str, show_values: bool) -> str:
    return source if show_values else masking.mask_source(source)


def _file(name: str | None, show_values: bool) -> str | None:
    return name if name is None or show_values else masking.mask_file(name)


def _subject(subject: Subject, show_values: bool) -> Json:
    label = subject.name if subject.name is None or show_values else masking.mask_words(subject.name)
    return {"id": subject.id, "label": label, "confidential": list(subject.confidential), "sensitive": list(subject.sensitive)}


def _findings(verdict: Verdict, show_values: bool) -> list[Json]:
    owners: dict[int, int] = {}
    for subject in verdict.subjects:
        for number in subject.findings:
            owners.setdefault(number, subject.id)
    return [_finding(finding, owners.get(number), verdict, show_values) for number, finding in enumerate(verdict.findings)]


def _finding(finding: Finding, owner: int | None, verdict: Verdict, show_values: bool) -> Json:
    location = locate(finding, verdict.documents)
    return {
        "category": finding.category,
        "subject": owner,
        "part": location.part,
        "file": _file(location.file, show_values),
        "where": location.where if show_values else masking.mask_where(location.where),
        "span": list(finding.span),
        "text": finding.text if show_values else masking.mask(finding.category, finding.text),
        "confidence": round(finding.confidence, 3),
        "why": finding.why,
    }
