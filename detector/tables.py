"""A TOML table that knows where it stands, so that every error names the file, the key, the value and what is allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from detector.records import DetectorError

LANGUAGES = ("da", "en")
"""Each text that a report shows is given in these."""


class Table:
    """The values under `key` of a file. Every method raises DetectorError where a value is not of the kind it asks for."""

    def __init__(self, file: str, key: str, values: Any) -> None:
        self.file, self.key = file, key
        if not isinstance(values, dict):
            self.fail("", values, "a table")
        self.values: dict[str, Any] = values

    def fail(self, key: str, value: object, allowed: str) -> None:
        """Raises the error that names file, key, value and what is allowed."""
        place = ".".join(filter(None, [self.key, key]))
        raise DetectorError(f"{self.file}: {place} is {value!r}; allowed: {allowed}")

    def only(self, *keys: str) -> None:
        """No key but these."""
        for key in self.values:
            if key not in keys:
                self.fail(key, self.values[key], f"nothing of that name here, only {', '.join(keys)}")

    def get(self, key: str, kind: type | tuple[type, ...], allowed: str, default: Any = None) -> Any:
        """The value of `key`; a missing one is `default`, or an error where there is none."""
        value = self.values.get(key, default)
        if value is None or not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.fail(key, self.values.get(key), allowed)
        return value

    def word(self, key: str, allowed: Iterable[str] | None = None, default: str | None = None) -> str:
        """A text, one of `allowed` where that is given."""
        choices = tuple(allowed or ())
        value: str = self.get(key, str, " | ".join(choices) or "a text", default)
        if (choices and value not in choices) or not value:
            self.fail(key, value, " | ".join(choices) or "a text that is not empty")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of texts; none where the key is missing."""
        value = self.get(key, list, "a list of texts", [])
        if not all(isinstance(v, str) and v for v in value):
            self.fail(key, value, "a list of texts")
        return tuple(value)

    def table(self, key: str) -> Table:
        """The table under `key`; an empty one where it is missing."""
        return Table(self.file, ".".join(filter(None, [self.key, key])), self.values.get(key, {}))

    def tables(self, key: str) -> list[Table]:
        """The tables under `[[key]]`."""
        value = self.get(key, list, f"one or more [[{key}]]")
        if not value:
            self.fail(key, value, f"one or more [[{key}]]")
        return [Table(self.file, f"{key}[{n}]", v) for n, v in enumerate(value, 1)]

    def texts(self, key: str) -> dict[str, str]:
        """One text a language."""
        table = self.table(key)
        table.only(*LANGUAGES)
        return {language: table.word(language) for language in LANGUAGES}
