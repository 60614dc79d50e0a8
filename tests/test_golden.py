"""Golden mails: each `.eml`, with LF and with CRLF line ends, parses to the `.json` beside it."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from detector import charsets, mime, transport
from detector.budget import Budget
from detector.records import Address, Message, Part

GOLDEN = Path(__file__).parent / "golden"
MAILS = sorted(GOLDEN.glob("*.eml"))


def test_golden_mails_were_found() -> None:
    """An empty folder must not pass as a good one; each mail has its result, each result its mail."""
    assert len(MAILS) >= 25
    assert {path.stem for path in GOLDEN.glob("*.json")} == {path.stem for path in MAILS}


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_golden(path: Path, newline: bytes, update_golden: bool) -> None:
    """The whole message: headers, parts, attached mails, defects, what was not read, transport."""
    raw = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", newline)
    message = mime.parse(raw, budget=Budget())
    found = {**described(message), "transport": plain(dataclasses.asdict(transport.inspect(message)))}
    found["encrypted_parts"] = list(transport.encrypted_parts(message))
    expected = path.with_suffix(".json")
    if update_golden and newline == b"\n":
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def described(message: Message) -> dict[str, Any]:
    """A message as JSON says it; fields at their default are left out."""
    return {
        field.name: plain(getattr(message, field.name))
        for field in dataclasses.fields(message)
        if getattr(message, field.name) not in (field.default, ())
    }


def plain(value: Any) -> Any:
    """Records to what JSON holds."""
    if isinstance(value, Message):
        return described(value)
    if isinstance(value, Part):
        return described_part(value)
    if isinstance(value, Address):
        return f"{value.name} <{value.email}>" if value.name else value.email
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return plain(dataclasses.asdict(value))
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value


def described_part(part: Part) -> dict[str, Any]:
    """Text as decoded, line ends alike; other content by its length and hash."""
    found: dict[str, Any] = {"index": part.index, "media_type": part.media_type, "charset": part.charset, "filename": part.filename}
    found["is_attachment"] = part.is_attachment
    if part.media_type.startswith(("text/", "message/")):
        text, defect = charsets.decode(part.data, part.charset)
        found["text"] = text.replace("\r\n", "\n").split("\n")
        found["text_defect"] = defect
    else:
        data = part.data.replace(b"\r\n", b"\n")  # 7-bit parts differ by line ends alone
        found["length"], found["sha256"] = len(data), hashlib.sha256(data).hexdigest()
    return {name: value for name, value in found.items() if value not in (None, False)}
