"""The policy as data: each row of its table, the sentences that are told, what a wrong file is answered with, and who receives."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import Scanner, mime, policy, tables, transport
from detector.budget import Budget, Limits
from detector.records import Address, Counts, Decision, DetectorError, Envelope, Message

AU = policy.load()
PUBLISHED = Path(__file__).parents[2] / "shared" / "policy" / "send-sikkert.da.txt"


def counts(confidential: int = 0, sensitive: int = 0, recipients: int = 1, unread: int = 0, personal: int = 0, **others: Any) -> Counts:
    """Counts with a category for each class that has persons, as a scan gives them."""
    return Counts(
        confidential_persons=confidential, sensitive_persons=sensitive, personal_persons=personal, recipients=recipients,
        unread_parts=unread, confidential=frozenset({"cpr"} if confidential else ()),
        sensitive=frozenset({"health"} if sensitive else ()), **others,
    )


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize(("given", "decision", "rules"), [
    # row 1: a tag that turns TLS off, and anything confidential or sensitive
    (counts(1, tags=("notencrypted",)), "block", "no-tls-data one-person one-recipient"),
    (counts(1, tags=("ikkekrypteret",)), "block", "no-tls-data one-person one-recipient"),
    (counts(0, 1, tags=("notls",)), "block", "no-tls-data sensitive"),
    (counts(1, tags=("notls", "notencrypted")), "block", "no-tls-data one-person one-recipient"),  # two tags are one rule
    (counts(6, 1, 6, tags=("notls",)), "block", "no-tls-data sensitive confidential-persons confidential-recipients"),
    (counts(1, tags=("fortroligt",)), "allow", "one-person one-recipient"),  # a tag that the policy does not know
    # row 2: such a tag over ordinary data
    (counts(personal=1, tags=("notls",)), "allow", "no-tls-personal"),
    (counts(personal=0, tags=("notls",)), "allow", ""),  # nobody is named: nothing to say
    (counts(1, personal=3, tags=("notls",)), "block", "no-tls-data one-person one-recipient"),  # row 1, not both
    # row 3: sensitive data of one person is too much, however few receive it
    (counts(0, 1, 0), "secure", "sensitive"),
    (counts(0, 1, 1), "secure", "sensitive"),
    (counts(0, 9, 9), "secure", "sensitive"),
    (counts(1, 1, 1), "secure", "sensitive one-person one-recipient"),
    # row 4: confidential data on more than five
    (counts(6, recipients=1), "secure", "confidential-persons"),
    (counts(6, recipients=0), "secure", "confidential-persons"),
    (counts(40, recipients=3), "secure", "confidential-persons"),
    # row 5: confidential data to more than five
    (counts(1, recipients=6), "secure", "confidential-recipients"),
    (counts(5, recipients=6), "secure", "confidential-recipients"),
    (counts(6, recipients=6), "secure", "confidential-persons confidential-recipients"),
    # row 6: one person, at most five recipients
    (counts(1, recipients=2), "allow", "one-person"),
    (counts(1, recipients=5), "allow", "one-person"),
    (counts(0, recipients=5), "allow", ""),
    (counts(0, recipients=60), "allow", ""),  # the number of recipients alone is no reason
    # row 7: five persons, at most one recipient
    (counts(2, recipients=1), "allow", "one-recipient"),
    (counts(5, recipients=1), "allow", "one-recipient"),
    (counts(5, recipients=0), "allow", "one-recipient"),  # a draft
    (counts(1, recipients=1), "allow", "one-person one-recipient"),  # in both lists
    # row 8: in neither list
    (counts(2, recipients=2), "secure", "unlisted"),
    (counts(5, recipients=5), "secure", "unlisted"),
    (counts(2, recipients=5), "secure", "unlisted"),
    (counts(5, recipients=2), "secure", "unlisted"),
    # row 9: not read is not clean
    (counts(unread=1), "review", "unread"),
    (counts(1, unread=1), "review", "one-person one-recipient unread"),
    (counts(6, unread=2), "secure", "confidential-persons unread"),
    (counts(1, unread=1, tags=("notls",)), "block", "no-tls-data one-person one-recipient unread"),
    # row 10: encrypted from end to end
    (counts(protected=True), "allow", "protected"),
    (counts(1, protected=True), "allow", "one-person one-recipient protected"),  # in the subject line, which stays readable
    (counts(0, 1, protected=True), "secure", "sensitive protected"),  # likewise; the strictest row decides
    (counts(unread=1, protected=True), "review", "unread protected"),  # another part beside the encrypted one
    # no row
    (counts(), "allow", ""),
    (counts(personal=30, recipients=30), "allow", ""),  # names are ordinary data
])  # fmt: skip
def test_table(given: Counts, decision: str, rules: str) -> None:
    """Counts give the decision of the strictest row that holds, and all rows that hold, in the order of the table."""
    ruling = policy.decide(given, AU)
    assert (ruling.decision, " ".join(ruling.rules)) == (decision, rules)
    assert tuple(reason.rule for reason in ruling.reasons) == ruling.rules
    assert ruling.unlisted == ("unlisted" in ruling.rules)


@pytest.mark.parametrize("setting", ["review", "allow"])
def test_unlisted_case_can_be_set(setting: str, tmp_path: Path) -> None:
    """Row 8 is a reading of what the policy does not say; an organisation may read it otherwise, and it stays marked."""
    text = au_text().replace('id = "unlisted"\ndecision = "secure"', f'id = "unlisted"\ndecision = "{setting}"')
    ruling = policy.decide(counts(3, recipients=3), policy.load(written(tmp_path, text)))
    assert (ruling.decision, ruling.unlisted) == (setting, True)


def test_ordinary_data_without_tls_can_be_set(tmp_path: Path) -> None:
    """Row 2 likewise: ordinary data is not public data either."""
    text = au_text().replace('id = "no-tls-personal"\ndecision = "allow"', 'id = "no-tls-personal"\ndecision = "review"')
    assert policy.decide(counts(personal=1, tags=("notls",)), policy.load(written(tmp_path, text))).decision is Decision.REVIEW


CLASSES = {
    "confidential": "cpr private_address private_email private_phone other_private personality_test civil_status adoption grades",
    "sensitive": "race_ethnicity beliefs union_membership genetic biometric health sexual criminal",
}


@pytest.mark.parametrize("data_class", CLASSES)
def test_classes(data_class: str) -> None:
    """Every category of the policy is in its class, and no other."""
    named = CLASSES[data_class].split()
    assert sorted(AU.of_class(data_class, AU.categories)) == sorted(named)
    assert AU.of_class(data_class, reversed(named)) == AU.of_class(data_class, named)  # in the order of the file


def test_name_and_version() -> None:
    """A verdict says by which policy it was given."""
    assert (AU.name, AU.version, set(AU.titles)) == ("au", "1", {"da", "en"})


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="the published policy lies beside a checkout, not in it")
@pytest.mark.parametrize("rule", AU.rules, ids=lambda rule: rule.id)
def test_each_rule_quotes_the_policy(rule: policy.Rule) -> None:
    """What a rule gives as its source stands in the text that the university published."""
    published = letters(PUBLISHED.read_text("utf-8"))
    assert [s for s in re.split(r"[.:]", rule.policy) if letters(s) not in published] == []


def letters(text: str) -> str:
    """Words alone: line breaks, bullets and full stops are layout."""
    return " ".join(re.findall(r"\w+", text.lower()))


# ---------------------------------------------------------------- never lower

PERSONS = st.integers(0, 8)
ANY_COUNTS = st.builds(
    Counts, PERSONS, PERSONS, PERSONS, PERSONS, st.integers(0, 3), st.frozensets(st.sampled_from(CLASSES["confidential"].split())),
    st.frozensets(st.sampled_from(CLASSES["sensitive"].split())), st.sampled_from([(), ("notls",), ("ikkekrypteret", "x")]), st.booleans(),
)
MORE: dict[str, Callable[[Counts], Counts]] = {
    "a person with confidential data": lambda c: replace(c, confidential_persons=c.confidential_persons + 1),
    "a person with sensitive data": lambda c: replace(c, sensitive_persons=c.sensitive_persons + 1),
    "a person who is named": lambda c: replace(c, personal_persons=c.personal_persons + 1),
    "a recipient": lambda c: replace(c, recipients=c.recipients + 1),
    "an unread part": lambda c: replace(c, unread_parts=c.unread_parts + 1),
    "a confidential category": lambda c: replace(c, confidential=c.confidential | {"grades"}),
    "a sensitive category": lambda c: replace(c, sensitive=c.sensitive | {"beliefs"}),
    "a tag": lambda c: replace(c, tags=(*c.tags, "notencrypted")),
}


@pytest.mark.parametrize("what", MORE)
@given(before=ANY_COUNTS)
def test_more_never_lowers_the_decision(what: str, before: Counts) -> None:
    """Adding a person, a recipient, a category, a tag or an unread part never makes the decision milder."""
    after = MORE[what](before)
    assert policy.decide(after, AU).decision.severity >= policy.decide(before, AU).decision.severity


# ---------------------------------------------------------------- sentences


@pytest.mark.parametrize(("given", "rule", "language", "sentence"), [
    (counts(1, recipients=1), "one-person", "da",  # one recipient
     "Mailen indeholder fortrolige oplysninger om én person (CPR-nummer) og går til 1 modtager. Det må sendes med almindelig mail."),
    (counts(1, recipients=0), "one-person", "da",  # none is many in Danish
     "Mailen indeholder fortrolige oplysninger om én person (CPR-nummer) og går til 0 modtagere. Det må sendes med almindelig mail."),
    (counts(0, 1), "sensitive", "da",  # one person
     "Mailen indeholder følsomme oplysninger om 1 person (helbredsoplysninger). De må ikke sendes med almindelig mail."),
    (counts(0, 2), "sensitive", "en",
     "The message holds sensitive data about 2 persons (health data). It may not go by ordinary mail."),
    (counts(6), "confidential-persons", "en",
     "The message holds confidential data about 6 persons (CPR number). Ordinary mail is for five at most."),
    (replace(counts(7), confidential=frozenset({"grades", "cpr"})), "confidential-persons", "da",  # in the order of the file
     "Mailen indeholder fortrolige oplysninger om 7 personer (CPR-nummer og karakterer). Almindelig mail rækker til højst fem."),
    (replace(counts(7), confidential=frozenset({"grades", "cpr", "adoption"})), "confidential-persons", "en",  # three
     "The message holds confidential data about 7 persons (CPR number, adoption and grades). Ordinary mail is for five at most."),
    (counts(1, 1, tags=("notls", "notencrypted")), "no-tls-data", "da",  # both tags, both classes
     "Emnefeltet slår kryptering fra med [notls], [notencrypted], og mailen indeholder CPR-nummer og helbredsoplysninger. "
     "Uden TLS må kun offentlige data sendes."),
    (counts(unread=1), "unread", "da",
     "1 del af mailen kunne ikke læses. Det, der ikke er læst, kan ikke regnes for uden personoplysninger."),
    (counts(unread=2), "unread", "en",
     "2 parts of the message could not be read. What was not read cannot be taken to be free of personal data."),
])  # fmt: skip
def test_sentences(given: Counts, rule: str, language: str, sentence: str) -> None:
    """A reason is a sentence with the message's own numbers, in the singular where it is one."""
    told = {reason.rule: reason.text(language) for reason in policy.decide(given, AU).reasons}
    assert told[rule] == sentence


