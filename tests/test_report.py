"""Reports: masked unless values are asked for, valid against the schema, and told in both languages."""

import io
import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from verdicts import CPR, FILE, NAME, SECRETS, SENTENCE, SUBJECT, a_verdict

from detector import languages, policy
from detector.records import Counts, Decision, DetectorError, Failure, Item, Reason, Transport, Unread
from detector.report import jsonl, masking, output
from detector.report.explain import print_verdict
from detector.report.judge import judge
from detector.report.place import locate
from detector.report.rules import print_policy
from detector.report.summary import SHOWN_MESSAGES, Tally, print_summary
from detector.report.wording import describe, wording

POLICY = policy.load()
VALIDATOR = jsonschema.Draft202012Validator(jsonl.schema())


def printed(function, *arguments, width=120, **options) -> str:
    """What `function` prints on a console."""
    console = Console(file=io.StringIO(), width=width, markup=False, emoji=False, highlight=False)
    function(*arguments[:1], console, *arguments[1:], **options)
    return console.file.getvalue()


# ---------------------------------------------------------------- masking


@pytest.mark.parametrize("category, text, masked", [
    ("cpr", "300280-0008", "300280-****"),                    # as usual
    ("cpr", "3002800008", "300280-****"),                     # compact
    ("cpr", "(300280) 0008", "300280-****"),                  # in brackets
    ("cpr", "300280 | 0008", "300280-****"),                  # over two cells
    ("cpr", "30 02 80 - 00 08", "300280-****"),               # in pairs
    ("cpr", "300280\n0008", "300280-****"),                   # wrapped
    ("cpr", "0008", "******-****"),                           # a piece, of which the date is not known
    ("private_phone", "26 12 34 56", "26 ** ** **"),          # in pairs
    ("private_phone", "+45 26123456", "+45 26******"),        # with the country
    ("private_phone", "0045 26 12 34 56", "0045 26 ** ** **"),
    ("private_phone", "tlf 26123456", "*** 26******"),        # letters are hidden too
    ("private_email", "anna.holm@gmail.com", "a***@gmail.com"),
    ("private_email", "anna@holm.dk", "a***@h***"),           # a domain of one's own is a name
    ("private_email", "@", "*"),                              # no address at all
    ("private_email", "1@gmail.com", "****@gmail.com"),       # no letter to show
    ("private_address", "Ny Munkegade 118, 3. tv", "N* M******** **** ** t*"),
    ("health", "Mette er sygemeldt", "M**** e* s********"),
    ("grades", "12", "**"),                                   # a single value is hidden whole
    ("union_membership", "HK", "H*"),
    ("grades", "A", "*"),
    ("not_a_category", "Mette", "M****"),                     # a category of another policy
    ("health", "", ""),
    ("health", "ord " * 100, "o** " * 14 + "o**…"),           # long sentences are cut
])  # fmt: skip
def test_mask(category, text, masked):
    assert masking.mask(category, text) == masked


@given(st.sampled_from(["cpr", "private_phone", "private_email", "health", "private_address", "grades"]), st.text(max_size=400))
def test_mask_never_shows_a_word(category, text):
    """No two letters, and no more digits than a date or the first two of a number; nothing that steers a terminal."""
    masked = masking.mask(category, text)
    if category == "private_email":
        masked = masked.rpartition("@")[0]
    allowed = {"cpr": 6, "private_phone": 8}.get(category, 1)
    assert all(len(run) <= allowed for run in re.findall(r"[^\W_]+", masked))
    assert not masking.UNPRINTABLE.search(masked)
    assert len(masked) <= max(masking.LONGEST, 11)


@pytest.mark.parametrize("name, masked", [
    ("Karakterer Mette.xlsx", "K********* M****.xlsx"),  # the ending tells what it is
    ("liste", "l****"),                                  # no ending
    (".hidden", "*******"),                              # an ending with nothing before it
    ("300280.0008", "***********"),                      # a number is no ending
    ("a.Kjærsgaard", "a***********"),                     # nor is a name
])  # fmt: skip
def test_mask_file(name, masked):
    assert masking.mask_file(name) == masked


# ---------------------------------------------------------------- JSON


