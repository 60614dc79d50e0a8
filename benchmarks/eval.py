"""Decides the labelled example mails and compares with the right answers.

    python -m benchmarks.eval --shared ../shared [--given] [--misses]

Builds `dev.jsonl` into real mails with the builder that lies beside it, scans them, and prints decision accuracy, precision and recall of
what is stopped (secure and block), categories by F1, exact counts of persons, and the misses. A row goes into `benchmarks/eval.md`. With
`--given`, each finding's place and category is given (`given.py`), so that only persons, counts and policy are judged.
The set is for measuring: nothing is trained on it and no threshold is set on it.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import table
from benchmarks.given import Given
from detector import Scanner, Verdict
from detector.records import Reason

TABLE = Path(__file__).with_suffix(".md")
COLUMNS = ("date", "versions", "findings", "mails", "decision accuracy", "stopped: recall", "precision", "sensitive: recall", "precision",
           "hard negatives stopped", "persons exact", "within one", "mails/s")
INTRO = """# Example mails

Made by `python -m benchmarks.eval --shared ../shared`. Stopped means secure or block; hard negatives are clean mails with the categories' \
words. Findings are found by us, or each one's place and category is given, and only the persons, counts and the decision are ours."""
FONTS = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf")


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--given", action="store_true", help="give each finding's place and category; persons and counts are ours")
    options.add_argument("--misses", action="store_true", help="list the mails that were decided wrongly")
    options.add_argument("--predictions", type=Path, help="write predictions for score.py to this file")
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    scanner = Given.load() if chosen.given else Scanner.load()
    with tempfile.TemporaryDirectory() as folder:
        gold = build((chosen.shared / "eval").resolve(), Path(folder))
        started = time.monotonic()
        verdicts = {key: scan(scanner, case, Path(folder)) for key, case in cases(chosen.shared / "eval").items()}
        seconds = time.monotonic() - started
    assert verdicts and len(verdicts) == len(gold)
    guesses = {key: prediction(key, verdict) for key, verdict in verdicts.items()}
    figures = measure(gold, guesses)
    figures["mails/s"] = f"{len(gold) / seconds:.1f}"
    for name, value in figures.items():
        print(f"{name:28} {value}")
    by_category(gold, guesses)
    if chosen.misses:
        list_misses(gold, guesses, verdicts)
    if chosen.predictions:
        chosen.predictions.write_text("".join(json.dumps(guess) + "\n" for guess in guesses.values()), "utf-8")
    if not chosen.no_row:
        write_row(figures, next(iter(verdicts.values())), "given" if chosen.given else "found")


def cases(source: Path) -> dict[str, dict]:
    """The mails as they are written down, by id."""
    rows = [json.loads(line) for line in (source / "dev.jsonl").read_text("utf-8").splitlines() if line.strip()]
    return {row["id"]: row for row in rows}


def scan(scanner: Scanner, case: dict, folder: Path) -> Verdict:
    """The verdict on one mail that was built into a folder."""
    if isinstance(scanner, Given):
        scanner.case = case
    verdict = scanner.scan((folder / f"{case['id']}.eml").read_bytes())
    if any(u.reason is Reason.ERROR for u in verdict.unread):
        sys.exit(f"{case['id']}: the scan failed")
    return verdict


def build(source: Path, out: Path) -> dict[str, dict]:
    """The mails as files, and the labels by id."""
    font = next((f for f in FONTS if Path(f).exists()), "")
    environment = os.environ | ({"EVAL_FONT": font} if font and "EVAL_FONT" not in os.environ else {})
    subprocess.run([sys.executable, source / "build.py", out, source / "dev.jsonl"], check=True, env=environment, cwd=out)
    rows = map(json.loads, (out / "gold.jsonl").read_text("utf-8").splitlines())
    gold = {row["id"]: row for row in rows}
    wanted = len(cases(source))
    if len(gold) != wanted:
        sys.exit(f"{wanted - len(gold)} mails were not built; a TrueType font is needed (EVAL_FONT names it)")
    return gold


def prediction(key: str, verdict: Verdict) -> dict:
    """What `score.py` reads of a verdict."""
    return {"id": key, "decision": str(verdict.decision), "confidential": sorted(verdict.counts.confidential),
            "sensitive": sorted(verdict.counts.sensitive), "n_confidential": verdict.counts.confidential_persons,
            "n_sensitive": verdict.counts.sensitive_persons}


def measure(gold: dict[str, dict], guesses: dict[str, dict]) -> dict[str, str]:
    """The figures of the table's row."""
    pairs = [(gold[key], guesses[key]) for key in gold]
    stop = [(g["decision"] in ("secure", "block"), p["decision"] in ("secure", "block")) for g, p in pairs]
    sensitive = [(bool(g["sensitive"]), bool(p["sensitive"])) for g, p in pairs]
    hard = [p["decision"] in ("secure", "block") for g, p in pairs if "hard-negative" in g["tags"]]
    off = [abs(g["n_confidential"] - p["n_confidential"]) for g, p in pairs]
    return {"mails": str(len(pairs)), "decision accuracy": share([g["decision"] == p["decision"] for g, p in pairs]),
            "stopped: recall": share([p for g, p in stop if g]), "stopped: precision": share([g for g, p in stop if p]),
            "sensitive: recall": share([p for g, p in sensitive if g]), "sensitive: precision": share([g for g, p in sensitive if p]),
            "hard negatives stopped": share(hard), "persons exact": share([o == 0 for o in off]),
            "within one": share([o <= 1 for o in off])}


