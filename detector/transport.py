"""How a message travels: subject tags, Received hops, and whether its content is encrypted end to end.

Calling readable content protected lets personal data leave; so a message counts as protected only where nothing in it is readable.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from detector import bounces, transfer
from detector.records import Hop, Message, Part, Transport

NO_TLS_TAGS = frozenset({"notencrypted", "ikkekrypteret", "notls"})
"""Subject tags that turn forced TLS off at Aarhus University; another policy may name others."""
_TAG = re.compile(r"\[([^\[\]]{1,200})\]")

_SMIME_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_ENVELOPED_TYPES = frozenset({"enveloped-data", "authenveloped-data"})
_OID_PREFIXES = (  # DER of the content type at the head of a CMS structure; RFC 5652 section 4, RFC 5083 section 2
    (bytes.fromhex("06092a864886f70d010703"), True),  # envelopedData
    (bytes.fromhex("060b2a864886f70d0109100117"), True),  # authEnvelopedData
    (bytes.fromhex("06092a864886f70d0107"), False),  # data, signedData, digestedData, encryptedData
    (bytes.fromhex("060b2a864886f70d01091001"), False),  # compressedData and its like
)
_READABLE_FILES = (
    b"PK",
    b"%PDF",
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"BZh",
    b"II*",
    b"MM",
)

_CONTROLS = bytes([*range(1, 9), *range(14, 32), 127])

_ARMOR_BEGIN = b"-----BEGIN PGP MESSAGE-----"
_ARMOR_END = b"-----END PGP MESSAGE-----"
_ARMOR_HEADER = re.compile(rb"(?:Version|Comment|Hash|Charset|MessageID): [^\n]{0,100}")
_ARMOR_LINE = re.compile(rb"[A-Za-z0-9+/]{1,80}={0,2}|=[A-Za-z0-9+/]{4}")
_ENCRYPTED_PACKETS = frozenset({1, 3, 9, 18, 20})
"""Session keys and encrypted data, RFC 9580 section 5; signed or compressed messages wear the same armor and are readable."""
_MAX_ARMOR_HEADERS = 6

_BY = re.compile(r"(?:^|\s)by\s+(?!uid\b)([^\s;()]+)", re.IGNORECASE)
_FROM = re.compile(r"from\s+([^\s;()]+)", re.IGNORECASE)
_TLS = re.compile(
    r"\bwith\s+(?:utf8)?(?:esmtp|smtp|lmtp)sa?\b|\bversion=\s*tls|\busing\s+tls|\(tls\)|\(tlsv?[\d_.]+\b|\bx=tls"
    r"|\bwith\s+\([\w-]+\s+encrypted\)"
)
_TLS_WORDS = ("tls", "mtps", "encrypted")
"""One of them stands wherever `_TLS` matches; to look for them is quicker."""
_WITH = r"with(?<=\bwith)\s+(?:utf8)?"
"""The protocol; the word stands first so that it is searched for as such."""
_PLAIN_WITH = re.compile(rf"{_WITH}(?:e?smtpa?|asmtp|microsoft\s+smtp\s+server)\b")
_LOCAL_WITH = re.compile(rf"{_WITH}(?:lmtpa?|https?|mapi|local|bsmtp|store)\b")
_LOCAL = re.compile(r"\bvia\s+(?:frontend|mailbox)\s+transport\b|\bby\s+uid\b|\bfrom\s+userid\b|\binvoked\s+(?:by|from)\b")
_LOCAL_WORDS = ("transport", "uid", "userid", "invoked")
"""Likewise of `_LOCAL`."""
_LOCAL_HOST = re.compile(r"from\s+(?:localhost\b|\[?127\.|\[?(?:ipv6:)?::1\]?(?:\s|$))")


def inspect(message: Message, *, known: Collection[str] = NO_TLS_TAGS) -> Transport:
    """Tags among those `known`, protection and hops of a message; of its own headers only, not of mails attached to it."""
    hops = tuple(hop(line) for line in message.received)
    return Transport(tags(message.subject, known=known), _protection(message), hops, bounces.parse(message))


def tags(subject: str, *, known: Collection[str] = NO_TLS_TAGS) -> tuple[str, ...]:
    """Tags that turn forced TLS off, each once, in lower case as those `known` are.

    >>> tags("SV: [ NoTLS ] Referat [ikkekrypteret]")
    ('notls', 'ikkekrypteret')
    """
    return tuple(dict.fromkeys(tag for found in _TAG.findall(subject) if (tag := found.strip().lower()) in known))


def encrypted_parts(message: Message) -> tuple[str, ...]:
    """Paths of the parts that hold encrypted content, those of attached mails among them, whatever stands beside them."""
    own = [part.index for part in message.parts if _is_smime(part) or _has_armor(part.data) or _is_pgp_binary(part)]
    return (*own, *(index for attached in message.attached for index in encrypted_parts(attached)))


# ---------------------------------------------------------------- end to end


def _protection(message: Message) -> str | None:
    if message.attached or message.unread or not message.parts:
        return None
    if len(message.parts) == 1 and (_is_smime(message.parts[0]) or _is_labelled_smime(message)):
        return "smime"
    if message.media_type == "multipart/encrypted":
        return "pgp" if _is_pgp_mime(message) else None
    return "pgp" if all(_is_armor(part.data) or _is_pgp_binary(part) for part in message.parts) else None


def _is_smime(part: Part) -> bool:
    """An enveloped CMS under one of its names."""
    is_named = part.media_type == "application/octet-stream" and (part.filename or "").lower().endswith(".p7m")
    return (part.media_type in _SMIME_TYPES or is_named) and cms_is_enveloped(part.data) is True


def _is_labelled_smime(message: Message) -> bool:
    """A label of the sender's, which counts only where the bytes are neither another CMS nor anything readable."""
    label = dict(message.media_parameters).get("smime-type", "").lower()
    data = message.parts[0].data
    return message.media_type in _SMIME_TYPES and label in _ENVELOPED_TYPES and cms_is_enveloped(data) is None and _is_opaque(data)


