"""Mail, messages, posts, tasks: what leaves the house. Each is written to the outbox with the state of its run.

Mail goes out when a server is configured. What needs an account that botmcp has none for is kept, and its owner sees it
with `botmcp outbox`; with a General Bots server behind, that delivers it. The answer is the id in the outbox.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from keywords.effect_kinds import MESSAGE_LEFT
from keywords.function import words
from keywords.host import Moment, Recorded, Value
from keywords.library.announced import announced
from keywords.mistakes import WrongValue
from keywords.registry import Effect, Keyword, keyword
from keywords.values import List, Object, is_container, plain, text

GROUP = "messages"
MOST_RECIPIENTS = 100
LONGEST = 200_000  # characters of a message
_ADDRESS = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\"]+")
_NAMED = re.compile(r"[^<>]*<([^<>]+)>")


def left(
    moment: Moment, channel: str, recipient: str, body: str, subject: str = "", details: Mapping[str, Any] | None = None
) -> Recorded:
    """A message put into the outbox; the answer is its id."""
    if len(body) > LONGEST:
        raise WrongValue(f"A message may have {LONGEST:,} characters; this one has {len(body):,}.")
    row = MESSAGE_LEFT.row(
        id=moment.new_id(),
        channel=channel,
        recipient=recipient,
        subject=subject,
        body=body,
        details=dict(details or {}),
        origin=moment.identity.origin,
    )
    return Recorded(str(moment.new_id()), (row,))


def addresses(to: Value) -> str:
    """The recipients of a mail, separated by commas; raises WrongValue that names what is no address."""
    parts = [text(part) for part in to] if isinstance(to, list) else re.split(r"[;,]", words(to))
    found = [part.strip() for part in parts if part.strip()]
    for part in found:
        named = _NAMED.fullmatch(part)
        if not _ADDRESS.fullmatch(named[1].strip() if named else part):
            raise WrongValue(f'"{part[:60]}" is no mail address. Write one such as ana@example.com.')
    if not found or len(found) > MOST_RECIPIENTS:
        raise WrongValue(f"A mail goes to between 1 and {MOST_RECIPIENTS} addresses; here are {len(found)}.")
    return ", ".join(found)


def _files(*given: Value) -> list[str]:
    """The paths of attachments."""
    found: list[str] = []
    for one in given:
        for part in one if isinstance(one, list) else [one]:
            path = part.get("path") if isinstance(part, Object) else part
            if path is not None and text(path).strip():
                found.append(text(path))
    return found


def _mail(
    moment: Moment, to: Value, subject: Value, body: Value, files: Sequence[str], account: Value, channel: str = "mail"
) -> Recorded:
    title = " ".join(words(subject).split())  # one line: a line break would begin another header
    details: dict[str, Any] = {"attachments": list(files)} if files else {}
    if account is not None:
        details["account"] = text(account)
    return left(moment, channel, addresses(to), text(body), title, details)


# -- mail --------------------------------------------------------------------------------------------------------------


@keyword(
    "SEND MAIL {to}, {subject}, {body} [, {attachments}] [USING {account}] [ATTACHMENT {file}]",
    "SEND MAIL {to}, {body} [USING {account}] [ATTACHMENT {file}]",
    effect=Effect.RECORD,
    example='SEND MAIL "ana@example.com", "Welcome", "Hello Ana"',
    group=GROUP,
)
def send_mail(
    moment: Moment, to: Value, body: Value, subject: Value = "", attachments: Value = None, account: Value = None,
    file: Value = None,
) -> Recorded:  # fmt: skip
    """Send a mail, with files of the bot attached. It goes out after the run's state is safe, and never half."""
    return _mail(moment, to, subject, body, _files(attachments, file), account)


@keyword(
    "SEND EMAIL {to}, {subject}, {body} [, {attachments}] [ATTACHMENT {file}]",
    "SEND EMAIL {to}, {body} [ATTACHMENT {file}]",
    "SEND EMAIL TO {to} SUBJECT {subject} BODY {body}",
    "SEND EMAIL TO {to} WITH {body}",
    effect=Effect.RECORD,
    example='SEND EMAIL "ana@example.com", "Welcome", "Hello Ana"',
    group=GROUP,
)
def send_email(
    moment: Moment, to: Value, body: Value, subject: Value = "", attachments: Value = None, file: Value = None
) -> Recorded:
    """Send a mail; the same as SEND MAIL."""
    return _mail(moment, to, subject, body, _files(attachments, file), None)


