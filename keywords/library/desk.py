"""The service desk and the sales desk: queues, attendants, notes, leads.

What is told to the desk is left in the outbox (channel `desk`) for those who run it; what asks the desk something needs
a General Bots server, where the desk is.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from keywords.host import Host, Moment, Recorded, Value
from keywords.library.announced import announced, with_slots
from keywords.library.mail import left
from keywords.registry import Effect, Keyword, form, keyword
from keywords.values import Object, plain, text

_act = partial(announced, group="desk", effect=Effect.IDEMPOTENT)
_ask = partial(announced, group="desk", effect=Effect.READ)


def _told(*syntaxes: str, summary: str, example: str, name: str = "", value: bool = True) -> Keyword:
    """A keyword that leaves word for the desk: what it is called, and its values."""
    forms = tuple(form(syntax) for syntax in syntaxes)
    called = name or forms[0].words

    def tell(moment: Moment, **arguments: Value) -> Recorded:
        given = {slot: plain(argument) for slot, argument in arguments.items() if argument is not None}
        told = left(moment, "desk", "", ", ".join(map(text, arguments.values())), called, given)
        return replace(told, answer=Object(success=True, status="queued", id=told.answer))

    return Keyword(called, forms, Effect.RECORD, with_slots(tell, forms), summary, example, "desk", value)


def _logged(moment: Moment, event: list[Value]) -> Recorded:
    return Recorded(" ".join(map(text, event)))


LOG = Keyword(
    "LOG",
    (form("LOG {event:many}"),),
    Effect.RECORD,
    _logged,
    "Write a line to the log of the run.",
    'LOG "session_start", details',
    "desk",
)


async def _case_number(host: Host, prefix: Value = None) -> str:
    number = host.moment.new_id().int % 100_000
    return f"{text(prefix) if prefix is not None else 'CASE'}-{host.now:%Y%m%d}-{number:05d}"


_case_number.__doc__ = "A new number for a case, such as CASE-20260131-04711; another word may stand before it."
CASE_NUMBER = keyword(
    "GENERATE CASE NUMBER [{prefix}]", effect=Effect.IDEMPOTENT, example="GENERATE CASE NUMBER", group="desk"
)(_case_number)

KEYWORDS = (
    CASE_NUMBER,
    _told(
        "TRANSFER TO HUMAN [{department} [, {priority} [, {reason}]]]",
        summary="Hand the conversation to a person of a department.",
        example='TRANSFER TO HUMAN "support", "high", "Asks for a refund"',
    ),
    _ask("GET QUEUE [{filters:many}]", summary="The conversations that wait for a person.", example="GET QUEUE"),
    _act("NEXT IN QUEUE [{attendant:many}]", summary="Take the next conversation that waits.", example="NEXT IN QUEUE"),
    _told(
        "ASSIGN CONVERSATION {session}, {attendant:many}",
        "ASSIGN {session}, {attendant:many}",
        name="ASSIGN",
        summary="Give a conversation to an attendant.",
        example='ASSIGN CONVERSATION session, "ana"',
    ),
    _told(
        "RESOLVE CONVERSATION {session} [, {reason:many}]",
        "RESOLVE {session} [, {reason:many}]",
        name="RESOLVE",
        summary="Close a conversation of the desk.",
        example='RESOLVE CONVERSATION session, "answered"',
    ),
    _told(
        "SET PRIORITY {session}, {priority}",
        summary="Say how urgent a conversation is.",
        example='SET PRIORITY session, "high"',
    ),
    _ask("GET ATTENDANTS [{filters:many}]", summary="Who works at the desk.", example="GET ATTENDANTS"),
    _ask(
        "GET ATTENDANT STATS {attendant:many}",
        summary="How much an attendant has to do.",
        example='GET ATTENDANT STATS "ana"',
    ),
    _ask(
        "GET ATTENDANT STATUS {attendant:many}",
        summary="Whether an attendant is there.",
        example='GET ATTENDANT STATUS "ana"',
    ),
    _told(
        "TAG CONVERSATION {session}, {tag:many}",
        "TAG {session}, {tag:many}",
        name="TAG",
        summary="Mark a conversation.",
        example='TAG CONVERSATION session, "billing"',
    ),
    _told(
        "ADD NOTE {session}, {text:many}",
        summary="Write a note to a conversation.",
        example='ADD NOTE session, "Called back"',
    ),
    _ask(
        "GET CUSTOMER HISTORY {session} [, {customer:many}]",
        summary="Earlier conversations with a customer.",
        example="GET CUSTOMER HISTORY session",
    ),
    _ask("GET SUMMARY {session:many}", summary="The gist of a conversation.", example="GET SUMMARY session"),
    _ask("GET LEAD SCORE {lead:many}", summary="The score of a lead.", example="GET LEAD SCORE lead_id"),
    _told(
        "UPDATE LEAD SCORE {lead}, {score:many}",
        summary="Change the score of a lead.",
        example="UPDATE LEAD SCORE lead_id, 80",
    ),
    *(
        _told(
            f"NOTIFY {who} {{to}} [, {{message:many}}]",
            f"NOTIFY {who} {{to}} WITH {{message}}",
            summary=f"Tell an {who.lower()} something.",
            example=f'NOTIFY {who} "ana", "A customer waits"',
        )
        for who in ("AGENT", "ATTENDANT")
    ),
    _told(
        "ESCALATE TO SUPERVISOR [{reason:many}]",
        "ESCALATE TO {who:many}",
        name="ESCALATE",
        summary="Ask somebody with more say to take over.",
        example='ESCALATE TO SUPERVISOR "The customer is angry"',
    ),
    LOG,
    _told(
        "LOG ACTIVITY {text:many}",
        summary="Write what happened to the customer's history.",
        example='LOG ACTIVITY "Called back"',
    ),
    _act("TRIGGER {name:many}", summary="Start an automation by its name.", example='TRIGGER "follow-up"'),
    _act(
        "ALLOW ROLE {roles:many}",
        summary="Let only people of these roles run this script.",
        example='ALLOW ROLE "admin"',
        value=False,
    ),
    _act(
        "WAIT FOR RESPONSE [{channel:many}] [AS {variable:name}] [TIMEOUT {timeout}]",
        summary="Wait for an answer in another channel.",
        example='WAIT FOR RESPONSE "email"',
    ),
    *(
        _ask(f"{phrase} [{{values:many}}]", summary=summary, example=example)
        for phrase, summary, example in (
            ("GET NEXT AVAILABLE AGENT", "Who of the desk is free.", 'GET NEXT AVAILABLE AGENT "support"'),
            ("GET LAST MESSAGE TIME", "When somebody last wrote.", "GET LAST MESSAGE TIME session"),
            ("IS ACTIVE", "Whether a conversation goes on.", "IS ACTIVE(session)"),
        )
    ),
    _ask("GET A2A MESSAGES", summary="What other bots have sent to this one.", example="GET A2A MESSAGES"),
)
