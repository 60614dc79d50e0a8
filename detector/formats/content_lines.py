"""Lines "NAME;PARAMETER=x:value", in which calendars and contacts are written: unfolded, decoded, taken apart.

Sources: RFC 5545, section 3.1; RFC 6350, section 3; versit Consortium, "vCard 2.1", section 2.1.3 (quoted-printable). Linear in
whatever comes; a line that is none is kept as a value without a name.
"""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from detector import charsets

_LINE = re.compile(r'(?:[\w-]+\.)?([\w-]++)((?:;(?:"[^"]*+"|[^":;])*+)*+):')
_PARAMETER = re.compile(r';([^=;:"]*+)(?:=((?:"[^"]*+"|[^";:])*+))?')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_FIELD_END = re.compile(r"(?<!\\);")
_DATA_URI = re.compile(r"data:[^,]{0,200};base64,", re.IGNORECASE)
_QUOTED_PRINTABLE = "QUOTED-PRINTABLE"


@dataclass(frozen=True, slots=True)
class Line:
    """One property: its name and its parameters in capitals, and its value as it stands."""

    name: str
    parameters: dict[str, str] = field(repr=False)
    value: str = field(repr=False)

    @property
    def text(self) -> str:
        """The value without its escapes."""
        return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], self.value).strip()

    @property
    def fields(self) -> list[str]:
        """The parts of a value that has several, "Hansen;Mette;;"."""
        return [Line("", {}, each).text for each in _FIELD_END.split(self.value)]

    @property
    def binary(self) -> bytes | None:
        """The bytes that the value holds, where it holds any."""
        uri = _DATA_URI.match(self.value)
        if uri is None and self.parameters.get("ENCODING", "").upper() not in {"B", "BASE64"}:
            return None
        packed = self.value[uri.end() :] if uri else self.value
        try:
            return binascii.a2b_base64(packed.encode("ascii", "ignore"))
        except binascii.Error:
            return None


def lines(data: bytes, charset: str | None) -> tuple[Iterator[Line], str | None]:
    """The lines, and what was wrong with the charset."""
    text, defect = charsets.decode(_unfolded(data), charset)
    return _lines(text), defect


def _unfolded(data: bytes) -> bytes:
    """Long lines put together again: in bytes, as some writers part them inside a letter."""
    if b"\0" in data[:100]:
        data = charsets.decode(data, None)[0].encode("utf-8", "replace")
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data.replace(b"\n ", b"").replace(b"\n\t", b"")


def _lines(text: str) -> Iterator[Line]:
    waiting = iter(text.split("\n"))
    for raw in waiting:
        match = _LINE.match(raw)
        if match is None:
            if raw.strip():
                yield Line("", {}, raw)
            continue
        parameters = _parameters(match[2])
        value = raw[match.end() :]
        if _QUOTED_PRINTABLE in (parameters.get("ENCODING", "").upper(), *parameters):
            value = _unquoted([value, *_continued(value, waiting)], parameters.get("CHARSET"))
        yield Line(match[1].upper(), parameters, value)


def _continued(value: str, waiting: Iterator[str]) -> Iterator[str]:
    while value.endswith("="):
        value = next(waiting, "")
        yield value


def _unquoted(values: list[str], charset: str | None) -> str:
    """Quoted-printable undone; its line ends are escaped again, as they stand in every other value."""
    raw = quopri.decodestring("\n".join(values).encode("utf-8", "replace"))
    return charsets.decode(raw, charset)[0].replace("\r\n", "\n").replace("\n", "\\n")


def _parameters(raw: str) -> dict[str, str]:
    """By name; a bare word of vCard 2.1 is a name with no value, or stands under TYPE too."""
    found: dict[str, str] = {}
    for match in _PARAMETER.finditer(raw):
        name, value = match[1].strip().upper(), (match[2] or "").strip().strip('"')
        if match[2] is None:
            found[name] = ""
            name, value = ("ENCODING", name) if name in {"BASE64", _QUOTED_PRINTABLE} else ("TYPE", name)
        found[name] = f"{found[name]},{value}" if found.get(name) else value
    return found
