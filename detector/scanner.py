"""The whole way through: bytes in, verdict out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from detector import content, formats, mime, models, outlook, plain, policy, subjects, transport
from detector.budget import Budget, Limits, OverBudget
from detector.isolation import Isolation
from detector.recognizers import RECOGNIZERS, around, columns, gate, reader, sections, terms
from detector.recognizers.gate import Gate
from detector.records import (
    Counts,
    Document,
    Envelope,
    Finding,
    Mention,
    Message,
    Place,
    Reason,
    Role,
    Subject,
    Text,
    Transport,
    Unread,
    Verdict,
    Versions,
)
from detector.repeats import Repeats
from detector.threads import Writer

if TYPE_CHECKING:
    from spacy.language import Language

log = logging.getLogger(__name__)


class Scanner:
    """Policy and models, loaded once; one scanner serves any number of threads."""

    def __init__(
        self, rules: policy.Policy, *, limits: Limits, models_folder: Path, expand: policy.Expand | None = None, isolated: bool = True
    ) -> None:
        self._read_part: content.Reader = Repeats(Isolation().read if isolated else formats.read).read
        self.policy, self.limits, self._expand = rules, limits, expand
        own = (terms.recognizer(c.id, c.pattern, c.words) for c in rules.categories.values() if c.pattern or c.words)
        self._recognizers = (*RECOGNIZERS, *own)
        self._folder = models_folder
        self._gate = Gate.load(models_folder / gate.FOLDER / gate.FILE)
        self._loading = threading.Lock()
        self._versions = Versions(version("detector"), models.version(models_folder), f"{rules.name}/{rules.version}")

    @classmethod
    def load(
        cls, policy_file: Path | str | None = None, *, limits: Limits | None = None, models_folder: Path | str | None = None,
        expand: policy.Expand | None = None, isolated: bool = True,
    ) -> Scanner:
        """A scanner with the policy in `policy_file` (default: Aarhus University's) and the models in `models_folder` (default: shipped).

        `expand` is asked for the members of each recipient that may be a list. Parts that third-party code reads are read in processes of
        their own, unless `isolated` is false, which is a little faster and only for mail that is trusted. The models are checked against
        their manifest now, and read when the first message needs them. Raises DetectorError.
        """
        rules = policy.load(Path(policy_file) if policy_file else None)
        folder = models.check(Path(models_folder) if models_folder else None)
        return cls(rules, limits=limits or Limits(), models_folder=folder, expand=expand, isolated=isolated)

    @property
    def versions(self) -> Versions:
        """What makes this scanner's verdicts."""
        return self._versions

    @property
    def nlp(self) -> Language:
        """The spaCy pipeline in use (entity labels PER, ORG, LOC)."""
        return self._models.nlp

    def scan(self, raw: bytes, *, envelope: Envelope | None = None) -> Verdict:
        """The verdict on one message. Never raises on content; what could not be read is listed in `unread`."""
        started = time.monotonic()
        try:
            verdict = self._scan(raw, envelope, started)
        except Exception as error:  # a fault of ours must hold the message, not lose it
            log.error("scan failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback can hold content
            verdict = self._failed(started)
        return verdict

    def scan_text(self, text: str) -> tuple[Finding, ...]:
        """The findings in a text that is no mail, with spans in its characters."""
        budget = Budget(self.limits)
        document = plain.document(Document("1", Role.BODY, (Text(text),)))
        found, _, _, _ = self._find([document], [Message()], frozenset(), budget)
        spans = plain.origins(text, [finding.span for finding in found])
        return tuple(replace(finding, span=span, text=text[slice(*span)]) for finding, span in zip(found, spans, strict=True))

    def _scan(self, raw: bytes, envelope: Envelope | None, started: float) -> Verdict:
        budget = Budget(self.limits)
        message = (outlook if outlook.is_message(raw) else mime).parse(raw, budget=budget)
        sent = transport.inspect(message, known=self.policy.tags)
        sealed = transport.encrypted_parts(message) if sent.protected else ()
        held = content.read(message, budget=budget, sealed=sealed, reader=self._read_part)
        recipients = policy.recipients(message, envelope, self.policy, expand=self._expand)
        has_tag = bool(self.policy.tags & set(sent.tags))
        documents = [sections.apart(document) for document in held.documents]
        found, mentions, persons, unread = self._find(documents, held.messages, held.addresses, budget, names_wanted=has_tag)
        unread = [*held.unread, *unread]
        counts = self._counts(found, persons, mentions, len(recipients), len(unread), sent)
        ruling = policy.decide(counts, self.policy)
        return Verdict(
            ruling.decision, ruling.rules, ruling.reasons, ruling.unlisted, counts.protected, counts, persons, tuple(found),
            tuple(documents), tuple(unread), tuple(held.defects), sent, self._versions, message.message_id,
            message.date, message.subject, _sender(message, envelope), tuple(sorted(recipients)), _since(started),
        )

    def _find(
        self, documents: Sequence[Document], messages: Sequence[Message], own: frozenset[str], budget: Budget, *, names_wanted: bool = False
    ) -> tuple[list[Finding], list[Mention], tuple[Subject, ...], list[Unread]]:
        titles, writers = [m.subject for m in messages], [Writer(m.sender, (*m.to, *m.cc)) for m in messages]
        found: list[Finding] = []
        try:
            found += self._by_rule(documents, own, budget)
            lines, passages = reader.candidates(documents, titles, found, self._gate, budget=budget, everything=names_wanted)
        except OverBudget as over:
            return found, [], subjects.resolve(found, [], [], documents, writers, self.policy), reader.unread(documents, over.reason)
        read = reader.read(passages, lines, self._models, documents, budget=budget) if passages else reader.Read()
        found = [f for f in found if _row(f) not in read.denied]
        by_column = {_row(f) for f in found if f.place.row >= 0}
        read_only = [f for f in read.findings if _row(f) not in by_column and not columns.is_left_empty(f, documents)]
        if found:
            around.read_owners(lines, documents, titles, read, found, self._models, budget=budget)
        if read_only:
            around.read_names(lines, documents, titles, read, read_only, self._models, budget=budget)
        found = sorted([*found, *read_only], key=_place)
        return found, read.mentions, subjects.resolve(found, read.mentions, lines, documents, writers, self.policy), read.unread

    def _by_rule(self, documents: Sequence[Document], own: frozenset[str], budget: Budget) -> list[Finding]:
        """What the recognizers find, in order. Raises OverBudget."""
        found: list[Finding] = []
        for number, document in enumerate(documents):
            timed = replace(document, blocks=budget.clocked(document.blocks))
            found += [finding for find in self._recognizers for finding in find(timed, number, own)]
        return sorted(found, key=_place)

    def _counts(
        self, found: Sequence[Finding], persons: Sequence[Subject], mentions: Sequence[Mention], recipients: int, unread: int,
        sent: Transport,
    ) -> Counts:
        categories = {finding.category for finding in found}
        return Counts(
            confidential_persons=sum(bool(p.confidential) for p in persons), sensitive_persons=sum(bool(p.sensitive) for p in persons),
            personal_persons=subjects.named_persons(mentions), recipients=recipients, unread_parts=unread,
            confidential=frozenset(self.policy.of_class("confidential", categories)),
            sensitive=frozenset(self.policy.of_class("sensitive", categories)), tags=sent.tags, protected=sent.protected is not None,
        )

    def _failed(self, started: float) -> Verdict:
        counts = Counts(unread_parts=1)
        ruling = policy.decide(counts, self.policy)
        return Verdict(ruling.decision, ruling.rules, ruling.reasons, ruling.unlisted, False, counts, (), (), (),
                       (Unread("", None, Reason.ERROR),), (), Transport(), self._versions, took_ms=_since(started))

    @property
    def _models(self) -> reader.Models:
        with self._loading:
            return self._loaded

    @cached_property
    def _loaded(self) -> reader.Models:
        import spacy

        from detector import pipeline
        from detector.recognizers import categories

        nlp = spacy.load(self._folder / pipeline.FOLDER)
        return reader.Models(self._gate, nlp, categories.Classifier.load(self._folder / categories.FOLDER), pipeline.categories_of(nlp))


def _sender(message: Message, envelope: Envelope | None) -> str:
    written = message.sender.email if message.sender else ""
    return ((envelope and envelope.sender) or written).lower()


def _row(finding: Finding) -> tuple[str, int, int, int]:
    """What is told, and in which row; row -1 is none."""
    return finding.category, finding.place.document, finding.place.block, finding.place.row


def _place(finding: Finding) -> tuple[Place, tuple[int, int], str]:
    return finding.place, finding.span, finding.category


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
