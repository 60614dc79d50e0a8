"""Bytes to messages: what golden mails do not show one by one, the limits, and any bytes at all."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector import headers, mime, transfer
from detector.budget import Budget, Limits
from detector.records import Message, Reason

HEAD = b"From: a@uni.example\nTo: b@uni.example\nSubject: s\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=q\n\n"
GOLDEN = [path.read_bytes() for path in sorted((Path(__file__).parent / "golden").glob("*.eml"))]


def parse(raw: bytes, **limits: int) -> Message:
    """A message read under these limits."""
    return mime.parse(raw, budget=Budget(Limits(**limits)))


def codes(message: Message) -> set[str]:
    """Defect codes of a message."""
    return {defect.code for defect in message.defects}


def all_messages(message: Message) -> Iterator[Message]:
    """A message and all that are attached to it."""
    yield message
    for attached in message.attached:
        yield from all_messages(attached)


# ---------------------------------------------------------------- headers


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?Q?M=C3=B8de?=", "Møde"),
        ("=?UTF-8?b?TcO4ZGU=?= i dag", "Møde i dag"),  # words in clear behind it
        ("SV: =?iso-8859-1?Q?M=F8de_p=E5_=D8?=", "SV: Møde på Ø"),  # and before
        ("=?utf-8?Q?M=C3?= =?utf-8?Q?=B8de?=", "Møde"),  # a letter split between two words
        ("=?utf-8?Q?a?=\r\n =?iso-8859-1?Q?=F8?=", "aø"),  # folded, two charsets
        ("=?utf-8?Q?a?= og =?utf-8?Q?b?=", "a og b"),
        ("=?utf-8?Q?med blank?=", "med blank"),  # blanks inside, against the rules
        ("=?utf-8?B?TcO4ZGU?=", "Møde"),  # padding left out
        ("=?iso-8859-1?Q?M=C3=B8de?=", "Møde"),  # UTF-8 under a Latin-1 label
        ("=?utf-8*da?Q?M=C3=B8de?=", "Møde"),  # with a language, RFC 2231
        ("=?utf-8?Q?halv", "=?utf-8?Q?halv"),  # broken: readable as it is
        ("=?utf-8?Q?halv =?utf-8?Q?hel?=", "=?utf-8?Q?halv hel"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),  # no such encoding
        ("=?x-klingon?Q?abc?=", "abc"),
        ("=??Q?abc?=", "=??Q?abc?="),
        ("1 =? 2", "1 =? 2"),
        ("=?utf-8?Q??= tom", " tom"),
    ],
)  # fmt: skip
def test_encoded_words(written: str, read: str) -> None:
    """RFC 2047 and what programs make of it."""
    assert headers.decode_words(headers._unfold(written.replace("\r", ""))) == read


@pytest.mark.parametrize(
    ("written", "emails"),
    [
        ("a@x.example", ["a@x.example"]),
        ('"Holm, Bo" <b@x.example>, Eva <c@x.example>', ["b@x.example", "c@x.example"]),  # a comma in a name
        ("Team: a@x.example, b@x.example;", ["a@x.example", "b@x.example"]),  # a group
        ("Team: a@x.example;, Bo <b@x.example>", ["a@x.example", "b@x.example"]),
        ("undisclosed-recipients:;", []),
        ("Undisclosed recipients", []),
        ("a@x.example; b@x.example", ["a@x.example", "b@x.example"]),  # Outlook's semicolons
        ("a@x.example a@x.example", ["a@x.example", "a@x.example"]),  # no comma; counting is not done here
        ("Bo Holm b@x.example", ["b@x.example"]),  # no angle brackets
        ("Bo <b@x.example", ["b@x.example"]),  # not closed
        ('"Bo <b@x.example>, c@x.example', ["b@x.example", "c@x.example"]),  # a quote that is not closed
        ("<a@x.example> <b@x.example>", ["a@x.example", "b@x.example"]),
        ("a@x.example (Bo (B) Holm)", ["a@x.example"]),
        ("b@x.example <c@x.example>", ["c@x.example"]),  # an address for a name
        ("søren@ærø.example", ["søren@ærø.example"]),  # RFC 6532
        ("Studienævnet", ["Studienævnet"]),  # a local recipient of a mailbox export
        ("", []),
        (",,, ;;", []),
        ("a@x.example,\n\tb@x.example", ["a@x.example", "b@x.example"]),
    ],
)  # fmt: skip
def test_addresses(written: str, emails: list[str]) -> None:
    """No recipient is lost to a broken list."""
    assert sorted(address.email for address in headers.addresses([headers._unfold(written)])) == sorted(emails)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("=?utf-8?Q?S=C3=B8ren?= Holm <s@x.example>", "Søren Holm"),
        ('"=?utf-8?Q?Holm=2C_S=C3=B8ren?=" <s@x.example>', "Holm, Søren"),  # quoted, against RFC 2047, and common
        ("s@x.example (Bo Holm)", "Bo Holm"),  # the old way
        ('"s@x.example" <s@x.example>', ""),  # no name at all
        ("Bo <s@x.example>; Eva", "Bo"),  # kept through the recovery
    ],
)  # fmt: skip
def test_names(written: str, name: str) -> None:
    """Names are decoded after the list has been taken apart, so a comma in one splits nothing."""
    assert next(address.name for address in headers.addresses([written]) if "@" in address.email) == name


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Wed, 1 May 2024 10:00:00 +0200 (CEST)", "2024-05-01T08:00:00+00:00"),
        ("1 May 24 10:00 GMT", "2024-05-01T10:00:00+00:00"),  # two digits, no weekday
        ("Wed, 01 May 2024 10:00:00", "2024-05-01T10:00:00+00:00"),  # no zone: taken for UTC
        ("Fri, 1 May 2024 10:00:00 -0000", "2024-05-01T10:00:00+00:00"),  # the wrong weekday
        ("Wed, 32 May 2024 10:00:00 +0200", None),
        ("i går", None),
        ("", None),
        ("1 Jan 99999 00:00:00 +2300", None),  # behind the calendar
    ],
)  # fmt: skip
def test_date(written: str, read: str | None) -> None:
    """ISO 8601 in UTC."""
    assert headers.date(written) == read


@pytest.mark.parametrize(
    ("header", "filename"),
    [
        (b'Content-Disposition: attachment; filename="a b.pdf"', "a b.pdf"),
        (b"Content-Disposition: attachment; filename=a b.pdf", "a b.pdf"),  # no quotes
        (b"Content-Disposition: attachment; filename*=UTF-8''%C3%B8.pdf", "ø.pdf"),
        (b"Content-Disposition: attachment; filename*0=a; filename*1=b.pdf", "ab.pdf"),
        (b'Content-Disposition: attachment; filename="=?utf-8?Q?=C3=B8.pdf?="', "ø.pdf"),
        (b'Content-Type: application/pdf; name="=?utf-8?B?w7gucGRm?="', "ø.pdf"),  # only a name
        ('Content-Disposition: attachment; filename="ø.pdf"'.encode("latin-1"), "ø.pdf"),  # raw
        ('Content-Disposition: attachment; filename="ø.pdf"'.encode(), "ø.pdf"),
        (b"Content-Disposition: attachment; filename*=klingon''%F8.pdf", "ø.pdf"),  # an unknown charset
        (b'Content-Disposition: attachment; filename=""', None),
        (b"Content-Disposition: attachment; a*; b*=; filename*99999999999999999999999*=x", "x"),
        (b"Content-Disposition: attachment; filename*" + b"9" * 5000 + b"*=x", None),  # more digits than an int takes
        (b"Content-Disposition: attachment", None),
    ],
)  # fmt: skip
def test_filename(header: bytes, filename: str | None) -> None:
    """RFC 2231, RFC 2047 and neither."""
    part = parse(MIXED + b"--q\n" + header + b"\n\nx\n--q--\n").parts[0]
    assert (part.filename, part.is_attachment) == (filename, b"Disposition" in header or filename is not None)


# ---------------------------------------------------------------- transfer encodings


@pytest.mark.parametrize(
    ("wire", "encoding", "data", "defect"),
    [
        (b"SGVq", "base64", b"Hej", None),
        (b"SGVqIQ==", "Base64 ", b"Hej!", None),
        (b"SGVqIQ", "base64", b"Hej!", "base64-padding"),
        (b"SGVqI", "base64", b"Hej", "base64-cut"),
        (b"SGVqSGVq!SGVq", "base64", b"HejHejHej", "base64-junk"),
        (b"SGVqIQ==SGVq", "base64", b"Hej!Hej", None),  # glued pieces, both read
        (b"Hej Mette, vi ses i dag", "base64", b"Hej Mette, vi ses i dag", "base64-not-encoded"),
        (b"SGVq\n-- \nen liste, i klar tekst\n", "base64", b"Hej\n-- \nen liste, i klar tekst\n", "base64-then-text"),
        (b"", "base64", b"", None),
        (b"S=F8ren=\nsen", "quoted-printable", b"S\xf8rensen", None),
        (b"50 = 50 =ZZ", "quoted-printable", b"50 = 50 =ZZ", "quoted-printable-broken"),
        (b"a=", "quoted-printable", b"a", None),  # cut at a soft line end
        (b"x", "8bit; something", b"x", None),
        (b"x", "(comment)", b"x", "unknown-transfer-encoding"),
        (b"begin 644 a\n#2&5J\n`\nend\n", "x-uuencode", b"Hej", None),
        (b"no begin", "uuencode", b"no begin", "uuencode-missing"),
        (b"=ybegin line=128 size=3 name=a\r\nr\x8f\x94\r\n=yend size=3\r\n", "x-yenc", b"Hej", None),
        (b"=ybegin line=128 size=1 name=a\n=J\n=yend size=1\n", "x-yenc", b"\xe0", None),  # an escaped byte
        (b"no begin", "x-yenc", b"no begin", "yenc-missing"),
    ],
)  # fmt: skip
def test_transfer_encoding(wire: bytes, encoding: str, data: bytes, defect: str | None) -> None:
    """What can be read is read; what is readable as it stands is kept."""
    assert transfer.decode(wire, encoding) == (data, defect)


def test_uuencoded_file_in_a_text_is_a_part() -> None:
    """Programs before MIME attached files this way."""
    message = parse(HEAD + b"\nSe filen:\nbegin 644 liste.csv\n#2&5J\n`\nend\nhilsen\n")
    assert [(part.index, part.filename, part.data) for part in message.parts[1:]] == [("1.1", "liste.csv", b"Hej")]
    assert message.parts[0].data == b"Se filen:\n\n\n\n\nhilsen\n"
    within = parse(HEAD + b"\nbegin 644 a.csv\n#2&5J\nbegin 644 b.csv\n#2&5J\n`\nend\nhilsen\n")
    assert b"hilsen" in within.parts[0].data


# ---------------------------------------------------------------- structure


@pytest.mark.parametrize(
    ("raw", "indices", "code"),
    [
        (b"", ["1"], None),  # nothing at all
        (b"\n", ["1"], None),
        (b"CPR: ikke et mailhoved\n\ntekst", ["1"], "no-headers"),  # looks like a header; text all the same
        (HEAD, ["1"], None),  # headers only
        (HEAD.rstrip(), ["1"], None),  # cut in the headers
        (HEAD.replace(b"\n", b"\r") + b"\rHej", ["1"], None),  # the line ends of old Macs
        (MIXED + b"--q\n\nA\n--q\n\nB\n--q--\n", ["1", "2"], None),
        (MIXED + b"--q\n\nA\n--q\n\nB", ["1", "2"], "close-boundary-missing"),
        (MIXED + b"--q\n\nA\n--q--\n--q\n\nB\n--q--\n", ["1", "2"], None),  # closed too early; B is read
        (MIXED + b"--qq\n\nA\n--q\n\nB\n--q--\n", ["1"], None),  # a longer line is no boundary
        (MIXED + b"--q \t\n\nA\n--q-- \n", ["1"], None),  # blanks behind it
        (MIXED, ["1"], "boundary-not-found"),
        (MIXED + b"--x\nContent-Type: text/plain\n\nA\n--x--\n", ["1"], "boundary-not-found"),  # another one is in use
        (HEAD + b"Content-Type: multipart/mixed\n\n--x\nContent-Type: text/plain\n\nA\n--x--\n", ["1"], "boundary-missing"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=q\n--q\nContent-Type: text/plain\n\nA\n--q--\n", ["1"], None),  # no blank line
        (HEAD + b"Content-Type: multipart; boundary=q\n\n--q\n\nA\n--q--\n", ["1"], None),  # not a type
        (HEAD + b"Content-Type: multipart/; boundary=q\n\n--q\n\nA\n--q\n\nB\n--q--\n", ["1", "2"], None),  # no subtype
        (HEAD + b"junk\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=q\n\n--q\n\nA\n--q\n\nB\n--q--\n", ["1", "2"],
         "header-junk-line"),
        (MIXED.replace(b"Content", b"Content-Transfer-Encoding: base64\nContent")
         + base64.encodebytes(b"--q\n\nA\n--q\n\nB\n--q--\n"), ["1", "2"], None),  # encoded as a whole, against the rules
        (HEAD + HEAD + b"\nA", ["1"], "duplicate-header"),
        (MIXED + b"--q\nCPR: x\n\nA\n--q--\n", ["1"], None),
    ],
)  # fmt: skip
def test_structure(raw: bytes, indices: list[str], code: str | None) -> None:
    """Broken mails, each with LF and CRLF."""
    for newline in (b"\n", b"\r\n"):
        message = parse(raw.replace(b"\n", newline))
        assert [part.index for part in message.parts] == indices
        assert code is None or code in codes(message)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"CPR: 300280-0008\n\ntekst", b"CPR: 300280-0008"),  # no header that mail has
        (MIXED + b"--q\nCPR: 300280-0008\n\nA\n--q--\n", b"CPR: 300280-0008"),  # nor that a part has
        (MIXED + b"CPR 300280-0008 before the parts\n--q\n\nA\n--q--\n", b"300280-0008"),
        (MIXED + b"--q\n\nA\n--q--\nCPR 300280-0008 after them", b"300280-0008"),
    ],
)  # fmt: skip
def test_no_text_is_lost_between_the_parts(raw: bytes, text: bytes) -> None:
    """What a program hides is in the mail all the same. (30 February: nobody's number.)"""
    assert any(text in part.data for part in parse(raw).parts)


def test_unread_structure_is_said() -> None:
    """A multipart whose parts cannot be found may hide encoded content."""
    message = parse(MIXED + b"--other\n\nU0dWcQ==\n--other--\n")
    assert [miss.reason for miss in message.unread] == [Reason.DAMAGED]


# ---------------------------------------------------------------- limits


def nested(depth: int) -> bytes:
    """Multiparts in multiparts, a text in the innermost."""
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d.\n\n--b%d.\n" % (level, level) for level in range(depth))
    return HEAD + opened + b"\ninnermost\n" + b"".join(b"--b%d.--\n" % level for level in reversed(range(depth)))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: HEAD + b"\n" + b"x" * 101_000_000, Reason.TOO_LARGE),
        (lambda: HEAD + b"X-A: " + b"a" * 50_000_000 + b"\n\nHej", Reason.TOO_LARGE),  # a header of 50 MB
        (lambda: b"Subject: " + b"a" * 100_000 + b"\n\nHej", Reason.TOO_LARGE),
        (lambda: HEAD + b"a:\n" * 1_000_000 + b"\nHej", Reason.TOO_LARGE),
        (lambda: nested(10_000), Reason.TOO_DEEP),
        (lambda: HEAD + b"Content-Type: message/rfc822\n\n" * 10_000 + b"\nHej", Reason.TOO_DEEP),
        (lambda: MIXED + b"--q\n\nx\n" * 1_000_000, Reason.TOO_MANY_PARTS),
        (lambda: MIXED.replace(b"mixed", b"digest") + b"--q\n\nx\n" * 100_000, Reason.TOO_MANY_PARTS),
    ],
    ids=["message", "header", "subject", "headers", "multiparts", "messages", "parts", "digest"],
)  # fmt: skip
def test_limits(make: Callable[[], bytes], reason: Reason) -> None:
    """Beyond a limit the rest is said unread, and text that stands there in clear is kept."""
    raw = make()
    start = time.monotonic()
    message = parse(raw)
    assert time.monotonic() - start < 10  # a second at most on a quiet machine
    assert reason in {miss.reason for each in all_messages(message) for miss in each.unread}
    assert any(each.parts for each in all_messages(message))


