"""What of a long conversation a model still gets to read.

The policy for histories that outgrow the context window, the same for every model agent:

    always kept   the system prompt, and the first message of the user, which says what is wanted
    kept          as many of the latest turns as fit; a turn is what the model said, with the results of its tools
    left out      the oldest turns in between, whole, so that no tool result stands without its request; a line says so
    cut           a tool's result longer than 8,000 characters, in its middle, when it is made

Room is counted in characters; 3 of them are taken for a token, which is on the safe side for most languages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Message: TypeAlias = Mapping[str, Any]

ROOM = 72_000  # characters, when the package does not say how large its model's window is
RESULT = 8_000  # characters of one tool's result


def fitting(system: str, messages: Sequence[Message], room: int | None = None) -> list[Message]:
    """The messages to send: the system prompt, the first, and the latest turns that fit into `room` characters."""
    first, rest = messages[0], list(messages[1:])
    persona: list[Message] = [{"role": "system", "content": system}] if system else []
    left = (room or ROOM) - sum(_size(m) for m in (*persona, first))
    kept: list[list[Message]] = []
    turns = turns_of(rest)
    while turns and (_size_of(turns[-1]) <= left or not kept):
        turn = turns.pop()
        left -= _size_of(turn)
        kept.insert(0, turn)
    gap: list[Message] = []
    if turns:
        gap = [{"role": "user", "content": f"({len(turns)} earlier turns of this conversation are left out here.)"}]
    return [*persona, first, *gap, *(message for turn in kept for message in turn)]


def shortened(result: str, most: int = RESULT) -> str:
    """A tool's result, cut in the middle when it is longer than `most` characters."""
    if len(result) <= most:
        return result
    half = most // 2
    return f"{result[:half]}\n... ({len(result) - 2 * half} characters left out) ...\n{result[-half:]}"


def turns_of(messages: Sequence[Message]) -> list[list[Message]]:
    """What belongs together: a question; a model's turn with the answers of the tools that it asked for."""
    turns: list[list[Message]] = []
    for message in messages:
        if message.get("role") == "tool" and turns:
            turns[-1].append(message)
        else:
            turns.append([message])
    return turns


def _size_of(turn: Sequence[Message]) -> int:
    return sum(_size(message) for message in turn)


def _size(message: Message) -> int:
    return len(json.dumps(message, ensure_ascii=False))
