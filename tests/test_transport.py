"""Tags, end-to-end encryption and Received hops."""

from __future__ import annotations

import base64
import dataclasses

import pytest

from detector import mime, transport
from detector.budget import Budget
from detector.records import Hop, Message

ARMOR = (
    "-----BEGIN PGP MESSAGE-----\nVersion: Dummy 1\n\n"
    + base64.encodebytes(b"\x85\x01\x0c\x03" + bytes(range(90))).decode()
    + "=abcd\n-----END PGP MESSAGE-----\n"
)
ENVELOPED = bytes.fromhex("3082012006092a864886f70d010703a0820111") + bytes(range(64))
AUTH_ENVELOPED = bytes.fromhex("3080060b2a864886f70d0109100117a080") + bytes(range(64))
SIGNED = bytes.fromhex("3082012006092a864886f70d010702a0820111") + b"Content-Type: text/plain\r\n\r\nHej"


def armored(first: int) -> str:
    """An armored message whose first packet begins with this byte."""
    return f"-----BEGIN PGP MESSAGE-----\n\n{base64.b64encode(bytes([first]) + b'xyz' * 9).decode()}\n-----END PGP MESSAGE-----\n"


def read(content_type: str, body: str, *more: str) -> Message:
    """A message with these headers and this body."""
    head = "\n".join(("From: a@uni.example", "Subject: s", f"Content-Type: {content_type}", *more))
    return mime.parse(f"{head}\n\n{body}".encode(), budget=Budget())


def read_encoded(content_type: str, data: bytes) -> Message:
    """A message with one base64 part."""
    return read(content_type, base64.encodebytes(data).decode(), "Content-Transfer-Encoding: base64")


def mixed(*parts: str, kind: str = "multipart/mixed") -> Message:
    """A multipart of these parts, headers and all."""
    return read(f"{kind}; boundary=q", "".join(f"--q\n{part}\n" for part in parts) + "--q--\n")


PGP_MIME = 'multipart/encrypted; protocol="application/pgp-encrypted"'
CONTROL = "Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
CONTENT = f"Content-Type: application/octet-stream\n\n{ARMOR}"
TEXT = "Content-Type: text/plain\n\nHej Mette"


