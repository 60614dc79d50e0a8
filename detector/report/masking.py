"""Values made safe to show: enough to recognise what one knows already, never the value.

A category with a form of its own has a row in MASKS; all others show the first letter of each word.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from pathlib import Path

LONGEST = 60
"""Characters shown of a masked text; the rest is "…"."""

PUBLIC_DOMAINS = frozenset({
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.dk", "outlook.com", "outlook.dk", "live.com", "live.dk", "msn.com",
    "yahoo.com", "yahoo.dk", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "gmx.net", "mail.dk", "jubii.dk", "ofir.dk",
    "stofanet.dk", "webspeed.dk", "tdcadsl.dk", "au.dk", "post.au.dk",
})  # fmt: skip
"""Domains shared by so many that they tell nothing; any other may be a person's name."""

USUAL_NAME = re.compile(
    r"\.?(?:inbox|indbakke|sent|sent items|sendt|sendt post|sendt mail|drafts|kladder|trash|papirkurv|junk|spam|archive|arkiv|mail|mbox|eml"
    r"|export|eksport|\d{1,5})",
    re.IGNORECASE,
)
"""Folders and files that mail programs name, and short numbers (a year, a running number): they tell nothing of a person."""

DEFAULT_SHEET = re.compile(r"(?:Ark|Sheet|Tabel|Table)[ _-]?\d{1,3}")
CPR_DATE = re.compile(r"\D*(\d)\D?(\d)\D?(\d)\D?(\d)\D?(\d)\D?(\d)")
COUNTRY_CODE = re.compile(r"\D{0,3}(?:\+|00)\d{2}")
EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")
UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def without_text(error: BaseException) -> str:
    """The kind and the place of an error; its text may quote a mail.

    >>> try:
    ...     int("300280-0008")
    ... except ValueError as error:
    ...     print(without_text(error).partition(" at ")[0])
    ValueError
    """
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"


def mask(category: str, text: str) -> str:
    """`text` with its value hidden in the way of its category.

    >>> mask("cpr", "300280-0008"), mask("private_phone", "26 12 34 56"), mask("private_email", "anna.holm@gmail.com")
    ('300280-****', '26 ** ** **', 'a***@gmail.com')
    >>> mask("health", "Mette er sygemeldt"), mask("grades", "12")
    ('M**** e* s********', '**')
    """
    return MASKS.get(category, mask_words)(text)


def mask_words(text: str) -> str:
    """The first letter of each word and an asterisk for each other character, at most LONGEST characters.

    >>> mask_words("Mette Lund-Hansen"), mask_words("Ny Munkegade 118, 8000 Aarhus")
    ('M**** L**********', 'N* M******** **** **** A*****')
    """
    masked = " ".join(_mask_word(word) for word in text[: LONGEST * 4].split())
    return masked if len(masked) <= LONGEST and len(text) <= LONGEST * 4 else masked[: LONGEST - 1] + "…"


def mask_file(name: str) -> str:
    """A file name with its words hidden and its ending shown.

    >>> mask_file("Sygemelding Mette.docx"), mask_file("liste")
    ('S********** M****.docx', 'l****')
    """
    ending = EXTENSION.search(name)
    stem = name[: ending.start()] if ending and ending.start() else name
    return mask_words(stem) + (ending[0] if ending and ending.start() else "")


def mask_source(source: str) -> str:
    """The name of a source as it was given, and the path inside it hidden: exported files are named after their subject.

    >>> mask_source("export.mbox"), mask_source("export/2024/Sent/Klage fra Mette.eml")
    ('export.mbox', 'export/2024/Sent/K**** f** M****.eml')
    """
    first, *inside = source.split("/")
    return "/".join([printable(first), *(name if USUAL_NAME.fullmatch(EXTENSION.sub("", name)) else mask_file(name) for name in inside)])


def mask_where(where: str) -> str:
    """A place as a person says it, with the name of a sheet hidden unless it is one that the program gave.

    >>> mask_where("Ark1!B4"), mask_where("Mette Hansen!B4"), mask_where("page 2")
    ('Ark1!B4', 'M**** H*****!B4', 'page 2')
    """
    sheet, mark, cell = where.rpartition("!")
    return printable(where) if not mark or DEFAULT_SHEET.fullmatch(sheet) else f"{mask_words(sheet)}!{cell}"


def printable(text: str) -> str:
    """`text` without characters that steer a terminal or turn its direction, for showing values that were asked for.

    >>> printable("a\\x1b[2Jb")
    'a�[2Jb'
    """
    return UNPRINTABLE.sub("�", text)


def _mask_word(word: str) -> str:
    return word[0] + "*" * (len(word) - 1) if len(word) > 1 and word[0].isalpha() else "*" * len(word)


def _mask_cpr(text: str) -> str:
    date = CPR_DATE.match(text)
    return f"{''.join(date.groups())}-****" if date else "******-****"


def _mask_email(text: str) -> str:
    local, at, domain = text.strip().rpartition("@")
    if not at or not local:
        return mask_words(text)
    shown = domain.lower() if domain.lower() in PUBLIC_DOMAINS else f"{domain[:1]}***"
    return f"{_first_letter(local)}***@{shown}"


def _mask_phone(text: str) -> str:
    code = COUNTRY_CODE.match(text)
    kept = 2 + sum(character.isdigit() for character in (code[0] if code else ""))
    masked = ""
    for character in text[:LONGEST]:
        kept -= character.isdigit()
        masked += "*" if character.isalnum() and (kept < 0 or not character.isdigit()) else character
    return printable(masked)


def _first_letter(text: str) -> str:
    return text[0] if text[0].isalpha() else "*"


MASKS: dict[str, Callable[[str], str]] = {"cpr": _mask_cpr, "private_email": _mask_email, "private_phone": _mask_phone}
