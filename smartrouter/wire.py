"""A conversation as OpenAI's protocol writes it, and its answer as the rest of the product reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from keywords.mistakes import Transient


def messages_out(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The messages, with each tool call in the protocol's form."""
    return [_message_out(message) for message in messages]


def _message_out(message: Mapping[str, Any]) -> dict[str, Any]:
    calls = message.get("tool_calls")
    if not calls:
        return {key: value for key, value in message.items() if key != "tool_calls"}
    functions = [
        {
            "id": call["id"],
            "type": "function",
            "function": {"name": call["name"], "arguments": json.dumps(call.get("arguments") or {})},
        }
        for call in calls
    ]
    return {**message, "content": message.get("content") or None, "tool_calls": functions}


def tools_out(tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The tools {name, description, parameters} in the protocol's form."""
    return [{"type": "function", "function": dict(tool)} for tool in tools]


def instructed(messages: Sequence[Mapping[str, Any]], words: str) -> list[Mapping[str, Any]]:
    """The messages with further words of the system, behind those that are there."""
    place = next((at for at, message in enumerate(messages) if message.get("role") == "system"), None)
    if place is None:
        return [{"role": "system", "content": words}, *messages]
    first = messages[place]
    return [*messages[:place], {**first, "content": f"{first.get('content') or ''}\n\n{words}"}, *messages[place + 1 :]]


def answer_in(response: object, model: str) -> tuple[str, list[dict[str, Any]]]:
    """Text and tool calls of an answer; raises Transient when it is none."""
    choices = getattr(response, "choices", None)
    message = getattr(choices[0], "message", None) if choices else None
    if message is None:
        raise Transient(f"{model} answered something that is not an answer.")
    calls = [_call_in(call) for call in getattr(message, "tool_calls", None) or ()]
    return str(getattr(message, "content", None) or ""), calls


def _call_in(call: object) -> dict[str, Any]:
    function = getattr(call, "function", None)
    return {
        "id": str(getattr(call, "id", None) or ""),
        "name": str(getattr(function, "name", None) or ""),
        "arguments": _arguments(getattr(function, "arguments", None)),
    }


def _arguments(words: object) -> dict[str, Any]:
    """What the model wrote as arguments; nothing when it is not an object, so that the tool says what is missing."""
    try:
        found = json.loads(words) if isinstance(words, str) else words
    except ValueError:
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
