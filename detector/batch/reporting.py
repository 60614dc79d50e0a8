"""Reports of a run: one HTML file, and tables of the messages that the policy caught as CSV and Excel."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from detector import languages
from detector.batch import rows
from detector.batch.run import Run
from detector.policy import Policy
from detector.records import Failure
from detector.report.digest import Digest
from detector.report.output import open_private
from detector.report.page import About, page, place_of
from detector.report.wording import Wording

HEADS = ("position", "source", "date", "decision", "subject", "found", "persons", "recipients", "from", "to", "findings")
"""Columns of CSV and Excel, as they are called in `languages/report.toml`."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins with one of these would be run by a spreadsheet."""


def gather(run: Run) -> Digest:
    """The digest of a run's rows."""
    found = Digest()
    for row in run.rows():
        if row["failure"]:
            found.add_failure(Failure(row["failure"]))
        else:
            found.add(row, rows.link_of(row))
    return found


def write_html(run: Run, digest: Digest, path: Path, words: Wording, policy: Policy, *, now: datetime.datetime) -> None:
    """The report, readable by its owner only. Raises DetectorError where it cannot be written."""
    manifest = run.manifest
    versions = {"detector": manifest["options"]["detector_version"], "models": manifest["options"]["models_version"],
                "policy": manifest["options"]["policy_version"]}  # fmt: skip
    about = About(
        f"{now:%Y-%m-%d %H:%M}", versions, [(source["path"], source["size"]) for source in manifest["sources"]],
        shows_values=manifest["options"]["show_values"], missing=(len(run.missing()), manifest["shards"]),
    )  # fmt: skip
    with open_private(path) as file:
        file.write(page(digest, about, words, policy).encode("utf-8", "replace"))


def write_csv(digest: Digest, path: Path, words: Wording) -> None:
    """A line for each message that was caught, separated by semicolons as spreadsheets in Danish expect. Raises DetectorError."""
    with open_private(path) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="", errors="replace") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(_heads(words))
        for cells in _lines(digest, words):
            writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in cells])


def write_excel(digest: Digest, path: Path, words: Wording) -> None:
    """The same as a sheet with a filter. Raises DetectorError."""
    import xlsxwriter

    with open_private(path) as file:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(file, options)
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, _heads(words), bold)
        number = 0
        for number, cells in enumerate(_lines(digest, words), 1):
            sheet.write_row(number, 0, cells)
        sheet.autofilter(0, 0, number, len(HEADS) - 1)
        book.close()


def _heads(words: Wording) -> list[str]:
    texts = languages.load("report")[words.language]
    return [texts[head] for head in HEADS]


def _lines(digest: Digest, words: Wording) -> Iterator[Sequence[str | int]]:
    for row in digest.caught:
        categories = [*row["confidential"], *row["sensitive"]]
        findings = [f"{words.category(f['category'])}: {f['text']} ({place_of(f)})" for f in row["findings"]]
        yield (
            row["position"], row["source"], row["date"] or "", words.name("decision_names", row["decision"]), row["subject"] or "",
            ", ".join(map(words.category, categories)), f"{row['confidential_persons']} / {row['sensitive_persons']}", row["recipients"],
            row["sender_domain"] or "", ", ".join(row["recipient_domains"]), "\n".join(findings),
        )  # fmt: skip
