"""The MCP tools of executions: each a thin face over one operation, named as a tool and titled as its BASIC keyword.

A tool only starts, looks or steers. The work itself belongs to the workers, so a client that cancels, times out or
leaves takes nothing with it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import mcp.types as types
from mcp.server.mcpserver import Context
from pydantic import Field

from keywords.host import ProgramText
from mcp_server import programs
from mcp_server.app import App
from mcp_server.mcp_face import cursors
from mcp_server.mcp_face.begun import check_size, started
from mcp_server.mcp_face.history import history_reply
from mcp_server.mcp_face.tool import READS, Tool, writes
from mcp_server.mcp_face.waiting import waited
from mcp_server.people import app_of, client_name, execution_named
from mcp_server.replies import (
    ExecutionReply,
    Finding,
    ListReply,
    ValidationReply,
    WrittenReply,
    block,
    execution_reply,
    listing,
    refusal,
    validation_reply,
)

CARD = "ui://botmcp/execution.html"

Started: TypeAlias = Annotated[types.CallToolResult, WrittenReply]
Looked: TypeAlias = Annotated[types.CallToolResult, ExecutionReply]
Listed: TypeAlias = Annotated[types.CallToolResult, ListReply]
Checked: TypeAlias = Annotated[types.CallToolResult, ValidationReply]
Wait: TypeAlias = Annotated[float, Field(ge=0, le=20, description="Seconds to wait for it to finish or need a person.")]
Key: TypeAlias = Annotated[
    str,
    Field(max_length=200, description="Your own key for this request: calling again with it starts nothing twice."),
]
Id: TypeAlias = Annotated[str, Field(max_length=100, description="As a tool answered it.")]
Cursor: TypeAlias = Annotated[str, Field(max_length=300, description="To go on: as the last answer gave it.")]
Action: TypeAlias = Literal["answer", "signal", "cancel", "pause", "resume", "retry", "fork"]
Status: TypeAlias = Literal["", "ready", "running", "waiting", "paused", "in_doubt", "completed", "failed", "cancelled"]
Inputs: TypeAlias = Annotated[dict[str, Any], Field(description="Values of the program's PARAMs and variables.")]


async def orchestrate(
    ctx: Context[App],
    source: Annotated[str, Field(description="A BASIC program. Give this or workflow.")] = "",
    workflow: Annotated[str, Field(max_length=300, description='A packaged one: "package/dialog".')] = "",
    inputs: Inputs = {},  # noqa: B006 - never changed; the schema shows it as the default
    idempotency_key: Key = "",
    wait_seconds: Wait = 10,
) -> Started:
    """Start a durable workflow written in BASIC; it goes on when this chat ends.

    Example source: ORCHESTRATE WORKFLOW "refund"\\nSTEP 1: BOT "support" "check order"\\nHUMAN APPROVAL FROM "lead"
    TIMEOUT 3600\\nTALK "refunded"\\nEND WORKFLOW. Check a longer text with validate_workflow first.
    """
    app = app_of(ctx)
    if bool(source.strip()) == bool(workflow.strip()):
        return refusal("Give either source (BASIC text) or workflow (the name of a packaged one).")
    if source:
        check_size(source)
        program = ProgramText(source, programs.name_of(source))
    else:
        program = await app.program(app.caller("mcp", client_name(ctx)), workflow)
    caller = app.caller("mcp", client_name(ctx))
    return await started(ctx, caller, program, inputs, idempotency_key, wait_seconds, program.origin)


async def validate_workflow(
    ctx: Context[App], source: Annotated[str, Field(description="The BASIC text to check.")]
) -> Checked:
    """Check a BASIC program without starting it: every mistake with line, column and how to fix it."""
    check_size(source)
    found = app_of(ctx).check(source)
    return block(validation_reply([Finding(**programs.told(diagnostic)) for diagnostic in found]))


async def get_execution(
    ctx: Context[App],
    execution_id: Id,
    wait_seconds: Wait = 0,
    result_from: Annotated[int, Field(ge=0, description="Read a long result on from this character.")] = 0,
    history: Annotated[bool, Field(description="Its journal instead: each call, line, answer, and its parts.")] = False,
    cursor: Cursor = "",
) -> Looked:
    """Look at an execution: status, messages, result, what it waits for, and what to call next.

    With wait_seconds, one that waits for a person is answered once that has changed.
    """
    app = app_of(ctx)
    caller, execution = app.caller("mcp", client_name(ctx)), execution_named(execution_id)
    detail = await waited(ctx, caller, execution, wait_seconds, news=True)
    if not history:
        return block(execution_reply(detail, app.where_people_decide, result_from))
    place = cursors.unpacked(cursor, int, int, int) if cursor else [-1, 0, 0]
    rows, _ = await app.operations.journal(caller, execution, {execution: (place[0], place[1], place[2])}, own=True)
    return block(history_reply(detail, rows))


async def control_execution(
    ctx: Context[App],
    execution_id: Id,
    action: Annotated[
        Action,
        Field(description="answer a question it asks; signal; cancel; pause; resume; retry once failed; fork."),
    ],
    text: Annotated[str, Field(max_length=100_000, description="For answer: the user's words.")] = "",
    signal: Annotated[str, Field(max_length=200, description="For signal: its name.")] = "",
    data: Annotated[Any, Field(description="For signal: what comes with it, any JSON.")] = None,
    step: Annotated[int | None, Field(ge=0, description="For retry and fork: from this STEP.")] = None,
    variables: Annotated[dict[str, Any], Field(description="For fork: variables to change.")] = {},  # noqa: B006 - never changed; the schema shows it as the default
    idempotency_key: Key = "",
    wait_seconds: Wait = 5,
) -> Started:
    """Answer, signal, cancel, pause, resume, retry or fork an execution and everything it started.

    retry goes on from the failed call, or from a STEP; fork does so as a new execution. What came before stays done.
    Answer only with what the user said.
    """
    app = app_of(ctx)
    caller, execution = app.caller("mcp", client_name(ctx)), execution_named(execution_id)
    key = f"control:{idempotency_key}" if idempotency_key else None
    operations = app.operations
    match action:
        case "answer":
            work = operations.answer(caller, execution, text, key=key)
        case "signal":
            work = operations.signal(caller, execution, signal, data, key=key)
        case "cancel":
            work = operations.cancel(caller, execution, key=key)
        case "pause":
            work = operations.pause(caller, execution, key=key)
        case "resume":
            work = operations.resume(caller, execution, key=key)
        case "retry":
            work = operations.retry(caller, execution, step=step, key=key)
        case "fork":
            work = operations.fork(caller, execution, step=step, variables=variables, key=key)
    steered = await app.detached(work)
    detail = await waited(ctx, caller, steered.id, wait_seconds)
    return block(execution_reply(detail, app.where_people_decide))


async def list_executions(
    ctx: Context[App],
    status: Annotated[Status, Field(description="Only those; empty for all.")] = "",
    limit: Annotated[int, Field(ge=1, le=50, description="How many.")] = 20,
    cursor: Cursor = "",
) -> Listed:
    """List the newest executions with their status and what they wait for."""
    app = app_of(ctx)
    caller, place = app.caller("mcp", client_name(ctx)), cursors.place(cursor)
    found = await app.operations.listed(caller, status or None, limit + 1, place)
    shown = found[:limit]
    more = cursors.before(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    return block(listing(shown, more))


TOOLS = (
    Tool(orchestrate, "ORCHESTRATE WORKFLOW", writes(open_world=True), "wf:run", "workflows", CARD, lasts="may"),
    Tool(validate_workflow, "Check a workflow", READS, "wf:read", "workflows"),
    Tool(get_execution, "GET EXECUTION, GET JOURNAL", READS, "wf:read", "workflows", CARD),
    Tool(list_executions, "LIST EXECUTIONS", READS, "wf:read", "workflows"),
    Tool(
        control_execution,
        "ANSWER/SIGNAL/CANCEL/PAUSE/RESUME/RETRY/FORK EXECUTION",
        writes(destructive=True),
        "wf:run",
        "workflows",
    ),
)