WRONG_NUMBER = re.compile(r"\b1 (personer|persons|modtagere|recipients|dele|parts)\b|\b(?!1 )\d+ (person|modtager|recipient|del|part)\b")


@given(given=ANY_COUNTS)
def test_sentences_have_no_braces_left(given: Counts) -> None:
    """Whatever the counts: both languages, whole sentences, and "1 person" never in the plural."""
    for reason in policy.decide(given, AU).reasons:
        for language in tables.LANGUAGES:
            text = reason.text(language)
            assert not set("{}") & set(text) and text.endswith(".")
            assert not WRONG_NUMBER.search(text)


# ---------------------------------------------------------------- loading

SMALL = """
[policy]
name = "kommune"
version = "7"
title = { da = "Kommunens regler", en = "The municipality's rules" }

[recipients]
count = "external"
internal_domains = ["Kommune.example"]

[[category]]
id = "cpr"
class = "confidential"
name = { da = "CPR-nummer", en = "CPR number" }

[[category]]
id = "salary"
class = "confidential"
name = { da = "løn", en = "salary" }

[[category]]
id = "health"
class = "sensitive"
name = { da = "helbred", en = "health" }

[[rule]]
id = "many"
decision = "block"
when = { confidential_persons = { min = 3 } }
text = { da = "Om {confidential_persons}: {confidential}.", en = "About {confidential_persons}: {confidential}." }
policy = "Højst to."

[[rule]]
id = "any"
decision = "review"
when = { affected_persons = { min = 1, max = 9 }, protected = false }
text = { da = "Noget.", en = "Something." }
policy = "Se efter."
"""


