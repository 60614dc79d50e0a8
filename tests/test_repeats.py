"""Parts that are known again."""

from __future__ import annotations

import docx
import openpyxl

from detector import formats
from detector.budget import Budget, Limits
from detector.records import Part, Reading, Role
from detector.repeats import Repeats
from tests.built_files import saved


class Counting:
    """A reader that counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, part: Part, *, role: Role, budget: Budget, depth: int = 0) -> Reading:
        self.times += 1
        return formats.read(part, role=role, budget=budget, depth=depth)


def read(repeats: Repeats, data: bytes, *, name: str = "brev.docx", budget: Budget | None = None) -> Reading:
    part = Part("2", "application/octet-stream", data, name, is_attachment=True)
    return repeats.read(part, role=Role.ATTACHMENT, budget=budget or Budget())


def letter(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    return saved(document)


def sheet(rows: int) -> bytes:
    book = openpyxl.Workbook()
    for n in range(rows):
        book.active.append([f"nr. {n}", n])
    return saved(book)


def test_the_same_bytes_are_read_once_and_cost_the_same() -> None:
    reader = Counting()
    repeats = Repeats(reader)
    data = letter("Mødet er flyttet til onsdag.")
    first, second = Budget(), Budget()
    assert read(repeats, data, budget=first) == read(repeats, data, budget=second)
    assert reader.times == 1
    assert first.characters == second.characters > 0
    assert first.unpacked_bytes == second.unpacked_bytes > 0


def test_another_name_or_other_bytes_are_read_anew() -> None:
    reader = Counting()
    repeats = Repeats(reader)
    data = letter("Mødet er flyttet til onsdag.")
    read(repeats, data)
    assert read(repeats, data, name="referat.docx").documents[0].file == "referat.docx"
    read(repeats, letter("Mødet er flyttet til torsdag."))
    assert reader.times == 3


def test_what_was_cut_short_is_read_anew() -> None:
    reader = Counting()
    repeats = Repeats(reader)
    data = sheet(rows=50)
    cut = read(repeats, data, budget=Budget(Limits(rows=10)))
    assert cut.unread
    whole = read(repeats, data)
    assert not whole.unread
    assert read(repeats, data, budget=Budget(Limits(rows=10))) == cut
    assert reader.times == 3


def test_what_is_kept_is_bounded() -> None:
    reader = Counting()
    repeats = Repeats(reader, room=300)
    texts = [letter(f"Referat nr. {n}: " + "punkt " * 20) for n in range(4)]
    for data in [*texts, texts[-1], texts[0]]:
        read(repeats, data)
    assert reader.times == 5
