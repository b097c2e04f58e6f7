"""Conversations that are longer than a model can read.

The policy: what a model must not lose stays, which is the system's words, the first thing that was asked, and the last
turns; what was said in between is left out, the oldest first, or replaced by a summary where the package asks for one
(`llm-history,summarise`). An answer of a tool never stays without the turn that asked for it. A single question that is
too long is never cut: the caller is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from keywords.library.history import Message, turns_of
from smartrouter.counting import Size

FOR_ANSWER = 1024  # tokens kept for the answer, or a quarter of a small window
GAP = "(What was said before is left out here.)"
ASK = (
    "Summarise this part of a conversation for whoever goes on with it: facts, names, numbers, decisions, open points."
)


def fitted(messages: Sequence[Message], room: int) -> tuple[list[Message], list[Message]]:
    """The conversation within so many tokens, and what was left out of it, oldest first."""
    if len(messages) <= 2 or Size(messages).about <= room:
        return list(messages), []
    head = [message for message in messages if message.get("role") == "system"]
    turns = turns_of([message for message in messages if message.get("role") != "system"])
    if len(turns) <= 2:
        return list(messages), []
    first, middle, last = turns[0], turns[1:-1], turns[-1]
    used = Size([*head, *first, {"role": "user", "content": GAP}, *last]).about
    kept: list[list[Message]] = []
    for turn in reversed(middle):
        used += Size(turn).about
        if used > room:
            break
        kept.insert(0, turn)
    left_out = [message for turn in middle[: len(middle) - len(kept)] for message in turn]
    gap: list[Message] = [{"role": "user", "content": GAP}]
    tail = [message for turn in [*kept, last] for message in turn]
    return [*head, *first, *gap, *tail], left_out


def room_in(context: int) -> int:
    """The tokens of a window that the conversation may take."""
    return context - min(FOR_ANSWER, context // 4)


def with_summary(messages: Sequence[Message], summary: str) -> list[Message]:
    """The shortened conversation with a summary in the place of what was left out."""
    said = f"What was said before, in short: {summary}"
    return [{**message, "content": said} if message.get("content") == GAP else message for message in messages]


def transcript(messages: Sequence[Message]) -> str:
    """What was left out, as text to be summarised."""
    lines = [f"{message.get('role')}: {message.get('content') or ''}" for message in messages]
    return "\n".join(lines)
