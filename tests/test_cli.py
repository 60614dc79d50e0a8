"""The command line: exit codes, streams, files, and that no traceback and no value reaches a user.

Most tests put a made-up scanner in place of the real one; those at the end run the command as it is.
"""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
import types
from pathlib import Path

import pytest
from typer.testing import CliRunner
from verdicts import CPR, SECRETS, SUBJECT, a_verdict

from detector import policy
from detector.cli import EXIT_CODES, app
from detector.records import Decision, DetectorError

COMMAND = [sys.executable, "-c", "from detector.cli import main; main()"]
MAIL = "From: anna@example.dk\nTo: bo@example.dk\nSubject: Møde\n\nVi ses kl. 10.\n".encode()
MAILBOX = b"".join(b"From anna@example.dk Tue Jan  5 10:11:12 2021\n" + MAIL + b"\n" for _ in range(3))


class FakeScanner:
    """Gives one verdict for all, or raises; keeps the envelopes that it was asked with."""

    def __init__(self, verdict=None, error=None):
        self.verdict, self.error, self.envelopes = verdict or a_verdict(), error, []
        self.policy = policy.load()

    def load(self, path=None, *, models_folder=None, limits=None, isolated=True):
        self.policy, self.limits, self.isolated = policy.load(path), limits, isolated
        return self

    def scan(self, _, *, envelope=None):
        self.envelopes.append(envelope)
        if self.error:
            raise self.error
        return self.verdict


