"""The prompts: how to write a workflow, and how to find out why one does not do what it should."""

from __future__ import annotations

import json
from collections.abc import Awaitable
from importlib import resources
from typing import Annotated, Any

import mcp.types as types
from mcp.server import MCPServer
from mcp.shared.exceptions import MCPError
from pydantic import Field

from keywords.mistakes import ProgramError
from mcp_server.app import App
from mcp_server.mcp_face.history import history_reply
from mcp_server.people import execution_named
from mcp_server.replies import block, execution_reply

WRITE = """\
Write a durable workflow in the BASIC of General Bots for this goal:

{goal}

Go about it like this: look up what you need with search_keywords; write the program; call validate_workflow and \
correct it until there is no error; show the user the program; start it with orchestrate when they agree. Ask people \
with HUMAN APPROVAL before anything that cannot be undone. Use only bots that exist: {bots}.
{like}
{primer}"""
LIKE = """
Take this program of theirs as the pattern:

```basic
{source}
```
"""
DEBUG = """\
Find out why this execution does not do what it should, and put it right.

How it stands:
{detail}

Its journal, the first calls (get_execution with history and the cursor tells more):
{history}

Its program:
```basic
{source}
```

Say in one sentence what is wrong and at which line. If the program is wrong, correct it, check it with \
validate_workflow, and offer to start it anew with orchestrate. If the program is right and something outside failed, \
offer control_execution with action retry: what came before stays done."""
LONGEST_PROGRAM = 12_000


def register(server: MCPServer[App], app: App) -> None:
    """Offer the prompts."""

    @server.prompt(title="Write a workflow")
    async def write_workflow(
        goal: Annotated[str, Field(description="What the workflow shall do.")],
        like: Annotated[str, Field(description="A workflow to take as the pattern, by its name.")] = "",
    ) -> str:
        """Write a durable workflow in BASIC, check it, and start it."""
        return await _worded(_to_write(app, goal, like.strip()))

    @server.prompt(title="Find out what is wrong with an execution")
    async def debug_execution(
        execution_id: Annotated[str, Field(description="As a tool answered it.")],
    ) -> str:
        """Find out why an execution failed, hangs or does something else than it should."""
        return await _worded(_to_debug(app, execution_id))


async def _worded(words: Awaitable[str]) -> str:
    try:
        return await words
    except ProgramError as error:
        raise MCPError(types.INVALID_PARAMS, str(error)) from None


async def _to_write(app: App, goal: str, like: str) -> str:
    caller = app.caller("mcp", "")
    caller.require("wf:read")
    pattern = ""
    if like:
        pattern = LIKE.format(source=_cut((await app.program(caller, like)).source))
    names = [name for name in app.packages.names() if caller.works_with(name)]
    primer = resources.files("mcp_server.mcp_face").joinpath("primer.md").read_text("utf-8")
    bots = ", ".join(names[:50]) or "there are none yet"
    return WRITE.format(goal=goal, bots=bots, like=pattern, primer=primer)


async def _to_debug(app: App, execution_id: str) -> str:
    caller = app.caller("mcp", "")
    caller.require("wf:read")
    number = execution_named(execution_id)
    detail = await app.operations.get(caller, number)
    rows, _ = await app.operations.journal(caller, number, own=True)
    source = (await app.operations.program_of(caller, number)).source
    return DEBUG.format(
        detail=_told(block(execution_reply(detail, app.where_people_decide)).structured_content),
        history=_told(block(history_reply(detail, rows)).structured_content),
        source=_cut(source),
    )


def _told(value: dict[str, Any] | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cut(source: str) -> str:
    if len(source) <= LONGEST_PROGRAM:
        return source
    return f"{source[:LONGEST_PROGRAM]}\n' ... and {len(source) - LONGEST_PROGRAM:,} characters more"
