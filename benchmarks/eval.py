"""Decides the labelled example mails and compares with the right answers.

    python -m benchmarks.eval --shared ../shared [--given] [--misses]
    python -m benchmarks.eval --shared ../shared --mails benchmarks/mails/test

Builds the example mails (`dev.jsonl`), or those of a folder, into real mails with the builder of the example mails, scans them, and prints
decision accuracy, precision and recall of what is stopped (secure and block), categories by F1, exact counts of persons, and the misses. A
row goes into `benchmarks/eval.md`, or `benchmarks/mails.md`. With `--given`, each finding's place and category is given (`given.py`), so
that only persons, counts and policy are judged.
The sets are for measuring: nothing is trained on them and no threshold is set on them. `benchmarks/mails/dev` has been looked at: rules
were mended, and passages written, for what was decided wrongly there; `benchmarks/mails/test` has not.
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

TABLE, OWN_TABLE = Path(__file__).with_suffix(".md"), Path(__file__).with_name("mails.md")
COLUMNS = ("date", "versions", "findings", "mails", "decision accuracy", "stopped: recall", "precision", "sensitive: recall", "precision",
           "hard negatives stopped", "persons exact", "within one", "mails/s")
INTRO = """# Example mails

Made by `python -m benchmarks.eval --shared ../shared`. Stopped means secure or block; hard negatives are clean mails with the categories' \
words. Findings are found by us, or each one's place and category is given, and only the persons, counts and the decision are ours."""
OWN_INTRO = """# Mails of our own

Made by `python -m benchmarks.eval --shared ../shared --mails benchmarks/mails/…`: mails written for this project, labelled as the example \
mails are. Their writers saw neither those nor the detector. What was decided wrongly in `dev` has been looked at, and rules were mended \
and passages written for it; `test` is for measuring only."""
FONTS = ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf")


def main() -> None:
    """Command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--shared", type=Path, required=True)
    options.add_argument("--mails", type=Path, help="a folder of mails in place of the example mails")
    options.add_argument("--given", action="store_true", help="give each finding's place and category; persons and counts are ours")
    options.add_argument("--misses", action="store_true", help="list the mails that were decided wrongly")
    options.add_argument("--predictions", type=Path, help="write predictions for score.py to this file")
    options.add_argument("--no-row", action="store_true", help="leave the table as it is")
    chosen = options.parse_args()
    scanner = Given.load() if chosen.given else Scanner.load()
    builder = (chosen.shared / "eval").resolve()
    source = chosen.mails.resolve() if chosen.mails else builder
    with tempfile.TemporaryDirectory() as folder:
        gold = build(builder, source, Path(folder))
        started = time.monotonic()
        verdicts = {key: scan(scanner, case, Path(folder)) for key, case in cases(source).items()}
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
        write_row(figures, next(iter(verdicts.values())), "given" if chosen.given else "found", chosen.mails)


def cases(source: Path) -> dict[str, dict]:
    """The mails as they are written down, by id."""
    rows = [json.loads(line) for path in files(source) for line in path.read_text("utf-8").splitlines() if line.strip()]
    return {row["id"]: row for row in rows}


def files(source: Path) -> list[Path]:
    """Where the mails of a folder are written down."""
    return sorted(source.glob("*.jsonl"))


def scan(scanner: Scanner, case: dict, folder: Path) -> Verdict:
    """The verdict on one mail that was built into a folder."""
    if isinstance(scanner, Given):
        scanner.case = case
    verdict = scanner.scan((folder / f"{case['id']}.eml").read_bytes())
    if any(u.reason is Reason.ERROR for u in verdict.unread):
        sys.exit(f"{case['id']}: the scan failed")
    return verdict


def build(builder: Path, source: Path, out: Path) -> dict[str, dict]:
    """The mails of a folder as files, and the labels by id."""
    font = next((f for f in FONTS if Path(f).exists()), "")
    environment = os.environ | ({"EVAL_FONT": font} if font and "EVAL_FONT" not in os.environ else {})
    subprocess.run([sys.executable, builder / "build.py", out, *files(source)], check=True, env=environment, cwd=out)
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


def write_row(figures: dict[str, str], verdict: Verdict, findings: str, own: Path | None) -> None:
    """Appends the row to the table of the example mails, or to that of our own."""
    versions = f"detector {verdict.versions.detector}, models {verdict.versions.models}, policy {verdict.versions.policy}"
    today = datetime.datetime.now(datetime.UTC).date()
    if own:
        table.append(OWN_TABLE, OWN_INTRO, ("set", *COLUMNS), [(own.name, today, versions, findings, *figures.values())])
    else:
        table.append(TABLE, INTRO, COLUMNS, [(today, versions, findings, *figures.values())])


if __name__ == "__main__":
    main()
