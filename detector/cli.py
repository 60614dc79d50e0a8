"""The command line: it parses, calls and prints; what is done is done elsewhere.

Only the standard library and Typer are imported here, the rest inside the commands, so that `--help` answers at once.
"""

from __future__ import annotations

import enum
import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from detector.outcome import DONE_WITH_FAILURES, outcome
from detector.terminal import console, words

EXIT_CODES = {"allow": 0, "review": 10, "secure": 20, "block": 30}
"""Of `check`, by decision."""

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)


class Language(enum.StrEnum):
    """Languages of reports."""

    DA = "da"
    EN = "en"


Policy = Annotated[Path | None, typer.Option("--policy", metavar="FILE", help="Policy file (TOML). Default: the one of Aarhus University.")]
ModelsFolder = Annotated[Path | None, typer.Option("--models", metavar="FOLDER", help="Models made by `detector train`. Default: shipped.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language of what is printed. Default: that of the terminal, else English.")]
InProcess = Annotated[
    bool, typer.Option("--in-process", help="Read attachments in this process: a little faster, and only for mail that is trusted.")
]
NoOcr = Annotated[bool, typer.Option("--no-ocr", help="Read no text in pictures and scanned pages: they are then unread.")]
ShowValues = Annotated[bool, typer.Option("--show-values", help="Show personal data in full. Default: masked, as 010203-****.")]


def main() -> None:
    """Entry point of the command `detector`."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without æ must not stop a scan
    leave_when_told()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small products: threads that wait for each other would slow a busy machine
    app(prog_name="detector")


def leave_when_told() -> None:
    """Lets SIGTERM end the program as an exit does, so that temporary files with mail go."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"detector {version('detector')}")
        except PackageNotFoundError:
            typer.echo("detector (not installed)")  # run from a checkout
        raise typer.Exit


