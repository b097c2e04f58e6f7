"""The two verbs of a model agent, used by the built-in program `hostbridge/agent.bas`.

Each call of the model and each tool it asks for is a call of the agent's execution, journalled on its own: a crash
repeats none that was committed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keywords.encode import from_plain, plain
from keywords.fingerprint import fingerprint
from keywords.host import Act, Answer, Host, ModelRequest, Moment, Spawn, Told, Value
from keywords.library import limits
from keywords.library.history import fitting, shortened
from keywords.library.keeping import contexts
from keywords.mistakes import ProgramError, WrongValue
from keywords.registry import Effect, keyword
from keywords.values import text

CALLS_A_TURN = 16  # tools that a model may ask for in one turn


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
        return await host.services.bots.tool(host, wanted, given)
    except ProgramError as error:  # the model may do better with its next turn
        return f"Error: {error}"
