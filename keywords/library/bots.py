"""Bots that work together: asked, told, brought into the conversation. A bot answers as an execution of its own.

DELEGATE, ASK BOT and COLLABORATE WITH wait for the answer. SEND TO BOT and BROADCAST do not: what they start goes on by
itself, and WAIT FOR BOT, later in the same run, goes on with its answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from keywords.encode import from_plain, plain
from keywords.host import (
    BOT_JOINED,
    BOT_LEFT,
    BOT_RANKED,
    EVENT_AWAITED,
    Act,
    Answer,
    Child,
    Decided,
    Host,
    Moment,
    ProgramText,
    Spawn,
    Value,
    Wait,
    bot_id,
)
from keywords.library import limits
from keywords.library.steering import executions
from keywords.mistakes import LimitReached, ProgramError, UnknownName, WrongValue
from keywords.registry import Effect, keyword
from keywords.values import Object, text

MOST = 50  # bots that one line may ask
MESSAGE = "message"  # the variable that holds what a bot was asked
DELEGATION = """\
PARAM delegation AS TEXT
PARAM delegated_to AS TEXT
PARAM delegated_message AS TEXT
ON ERROR GOTO failed
answered = BOT delegated_to delegated_message
PUBLISH EVENT delegation WITH {"answer": answered}
RETURN answered
failed:
PUBLISH EVENT delegation WITH {"error": error.message}
THROW error.message
"""


@keyword(
    "BOT {name:tight} [{message}] [TIMEOUT {timeout}]",
    "BOT {name:tight} {verb:name} {message} [TIMEOUT {timeout}]",
    effect=Effect.WAIT,
    example='BOT "classifier" "Classify this ticket"',
    group="bots",
)
async def bot(
    host: Host, name: str, message: Value = None, timeout: float | None = None, verb: str = ""
) -> Spawn | Act:
    """Ask a bot and answer what it returns: a dialog of the same package, or a package found by its name.

    `BOT "fraud" ANALYZES payment` asks "ANALYZES" followed by the payment.

    A dialog runs as an execution of its own. A package runs the dialog whose name is the message, or else answers
    as a model agent. When the TIMEOUT is over, the bot is ended: the answer is NULL, and `timed_out` TRUE.
    """
    said = None if message is None else limits.message(message)
    return await asked(host, limits.name_of("a bot", name), f"{verb} {said or ''}" if verb else said, timeout)


@keyword(
    "DELEGATE {message} TO BOT {bot} [TIMEOUT {timeout}]",
    "DELEGATE TO {bot}",
    "DELEGATE CONVERSATION TO {bot}",
    name="DELEGATE",
    effect=Effect.WAIT,
    example='DELEGATE message TO BOT "billing" TIMEOUT 60',
    group="bots",
)
async def delegate(host: Host, bot: str, message: Value = None, timeout: float | None = None) -> Spawn | Act:
    """Hand a message to a bot and go on with its answer; without a message, the one this script was asked."""
    return await asked(host, limits.name_of("a bot", bot), _message(host, message), timeout)


@keyword("ASK BOT {bot} ABOUT {question}", name="ASK BOT", effect=Effect.WAIT, group="bots",
         example='ASK BOT "tax" ABOUT question')  # fmt: skip
async def ask_bot(host: Host, bot: str, question: Value) -> Spawn | Act:
    """Ask a bot a question and go on with its answer."""
    return await asked(host, limits.name_of("a bot", bot), limits.message(question), None)


@keyword(
    "TRANSFER CONVERSATION TO {bot}",
    name="TRANSFER CONVERSATION",
    effect=Effect.WAIT,
    example='TRANSFER CONVERSATION TO "sales"',
    group="bots",
    value=False,
)
async def transfer_conversation(host: Host, bot: str) -> Spawn | Act:
    """Let a bot take over: the script ends here, with what the bot answers."""
    return await asked(host, limits.name_of("a bot", bot), _message(host, None), None)


async def asked(host: Host, name: str, said: str | None, timeout: float | None) -> Spawn | Act:
    """How the bot answers; ended when the time is over."""
    limit = limits.timeout("BOT", timeout)
    found = await host.services.bots.answering(host, name, said)
    if limit is None or not isinstance(found, Spawn):
        return found
    return replace(found, children=tuple(replace(c, deadline=host.now + limit) for c in found.children))


def _message(host: Host, given: Value) -> str | None:
    found = host.variables.get(MESSAGE) if given is None else given
    return None if found is None else limits.message(found)


# -- several at once ---------------------------------------------------------------------------------------------------


def collected(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value:
    """What each bot answered, by its name; the first mistake is the mistake of all."""
    names = _names(arguments["names"])
    for name, child in zip(names, answer.joined or (), strict=True):
        if child.mistake is not None:
            raise ProgramError(f"{name} could not work on it. {child.mistake}")
    return Object(zip(names, (child.result for child in answer.joined or ()), strict=True))


@keyword(
    "COLLABORATE WITH {names} ON {task}",
    name="COLLABORATE",
    effect=Effect.WAIT,
    example='COLLABORATE WITH "legal, tax" ON contract',
    group="bots",
    resume=collected,
)
async def collaborate(host: Host, names: Value, task: Value) -> Spawn:
    """Have several bots work on one task at the same time; answers an object with the answer of each."""
    said, children = limits.message(task), list[Child]()
    listed = _names(names)
    for name in listed:
        found = await host.services.bots.answering(host, name, said)
        if not isinstance(found, Spawn) or len(found.children) != 1:
            raise WrongValue(f"The bot {name} cannot work together with others.")
        children += found.children
    return Spawn(tuple(children), f"bots {', '.join(listed)}")


@keyword("SEND TO BOT {bot} MESSAGE {message}", name="SEND TO BOT", effect=Effect.IDEMPOTENT, group="bots",
         example='SEND TO BOT "archive" MESSAGE report')  # fmt: skip
async def send_to_bot(host: Host, bot: str, message: Value) -> str:
    """Hand a message to a bot and go on at once; WAIT FOR BOT goes on with its answer. Answers the run's id."""
    return (await _sent(host, [limits.name_of("a bot", bot)], limits.message(message)))[0]


