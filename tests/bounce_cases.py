"""Non-delivery reports and their look-alikes: a raw mail; what it says (None: it reports no failure); why the case is here.

Each is written afresh in the form of a server in use; everybody in them is invented. What is expected stands as recipients, enhanced
status, whether it is about missing TLS, and the Message-ID and subject of the message that came back.
"""

from __future__ import annotations

import base64
import quopri

Expected = tuple[str, str, bool, str | None, str] | None
Case = tuple[bytes, Expected, str]

ANNA, IDA, BO = "anna.krogh@kommune.example", "ida.lund@kommune.example", "bo.holm@uni.example"
ID, SUBJECT = "<AM0PR01MB4711@AM0PR01.prod.uni.example>", "Referat af møde"
STARTTLS = "451 5.7.3 STARTTLS is required to send mail"
RECEIVED = (
    "Received: from mx.uni.example (192.0.2.7) by mb.uni.example (192.0.2.8) with\n Microsoft SMTP Server (version=TLS1_2) id 15.2.1544.4"
)


def mail(sender: str, subject: str, content: str, *more: str) -> bytes:
    """A mail to Bo whose `content` begins with its Content-Type's value, as a part's does."""
    head = [f"From: {sender}"] if sender else []
    head += [f"To: <{BO}>", f"Subject: {subject}", "Date: Tue, 14 May 2024 09:12:44 +0200", "MIME-Version: 1.0", *more]
    return ("\n".join(head) + f"\nContent-Type: {content}").encode()


def multipart(kind: str, *parts: str, end: str = "\n--=_b1--\n") -> str:
    """Parts, each beginning with its Content-Type's value."""
    return (
        f'{kind}; boundary="=_b1"\n\nThis is a MIME-encapsulated message.'
        + "".join(f"\n--=_b1\nContent-Type: {part}" for part in parts)
        + end
    )


def report(sender: str, subject: str, *parts: str, kind: str = "delivery-status") -> bytes:
    """A multipart/report."""
    return mail(sender, subject, multipart(f"multipart/report; report-type={kind}", *parts))


def plain(text: str) -> str:
    """A part of text."""
    return f"text/plain; charset=utf-8\n\n{text}"


def status(*recipients: str, mta: str = "mx.uni.example") -> str:
    """A delivery-status part: a group for the message, then one for each recipient."""
    return f"message/delivery-status\n\nReporting-MTA: dns; {mta}\nArrival-Date: Tue, 14 May 2024 09:12:40 +0200\n\n" + "\n\n".join(
        recipients
    )


def failed(address: str, code: str, diagnostic: str, action: str = "failed") -> str:
    """The group of one recipient."""
    return f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {code}\nDiagnostic-Code: smtp; {diagnostic}"


def headers(identity: str = ID, subject: str = SUBJECT) -> str:
    """The head of the message that came back."""
    sent = f"From: Bo Holm <{BO}>\nTo: <{ANNA}>\nSubject: {subject}\nMessage-ID: {identity}"
    return f"{RECEIVED}\n{sent}\nDate: Tue, 14 May 2024 09:12:39 +0200\n"


def encoded(content_type: str, data: bytes) -> str:
    """A base64 part."""
    return f"{content_type}\nContent-Transfer-Encoding: base64\n\n{base64.encodebytes(data).decode()}"


def quoted(content_type: str, text: str, charset: str = "utf-8") -> str:
    """A quoted-printable part."""
    return f"{content_type}\nContent-Transfer-Encoding: quoted-printable\n\n{quopri.encodestring(text.encode(charset)).decode()}"


WHOLE = f"message/rfc822\n\n{headers()}Content-Type: text/plain; charset=utf-8\n\nHej Anna\nHer er referatet.\n"
HEADERS = f"text/rfc822-headers\n\n{headers()}"
ANSWER = (ANNA, "5.7.3", True, ID, SUBJECT)
UNKNOWN = "550 5.1.1 User unknown"

OUTLOOK = '"Microsoft Outlook" <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@uni.example>'
POSTFIX = "MAILER-DAEMON@mx.uni.example (Mail Delivery System)"
EXIM = "Mail Delivery System <Mailer-Daemon@mx.uni.example>"
QMAIL = "MAILER-DAEMON@mx.uni.example"
SENDMAIL = "Mail Delivery Subsystem <MAILER-DAEMON@mx.uni.example>"