def au_text() -> str:
    """The default policy's file."""
    return (Path(policy.__file__).parent / "policies" / "au.toml").read_text("utf-8")


def written(folder: Path, text: str) -> Path:
    """A policy file of this text."""
    path = folder / "our-policy.toml"
    path.write_text(text, "utf-8")
    return path


def test_another_organisation(tmp_path: Path) -> None:
    """Other thresholds, one more category, recipients outside only: a file is all it takes."""
    rules = policy.load(written(tmp_path, SMALL))
    three = Counts(confidential_persons=3, confidential=frozenset({"salary", "cpr"}))
    assert (rules.name, rules.version, rules.of_class("confidential", ["salary", "health"])) == ("kommune", "7", ("salary",))
    assert policy.decide(three, rules).rules == ("many", "any")
    assert policy.decide(three, rules).reasons[0].text("da") == "Om 3 personer: CPR-nummer og løn."
    assert policy.decide(replace(three, confidential_persons=2), rules).decision is Decision.REVIEW
    assert policy.decide(replace(three, confidential_persons=2, protected=True), rules).decision is Decision.ALLOW
    assert policy.decide(Counts(sensitive_persons=10), rules).rules == ()  # over the rule's max
    assert policy.recipients(Message(to=(Address("a@sub.kommune.example"), Address("b@x.example"))), None, rules) == {"b@x.example"}