@app.callback()
def detector(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Finds personal data in e-mail and says whether a message may leave by ordinary mail.

    Nothing leaves this computer: there is no network access. Personal data is masked in all output unless --show-values is given.

    \b
    Examples:
      detector check letter.eml                   one message, explained
      detector check - --to b@example.dk < mail   as a gateway would ask
      detector scan export.mbox                   a mailbox, summed up
      detector scan Maildir --jsonl result.jsonl  and each message as JSON
    """


@app.command()
def scan(
    sources: Annotated[
        list[Path],
        typer.Argument(metavar="SOURCE", help="Mailbox, Maildir, message, Outlook data file, archive or folder of these; told by content."),
    ],
    jsonl: Annotated[Path | None, typer.Option("--jsonl", metavar="FILE|-", help="Write a line of JSON a message; - is stdout.")] = None,
    run: Annotated[
        Path | None,
        typer.Option("--run", metavar="FOLDER", help="Write Parquet files to this folder, by several processes; goes on with a run there."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --run; an error where none has been begun.")] = False,
    workers: Annotated[int | None, typer.Option("--workers", min=1, metavar="N", help="Processes of --run. Default: one a core.")] = None,
    ray: Annotated[
        str | None, typer.Option("--ray", metavar="HOST:PORT|local", help="Have --run done by a Ray cluster, whose nodes share all paths.")
    ] = None,
    json_logs: Annotated[bool, typer.Option("--json-logs", help="Log --run to standard error as lines of JSON, without a bar.")] = False,
    policy: Policy = None,
    models: ModelsFolder = None,
    in_process: InProcess = False,
    no_ocr: NoOcr = False,
    lang: Lang = None,
    show_values: ShowValues = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No summary and no progress bar.")] = False,
) -> None:
    """Scan mailboxes and folders of mail, and sum up what breaks the policy.

    Every message and file is accounted for: it is read, or listed as not read with the reason.
    Files of results are made readable by their owner only.

    \b
    Examples:
      detector scan export.mbox
      detector scan Maildir export.mbox --jsonl result.jsonl --quiet
      detector scan export --jsonl - | jq 'select(.decision == "secure")'
      detector scan export.mbox --run results     again, where it was cut off

    \b
    Exit codes: 0 done; 1 done, and something was not read; 2 wrong usage.
    """
    with outcome():
        if run is not None:
            if jsonl is not None:
                raise typer.BadParameter("--run and --jsonl do not go together.")
            from detector import runs
            from detector.batch.run import Options

            if resume:
                runs.require(run)
            options = Options(policy, models, show_values, isolated=not in_process, ocr=not no_ocr)
            raise typer.Exit(runs.scan(
                run, sources, options, workers=workers or 0, cluster=ray, language=lang, is_quiet=quiet, logs_json=json_logs,
            ))  # fmt: skip
        if ray is not None or json_logs or resume:
            raise typer.BadParameter("--ray, --json-logs and --resume need --run.")
        from detector import scanning

        raise typer.Exit(scanning.scan(
            sources, jsonl, policy=policy, models=models, language=lang, show_values=show_values, is_quiet=quiet,
            isolated=not in_process, ocr=not no_ocr,
        ))  # fmt: skip


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE|-", help="File with one message; - is standard input.")],
    to: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="ADDRESS", help="Recipient of the SMTP envelope, instead of the headers'. Repeat it for each."),
    ] = None,
    sender: Annotated[str | None, typer.Option("--from", metavar="ADDRESS", help="Sender of the SMTP envelope; needs --to.")] = None,
    policy: Policy = None,
    models: ModelsFolder = None,
    in_process: InProcess = False,
    no_ocr: NoOcr = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as a line of JSON.")] = False,
    show_values: ShowValues = False,
    lang: Lang = None,
) -> None:
    """Check one message, and explain the decision.

    The exit code is the decision, so that a mail gateway can act on it.

    \b
    Examples:
      detector check letter.eml
      detector check letter.eml --to a@example.dk --to b@example.dk --lang da
      detector check - --json < letter.eml

    \b
    Exit codes: 0 allow; 10 review; 20 secure; 30 block; 2 wrong usage;
    3 the message could not be read at all (a gateway should hold it).
    """
    with outcome():
        from detector.budget import Limits
        from detector.mailboxes import single
        from detector.records import Envelope
        from detector.report.explain import print_verdict
        from detector.report.jsonl import to_json
        from detector.report.output import write_stdout

        recipients = [_address(address, "--to") for address in to or ()]
        if sender is not None and not recipients:
            raise typer.BadParameter("--from needs --to: an envelope without recipients reaches no one.")
        envelope = Envelope(sender=sender and _address(sender, "--from"), recipients=tuple(recipients)) if recipients else None
        is_stdin = str(file) == "-"
        raw = single.read_bytes(sys.stdin.buffer.read(), name="Standard input") if is_stdin else single.read_file(file)
        from detector.scanner import Scanner

        scanner = Scanner.load(policy, models_folder=models, limits=Limits(ocr=not no_ocr), isolated=not in_process)
        verdict = scanner.scan(raw, envelope=envelope)
        if as_json:
            write_stdout(to_json(verdict, source=file.name, position=1, show_values=show_values))
        else:
            print_verdict(verdict, console(), words(lang, scanner.policy), scanner.policy, show_values=show_values)
        raise typer.Exit(EXIT_CODES[verdict.decision])


@app.command()
def policy(
    check: Annotated[Path | None, typer.Option("--check", metavar="FILE", help="Validate this policy file.")] = None,
    lang: Lang = None,
) -> None:
    """Print the rules of the policy in use, or of a file that is validated first.

    \b
    Examples:
      detector policy
      detector policy --check our-policy.toml
    """
    with outcome():
        from detector.policy import load
        from detector.report.rules import print_policy

        loaded = load(check)
        print_policy(loaded, console(), words(lang, loaded))


@app.command()
def models(
    verify: Annotated[bool, typer.Option("--verify", help="Compare every model file with the manifest of SHA-256 sums.")] = False,
    models: ModelsFolder = None,
) -> None:
    """List the models in use, or verify their files.

    \b
    Exit codes: 0 all is well; 1 a file is missing or not as it was published.
    """
    with outcome():
        from detector.models import cards, folder
        from detector.models import verify as verify_files

        root = models or folder()
        if not verify:
            for name, version, description in cards(root):
                typer.echo(f"{name} {version}\n    {description}")
            return
        files = verify_files(root)
        for name, matches in files:
            typer.echo(f"{'ok      ' if matches else 'CHANGED '}{name}")
        if not files or not all(matches for _, matches in files):
            raise typer.Exit(DONE_WITH_FAILURES)


@app.command()
def report(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder that `detector scan --run` has written.")],
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write a report for a browser, in one file.")] = None,
    as_csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the messages that were caught as CSV.")] = None,
    excel: Annotated[Path | None, typer.Option("--excel", metavar="FILE", help="Write them as an Excel sheet.")] = None,
    lang: Lang = None,
) -> None:
    """Report on a run: to files, else as the summary that `scan` tells at its end.

    A run that was cut off is reported as far as it came. Files are made readable by their owner only.

    \b
    Examples:
      detector report results --lang da
      detector report results --html report.html --excel cases.xlsx

    \b
    Exit codes: 0 all was read; 1 something was not read yet, or could not be.
    """
    with outcome():
        from detector import runs

        raise typer.Exit(runs.report(run, html=html, csv=as_csv, excel=excel, language=lang))


@app.command()
def train(
    corpus: Annotated[
        list[Path], typer.Option("--corpus", metavar="PATH", help="Labelled lines: a .jsonl file, or a folder of them. Repeat it for each.")
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="New folder for the models.")],
    pipeline: Annotated[
        str | None, typer.Option("--pipeline", metavar="NAME", help="spaCy pipeline (package or folder) in place of the encoder.")
    ] = None,
    models: ModelsFolder = None,
    lang: Lang = None,
) -> None:
    """Fit the classifier of sentences again, with labelled lines of your own.

    The encoder stays as it is. Needs the extra: pip install '.[train]'. Takes a few
    minutes, and says what changed on the lines that were kept for testing. The lines' format: corpora/GUIDE.md.

    \b
    Examples:
      detector train --corpus corpora/passages --corpus ours.jsonl --out ours
      detector scan export.mbox --models ours
    """
    with outcome():
        from detector.policy import load
        from detector.report.change import print_change
        from detector.training.refitting import refit

        print_change(refit(corpus, out, base=models, other=pipeline), console(), words(lang, load()))


def _address(text: str, option: str) -> str:
    local, at, domain = text.strip().rpartition("@")
    if not at or not local or not domain or any(character in text.strip() for character in ",; \t<>"):
        raise typer.BadParameter(f"{option} takes one address, as name@example.dk. Repeat the option for more.")
    return text.strip()