@keyword(
    "BROADCAST {message} TO BOTS [{who}]",
    "BROADCAST {message} TO {who}",
    "BROADCAST MESSAGE {message}",
    name="BROADCAST",
    effect=Effect.IDEMPOTENT,
    example='BROADCAST "Closing time" TO BOTS',
    group="bots",
)
async def broadcast(host: Host, message: Value, who: Value = None) -> Value:
    """Hand a message to all bots of the conversation, or of a list, and go on at once; answers their names."""
    said = limits.message(message)
    present = await executions(host).bots(host.moment) if who is None else ()
    names = [str(each["name"]) for each in present] if who is None else _names(who)
    await _sent(host, names, said)
    return from_plain(names)


async def _sent(host: Host, names: Sequence[str], said: str) -> list[str]:
    """Start each bot on the message in a run of its own; the same runs when asked again after a crash."""
    wanted = [await _identified(host, name) for name in names]
    variables = {name: plain(host.variables[name]) for name in host.variables}
    started: list[str] = []
    for at, (id_, name) in enumerate(wanted):
        program = ProgramText(DELEGATION, f"delegated to {name}", host.identity.origin)
        own = {"delegation": _delegation(host.moment, id_), "delegated_to": name, "delegated_message": said}
        started.append(await executions(host).start(host.moment, program, {**variables, **own}, at))
    return started


