"""What files begin with. Kinds that no format reads are named all the same: they are known not to be text.

Sources: the formats' own specifications, and the table of G. Kessler, "File Signatures", read 2025-11.
"""

from __future__ import annotations

SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"{\\rtf", "rtf"),
    (0, b"\x89PNG\r\n", "picture"),
    (0, b"\xff\xd8\xff", "picture"),
    (0, b"GIF87a", "picture"),
    (0, b"GIF89a", "picture"),
    (8, b"WEBP", "picture"),
    (0, b"II*\0", "picture"),
    (0, b"MM\0*", "picture"),
    (0, b"\0\0\1\0", "picture"),  # icon
    (0, b"\xd7\xcd\xc6\x9a", "picture"),  # WMF
    (40, b" EMF", "picture"),
    (0, b"8BPS", "picture"),
    (4, b"ftypheic", "picture"),
    (4, b"ftypheix", "picture"),
    (4, b"ftypmif1", "picture"),
    (4, b"ftypavif", "picture"),
    (0, b"\0\0\0\x0cjP  ", "picture"),  # JPEG 2000
    (4, b"ftyp", "video"),
    (8, b"AVI ", "video"),
    (8, b"WAVE", "audio"),
    (0, b"\x1aE\xdf\xa3", "video"),
    (0, b"\0\0\1\xba", "video"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video"),  # ASF
    (0, b"OggS", "audio"),
    (0, b"fLaC", "audio"),
    (0, b"ID3", "audio"),
    (0, b"\xff\xfb", "audio"),
    (0, b"MThd", "audio"),
    (0, b"#!AMR", "audio"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "rar"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"MSCF", "cab"),
    (257, b"ustar", "tar"),
    (0, b"\x78\x9f\x3e\x22", "tnef"),
    (0, b"!BDN", "pst"),
    (0, b"MZ", "program"),
    (0, b"\x7fELF", "program"),
    (0, b"\xca\xfe\xba\xbe", "program"),
    (0, b"SQLite format 3\0", "database"),
    (4, b"Standard Jet DB", "database"),
    (4, b"Standard ACE DB", "database"),
    (0, b"%!PS", "postscript"),
    (0, b"wOFF", "font"),
    (0, b"OTTO", "font"),
    (0, b"\0\1\0\0\0", "font"),
    (0, b"Salted__", "sealed"),  # openssl enc
    (0, b"\x76\xe8\x04\x60\xc4\x11\xe3\x86", "sealed"),  # message.rpmsg, a mail under rights management
)

STARTING = {
    first: tuple(each for each in SIGNATURES if each[0] == 0 and each[1][0] == first) for first in {each[1][0] for each in SIGNATURES}
}
"""Those at the very start, by their first byte: all that a file without NULs can have."""

TEXT_SIGNATURES = ((b"{\\rtf", "rtf"), (b"{\\urtf", "rtf"), (b"%!PS", "postscript"))
"""The ones that hold for ASCII: a letter that begins with "ID3" is no sound file."""

ENVELOPED = (
    bytes.fromhex("06092a864886f70d010703"),  # envelopedData
    bytes.fromhex("060b2a864886f70d0109100117"),  # authEnvelopedData
)
"""Object identifiers of encrypted CMS. Source: RFC 5652, section 6; RFC 5083, section 2.1."""
SIGNED = bytes.fromhex("06092a864886f70d010702")

OLE_KINDS = (
    ("EncryptedPackage", "sealed"),
    ("EncryptedSummary", "sealed"),
    ("\tDRMContent", "sealed"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WordDocument", "doc"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)
"""Entries under the root of a compound file, the telling ones first."""

OPENDOCUMENT_KINDS = {
    b"application/vnd.oasis.opendocument.text": "odt",
    b"application/vnd.oasis.opendocument.text-template": "odt",
    b"application/vnd.oasis.opendocument.text-master": "odt",
    b"application/vnd.oasis.opendocument.spreadsheet": "ods",
    b"application/vnd.oasis.opendocument.spreadsheet-template": "ods",
    b"application/vnd.oasis.opendocument.presentation": "odp",
    b"application/vnd.oasis.opendocument.presentation-template": "odp",
    b"application/vnd.oasis.opendocument.graphics": "odp",
    b"application/vnd.oasis.opendocument.graphics-template": "odp",
    b"application/vnd.sun.xml.writer": "odt",
    b"application/vnd.sun.xml.writer.template": "odt",
    b"application/vnd.sun.xml.calc": "ods",
    b"application/vnd.sun.xml.calc.template": "ods",
    b"application/vnd.sun.xml.impress": "odp",
    b"application/vnd.sun.xml.impress.template": "odp",
}
