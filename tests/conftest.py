"""Options of the test run."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported; as the command line does

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes tests/golden/*.json anew from what the code gives; read the difference before committing it."""
    parser.addoption("--update-golden", action="store_true", help="write the expected results of the golden mails anew")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden results are to be written."""
    return bool(request.config.getoption("--update-golden"))
