"""Writes docs/reference/mcp-tools.md from the table of tools: `python -m mcp_server.tools_page [--check]`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mcp.types as types
from mcp.server import MCPServer

from mcp_server.app import App
from mcp_server.mcp_face.catalogue import TOOLS
from mcp_server.mcp_face.tool import Tool

PAGE = Path("docs/reference/mcp-tools.md")

_HEAD = """\
# MCP tools

What an agent sees when it connects to botmcp: over stdio, at `/mcp` of `botmcp serve`, or at `/rpc`. The title of each
tool is the BASIC keyword that does the same. Every answer is one JSON object of at most 20 KB, the same as text and as
structured content; `next` in it says what to call next. A mistake is a sentence that says what to change.

`BOTMCP_TOOLSETS` and `BOTMCP_READ_ONLY` ([settings](settings.md)) offer some of them. With a key, a client sees the
tools that the scopes of its key allow.

Made by `python -m mcp_server.tools_page`; do not edit.

| tool | keyword | toolset | scope |
|---|---|---|---|
"""


async def listed() -> list[types.Tool]:
    """The tools as a client is told of them."""
    server: MCPServer[App] = MCPServer(name="botmcp", log_level="WARNING")
    for tool in TOOLS:
        server.add_tool(
            tool.call, name=tool.name, title=tool.title, description=tool.description, annotations=tool.promises
        )
    return await server.list_tools()


def page(tools: list[types.Tool]) -> str:
    """The text of the page."""
    rows = "".join(f"| [`{t.name}`](#{t.name}) | {t.title} | {t.toolset} | `{t.scope}` |\n" for t in TOOLS)
    return _HEAD + rows + "".join(_section(own, told) for own, told in zip(TOOLS, tools, strict=True))


def _section(tool: Tool, told: types.Tool) -> str:
    schema: Mapping[str, Any] = told.input_schema
    description = tool.description.replace("\n", "  \n")
    text = f"\n## {tool.name}\n\n{description}\n\n{_promises(tool)}\n"
    needed = set(schema.get("required", ()))
    rows = [_row(name, each, name in needed, schema) for name, each in schema.get("properties", {}).items()]
    if rows:
        text += f"\n| argument | type | |\n|---|---|---|\n{''.join(rows)}"
    return text


def _promises(tool: Tool) -> str:
    """What a client may count on."""
    promises = tool.promises
    if tool.reads:
        return "It changes nothing."
    found = ["It changes something."]
    if promises.idempotent_hint:
        found.append("Calling it again with the same arguments changes nothing more.")
    if promises.destructive_hint:
        found.append("What it does cannot always be undone.")
    if promises.open_world_hint:
        found.append("It may reach beyond botmcp.")
    return " ".join(found)


def _row(name: str, given: Mapping[str, Any], needed: bool, schema: Mapping[str, Any]) -> str:
    default = given.get("default")
    said = given.get("description", "")
    if not needed and default not in (None, "", {}, [], False):
        said += f" Default: `{default}`."
    must = " **required**" if needed else ""
    return f"| `{name}`{must} | {_type(given, schema)} | {said.replace('|', chr(92) + '|')} |\n"


def _type(given: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "enum" in given:
        return ", ".join(f"`{each}`" for each in given["enum"] if each != "")
    if "$ref" in given:
        return _type(schema["$defs"][given["$ref"].rpartition("/")[2]], schema)
    if "anyOf" in given:
        return " or ".join(_type(each, schema) for each in given["anyOf"] if each.get("type") != "null")
    kind = str(given.get("type", "any JSON"))
    return f"list of {_type(given.get('items', {}), schema)}" if kind == "array" else kind


def main(arguments: list[str]) -> None:
    """Write the page, or with `--check` end with an error when it is not up to date."""
    text = page(asyncio.run(listed()))
    if "--check" not in arguments:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        raise SystemExit(f"{PAGE} is out of date: run python -m mcp_server.tools_page")


if __name__ == "__main__":
    main(sys.argv[1:])
