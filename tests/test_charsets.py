"""Bytes to text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import charsets
from detector.charsets import MISMATCH, UNDECLARED, UNKNOWN

SOREN = "Søren Ågård, blåbærgrød"


@pytest.mark.parametrize(
    ("data", "declared", "text", "defect"),
    [
        (b"", None, "", None),  # nothing
        (b"Hej", None, "Hej", None),  # ASCII needs no declaration
        (SOREN.encode(), "utf-8", SOREN, None),  # as it should be
        (SOREN.encode(), "UTF8", SOREN, None),  # a common alias
        (SOREN.encode(), '"utf-8"', SOREN, None),  # quotes left by a broken header
        (SOREN.encode(), None, SOREN, None),  # undeclared UTF-8 needs no guess
        (SOREN.encode("latin-1"), None, SOREN, UNDECLARED),  # undeclared Latin-1
        (SOREN.encode("latin-1"), "unknown-8bit", SOREN, UNDECLARED),  # a name that says nothing
        (SOREN.encode("latin-1"), "iso-8859-1", SOREN, None),
        (SOREN.encode("latin-1"), "utf-8", SOREN, MISMATCH),  # declared wrongly
        (SOREN.encode(), "iso-8859-1", SOREN, MISMATCH),  # valid multi-byte UTF-8 under a Latin-1 label
        (SOREN.encode(), "us-ascii", SOREN, MISMATCH),
        (SOREN.encode(), "windows-1252", SOREN, MISMATCH),
        ("“10 €”".encode("cp1252"), "iso-8859-1", "“10 €”", None),  # what Latin-1 says is windows-1252
        (b"\x81\x8d\x8f\x90\x9d", "cp1252", "\x81\x8d\x8f\x90\x9d", None),  # the five undefined bytes
        (b"S\xc3\xb8ren\nJ\xf8rgen", "utf-8", "Søren\nJørgen", MISMATCH),  # two encodings in one mail, by line
        (b"S\xc3\xb8ren og \xc3", "utf-8", "Søren og \ufffd", MISMATCH),  # cut inside a letter: the rest stays right
        (SOREN.encode(), "x-klingon", SOREN, UNKNOWN),  # readable all the same
        (b"SGVq", "base64", "SGVq", UNKNOWN),  # no charset: a codec of Python's
        (b"Urw", "rot13", "Urw", UNKNOWN),
        (b"x\x9c", "zip", "xœ", UNKNOWN),
        (b"\\u00f8", "unicode_escape", "\\u00f8", UNKNOWN),  # a codec with rules of its own
        (b"abc-", "punycode", "abc-", UNKNOWN),
        (b"abc", "a\0b", "abc", UNKNOWN),  # a name no one has
        (b"abc", "../../etc/passwd", "abc", UNKNOWN),
        (b"abc", "x" * 100_000, "abc", UNKNOWN),
        (b"\xef\xbb\xbf" + SOREN.encode(), "iso-8859-1", SOREN, None),  # a mark outweighs the label
        (SOREN.encode("utf-16"), None, SOREN, None),
        (b"\xfe\xff" + SOREN.encode("utf-16-be"), "utf-8", SOREN, None),
        (SOREN.encode("utf-32"), None, SOREN, None),
        (SOREN.encode("utf-16-le"), None, SOREN, UNDECLARED),  # UTF-16 without a mark
        (SOREN.encode("utf-16") + b"\x41", None, SOREN, None),  # cut inside a letter
        (b"Hej Mette", "utf-16", "Hej Mette", MISMATCH),  # a label that would make Chinese of it
        (b"S+APg-ren", "utf-7", "Søren", None),
        (b"S+APg-ren", None, "S+APg-ren", None),  # UTF-7 only where it is declared
        (b"+2AA-", "utf-7", "\ufffd", None),  # a lone surrogate cannot leave as UTF-8
        (b"a\0b", None, "a b", None),  # NUL
        ("ŁódŹ".encode("iso-8859-2"), "iso-8859-2", "ŁódŹ", None),
        ("日本".encode("iso-2022-jp"), "iso-2022-jp", "日本", None),
        ("日本".encode("cp932"), "shift_jis", "日本", None),
        (b"\x80\xff\xff", "euc-jp", "€ÿÿ", MISMATCH),  # bytes the declared charset has not
    ],
)  # fmt: skip
def test_decode(data: bytes, declared: str | None, text: str, defect: str | None) -> None:
    """The ladder, a rung a row."""
    assert charsets.decode(data, declared) == (text, defect)


def test_large_mixed_text_keeps_its_letters() -> None:
    """Beyond a megabyte one encoding is chosen for all; neither choice loses the letters before the first bad byte."""
    filler = b"x" * 1_100_000
    assert charsets.decode("ø".encode() + filler + b"\xf8", "utf-8")[0].startswith("øx")
    assert charsets.decode(filler + b"\xf8", "utf-8")[0].endswith("ø")


@given(
    st.binary(max_size=200),
    st.none() | st.text(max_size=20) | st.sampled_from(["utf-7", "utf-16", "gb2312", "hz", "iso-2022-kr", "cp1252"]),
)
def test_any_bytes_become_text(data: bytes, declared: str | None) -> None:
    """Never raises, and the text can be written as UTF-8, without a NUL."""
    text, defect = charsets.decode(data, declared)
    assert "\0" not in text
    text.encode()
    assert defect in (None, MISMATCH, UNDECLARED, UNKNOWN)
