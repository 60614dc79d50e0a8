"""Plain text, CSV and HTML: paragraphs, tables and depth of quotation."""

from __future__ import annotations

import time

import pytest
from built_files import body, grid, read, texts

from detector.records import Table, Text


@pytest.mark.parametrize(
    "content, rows",
    [
        ("Navn\tKarakter\nBo\t7", [["Navn", "Karakter"], ["Bo", "7"]]),  # tabs
        ("Navn\t\tPoint\nBo\t\t7", [["Navn", "", "Point"], ["Bo", "", "7"]]),  # an empty cell between two tabs is kept
        ("Navn\tPoint\nBo Bosen\t\t7", [["Navn", "Point"], ["Bo Bosen", "7"]]),  # tabs used to line up
        ("Navn      Point\nBo          7\nIda         12", [["Navn", "Point"], ["Bo", "7"], ["Ida", "12"]]),  # blanks
        ("| Navn | Point |\n|------|-------|\n| Bo | 7 |", [["Navn", "Point"], ["Bo", "7"]]),  # Markdown, its rule dropped
        ("+------+---+\n| Navn | P |\n+------+---+\n| Bo   | 7 |\n+------+---+", [["Navn", "P"], ["Bo", "7"]]),  # drawn in ASCII
    ],
)
def test_table_in_text(content: str, rows: list[list[str]]) -> None:
    """Lines with the same number of columns are a table."""
    tables = [block for block in body(content) if isinstance(block, Table)]
    assert [grid(each) for each in tables] == [rows]


@pytest.mark.parametrize(
    "content",
    [
        "Jeg kommer i morgen.  Vi ses der.\nDet bliver sent.  Hav det godt.",  # two blanks after a full stop
        "Navn:   Mette Lund\nTlf.:   12 34 56 78",  # name and value: one person's lines, not two rows
        "-- \nMette Lund    Aarhus\nTlf. 1234     Bygning 5",  # a signature
        "1.  Dagsorden\n2.  Eventuelt\n3.  Farvel",  # a numbered list
        "en linje\nen anden linje",  # no columns at all
        "Navn    Point",  # one row is no table
        "a  b\nc  d  e",  # differing numbers of columns
    ],
)
def test_prose_is_no_table(content: str) -> None:
    """What only looks a little like columns stays text, whole."""
    blocks = body(content)
    assert not any(isinstance(block, Table) for block in blocks)
    assert "\n".join(block.text for block in blocks if isinstance(block, Text)).split() == content.split()


def test_places_are_lines() -> None:
    """A paragraph is placed by its first line, from 1; CR, LF and CRLF end a line."""
    blocks = body("Hej\r\n\r\nto\r\nlinjer\n\n\rNavn\tP\nBo\t7\nslut")
    assert [block.where for block in blocks] == ["line 1", "line 3", "line 7", "line 9"]
    assert isinstance(blocks[1], Text)
    assert blocks[1].text == "to\nlinjer"
    assert isinstance(blocks[2], Table)
    assert blocks[2].rows[1][1].where == "row 2, column 2"


HEADER = "Fra: Bo\nSendt: 1. maj 2026\nTil: Ida\nEmne: Sag\n\n"


