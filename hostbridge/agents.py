"""A package as a model agent: its persona, its tools, and the built-in program that drives them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import resources
from textwrap import dedent
from typing import Any
from uuid import UUID

from keywords.blocks import read
from keywords.encode import plain
from keywords.host import Child, ProgramText, Value, bot_id
from keywords.library.history import ROOM
from keywords.program import Param, Program
from keywords.registry import Registry

TURNS = 12  # of the model, before it must have answered
CHARACTERS_A_TOKEN = 3
WINDOW = "llm-server-ctx-size"  # the setting of a package that says how many tokens its model reads
SMALLEST_ROOM = 2_000  # characters
SCHEMAS: Mapping[str, Mapping[str, str]] = {
    "INTEGER": {"type": "integer"},
    "NUMBER": {"type": "number"},
    "FLOAT": {"type": "number"},
    "MONEY": {"type": "number"},
    "BOOLEAN": {"type": "boolean"},
    "OBJECT": {"type": "object"},
    "ARRAY": {"type": "array"},
    "DATE": {"type": "string", "format": "date"},
    "DATETIME": {"type": "string", "format": "date-time"},
    "EMAIL": {"type": "string", "format": "email"},
}


def source() -> str:
    """The built-in program of every model agent."""
    return resources.files("hostbridge").joinpath("agent.bas").read_text("utf-8")


def turn(package: str) -> ProgramText:
    """The built-in program of one turn of a conversation with a package."""
    return ProgramText(resources.files("hostbridge").joinpath("turn.bas").read_text("utf-8"), "turn", package)


def tool_name(dialog: str) -> str:
    """A dialog's name as models accept it: letters, digits, `_` and `-`, at most 64."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", dialog)[:64]


def described(name: str, program: Program) -> dict[str, Any]:
    """A dialog as a tool that a model may ask for."""
    return {
        "name": tool_name(name),
        "description": program.description or f"The dialog {name}",
        "parameters": {
            "type": "object",
            "properties": {param.name: _schema(param) for param in program.params},
            "required": [param.name for param in program.params if param.required],
        },
    }


def room(config: Mapping[str, str]) -> int:
    """How many characters of a conversation the package's model reads; half of its window is kept for the answer."""
    words = config.get(WINDOW, "").strip()
    if not words.isdecimal() or len(words) > 9:
        return ROOM
    return max(SMALLEST_ROOM, int(words) * CHARACTERS_A_TOKEN // 2)


def system_prompt(package: str, prompt: str, start: str, config: Mapping[str, str], registry: Registry) -> str:
    """The persona: of PROMPT.md, else of the prompt block of `start.bas`, else of the settings, else a plain one."""
    return (
        prompt
        or _block(start, registry)
        or config.get("system-prompt", "").strip()
        or f"You are {package}, a helpful assistant. Answer briefly, and use your tools where they help."
    )


def child(
    tenant: UUID,
    package: str,
    message: str,
    system: str,
    tools: Sequence[Mapping[str, Any]],
    characters: int,
    earlier: Sequence[Mapping[str, str]] = (),
) -> Child:
    """The execution in which the agent answers the message."""
    inputs: dict[str, Value] = {
        "message": message,
        "system": system,
        "tools": list(tools),
        "room": characters,
        "turns": TURNS,
        "earlier": list(earlier),
    }
    program = ProgramText(source(), "agent", package)
    return Child(package, inputs, program, bot=bot_id(tenant, package), bot_name=package)


def _schema(param: Param) -> dict[str, Any]:
    schema: dict[str, Any] = dict(SCHEMAS.get(param.type.upper(), {"type": "string"}))
    if param.description:
        schema["description"] = param.description
    if param.options:
        schema["enum"] = list(param.options)
    if param.like is not None:
        schema["examples"] = [plain(param.like)]
    return schema


def _block(source_text: str, registry: Registry) -> str:
    """The text of the first BEGIN SYSTEM PROMPT; the other lines may hold keywords that nobody provides."""
    blocks = read(source_text, registry)
    for node in blocks.walk():
        if node.kind == "text" and node.head and "SYSTEM" in node.head.text.upper():
            return dedent(blocks.body(node).text).strip()
    return ""
