"""What refitting the classifier changed, as a table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from detector.report.wording import Wording
from detector.training.refitting import Change


def print_change(change: Change, console: Console, words: Wording) -> None:
    """Prints F1 by category before and after, then what is found and wrongly found; shares from 0 to 1."""
    console.print(words("trained", out=change.out, version=change.version, lines=change.lines))
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("train_category", "train_lines", "train_before", "train_after"):
        table.add_column(words(title), justify="left" if title == "train_category" else "right")
    for category, after in change.after.scores.items():
        table.add_row(words.category(category), str(after.lines), f"{change.before.scores[category].f1:.2f}", f"{after.f1:.2f}")
    for title in ("mean", "explicit", "implicit", "topic", "plain"):
        name = "macro_f1" if title == "mean" else title
        table.add_row(words(f"train_{title}"), "", *(f"{getattr(figures, name):.3f}" for figures in (change.before, change.after)))
    console.print(table)
    values = ", ".join(f"{words.category(c)} {t:.2f}" for c, t in change.thresholds.items())
    console.print(words("train_thresholds", values=values, beside=f"{change.beside:.2f}"))