def test_the_example_policy_works() -> None:
    """Its own category is found by pattern and by words, is counted for its persons, and decides."""
    scanner = Scanner.load(Path(policy.__file__).parent / "policies" / "example.toml")
    body = "Karla Holm: SAG-2024-00123.\nBo Damgaard har en fortrolig sagsakt.\nIda Krog: SAG-2023-99999, xSAG-2024-00001.\n"
    mail = f"From: a@kommune.example\nTo: b@forening.example\nContent-Type: text/plain; charset=utf-8\n\n{body}".encode()
    verdict = scanner.scan(mail)
    assert [finding.text for finding in verdict.findings] == ["SAG-2024-00123", "fortrolig sagsakt", "SAG-2023-99999"]
    assert (verdict.decision, verdict.rules) == (Decision.SECURE, ("several",))
    assert verdict.counts.confidential_persons == 3
    assert scanner.scan(mail.replace(b"b@forening", b"b@kommune")).decision is Decision.ALLOW


def test_tags_are_those_of_the_policy(tmp_path: Path) -> None:
    """A tag that a policy names is looked for in subject lines; one that none names is a word in brackets."""
    rules = policy.load(written(tmp_path, au_text().replace('"notls"]', '"notls", "Uden kryptering"]')))
    subject = Message(subject="[uden kryptering ] [NoTLS] [Hold 4] Referat")
    assert transport.inspect(subject, known=rules.tags).tags == ("uden kryptering", "notls")
    assert transport.inspect(subject, known=AU.tags).tags == ("notls",)