@pytest.mark.parametrize(
    ("message", "protected"),
    [
        (read_encoded("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", ENVELOPED), "smime"),
        (read_encoded("application/x-pkcs7-mime; smime-type=authEnveloped-data", AUTH_ENVELOPED), "smime"),
        (read_encoded("application/pkcs7-mime", ENVELOPED), "smime"),  # no smime-type: the content says it
        (read_encoded('application/octet-stream; name="smime.p7m"', ENVELOPED), "smime"),  # a gateway that lost the type
        (read_encoded("application/pkcs7-mime; smime-type=enveloped-data", bytes(range(1, 200))), "smime"),  # opaque, no DER to see
        (read_encoded("application/pkcs7-mime; smime-type=signed-data", SIGNED), None),  # signed only: readable
        (read_encoded("application/pkcs7-mime; smime-type=enveloped-data", SIGNED), None),  # a label that is not true
        (read_encoded("application/pkcs7-mime; smime-type=enveloped-data", b"Hej Mette, dit nummer er ...\n" * 9), None),  # plain text
        (read_encoded("application/pkcs7-mime; smime-type=enveloped-data", b"PK\x03\x04" + bytes(range(99))), None),  # a zip
        (read_encoded("application/pkcs7-mime; smime-type=enveloped-data", "Hej Mette".encode("utf-16")), None),  # text in UTF-16
        (read_encoded("application/pkcs7-mime; smime-type=enveloped-data", b""), None),  # nothing
        (mixed("Content-Type: text/plain\n\nHej", "Content-Type: application/pkcs7-signature\n\nMII", kind="multipart/signed"), None),
        (read_encoded("application/octet-stream; name=a.bin", ENVELOPED), None),  # not said to be S/MIME
        (read(f"{PGP_MIME}; boundary=q", f"--q\n{CONTROL}\n--q\n{CONTENT}\n--q--\n"), "pgp"),
        (read(f"{PGP_MIME}; boundary=q", f"--q\n{CONTROL}\n--q\n{CONTENT}\n--q\n{TEXT}\n--q--\n"), None),  # a readable part more
        (read(f"{PGP_MIME}; boundary=q", f"--q\n{CONTROL}\n--q\n{CONTENT}\n--q--\nFooter of a list, readable\n"), None),
        (read(f"{PGP_MIME}; boundary=q", f"--q\n{CONTROL}\n--q\n{TEXT}\n--q--\n"), None),  # nothing is encrypted
        (read(f"{PGP_MIME}; boundary=q", f"--q\n{CONTROL}Hej Mette\n--q\n{CONTENT}\n--q--\n"), None),  # words in the control part
        (read("multipart/encrypted; boundary=q", f"--q\n{CONTROL}\n--q\n{CONTENT}\n--q--\n"), None),  # the protocol is not said
        (read("text/plain", ARMOR), "pgp"),
        (read("text/plain", f"\n\n{ARMOR}\n\n"), "pgp"),  # blanks around
        (read("text/plain", f"Kære Mette\n{ARMOR}"), None),  # words before it
        (read("text/plain", f"{ARMOR}\n-- \nBo Holm"), None),  # words after it
        (read("text/plain", ARMOR + ARMOR), None),  # two blocks: stricter than it need be
        (read("text/plain", "-----BEGIN PGP MESSAGE-----\n\nHej Mette\n-----END PGP MESSAGE-----\n"), None),  # words in armor
        (read("text/plain", armored(0xC1)), "pgp"),  # the new packet format
        (read("text/plain", armored(0xA3)), None),  # compressed only (tag 8)
        (read("text/plain", armored(0x90)), None),  # one-pass signature (tag 4): signed only
        (read("text/plain", armored(0xCB)), None),  # literal data (tag 11)
        (read("text/plain", ARMOR.replace("Version: Dummy 1", "Comment: a\n" * 8 + "Version: x")), None),  # a letter in comments
        (read("text/plain", "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHej\n"), None),
        (mixed("Content-Type: text/plain\n\nHej", f"Content-Type: text/plain\n\n{ARMOR}"), None),  # beside readable text
        (mixed(f"Content-Type: text/plain\n\n{ARMOR}", f"Content-Type: application/x; name=b.asc\n\n{ARMOR}"), "pgp"),  # every part is
        (read("text/plain", ""), None),
        (Message(), None),  # no part at all
    ],
)  # fmt: skip
def test_protection(message: Message, protected: str | None) -> None:
    """Protected only where nothing in the message is readable."""
    assert transport.inspect(message).protected == protected


def test_attached_or_unread_content_is_not_protected() -> None:
    """What stands beside the envelope, read or not, may be readable."""
    message = read_encoded("application/pkcs7-mime; smime-type=enveloped-data", ENVELOPED)
    assert transport.inspect(dataclasses.replace(message, attached=(Message(part="2"),))).protected is None


def test_encrypted_parts_are_named_wherever_they_stand() -> None:
    """Beside readable text, within text, and in attached mails."""
    smime = f"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(ENVELOPED).decode()}"
    message = mixed(
        TEXT,
        smime,
        f"Content-Type: text/plain\n\nSe her:\n{ARMOR}hilsen",
        f"Content-Type: message/rfc822\n\nSubject: x\n\n{ARMOR}",
        f"Content-Type: text/plain\n\n{ARMOR[:90]}",  # cut in the middle
        f"Content-Type: text/plain\n\n{armored(0xA3)}",  # compressed only
    )
    assert transport.inspect(message).protected is None
    assert transport.encrypted_parts(message) == ("2", "3", "5", "4.1")


@pytest.mark.parametrize(
    ("subject", "tags"),
    [
        ("[notencrypted] Referat", ("notencrypted",)),
        ("[IKKEKRYPTERET] Referat", ("ikkekrypteret",)),  # any case
        ("[NoTLS]", ("notls",)),
        ("SV: VS: [notls] Referat", ("notls",)),  # behind a reply mark
        ("Referat [ NoTLS\t]", ("notls",)),  # blanks, at the end
        ("Referat[\xa0notls]", ("notls",)),  # a no-break space
        ("[notls] [NOTLS] [notencrypted]", ("notls", "notencrypted")),  # each once
        ("notls", ()),  # no brackets
        ("[not encrypted]", ()),  # another word for the mail server too
        ("[notlse]", ()),
        ("[[notls]]", ("notls",)),
        ("", ()),
    ],
)  # fmt: skip
def test_tags(subject: str, tags: tuple[str, ...]) -> None:
    """The words that turn forced TLS off."""
    assert transport.tags(subject) == tags