LED = f"550 5.4.317 Message expired, cannot connect to remote server(TLS) [Message={STARTTLS}] [LastAttemptedServerName=mx.kommune.example]"
ONLINE_EN = f"""Your message to {ANNA} couldn't be delivered.
{ANNA} is on a server that refuses it. Contact helpdesk@uni.example for help.

More Info for Email Admins
Status code: 550 5.7.3
Diagnostic information for administrators:
Generating server: AM0PR01MB4711.prod.uni.example

{ANNA}
Remote Server returned '{STARTTLS}'

Original message headers:

Received: from AM0PR01MB4711.prod.uni.example ([2001:db8::1]) by AM0PR01MB4711 with mapi id 15.20.7.4
Subject: {SUBJECT}
Message-ID: {ID}
"""
ONLINE_DA = f"""Levering til disse modtagere eller grupper mislykkedes:

Anna Krogh ({ANNA})<mailto:{ANNA}>
Din meddelelse kunne ikke leveres. Kontakt modtageren på en anden måde.

Diagnosticeringsoplysninger til administratorer:

Genererende server: mb.uni.example

{ANNA}
Remote Server returned '{STARTTLS}'

Oprindelige meddelelsesheadere:

{headers()}"""

EXCHANGE: list[Case] = [
    (
        report(OUTLOOK, f"Undeliverable: {SUBJECT}", plain(ONLINE_EN), status(failed(ANNA, "5.7.3", STARTTLS)), WHOLE),
        ANSWER,
        "Exchange Online in English, whole message returned",
    ),
    (
        report(
            OUTLOOK,
            f"Kan ikke leveres: {SUBJECT}",
            quoted("text/plain; charset=iso-8859-1", ONLINE_DA, "latin-1"),
            status(failed(ANNA, "5.7.3", STARTTLS)),
            WHOLE,
        ),
        ANSWER,
        "on-premises Exchange in Danish, text in ISO 8859-1",
    ),
    (
        report(OUTLOOK, f"Undeliverable: {SUBJECT}", plain("Delivery has failed."), status(failed(ANNA, "5.4.317", LED)), HEADERS),
        (ANNA, "5.4.317", True, ID, SUBJECT),
        "the LED block tells of TLS, the status only of time",
    ),
    (
        report(
            OUTLOOK,
            "Undeliverable: Budget",
            status(failed(ANNA, "4.4.7", "550 4.4.7 QUEUE.Expired; message expired [{LED=451 5.7.3 STARTTLS is\n required to send mail}]")),
            f"message/rfc822\n\nMessage-ID:\n {ID}\nSubject: Budget\n\nx",
        ),
        (ANNA, "4.4.7", True, ID, "Budget"),
        "wording of TLS folded over two lines, Message-ID on the next line",
    ),
    (
        report(
            OUTLOOK,
            "Undeliverable: Lukket mappe",
            plain(
                f"{ANNA}\nRemote Server returned '550 5.7.1 TRANSPORT.RULES.RejectMessage; the message"
                " was rejected: encryption required by policy, use Sikker@mail'"
            ),
            status(failed(ANNA, "5.7.1", "550 5.7.1 TRANSPORT.RULES.RejectMessage; encryption required by policy")),
        ),
        (ANNA, "5.7.1", False, None, "Lukket mappe"),
        "a rule that wants the content encrypted, not the connection",
    ),
    (
        mail(OUTLOOK, f"Kan ikke leveres: SV: {SUBJECT}", plain(ONLINE_DA)),
        ANSWER,
        "Danish, exported by Outlook as plain text: all of it stands in the words",
    ),
    (
        mail(
            OUTLOOK,
            "Undeliverable: SV: Budget",
            "text/html; charset=utf-8\n\n<html><body><p>Delivery has failed to these recipients or groups:</p>"
            f'<p><a href="mailto:{ANNA}">{ANNA}</a><br>The server says:</p><p>550&nbsp;5.1.10 RESOLVER.ADR.RecipientNotFound; not found</p>'
            f"<p>Original message headers:</p><pre>Subject: SV: Budget\n"
            f"Message-ID: {ID.replace('<', '&lt;').replace('>', '&gt;')}\n</pre></body>",
        ),
        (ANNA, "5.1.10", False, ID, "SV: Budget"),
        "HTML alone, with entities and a link",
    ),
    (
        report(
            OUTLOOK,
            "Undeliverable: STARTTLS is required to send mail",
            plain(
                f"{ANNA}\nRemote Server returned '550 5.1.1 unknown'\n\nOriginal "
                f"message headers:\n\n{headers(subject='STARTTLS is required to send mail')}"
            ),
            status(failed(ANNA, "5.1.1", UNKNOWN)),
            f"text/rfc822-headers\n\n{headers(subject='STARTTLS is required to send mail')}",
        ),
        (ANNA, "5.1.1", False, ID, "STARTTLS is required to send mail"),
        "only the returned subject speaks of TLS",
    ),
    (
        report(
            "postmaster@uni.example",
            "Undeliverable: Referat",
            multipart("multipart/alternative", plain("Levering mislykkedes")).replace("=_b1", "=_b2"),
            status(f"Final-recipient: RFC822; {ANNA.upper()}\nAction: Failed\nStatus: 5.1.1\nX-Display-Name: Anna Krogh"),
            WHOLE,
        ),
        (ANNA, "5.1.1", False, ID, SUBJECT),
        "other cases of letters, text within an alternative",
    ),
    (
        mail(
            '"System Administrator" <postmaster@uni.example>',
            "Undeliverable:Budget",
            plain(
                f"Your message\n\n      To:      Anna Krogh\n      Subject: Budget\n      Sent:    14-05-2024 09:12\n\n"
                f"did not reach the following recipient(s):\n\n{ANNA} on 14-05-2024 09:13\n"
                "    The e-mail account does not exist.\n    <mx.uni.example #5.1.1>\n"
            ),
        ),
        (ANNA, "5.1.1", False, None, "Budget"),
        "Exchange 2003: the subject indented in the text, status behind a #",
    ),
    (
        report(OUTLOOK, "Undeliverable: [NoTLS] Budget", status(failed(ANNA, "5.7.1", "550 5.7.1 Unable to relay"))),
        (ANNA, "5.7.1", False, None, "[NoTLS] Budget"),
        "nothing returned: the report's own subject tells it, tag and all",
    ),
]

