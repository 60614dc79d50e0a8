"""Reports of a run: the HTML file, its data, CSV and Excel."""

from __future__ import annotations

import base64
import csv
import datetime
import gzip
import html
import json
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from selectolax.lexbor import LexborHTMLParser

from detector import languages, policy
from detector.batch import reporting, rows
from detector.records import Decision, Failure
from detector.report.chains import Link
from detector.report.digest import Digest
from detector.report.page import About, page
from detector.report.wording import wording

RULES = policy.load()
NOW = datetime.datetime(2026, 11, 29, 12, 0, tzinfo=datetime.UTC)
ABOUT = About("2026-11-29 12:00", {"detector": "1", "models": "2", "policy": "au/1"}, [("/mail/export.mbox", 1234), ("/mail/folder", None)])
EVIL = '<script>alert("x")</script>{{data}}</script>'


def row(position: int, decision: str = "secure", **changed: Any) -> rows.Row:
    """A row of a message with one finding."""
    told = {
        "source": "export.mbox", "position": position, "date": f"2026-{1 + position % 12:02d}-03T08:00:00+00:00",
        "subject": f"S** {position}",
        "sender_domain": "au.dk", "recipient_domains": ["x.example"], "decision": decision, "rules": ["sensitive"], "unlisted": False,
        "protected": False, "recipients": 1, "confidential_persons": 0, "sensitive_persons": 1, "personal_persons": 1, "confidential": [],
        "sensitive": ["health"], "subjects": [{"id": 1, "label": "M****", "confidential": [], "sensitive": ["health"]}],
        "findings": [{"category": "health", "subject": 1, "part": "1", "file": None, "where": "line 3", "text": "e* s**",
                      "confidence": 0.9, "why": ""}],
        "unread": [], "tags": [], "hops": 1, "hops_without_tls": 0,
    }  # fmt: skip
    return told | changed


def digest(*found: rows.Row) -> Digest:
    """A digest of some rows."""
    made = Digest()
    for each in found:
        made.add(each, Link(None, ()))
    return made


def made(found: Digest, language: str = "da") -> LexborHTMLParser:
    """The page, parsed."""
    return LexborHTMLParser(page(found, ABOUT, wording(language, RULES), RULES))


def data(tree: LexborHTMLParser) -> dict[str, Any]:
    """What the script is given."""
    held = tree.css_first("#data")
    assert held is not None
    return dict(json.loads(gzip.decompress(base64.b64decode(held.text()))))


@pytest.mark.parametrize("language", ["da", "en"])
def test_page_is_whole(language: str) -> None:
    """Every place is filled, in the language asked for; headings in order; nothing is fetched."""
    text = page(digest(row(1), row(2, "allow"), row(3, "block")), ABOUT, wording(language, RULES), RULES)
    assert "{{" not in text.split("<script>")[0]
    assert f'<html lang="{language}">' in text
    texts = languages.load("report")[language]
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", text)
    assert headings[0] == texts["numbers"]
    assert html.escape(texts["scanned"]) == headings[-1]
    assert not re.findall(r"""(?:src|href)=["'](?!#)""", text)
    assert "http" not in re.sub(r'http-equiv="', "", text.split('id="data"')[0])


def test_languages_say_the_same() -> None:
    """Every key in both, with the same places to fill."""
    danish, english = (languages.load("report")[language] for language in ("da", "en"))
    assert list(danish) == list(english)
    assert [re.findall(r"{\w+}", danish[key]) for key in danish] == [re.findall(r"{\w+}", english[key]) for key in danish]


def test_numbers() -> None:
    """Counts of messages, decisions, months, domains and flows."""
    found = digest(row(1), row(1, "allow", sensitive=[], subjects=[]), row(2, "block", recipient_domains=["a.example", "b.example"]))
    found.add_failure(Failure.EMPTY)
    assert (found.read, found.persons, found.decisions[Decision.ALLOW], found.failures.total()) == (3, 2, 1, 1)
    assert {month: counter.total() for month, counter in found.months.items()} == {"2026-02": 2, "2026-03": 1}
    assert found.by_sender["au.dk"]["health"] == 2
    flow = found.flows["au.dk", "x.example"]
    assert (flow.messages, flow.with_data, flow.stopped) == (2, 1, 1)
    assert found.flows["au.dk", "b.example"].stopped == 1
    tiles = {dt.text(): dd.text() for dt, dd in zip(made(found).css("dt"), made(found).css("dd"), strict=True)}
    assert tiles["mails læst"] == "3"
    assert tiles["fanget af politikken"] == "2"


def test_only_what_was_caught_is_listed() -> None:
    """With its reasons in words, its findings and what was not read."""
    unread = [{"part": "2", "file": "scan.pdf", "reason": "no-ocr"}]
    (told,) = data(made(digest(row(1, "allow"), row(7, unread=unread))))["rows"]
    assert told[1] == 7
    assert "følsomme oplysninger om 1 person" in told[11][0]
    assert told[12] == [["health", "M****", "line 3", "e* s**", 0.9]]
    assert told[13] == [["scan.pdf", "no-ocr"]]


def test_hostile_values_are_only_text() -> None:
    """Whatever stands in a subject line, a source or a domain."""
    tree = made(digest(row(1, subject=EVIL, source=EVIL, sender_domain=EVIL, recipient_domains=[EVIL])))
    assert len(tree.css("script")) == 2
    assert EVIL in [cell.text() for cell in tree.css("tbody th")]
    assert data(tree)["rows"][0][3] == EVIL


def test_many_domains_are_summed() -> None:
    """The first fifteen, and the others in one line."""
    text = made(digest(*(row(n, sender_domain=f"d{n}.example") for n in range(40)))).css_first("#unit-heading").parent.text()  # type: ignore[union-attr]
    assert "25 andre domæner" in text


def test_csv_and_excel(tmp_path: Path) -> None:
    """The same lines in both; what a spreadsheet would run is text."""
    found = digest(row(1), row(2, subject='=HYPERLINK("x")', sender_domain="@x"))
    words = wording("da", RULES)
    reporting.write_csv(found, tmp_path / "x.csv", words)
    reporting.write_excel(found, tmp_path / "x.xlsx", words)
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx").active
    assert sheet is not None
    cells = [[str(cell.value or "") for cell in line] for line in sheet.iter_rows()]
    assert lines[0] == cells[0]
    assert lines[1] == cells[1]
    assert (lines[2][4], cells[2][4]) == ("'=HYPERLINK(\"x\")", '=HYPERLINK("x")')
    assert sheet.cell(3, 5).data_type == "s"
    assert all(stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600 for name in ("x.csv", "x.xlsx"))


BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
def test_in_a_browser(tmp_path: Path) -> None:
    """The script runs, and draws the first hundred of the messages."""
    path = tmp_path / "report.html"
    path.write_text(page(digest(*(row(n) for n in range(1, 151))), ABOUT, wording("da", RULES), RULES), "utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
               f"--user-data-dir={tmp_path}/b", "--virtual-time-budget=10000", "--dump-dom"]  # fmt: skip
    drawn = subprocess.run([str(BROWSER), *options, path.as_uri()], capture_output=True, text=True, timeout=120, check=True).stdout
    tree = LexborHTMLParser(drawn)
    assert len(tree.css("#messages tbody tr")) == 100
    assert tree.css_first("#status").text() == "150 af 150 mails"  # type: ignore[union-attr]
    assert "helbredsoplysninger" in tree.css_first("#messages tbody tr").text()  # type: ignore[union-attr]
