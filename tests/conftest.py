"""Options of the test run."""

from __future__ import annotations

import os
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported; as the command line does

import pytest
from hypothesis import settings

from detector.batch import run
from detector.batch.run import Run

settings.register_profile("suite", deadline=None)  # a busy machine is no fault of the code
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-golden` writes tests/golden/*.json anew from what the code gives; read the difference before committing it."""
    parser.addoption("--update-golden", action="store_true", help="write the expected results of the golden mails anew")


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    """Whether golden results are to be written."""
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run over the demo mailbox."""
    made = run.prepare(tmp_path_factory.mktemp("run") / "whole", [Path(__file__).parents[1] / "corpora" / "demo"], run.Options())
    run.go_on(made, workers=1)
    return made