def returned(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value:
    """The bot's answer; its mistake is the mistake of the line."""
    found = answer.value
    if answer.timed_out or not isinstance(found, Mapping):
        return None
    if "error" in found:
        raise ProgramError(f"{text(arguments['bot'])} failed. {text(found['error'])}")
    return found.get("answer")


@keyword(
    "WAIT FOR BOT {bot} [TIMEOUT {timeout}]",
    effect=Effect.WAIT,
    example='WAIT FOR BOT "archive" TIMEOUT 60',
    group="bots",
    resume=returned,
)
async def wait_for_bot(host: Host, bot: str, timeout: float | None = None) -> Wait:
    """Wait for the answer to what this run sent to the bot with SEND TO BOT or BROADCAST, each answer once.

    When the TIMEOUT is over, the answer is NULL and `timed_out` TRUE; the bot goes on.
    """
    limit = limits.timeout("WAIT FOR BOT", timeout)
    id_, full = await _identified(host, limits.name_of("a bot", bot))
    row = EVENT_AWAITED.row(name=_delegation(host.moment, id_), key="", since_xid=None, since_seq=None)
    return Wait(host.now + limit if limit else None, (row,), f"bot {full}")


def _delegation(moment: Moment, bot_: UUID) -> str:
    """The name of the event that tells a run of a bot's answer."""
    return f"delegation.{moment.identity.execution}.{bot_}"


# -- who takes part ----------------------------------------------------------------------------------------------------


@keyword(
    "ADD BOT {name} [WITH TRIGGER {trigger}] [WITH TOOLS {tools}] [WITH SCHEDULE {schedule}]",
    "ADD BOT {name} [TRIGGER ON {trigger}] [TOOLS {tools}] [SCHEDULE {schedule}]",
    effect=Effect.TRANSACTION,
    example='ADD BOT "billing" WITH TRIGGER "invoice, refund"',
    group="bots",
)
async def add_bot(host: Host, name: str, trigger: Value = None, tools: Value = None, schedule: Value = None) -> Decided:
    """Bring a bot into the conversation, with the words it listens to, its tools and its schedule; answers its name.

    Adding it again replaces what was said before. LIST BOTS shows them, BROADCAST reaches them. A bot that nobody knows
    yet takes part once its package is found.
    """
    wanted = limits.name_of("a bot", name)
    try:
        id_, full = await _identified(host, wanted)
    except UnknownName as error:
        if error.near:
            raise
        id_, full = bot_id(host.identity.tenant, wanted), wanted
    given = {"triggers": _listed(trigger), "tools": _listed(tools), "schedule": _listed(schedule)}
    return Decided(BOT_JOINED.row(joined=id_, name=full, **given))


@keyword("REMOVE BOT {name}", effect=Effect.TRANSACTION, example='REMOVE BOT "billing"', group="bots")
async def remove_bot(host: Host, name: str) -> Decided:
    """Take a bot out of the conversation; answers whether it was in it."""
    id_, full = await _identified(host, limits.name_of("a bot", name))
    return Decided(BOT_LEFT.row(left=id_, name=full))


@keyword("SET BOT PRIORITY {name}, {priority}", effect=Effect.TRANSACTION, example='SET BOT PRIORITY "billing", 10',
         group="bots")  # fmt: skip
async def set_bot_priority(host: Host, name: str, priority: Value) -> Decided:
    """Say which bot of the conversation is asked first: the one with the highest number."""
    rank = limits.number("SET BOT PRIORITY", priority)
    if not rank.is_integer() or abs(rank) > 1_000_000:
        raise WrongValue(f"SET BOT PRIORITY needs a whole number, not {limits.shown(priority)}.")
    id_, full = await _identified(host, limits.name_of("a bot", name))
    return Decided(BOT_RANKED.row(ranked=id_, name=full, priority=int(rank)))


@keyword("LIST BOTS", effect=Effect.READ, example="LIST BOTS", group="bots")
async def list_bots(host: Host) -> Value:
    """The bots of the conversation as {name, triggers, tools, schedule, priority}, the first to be asked first."""
    return from_plain([dict(each) for each in await executions(host).bots(host.moment)])


async def _identified(host: Host, name: str) -> tuple[UUID, str]:
    return await host.services.bots.identified(host.identity.tenant, host.identity.origin, name)


def _listed(value: Value) -> str:
    words: list[Value] = [] if value is None else value if isinstance(value, list) else [value]
    return limits.within("What is said of a bot", ", ".join(text(word).strip() for word in words), 4096)


def _names(value: Value) -> list[str]:
    """Names of bots: a list, or text with commas."""
    words = [part for one in (value if isinstance(value, list) else [value]) for part in text(one).split(",")]
    names = list(dict.fromkeys(limits.name_of("a bot", word) for word in words if word.strip()))
    if not names:
        raise WrongValue("Name at least one bot.")
    if len(names) > MOST:
        raise LimitReached(f"One line may ask at most {MOST} bots; this one asks {len(names)}.")
    return names


KEYWORDS = (
    bot,
    delegate,
    ask_bot,
    transfer_conversation,
    collaborate,
    send_to_bot,
    broadcast,
    wait_for_bot,
    add_bot,
    remove_bot,
    set_bot_priority,
    list_bots,
)
