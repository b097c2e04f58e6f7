"""Executions that tools start: a program of a package or of the client, or one keyword as the small program it is."""

from __future__ import annotations

from typing import Any

import mcp.types as types
from mcp.server.mcpserver import Context

from keywords.host import ProgramText
from keywords.mistakes import ProgramError, UnknownName
from mcp_server import programs
from mcp_server.app import App
from mcp_server.mcp_face.waiting import waited
from mcp_server.people import app_of, client_name
from mcp_server.replies import block, execution_reply
from workflow.details import Caller

WRITE_SECONDS = 5.0  # how long a writing keyword's tool waits for its execution, which is done in milliseconds


async def started(
    ctx: Context[App],
    caller: Caller,
    program: ProgramText,
    inputs: dict[str, Any],
    key: str,
    seconds: float,
    bot: str = "",
    tool: str = "orchestrate",
    scope: str = "wf:run",
) -> types.CallToolResult:
    """Start the program, and tell how it stands once it has ended, needs a person, or the seconds are over."""
    app = app_of(ctx)
    start = app.operations.start(caller, program, inputs=inputs, idempotency_key=key or None, bot_name=bot, scope=scope)
    execution = await app.detached(start)
    detail = await waited(ctx, caller, execution, seconds, scope=scope)
    return block(execution_reply(detail, app.where_people_decide, tool=tool))


async def written(
    ctx: Context[App],
    program: ProgramText,
    inputs: dict[str, Any],
    key: str,
    *,
    bot: str = "",
    seconds: float = WRITE_SECONDS,
    scope: str = "memory:write",
) -> types.CallToolResult:
    """Run a keyword as what it is, a small program: the same journal and audit as everything else.

    `scope` is what the keyword needs, which is enough for a program that is ours.
    """
    caller = app_of(ctx).caller("mcp", client_name(ctx))
    return await started(ctx, caller, program, inputs, key, seconds, bot, program.name, scope)


async def full_name(app: App, caller: Caller, bot: str) -> str:
    """The bot as packages name it; a workflow given as text is a bot of its own name, which no package knows.

    Raises UnknownName for one that the caller may not work with.
    """
    try:
        name = (await app.bots.identified(caller.tenant, "", bot))[1]
    except UnknownName:
        name = bot.strip()
    if not caller.works_with(name):
        raise UnknownName("bot", bot[:100], (), "bots:// lists those that you may work with.")
    return name


def check_size(source: str) -> None:
    """Refuse a program beyond the limit before anything reads it."""
    if (size := len(source.encode("utf-8", "surrogatepass"))) > programs.LONGEST_SOURCE:
        raise ProgramError(
            f"The source has {size:,} bytes; the limit is {programs.LONGEST_SOURCE:,}. Split the workflow."
        )