def test_json_is_the_design():
    """Every field, masked."""
    assert jsonl.to_json(a_verdict(), source="export.mbox", position=17) == {
        "schema": "detector.verdict/1",
        "source": "export.mbox",
        "position": 17,
        "message_id": "<1@example.dk>",
        "date": "2024-05-06T07:08:09+02:00",
        "subject": "O* M**** K*********",
        "decision": "secure",
        "rules": ["sensitive-persons"],
        "unlisted": False,
        "protected": False,
        "reasons": [
            {"rule": "sensitive-persons", "da": "Den rummer følsomme data.", "en": "It holds sensitive data.", "policy": "Må ikke."}
        ],
        "recipients": 2,
        "persons": {"confidential": 1, "sensitive": 1},
        "confidential": ["cpr"],
        "sensitive": ["health"],
        "subjects": [{"id": 1, "label": "M**** K*********", "confidential": ["cpr"], "sensitive": ["health"]}],
        "findings": [
            {
                "category": "health", "subject": 1, "part": "1", "file": None, "where": "line 1", "span": [0, 40],
                "text": "M**** K********* e* s******** m** s*****", "confidence": 0.912, "why": "sentence classifier",
            },
            {
                "category": "cpr", "subject": 1, "part": "2", "file": "S***** K*********.xlsx", "where": "Ark1!A2", "span": [0, 11],
                "text": "300280-****", "confidence": 0.99, "why": "date, header 'CPR'",
            },
        ],
        "unread": [{"part": "3", "file": "h*******.zip", "reason": "encrypted"}],
        "transport": {"tags": [], "hops": 3, "hops_without_tls": 1, "bounce": None},
        "versions": {"detector": "0.1.0", "models": "1", "policy": "au/1"},
        "took_ms": 12.3,
    }  # fmt: skip


@pytest.mark.parametrize("verdict", [
    a_verdict(),
    a_verdict(subject="", message_id=None, date=None, findings=(), subjects=(), unread=(), reasons=(), rules=()),  # nothing found
    a_verdict(decision=Decision.BLOCK, transport=Transport(("notls",)), unlisted=True, protected=True),
    a_verdict(subjects=()),  # findings without a person
], ids=["all", "nothing", "block", "no-person"])  # fmt: skip
@pytest.mark.parametrize("show_values", [False, True])
def test_json_follows_the_schema(verdict, show_values):
    VALIDATOR.validate(json.loads(jsonl.to_line(jsonl.to_json(verdict, source="a/b.eml", position=1, show_values=show_values))))


@pytest.mark.parametrize("failure", Failure)
def test_failures_follow_the_schema(failure):
    VALIDATOR.validate(jsonl.failure_to_json(failure, source="a", position=1))


@pytest.mark.parametrize("change", [
    {"extra": 1},            # an unknown field
    {"position": 0},         # positions count from 1
    {"decision": "maybe"},
    {"schema": "detector.verdict/2"},
    {"persons": {"confidential": 1}},
])  # fmt: skip
def test_schema_is_strict(change):
    assert not VALIDATOR.is_valid(jsonl.to_json(a_verdict(), source="a", position=1) | change)


def test_schema_knows_every_value():
    definitions = jsonl.schema()["$defs"]
    VALIDATOR.check_schema(jsonl.schema())
    assert definitions["failure"]["properties"]["failure"]["enum"] == list(Failure)
    assert definitions["unread"]["properties"]["reason"]["enum"] == list(Reason)
    assert definitions["verdict"]["properties"]["decision"]["enum"] == list(Decision)


def test_nothing_personal_in_masked_json():
    line = jsonl.to_line(jsonl.to_json(a_verdict(), source=f"export/{FILE}", position=1))
    assert [secret for secret in SECRETS if secret in line] == []


def test_values_where_they_are_asked_for():
    line = jsonl.to_line(jsonl.to_json(a_verdict(), source=f"export/{FILE}", position=1, show_values=True))
    assert all(value in line for value in (CPR, NAME, SENTENCE, FILE, SUBJECT))


def test_line_is_utf8_and_one_line():
    """Half a surrogate pair and line ends, which a hostile message may hold."""
    line = jsonl.to_line({"text": "a\ud800\nb\r"})
    assert json.loads(line.encode()) == {"text": "a?\nb\r"}
    assert line.count("\n") == 1


