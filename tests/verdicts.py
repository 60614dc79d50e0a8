"""A made-up verdict for the tests of reports and of the command line. Its number passes modulus 11 and is no real date."""

from dataclasses import replace

from detector.records import (
    Cell,
    Counts,
    Decision,
    Document,
    Explanation,
    Finding,
    Hop,
    Place,
    Reason,
    Role,
    Subject,
    Table,
    Text,
    Transport,
    Unread,
    Verdict,
    Versions,
)

CPR = "300280-0008"
NAME = "Mette Kjærsgaard"
SENTENCE = "Mette Kjærsgaard er sygemeldt med stress"
FILE = "Sygdom Kjærsgaard.xlsx"
SUBJECT = "Om Mette Kjærsgaard"
SECRETS = (CPR, "0008", "Mette", "Kjærsgaard", "sygemeldt", "Sygdom")
"""None of these may stand in a masked report."""


def a_verdict(**changes):
    """A message with a sentence in its text, a number in a sheet, and a part that was not read."""
    table = Table(rows=((Cell("CPR", "Ark1!A1"), Cell("Navn", "Ark1!B1")), (Cell(CPR, "Ark1!A2"), Cell(NAME, "Ark1!B2"))))
    verdict = Verdict(
        decision=Decision.SECURE,
        rules=("sensitive-persons",),
        reasons=(Explanation("sensitive-persons", (("da", "Den rummer følsomme data."), ("en", "It holds sensitive data.")), "Må ikke."),),
        unlisted=False,
        protected=False,
        counts=Counts(1, 1, 1, 2, 1, frozenset({"cpr"}), frozenset({"health"})),
        subjects=(Subject(1, NAME, (0, 1), ("cpr",), ("health",)),),
        findings=(
            Finding("health", Place(1, 0), (0, len(SENTENCE)), SENTENCE, 0.91234, "sentence classifier"),
            Finding("cpr", Place(2, 0, 1, 0), (0, 11), CPR, 0.99, "date, header 'CPR'"),
        ),
        documents=(
            Document("", Role.SUBJECT, (Text(SUBJECT),)),
            Document("1", Role.BODY, (Text(SENTENCE, "line 1"),)),
            Document("2", Role.ATTACHMENT, (table,), FILE, "xlsx"),
        ),
        unread=(Unread("3", "hemmelig.zip", Reason.ENCRYPTED),),
        defects=(),
        transport=Transport(hops=(Hop("mx.example.dk", True), Hop("old.example.dk", False), Hop("local", None))),
        versions=Versions("0.1.0", "1", "au/1"),
        message_id="<1@example.dk>",
        date="2024-05-06T07:08:09+02:00",
        subject=SUBJECT,
        took_ms=12.345,
    )
    return replace(verdict, **changes)
