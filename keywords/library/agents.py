"""The two verbs of a model agent, used by the built-in program `hostbridge/agent.bas`.

Each call of the model and each tool it asks for is a call of the agent's execution, journalled on its own: a crash
repeats none that was committed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from keywords.encode import from_plain, plain
from keywords.fingerprint import fingerprint
from keywords.host import (
    MEMORY_SET,
    Act,
    Answer,
    Host,
    Identity,
    ModelRequest,
    Moment,
    Recorded,
    Spawn,
    Told,
    Value,
)
from keywords.library import limits
from keywords.library.history import fitting, shortened
from keywords.library.keeping import contexts
from keywords.mistakes import ProgramError, UnknownName, WrongValue
from keywords.registry import Effect, keyword
from keywords.values import Object, text

CALLS_A_TURN = 16  # tools that a model may ask for in one turn
REMEMBERED = 30  # turns of a conversation that a model is told again
KEPT = timedelta(days=30)  # for a conversation that goes on later
LAST = 10**13  # milliseconds; keys count down from it, so that the latest turn comes first


@keyword(
    "MODEL TURN {history} [WITH SYSTEM {system}] [WITH TOOLS {tools}] [WITHIN {room}]",
    effect=Effect.IDEMPOTENT,
    example="MODEL TURN history WITH SYSTEM system WITH TOOLS tools WITHIN room",
    group="internal",
)
async def model_turn(host: Host, history: Value, system: Value = None, tools: Value = None, room: Value = None) -> Told:
    """Let the model take its turn in a conversation; answers {text, tool_calls}.

    What does not fit into `room` characters is left out as `keywords/library/history.py` says.
    """
    messages = plain(history)
    if not isinstance(messages, list) or not messages:
        raise WrongValue("MODEL TURN needs the list of the conversation's messages.")
    persona = "\n\n".join(filter(None, (limits.message(system, "The system prompt"), await contexts(host))))
    offered: list[dict[str, Any]] = plain(tools) or []
    size = None if room is None else int(limits.number("WITHIN", room))
    reply = await host.services.models.answer(
        ModelRequest(
            fitting(persona, messages, size),
            offered,
            origin=host.identity.origin,
            caller=host.identity,
            attempt=host.attempt,
        ),
        host.call_id,
    )
    calls = [
        {"id": str(c["id"]), "name": str(c["name"]), "arguments": c["arguments"]}
        for c in reply.tool_calls[:CALLS_A_TURN]
    ]
    turn = from_plain({"text": reply.text, "tool_calls": calls})
    return Told(turn, {**reply.aside, "answer": fingerprint(reply.text)})


def _talk(identity: Identity, place: str) -> str:
    return limits.memory_key(f"talk/{identity.session}/{place}")


@keyword(
    "NOTE TURN {said}, {answered}",
    effect=Effect.RECORD,
    example="NOTE TURN message, reply.text",
    group="internal",
    value=False,
)
def note_turn(moment: Moment, said: Value, answered: Value) -> Recorded:
    """Remember what was said and answered, for the next turn of the conversation."""
    if moment.identity.session is None:
        return Recorded()
    latest_first = f"{LAST - int(moment.now.timestamp() * 1000):013d}-{moment.n:06d}"
    turn = json.dumps([shortened(text(said)), shortened(text(answered))])
    until = moment.now + KEPT
    return Recorded(None, (MEMORY_SET.row(key=_talk(moment.identity, latest_first), value=turn, expires=until),))


async def said_before(host: Host, bot: UUID) -> list[dict[str, str]]:
    """The latest turns that a bot has had in the caller's conversation, as a model reads them."""
    if host.identity.session is None:
        return []
    memories = host.services.memories
    found = await memories.listed(host.identity.tenant, bot, _talk(host.identity, ""), host.now, REMEMBERED)
    turns: list[dict[str, str]] = []
    for one in reversed(found):
        said, answered = json.loads(one.value)
        turns += [{"role": "user", "content": said}, {"role": "assistant", "content": answered}]
    return turns


def outcome(moment: Moment, arguments: Mapping[str, Value], answer: Answer) -> Value:
    """What the model reads: the tool's answer, or the sentence of its mistake."""
    if not answer.joined:
        return shortened(text(answer.value))
    [child] = answer.joined
    return f"Error: {child.mistake}" if child.mistake else shortened(text(child.result))


@keyword(
    "RUN TOOL {name} [WITH {arguments}]",
    effect=Effect.WAIT,
    example="RUN TOOL call.name WITH call.arguments",
    group="internal",
    resume=outcome,
)
async def run_tool(host: Host, name: str, arguments: Value = None) -> Spawn | Act | str:
    """Run a dialog of the agent's own package as a tool; answers its result as text, cut where it is too long."""
    wanted = limits.name_of("a tool", name)
    given: Mapping[str, Value] = arguments if isinstance(arguments, Mapping) else {}
    try:
        run = await host.services.bots.tool(host, wanted, given)
        _offered(host.variables.get("tools"), wanted)
        return run
    except ProgramError as error:  # the model may do better with its next turn
        return f"Error: {error}"


def _offered(tools: Value, wanted: str) -> None:
    """Raise UnknownName for a tool that is there, and that the model was not offered: it may only have guessed it."""
    if isinstance(tools, list):
        names = [text(tool.get("name")) for tool in tools if isinstance(tool, Object)]
        if wanted not in names:
            raise UnknownName("tool", wanted, names, f"There are: {', '.join(names) or 'none'}.")
