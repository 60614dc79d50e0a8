"""S/MIME and PGP as programs write them: what is signed is read, what is encrypted is said so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from built_files import build_docx, signed

from detector import content, formats, mime, transport
from detector.budget import Budget
from detector.records import Part, Reading, Role, Table

ENTITY = "Content-Type: text/plain; charset=utf-8\r\n\r\nHej Bo Ærø\r\n".encode()
HEAD = b"From: Anna <anna@example.dk>\nTo: bo@example.dk\nSubject: s\n"
OPENSSL, GPG = shutil.which("openssl"), shutil.which("gpg")


def read(data: bytes, filename: str = "smime.p7m") -> Reading:
    """What the reader of formats gives for an attachment."""
    part = Part("2", "application/pkcs7-mime", data, filename, is_attachment=True)
    return formats.read(part, role=Role.ATTACHMENT, budget=Budget())


def outcome(raw: bytes) -> tuple[str | None, str, list[str]]:
    """How a message is protected, the text of all its parts, and why parts are unread."""
    budget = Budget()
    message = mime.parse(raw, budget=budget)
    protection = transport.inspect(message).protected
    held = content.read(message, budget=budget, sealed=transport.encrypted_parts(message) if protection else ())
    texts = [block.text for document in held.documents for block in document.blocks if not isinstance(block, Table)]
    return protection, " ".join(texts), [unread.reason.value for unread in held.unread]


@pytest.mark.parametrize("pieces", [0, 1, 3])
@pytest.mark.parametrize("padding", [0, 100, 200, 70_000])
def test_signed_message_is_read(pieces: int, padding: int) -> None:
    """Lengths of one, two and three bytes, and unknown ones."""
    reading = read(signed(ENTITY + b"x" * padding, pieces=pieces))
    assert [part.data for message in reading.messages for part in message.parts] == [ENTITY.partition(b"\r\n\r\n")[2] + b"x" * padding]
    assert reading.unread == ()


def test_signed_file_is_read_as_what_it_is() -> None:
    """Invoices and contracts are signed as files, not as mails."""
    (document,) = read(signed(build_docx()), "kontrakt.docx.p7m").documents
    assert (document.format, document.file, document.part) == ("docx", "kontrakt.docx", "2.1")


@pytest.mark.parametrize("pieces", [0, 2])
def test_cut_signature_is_damaged_or_read(pieces: int) -> None:
    """Wherever it ends before its content does, that is said."""
    whole = signed(ENTITY, pieces=pieces)
    end = whole.index(b"\r\n", whole.index("Ærø".encode()))
    for size in range(80 if pieces == 0 else 60, end):
        assert [unread.reason.value for unread in read(whole[:size]).unread] == ["damaged"]


def test_deep_structure_ends() -> None:
    """A hundred thousand levels of unknown length."""
    start = signed(ENTITY, pieces=1).index(b"\x24\x80")
    deep = signed(ENTITY, pieces=1)[:start] + b"\x24\x80" * 100_000
    assert [unread.reason.value for unread in read(deep).unread] == ["damaged"]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key and its certificate."""
    folder = tmp_path_factory.mktemp("keys")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k.pem", "-out", "c.pem", "-subj", "/CN=Anna"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    (folder / "in").write_bytes(ENTITY)
    return folder


@pytest.mark.skipif(not OPENSSL, reason="openssl is not installed")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-sign -nodetach -signer c.pem -inkey k.pem", (None, True, [])),
        ("-sign -nodetach -stream -signer c.pem -inkey k.pem", (None, True, [])),  # of unknown length
        ("-sign -signer c.pem -inkey k.pem", (None, True, [])),  # in clear text, with the signature beside it
        ("-encrypt -aes256 c.pem", ("smime", False, [])),
        ("-encrypt -aes-256-gcm c.pem", ("smime", False, [])),  # authenticated
    ],
)
def test_openssl(keys: Path, options: str, expected: tuple[str | None, bool, list[str]]) -> None:
    """Messages that openssl makes."""
    made = subprocess.run(["openssl", "cms", "-in", "in", *options.split()], cwd=keys, check=True, capture_output=True).stdout
    protection, text, unread = outcome(HEAD + made)
    assert (protection, "Hej Bo Ærø" in text, unread) == expected


@pytest.mark.skipif(not OPENSSL, reason="openssl is not installed")
def test_encrypted_inside_a_signature(keys: Path) -> None:
    """It is unread, and the message is not taken for one that is encrypted end to end."""
    sign = ["openssl", "cms", "-sign", "-nodetach", "-signer", "c.pem", "-inkey", "k.pem"]
    locked = subprocess.run(["openssl", "cms", "-encrypt", "-in", "in", "c.pem"], cwd=keys, check=True, capture_output=True).stdout
    made = subprocess.run(sign, cwd=keys, input=locked, check=True, capture_output=True).stdout
    protection, text, unread = outcome(HEAD + made)
    assert (protection, "Hej" in text, unread) == (None, False, ["encrypted"])


@pytest.mark.skipif(not GPG, reason="gpg is not installed")
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--clearsign", (None, True, [])),
        ("--armor --encrypt --recipient anna@example.dk", ("pgp", False, [])),
        ("--armor --sign", (None, False, ["encrypted"])),  # packed, not encrypted: to us it is the same
    ],
)
def test_gpg(tmp_path: Path, options: str, expected: tuple[str | None, bool, list[str]]) -> None:
    """Messages that gpg makes."""
    gpg = ["gpg", "--homedir", str(tmp_path), "--batch", "--quiet", "--trust-model", "always"]
    tmp_path.chmod(0o700)
    subprocess.run([*gpg, "--passphrase", "", "--quick-gen-key", "anna@example.dk"], check=True, capture_output=True)
    try:
        made = subprocess.run([*gpg, *options.split()], input="Hej Bo Ærø\n".encode(), check=True, capture_output=True).stdout
    finally:
        subprocess.run(["gpgconf", "--homedir", str(tmp_path), "--kill", "all"], check=False, capture_output=True)
    protection, text, unread = outcome(HEAD + b"Content-Type: text/plain; charset=utf-8\n\n" + made)
    assert (protection, "Hej Bo Ærø" in text, unread) == expected
