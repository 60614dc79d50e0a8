"""Each file of known content comes back whole: every text at its place, in order, with rows and headers, and nothing besides."""

from __future__ import annotations

import pytest
from built_files import read, reasons, texts
from golden_files import GOLDEN

from detector.formats import ocr


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_file(name: str) -> None:
    """What is in the file is what is read, and no more."""
    golden = GOLDEN[name]
    if golden.needs_ocr and not ocr.is_installed():
        pytest.skip("needs tesseract with Danish")
    reading = read(golden.build(), golden.filename, ocr=golden.needs_ocr)
    assert texts(reading) == golden.expected
    assert reasons(reading) == []


def test_there_are_enough() -> None:
    """Thirty files and more."""
    assert len(GOLDEN) >= 30