def test_text_too_deep_is_kept_in_clear() -> None:
    """Not taken apart, yet readable."""
    assert b"innermost" in parse(nested(60)).parts[0].data


@pytest.mark.parametrize(
    "make",
    [
        lambda: HEAD + b"\n" * 20_000_000,
        lambda: HEAD + b"Content-Type: text/plain; " + b';"' * 30_000 + b"\n\nHej",
        lambda: HEAD + b"Subject: " + b"=?a?q?x" * 9_000 + b"\n\nHej",
        lambda: HEAD + b"To: " + b"a@b," * 250_000 + b"\n\nHej",
        lambda: HEAD + b"To: " + b"(" * 60_000 + b"\n\nHej",
        lambda: HEAD + b"Date: " + b"(" * 60_000 + b"\n\nHej",
        lambda: MIXED + b"--q x\n" * 3_000_000,
        lambda: HEAD + b"Content-Transfer-Encoding: base64\n\n" + b"A=\n" * 5_000_000,
        lambda: HEAD + b"Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a\n" + b"#\x00\xff\n" * 2_000_000,
        lambda: HEAD + b"junk\n" * 3_000_000 + b"Subject: x\n\nHej",
        lambda: b"\0" * 10_000_000,
        lambda: bytes(range(256)) * 40_000,
    ],
    ids=["lines", "quotes", "words", "commas", "comments", "date", "near-boundaries", "padding", "uuencode", "junk", "nul", "binary"],
)  # fmt: skip
def test_nothing_hangs(make: Callable[[], bytes]) -> None:
    """Bytes made to be slow; each takes under a second on a quiet machine."""
    raw = make()
    start = time.monotonic()
    message = parse(raw)
    assert message.parts
    assert time.monotonic() - start < 10


