"""What finds personal data in one document by rules: numbers, contacts, columns. What needs reading: `reader.py`.

A recognizer is a callable `(document, its number, addresses of sender and recipients) -> findings`; adding one is one file and one line
here.
"""

from __future__ import annotations

from collections.abc import Callable

from detector.recognizers import columns, contacts, cpr
from detector.records import Document, Finding

Recognizer = Callable[[Document, int, frozenset[str]], list[Finding]]

RECOGNIZERS: tuple[Recognizer, ...] = (
    lambda document, number, _own: cpr.find(document, number),
    lambda document, number, own: contacts.find(document, number, own=own),
    lambda document, number, _own: columns.find(document, number),
)
