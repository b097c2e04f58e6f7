"""What the SDK would say too much of: answers to arguments that do not fit a tool, and titles in the tools' schemas.

Both go into the model's context, so both are kept short.
"""

from __future__ import annotations

import re
from typing import Any, cast

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext

_ERROR = re.compile(r"^Error executing tool (\w+): \d+ validation errors? for \w+\n(.*)", re.DOTALL)
_FIELD = re.compile(r"^(\S+)\n  (.+?) \[type=", re.MULTILINE)


async def shortened(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
    """Middleware over the answers on their way out."""
    answer = await call_next(ctx)
    if not isinstance(answer, dict):
        return answer
    if ctx.method == "tools/call" and answer.get("isError"):
        for block in answer.get("content", ()):
            if isinstance(block, dict) and (match := _ERROR.match(str(block.get("text", "")))):
                block["text"] = reworded(match[1], match[2])
    elif ctx.method == "tools/list":
        for tool in answer.get("tools", ()):
            for schema in ("inputSchema", "outputSchema"):
                if schema in tool:
                    tool[schema] = untitled(tool[schema])
            if "outputSchema" in tool:
                tool["outputSchema"] = optional_by_absence(tool["outputSchema"])
    return answer


def untitled(schema: Any) -> Any:
    """The schema without the titles that pydantic derives from the names; properties called title stay."""
    if isinstance(schema, list):
        return [untitled(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    parts = cast("dict[str, Any]", schema)
    return {
        key: {name: untitled(part) for name, part in value.items()}
        if key in ("properties", "$defs")
        else untitled(value)
        for key, value in parts.items()
        if key != "title" or not isinstance(value, str)
    }


def optional_by_absence(schema: Any) -> Any:
    """The schema without "or null" and defaults: what a reply does not know is not in it, and never null."""
    if isinstance(schema, list):
        return [optional_by_absence(each) for each in cast("list[Any]", schema)]
    if not isinstance(schema, dict):
        return schema
    parts = {key: optional_by_absence(value) for key, value in cast("dict[str, Any]", schema).items()}
    kinds = [kind for kind in parts.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:
        del parts["anyOf"]
        parts |= kinds[0]
    if "default" in parts and not isinstance(parts["default"], dict):
        del parts["default"]
    return parts


def reworded(tool: str, errors: str) -> str:
    """Pydantic's list of errors as one line each."""
    faults = [f"{name}: {message}." for name, message in _FIELD.findall(errors)]
    return f"{tool} was not called. " + " ".join(faults) + " Its input schema shows what it takes."