def test_clock_of_the_budget_stops_the_reading() -> None:
    """A scan that is out of time gets the rest as unread."""
    message = mime.parse(MIXED + b"--q\n\nx\n" * 10, budget=Budget(Limits(seconds=-1)))
    assert [miss.reason for miss in message.unread] == [Reason.TIMEOUT]


# ---------------------------------------------------------------- any bytes


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A golden mail with pieces cut out, doubled or overwritten."""
    raw = draw(st.sampled_from(GOLDEN))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(raw)))
        end = draw(st.integers(start, min(len(raw), start + 400)))
        piece = draw(
            st.sampled_from([b"", raw[start:end] * 2, b"\0", b"\n\n", b"\xff\xfe", b"--", b"=?", b'"', b";"]) | st.binary(max_size=20)
        )
        raw = raw[:start] + piece + raw[end:]
    return raw


def check(raw: bytes) -> None:
    """Every message read gives parts, attached messages, or says what it did not read; paths are unique and texts are clean."""
    message = parse(raw, parts=40, depth=6)
    paths = [part.index for each in all_messages(message) for part in each.parts]
    assert len(paths) == len(set(paths))
    for each in all_messages(message):
        assert each.parts or each.attached or each.unread or each.media_type.startswith("multipart/")
        for text in (each.subject, each.date or "", *each.received, *(part.filename or "" for part in each.parts)):
            text.encode()
        assert all(code.replace("-", "").isalnum() and code == code.lower() for code in codes(each))


@given(st.binary(max_size=2_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    """Never raises on junk."""
    check(raw)


@given(st.binary(max_size=400))
def test_any_bytes_behind_a_header_are_read(raw: bytes) -> None:
    """Junk with a known name in it goes the other way."""
    check(b"Subject: " + raw)
    check(b"Content-Type: multipart/mixed; boundary=a" + raw)


@settings(max_examples=300, deadline=None)
@given(mutated())
def test_mutated_mails_are_read(raw: bytes) -> None:
    """Never raises on a mail with damage; every part is accounted for."""
    check(raw)