@pytest.mark.parametrize("name", [
    "../../etc/passwd.bin",
    "C:\\Windows\\x.bin",
    "a\0b.bin",
    "\u202efdp.exe",                # shown as "exe.pdf"
    "\u2066a\u2069\u061cb.bin",
    "a\x1b[2Jb.bin",               # clears a terminal
    "a\r\nb.bin",
    "a\ud800b.bin",
    "x\U000e0021y\u00ad.bin",
    "[bold]x[/bold].bin",
])  # fmt: skip
@pytest.mark.parametrize("show", [False, True])
def test_hostile_file_names(name, show):
    """They are shown as names, on one line, without what steers a terminal or turns its direction; no file is opened by them."""
    hostile = replace(a_verdict(), unread=(Unread("2", name, Reason.UNSUPPORTED),))
    harmless = replace(a_verdict(), unread=(Unread("2", "x.bin", Reason.UNSUPPORTED),))
    texts = wording("en", POLICY)
    shown, usual = (printed(print_verdict, each, texts, POLICY, show_values=show) for each in (hostile, harmless))
    assert shown.count("\n") == usual.count("\n")
    assert not masking.UNPRINTABLE.search(shown.replace("\n", ""))
    line = jsonl.to_line(jsonl.to_json(hostile, source="x.eml", position=1, show_values=show))
    VALIDATOR.validate(json.loads(line))
    assert ("etc" in line, "Windows" in line) == (show and "etc" in name, show and "Windows" in name)


# ---------------------------------------------------------------- output files


def test_file_is_private(tmp_path):
    path = tmp_path / "out.jsonl"
    path.write_text("old")
    path.chmod(0o644)
    with output.open_lines(path) as write:
        write({"a": "æ"})
    assert path.read_text() == '{"a":"æ"}\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("target, sources, is_refused", [
    ("mail.mbox", ["mail.mbox"], True),           # would overwrite the mailbox
    ("mail/out.jsonl", ["mail"], True),           # would be read as mail
    ("./x/../mail.mbox", ["mail.mbox"], True),    # the same by another way
    ("mailbox.jsonl", ["mail"], False),           # beside it, though its name begins the same
    ("-", ["."], False),                          # standard output
])  # fmt: skip
def test_output_is_no_source(tmp_path, monkeypatch, target, sources, is_refused):
    monkeypatch.chdir(tmp_path)
    if is_refused:
        with pytest.raises(DetectorError, match="outside"):
            output.check_target(Path(target), [Path(source) for source in sources])
    else:
        output.check_target(Path(target), [Path(source) for source in sources])


def test_output_that_cannot_be_written(tmp_path):
    with pytest.raises(DetectorError, match="cannot be written: No such file"):
        output.open_private(tmp_path / "gone" / "out.jsonl")


# ---------------------------------------------------------------- places, summary, explanation


@pytest.mark.parametrize("number, language, expected", [
    (0, "en", "the message text, line 1"),
    (0, "da", "mailens tekst, linje 1"),
    (1, "en", "attachment S***** K*********.xlsx, Ark1!A2"),
])  # fmt: skip
def test_describe(number, language, expected):
    verdict = a_verdict()
    assert describe(locate(verdict.findings[number], verdict.documents), wording(language, POLICY), show_values=False) == expected


def test_languages_say_the_same():
    """Every key of one language stands in the other, with the same values to fill in."""

    def shape(texts):
        return {key: shape(text) if isinstance(text, dict) else sorted(re.findall(r"\{\w+\}", text)) for key, text in texts.items()}

    loaded = languages.load("summary")
    assert shape(loaded["da"]) == shape(loaded["en"])
    assert set(loaded["en"]["reasons"]) == set(Reason)
    assert set(loaded["en"]["failures_named"]) == set(Failure)
    assert set(loaded["en"]["counts"]) == set(policy.COUNTED)
    assert set(loaded["en"]["verdicts"]) == set(loaded["en"]["decision_names"]) == set(Decision)


def test_judge_accounts_for_every_item():
    items = [Item("a", 1, b"x"), Item("a", 2, failure=Failure.EMPTY), Item("a", 3, b"y")]
    tally = Tally()
    records = list(judge(items, lambda _: a_verdict(), tally))
    assert [record["position"] for record in records] == [1, 2, 3]
    assert (tally.read, tally.failed, tally.flagged) == (2, 1, 2)


