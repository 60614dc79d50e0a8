"""From findings to data subjects: which distinct person each finding is about.

A name is one person however it is written; a CPR number keeps people apart and joins them; in a table a row is a person, a form of two
columns is one; a sentence without a name is about whom its pronoun means: the sender ("jeg"), a relative ("min søn"), or the person told
of last. What hangs on no one counts as one unnamed person of its line or document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from detector import identity
from detector.identity import Name
from detector.languages import words
from detector.people import Person
from detector.policy import Policy
from detector.recognizers.around import NEAR
from detector.recognizers.passages import Line
from detector.records import Address, Document, Finding, Mention, Role, Subject
from detector.rows import Rows
from detector.threads import Writer
from detector.told import Told

FAR = 12
"""Lines back in which a pronoun's person is looked for."""


def resolve(
    findings: Sequence[Finding], mentions: Sequence[Mention], lines: Sequence[Line], documents: Sequence[Document],
    writers: Sequence[Writer], policy: Policy,
) -> tuple[Subject, ...]:
    """The distinct persons that the findings are about, in order of their first finding; `writers` go with `documents`."""
    if not findings:
        return ()  # most mails; nobody has to be looked for
    people = _People(Told(lines, mentions, documents, writers))
    for number in sorted(range(len(findings)), key=lambda n: people.rank(findings[n])):
        for person in people.about(findings[number]):
            person.findings.add(number)
    told = sorted((p for p in people.all if p.findings), key=lambda p: min(p.findings))
    return tuple(_subject(n, person, findings, policy) for n, person in enumerate(told, 1))


def _subject(number: int, person: Person, findings: Sequence[Finding], policy: Policy) -> Subject:
    categories = {findings[n].category for n in person.findings}
    return Subject(number, person.label, tuple(sorted(person.findings)), policy.of_class("confidential", categories),
                   policy.of_class("sensitive", categories))


