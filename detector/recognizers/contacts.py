"""Private telephone numbers, e-mail addresses and homes. Contacts at work, signatures and who wrote to whom give no finding."""

from __future__ import annotations

from detector.recognizers.contact_addresses import find as find_addresses
from detector.recognizers.contact_addresses import may_be_street
from detector.recognizers.contact_context import spots
from detector.recognizers.contact_emails import find as find_emails
from detector.recognizers.contact_phones import MASKED_SHAPE
from detector.recognizers.contact_phones import find as find_phones
from detector.recognizers.context import MASK, latin
from detector.records import Document, Finding


def find(document: Document, number: int, *, own: frozenset[str] = frozenset()) -> list[Finding]:
    """The private contacts in a document, `number` being its index; `own` are the addresses of sender and recipients in lower case."""
    findings: list[Finding] = []
    for spot in spots(document, number, may_hold):
        if "@" in spot.text:
            findings += find_emails(spot, own)
        raw = latin(spot.text)
        findings += find_phones(spot, raw.translate(MASK))
        findings += find_addresses(spot, raw)
    return findings


def may_hold(text: str) -> bool:
    """Whether a text has an @, eight digits close together, or a word and a number that may be a street. Most texts have none.

    >>> may_hold("Vi ses kl. 14"), may_hold("Ring 26 12 34 56"), may_hold("Tulipanvej 8"), may_hold("14 Rue de Paris")
    (False, True, True, True)
    """
    if "@" in text:
        return True
    raw = latin(text)
    mask = raw.translate(MASK)
    if b"0" not in mask:
        return False
    return MASKED_SHAPE.search(mask) is not None or may_be_street(raw, mask)