@pytest.mark.parametrize(
    "content, depths",
    [
        ("Ja.\n> Kan du?\n>> Hvem?\n> > Hvem?\nNej.", [0, 1, 2, 0]),  # signs, with and without blanks between
        ("Ja.\n\n-----Oprindelig meddelelse-----\n" + HEADER + "Kan du?", [0, 1, 1]),  # Outlook, raised once
        ("Ja.\n\n-------- Original Message --------\nKan du?", [0, 1]),  # Thunderbird
        ("Ja.\n\n" + HEADER + "Kan du?\n\n" + HEADER + "Hvem?", [0, 1, 1, 2, 2]),  # two Outlook headers, one in the other
        ("Ja.\n\n*From:* Bo\n*Sent:* 1 May\n*To:* Ida\n\nKan du?", [0, 1, 1]),  # bold labels made stars
        ("Ja.\n\nDen 12. nov. 2026 kl. 10.12 skrev Bo <b@x.example>:\n\nKan du?", [0, 0, 1]),  # attribution above unmarked text
        ("Ja.\n\nOn 12 Nov 2026, Bo wrote:\n> Kan du?\n\nNej.", [0, 0, 1, 0]),  # above marked text: raised by the marks only
        ("Ja.\n\nOn Thu, 12 Nov 2026 at 10:12, Bo Bosen\n<b@x.example> wrote:\n\nKan du?", [0, 0, 1]),  # wrapped attribution
        ("Fra: mandag\ntil fredag er jeg væk", [0]),  # "Fra:" alone is no header block
        ("Den rapport skrev Bo i 2025.\n\nHej", [0, 0]),  # "skrev" in a sentence
    ],
)
def test_quote(content: str, depths: list[int]) -> None:
    """Depth of quotation of each block."""
    assert [block.quote for block in body(content)] == depths


def test_quoted_outlook_in_html() -> None:
    """The same cues hold in HTML, where a block quote counts too."""
    blocks = body(
        "<p>Ja.</p><blockquote><p>Kan du?</p></blockquote><div>Fra: Bo<br>Sendt: 1.5<br>Til: Ida<br>Emne: x</div><p>Hvem?</p>", "text/html"
    )
    assert [block.quote for block in blocks] == [0, 1, 1, 1]


# ---------------------------------------------------------------- csv


@pytest.mark.parametrize(
    "content, rows",
    [
        ("navn;kar\nBo;7,5\nIda;10", [["navn", "kar"], ["Bo", "7,5"], ["Ida", "10"]]),  # Danish: decimal commas
        ("navn,kar\nBo,7\nIda,10", [["navn", "kar"], ["Bo", "7"], ["Ida", "10"]]),
        ("navn\tkar\nBo\t7", [["navn", "kar"], ["Bo", "7"]]),
        ("navn|kar\nBo|7", [["navn", "kar"], ["Bo", "7"]]),
        ("Hold 3\n\nnavn;kar\nBo;7\nIda;2", [["Hold 3"], ["navn", "kar"], ["Bo", "7"], ["Ida", "2"]]),  # a title line above
        ('navn;kar\n"Bosen; Bo";7\n"linje\nskift";2', [["navn", "kar"], ["Bosen; Bo", "7"], ["linje\nskift", "2"]]),  # quoted
        ("navn;kar\nBo;7;ekstra\nIda", [["navn", "kar"], ["Bo", "7", "ekstra"], ["Ida"]]),  # ragged
        ("sep=;\nnavn;kar\nBo;7", [["navn", "kar"], ["Bo", "7"]]),  # Excel's first line
        ("cpr\n3002800008\n3002800009", [["cpr"], ["3002800008"], ["3002800009"]]),  # one column
    ],
)
def test_csv(content: str, rows: list[list[str]]) -> None:
    """The delimiter is found; every cell is kept."""
    (document,) = read(content.encode(), "liste.csv").documents
    assert [grid(block) for block in document.blocks] == [rows]


def test_csv_places() -> None:
    """Rows are counted as they stand in the file, blank ones too."""
    assert ("row 4, column 2", "7") in texts(read(b"a;b\n\nc;d\nBo;7", "l.csv"))


def test_unclosed_quotation_mark() -> None:
    """A quotation mark that is never closed costs no row."""
    lines = ["navn;kar", '"Bo;7', *[f"Person {number};{number}" for number in range(300)]]
    found = texts(read("\n".join(lines).encode(), "l.csv"))
    assert sum(text.startswith("Person") for _, text in found) == 300


def test_csv_that_is_prose() -> None:
    """Prose in a .csv is read as text."""
    (document,) = read("Hej Bo, jeg kommer, når jeg kan.\nVi ses, og hav det godt.\n".encode(), "brev.csv").documents
    assert all(isinstance(block, Text) for block in document.blocks)


# ---------------------------------------------------------------- html