POSTFIX_TEXT = f"""This is the mail system at host mx.uni.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<{ANNA}>: TLS is required, but was not offered by host
    mx.kommune.example[192.0.2.25]
"""
EXIM_TEXT = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  {ANNA}
    host mx.kommune.example [192.0.2.25]
    SMTP error from remote mail server after RCPT TO:<{ANNA}>:
    550 5.1.1 <{ANNA}>: Recipient address rejected
  {IDA}
    (generated from hold@uni.example)
    unrouteable address
"""
EXIM_COPY = f"\n------ This is a copy of the message, including all the headers. ------\n\n{headers()}\nHej Anna\n"
QMAIL_TEXT = f"""Hi. This is the qmail-send program at mx.uni.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{ANNA}>:
192.0.2.25 does not like recipient.
Remote host said: 550 sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <{BO}>
"""
SENDMAIL_TEXT = f"""The original message was received at Tue, 14 May 2024 09:12:40 +0200
from bo.uni.example [192.0.2.3]

   ----- The following addresses had permanent fatal errors -----
<{ANNA}>
    (reason: 530 5.7.0 Must issue a STARTTLS command first)

   ----- Transcript of session follows -----
... while talking to mx.kommune.example.:
>>> MAIL From:<{BO}>
<<< 530 5.7.0 Must issue a STARTTLS command first
554 5.0.0 Service unavailable
"""

UNIX: list[Case] = [
    (
        report(
            POSTFIX,
            "Undelivered Mail Returned to Sender",
            plain(POSTFIX_TEXT),
            status(failed(ANNA, "5.7.4", "550 TLS is required, but was not offered by host\n    mx.kommune.example[192.0.2.25]")),
            WHOLE,
        ),
        (ANNA, "5.7.4", True, ID, SUBJECT),
        "Postfix, the sender's address before its name",
    ),
    (
        report(
            POSTFIX,
            "Undelivered Mail Returned to Sender",
            plain("x"),
            status(f"Final-Recipient: rfc822; {ANNA}\nOriginal-Recipient: rfc822;hold@uni.example\nAction: failed\nStatus: 5.1.1"),
            HEADERS,
        ),
        (f"hold@uni.example {ANNA}", "5.1.1", False, ID, SUBJECT),
        "an alias: whom the sender wrote to, and where it went",
    ),
    (
        report(
            POSTFIX,
            "Undelivered Mail Returned to Sender",
            plain("x"),
            status(failed(ANNA, "5.1.1", UNKNOWN), failed(IDA, "5.2.2", "552 full")),
            HEADERS,
        ),
        (f"{ANNA} {IDA}", "5.1.1", False, ID, SUBJECT),
        "two recipients",
    ),
    (
        report(
            POSTFIX,
            "Undelivered Mail Returned to Sender",
            plain("x"),
            status(
                failed(IDA, "2.0.0", "250 ok", action="relayed"),
                failed(BO, "4.4.1", "timeout", action="delayed"),
                failed(ANNA, "5.7.10", "550 5.7.10 Encryption needed"),
            ),
            HEADERS,
        ),
        (ANNA, "5.7.10", True, ID, SUBJECT),
        "only one of three failed: neither the others nor their status",
    ),
    (
        mail(
            EXIM, "Mail delivery failed: returning message to sender", plain(EXIM_TEXT + EXIM_COPY), f"X-Failed-Recipients: {ANNA}, {IDA}"
        ),
        (f"{ANNA} {IDA}", "5.1.1", False, ID, SUBJECT),
        "Exim before 4.86: two recipients in the text, the message under it",
    ),
    (
        mail(
            EXIM,
            "Mail delivery failed: returning message to sender",
            plain(EXIM_TEXT + EXIM_COPY + "Se 5.7.3, STARTTLS is required\n" * 400),
        ),
        (f"{ANNA} {IDA}", "5.1.1", False, ID, SUBJECT),
        "a long returned body, which itself speaks of TLS",
    ),
    (
        report(
            EXIM,
            "Mail delivery failed: returning message to sender",
            plain(
                f"  {ANNA}\n    host mx.kommune.example [192.0.2.25]\n"
                "    a TLS session is required, but the server did not offer TLS support\n"
            ),
            status(f"Action: failed\nFinal-Recipient: rfc822;{ANNA}\nStatus: 5.0.0"),
            HEADERS,
        ),
        (ANNA, "5.0.0", True, ID, SUBJECT),
        "Exim since 4.86: Action before the recipient, TLS in the text only",
    ),
    (
        mail(
            EXIM,
            "Mail delivery failed: returning message to sender",
            plain(f"Exim 4.97.1 could not deliver.\n\n  {ANNA}\n    all hosts have been failing for a long time\n"),
        ),
        (ANNA, "", False, None, ""),
        "no status told, but a version that looks like one",
    ),
    (
        mail(
            EXIM,
            "Mail delivery failed: returning message to sender",
            plain(f"Exim 4.97.1 could not deliver.\n\n  {ANNA}\n    550-5.7.26 Unauthenticated\n"),
        ),
        (ANNA, "5.7.26", False, None, ""),
        "a version, and the status of an answer in several lines",
    ),
    (
        mail(QMAIL, "failure notice", plain(f"{QMAIL_TEXT}{headers()}\nHej Anna\n")),
        (ANNA, "5.1.1", False, ID, SUBJECT),
        "qmail, the message under a line",
    ),
    (
        mail(QMAIL, "failure notice", plain(QMAIL_TEXT.replace(f"<{ANNA}>:", f"<{ANNA}>:\nfull (#5.2.2)\n\n<{IDA}>:"))),
        (f"{ANNA} {IDA}", "5.2.2", False, None, ""),
        "qmail, two recipients, nothing of the message",
    ),
    (
        mail(
            QMAIL,
            "failure notice",
            plain(f"{QMAIL_TEXT}{headers(subject='Referat af et meget langt møde' + chr(10) + ' i udvalget')}\nHej\n"),
        ),
        (ANNA, "5.1.1", False, ID, "Referat af et meget langt møde i udvalget"),
        "a folded subject in the copy",
    ),
    (
        report(
            SENDMAIL,
            "Returned mail: see transcript for details",
            plain(SENDMAIL_TEXT),
            status(failed(ANNA, "5.7.0", "SMTP; 530 5.7.0 Must issue a STARTTLS command first")),
            HEADERS,
        ),
        (ANNA, "5.7.0", True, ID, SUBJECT),
        "Sendmail",
    ),
    (
        mail(
            "Mail Delivery Subsystem <MAILER-DAEMON>",
            "Returned mail: see transcript for details",
            plain(f"{SENDMAIL_TEXT}\n   ----- Original message follows -----\n\n{headers()}\nHej\n"),
        ),
        (ANNA, "5.7.0", True, ID, SUBJECT),
        "an old Sendmail: no multipart, a sender without domain",
    ),
    (
        mail(
            "", "Returned mail: User unknown", plain(f"<{ANNA}>... User unknown\n\n> Subject: {SUBJECT}\n>  fra maj\n> Message-Id: {ID}\n")
        ),
        (ANNA, "", False, ID, f"{SUBJECT} fra maj"),
        "no sender, the head behind marks of quotation and folded",
    ),
    (
        report(
            POSTFIX,
            "Undelivered Mail Returned to Sender",
            plain("x"),
            status(failed(ANNA, "5.1.1 (bad destination mailbox)", UNKNOWN)),
            "text/rfc822-headers\n\nSubject: =?utf-8?Q?Referat_af_m=C3=B8de?=\n =?utf-8?Q?_i_maj?=\n" + f"Message-ID:\n\t{ID}\n",
        ),
        (ANNA, "5.1.1", False, ID, f"{SUBJECT} i maj"),
        "a comment behind the status; encoded and folded fields of the returned head",
    ),
]

GMAIL = "Mail Delivery Subsystem <mailer-daemon@googlemail.example>"
DOMINO = f"""Your message

  Subject: {SUBJECT}

