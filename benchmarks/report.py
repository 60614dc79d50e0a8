"""How fast the report of a large run is made, opens, and answers, in Debian's Chromium.

    python -m benchmarks.report [--rows 50000] [--picture FILE]

Makes a report of so many messages that were all caught, each with its own subject, domains, persons and findings; opens it in a headless
Chromium of its own; types into the search field, picks a category and sorts. A row goes into `benchmarks/report.md`; --picture saves what
is seen of the page.
"""

from __future__ import annotations

import argparse
import datetime
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks import table
from detector import models, policy
from detector.report.chains import Link
from detector.report.digest import Digest
from detector.report.page import About, page
from detector.report.wording import wording

TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "versions", "rows", "MB", "made in s", "opened in s", "search ms", "category ms", "sort ms", "Chromium")
INTRO = """# Report

Made by `python -m benchmarks.report`. Opened: until the first hundred messages are drawn and painted. Search, category, sort: from the \
input to the next painted frame, the median of five."""
SEED = 20261129
WORDS = ("Referat", "Indstilling", "Syge", "Møde", "Plan", "Ansøgning", "Svar", "Opfølgning", "Liste", "Aftale", "Skema", "Bilag")
UNITS = tuple(f"{name}.example" for name in ("bio", "math", "hr", "law", "clin", "psy", "edu", "lib", "it", "econ", "geo", "phys"))
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))"


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=50_000)
    options.add_argument("--picture", type=Path)
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        started = time.monotonic()
        path.write_text(made(chosen.rows), "utf-8")
        seconds = time.monotonic() - started
        figures, browser = opened(path, chosen.picture)
        size = f"{path.stat().st_size / 1e6:.1f}"
    today, versions = datetime.datetime.now(datetime.UTC).date(), f"detector {version('detector')}"
    row = (today, versions, chosen.rows, size, f"{seconds:.1f}", *figures, browser)
    print(table.line(row))
    if not chosen.no_row:
        table.append(TABLE, INTRO, COLUMNS, [row])


def made(count: int) -> str:
    """The report of so many messages."""
    rules = policy.load()
    digest = Digest()
    for row in rows(count, sorted(c.id for c in rules.categories.values())):
        digest.add(row, Link(None, ()))
    about = About("2026-11-29 12:00", {"detector": version("detector"), "models": models.version(), "policy": "au/1"}, [("export.mbox", 1)])
    return page(digest, about, wording("da", rules), rules)


def rows(count: int, categories: list[str]) -> Iterator[dict[str, Any]]:
    """Rows of messages that were caught, all different."""
    chance = random.Random(SEED)
    for position in range(1, count + 1):
        found = chance.sample(categories, chance.randint(1, 3))
        findings = [{"category": category, "subject": 1, "part": "1", "file": None, "where": f"line {chance.randint(1, 80)}",
                     "text": "*" * chance.randint(4, 60), "confidence": chance.random(), "why": ""} for category in found]  # fmt: skip
        yield {
            "source": f"export-{position % 7}.mbox", "position": position,
            "subject": f"{chance.choice(WORDS)} {chance.choice(WORDS)} {position}",
            "date": f"{chance.randint(2020, 2026)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}T08:00:00+00:00",
            "sender_domain": chance.choice(UNITS), "recipient_domains": [f"{chance.choice(WORDS).lower()}{chance.randint(1, 40)}.example"],
            "decision": chance.choice(("secure", "secure", "review", "block")), "rules": ["sensitive"], "unlisted": False,
            "protected": False, "recipients": chance.randint(1, 9), "confidential_persons": chance.randint(0, 9),
            "sensitive_persons": chance.randint(0, 3), "personal_persons": 1, "confidential": [], "sensitive": found, "findings": findings,
            "subjects": [{"id": 1, "label": "M****", "confidential": [], "sensitive": found}], "unread": [], "tags": [], "hops": 1,
            "hops_without_tls": 0,
        }  # fmt: skip


def opened(path: Path, picture: Path | None) -> tuple[list[str], str]:
    """Seconds until it is drawn, milliseconds until it has answered, and the browser's version."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        tab = browser.new_page(viewport={"width": 1280, "height": 1600})
        tab.goto(path.as_uri(), wait_until="commit")
        tab.wait_for_selector("html[data-ready=yes]", state="attached", timeout=60_000)
        seconds = tab.evaluate(PAINTED) / 1000
        searches = [answer(tab, "#words", "input", word) for word in ("referat", "referat 12", "liste", "hr.example", "")]
        picks = [answer(tab, "#category", "change", kind) for kind in ("health", "beliefs", "criminal", "sexual", "")]
        sorts = [answer(tab, f"#messages thead th:nth-child({n}) button", "click") for n in (2, 4, 5, 6, 8)]
        if picture:
            tab.screenshot(path=picture, full_page=True)
        shown = tab.inner_text("#status")
        assert shown.split()[0] == shown.split()[2], shown
        name = browser.version
        browser.close()
    return [f"{seconds:.2f}", *(f"{statistics.median(times):.0f}" for times in (searches, picks, sorts))], name


def answer(tab: Page, place: str, event: str, value: str | None = None) -> float:
    """Milliseconds from an event to the frame that shows what came of it."""
    return float(tab.evaluate(f"""async ([place, event, value]) => {{
        const field = document.querySelector(place), started = performance.now();
        if (value !== null) field.value = value;
        field.dispatchEvent(new Event(event, {{ bubbles: true }}));
        return await ({PAINTED})() - started;
    }}""", [place, event, value]))  # fmt: skip


if __name__ == "__main__":
    main()