@pytest.fixture
def fake(monkeypatch):
    """Puts a scanner with the given verdict or error in place of the real one."""

    def put(**options):
        scanner = FakeScanner(**options)
        module = types.ModuleType("detector.scanner")
        module.Scanner = scanner
        monkeypatch.setitem(sys.modules, "detector.scanner", module)
        return scanner

    return put


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder to work in, with a message, a mailbox, and something else."""
    monkeypatch.chdir(tmp_path)
    for name, data in (("mail.eml", MAIL), ("export.mbox", MAILBOX), ("binary.mbox", bytes(range(256))), ("empty.mbox", b"")):
        (tmp_path / name).write_bytes(data)
    return tmp_path


def run(*arguments, stdin=None):
    """The outcome of one command, in English unless it says otherwise."""
    result = CliRunner().invoke(app, list(map(str, arguments)), input=stdin, env={"LANG": "C", "LC_ALL": "", "LC_MESSAGES": ""})
    assert "Traceback" not in result.output
    return result


# ---------------------------------------------------------------- check


@pytest.mark.parametrize("decision", Decision)
def test_check_exit_code_is_the_decision(fake, files, decision):
    fake(verdict=a_verdict(decision=decision))
    assert run("check", "mail.eml").exit_code == EXIT_CODES[decision]
    assert run("check", "mail.eml", "--json").exit_code == EXIT_CODES[decision]


@pytest.mark.parametrize("arguments, stdin, code, message", [
    (["gone.eml"], None, 2, "gone.eml does not exist"),                  # a mistyped name
    (["."], None, 2, "is not a file"),                                  # a folder
    (["export.mbox"], None, 2, "several messages"),                      # a mailbox
    (["binary.mbox"], None, 3, "holds no message"),                      # nothing that is mail
    (["empty.mbox"], None, 3, "is empty"),
    (["-"], b"", 3, "Standard input is empty"),                          # a gateway whose pipe broke
    (["mail.eml", "--to", "a@x.dk,b@x.dk"], None, 2, "one address"),     # two would be counted as one
    (["mail.eml", "--to", "anna"], None, 2, "one address"),
    (["mail.eml", "--from", "a@x.dk"], None, 2, "needs --to"),           # no recipients is not "as the headers say"
    (["mail.eml", "--policy", "gone.toml"], None, 2, "gone.toml"),
    (["mail.eml", "--lang", "se"], None, 2, "se"),
    ([], None, 2, "Missing argument"),
])  # fmt: skip
def test_check_refuses(fake, files, arguments, stdin, code, message):
    fake()
    result = run("check", *arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (code, "")
    assert message in result.stderr


def test_check_explains(fake, files):
    fake()
    result = run("check", "mail.eml")
    assert "SECURE: must be sent with Sikker@mail" in result.stdout
    assert "300280-****" in result.stdout
    assert [secret for secret in SECRETS if secret in result.output] == []


@pytest.mark.parametrize("command", [("check",), ("scan", "--quiet")])
@pytest.mark.parametrize("options, isolated, ocr", [([], True, True), (["--in-process"], False, True), (["--no-ocr"], True, False)])
def test_how_attachments_are_read(fake, files, command, options, isolated, ocr):
    scanner = fake()
    run(*command, "mail.eml", *options)
    assert (scanner.isolated, scanner.limits.ocr) == (isolated, ocr)


def test_check_speaks_danish(fake, files):
    fake()
    assert "skal sendes med Sikker@mail" in run("check", "mail.eml", "--lang", "da").stdout


def test_check_reads_the_terminals_language(fake, files):
    fake()
    result = CliRunner().invoke(app, ["check", "mail.eml"], env={"LANG": "da_DK.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""})
    assert "skal sendes med Sikker@mail" in result.stdout


def test_check_json_from_standard_input(fake, files):
    fake()
    record = json.loads(run("check", "-", "--json", stdin=MAIL).stdout)
    assert (record["source"], record["position"], record["subject"]) == ("-", 1, "O* M**** K*********")


def test_check_shows_values_where_asked(fake, files):
    fake()
    assert json.loads(run("check", "mail.eml", "--json", "--show-values").stdout)["subject"] == SUBJECT
    assert CPR in run("check", "mail.eml", "--show-values").stdout


def test_check_envelope(fake, files):
    scanner = fake()
    run("check", "mail.eml", "--to", "A@x.dk", "--to", "b@x.dk", "--from", "c@x.dk")
    run("check", "mail.eml")
    assert (scanner.envelopes[0].sender, scanner.envelopes[0].recipients, scanner.envelopes[1]) == ("c@x.dk", ("A@x.dk", "b@x.dk"), None)


@pytest.mark.parametrize("error, code, message", [
    (ValueError(f"bad value {CPR}"), 3, r"Internal error \(ValueError at test_cli.py:\d+\)"),  # our fault: hold the message, show no value
    (DetectorError("models/x is missing"), 2, "models/x is missing"),                          # set-up
    (OSError(28, "No space left on device"), 3, "No space left"),                              # the system's
    (MemoryError(), 3, "Internal error"),
    (KeyboardInterrupt(), 130, "Interrupted"),
])  # fmt: skip
@pytest.mark.parametrize("command", [["check", "mail.eml"], ["scan", "export.mbox"]], ids=["check", "scan"])
def test_errors_are_one_line(fake, files, command, error, code, message):
    fake(error=error)
    result = run(*command)
    assert result.exit_code == code
    assert re.search(message, result.stderr)
    assert CPR not in result.output
    assert len(result.stderr.splitlines()) == 1


# ---------------------------------------------------------------- scan


@pytest.mark.parametrize("sources, code, message", [
    (["export.mbox"], 0, "Messages read: 3. Not read: 0."),
    (["export.mbox", "mail.eml"], 0, "Messages read: 4"),               # several sources
    (["empty.mbox"], 0, "No messages"),                                # an empty mailbox is no error
    (["."], 1, "Messages read: 4. Not read: 2."),                         # a folder with what is no mail
])  # fmt: skip
def test_scan(fake, files, sources, code, message):
    fake()
    result = run("scan", *sources)
    assert result.exit_code == code
    assert message in result.stdout
    assert result.stderr == ""  # no terminal, no progress bar


@pytest.mark.parametrize("arguments, message", [
    (["gone.mbox"], "gone.mbox cannot be read: No such file"),
    (["export.mbox", "gone.mbox"], "gone.mbox"),                         # nothing is read until all are there
    (["binary.mbox"], "binary.mbox is no mail"),
    (["mail.eml", "./mail.eml"], "twice"),
    (["export.mbox", "--jsonl", "export.mbox"], "outside"),              # would overwrite the mailbox
    ([".", "--jsonl", "out.jsonl"], "outside"),                          # would be read as mail
    (["mail.eml", "--jsonl", "gone/out.jsonl"], "cannot be written"),
    ([], "Missing argument"),
])  # fmt: skip
def test_scan_refuses(fake, files, arguments, message):
    fake()
    result = run("scan", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert (files / "export.mbox").read_bytes() == MAILBOX


def test_scan_writes_a_private_line_for_each_item(fake, files, tmp_path_factory):
    fake()
    target = tmp_path_factory.mktemp("out") / "out.jsonl"
    run("scan", ".", "--jsonl", target)
    records = [json.loads(line) for line in target.read_text().splitlines()]
    assert [record["position"] for record in records] == [1, 2, 3, 4, 5, 6]
    assert sum(record["schema"] == "detector.failure/1" for record in records) == 2
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [secret for secret in SECRETS if secret in target.read_text()] == []


def test_scan_lines_on_standard_output(fake, files):
    """The lines alone stand on standard output; the summary moves aside, or away."""
    fake()
    result = run("scan", "export.mbox", "--jsonl", "-")
    assert [json.loads(line)["position"] for line in result.stdout.splitlines()] == [1, 2, 3]
    assert "Messages read: 3" in result.stderr
    assert run("scan", "export.mbox", "--jsonl", "-", "--quiet").stderr == ""


def test_scan_summary_is_masked(fake, files):
    fake()
    output = run("scan", "export.mbox").output
    assert "O* M****" in output
    assert [secret for secret in SECRETS if secret in output] == []
    assert SUBJECT in run("scan", "export.mbox", "--show-values").output


# ---------------------------------------------------------------- the rest


def test_policy(files):
    assert "recipients: at least 6" in run("policy").stdout
    assert "modtagere: mindst 6" in run("policy", "--lang", "da").stdout


def test_policy_check(files):
    (files / "bad.toml").write_text("[rules]\nname = 1\n")
    result = run("policy", "--check", "bad.toml")
    assert result.exit_code == 2
    assert "bad.toml: rules is" in result.stderr


@pytest.mark.parametrize("files_, code, message", [
    ([("ner.onnx", True), ("categories.skops", True)], 0, "ok      ner.onnx"),
    ([("ner.onnx", True), ("categories.skops", False)], 1, "CHANGED categories.skops"),
    ([], 1, ""),  # nothing to verify is not verified
])  # fmt: skip
def test_models(monkeypatch, files_, code, message):
    module = types.ModuleType("detector.models")
    module.folder, module.verify, module.cards = Path, lambda _: files_, lambda _: [("ner", "1", "names persons")]
    monkeypatch.setitem(sys.modules, "detector.models", module)
    result = run("models", "--verify")
    assert result.exit_code == code
    assert message in result.stdout
    assert "ner 1" in run("models").stdout


@pytest.mark.parametrize("arguments", [[], ["scan"], ["check"], ["policy"], ["models"], ["train"]])
def test_help_has_examples_or_says_it_all(arguments):
    result = run(*arguments, "--help")
    assert result.exit_code == 0
    assert "Exit codes" in result.stdout or "Examples" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_version():
    result = run("--version")
    assert result.exit_code == 0
    assert re.fullmatch(r"detector (\d+\.\d+\.\d+|\(not installed\))\n", result.stdout)


def test_start_is_light():
    """Nothing heavy is loaded before a command needs it."""
    program = "import sys, detector.cli; print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    heavy = {"spacy", "sklearn", "onnxruntime", "numpy", "phonenumbers", "lxml", "tokenizers", "skops", "rich", "detector.mime"}
    assert heavy.isdisjoint(modules)


SLOW = """
import sys, time, types
sys.path.insert(0, {tests!r})
from test_cli import FakeScanner
module = types.ModuleType("detector.scanner")
module.Scanner = FakeScanner()
scan = module.Scanner.scan
def slow(raw, **options):
    time.sleep(0.05)
    return scan(raw, **options)
