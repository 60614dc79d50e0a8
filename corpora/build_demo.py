"""Builds the demo mailbox `corpora/demo/` from `corpora/demo.jsonl`: an mbox, a Maildir and single messages.

Run from the root of the checkout, with the `test` extra installed: `python -m corpora.build_demo [--out FOLDER]`.
A rebuild gives the same bytes as long as the libraries that write the attachments are the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage, Message
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Any

from corpora.demo_envelopes import encrypt_openpgp, encrypt_smime
from corpora.demo_files import media_type, write_file

Case = dict[str, Any]

CASES = Path(__file__).with_name("demo.jsonl")
MAILBOX = Path(__file__).with_name("demo")
POLICY = policy.SMTP.clone(linesep="\n")


def main() -> None:
    """Builds the mailbox."""
    parser = argparse.ArgumentParser(description="Build the demo mailbox from demo.jsonl.")
    parser.add_argument("--out", type=Path, default=MAILBOX, help="folder to build it in (default: corpora/demo)")
    build(read_cases(CASES), out=parser.parse_args().out)


def read_cases(path: Path) -> list[Case]:
    """The cases, one a line."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def build(cases: Iterable[Case], *, out: Path) -> None:
    """Writes every case to the box it names, in place of what an earlier build left there."""
    by_id = {case["id"]: case for case in cases}
    boxes: dict[str, list[tuple[Case, bytes]]] = {"inbox": [], "maildir": [], "eml": []}
    for case in by_id.values():
        boxes[case["box"]].append((case, compose(case, by_id)))
    out.mkdir(parents=True, exist_ok=True)
    for name in ("Maildir", "eml"):
        shutil.rmtree(out / name, ignore_errors=True)
    write_mbox(boxes["inbox"], out / "inbox.mbox")
    write_maildir(boxes["maildir"], out / "Maildir")
    (out / "eml").mkdir()
    for case, raw in boxes["eml"]:
        (out / "eml" / f"{case['id']}.eml").write_bytes(raw)


def write_mbox(messages: list[tuple[Case, bytes]], path: Path) -> None:
    """One file in the mboxrd form: a body line that begins with "From ", quoted or not, is quoted once more."""
    with path.open("wb") as file:
        for case, raw in messages:
            sent = datetime.fromisoformat(case["date"]).astimezone(UTC)
            file.write(f"From {parseaddr(case['from'])[1]} {sent:%a %b %d %H:%M:%S %Y}\n".encode())
            file.write(re.sub(rb"(?m)^(>*From )", rb">\1", raw) + b"\n")


def write_maildir(messages: list[tuple[Case, bytes]], path: Path) -> None:
    """A Maildir: messages with flags in `cur`, the others in `new`.

    The flags stand after "!" in place of ":", which a checkout on Windows could not hold.
    """
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True)
    (path / "tmp" / ".keep").touch()  # a clone has no empty folders
    for number, (case, raw) in enumerate(messages, 1):
        unique = f"{datetime.fromisoformat(case['date']).timestamp():.0f}.M{number}P1.demo"
        target = path / "cur" / f"{unique}!2,{case['flags']}" if case["flags"] else path / "new" / unique
        target.write_bytes(raw)


def compose(case: Case, by_id: dict[str, Case]) -> bytes:
    """The raw message of one case."""
    content = SHAPES[case.get("shape", "plain")](case, by_id)
    headers = EmailMessage(policy=POLICY)
    for name, value in write_headers(case):
        headers[name] = value
    return headers.as_bytes().removesuffix(b"\n") + content


def write_headers(case: Case) -> Iterable[tuple[str, str]]:
    """Names and values of the headers that are not about the content."""
    yield from case.get("headers", ())
    yield "From", case["from"]
    for field in ("to", "cc", "bcc"):
        if case.get(field):
            yield field.capitalize(), ", ".join(case[field])
    yield "Subject", case["subject"]
    yield "Date", format_datetime(datetime.fromisoformat(case["date"]))
    yield "Message-ID", message_id(case)
    if "in_reply_to" in case:
        yield "In-Reply-To", f"<{case['in_reply_to']}@demo.example>"


def message_id(case: Case) -> str:
    """The Message-ID of a case."""
    return f"<{case['id']}@demo.example>"