def _is_opaque(data: bytes) -> bool:
    """Whether bytes are neither text nor a file of a well-known kind."""
    sample = data[:4096]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    is_wide_text = sample.count(0) * 5 > len(sample)
    return controls * 50 > len(sample) and not is_wide_text and not data.startswith(_READABLE_FILES)


def cms_is_enveloped(data: bytes) -> bool | None:
    """Whether a CMS structure is enveloped, from its first object identifier; None where `data` is no CMS.

    >>> cms_is_enveloped(bytes.fromhex("308006092a864886f70d010703a080")), cms_is_enveloped(b"Hej")
    (True, None)
    """
    if not data.startswith(b"\x30") or len(data) < 2:
        return None
    length = data[1]
    content = 2 + (length & 0x7F if length & 0x80 else 0)
    return next((enveloped for prefix, enveloped in _OID_PREFIXES if data.startswith(prefix, content)), None)


def _is_pgp_mime(message: Message) -> bool:
    """RFC 3156 section 4: a control part with a version, then the encrypted one, and nothing else."""
    protocol = dict(message.media_parameters).get("protocol", "").lower()
    if protocol != "application/pgp-encrypted" or len(message.parts) != 2:
        return False
    control, content = message.parts
    is_control = control.media_type == protocol and re.fullmatch(rb"\s*+Version: ?1\s*+", control.data, re.IGNORECASE) is not None
    return is_control and (_is_armor(content.data) or _is_packet(content.data))


def _has_armor(data: bytes) -> bool:
    """Whether an encrypted block stands anywhere in a text."""
    start = data.find(_ARMOR_BEGIN)
    while start >= 0:
        end = data.find(_ARMOR_END, start)
        if end < 0:
            return True  # cut; what there is cannot be read
        if _is_armor(data[start : end + len(_ARMOR_END)]):
            return True
        start = data.find(_ARMOR_BEGIN, end)
    return False


def _is_armor(data: bytes) -> bool:
    """Whether a text is one encrypted block and blanks, nothing else."""
    text = data.strip()
    if not (text.startswith(_ARMOR_BEGIN) and text.endswith(_ARMOR_END)):
        return False
    lines = [line.strip() for line in text[len(_ARMOR_BEGIN) : -len(_ARMOR_END)].strip(b" \t\r").removeprefix(b"\n").splitlines()]
    number = 0
    while number < min(len(lines), _MAX_ARMOR_HEADERS) and _ARMOR_HEADER.fullmatch(lines[number]):
        number += 1
    letters = [line for line in lines[number:] if line]
    return bool(letters) and all(_ARMOR_LINE.fullmatch(line) for line in letters) and _is_packet(transfer.decode_base64(letters[0])[0])


def _is_packet(data: bytes) -> bool:
    """Whether binary data begins with an OpenPGP packet of an encrypted message (RFC 9580 section 4.2)."""
    if not data or not data[0] & 0x80:
        return False
    tag = data[0] & 0x3F if data[0] & 0x40 else (data[0] >> 2) & 0x0F
    return tag in _ENCRYPTED_PACKETS


def _is_pgp_binary(part: Part) -> bool:
    name = (part.filename or "").lower()
    return name.endswith((".pgp", ".gpg")) and _is_packet(part.data)


# ---------------------------------------------------------------- hops


def hop(received: str) -> Hop:
    """One Received header: who took the message, and whether over TLS.

    >>> hop("from a.example by b.example with ESMTPS id 1; Wed, 1 May 2024 10:00:00 +0200")
    Hop(by='b.example', tls=True)
    """
    by = _BY.search(received)
    return Hop(by=by[1] if by else "", tls=_tls(received, by[1] if by else ""))


def _tls(received: str, by: str) -> bool | None:
    """RFC 3848 names the protocols; mail servers say the version in comments of their own. None for a local hand-over."""
    said = received.lower()
    if any(word in said for word in _TLS_WORDS) and _TLS.search(said):
        return True
    sender = _FROM.match(said)
    if sender is None or sender[1] == by.lower() or _LOCAL_HOST.match(said) or _is_local(said):
        return None
    return False if _PLAIN_WITH.search(said) else None


def _is_local(said: str) -> bool:
    return _LOCAL_WITH.search(said) is not None or (any(word in said for word in _LOCAL_WORDS) and _LOCAL.search(said) is not None)