@pytest.mark.parametrize(("old", "new", "key", "allowed"), [
    ('name = "kommune"', 'name = "kommune"\nnavn = "x"', "policy.navn", "only name, version, title"),  # unknown keys, at each level
    ('id = "salary"', 'id = "salary"\npattern = "("', "category[2].pattern", "a regular expression in RE2's syntax"),
    ("[recipients]", "[recipients.lists]\nalle = 3\n[recipients]", "recipients.lists.alle", "the address of a list"),
    ("[recipients]", "[modtagere]\n[recipients]", "modtagere", "only policy, recipients, category, rule"),
    ('id = "salary"', 'id = "salary"\nkind = "x"', "category[2].kind", "only id, class, name, pattern, words"),
    ('id = "any"', 'id = "any"\nwhy = "x"', "rule[2].why", "only id, decision, unlisted, when, text, policy"),
    ("confidential_persons = { min", "persons = { min", "rule[1].when.persons", "confidential_persons, sensitive_persons"),
    ("{ min = 3 }", "{ least = 3 }", "rule[1].when.confidential_persons.least", "only min, max"),
    ('en = "Something."', 'en = "Something.", de = "Etwas."', "rule[2].text.de", "only da, en"),
    ('"block"', '"stop"', "rule[1].decision", "allow | review | secure | block"),  # values that are none of those allowed
    ('"block"', '"Block"', "rule[1].decision", "allow | review | secure | block"),
    ('"block"', "3", "rule[1].decision", "allow | review | secure | block"),
    ('"sensitive"', '"secret"', "category[3].class", "confidential | sensitive"),
    ('"external"', '"outside"', "recipients.count", "all | external"),
    ('["Kommune.example"]', '"kommune.example"', "recipients.internal_domains", "a list of texts"),
    ('["Kommune.example"]', "[7]", "recipients.internal_domains", "a list of texts"),
    ("min = 1, max = 9", "min = 9, max = 1", "rule[2].when.affected_persons", "min not over max"),  # bounds
    ("min = 3", "min = -1", "rule[1].when.confidential_persons", "whole numbers from 0"),
    ("min = 3", "min = 2.5", "rule[1].when.confidential_persons.min", "a whole number from 0"),
    ("min = 3", 'min = "3"', "rule[1].when.confidential_persons.min", "a whole number from 0"),
    ("min = 3", "min = true", "rule[1].when.confidential_persons.min", "a whole number from 0"),  # bool is an int in Python
    ("{ min = 3 }", "3", "rule[1].when.confidential_persons", "a table"),
    ("protected = false", 'protected = "no"', "rule[2].when.protected", "true | false"),
    ('id = "any"', 'id = "any"\nunlisted = 1', "rule[2].unlisted", "true | false"),
    ("About {confidential_persons}", "About {persons}", "rule[1].text.en", "{confidential_persons}"),  # placeholders
    ("About {confidential_persons}", "About {}", "rule[1].text.en", "{confidential_persons}"),
    ("About {confidential_persons}", "About {recipients.name}", "rule[1].text.en", "{confidential_persons}"),
    ("About {confidential_persons}", "About {recipients[0]}", "rule[1].text.en", "{confidential_persons}"),
    ("About {confidential_persons}", "About {recipients:d}", "rule[1].text.en", "{confidential_persons}"),
    ("About {confidential_persons}", "About {confidential_persons", "rule[1].text.en", "{confidential_persons}"),
    ('id = "any"', 'id = "many"', "rule", "each id once"),  # twice
    ('id = "salary"', 'id = "cpr"', "category", "each id once"),
    ('da = "Noget.", ', "", "rule[2].text.da", "a text"),  # missing
    ('en = "Something."', 'en = ""', "rule[2].text.en", "a text that is not empty"),
    ('text = { da = "Noget.", en = "Something." }\n', "", "rule[2].text.da", "a text"),
    ('policy = "Se efter."', "", "rule[2].policy", "a text"),
    ('version = "7"', "", "policy.version", "a text"),
    ('name = "kommune"', "", "policy.name", "a text"),
    ('name = { da = "løn", en = "salary" }', "", "category[2].name.da", "a text"),
    ('title = { da = "Kommunens regler", en = "The municipality\'s rules" }', 'title = "x"', "policy.title", "a table"),
])  # fmt: skip
def test_wrong_files(old: str, new: str, key: str, allowed: str, tmp_path: Path) -> None:
    """A set-up error names the file, the key and what is allowed."""
    assert old in SMALL
    with pytest.raises(DetectorError) as caught:
        policy.load(written(tmp_path, SMALL.replace(old, new, 1)))
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'our-policy.toml'}: {key} is ")
    assert allowed in message.partition("; allowed: ")[2]


@pytest.mark.parametrize(("text", "said"), [
    ("decision: block", "cannot be read as a policy"),  # YAML
    ("", "category is None"),  # nothing at all
    (SMALL.partition("[[category]]")[0], "category is None"),  # the head only
    (SMALL.partition("[[rule]]")[0], "rule is None"),  # no rules
    ("rule = []\n" + SMALL.partition("[[rule]]")[0], "rule is []"),  # a policy without rules would allow all
])  # fmt: skip
def test_files_that_are_no_policy(text: str, said: str, tmp_path: Path) -> None:
    """Nothing is filled in for what is missing."""
    with pytest.raises(DetectorError, match=re.escape(said)):
        policy.load(written(tmp_path, text))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Missing, a folder, or no UTF-8: each is told with the file's name."""
    latin = tmp_path / "latin.toml"
    latin.write_bytes(SMALL.encode("latin-1"))
    for path in (tmp_path / "nowhere.toml", tmp_path, latin):
        with pytest.raises(DetectorError, match=rf"^{re.escape(str(path))}: cannot be read as a policy"):
            policy.load(path)


# ---------------------------------------------------------------- recipients


