"""Mail, messages, files and posts that leave the house, and what a person is handed in return."""

from __future__ import annotations

from functools import partial

from keywords.library.announced import announced
from keywords.registry import Effect

_act = partial(announced, group="messages", effect=Effect.IDEMPOTENT)

KEYWORDS = (
    _act(
        "SEND MAIL {to}, {subject}, {body} [, {attachments}] [USING {account}] [ATTACHMENT {file}]",
        "SEND MAIL {to}, {body} [USING {account}] [ATTACHMENT {file}]",
        summary="Send a mail, from an account if one is named, with attachments.",
        example='SEND MAIL "ana@example.com", "Welcome", "Hello Ana"',
    ),
    _act(
        "SEND EMAIL {to}, {subject}, {body} [, {attachments}] [ATTACHMENT {file}]",
        "SEND EMAIL {to}, {body} [ATTACHMENT {file}]",
        "SEND EMAIL TO {to} SUBJECT {subject} BODY {body}",
        "SEND EMAIL TO {to} WITH {body}",
        summary="Send a mail.",
        example='SEND EMAIL "ana@example.com", "Welcome", "Hello Ana"',
    ),
    _act(
        "CREATE DRAFT {to}, {subject}, {body} [, {attachments}]",
        "CREATE DRAFT {body}, {subject}",
        summary="Put a mail into the drafts folder instead of sending it.",
        example='CREATE DRAFT "ana@example.com", "Offer", text',
    ),
    _act(
        "SEND TEMPLATE {template}, {channel}, {to} [, {variables}]",
        "SEND TEMPLATE {template} TO {to} [, {variables}] [VIA {channel}]",
        "SEND TEMPLATE TO {to}, {template} [, {variables}]",
        "SEND TEMPLATE {template}, {to}",
        summary="Send a stored template, its places filled, by mail or a messenger.",
        example='SEND TEMPLATE "welcome", "email", "ana@example.com"',
    ),
    _act(
        "SEND SMS {phone}, {message} [, {priority}]",
        summary="Send a text message to a telephone.",
        example='SEND SMS "+15550100", "Your code is 4711"',
    ),
    _act(
        "SEND FILE {file} [, {caption}]",
        "SEND FILE TO {to}, {file} [, {caption}]",
        summary="Send a file to the person of the conversation, or to somebody else.",
        example='SEND FILE "report.pdf", "The report"',
    ),
    _act(
        "SEND TO SESSION {session}, {message}",
        summary="Say something in another conversation.",
        example='SEND TO SESSION other_session, "A colleague takes over"',
    ),
    _act(
        "SEND TO {to}, {message}",
        summary="Send a message to a recipient such as whatsapp:15550100.",
        example='SEND TO "whatsapp:15550100", "Hello"',
    ),
    _act(
        "SEND MESSAGE {message}",
        "SEND MESSAGE {to}, {message}",
        summary="Send a message to the person of the conversation, or to somebody else.",
        example='SEND MESSAGE "Your order is on its way"',
    ),
    _act(
        "TALK TO {to}, {message}",
        summary="Say something to somebody who is not in the conversation, such as whatsapp:15550100.",
        example='TALK TO "whatsapp:15550100", "Hello"',
        value=False,
    ),
    _act(
        "REPLY {message:many}",
        summary="Answer the mail that started this run.",
        example='REPLY "Thank you, we are looking into it"',
    ),
    _act(
        "POST TO {channel:name} AT {time} {content:many}",
        "POST TO {channel:name} {content:many}",
        summary="Publish a picture or text in social networks, at once or at a time.",
        example='POST TO "instagram" AT "2026-03-01 09:00" image, caption',
    ),
    _act(
        "PUBLISH",
        summary="Make the drafts of this bot public.",
        example="PUBLISH",
        value=False,
    ),
    _act(
        "CREATE SITE {alias}, {template} [, {prompt}]",
        summary="Make a small web site from a template and a prompt.",
        example='CREATE SITE "spring", "landing", "A page about our spring sale"',
    ),
    _act(
        "BOOK {title}, {description:many}",
        summary="Enter an appointment in the calendar: title, description, start, minutes, place.",
        example='BOOK "Call", "First talk", start, 30, "online"',
    ),
    _act(
        "CREATE CALENDAR EVENT {title}, {start:many}",
        summary="Enter an appointment in the calendar.",
        example='CREATE CALENDAR EVENT "Call", start, 30',
    ),
    _act(
        "CREATE TASK {title} [, {details:many}]",
        summary="Enter a task for a person: title, priority, person, due date.",
        example='CREATE TASK "Call back", "high", "ana"',
    ),
    _act(
        "START MEET {name:many}",
        summary="Open a video meeting and answer where it is.",
        example='START MEET "Weekly"',
    ),
    _act(
        "ADD MEMBER {group}, {user} [, {role}]",
        summary="Add a person to a team.",
        example='ADD MEMBER "sales", "ana@example.com", "member"',
    ),
    _act(
        "CREATE TEAM {name} [, {members:many}]",
        summary="Make a team of people.",
        example='CREATE TEAM "sales", members',
    ),
)
