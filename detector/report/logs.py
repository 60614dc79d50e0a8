"""What happens in a run as lines of JSON on standard error: numbers, places and the paths that were given, never anything of a message."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from structlog import processors

LEVELS = {"worker_lost": "warning", "item_passed_over": "warning", "run_interrupted": "warning", "run_failed": "error"}
"""Of events; all others are `info`."""


class Lines:
    """Writes an event with its facts as one line, at once."""

    def __init__(self) -> None:
        made: list[Any] = [processors.add_log_level, processors.TimeStamper(fmt="iso"), processors.JSONRenderer()]
        self._logger: Any = structlog.wrap_logger(structlog.PrintLogger(sys.stderr), processors=made)

    def __call__(self, event: str, **facts: object) -> None:
        """One event."""
        getattr(self._logger, LEVELS.get(event, "info"))(event, **facts)
