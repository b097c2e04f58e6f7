"""The tools of the tasks extension's scenarios: programs in BASIC, run by a real worker like any other."""

from __future__ import annotations

from typing import Annotated, Any

import mcp.types as types
from mcp.server.mcpserver import AcceptedElicitation, Context, Elicit, ElicitationResult, Resolve
from pydantic import BaseModel

from keywords.host import Host, ProgramText, Value
from keywords.registry import Effect, keyword
from mcp_server.app import App
from mcp_server.mcp_face.begun import written
from mcp_server.mcp_face.tool import Tool, writes
from mcp_server.server import Server

SLOW = "PARAM seconds AS NUMBER\nDELAY seconds\nRETURN {label: label, seconds: seconds}\n"
FAILING = 'DELAY 0.2\nTHROW "This job always fails"\n'
CONFIRM = 'HEAR confirm AS BOOLEAN WITH "Delete ${filename}?"\nRETURN confirm\n'
MULTI = """
PARALLEL
  BRANCH A: HEAR a WITH "Your name?"
  BRANCH B: HEAR b WITH "Your town?"
END PARALLEL
RETURN [a, b]
"""
GREET = 'RETURN "Hello, " + name + "!"\n'


@keyword("PANIC", effect=Effect.READ, example="PANIC", group="tests")
async def panic(host: Host) -> Value:
    """Fail as no keyword should."""
    raise RuntimeError("This keyword has a fault of its own")


async def slow_compute(ctx: Context[App], seconds: float = 0, label: str = "") -> types.CallToolResult:
    """Compute slowly."""
    return await _run(ctx, "slow_compute", SLOW, {"seconds": seconds, "label": label})


async def failing_job(ctx: Context[App]) -> types.CallToolResult:
    """Fail after a while."""
    return await _run(ctx, "failing_job", FAILING, {})


async def protocol_error_job(ctx: Context[App]) -> types.CallToolResult:
    """Fail by a fault of the server."""
    return await _run(ctx, "protocol_error_job", "DELAY 0.5\nPANIC\n", {})


async def confirm_delete(ctx: Context[App], filename: str = "") -> types.CallToolResult:
    """Ask before a file is deleted."""
    return await _run(ctx, "confirm_delete", CONFIRM, {"filename": filename})


async def multi_input(ctx: Context[App]) -> types.CallToolResult:
    """Ask two things at once."""
    return await _run(ctx, "multi_input", MULTI, {})


class UserName(BaseModel):
    name: str


async def _asked() -> Elicit[UserName]:
    return Elicit("What is your name?", UserName)


async def test_tool_with_task(
    ctx: Context[App], user_name: Annotated[ElicitationResult[UserName], Resolve(_asked)]
) -> types.CallToolResult:
    """Ask first, then work."""
    name = user_name.data.name if isinstance(user_name, AcceptedElicitation) else "nobody"
    return await _run(ctx, "test_tool_with_task", GREET, {"name": name})


def _tool(call: Any, lasts: Any) -> Tool:
    return Tool(call, call.__name__, writes(open_world=True), "wf:run", "workflows", lasts=lasts)


TOOLS = (
    _tool(slow_compute, "may"),
    _tool(failing_job, "must"),
    _tool(protocol_error_job, "may"),
    _tool(confirm_delete, "may"),
    _tool(multi_input, "may"),
    _tool(test_tool_with_task, "must"),
)


def register(server: Server) -> None:
    """Add what is no task."""

    @server.tool()
    async def greet(name: str) -> types.CallToolResult:
        """Greet somebody at once."""
        text = types.TextContent(type="text", text=f"Hello, {name}!")
        return types.CallToolResult(content=[text])


async def _run(ctx: Context[App], name: str, source: str, inputs: dict[str, Any]) -> types.CallToolResult:
    return await written(ctx, ProgramText(source, name), inputs, "", seconds=5)
