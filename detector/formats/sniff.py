"""What kind a part is, told by its bytes; the declared type and the file's ending only break ties among texts."""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from detector.formats.compressed import is_zlib
from detector.formats.signatures import ENVELOPED, OLE_KINDS, OPENDOCUMENT_KINDS, SIGNATURES, SIGNED, STARTING, TEXT_SIGNATURES
from detector.formats.tar import is_tar
from detector.ole import MAGIC, Compound
from detector.records import Part

_HEAD_BYTES = 4096
_PDF_WITHIN = 1024
"""How far into a file its readers look for "%PDF-". Source: Adobe, "PDF Reference 1.7", appendix H, note 13."""
_MAX_DIRECTORY = 50_000
"""Entries of a zip beyond which it is not opened: its directory alone would take some 50 MB."""

_ISO_MARK_AT = 32_769
"""Where the first volume of a disc image is named. Source: ECMA-119, section 8.4."""

_BLANK = b" \t\r\n\f\0\xef\xbb\xbf"
_TEXTS = frozenset(
    {
        "application/json",
        "application/xml",
        "application/javascript",
        "application/ld+json",
        "application/geo+json",
        "application/x-ndjson",
        "application/x-sh",
        "application/ics",
        "application/x-sql",
        "image/svg+xml",
    }
)
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|div|p|meta|title|style)[\s/>]", re.IGNORECASE)
_XHTML = re.compile(rb"<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE)
_JSON = re.compile(rb"[\[\s]*\{\s*[\"}]|\[\s*[\"\[\]\d-]")
_SVG = re.compile(rb"<svg[\s>]|<!doctype\s+svg", re.IGNORECASE)
_FLAT = re.compile(rb"<office:document\s[^<>]*?office:mimetype\s*=\s*[\"']([^\"']+)")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_CARD = re.compile(rb"BEGIN:(VCARD|VCALENDAR)\s", re.IGNORECASE)
_FIELD = re.compile(rb"([A-Za-z][A-Za-z0-9-]{1,40}):[ \t]")
_MAIL_FIELDS = frozenset(
    {
        b"from",
        b"to",
        b"received",
        b"date",
        b"subject",
        b"message-id",
        b"mime-version",
        b"return-path",
        b"content-type",
        b"delivered-to",
        b"cc",
    }
)


def sniff(part: Part) -> str:
    """The kind of `part`; "" for binary data that is nothing known.

    A damaged package is a zip, whatever it was made for. Never raises.

    >>> sniff(Part("1", "text/plain", b"%PDF-1.7"))
    'pdf'
    >>> sniff(Part("1", "application/octet-stream", b"navn;cpr", "liste.csv"))
    'csv'
    """
    data = part.data
    head = data[:_HEAD_BYTES]
    kind = _signed_kind(data, head)
    if kind is not None:
        return kind
    if _is_binary(part, head):
        return _late_kind(part, data)
    return _text_kind(part, head)


def _signed_kind(data: bytes, head: bytes) -> str | None:
    if head[:4] in {b"PK\3\4", b"PK\5\6", b"PK00"}:
        return _zip_kind(data)
    if head.startswith(MAGIC):
        return _ole_kind(data)
    if head.startswith(b"%PDF-") or (head.find(b"%PDF-", 0, _PDF_WITHIN) >= 0 and b" obj" in head):
        return "pdf"
    has_nul = b"\0" in head
    if head.isascii() and not has_nul:
        return next((kind for signature, kind in TEXT_SIGNATURES if head.startswith(signature)), None)
    for offset, signature, kind in SIGNATURES if has_nul else STARTING.get(head[0], ()):
        if head.startswith(signature, offset):
            return kind
    if head.startswith(b"BM") and len(data) > 26 and struct.unpack_from("<I", data, 14)[0] in {12, 40, 52, 56, 64, 108, 124}:
        return "picture"
    return None


def _zip_kind(data: bytes) -> str:
    if data.count(b"PK\1\2") > _MAX_DIRECTORY:
        return "zip"
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _package_kind(archive)
    except (zipfile.BadZipFile, RuntimeError, ValueError, EOFError, struct.error, zlib.error):  # RuntimeError: it is encrypted
        return "zip"


def _package_kind(archive: zipfile.ZipFile) -> str:
    names = {info.filename for info in archive.infolist()}
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "[Content_Types].xml" in names:
        for folder, kind in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return kind
    if "mimetype" in names and "content.xml" in names:
        with archive.open("mimetype") as member:
            kind = OPENDOCUMENT_KINDS.get(member.read(200).strip(), "zip")
        return "sealed" if kind != "zip" and _is_sealed(archive, names) else kind
    return "sealed" if "encrypted-package" in names and "mimetype" in names else "zip"


def _is_sealed(archive: zipfile.ZipFile, names: set[str]) -> bool:
    if "META-INF/manifest.xml" not in names:
        return False
    with archive.open("META-INF/manifest.xml") as member:
        return b"encryption-data" in member.read(1_000_000)


def _ole_kind(data: bytes) -> str:
    try:
        names = Compound(data).root_names()
    except (struct.error, ValueError, IndexError):
        names = set()
    for name, kind in OLE_KINDS:
        if name in names:
            return kind
    return "ole"


def _is_binary(part: Part, head: bytes) -> bool:
    """Whether the bytes are no text. What is declared as text is read as text whatever it holds."""
    if part.media_type.startswith(("text/", "message/")) or part.media_type in _TEXTS:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        return False
    if b"\0" in head:
        return not _is_wide(head)
    return len(_CONTROLS.findall(head)) * 50 > len(head)


def _is_wide(head: bytes) -> bool:
    """Whether it looks like UTF-16 without a mark: nearly every second byte is NUL, and hardly any other."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    return max(even, odd) * 10 > len(head) * 4 and min(even, odd) * 20 < len(head)


def _late_kind(part: Part, data: bytes) -> str:
    """Binary data that does not begin with what it is: CMS, binary PGP, an archive behind something else."""
    top = data[:80]
    if top[:1] == b"\x30" and any(oid in top for oid in ENVELOPED):
        return "sealed"
    if top[:1] == b"\x30" and SIGNED in top:
        return "signature" if "signature" in part.media_type or _ending(part) == ".p7s" else "signed"
    if part.media_type == "application/pgp-encrypted" or _ending(part) in {".pgp", ".gpg"}:
        return "sealed"
    if part.media_type == "application/pgp-signature":
        return "signature"
    if b"PK\5\6" in data[-66_000:]:
        return _zip_kind(data)
    if is_tar(data):
        return "tar"
    if data[_ISO_MARK_AT : _ISO_MARK_AT + 5] == b"CD001":
        return "iso"
    return "zlib" if is_zlib(data[:_HEAD_BYTES]) else ""


def _text_kind(part: Part, head: bytes) -> str:
    start = head.lstrip(_BLANK)[:1024]
    ending = _ending(part)
    if start.startswith(b"-----BEGIN PGP MESSAGE-----"):
        return "sealed"
    if start.startswith(b"-----BEGIN PGP SIGNATURE-----") or (part.media_type == "application/pgp-encrypted" and len(part.data) < 100):
        return "signature"
    if part.media_type == "text/html":
        return "html"
    if part.media_type == "text/plain" and not part.is_attachment and part.filename is None:
        return "text"
    return _attached_text_kind(part, head, start, ending)


def _attached_text_kind(part: Part, head: bytes, start: bytes, ending: str) -> str:
    if b"\0" in head:  # UTF-16
        head, start = _narrow(head), _narrow(start)
    marked = _card_kind(start) or (_marked_up_kind(part, head, start, ending) if start[:1] == b"<" else "")
    if marked:
        return marked
    if start.startswith(b"begin ") and re.match(rb"begin [0-7]{3,4} \S", start):
        return "uuencoded"
    if part.media_type == "image/svg+xml":
        return "svg"
    if ending in {".html", ".htm", ".xhtml"} or part.media_type == "application/xhtml+xml":
        return "html"
    if start.startswith(b"From ") and _is_mail(start.partition(b"\n")[2]):
        return "mbox"
    if part.media_type == "message/rfc822" or ending == ".eml" or _is_mail(start):
        return "mail"
    if start[:1] in {b"{", b"["} and (_JSON.match(start) or _is_declared(part, ending, "json")):
        return "json"
    return "csv" if _is_table(part, head, ending) else "text"


def _narrow(wide: bytes) -> bytes:
    return wide.replace(b"\0", b"").lstrip(b"\xff\xfe")


def _card_kind(start: bytes) -> str:
    card = _CARD.match(start)
    if card is None:
        return ""
    return "vcf" if card[1].upper() == b"VCARD" else "ics"


def _marked_up_kind(part: Part, head: bytes, start: bytes, ending: str) -> str:
    if part.media_type == "image/svg+xml" or _SVG.search(start):
        return "svg"
    if (flat := _FLAT.search(head)) is not None:
        return f"f{OPENDOCUMENT_KINDS.get(flat[1], 'odt')}"
    if not _XHTML.search(head) and (start.startswith(b"<?xml") or _is_declared(part, ending, "xml")):
        return "xml"
    return "html" if _HTML.search(head) else ""


def _is_table(part: Part, head: bytes, ending: str) -> bool:
    return part.media_type in {"text/csv", "text/tab-separated-values"} or ending in {".csv", ".tsv", ".tab", ".xls"} or _is_delimited(head)


def _is_declared(part: Part, ending: str, word: str) -> bool:
    return ending == f".{word}" or part.media_type.endswith((f"/{word}", f"+{word}"))


def _is_mail(start: bytes) -> bool:
    """Whether it begins with header fields, two of them of a mail and one of those no "From:" or "To:" that a quotation has."""
    names: set[bytes] = set()
    for line in start.splitlines()[:12]:
        field = _FIELD.match(line)
        if field is None and line[:1] not in {b" ", b"\t"}:
            break
        if field is not None:
            names.add(field[1].lower())
    known = names & _MAIL_FIELDS
    return len(known) >= 2 and bool(known & {b"received", b"message-id", b"mime-version", b"return-path", b"content-type", b"delivered-to"})


def _is_delimited(head: bytes) -> bool:
    """Whether the first lines, but for a title, have the same number of semicolons; the text reader sees tabs itself."""
    lines = head.splitlines()
    if len(head) == _HEAD_BYTES:
        del lines[-1]  # cut in the middle
    counts = [line.count(b";") for line in lines if line.strip()][:8]
    same = counts[1:] if len(counts) > 3 else counts
    return (
        len(counts) >= 3 and same[0] > 0 and len(set(same)) == 1 and not all(line.rstrip().endswith(b";") for line in lines if line.strip())
    )


def _ending(part: Part) -> str:
    name = part.filename or ""
    return name[name.rfind(".") :].lower() if "." in name else ""
