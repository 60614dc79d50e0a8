"""Calendars, contacts, JSON and XML: values come back under their names, records that are alike as rows, and hostile files do no harm."""

from __future__ import annotations

import json
import time

import pytest
from built_files import ICS, JSON, VCF, XML, grid, read, texts
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.formats import values
from detector.formats.sniff import sniff
from detector.records import Part, Table, Text

XML_HEAD = b'<?xml version="1.0"?>'


def tables(data: bytes, name: str | None = None) -> list[list[list[str]]]:
    """The tables in a file, row by row."""
    return [grid(block) for document in read(data, name).documents for block in document.blocks if isinstance(block, Table)]


def paragraphs(data: bytes, name: str | None = None) -> list[str]:
    """The paragraphs in a file."""
    return [block.text for document in read(data, name).documents for block in document.blocks if isinstance(block, Text)]


# ---------------------------------------------------------------- contacts and calendars


def test_contacts() -> None:
    """A row each, with every field under its header; folded, quoted-printable and odd charsets undone."""
    assert tables(VCF) == [
        [
            ["Name", "Home phone", "Note", "Birthday", "Home e-mail", "Home address", "Cpr"],
            ["Søren Ærø", "12345678", "syg siden\n12. maj, på orlov", "19800230", "", "", ""],
            ["Bo Bosen", "", "en lang note", "", "bo@uni.example", "Ingenvej 3, 2. tv, 8000 Aarhus", "300280-0008"],
        ]
    ]


@pytest.mark.parametrize(
    "line, expected",
    [
        ("FN:Bo\nN:Bosen;Bo Erik;;Dr.;", {"Name": "Bo", "Full name": "Dr. Bo Erik Bosen"}),  # more than is shown
        ("N:Bosen;Bo;;;", {"Name": "Bo Bosen"}),
        ("TEL;TYPE=work,voice:1\nTEL;TYPE=\"cell\":2\nTEL:3", {"Work phone": "1", "Mobile": "2", "Phone": "3"}),
        ("EMAIL:a\nEMAIL:b", {"E-mail": "a\nb"}),  # two values
        ("ORG:Uni;Institut", {"Organisation": "Uni, Institut"}),
        ("NOTE:a\\nb\\, c\\\\", {"Note": "a\nb, c\\"}),
        ("X-FAGFORENING:HK", {"Fagforening": "HK"}),  # no known field
        ("en linje uden kolon", {"Note": "en linje uden kolon"}),
        ("VERSION:4.0\nUID:x\nREV:y", {}),  # nothing of anyone
    ],
)
def test_fields_of_a_contact(line: str, expected: dict[str, str]) -> None:
    """Each field under its header, whatever the version."""
    found = tables(f"BEGIN:VCARD\n{line}\nEND:VCARD\n".encode())
    assert ([dict(zip(*found[0], strict=True))] if found else [{}]) == [expected]


def test_many_fields() -> None:
    """What there are no columns left for is read beside the table."""
    data = b"".join(b"BEGIN:VCARD\nX-A%d:v\nEND:VCARD\n" % number for number in range(80))
    assert len(tables(data)[0][0]) == 60
    assert "A79: v" in paragraphs(data)


def test_calendar() -> None:
    """Sentences stand alone, who takes part is a table, files and the HTML text are parts of their own."""
    reading = read(ICS, media_type="text/calendar")
    assert not reading.unread
    assert texts(reading) == [
        ("event 1, summary", "Samtale med Bo"),
        ("event 1, description", "Bo er syg."),
        ("event 1, description", "Han kommer, måske."),
        ("event 1, location", "location: Stuen"),
        ("event 1", "uden kolon"),
        ("event 1, description", "Husk"),
        ("event 1, row 1, column 1", "Name"),
        ("event 1, row 1, column 2", "E-mail"),
        ("event 1, row 2, column 1", "Ær, Ida"),
        ("event 1, row 2, column 2", "ida@uni.example"),
        ("event 1, row 3, column 1", "Bo"),
        ("event 1, row 3, column 2", "bo@uni.example"),
        ("event 1, row 4, column 2", "c@uni.example"),
        ("line 1", "hej med dig"),
        ("paragraph 1", "Bo er syg; ja"),
    ]


