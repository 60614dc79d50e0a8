"""Whom findings are about in whole messages: quoted mails, attachments, attached mails (marks as in `told.py`)."""

from __future__ import annotations

import pytest
from told import letter, persons_of

from detector.records import Document, Place, Role, Text
from detector.threads import Threads, Writer


@pytest.mark.parametrize(("body", "expected"), [
    ("Tak.\n\nDen 5. nov. 2026 kl. 10.12 skrev [Ali Said] <ali@x.example>:\n> Jeg er {health|syg} i dag.", "Ali Said: health"),
    ("Tak.\n\nDen 05-11-2026 10:12, [Ali Said] skrev:\n> Jeg er {health|syg} i dag.", "Ali Said: health"),
    ("Thanks.\n\nOn Thu, 5 Nov 2026 at 10:12 AM, [Ali Said] <ali@x.example> wrote:\n> I am {health|ill} today.", "Ali Said: health"),
    ("Thanks.\n\nOn 5 Nov 2026, at 10.12, Said, Ali <ali@x.example> wrote:\n\n> I'm {health|ill}.", "Said, Ali: health"),
    ("Tak.\n\nFra: [Ali Said] <ali@x.example>\nSendt: 5. november 2026 10:12\nTil: Line Krogh\nEmne: I dag\n\nJeg er {health|syg}.",
     "Ali Said: health"),
    ("Tak.\n\n-----Original Message-----\nFrom: [Ali Said]\nSent: Thursday\nTo: Line Krogh\nSubject: Today\n\nI am {health|ill}.",
     "Ali Said: health"),
    ("Tak.\n\n________________________________\nFra: [Ali Said]\nSendt: torsdag\nTil: Line Krogh\n\nJeg er {health|syg}.",
     "Ali Said: health"),
    ("Videresendt.\n\n---------- Forwarded message ---------\nFra: [Ali Said] <ali@x.example>\nDate: tor. 5. nov.\nSubject: I dag\n"
     "To: <line@x.example>\n\nJeg har {health|feber}.", "Ali Said: health"),
    ("Tak.\n> Jeg er {health|syg} i dag.", "Bent Aaby: health"),  # nobody says who wrote it: the one who is answered
    ("Hej igen\n> Det var godt.\n>> Jeg er {health|syg} i dag.", "Line Krogh: health"),  # an answer to an answer
    ("Jeg er også {health|syg}.\n\nDen 5. nov. 2026 skrev [Ali Said]:\n> Jeg er {health|syg} i dag.",
     "Line Krogh: health; Ali Said: health"),
    ("Tak.\n\nDen 6. nov. 2026 skrev [Bo Dam]:\n> Ja.\n>\n> Den 5. nov. 2026 skrev [Ali Said]:\n>> Jeg er {health|syg}.",
     "Ali Said: health"),

       ("Tak.\n\nDen 6. nov. 2026 skrev [Bo Dam]:\n> Jeg er {health|rask}.\n>\n"
     "> Den 5. nov. 2026 skrev [Ali Said]:\n>> Og jeg er {health|syg}.",
     "Bo Dam: health; Ali Said: health"),
    ("Tak.\n\nDen 5. nov. 2026 skrev [Ali Said]:\n> Jeg er {health|syg}.\n\nGod bedring.\n\n> Jeg har {health|feber}.", "Ali Said: health"),
])  # fmt: skip
def test_who_says_i(body: str, expected: str) -> None:
    """ "Jeg" is who wrote that mail, not who quotes it."""
    assert "; ".join(persons_of(letter(body))) == expected


@pytest.mark.parametrize(("body", "expected"), [
    ("Hun er {health|syg}.\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> Hvor er [Mette Lund]?", "Mette Lund: health"),  # told of in the history
    ("Hun er {health|syg}.\n\nFra: [Bo Dam]\nSendt: i dag\nTil: [Line Krogh]\nEmne: Om [Mette Lund]\n\nHvor er hun?", "Mette Lund: health"),
    ("> Hvor er [Mette Lund]?\nHun er {health|syg}.", "Mette Lund: health"),  # an answer below its question
    ("[Ali Said] kommer.\n> Og [Mette Lund]?\nHun er {health|syg}.", "Mette Lund: health"),
    ("[Ali Said] er {health|syg}.\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> [Mette Lund] er gået.\n> Hun har {health|migræne}.",
     "Ali Said: health; Mette Lund: health"),
    ("[Mette Lund] er rask.\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> Hun har {health|migræne}.", "Mette Lund: health"),  # named later only
    ("Ok.\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> Hej [Line]\n> Du har fået {grades|10}.", "Line Krogh: grades"),  # the one greeted there
    ("Ok.\n\nFra: [Bo Dam]\nSendt: i dag\nTil: Ida Holm\nEmne: x\n\nDu har fået {grades|10}.", "Ida Holm: grades"),  # written to there
    ("Ok.\n> Du har fået {grades|10}.", "Line Krogh: grades"),  # written to by the one who is answered
    ("[Mette Lund] er {health|syg}.\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> [Mettes] {health|hofte} er skidt.", "Mette Lund: health"),
    ("{cpr|A}\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> [Mette Lund] {cpr|a}", "Mette Lund: cpr"),  # one number in both
    ("Se nedenfor.\n\nFra: [Bo Dam]\nSendt: i dag\nTil: Line Krogh\n\nEleven er {health|syg}.", "?: health"),  # not Bo, who only writes
    ("Se nedenfor.\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> Min søn er {health|syg}.", "?: health"),
    ("Se nedenfor.\n\nDen 5. nov. 2026 skrev [Bo Dam]:\n> Min søn [Emil] er {health|syg}.\n\nMin er også {health|syg}.",
     "Emil: health; Line Krogh: health"),
])  # fmt: skip
def test_who_is_meant(body: str, expected: str) -> None:
    """Pronouns and numbers across the mails of a thread."""
    assert "; ".join(persons_of(letter(body))) == expected