was not delivered to:

  {ANNA}

because:

  User anna.krogh (anna.krogh@kommune.example) not listed in Domino Directory
"""

PROVIDERS: list[Case] = [
    (
        report(
            GMAIL,
            "Delivery Status Notification (Failure)",
            plain(
                f"** Message not delivered **\n\n"
                f"Your message couldn't be delivered to {ANNA} because the remote server does not support TLS."
            ),
            status(failed(ANNA, "5.7.0", "550 TLS required but was not offered")),
            HEADERS,
        ),
        (ANNA, "5.7.0", True, ID, SUBJECT),
        "Gmail",
    ),
    (
        mail(
            GMAIL,
            "Delivery Status Notification (Failure)",
            plain(
                f"Delivery to the following recipient failed permanently:\n\n     {ANNA}\n\n"
                "Technical details of permanent failure:\n"
                "The error that the other server returned was:\n550 5.2.1 The account is disabled.\n\n"
                f"----- Original message -----\n\nMIME-Version: 1.0\n{headers()}\n"
            ),
        ),
        (ANNA, "5.2.1", False, ID, SUBJECT),
        "Gmail's older form, the message's head in the text",
    ),
    (
        report(
            "Mail Delivery System <MAILER-DAEMON@zimbra.uni.example>",
            "Undelivered Mail Returned to Sender",
            plain(f"<{ANNA}>: unknown"),
            encoded("message/delivery-status", status(failed(ANNA, "5.1.1", UNKNOWN)).partition("\n\n")[2].encode()),
            encoded("message/rfc822", WHOLE.partition("\n\n")[2].encode()),
        ),
        (ANNA, "5.1.1", False, ID, SUBJECT),
        "Zimbra behind a gateway that encodes every part in base64",
    ),
    (
        report(
            '"Postmaster" <postmaster@notes.uni.example>',
            "DELIVERY FAILURE: User anna.krogh not listed in Domino Directory",
            plain(DOMINO),
            status(failed(ANNA, "5.1.1", "X-Notes; not listed")),
        ),
        (ANNA, "5.1.1", False, None, SUBJECT),
        "Domino, subject in its text",
    ),
    (
        mail(
            '"Postmaster" <postmaster@notes.uni.example>',
            "DELIVERY FAILURE: 550 5.7.1 Session encryption is required",
            plain(DOMINO.replace("because:", "because:\n\n  550 5.7.1 Session encryption is required")),
        ),
        (ANNA, "5.7.1", True, None, SUBJECT),
        "Domino without a report's parts",
    ),
    (
        report(
            '"Internet Mail Delivery" <postmaster@sky.example>',
            "Delivery Notification: Delivery has failed",
            plain(
                f"This report relates to a message you sent with the following header fields:\n\n"
                f"  Message-id: {ID}\n  Subject: {SUBJECT}\n\n"
                f"Your message cannot be delivered to the following recipients:\n\n  Recipient address: {ANNA}\n  Reason: over quota\n"
            ),
            status(f"Original-recipient: rfc822;{ANNA}\nFinal-recipient: rfc822;{ANNA}\nAction: failed\nStatus: 5.2.2 (Over quota)"),
        ),
        (ANNA, "5.2.2", False, ID, SUBJECT),
        "as iCloud did: head indented in the text, and nothing returned",
    ),
    (
        report(
            "Mail Delivery System <mailer-daemon@hotel.example>",
            "Mail kunne ikke leveres",
            quoted(
                "text/plain; charset=utf-8",
                f"Din mail til {ANNA} kunne ikke leveres, fordi modtagerens server understøtter ikke krypterede forbindelser.",
            ),
            status(failed(ANNA, "5.7.0", "mailserveren afviste")),
            HEADERS,
        ),
        (ANNA, "5.7.0", True, ID, SUBJECT),
        "a Danish hosting provider, TLS in Danish over soft line ends",
    ),
    (
        mail(
            "Mail Delivery System <postmaster@hotel.example>",
            "=?iso-8859-1?Q?Besked_om_leveringsstatus?=",
            f"text/plain; charset=iso-8859-1\n\nFølgende adresse blev afvist:\n\n{ANNA}\n\n550 5.1.1 findes ikke\n",
        ),
        (ANNA, "5.1.1", False, None, ""),
        "a Danish provider's own text, the subject encoded, UTF-8 under another name",
    ),
    (
        report(
            "Postmaster <postmaster@hotel.example>",
            "Leveringsfejl",
            plain("Modtagerens server kræver TLS."),
            status(failed(ANNA, "5.7.0", "-")),
        ),
        (ANNA, "5.7.0", True, None, ""),
        "a subject that says nothing of the message",
    ),
    (
        report(
            EXIM,
            "Undelivered Mail Returned to Sender",
            plain("x"),
            "message/global-delivery-status\nContent-Transfer-Encoding: 8bit\n\nReporting-MTA: dns; mx.uni.example\n\n"
            "Final-Recipient: utf-8; søren@blåbær.example\nAction: failed\nStatus: 5.6.7",
            f"message/global-headers\n\n{headers()}",
        ),
        ("søren@blåbær.example", "5.6.7", False, ID, SUBJECT),
        "RFC 6533: an address in UTF-8",
    ),
    (
        mail(
            POSTFIX,
            "Undelivered Mail Returned to Sender",
            multipart("multipart/mixed", plain("x"), status(failed(ANNA, "5.1.1", UNKNOWN)), WHOLE, plain("-- \nSendt gennem listen")),
        ),
        (ANNA, "5.1.1", False, ID, SUBJECT),
        "a list or gateway made it multipart/mixed",
    ),
    (
        report(
            "Mailsystem <system@hotel.example>",
            "Fejl",
            plain("x"),
            f"text/plain\n\n{status(failed(ANNA, '5.1.1', UNKNOWN)).partition('message')[2]}",
        ),
        (ANNA, "5.1.1", False, None, ""),
        "a status part under the name of text",
    ),
    (
        report(QMAIL, "failure notice", plain("x"), status(failed("anna+liste=uni.example@kommune.example", "5.1.1", UNKNOWN))),
        ("anna+liste=uni.example@kommune.example", "5.1.1", False, None, ""),
        "an address in an address",
    ),
]


def wording(diagnostic: str, code: str, needs_tls: bool, why: str) -> Case:
    """A report whose only difference is what the other server said."""
    raw = report(POSTFIX, "Undelivered Mail Returned to Sender", status(failed(ANNA, code, diagnostic)), HEADERS)
    return raw, (ANNA, code, needs_tls, ID, SUBJECT), why


WORDINGS: list[Case] = [
    wording("530 5.7.0 Must issue a STARTTLS command first", "5.7.0", True, "most servers"),
    wording("530 Must issue a STARTTLS command first. x13sm123", "5.0.0", True, "without an enhanced status"),
    wording("550 5.7.10 Encryption needed", "5.7.10", True, "RFC 5248"),
    wording("451 4.7.6 [internal] STARTTLS required but not advertised", "4.7.6", True, "a filter in the cloud"),
    wording("454 4.7.5 Cannot start TLS: handshake failure", "4.7.5", True, "offered, but of no use"),
    wording("550 5.7.30 REQUIRETLS support required", "5.7.30", True, "RFC 8689"),
    wording("451 STARTTLS is required for this sender", "4.7.0", True, "the sender is the one to use it"),
    wording("550 5.7.1 Message must be S/MIME encrypted by policy", "5.7.1", False, "policy for the content"),
    wording("554 5.7.1 Attachment is encrypted and cannot be scanned", "5.7.1", False, "encrypted is what it is"),
    wording("550 5.7.509 Access denied, sending domain does not pass DMARC", "5.7.509", False, "5.7 of another kind"),
    wording("535 5.7.3 Authentication unsuccessful", "5.7.3", False, "5.7.3 without TLS"),
    wording("454 4.7.5 Server certificate not trusted", "4.7.5", False, "there is TLS; its certificate is bad"),
]

MDN = (
    "message/disposition-notification\n\nReporting-UA: kommune.example; Outlook\nFinal-Recipient: rfc822; "
    f"{ANNA}\nOriginal-Message-ID: {ID}\nDisposition: manual-action/MDN-sent-manually; deleted"
)
FEEDBACK = f"message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Filter/1.0\nVersion: 1\nOriginal-Rcpt-To: {ANNA}"
PERSON = "Anna Krogh <anna.krogh@kommune.example>"

LOOK_ALIKES: list[Case] = [
    (
        report(
            EXIM,
            "Warning: message 1s6mKq-000123 delayed 24 hours",
            plain(f"  {ANNA}\n    Delay reason: STARTTLS is required"),
            status(failed(ANNA, "4.7.0", "STARTTLS is required", action="delayed")),
        ),
        None,
        "delayed: it is still on its way",
    ),
    (
        mail(GMAIL, "Delivery Status Notification (Delay)", plain(f"Delivery to {ANNA} has been delayed.")),
        None,
        "delayed, without a status part",
    ),
    (
        report(
            OUTLOOK,
            f"Videresendt: {SUBJECT}",
            plain("Meddelelsen er leveret, men modtagerens server sendte ingen kvittering."),
            status(failed(ANNA, "2.0.0", "250 ok", action="relayed (to non-DSN-aware mailer)")),
        ),
        None,
        "relayed, with a comment",
    ),
    (
        report(OUTLOOK, f"Leveret: {SUBJECT}", plain("Leveret"), status(failed(ANNA, "2.0.0", "250 ok", action="delivered"))),
        None,
        "delivered",
    ),
    (
        report(POSTFIX, "Successful Mail Delivery Report", plain("x"), status(f"Final-Recipient: rfc822; {ANNA}\nStatus: 2.1.5")),
        None,
        "no Action, but a status of success",
    ),
    (
        report(PERSON, f"Læst: {SUBJECT}", plain("Meddelelsen blev læst"), MDN, kind="disposition-notification"),
        None,
        "a read receipt",
    ),
    (
        mail(
            "postmaster@kommune.example", "Undeliverable: Referat", multipart("multipart/report", plain("Slettet uden at være læst"), MDN)
        ),
        None,
        "a read receipt that does not say what it is, from a server",
    ),
    (
        report(
            "postmaster@hotel.example",
            "FW: Undelivered Mail Returned to Sender",
            plain("Abuse report"),
            FEEDBACK,
            WHOLE,
            kind="feedback-report",
        ),
        None,
        "a complaint about a bounce",
    ),
    (
        mail(PERSON, f"Autosvar: {SUBJECT}", plain(f"Jeg er på ferie. Skriv til {IDA}."), "Auto-Submitted: auto-replied"),
        None,
        "out of office",
    ),
    (
        mail("Postmaster <postmaster@kommune.example>", "Automatic reply: Undeliverable: Budget", plain("We answer within two days.")),
        None,
        "out of office of those who mind the servers",
    ),
    (
        mail(
            PERSON,
            f"SV: Undeliverable: {SUBJECT}",
            plain(f"Hej Bo\nFik du også den her?\n\n> Remote Server returned '{STARTTLS}'\n> {IDA}\n"),
        ),
        None,
        "a person quotes a bounce",
    ),
    (
        mail(
            "Postmaster <postmaster@kommune.example>",
            f"SV: Kan ikke leveres: {SUBJECT}",
            plain("Vi har rettet fejlen, prøv igen.\n/Drift"),
        ),
        None,
        "those who mind the servers answer",
    ),
    (
        mail(PERSON, "Undeliverable parcels in building 1443", plain("Seven parcels could not be delivered. 5.7.3 STARTTLS is required.")),
        None,
        "the word in a person's subject",
    ),
    (
        mail("Nordpost Mail Delivery <pakke@nordpost.example>", "Your parcel could not be delivered", plain(f"Dear {BO}, pay 12 kr.")),
        None,
        "a parcel, and a sender named much like a server",
    ),
    (
        mail(
            PERSON,
            "VS: Undeliverable",
            multipart(
                "multipart/mixed",
                plain("Kan du se på den?"),
                "message/rfc822\n\n"
                + report(OUTLOOK, "Undeliverable: x", status(failed(IDA, "5.7.3", STARTTLS))).decode().replace("=_b1", "=_b3"),
            ),
        ),
        None,
        "a bounce forwarded whole, attached",
    ),
    (
        mail(EXIM, "Ugentlig oversigt over køen", plain("41 mails, STARTTLS is required for 3 of them")),
        None,
        "a server's mail of another kind",
    ),
    (
        mail(PERSON, SUBJECT, multipart("multipart/mixed", plain("Se fil"), status(failed(ANNA, "5.1.1", UNKNOWN)))),
        None,
        "a person sends a status",
    ),
]

CRLF: list[Case] = [
    (raw.replace(b"\n", b"\r\n"), expected, f"CRLF: {why}") for raw, expected, why in EXCHANGE + UNIX + PROVIDERS + LOOK_ALIKES
]

LONG = "X-Filler: " + "a" * 900 + "\n"
MANY = [f"modtager{number}@kommune.example" for number in range(3000)]
GOOD = report(POSTFIX, "Undelivered Mail Returned to Sender", plain("x"), status(failed(ANNA, "5.7.3", STARTTLS)), WHOLE)

HOSTILE: list[Case] = [
    (GOOD.replace(b"\n", b"\r\r\n"), ANSWER, "every line end with one CR too many"),
    (GOOD[: GOOD.index(b"message/rfc822")], (ANNA, "5.7.3", True, None, ""), "cut before the returned message"),
    (GOOD[: GOOD.index(b"Action")], (ANNA, "", False, None, ""), "cut behind the recipient"),
    (GOOD[: GOOD.index(b"message/delivery")], ("", "", False, None, ""), "cut before the status part"),
    (report(POSTFIX, "x"), ("", "", False, None, ""), "a report without parts"),
    (report(POSTFIX, "x", plain(""), "message/delivery-status\n\n"), ("", "", False, None, ""), "an empty status part"),
    (
        report(
            POSTFIX,
            "x",
            status("Final-Recipient:\nAction: failed\nStatus:\nDiagnostic-Code:"),
            "text/rfc822-headers\n\nSubject:\nMessage-ID:\n",
        ),
        ("", "", False, None, ""),
        "fields with no value",
    ),
    (report(POSTFIX, "x", status("Final-Recipient:\nAction: delayed")), None, "delayed, to nobody"),
    (
        report(POSTFIX, "x", status(failed(f"\0{ANNA}\0", "5.7.3\0", STARTTLS.replace(" ", "\0")))),
        (ANNA, "5.7.3", True, None, ""),
        "NULs, which are read as blanks",
    ),
    (
        report(POSTFIX, "x", status(failed(ANNA, "5.7.3", STARTTLS) + "\n" + LONG * 1100)),
        (ANNA, "5.7.3", True, None, ""),
        "a status part of 1 MB",
    ),
    (
        report(POSTFIX, "x", status(*(failed(address, "5.1.1", "-") for address in MANY[:1500]))),
        (" ".join(MANY[:1500]), "5.1.1", False, None, ""),
        "many recipients",
    ),
    (
        report(POSTFIX, "x", status(failed(f"Anna <{ANNA}> (Krogh)", "5.1.1", "-"))),
        (ANNA, "5.1.1", False, None, ""),
        "a name and a comment",
    ),
    (
        report(POSTFIX, "x", status(failed("x400; /G=Anna/S=Krogh/", "5.1.1", "-"))),
        ("", "5.1.1", False, None, ""),
        "an address of another kind",
    ),
]

CASES: list[Case] = [*EXCHANGE, *UNIX, *PROVIDERS, *WORDINGS, *LOOK_ALIKES, *CRLF, *HOSTILE]

SLOW: list[tuple[bytes, str]] = [
    (b"a" * 1_000_000, "one word"),
    (b"a@" * 500_000, "signs of addresses"),
    (b"a@b." * 250_000, "an address without end"),
    (b"Subject:" + b"\n " * 400_000, "a field folded over and over"),
    (b"\n" * 1_000_000, "empty lines"),
    (b"\n \t" * 300_000, "blank lines"),
    (b"<" * 1_000_000, "tags that do not end"),
    (b"5.7.3 tl" * 120_000, "signs of TLS"),
    (b"> " * 500_000, "quotation"),
    (b"Final-Recipient: rfc822;a@b.example\n\n" * 25_000, "recipients without end"),
]
