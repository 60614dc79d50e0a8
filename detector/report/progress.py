"""How far a scan has come, on a terminal: numbers only, never anything of a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from detector.report.wording import Wording


@contextmanager
def show_progress(
    flagged: Callable[[], int], console: Console, words: Wording, *, total: int | None, shown: bool
) -> Iterator[Callable[[], None]]:
    """A function to call after each item; `flagged` says how many messages were flagged so far. Nothing is
    drawn unless `shown` and `console` is a terminal."""
    if not shown or not console.is_terminal:
        yield lambda: None
        return
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), SpeedColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(words("progress", flagged=0), total=total)
        yield lambda: progress.update(task, advance=1, description=words("progress", flagged=flagged()))


class SpeedColumn(ProgressColumn):
    """Messages a second."""

    def render(self, task: Task) -> Text:
        """The mean of the last seconds."""
        return Text(f"{task.speed or 0:.0f}/s")