# ---------------------------------------------------------------- JSON and XML


@pytest.mark.parametrize(
    "data, expected",
    [
        (JSON, [["navn", "cpr", "point"], ["Søren Ærø", "300280-0008", ""], ["Bo", "", "7"]]),
        (XML, [["navn", "cpr", "id"], ["Søren Ærø", "300280-0008", ""], ["Bo", "", "7"]]),
        (b'{"hold": {"elever": [{"navn": "Bo"}]}}', [["navn"], ["Bo"]]),  # deeper
        (b'[{"n": 1, "adr": {"vej": "V", "by": "B"}, "fag": ["a", "b"]}]', [["n", "adr vej", "adr by", "fag"], ["1", "V", "B", "a, b"]]),
        (b'{"010203": {"n": "a"}, "040506": {"n": "b"}}', [["key", "n"], ["010203", "a"], ["040506", "b"]]),  # under a key each
        (b'[["n", "p"], ["Bo", 7]]', [["n", "p"], ["Bo", "7"]]),
        (b'{"n": "Bo"}\n{"n": "Ida"}\n', [["n"], ["Bo"], ["Ida"]]),  # lines of JSON
        (b'\xef\xbb\xbf[{"n": 1.50, "m": null, "k": true}]', [["n", "m", "k"], ["1.50", "", "true"]]),
        (XML_HEAD + b'<a><b c="1"/><b c="2"/></a>', [["c"], ["1"], ["2"]]),  # attributes only
        (XML_HEAD + b"<a><b><c>1</c><c>2</c></b><b><c>3</c></b></a>", [["c"], ["1, 2"], ["3"]]),  # a name again
        (XML_HEAD + b'<a><b c="1">x</b><b c="2">y</b></a>', [["c", ""], ["1", "x"], ["2", "y"]]),
        ('<?xml version="1.0" encoding="utf-16"?><a><b><c>ø</c></b><b><c>å</c></b></a>'.encode("utf-16"), [["c"], ["ø"], ["å"]]),
    ],
)
def test_records(data: bytes, expected: list[list[str]]) -> None:
    """Records that are alike are rows under their names."""
    assert tables(data) == [expected]


@pytest.mark.parametrize(
    "data, expected",
    [
        (b'{"navn": "Bo", "adr": {"by": "Aarhus"}}', ["navn: Bo\nadr by: Aarhus"]),
        (b'{"a": {"b": {"c": {"d": "e"}}}}', ["a:", "b:\nc d: e"]),
        (b'{"a": 1, "a": 2}', ["a: 1, 2"]),  # a name that comes again hides nothing
        (b'["Bo er syg", "Ida er rask"]', ["Bo er syg\nIda er rask"]),
        (b'{"tom": ""}', ["tom: "]),
        (XML_HEAD + b"<a><navn>Bo</navn><alder>7</alder></a>", ["navn: Bo\nalder: 7"]),
        (XML_HEAD + b"<a><p>Hej <b>Bo</b>, du er <i>syg</i>.</p></a>", ["p: Hej Bo, du er syg."]),  # no sentence is torn
        (XML_HEAD + b"<!-- Bo er syg --><a>x</a>", ["x", "Bo er syg"]),
        (XML_HEAD + b"<bog><title>Hej</title></bog>", ["title: Hej"]),  # no HTML
    ],
)
def test_values_with_their_names(data: bytes, expected: list[str]) -> None:
    """All else is text, under the names that it has."""
    assert (paragraphs(data), tables(data)) == (expected, [])


@pytest.mark.parametrize(
    "data, name, kind",
    [
        (b"[1] Se bilag 3\n[2] Samme", None, "json"),  # which turns out to be none
        (b"{navn}, velkommen", None, "text"),
        (b'{"navn": "Bo", "cpr', None, "json"),
        (b"<?xml version='1.0'?><a><b>hej", None, "xml"),
        (b"<a><b>hej</b></a>", "a.xml", "xml"),
        (b"<?xml version='1.0'?><html><p>hej</p></html>", None, "html"),
        (b"BEGIN:VCARD\nFN:Bo", None, "vcf"),
        ("BEGIN:VCALENDAR\nX:æ".encode("utf-16"), None, "ics"),
    ],
)
def test_kinds(data: bytes, name: str | None, kind: str) -> None:
    """Told by content; what is damaged is read as text, whole."""
    assert sniff(Part("1", "application/octet-stream", data, name, is_attachment=True)) == kind
    assert not read(data, name).unread
    assert texts(read(data, name))


