"""One row of results an item, as Parquet: what the lines of JSON hold, and what the report is made of.

Values are masked unless the run was asked to show them. `chain` holds keyed digests of Message-ID, subject and recipients, by which a
bounce, its original and a later copy are joined; the key is the run's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from detector.records import Decision, Failure, Item, Verdict
from detector.report.chains import Link, link
from detector.report.jsonl import failure_to_json, to_json
from detector.report.output import open_whole

Row = dict[str, Any]

_FINDING = pa.struct([
    ("category", pa.string()), ("subject", pa.int32()), ("part", pa.string()), ("file", pa.string()), ("where", pa.string()),
    ("text", pa.string()), ("confidence", pa.float32()), ("why", pa.string()),
])  # fmt: skip
_SUBJECT = pa.struct([
    ("id", pa.int32()), ("label", pa.string()), ("confidential", pa.list_(pa.string())), ("sensitive", pa.list_(pa.string())),
])  # fmt: skip
_UNREAD = pa.struct([("part", pa.string()), ("file", pa.string()), ("reason", pa.string())])
_BOUNCE = pa.struct([("status", pa.string()), ("needs_tls", pa.bool_())])
_CHAIN = pa.struct([("message", pa.int64()), ("subjects", pa.list_(pa.int64()))])

SCHEMA = pa.schema([
    pa.field("source", pa.string(), nullable=False),
    pa.field("position", pa.int64(), nullable=False),
    pa.field("failure", pa.string()),
    pa.field("message_id", pa.string()),
    pa.field("date", pa.string()),
    pa.field("subject", pa.string()),
    pa.field("sender_domain", pa.string()),
    pa.field("recipient_domains", pa.list_(pa.string())),
    pa.field("decision", pa.string()),
    pa.field("rules", pa.list_(pa.string())),
    pa.field("unlisted", pa.bool_()),
    pa.field("protected", pa.bool_()),
    pa.field("recipients", pa.int32()),
    pa.field("confidential_persons", pa.int32()),
    pa.field("sensitive_persons", pa.int32()),
    pa.field("personal_persons", pa.int32()),
    pa.field("confidential", pa.list_(pa.string())),
    pa.field("sensitive", pa.list_(pa.string())),
    pa.field("subjects", pa.list_(_SUBJECT)),
    pa.field("findings", pa.list_(_FINDING)),
    pa.field("unread", pa.list_(_UNREAD)),
    pa.field("tags", pa.list_(pa.string())),
    pa.field("hops", pa.int32()),
    pa.field("hops_without_tls", pa.int32()),
    pa.field("bounce", _BOUNCE),
    pa.field("chain", _CHAIN),
    pa.field("took_ms", pa.float32()),
])  # fmt: skip
"""Columns of a run. `failure` is null for a message that was read; all that follows it is null for one that was not."""


def is_flagged(row: Row) -> bool:
    """Whether a row is of a message with any decision but allow."""
    return row["decision"] not in (None, Decision.ALLOW)


def of_failure(item: Item, failure: Failure, *, show_values: bool) -> Row:
    """The row of an item that gave no message."""
    record = failure_to_json(failure, source=item.source, position=item.position, show_values=show_values)
    return {name: record.get(name) for name in SCHEMA.names}


def of_verdict(item: Item, verdict: Verdict, *, key: bytes, show_values: bool) -> Row:
    """The row of a message."""
    record = to_json(verdict, source=item.source, position=item.position, show_values=show_values)
    flat = {
        "confidential_persons": record["persons"]["confidential"], "sensitive_persons": record["persons"]["sensitive"],
        **{name: record["transport"][name] for name in ("tags", "hops", "hops_without_tls", "bounce")},
        "personal_persons": verdict.counts.personal_persons,
        "sender_domain": domain(verdict.sender) or None, "recipient_domains": sorted({domain(a) for a in verdict.recipients} - {""}),
        "chain": _chain(link(verdict, key=key)),
    }  # fmt: skip
    return {name: flat[name] if name in flat else record.get(name) for name in SCHEMA.names}


def domain(address: str) -> str:
    """The domain of an address in lower case; "" where it has none.

    >>> domain("Bo@Math.AU.dk"), domain("list@au.dk#3"), domain("")
    ('math.au.dk', 'au.dk', '')
    """
    return address.rpartition("@")[2].partition("#")[0].lower() if "@" in address else ""


def link_of(row: Row) -> Link:
    """What joins the message of a row with others."""
    bounce = row["bounce"]
    status = None if bounce is None else bounce["status"] or ""
    return Link(row["chain"]["message"], tuple(row["chain"]["subjects"]), status, bool(bounce and bounce["needs_tls"]), bool(row["tags"]))


def _chain(found: Link) -> Row:
    return {"message": found.message, "subjects": list(found.subjects)}


def write(rows: Sequence[Row], path: Path) -> None:
    """Writes the rows to a new file that only its owner can read, whole or not at all. Raises DetectorError where it cannot be written."""
    with open_whole(path) as file:
        pq.write_table(pa.Table.from_pylist(list(rows), SCHEMA), file, compression="zstd")


def read(path: Path, *, columns: Sequence[str] | None = None) -> Iterator[Row]:
    """The rows of one file, or some columns of them. Raises OSError or pyarrow.ArrowInvalid where it is none."""
    for batch in pq.ParquetFile(path).iter_batches(columns=list(columns) if columns else None):
        yield from batch.to_pylist()
