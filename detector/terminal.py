"""The terminal that a command prints to, and the language that it speaks there."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from detector.policy import Policy
    from detector.report.wording import Wording

PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""


def console(*, stderr: bool = False) -> Console:
    """Standard output, or standard error, as plain text with tables."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, markup=False, emoji=False, highlight=False, width=None if stream.isatty() else PLAIN_WIDTH)


def words(language: str | None, policy: Policy) -> Wording:
    """The texts in a language, by default that of the terminal."""
    from detector.report.wording import language_of, wording

    return wording(language or language_of(os.environ), policy)
