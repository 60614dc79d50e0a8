"""How a command ends: with an exit code, and with one clear line where something went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

DONE, DONE_WITH_FAILURES, USAGE, NOT_READ, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 130, 141


@contextmanager
def outcome() -> Iterator[None]:
    """Turns what can go wrong in a command into one clear line and an exit code; no traceback reaches a user."""
    from detector.mailboxes.single import NoMessageError
    from detector.records import DetectorError

    try:
        yield
        sys.stdout.flush()
    except (typer.Exit, typer.BadParameter):
        raise
    except NoMessageError as error:
        _stop(str(error), NOT_READ)
    except DetectorError as error:
        _stop(str(error), USAGE)
    except KeyboardInterrupt:
        _stop("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter fails once more when it closes it
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        _stop(f"The system said: {error.strerror}.", NOT_READ)
    except Exception as error:
        import traceback

        frame = traceback.extract_tb(error.__traceback__)[-1]
        _stop(f"Internal error ({type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}). Please report it.", NOT_READ)


def _stop(message: str, code: int) -> None:
    from detector.report.masking import printable

    typer.echo(f"detector: {printable(message)}", err=True)
    raise typer.Exit(code) from None
