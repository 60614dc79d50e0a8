"""How a command ends: with an exit code, and with one clear line where something went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

DONE, DONE_WITH_FAILURES, USAGE, NOT_READ, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 130, 141


def print_error(message: str, code: int) -> None:
    """One line on standard error."""
    typer.echo(f"detector: {message}", err=True)


@contextmanager
def outcome(say: Callable[[str, int], None] = print_error) -> Iterator[None]:
    """Turns what can go wrong in a command into an exit code and one clear line, which is given to `say`; no traceback reaches a user."""
    from detector.mailboxes.single import NoMessageError
    from detector.records import DetectorError
    from detector.report.masking import printable, without_text

    def stop(message: str, code: int) -> None:
        say(printable(message), code)
        raise typer.Exit(code) from None

    try:
        yield
        sys.stdout.flush()
    except (typer.Exit, typer.BadParameter):
        raise
    except NoMessageError as error:
        stop(str(error), NOT_READ)
    except DetectorError as error:
        stop(str(error), USAGE)
    except KeyboardInterrupt:
        stop("Interrupted.", INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else the interpreter fails once more when it closes it
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        stop(f"The system said: {error.strerror}.", NOT_READ)
    except Exception as error:
        stop(f"Internal error ({without_text(error)}). Please report it.", NOT_READ)