@pytest.mark.parametrize("language, words", [
    ("en", ["Messages read: 22. Not read: 1.", "CPR number", "health", "1 / 1", "O* M****", "and 1 more", "password", "not a message"]),
    ("da", ["Mails læst: 22. Ikke læst: 1.", "CPR-nummer", "helbred", "O* M****", "og 1 mere", "adgangskode", "ikke en mail"]),
])  # fmt: skip
@pytest.mark.parametrize("width", [80, 120])
def test_summary(language, words, width):
    tally = Tally()
    items = [Item("m", position, b"x") for position in range(1, SHOWN_MESSAGES + 2)]
    list(judge([*items, Item("m", 22, failure=Failure.NOT_A_MESSAGE)], lambda _: a_verdict(), tally))
    list(judge([Item("m", 23, b"x")], lambda _: a_verdict(decision=Decision.ALLOW, counts=Counts()), tally))
    text = printed(print_summary, tally, wording(language, POLICY), seconds=1.25, width=width)
    assert [word for word in words if word not in text] == []
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("language, text", [("en", "No messages"), ("da", "Ingen mails")])
def test_summary_of_nothing(language, text):
    assert text in printed(print_summary, Tally(), wording(language, POLICY), seconds=0)


@pytest.mark.parametrize("reason, command, is_told", [
    (Reason.NO_OCR, "apt-get install x", True),
    (Reason.NO_OCR, "", False),  # it is installed; what was unread is handwriting
    (Reason.ENCRYPTED, "apt-get install x", False),
])  # fmt: skip
@pytest.mark.parametrize("language, text", [("en", "Pictures of text were not read."), ("da", "Billeder med tekst blev ikke læst.")])
def test_summary_says_how_to_read_pictures(language, text, reason, command, is_told):
    tally = Tally()
    list(judge([Item("m", n, b"x") for n in (1, 2)], lambda _: a_verdict(unread=(Unread("1", None, reason),)), tally))
    said = printed(print_summary, tally, wording(language, POLICY), seconds=0, ocr_command=command)
    assert said.count(text) == is_told
    assert ("apt-get install x" in said) == is_told


@pytest.mark.parametrize("language, words", [
    ("en", ["SECURE: must be sent", "It holds", "“Må ikke.”", "300280-****", "h*******.zip: protected", "without TLS: 1"]),
    ("da", ["SIKKER@MAIL: skal", "Den rummer", "“Må ikke.”", "300280-****", "h*******.zip: beskyttet", "uden TLS: 1"]),
])  # fmt: skip
def test_explanation(language, words):
    text = printed(print_verdict, a_verdict(), wording(language, POLICY), POLICY, width=160)
    assert [word for word in words if word not in text] == []
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize("changes, text", [
    ({"protected": True}, "end-to-end encrypted"),
    ({"unlisted": True}, "neither of the policy's lists"),
    ({"transport": Transport(("notencrypted",))}, "[notencrypted]"),
    ({"findings": (), "subjects": ()}, "Nothing found."),
])  # fmt: skip
def test_explanation_notes(changes, text):
    assert text in printed(print_verdict, a_verdict(**changes), wording("en", POLICY), POLICY)


def test_shown_values_cannot_steer_the_terminal():
    text = printed(print_verdict, a_verdict(subject="a\x1b[2Jb[red]c:smile:"), wording("en", POLICY), POLICY, show_values=True)
    assert "a\N{REPLACEMENT CHARACTER}[2Jb[red]c:smile:" in text


@pytest.mark.parametrize("language, words", [
    ("en", ["au/1", "sensitive", "recipients: at least 6", "recipients: at most 5", "data: 2 to 5", "[notls]", "Sensitive"]),
    ("da", ["au/1", "sensitive", "modtagere: mindst 6", "modtagere: højst 5", "oplysninger: 2 til 5", "[notls]", "Følsomme"]),
])  # fmt: skip
def test_policy_is_told(language, words):
    text = printed(print_policy, POLICY, wording(language, POLICY), width=300)
    assert [word for word in words if word not in text] == []
    assert all(rule.id in text and rule.policy in text for rule in POLICY.rules)
