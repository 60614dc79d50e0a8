"""Outlook data files through the program `readpst` of libpst, which writes each message into a file of its own.

It runs with ceilings on time, memory and disk, into a folder that goes when the messages are read. Source: readpst(1), libpst 0.6.76.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from detector.mailboxes.eml import read_message
from detector.mailboxes.limited import running
from detector.mailboxes.source import LARGEST_MESSAGE_BYTES, check_file, readable
from detector.mailboxes.unpacking import private_folder
from detector.records import Failure, Item

PROGRAM = "readpst"
OPTIONS = ("-D", "-e", "-j", "0", "-8", "-C", "windows-1252")
"""Deleted items too; a message a file, with its ending; one process; UTF-8, and Western European where a message does not say."""

START_S = 120.0
S_PER_MB = 2.0
"""A file of 20 GB may take eleven hours; it takes some ten minutes."""

KEPT_FREE_BYTES = 500_000_000
"""Of the disk with the temporary folder."""

MOST_SKIPPED = 100_000
"""Items of one folder that are listed one by one."""

LOG = "log"
MAIL = "mail"

SKIPPED = re.compile(rb'(?m)^\t"([^\n]*)" - \d+ items done, ([1-9]\d*) items skipped\.')
FORENSIC = re.compile(rb"(?m)^X-libpst-forensic-(?:sender|bcc):[^\n]*\n(?:[ \t][^\n]*\n)*")
FORENSIC_BCC = re.compile(rb"(?m)^X-libpst-forensic-bcc:[ \t]*+([^\n]*\S)[^\S\n]*+\n")
UNKNOWN_SENDER = re.compile(rb"((?:Status: [^\n]*\n)?From: [^\n]*) <MAILER-DAEMON>\n(?=Subject:)")
"""As a message begins that has no headers of transport, and whose sender has an address only inside an organisation."""
STRAY_POSTMARK = re.compile(rb"(?m)^(Content-Type: message/rfc822\n\n)>From [^\n]*\n")


def is_installed() -> bool:
    """Whether the program is there."""
    return shutil.which(PROGRAM) is not None


def read(path: Path, *, name: str) -> Iterator[Item]:
    """The items of the file at `path`: messages by folder, then what readpst left out."""
    unreadable = check_file(path)
    if unreadable:
        yield Item(name, 0, failure=unreadable)
        return
    with private_folder() as folder:
        failure = _export(path.resolve(), folder)
        for file in _files(folder / MAIL):
            inside = "/".join([readable(step) for step in file.parent.relative_to(folder / MAIL).parts[1:]])
            yield _item(file, f"{name}/{inside}" if inside else name)
            file.unlink()
        for skipped, count in SKIPPED.findall((folder / LOG).read_bytes()):
            called = skipped.decode("utf-8", "replace")
            yield from [Item(f"{name}/{called}", 0, failure=Failure.NOT_A_MESSAGE)] * min(int(count), MOST_SKIPPED)
        if failure:
            yield Item(name, 0, failure=failure)


def _export(path: Path, folder: Path) -> Failure | None:
    """Runs the program; why it did not come to its end."""
    target = folder / MAIL
    target.mkdir()
    deadline = time.monotonic() + START_S + S_PER_MB * path.stat().st_size / 1_000_000
    command: list[str | Path] = [PROGRAM, *OPTIONS, "-o", target, path]
    with (folder / LOG).open("wb") as log, running(command, output=log, file_bytes=LARGEST_MESSAGE_BYTES) as process:
        while process.poll() is None:
            if time.monotonic() > deadline:
                return Failure.TIMEOUT
            if shutil.disk_usage(target).free < KEPT_FREE_BYTES:
                return Failure.TOO_LARGE
            _wait(process)
    return None if process.returncode == 0 else Failure.DAMAGED


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.2)
    except subprocess.TimeoutExpired:
        return


def _files(root: Path) -> Iterator[Path]:
    """Files by folder, in the order in which they were written: "2.eml" before "10.eml"."""
    waiting = [root]
    while waiting:
        entries = sorted(waiting.pop().iterdir(), key=lambda path: (len(path.name), path.name))
        yield from [path for path in entries if not path.is_dir()]
        waiting.extend(sorted((path for path in entries if path.is_dir()), reverse=True))


def _item(file: Path, name: str) -> Item:
    if file.suffix != ".eml":
        return Item(name, 0, failure=Failure.NOT_A_MESSAGE)
    item = read_message(file, name=name, position=0)
    return item if item.raw is None else Item(name, 0, repair(item.raw))


def repair(raw: bytes) -> bytes:
    """A message as readpst writes it, with its Bcc where that belongs, and without what was never in it.

    >>> repair(b"To: Bo\\nX-libpst-forensic-bcc: Eva Holm\\nMIME-Version: 1.0\\n\\nHej\\n")
    b'Bcc: Eva Holm\\nTo: Bo\\nMIME-Version: 1.0\\n\\nHej\\n'
    """
    end = raw.find(b"\n\n")
    head, body = (raw, b"") if end < 0 else (raw[: end + 1], raw[end + 1 :])
    bcc = FORENSIC_BCC.search(head)
    unknown = UNKNOWN_SENDER.match(head)
    if unknown:
        head = unknown[1] + head[unknown.end() - 1 :]
    head = FORENSIC.sub(b"", head)
    if bcc and not re.search(rb"(?mi)^bcc:[ \t]*\S", head):
        head = b"Bcc: " + bcc[1] + b"\n" + head
    # QUIRK: before the headers of an attached message stands the "From " line of a mailbox, quoted.
    return head + (STRAY_POSTMARK.sub(rb"\1", body) if b"\n>From " in body else body)