@keyword(
    "CREATE DRAFT {to}, {subject}, {body} [, {attachments}]",
    "CREATE DRAFT {body}, {subject}",
    effect=Effect.RECORD,
    example='CREATE DRAFT "ana@example.com", "Offer", words',
    group=GROUP,
)
def create_draft(moment: Moment, subject: Value, body: Value, to: Value = None, attachments: Value = None) -> Recorded:
    """Keep a mail in the outbox as a draft instead of sending it; `botmcp outbox send` sends it."""
    recipient = addresses(to) if to is not None else ""
    files = _files(attachments)
    title = " ".join(words(subject).split())
    return left(moment, "draft", recipient, text(body), title, {"attachments": files} if files else {})


@keyword("REPLY {message}", effect=Effect.RECORD, example='REPLY "Thank you, we are looking into it"', group=GROUP)
def reply(moment: Moment, message: Value) -> Recorded:
    """Answer the mail or message that started this run."""
    return left(moment, "reply", "", text(message))


@keyword(
    "SEND TEMPLATE {template}, {channel}, {to} [, {variables}]",
    "SEND TEMPLATE {template} TO {to} [, {variables}] [VIA {channel}]",
    "SEND TEMPLATE TO {to}, {template} [, {variables}]",
    "SEND TEMPLATE {template}, {to}",
    effect=Effect.RECORD,
    example='SEND TEMPLATE "welcome", "email", "ana@example.com"',
    group=GROUP,
)
def send_template(
    moment: Moment, template: Value, to: Value, channel: Value = None, variables: Value = None
) -> Recorded:
    """Send a stored template, its places filled from the variables, by mail or a messenger.

    A mail's template is a file of the bot: `templates/welcome.html` or `.txt`. Answers a list of one: `{success, id}`.
    A telephone number in the place of the template's name is whom it goes to: SEND TEMPLATE phone, "hello", values.
    """
    if isinstance(to, Object) and variables is None:  # SEND TEMPLATE phone, "template", {values}
        template, to, channel, variables = channel, template, None, to
    given = plain(variables) if isinstance(variables, Object) else {}
    through, recipient = _channel(to) if channel is None else (words(channel).strip().casefold(), "")
    details = {"template": words(template), "variables": given}
    if through in ("email", "mail"):
        told = left(moment, "mail", addresses(to), "", words(template), details)
    else:
        told = left(moment, through or "template", recipient or _recipients(to), "", "", details)
    return replace(told, answer=List([Object(success=True, id=told.answer)]))


# -- other channels ----------------------------------------------------------------------------------------------------


@keyword(
    "SEND SMS {phone}, {message} [, {priority}]",
    effect=Effect.RECORD,
    example='SEND SMS "+15550100", "Your code is 4711"',
    group=GROUP,
)
def send_sms(moment: Moment, phone: Value, message: Value, priority: Value = None) -> Recorded:
    """Send a text message to a telephone."""
    details = {} if priority is None else {"priority": text(priority)}
    return left(moment, "sms", _recipients(phone), text(message), "", details)


@keyword(
    "SEND FILE {file} [, {caption}]",
    "SEND FILE TO {to}, {file} [, {caption}]",
    effect=Effect.RECORD,
    example='SEND FILE "report.pdf", "The report"',
    group=GROUP,
)
def send_file(moment: Moment, file: Value, to: Value = None, caption: Value = "") -> Recorded:
    """Send a file to the person of the conversation, or to somebody else."""
    channel, recipient = ("session", _session(moment)) if to is None else _channel(to)
    return left(moment, channel, recipient, text(caption), "", {"attachments": _files(file)})


@keyword(
    "SEND TO SESSION {session}, {message}",
    effect=Effect.RECORD,
    example='SEND TO SESSION other_session, "A colleague takes over"',
    group=GROUP,
)
def send_to_session(moment: Moment, session: Value, message: Value) -> Recorded:
    """Say something in another conversation."""
    return left(moment, "session", text(session), text(message))


@keyword("SEND TO {to}, {message}", effect=Effect.RECORD, example='SEND TO "whatsapp:15550100", "Hello"', group=GROUP)
def send_to(moment: Moment, to: Value, message: Value) -> Recorded:
    """Send a message to a recipient such as whatsapp:15550100."""
    channel, recipient = _channel(to)
    return left(moment, channel, recipient, text(message))


@keyword(
    "SEND MESSAGE {message}",
    "SEND MESSAGE {to}, {message}",
    effect=Effect.RECORD,
    example='SEND MESSAGE "Your order is on its way"',
    group=GROUP,
)
def send_message(moment: Moment, message: Value, to: Value = None) -> Recorded:
    """Send a message to the person of the conversation, or to somebody else."""
    channel, recipient = ("session", _session(moment)) if to is None else _channel(to)
    return left(moment, channel, recipient, text(message))