def test_history_in_html() -> None:
    """Block quotes and the header block of a mail program."""
    marked = "<div>Den 5. nov. 2026 kl. 10.12 skrev [Ali Said] &lt;ali@x.example&gt;:</div><blockquote>Jeg er {health|syg}.</blockquote>"
    headed = "<div><b>Fra:</b> [Ali Said]<br><b>Sendt:</b> 5. november<br><b>Til:</b> Line Krogh</div><p>Jeg er {health|syg}.</p>"
    apart = "<p>Fra: [Ali Said]</p><p>Sendt: 5. november</p><p>Til: Line Krogh</p><p>Jeg er {health|syg}.</p>"
    for history in (marked, headed, apart):
        assert persons_of(letter(f"<p>Tak.</p>{history}", html=True)) == ["Ali Said: health"]


@pytest.mark.parametrize(("subject", "body", "files", "expected"), [
    ("Om [Mette Lund]", "Se bilag.", {"brev.txt": "Hun er {health|syg}."}, "Mette Lund: health"),  # a subject line over an attachment
    ("Se her", "[Mette] er {health|syg}.", {"liste.csv": "Navn;Karakter\nMette Lund;{grades|7}\nAli Said;{grades|4}"},
     "Mette Lund: grades health; Ali Said: grades"),
    ("Se her", "{cpr|A} mangler.", {"liste.csv": "Navn;CPR\nMette Lund;{cpr|a}\nAli Said;{cpr|B}"}, "Mette Lund: cpr; Ali Said: cpr"),
    ("Se her", "Se bilag.", {"a.csv": "Navn;Karakter\nMette Lund;{grades|7}", "b.csv": "Navn;Karakter\nLund, Mette;{grades|4}"},
     "Mette Lund: grades"),  # one person in two lists
    ("Se her", "Se bilag.", {"Lægeerklæring [Mette Lund].txt": "Patienten har {health|gigt}."}, "Mette Lund: health"),  # the file's name
    ("Se her", "Se bilag.", {"brev.txt": "Kære [Mette Lund]\nDin {health|sygemelding} er modtaget."}, "Mette Lund: health"),
])  # fmt: skip
def test_attachments(subject: str, body: str, files: dict[str, str], expected: str) -> None:
    """Persons are one across the subject line, the body and the attachments."""
    assert "; ".join(persons_of(letter(body, subject=subject, files=files))) == expected


@pytest.mark.parametrize(("inner", "expected"), [
    (letter("Jeg er {health|syg}.", sender="Ali Said <ali@x.example>"), "Ali Said: health"),  # its own sender
    (letter("Du er {health|rask} igen.", sender="Bo Dam <bo@x.example>", to="Ali Said <ali@x.example>"), "Ali Said: health"),
    (letter("Hun er {health|syg}.", subject="Om [Mette Lund]"), "Mette Lund: health"),  # its own subject line
    (letter("Jeg er {health|syg}.", sender="line@x.example"), "Line Krogh: health"),  # known by the address outside
    (letter("Jeg er {health|syg}.", sender="mette.lund@x.example"), "Mette Lund: health"),  # told by the address itself
    (letter("Jeg er {health|syg}.", sender="ml@x.example"), "ml@x.example: health"),
])  # fmt: skip
def test_attached_mails(inner: object, expected: str) -> None:
    """An attached mail has writers of its own."""
    outer = letter("Hej [Bent], jeg talte med [Mette Lund].", files={"mail.eml": inner})  # type: ignore[dict-item]
    assert "; ".join(persons_of(outer)) == expected


def test_segments() -> None:
    """A mail quoted on is one segment, with an answer in the middle of it; a new head begins a new one."""
    head = "Den 5. nov. 2026 skrev Bo Dam:"
    texts = [("Ja.", 0), (head, 0), ("Kan du?", 1), ("Ja.", 0), ("Og så?", 1), ("Fra: Ida\nTil: Bo", 2), ("Hm.", 2)]
    document = Document("1", Role.BODY, tuple(Text(text, "", depth) for text, depth in texts))
    threads = Threads([document], [Writer()])
    assert [threads.of(Place(0, n)) for n in range(len(texts))] == [0, 0, 1, 0, 1, 2, 2]
    assert [segment.writer.sender and segment.writer.sender.name for segment in threads.segments] == [None, "Bo Dam", "Ida"]