module.Scanner.scan = slow
sys.modules["detector.scanner"] = module
from detector.cli import main
main()
"""


def start_slow(*arguments):
    """The command with a scanner that takes 50 ms a message."""
    program = SLOW.format(tests=str(Path(__file__).parent))
    return subprocess.Popen([sys.executable, "-c", program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def long_mailbox(tmp_path):
    path = tmp_path / "long.mbox"
    path.write_bytes(MAILBOX * 100)
    return path


def test_interrupt_ends_cleanly(long_mailbox):
    with start_slow("scan", str(long_mailbox), "--jsonl", "-") as process:
        process.stdout.readline()  # it is under way
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == b"detector: Interrupted.\n"
    assert all(json.loads(line) for line in output.splitlines())  # no half line


def test_broken_pipe_is_silent(long_mailbox):
    with start_slow("scan", str(long_mailbox), "--jsonl", "-", "--quiet") as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=30) == 141
        assert process.stderr.read() == b""


def test_progress_on_a_terminal(long_mailbox, monkeypatch):
    """On a terminal it shows numbers and nothing of the mail."""
    pty = pytest.importorskip("pty")
    main, terminal = pty.openpty()
    program = SLOW.format(tests=str(Path(__file__).parent))
    command = [sys.executable, "-c", program, "scan", str(long_mailbox), "--lang", "en"]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal, env=environment) as process:
        os.close(terminal)
        shown = b""
        deadline = time.monotonic() + 30
        while b"flagged" not in shown or b"/s" not in shown:
            assert time.monotonic() < deadline
            shown += os.read(main, 4096)
        process.kill()
    os.close(main)
    assert b"/300" in shown
    assert [secret for secret in SECRETS if secret.encode() in shown] == []


# ---------------------------------------------------------------- end to end, with the real scanner


def run_real(*arguments, stdin=b""):
    """The command in a process of its own."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("LC_", "LANG"))}
    return subprocess.run([*COMMAND, *map(str, arguments)], input=stdin, capture_output=True, timeout=120, env=environment)


