"""All records, in the order of the flow: bytes, message, documents, findings, subjects, counts, verdict.

Every record is frozen; a step returns new ones. Values that may hold personal data are left out of `repr`.
Spans are half-open and count characters of one text (a paragraph or a cell).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field


class DetectorError(Exception):
    """A set-up error: a file, key or option that cannot be used. Content of a message never raises it."""


class Decision(enum.StrEnum):
    """What may happen to a message, from the mildest to the strictest."""

    ALLOW = "allow"
    REVIEW = "review"
    SECURE = "secure"
    BLOCK = "block"

    @property
    def severity(self) -> int:
        """Rank from 0 (allow) to 3 (block)."""
        return list(Decision).index(self)


class Reason(enum.StrEnum):
    """Why a part was not read. Not read is not clean."""

    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    UNSUPPORTED = "unsupported"
    TOO_DEEP = "too-deep"
    TOO_MANY_PARTS = "too-many-parts"
    TOO_LARGE = "too-large"
    RATIO = "ratio"
    TIMEOUT = "timeout"
    ROWS = "rows"
    NO_OCR = "no-ocr"
    CRASHED = "crashed"
    """The process that read it came to its end."""
    MEMORY = "memory"
    ERROR = "error"
    """A fault of ours; the message is held, not passed."""


# ---------------------------------------------------------------- mailbox


class Failure(enum.StrEnum):
    """Why an item of a mailbox gave no message."""

    NOT_A_MESSAGE = "not-a-message"
    EMPTY = "empty"
    UNREADABLE = "unreadable"
    """The system did not let us read it."""
    NOT_A_FILE = "not-a-file"
    """A pipe, socket or device; opening it could hang."""
    LINK = "link"
    """A link to a folder, which is not followed: it could lead in a circle."""
    TOO_LARGE = "too-large"
    CHANGED = "changed"
    """The mailbox was cut short by someone else while it was read."""
    CRASHED = "crashed"
    """Two processes that read it came to their end."""
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    """A packed file or an Outlook file that could not be read, or not further."""
    UNSUPPORTED = "unsupported"
    """Packed in a way, or of a kind, for which nothing is installed."""
    RATIO = "ratio"
    """So much more comes out of a packed file than lies in it that it was not made for its content."""
    TOO_DEEP = "too-deep"
    """Packed in too many files, one in the other."""
    TIMEOUT = "timeout"
    UNDELIVERED = "undelivered"
    """A file in a Maildir's `tmp`, which a server had not finished."""
    INDEX = "index"
    """A file that a mail program or server keeps beside its messages, and that holds none."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message of a mailbox, as raw bytes, or why there is none: exactly one of `raw` and `failure` is None."""

    source: str = field(repr=False)
    """Name of the source that was opened, then the path inside it ("export/2024/a.eml")."""
    position: int
    """Running number in the source that was opened, from 1."""
    raw: bytes | None = field(default=None, repr=False)
    failure: Failure | None = None


# ---------------------------------------------------------------- message


@dataclass(frozen=True, slots=True)
class Envelope:
    """The SMTP envelope: where the message really goes, whatever its headers say."""

    sender: str | None = field(default=None, repr=False)
    recipients: tuple[str, ...] | list[str] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of an address header; `email` as written, `name` decoded ("" where there is none)."""

    email: str = field(repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Defect:
    """Something wrong in a message that was read all the same. `code` is a short kebab-case word, never content."""

    part: str
    code: str


@dataclass(frozen=True, slots=True)
class Unread:
    """A part, or the rest of one, that was not read."""

    part: str
    file: str | None = field(repr=False)
    reason: Reason


@dataclass(frozen=True, slots=True)
class Part:
    """One leaf of a message: decoded bytes with what its headers say of them.

    `index` is its path, "2.1" for the first part inside the second; members of an archive append to it ("3.2").
    """

    index: str
    media_type: str
    data: bytes = field(repr=False)
    filename: str | None = field(default=None, repr=False)
    charset: str | None = None
    is_attachment: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message. `part` is "" for the outermost and the part path for an attached one."""

    part: str = ""
    filename: str | None = field(default=None, repr=False)
    """Of an attached message."""
    message_id: str | None = None
    date: str | None = None
    """ISO 8601 where the header could be read."""
    subject: str = field(default="", repr=False)
    sender: Address | None = field(default=None, repr=False)
    to: tuple[Address, ...] = field(default=(), repr=False)
    cc: tuple[Address, ...] = field(default=(), repr=False)
    bcc: tuple[Address, ...] = field(default=(), repr=False)
    references: tuple[str, ...] = ()
    """Message-IDs of In-Reply-To and References."""
    received: tuple[str, ...] = field(default=(), repr=False)
    """Received headers unfolded, newest first as they stand."""
    media_type: str = "text/plain"
    """Of the outermost part, lower case; tells S/MIME, PGP/MIME and multipart/report."""
    media_parameters: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    attached: tuple[Message, ...] = ()
    defects: tuple[Defect, ...] = ()
    unread: tuple[Unread, ...] = ()


# ---------------------------------------------------------------- document