@pytest.mark.parametrize(("headers", "distinct"), [
    ("To: a@x.dk\nCc: b@x.dk\nBcc: c@x.dk", 3),  # all three fields
    ("To: a@x.dk, A@X.DK\nCc: <a@x.dk>", 1),  # case
    ('To: Anna <a@x.dk>, "Holm, Anna" <a@x.dk>, a@x.dk', 1),  # display names, one with a comma
    ("To: a@x.dk\nTo: b@x.dk", 2),  # a field that stands twice
    ("To: Hold 4: a@x.dk, b@x.dk;, c@x.dk", 3),  # a group counts as its members
    ("To: undisclosed-recipients:;", 0),  # an empty group
    ("To: alle-studerende@x.dk", 1),  # a list whose size is not known
    ("To: =?utf-8?q?S=C3=B8ren?= <s@x.dk>, s@x.dk", 1),  # an encoded name
    ("Reply-To: r@x.dk", 0),  # not a recipient
    ("From: a@x.dk\nTo: a@x.dk", 1),  # a note to oneself
    ("To:", 0),
])  # fmt: skip
def test_recipients_of_headers(headers: str, distinct: int) -> None:
    """An address counts once whatever its case or display name."""
    message = mime.parse(f"{headers}\n\nHej".encode(), budget=Budget(Limits()))
    assert len(policy.recipients(message, None, AU)) == distinct


@pytest.mark.parametrize(("envelope", "expected"), [
    (None, {"a@x.dk"}),
    (Envelope(sender="s@au.dk"), {"a@x.dk"}),  # without recipients: the headers
    (Envelope(recipients=("b@x.dk",)), {"b@x.dk"}),  # the envelope is where it really goes
    (Envelope(recipients=["B@x.dk", " <b@x.dk> ", "c@x.dk"]), {"b@x.dk", "c@x.dk"}),  # as SMTP writes them
    (Envelope(recipients=[""]), set()),
])  # fmt: skip
def test_recipients_of_an_envelope(envelope: Envelope | None, expected: set[str]) -> None:
    """The envelope over the headers, where there is one."""
    assert policy.recipients(Message(to=(Address("A@x.dk", "Anna"),)), envelope, AU) == expected


EXAMPLE = policy.load(Path(policy.__file__).parent / "policies" / "example.toml")


@pytest.mark.parametrize(("to", "expected"), [
    ("bestyrelsen@forening.example", 2),  # members by name
    ("Bestyrelsen@Forening.example, anna@forening.example", 2),  # who is written to beside the list counts once
    ("alle@forening.example", 40),  # members by number
    ("alle@forening.example, bo@forening.example", 41),  # nobody can say whether Bo is among them
    ("x@kommune.example", 0),  # inside
    ("ukendt@forening.example", 1),  # a list that nobody knows is one address
])  # fmt: skip
def test_lists_count_as_their_members(to: str, expected: int) -> None:
    """As the policy's table says."""
    message = mime.parse(f"To: {to}\n\nHej".encode(), budget=Budget(Limits()))
    assert len(policy.recipients(message, None, EXAMPLE)) == expected


def test_lists_that_a_directory_knows() -> None:
    """A callable is asked before the policy; lists hold lists, and may hold themselves."""
    directory = {"a@x.example": ["b@x.example", "c@x.example"], "b@x.example": ["a@x.example", "D@x.example"], "alle@forening.example": 3}
    message = Message(to=(Address("A@x.example"), Address("alle@forening.example")))
    assert policy.recipients(message, None, EXAMPLE, expand=directory.get) == {
        "a@x.example", "c@x.example", "d@x.example", *(f"alle@forening.example#{n}" for n in (1, 2, 3)),
    }  # fmt: skip


@pytest.mark.parametrize(("address", "is_counted"), [
    ("a@au.dk", False),
    ("A@AU.DK", False),
    ("a@cs.au.dk", False),  # a domain within
    ("a@notau.dk", True),  # ends alike, is another
    ("a@au.dk.example", True),
    ("au.dk@x.example", True),
    ("a", True),  # no domain: nobody can say that it stays inside
])  # fmt: skip
def test_recipients_outside(address: str, is_counted: bool) -> None:
    """Where only recipients outside count, those in the organisation's domains do not."""
    external = replace(AU, count_recipients="external")
    assert bool(policy.recipients(Message(to=(Address(address),)), None, external)) == is_counted
