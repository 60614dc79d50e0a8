"""What holds for every format: any bytes are read or said unread, none raises, each is documented."""

from __future__ import annotations

import importlib
import random

import pytest
from built_files import places, read, samples, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from detector import formats
from detector.budget import Budget, Limits
from detector.formats.plugin import Format
from detector.formats.signatures import SIGNATURES
from detector.formats.sniff import sniff
from detector.records import Part, Reading, Role

SAMPLES = samples()
KINDS = sorted(kind for each in formats.FORMATS for kind in each.kinds)


def test_every_kind_has_a_sample() -> None:
    """A format without a file to test it with is not done; xlsb has no free writer."""
    assert set(KINDS) - set(SAMPLES) == {"xlsb"}


@pytest.mark.parametrize("kind", SAMPLES)
def test_sample_is_sniffed(kind: str) -> None:
    """Content alone tells the kind; for CSV a number of lines."""
    assert sniff(Part("1", "application/octet-stream", SAMPLES[kind], is_attachment=True)) == kind


@pytest.mark.parametrize("each", formats.FORMATS, ids=lambda each: each.name)
def test_documented(each: Format) -> None:
    """Each format says what it reads: in a line, in its module and at its reader."""
    assert each.description.endswith(".")
    assert all(ending.startswith(".") for ending in each.endings)
    assert importlib.import_module(each.read.__module__).__doc__
    assert each.read.__doc__
    assert (each.name, " ".join(each.endings), each.description) in formats.documented()


def test_kind_claimed_twice() -> None:
    """Two formats for one kind are a mistake that shows at once."""
    with pytest.raises(ValueError, match="claimed by text and text"):
        formats.by_kind((formats.FORMATS[0], formats.FORMATS[0]))


@pytest.mark.parametrize("kind", SAMPLES)
def test_places_are_unique(kind: str) -> None:
    """No two cells of a document have one place."""
    for found in places(read(SAMPLES[kind])):
        if kind != "text":  # several drawn tables in a text are told apart by the table's own line
            assert len(found) == len(set(found))


def _accounts(reading: Reading) -> bool:
    return bool(reading.documents or reading.messages or reading.unread)


@pytest.mark.parametrize("kind", sorted(set(SAMPLES) - {"signature"}))
def test_cut_short(kind: str) -> None:
    """A file cut anywhere is read in part or said unread, and never raises."""
    data = SAMPLES[kind]
    for tenth in range(1, 10):
        reading = read(data[: len(data) * tenth // 10])
        assert _accounts(reading) or kind in {"svg", "picture", "sealed", "rtf", "html", "ics"}  # cut before the first word


@pytest.mark.parametrize("kind", SAMPLES)
def test_flipped_bits(kind: str) -> None:
    """Damage in the middle never raises."""
    chance = random.Random(kind)
    for _ in range(40):
        data = bytearray(SAMPLES[kind])
        for _ in range(3):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        read(bytes(data), seconds=5.0)


@pytest.mark.parametrize("kind", SAMPLES)
def test_no_time_left(kind: str) -> None:
    """A clock that has run out ends in a word, not in an error."""
    read(SAMPLES[kind], seconds=-1.0)
    inside = read(zipped({"a": SAMPLES[kind]}), seconds=-1.0)
    assert "timeout" in {each.reason for each in inside.unread}


@given(
    prefix=st.sampled_from(
        [b"", b"PK\3\4", b"%PDF-1.7\n", b"{\\rtf1 ", b"<html>", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"From: a\nTo: b\n", b"RIFF"]
    )
    | st.sampled_from(sorted({bytes(offset) + signature for offset, signature, _ in SIGNATURES})),
    rest=st.binary(max_size=600),
    media_type=st.sampled_from(
        ["text/plain", "text/html", "text/csv", "application/octet-stream", "image/png", "application/pgp-signature"]
    ),
    filename=st.sampled_from([None, "a.csv", "a.xlsx", "a.eml", "a.htm"]),
)
@settings(max_examples=300, deadline=None)
def test_any_bytes(prefix: bytes, rest: bytes, media_type: str, filename: str | None) -> None:
    """Whatever comes is read or said unread, within its limits."""
    part = Part("1", media_type, prefix + rest, filename, is_attachment=filename is not None)
    reading = formats.read(part, role=Role.ATTACHMENT, budget=Budget(Limits(seconds=5.0, ocr=False)))
    assert all(each.part.startswith("1") for each in reading.unread)


@given(text=st.text(alphabet='ab>|\t -\n:,;"<td>/FraDensktilmno\xa0ø', max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_letter_is_lost(text: str) -> None:
    """Every word of a text body comes back, in tables or paragraphs, but for quotation signs, bars and rules."""
    reading = formats.read(Part("1", "text/plain", text.encode(), charset="utf-8"), role=Role.BODY, budget=Budget())
    found = "".join(
        (block.text if hasattr(block, "text") else "".join(cell.text for cells in block.rows for cell in cells))
        for document in reading.documents
        for block in document.blocks
    )
    assert sorted(letter for letter in text if letter.isalpha()) == sorted(letter for letter in found if letter.isalpha())


def test_interrupt_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C is no damage; a panic of a reader in Rust, which is no Exception, is."""

    class Panic(BaseException):
        pass

    def stop(error: type[BaseException]) -> None:
        def sniffed(_part: Part) -> str:
            raise error

        monkeypatch.setattr(formats, "sniff", sniffed)

    stop(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        read(b"hej")
    stop(Panic)
    assert [each.reason for each in read(b"hej").unread] == ["damaged"]