class Role(enum.StrEnum):
    """What a document is to its message."""

    SUBJECT = "subject"
    BODY = "body"
    ATTACHMENT = "attachment"
    FILENAME = "filename"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `where` is its place as a person says it ("page 2", "line 14", "slide 3"); "" where there is none to tell."""

    text: str = field(repr=False)
    where: str = ""
    quote: int = 0
    """Depth of quotation: 0 own words, 1 the mail answered, …"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table. `where` is "Ark1!B4" in a sheet, "row 7, column 2" elsewhere."""

    text: str = field(repr=False)
    where: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the header row (where there is one) among them; rows may differ in length."""

    rows: tuple[tuple[Cell, ...], ...] = field(repr=False)
    where: str = ""
    quote: int = 0


Block = Text | Table


@dataclass(frozen=True, slots=True)
class Document:
    """The readable content of one part, in reading order."""

    part: str
    role: Role
    blocks: tuple[Block, ...] = field(repr=False)
    file: str | None = field(default=None, repr=False)
    format: str = "text"
    """Name of the format that read it ("docx", "html")."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one part gave: documents, attached messages, and what was not read."""

    documents: tuple[Document, ...] = ()
    messages: tuple[Message, ...] = ()
    unread: tuple[Unread, ...] = ()
    defects: tuple[Defect, ...] = ()


# ---------------------------------------------------------------- findings


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a text stands: number of the document, of the block in it, and row and column for a cell; all from 0."""

    document: int
    block: int
    row: int = -1
    """-1 in a paragraph."""
    column: int = -1


@dataclass(frozen=True, slots=True)
class Finding:
    """One piece of confidential or sensitive data. `span` counts characters of the text at `place`; `text` is that slice."""

    category: str
    place: Place
    span: tuple[int, int]
    text: str = field(repr=False)
    confidence: float
    """0 to 1."""
    why: str
    """What spoke for it, in English, without the value."""


@dataclass(frozen=True, slots=True)
class Mention:
    """The name of a person as it stands in a text."""

    place: Place
    span: tuple[int, int]
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subject:
    """A data subject: one distinct person, and the findings about them (numbers into the list of findings)."""

    id: int
    name: str | None = field(repr=False)
    """The fullest name met; None for a person without a name."""
    findings: tuple[int, ...]
    confidential: tuple[str, ...]
    sensitive: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hop:
    """One Received header: whether that transfer was encrypted; None where it does not say (a local hand-over)."""

    by: str
    tls: bool | None


@dataclass(frozen=True, slots=True)
class Bounce:
    """A non-delivery report, and the message it is about as far as it says."""

    recipients: tuple[str, ...] = field(repr=False)
    """Who was not reached, in lower case."""
    status: str
    """Enhanced status code (RFC 3463), as "5.7.3"; "" where none is told."""
    needs_tls: bool
    """Whether the message came back because the other server has no TLS."""
    message_id: str | None
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Transport:
    """How the message travels."""

    tags: tuple[str, ...] = ()
    """Subject tags that turn TLS off, lower case without brackets."""
    protected: str | None = None
    """"smime" or "pgp" where the content is end-to-end encrypted."""
    hops: tuple[Hop, ...] = ()
    bounce: Bounce | None = None
    """What it says where it is a non-delivery report."""


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers that the thresholds are about: distinct persons and distinct recipients in the whole message."""

    confidential_persons: int = 0
    sensitive_persons: int = 0
    personal_persons: int = 0
    """Distinct persons that are named at all."""
    recipients: int = 0
    unread_parts: int = 0
    confidential: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()
    protected: bool = False


# ---------------------------------------------------------------- verdict


@dataclass(frozen=True, slots=True)
class Explanation:
    """One rule that holds, told in each language, with the sentence of the policy that it comes from."""

    rule: str
    texts: tuple[tuple[str, str], ...]
    """(language, sentence) pairs."""
    policy: str

    def text(self, language: str) -> str:
        """The sentence in `language` ("da" or "en").

        >>> Explanation("x", (("da", "Ja."), ("en", "Yes.")), "").text("en")
        'Yes.'
        """
        return dict(self.texts)[language]


@dataclass(frozen=True, slots=True)
class Versions:
    """What made a verdict."""

    detector: str
    models: str
    policy: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one message: the decision, every rule that holds, and all that they rest on."""

    decision: Decision
    rules: tuple[str, ...]
    reasons: tuple[Explanation, ...]
    unlisted: bool
    protected: bool
    counts: Counts
    subjects: tuple[Subject, ...]
    findings: tuple[Finding, ...] = field(repr=False)
    documents: tuple[Document, ...] = field(repr=False)
    """Those with a finding are referred to by `Finding.place.document`."""
    unread: tuple[Unread, ...]
    defects: tuple[Defect, ...]
    transport: Transport
    versions: Versions
    message_id: str | None = None
    date: str | None = None
    subject: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    """Address of the sender, in lower case; the envelope's where there is one."""
    recipients: tuple[str, ...] = field(default=(), repr=False)
    """Distinct addresses, in lower case and sorted."""
    took_ms: float = 0.0