def test_real_check_allows_a_plain_mail():
    result = run_real("check", "-", "--lang", "en", stdin=MAIL)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.decode().startswith("ALLOW: may be sent by ordinary mail")


def test_real_check_stops_a_number_for_many_recipients():
    """One number to six recipients needs Sikker@mail; to one it may go."""
    number = "120460-1236"  # fails modulus 11 and is of 1960, when all numbers passed: never issued
    mail = MAIL.replace(b"Vi ses kl. 10.", f"Mette Kjærsgaards CPR-nummer er {number}.".encode())
    many = [argument for recipient in range(6) for argument in ("--to", f"r{recipient}@example.dk")]
    result = run_real("check", "-", "--json", *many, stdin=mail)
    assert (result.returncode, result.stderr) == (20, b"")
    record = json.loads(result.stdout)
    assert (record["decision"], record["recipients"], record["confidential"]) == ("secure", 6, ["cpr"])
    assert number[-4:] not in result.stdout.decode()
    assert run_real("check", "-", "--to", "r@example.dk", stdin=mail).returncode == 0


def test_real_scan_of_a_folder(tmp_path):
    """Mailbox, message and something else in a folder: each is accounted for."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.mbox").write_bytes(MAILBOX)
    (tmp_path / "in" / "b.pdf").write_bytes(b"%PDF-1.7\n")
    result = run_real("scan", tmp_path / "in", "--jsonl", tmp_path / "out.jsonl", "--lang", "en")
    assert (result.returncode, result.stderr) == (1, b"")
    assert "Messages read: 3. Not read: 1." in result.stdout.decode()
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [record.get("decision", record.get("failure")) for record in records] == ["allow", "allow", "allow", "not-a-message"]


def test_real_scan_of_nothing_that_is_mail(tmp_path):
    result = run_real("scan", tmp_path / "gone")
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"cannot be read" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_real_check_is_safe_with_any_bytes():
    """A message that is broken in every way still gets a decision."""
    mail = b"Subject: =?x?b?\xff\nContent-Type: multipart/mixed; boundary*=\x00\n\n" + bytes(range(256)) * 20
    result = run_real("check", "-", "--json", stdin=mail)
    assert result.returncode in EXIT_CODES.values()
    assert result.stderr == b""
