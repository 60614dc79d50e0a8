"""Finds personal data in e-mail and says whether a message may leave by ordinary mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detector.budget import Limits
from detector.records import Decision, DetectorError, Envelope, Finding, Subject, Verdict

if TYPE_CHECKING:
    from detector.scanner import Scanner

__all__ = ["Decision", "DetectorError", "Envelope", "Finding", "Limits", "Scanner", "Subject", "Verdict"]


def __getattr__(name: str) -> Any:
    """`Scanner` is imported when it is asked for: it brings the models' libraries with it."""
    if name == "Scanner":
        from detector.scanner import Scanner

        return Scanner
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