@pytest.mark.parametrize(
    "content, blocks",
    [
        ("<p>a<b>b</b> c</p><div>d<br>e</div>", ["ab c", "d\ne"]),  # inline glues, block parts, <br> breaks
        ("<p>a<br><br>b</p>", ["a", "b"]),  # Outlook's paragraphs
        ("<p>S&oslash;ren&nbsp;&#198;r&#xf8;</p>", ["Søren\xa0Ærø"]),  # entities
        ("<style>x</style><script>y</script><!-- z --><p>a</p>", ["a"]),
        ("<p style='DISPLAY : none'>a</p><p hidden>b</p><p style='mso-hide:all'>c</p><p>d</p>", ["d"]),  # hidden
        ("<p>a <img alt='Foto af Bo'> <input value='Bo'><input type=hidden value=x></p>", ["a Foto af Bo Bo"]),
        ("<p>a", ["a"]),
        ("tekst uden mærker", ["tekst uden mærker"]),
        ("<ul><li>en<li>to</ul>", ["en", "to"]),
        ("<table><tr><td>kun én celle</td></tr></table>", ["kun én celle"]),  # layout
        ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", ["a", "b"]),  # one column is layout
        ("<table><tr><td>a</td><td>b</td></tr></table>", ["a", "b"]),  # one row is layout
        ("<textarea>a\n b</textarea>", ["a\n b"]),
    ],
)
def test_html_text(content: str, blocks: list[str]) -> None:
    """Block by block what a reader of the page sees."""
    assert [block.text for block in body(content, "text/html") if isinstance(block, Text)] == blocks


@pytest.mark.parametrize(
    "content, rows",
    [
        ("<table><tr><th>a<th>b<tr><td>c<td>d</table>", [["a", "b"], ["c", "d"]]),
        ("<table><tr><td colspan=2>a<td>b<tr><td>c<td>d<td>e</table>", [["a", "", "b"], ["c", "d", "e"]]),
        ("<table><tr><td rowspan=2>a<td>b<tr><td>c</table>", [["a", "b"], ["", "c"]]),
        ("<table><tr><td><table><tr><td>a<td>b<tr><td>c<td>d</table></table>", [["a", "b"], ["c", "d"]]),  # inside layout
        ("<table><tr><td><p>a</p><p>b</p><td>c<tr><td>d<td>e</table>", [["a\nb", "c"], ["d", "e"]]),
        ("<pre>a\tb\nc\td</pre>", [["a", "b"], ["c", "d"]]),
        ("<table><tr><td colspan=999999999>a<td>b<tr><td>c<td>d</table>", None),  # no memory for a lie
    ],
)
def test_html_table(content: str, rows: list[list[str]] | None) -> None:
    """Tables keep their rows."""
    tables = [grid(block) for block in body(content, "text/html") if isinstance(block, Table)]
    assert len(tables) == 1
    assert rows is None or tables == [rows]


def test_two_preserved_tables_stay_apart() -> None:
    """Tables in two <pre> elements do not become one."""
    blocks = body("<pre>a\tb\nc\td</pre><p>x</p><pre>e\tf\ng\th</pre>", "text/html")
    assert [type(block) for block in blocks] == [Table, Text, Table]


def test_meta_charset() -> None:
    """Without a declared charset the page's own holds."""
    page = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-5"><p>Бо</p>'.encode("iso-8859-5")
    assert texts(read(page, "a.html"))[-1][1] == "Бо"


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 100_000 + "Bo",
        "<p>" + "<b>" * 100_000 + "Bo",
        "<p " + " ".join(f"a{n}" for n in range(100_000)) + ">Bo",
        "<table><tr><td>" * 50_000 + "Bo",
    ],
    ids=["blocks", "inline", "attributes", "tables"],
)
def test_monstrous_html(page: str) -> None:
    """Nesting and attributes without end neither overflow a stack nor take the time."""
    begun = time.monotonic()
    (document,) = read(page.encode(), "a.html").documents
    assert "Bo" in str([block.text for block in document.blocks if isinstance(block, Text)])
    assert time.monotonic() - begun < 5