def shape_plain(case: Case, by_id: dict[str, Case]) -> bytes:
    """Text, HTML or both, with attachments: what most mail is."""
    message = EmailMessage(policy=POLICY)
    if "body" in case:
        message.set_content(case["body"])
    if "html" in case and "body" in case:
        message.add_alternative(case["html"], subtype="html")
    elif "html" in case:
        message.set_content(case["html"], subtype="html")
    for attachment in case.get("attachments", ()):
        attach(message, attachment, by_id)
    return finish(message, case)


def attach(message: EmailMessage, attachment: dict[str, Any], by_id: dict[str, Case]) -> None:
    """Adds a file, or another mail as message/rfc822."""
    name = attachment["filename"]
    if "case" in attachment:
        attached = EmailMessage(policy=POLICY)
        for header, value in write_headers(attachment["case"]):
            attached[header] = value
        attached.set_content(attachment["case"]["body"])
        message.add_attachment(attached, filename=name)
    else:
        maintype, subtype = media_type(name).split("/")
        message.add_attachment(write_file(attachment), maintype=maintype, subtype=subtype, filename=name)


def shape_undeclared(case: Case, by_id: dict[str, Case]) -> bytes:
    """Latin-1 bytes under headers that do not say so."""
    return b"\n" + case["body"].encode("latin-1")


def shape_bounce(case: Case, by_id: dict[str, Case]) -> bytes:
    """A non-delivery report (RFC 3464) that returns the headers of the message it is about."""
    returned = by_id[case["returned"]]
    report = MIMEMultipart("report", report_type="delivery-status")
    report.attach(MIMEText(case["body"], "plain", "us-ascii"))
    report.attach(delivery_status(parseaddr(returned["to"][0])[1]))
    headers = EmailMessage(policy=POLICY)
    for name, value in write_headers(returned):
        headers[name] = value
    report.attach(MIMEText(headers.as_string(), "rfc822-headers", "us-ascii"))
    return finish(report, case)


def delivery_status(recipient: str) -> Message:
    """The part that servers read: one block on the server, one on the recipient."""
    server, failed = Message(), Message()
    server["Reporting-MTA"] = "dns; mx1.nordlund-kommune.example"
    failed["Final-Recipient"] = f"rfc822; {recipient}"
    failed["Action"] = "failed"
    failed["Status"] = "5.7.3"
    failed["Diagnostic-Code"] = "smtp; 451 5.7.3 STARTTLS is required to send mail"
    status = MIMEBase("message", "delivery-status")
    status.set_payload([server, failed])
    return status


def shape_smime(case: Case, by_id: dict[str, Case]) -> bytes:
    """An S/MIME message: one encrypted part, whose content nobody can read (RFC 8551)."""
    part = MIMEApplication(encrypt_smime(case["id"]), "pkcs7-mime", smime_type="enveloped-data", name="smime.p7m")
    part.add_header("Content-Disposition", "attachment", filename="smime.p7m")
    return finish(part, case)


def shape_pgp(case: Case, by_id: dict[str, Case]) -> bytes:
    """A PGP/MIME message: a version part and the encrypted one (RFC 3156)."""
    message = MIMEMultipart("encrypted", protocol="application/pgp-encrypted")
    message.attach(MIMEApplication(b"Version: 1\n", "pgp-encrypted", lambda part: None))
    armoured = MIMEApplication(encrypt_openpgp(case["id"]), "octet-stream", lambda part: None, name="encrypted.asc")
    armoured.add_header("Content-Disposition", "inline", filename="encrypted.asc")
    message.attach(armoured)
    return finish(message, case)


def finish(message: Message, case: Case) -> bytes:
    """The bytes of a content with its MIME headers, under boundaries that are the same at every build."""
    for number, part in enumerate(part for part in message.walk() if part.get_content_maintype() == "multipart"):
        part.set_boundary(hashlib.sha256(f"{case['id']} {number}".encode()).hexdigest()[:24])
    raw: bytes = message.as_bytes(policy=POLICY) if isinstance(message, EmailMessage) else message.as_bytes()
    return raw


SHAPES: dict[str, Callable[[Case, dict[str, Case]], bytes]] = {
    "plain": shape_plain,
    "undeclared latin-1": shape_undeclared,
    "bounce": shape_bounce,
    "smime": shape_smime,
    "pgp": shape_pgp,
}

if __name__ == "__main__":
    main()