class _People(Rows):
    """Who a finding is about."""

    def __init__(self, told: Told) -> None:
        super().__init__(told)
        self._by_cpr: dict[str, Person] = {}
        self._senders: dict[int, Person | None] = {}
        self._in_line: dict[int, list[Person]] = {}
        self._in_document: dict[int, list[Person]] = {}
        mentioned = [m for number in sorted(told.names) for m in told.names[number]]
        correspondents = [a for w in told.writers() for a in (w.sender, *w.recipients) if a and a.name and "@" not in a.name]
        texts = [*(a.name for a in correspondents), *(m.text for m in mentioned)]
        for text in sorted(dict.fromkeys(texts), key=lambda t: -len(identity.parse(t).words)):
            self.named(text)
        self._by_email = {a.email.lower(): self.named(a.name) for a in correspondents if a.email and identity.parse(a.name).words}
        self._met: dict[str, Person] = {}
        self._of = {mention: self._meant(mention) for mention in mentioned}

    def _meant(self, mention: Mention) -> Person:
        """The person of a name; of a first name that several have, the one met last before it."""
        name = identity.parse(mention.text)
        word = "".join(name.words).removesuffix("s")
        if not name.is_full and word in self._met:
            return self._met[word]
        person = self.named(mention.text)
        if person.name and name.is_full:
            self._met |= {person.name.words[n].removesuffix("s"): person for n in (0, -1)}
        return person

    def rank(self, finding: Finding) -> int:
        """When a finding's turn is: CPR numbers come first, since they tell whose the rest of a row is, those beside a name before all."""
        if finding.category != "cpr":
            return 2
        number = self._told.line_of(finding.place, finding.span)
        return int(finding.place.row < 0 and (number is None or not self._told.ungreeted(number)))

    def about(self, finding: Finding) -> list[Person]:
        """The persons that a finding is about, at least one."""
        if finding.category == "cpr":
            return [self._of_cpr(finding)]
        if finding.place.row >= 0:
            return [self.of_row(finding.place)]
        number = self._told.line_of(finding.place, finding.span)
        if number is None:
            return [self.keyed("place", finding.place)]
        if finding.category.startswith("private_"):
            return [next(self._owners(number, finding), None) or self.keyed("line", number)]
        return self._of_line(number)

    # -------------------------------------------------------- CPR numbers

    def _of_cpr(self, finding: Finding) -> Person:
        digits = "".join(re.findall(r"\d", finding.text)).zfill(10)
        if digits not in self._by_cpr:
            possible = list(self._possible(finding))
            person = next((p for p in possible if p.cpr is None), None) or self.new(Person(label=possible[0].label if possible else None))
            person.cpr = digits
            self._by_cpr[digits] = person
        person = self._by_cpr[digits]
        if finding.place.row >= 0:
            self.claim(finding.place, person)
        return person

    def _possible(self, finding: Finding) -> Iterator[Person]:
        if finding.place.row >= 0:
            yield self.of_row(finding.place)
        else:
            number = self._told.line_of(finding.place, finding.span)
            yield from () if number is None else self._owners(number, finding)

    # -------------------------------------------------------- sentences

    def _of_line(self, number: int) -> list[Person]:
        cues, sender = self._told.cues(number), self._sender(number)
        people = self._named_in(number)
        others = [p for p in people if p is not sender] or people
        if others:
            return list(dict.fromkeys(others))
        if cues.is_of_writer:
            return [sender or self.keyed("sender", self._told.segment_of(number))]
        if cues.second and not cues.third:
            return [self._addressee(number)]
        last = self._told_of_last(number)
        if last is None and (cues.first or cues.first_many) and not cues.third:
            last = sender
        return [last or self.keyed("document", self._told.document_of(number))]

    def _named_in(self, number: int) -> list[Person]:
        """Those whom a line itself tells of, by name, kinship or code."""
        if number not in self._in_line:
            self._in_line[number] = self._read_line(number)
        return self._in_line[number]

    def _read_line(self, number: int) -> list[Person]:
        named = [self._relative_of(number, m) or self._of[m] for m in self._told.of_line(number)]
        cues = self._told.cues(number)
        if named:
            return named
        if cues.relative:
            return [self.keyed("relative", *cues.relative)]
        return [self.keyed("code", code) for code in cues.codes]

    def _relative_of(self, number: int, mention: Mention) -> Person | None:
        """ "Alis kone" is not Ali."""
        relative = self._told.word_after(number, mention)
        is_owner = mention.text.endswith(("s", "'", "’")) and relative in words("persons", "relatives")
        return self.keyed("relative", self._of[mention], relative) if is_owner else None

    def _owners(self, number: int, finding: Finding) -> Iterator[Person]:
        """Whose a number or an address may be: the names before and after it in its line, else the writer, else those told of near by."""
        if finding.category == "private_email":
            yield from self._called_so(finding.text)
        told = self._told.ungreeted(number)
        before = [m for m in told if m.place == finding.place and m.span[0] < finding.span[0]]
        yield from (self._of[m] for m in (*reversed(before), *(m for m in told if m not in before)))
        if told:
            return
        sender = self._sender(number)
        if sender and self._told.cues(number).first:
            yield sender
        reach = self._reach(number)
        last = self._told_of_last(number, reach=reach)
        yield from [last] if last else []
        yield from self._just_above(number, reach)
        everyone = self._told_of_in(self._told.document_of(number))
        yield from everyone if len(everyone) == 1 else []
        if sender and not everyone and self._says_i(number):
            yield sender

    def _called_so(self, email: str) -> Iterator[Person]:
        """Who is known by the words of an address such as anna.holm@…."""
        name = identity.parse(re.sub(r"[\W\d_]+", " ", email.partition("@")[0]))
        person = self.known(name) if name.is_full else None
        yield from [person] if person else []

    def _says_i(self, number: int) -> bool:
        """Whether the lines around one are the writer's own affair: a first person there, and no third one."""
        segment = self._told.segment_of(number)
        near = [self._told.cues(n) for n in range(max(0, number - NEAR), min(len(self._told.lines), number + NEAR))
                if self._told.segment_of(n) == segment]
        return any(cues.first for cues in near) and not any(cues.third for cues in near)

    def _reach(self, number: int) -> int:
        """Lines back in which the owner is looked for: those of the same paragraph, where others stand above in it."""
        above = takewhile(lambda n: self._told.is_beside(n, number), range(number - 1, max(-1, number - 1 - NEAR), -1))
        return sum(1 for _ in above) or NEAR

    def _just_above(self, number: int, reach: int) -> Iterator[Person]:
        """The writer, where the line belongs to a signature."""
        segment = self._told.segment_of(number)
        for n in range(number - 1, max(-1, number - 1 - reach), -1):
            if self._told.segment_of(n) == segment:
                yield from (self._of[m] for m in self._told.ungreeted(n))

    def _told_of_in(self, document: int) -> list[Person]:
        """All whom a document tells of by name, but for its writer."""
        if document not in self._in_document:
            found = (person for n in self._told.of_document(document) for person in self._named_in(n) if person is not self._sender(n))
            self._in_document[document] = list(dict.fromkeys(found))
        return self._in_document[document]

    def _told_of_last(self, number: int, *, reach: int = FAR) -> Person | None:
        """Whom the lines above tell of last: of the same mail or of what it quotes there, else whom its title tells of, else the history.

        What was written later, above a quoted mail, comes after the title.
        """
        document, segment = self._told.document_of(number), self._told.segment_of(number)
        later: Person | None = None
        for n in range(number - 1, max(-1, number - 1 - reach), -1):
            if self._told.document_of(n) != document:
                break
            found = [p for p in self._named_in(n) if p is not self._sender(n)]
            if found and self._told.is_under(segment, self._told.segment_of(n)):
                later = later or found[-1]
            elif found:
                return found[-1]
        lead = self._told.lead(document)
        return self._of[lead] if lead else later or self._told_of_before(segment)

    def _told_of_before(self, segment: int) -> Person | None:
        """Whom the mails quoted below tell of last, the newest of them first."""
        for older in self._told.quoted_in(segment):
            found = [p for n in self._told.of_segment(older) for p in self._named_in(n) if p is not self._sender(n)]
            if found:
                return found[-1]
        return None

    def _addressee(self, number: int) -> Person:
        """Whom a letter or mail says "you" to: the one greeted, the first one named in an attachment, or the only recipient."""
        document, segment = self._told.document_of(number), self._told.segment_of(number)
        named = [(n, m) for n in self._told.of_segment(segment) for m in self._told.names[n]]
        greeted = [m for n, m in named if self._told.is_greeted(n, m)]
        if not greeted and self._told.documents[document].role is Role.ATTACHMENT:
            greeted = [m for _, m in named[:1]]
        if greeted:
            return self._of[greeted[0]]
        recipients = self._told.writer_of(segment).recipients
        return self._correspondent(recipients[0]) if len(recipients) == 1 else self.keyed("addressee", segment)

    def _sender(self, number: int) -> Person | None:
        """Who wrote the line."""
        segment = self._told.segment_of(number)
        if segment not in self._senders:
            sender = self._told.writer_of(segment).sender
            self._senders[segment] = self._correspondent(sender) if sender else None
        return self._senders[segment]

    def _correspondent(self, address: Address) -> Person:
        if identity.parse(address.name).words:
            return self.named(address.name)
        email = address.email.lower()
        name = identity.parse(email.partition("@")[0].replace(".", " ").replace("_", " "))
        person = self._by_email.get(email) or (self.known(name) if name.is_full else None)
        return person or self.keyed("address", email, label=address.email)


def named_persons(mentions: Iterable[Mention]) -> int:
    """How many distinct persons are named at all."""
    known: list[Name] = []
    for name in sorted((identity.parse(m.text) for m in mentions), key=lambda n: -len(n.words)):
        if name.words and identity.find(name, known) is None:
            known.append(name)
    return len(known)