@keyword(
    "TALK TO {to}, {message}",
    effect=Effect.RECORD,
    example='TALK TO "whatsapp:15550100", "Hello"',
    group=GROUP,
    value=False,
)
def talk_to(moment: Moment, to: Value, message: Value) -> Recorded:
    """Say something to somebody who is not in the conversation, such as whatsapp:15550100."""
    channel, recipient = _channel(to)
    return left(moment, channel, recipient, text(message))


@keyword(
    "POST TO {channel:name} AT {time} {content:many}",
    "POST TO {channel:name} {content:many}",
    effect=Effect.RECORD,
    example='POST TO "instagram" AT "2026-03-01 09:00" image, caption',
    group=GROUP,
)
def post_to(moment: Moment, channel: str, content: list[Value], time: Value = None) -> Recorded:
    """Publish a picture or text in social networks, at once or at a time."""
    details: dict[str, Any] = {"content": [plain(part) for part in content]}
    if time is not None:
        details["at"] = text(time)
    return left(moment, "social", channel, text(content[-1]) if content else "", "", details)


# -- calendars, tasks, teams -------------------------------------------------------------------------------------------


def _entered(channel: str, phrase: str, form: str, example: str, summary: str) -> Keyword:
    """A keyword that leaves its values in the outbox for whoever keeps such things."""

    def enter(moment: Moment, title: Value, details: Value = None) -> Recorded:
        given = details if isinstance(details, list) else [] if details is None else [details]
        return left(moment, channel, "", "", text(title), {"values": [plain(value) for value in given]})

    enter.__doc__ = summary
    return keyword(f"{phrase} {form}", effect=Effect.RECORD, example=example, group=GROUP)(enter)


_FORM = "{title} [, {details:many}]"
ENTRIES = (
    _entered(
        "calendar",
        "BOOK",
        _FORM,
        'BOOK "Call", "First talk", start, 30, "online"',
        "Enter an appointment: title, description, start, minutes, place.",
    ),
    _entered(
        "calendar",
        "CREATE CALENDAR EVENT",
        _FORM,
        'CREATE CALENDAR EVENT "Call", start, 30',
        "Enter an appointment: title, start, minutes.",
    ),
    _entered(
        "task",
        "CREATE TASK",
        _FORM,
        'CREATE TASK "Call back", "high", "ana"',
        "Enter a task for a person: title, priority, person, due date.",
    ),
    _entered("meeting", "START MEET", _FORM, 'START MEET "Weekly"', "Ask for a video meeting."),
    _entered(
        "team",
        "ADD MEMBER",
        _FORM,
        'ADD MEMBER "sales", "ana@example.com", "member"',
        "Add a person to a team: team, person, role.",
    ),
    _entered("team", "CREATE TEAM", _FORM, 'CREATE TEAM "sales", members', "Make a team of people."),
    _entered(
        "site",
        "CREATE SITE",
        _FORM,
        'CREATE SITE "spring", "landing", "A page about our spring sale"',
        "Ask for a small web site: alias, template, prompt.",
    ),
)


def _session(moment: Moment) -> str:
    return str(moment.identity.session or moment.identity.execution)


def _recipients(to: Value) -> str:
    found = ", ".join(text(part) for part in to) if isinstance(to, list) else text(to)
    if not found.strip() or (is_container(to) and not isinstance(to, list)):
        raise WrongValue("A message needs somebody to go to.")
    return found


def _channel(to: Value) -> tuple[str, str]:
    """`whatsapp:15550100` is the channel and who; a mail address goes by mail, a number by SMS."""
    words_ = _recipients(to)
    channel, colon, recipient = words_.partition(":")
    if colon and channel.isalpha():
        name = channel.casefold()
        return ("mail" if name == "email" else name), recipient.strip()
    if _ADDRESS.fullmatch(words_.strip()):
        return "mail", words_.strip()
    return ("sms" if re.fullmatch(r"\+?[\d\s()-]{5,}", words_) else "message"), words_


KEYWORDS: tuple[Keyword, ...] = (
    send_mail,
    send_email,
    create_draft,
    reply,
    send_template,
    send_sms,
    send_file,
    send_to_session,
    send_to,
    send_message,
    talk_to,
    post_to,
    *ENTRIES,
    announced(
        "PUBLISH",
        group=GROUP,
        effect=Effect.IDEMPOTENT,
        summary="Make the drafts of this bot public.",
        example="PUBLISH",
        value=False,
    ),
)
