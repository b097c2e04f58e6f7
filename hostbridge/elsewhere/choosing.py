"""Which tool of a server answers a bot's message, and with which arguments. Pure.

    BOT "server/tool" "message"     that tool
    BOT "server" "name of a tool"   that tool
    BOT "server" "message"          the tool that answers messages: the only one, or one called chat, ask, ...;
                                    a server without one is asked through a model that may use its tools

A message that is a JSON object is the tool's arguments. Else its parameters are filled by name from the caller's
variables, as a dialog's PARAMs are, and the message fills the one that is for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from hostbridge.packages import alike
from keywords.encode import plain
from keywords.host import Value
from keywords.mistakes import ProgramError, UnknownName, WrongValue
from keywords.places import as_json
from keywords.values import Object

ANSWERING = (
    *("chat", "ask", "answer", "message", "send_message", "prompt", "query", "question"),
    *("run", "invoke", "execute", "agent"),
)
SAID = (
    *("message", "prompt", "question", "query", "input", "text", "task", "instruction", "instructions"),
    *("request", "content", "q", "goal"),
)
OWN_KEY = "idempotency_key"  # what tools such as ours call it


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as its server describes it."""

    name: str
    description: str
    schema: Mapping[str, Any]

    @property
    def parameters(self) -> Mapping[str, Any]:
        found: Any = self.schema.get("properties")
        return cast("dict[str, Any]", found) if isinstance(found, dict) else {}

    @property
    def required(self) -> Sequence[str]:
        found: Any = self.schema.get("required")
        return [str(name) for name in cast("list[Any]", found)] if isinstance(found, list) else []


def same(name: str, other: str) -> bool:
    """Tools are found without regard to case, blanks, hyphens and underscores."""
    return alike(name) == alike(other)


def named(tools: Collection[Tool], name: str, server: str) -> Tool:
    """The tool of that name; raises UnknownName."""
    found = [tool for tool in tools if tool.name == name] or [tool for tool in tools if same(tool.name, name)]
    if found:
        return found[0]
    names = [tool.name for tool in tools]
    raise UnknownName("tool", f"{server}/{name}", names, f"{server} has: {', '.join(names[:30]) or 'none'}.")


def answering(tools: Sequence[Tool], message: str | None) -> Tool | None:
    """The tool that a message to the server is for; None when a model must choose."""
    if message is not None and len(message) < 200 and (meant := [tool for tool in tools if same(tool.name, message)]):
        return meant[0]
    for name in ANSWERING:
        for tool in tools:
            if same(tool.name, name):
                return tool
    return tools[0] if len(tools) == 1 else None


def filled(tool: Tool, message: str | None, variables: Mapping[str, Value]) -> dict[str, Any]:
    """The tool's arguments, as plain JSON; raises WrongValue for one that is missing."""
    parameters = tool.parameters
    if message is not None and message.lstrip().startswith("{"):
        try:
            said = as_json(message)
        except ProgramError:
            said = None
        if isinstance(said, Object) and all(name in parameters for name in said):
            return dict(plain(said))
    slot = None if message is None or same(tool.name, message) else message_parameter(tool)
    found: dict[str, Any] = {}
    for name in parameters:
        if name == slot:
            found[name] = message
        elif (key := name.casefold()) in variables and variables[key] is not None:
            found[name] = fitting(plain(variables[key]), parameters[name])
    for name in tool.required:
        if name not in found:
            raise WrongValue(
                f"The tool {tool.name} needs {name}, and this program has no variable of that name. Set it before this "
                f"step, or call it with MCP INVOKE and {{{', '.join(tool.required)}}}."
            )
    return found


def message_parameter(tool: Tool) -> str | None:
    """The parameter that takes what is said: by its name, else the only required text, else the only text."""
    texts = [name for name, schema in tool.parameters.items() if _takes_text(schema)]
    for wanted in SAID:
        for name in texts:
            if name.casefold() == wanted:
                return name
    required = [name for name in texts if name in tool.required]
    for some in (required, texts):
        if len(some) == 1:
            return some[0]
    return None


def fitting(value: Any, schema: Any) -> Any:
    """A value as the schema wants it, where that is a matter of writing: 7 and "7"."""
    kinds: Any = cast("dict[str, Any]", schema).get("type") if isinstance(schema, dict) else None
    if kinds == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and kinds == "integer" and re.fullmatch(r"[+-]?\d{1,18}", value.strip()):
        return int(value)
    if isinstance(value, str) and kinds == "number":
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _takes_text(schema: Any) -> bool:
    if not isinstance(schema, dict):
        return schema is True
    kinds: Any = cast("dict[str, Any]", schema).get("type", "string" if "anyOf" not in schema else None)
    if kinds is None:
        parts: Any = cast("dict[str, Any]", schema)["anyOf"]
        return any(_takes_text(part) for part in parts) if isinstance(parts, list) else False
    return kinds == "string" or (isinstance(kinds, list) and "string" in kinds)