def share(facts: list[bool]) -> str:
    """A share with its counts.

    >>> share([True, True, False, False])
    '0.500 (2/4)'
    """
    return f"{sum(facts) / len(facts):.3f} ({sum(facts)}/{len(facts)})" if facts else "-"


def by_category(gold: dict[str, dict], guesses: dict[str, dict]) -> None:
    """Prints recall, precision and F1 of each category, by mail."""
    counts: dict[str, collections.Counter] = collections.defaultdict(collections.Counter)
    for key, label in gold.items():
        for data_class in ("confidential", "sensitive"):
            right, guess = set(label[data_class]), set(guesses[key][data_class])
            for kind, categories in (("tp", right & guess), ("fn", right - guess), ("fp", guess - right)):
                for category in categories:
                    counts[category][kind] += 1
    for category, c in sorted(counts.items()):
        f1 = 2 * c["tp"] / (2 * c["tp"] + c["fn"] + c["fp"])
        print(f"  {category:18} F1 {f1:.2f}  found {c['tp']}, missed {c['fn']}, wrong {c['fp']}")


def list_misses(gold: dict[str, dict], guesses: dict[str, dict], verdicts: dict[str, Verdict]) -> None:
    """Prints each mail that was decided wrongly, with what was found and where; no values."""
    for key, label in gold.items():
        guess = guesses[key]
        if guess["decision"] != label["decision"]:
            found = [f"{f.category} {f.confidence:.2f}" for f in verdicts[key].findings][:6]
            unread = [u.reason.value for u in verdicts[key].unread]
            print(f"{key} {label['decision']} -> {guess['decision']}: {label['confidential']} {label['sensitive']} "
                  f"{label['n_confidential']} persons -> {guess['n_confidential']}; {found}; {unread}")


def write_row(figures: dict[str, str], verdict: Verdict, findings: str) -> None:
    """Appends the row to the table."""
    versions = f"detector {verdict.versions.detector}, models {verdict.versions.models}, policy {verdict.versions.policy}"
    table.append(TABLE, INTRO, COLUMNS, [(datetime.datetime.now(datetime.UTC).date(), versions, findings, *figures.values())])


if __name__ == "__main__":
    main()