_WORDS = st.text("abcæ", min_size=1, max_size=4)
_LEAVES = _WORDS | st.integers() | st.booleans() | st.none() | st.sampled_from(["\ud800", "a\0b", "to\nlinjer", ""])
_TREES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4), max_leaves=20)


def _words(tree: object) -> list[str]:
    """Names and words in a tree."""
    if isinstance(tree, dict):
        return [word for key, value in tree.items() for word in (key, *_words(value))]
    if isinstance(tree, list):
        return [word for value in tree for word in _words(value)]
    return str(tree).split() if isinstance(tree, str) and tree.isalpha() else [str(tree)] if type(tree) is int else []


@given(tree=_TREES)
@settings(max_examples=100, deadline=None)
def test_no_value_is_lost(tree: object) -> None:
    """Every name, word and number of a tree is in what is read."""
    whole = " ".join(text for _, text in texts(read(json.dumps({"x": tree}).encode(), "a.json")))
    assert [word for word in _words(tree) if word not in whole] == []


def _laughs() -> bytes:
    entities = b"".join(b'<!ENTITY %c "%s">' % (98 + number, b"&%c;" % (97 + number) * 10) for number in range(9))
    return XML_HEAD + b'<!DOCTYPE l [<!ENTITY a "ha">' + entities + b"]><l>&j;</l>"


@pytest.mark.parametrize(
    "data",
    [
        _laughs(),
        XML_HEAD + b'<!DOCTYPE l [<!ENTITY a "' + b"a" * 50_000 + b'">]><l>' + b"&a;" * 50_000 + b"</l>",
        XML_HEAD + b'<!DOCTYPE l [<!ENTITY a SYSTEM "file:///etc/passwd">]><l>&a;</l>',
        XML_HEAD + b"<a>" * 300_000,
        XML_HEAD + b"<a>" * 199 + b"x" * 300_000 + b"</a>" * 199,
        XML_HEAD + b"<a " + b" ".join(b'a%d=""' % number for number in range(20_000)) + b"/>",
        XML_HEAD + b"<a><b/>" * 100_000,
        b"[" * 300_000,
        b'{"a":' * 300_000,
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"a": ' + b"9" * 300_000 + b"}",
        b"[1e999999999, NaN, -Infinity]",
        b"[" + b"[]," * 400_000 + b"[]]",
        b"[{" + b",".join(b'"%d":1' % number for number in range(20_000)) + b"}]",
        b'{"' + b"k" * 100_000 + b'": {' + b",".join(b'"%d":1' % number for number in range(5_000)) + b"}}",  # a long name, often
        b"BEGIN:VCARD\nA" + b';"' * 300_000,
        b"BEGIN:VCARD\nN:" + b"\\" * 300_000,
        b"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:=\n" + b"a=\n" * 100_000,
        b"BEGIN:VCARD\nFN:a\n" * 10_000,
        b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nATTENDEE;CN=a:b\n" * 4_000,
    ],
    ids=[
        "laughs", "quadratic", "from-outside", "deep-xml", "deep-text", "attributes", "many-tags", "deep-json", "deep-names", "deep-whole",
        "digits", "numbers", "empty-lists", "columns", "long-name", "quotes", "backslashes", "soft-breaks", "contacts", "events",
    ],
)  # fmt: skip
def test_hostile(data: bytes) -> None:
    """Each is read within three seconds of computing, and gives no more text than it holds but for a small factor."""
    begun = time.process_time()
    found = texts(read(data))
    assert time.process_time() - begun < 3
    assert sum(len(text) for _, text in found) < 5 * len(data)
    assert not any("root:" in text for _, text in found)


def test_names_that_come_again() -> None:
    """No value is lost, and there is one name for all."""
    assert values.merged([("a", 1), ("b", 2), ("a", [3]), ("a", 4)]) == {"a": [1, [3], 4], "b": 2}