MX, OUT = "mx.firma.example", "out.uni.example"
TAIL = "; Wed, 1 May 2024 10:00:00 +0200"


@pytest.mark.parametrize(
    ("received", "by", "tls"),
    [
        (f"from {OUT} (x [192.0.2.1]) by {MX} (Postfix) with ESMTPS id 1", MX, True),  # RFC 3848
        (f"from [192.0.2.9] (x) by {MX} with ESMTPSA id 1 (authenticated)", MX, True),
        (f"from {OUT} by {MX} with UTF8SMTPS id 1", MX, True),  # RFC 6531
        (f"from {OUT} by {MX} with LMTPS id 1", MX, True),
        (f"from {OUT} by {MX} with smtps (TLS1.3) tls TLS_AES_256_GCM_SHA384 (Exim 4.97) id 1", MX, True),
        (f"from {OUT} (x [192.0.2.1]) (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384) by {MX} (Postfix) with ESMTP id 1", MX, True),
        (f"from {OUT} (2001:db8::1) by {MX} (2001:db8::2) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_X) id 15.20", MX, True),
        (f"from {OUT} (192.0.2.1) by {MX} (192.0.2.2) with Microsoft SMTP Server (TLS) id 14.3", MX, True),  # Exchange 2010
        (f"from {OUT} ({OUT}. [192.0.2.1]) by {MX} with ESMTP id a-1 for <b@firma.example> (version=TLS1_3 cipher=TLS_X bits=256/256)",
         MX, True),  # Google
        (f"from {OUT} by {MX} (8.17.1/8.17.1) with ESMTP id 1 (version=TLSv1.3 cipher=TLS_X verify=NOT)", MX, True),  # sendmail
        (f"from {OUT} by {MX} with SMTP (TLSv1.2:ECDHE-RSA-AES256)", MX, True),
        (f"from {OUT} (HELO x) by {MX} with (AES256-GCM-SHA384 encrypted) SMTP", MX, True),  # qmail
        (f"from {OUT} by {MX} with esmtp (Exim 4.9) (X=TLSv1:AES256)", MX, True),
        (f"from localhost (localhost [127.0.0.1]) by {MX} with ESMTPS id 1", MX, True),  # local, and encrypted all the same
        (f"from {OUT} (x [192.0.2.1]) by {MX} (Postfix) with ESMTP id 1", MX, False),
        (f"from {OUT} by {MX} with SMTP id 1", MX, False),
        (f"from {OUT} by {MX} with ESMTPA id 1", MX, False),  # a password over an open line
        (f"from {OUT} (192.0.2.1) by {MX} with Microsoft SMTP Server id 8.3.1", MX, False),
        (f"from {OUT} by {MX} (using SSLv3 with cipher RC4-MD5) with ESMTP id 1", MX, False),  # broken since 2015, RFC 7568
        (f"from esmtps.uni.example by {MX} with ESMTP id 1", MX, False),  # the word in a host name
        (f"from {OUT} by {MX} with LMTP id 1", MX, None),  # into the mailbox
        (f"from {OUT} ([::1]) by {MX} with mapi id 15.20", MX, None),
        (f"from {OUT} (192.0.2.1) by {MX} (192.0.2.2) with Microsoft SMTP Server id 15.2 via Frontend Transport", MX, None),
        (f"from {OUT} (192.0.2.1) by {MX} (192.0.2.2) with Microsoft SMTP Server id 15.2 via Mailbox Transport", MX, None),
        (f"from localhost (localhost [127.0.0.1]) by {MX} (Postfix) with ESMTP id 1", MX, None),  # a filter on the same machine
        (f"from [127.0.0.1] by {MX} with ESMTP id 1", MX, None),
        (f"from {MX} by {MX} with ESMTP id 1", MX, None),  # to itself
        (f"by {MX} (Postfix, from userid 1000) id 1", MX, None),
        (f"by {MX} with SMTP id x1csp", MX, None),  # Google, inside
        (f"by {MX} with HTTP", MX, None),
        (f"from {OUT} by {MX} with HTTPS id 1", MX, None),  # webmail
        ("(qmail 12345 invoked by uid 89)", "", None),
        (f"from {OUT} by {MX} id 1", MX, None),  # does not say
        ("", "", None),
    ],
)  # fmt: skip
def test_hops(received: str, by: str, tls: bool | None) -> None:
    """The wording of each common mail server."""
    assert transport.hop(received + TAIL) == Hop(by, tls)
