"""The MCP tools: each a thin face over one operation, named as a tool and titled as its BASIC keyword.

A tool only starts, looks or decides. The work itself belongs to the workers, so a client that cancels, times out or
leaves takes nothing with it.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeAlias
from uuid import uuid4

import mcp.types as types
import structlog
from mcp.server import MCPServer
from mcp.server.mcpserver import AcceptedElicitation, Context, ElicitationResult, Resolve
from pydantic import Field

from keywords.host import ProgramText
from keywords.mistakes import ProgramError, UnknownName
from mcp_server import programs
from mcp_server.app import TENANT, App, Unavailable
from mcp_server.people import Asking, Decision, PersonsDecision, app_of, asking, client_name, decided, execution_named
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
from workflow.details import Caller
from workflow.programs import Rejected

WRITE_SECONDS = 5.0  # how long a writing keyword's tool waits for its execution, which is done in milliseconds
log = structlog.get_logger()

Started: TypeAlias = Annotated[types.CallToolResult, ExecutionReply]
Written: TypeAlias = Annotated[types.CallToolResult, WrittenReply]
Listed: TypeAlias = Annotated[types.CallToolResult, ListReply]
Checked: TypeAlias = Annotated[types.CallToolResult, ValidationReply]
Wait: TypeAlias = Annotated[float, Field(ge=0, le=20, description="Seconds to wait for it to finish or need a person.")]
Key: TypeAlias = Annotated[
    str,
    Field(max_length=200, description="Your own key for this request: calling again with it starts nothing twice."),
]
Id: TypeAlias = Annotated[str, Field(max_length=100, description="As a tool answered it.")]
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
        program = app.packages.program(workflow.strip())
    caller = app.caller("mcp", client_name(ctx))
    return await _started(app, caller, program, inputs, idempotency_key, wait_seconds, program.origin)


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
) -> Started:
    """Look at an execution: status, messages, result, what it waits for, and what to call next.

    With wait_seconds, one that waits for a person is answered once that has changed.
    """
    app = app_of(ctx)
    caller = app.caller("mcp", client_name(ctx))
    detail = await app.operations.wait(caller, execution_named(execution_id), wait_seconds, news=True)
    return block(execution_reply(detail, app.where_people_decide, result_from))


async def decide_approval(
    ctx: Context[App],
    execution_id: Id,
    decision: Annotated[Decision, Field(description="What you propose; the person decides.")],
    asked: Annotated[Asking, Resolve(asking)],
    answer: Annotated[ElicitationResult[PersonsDecision], Resolve(decided)],
    comment: Annotated[str, Field(max_length=2000, description="Why; shown to the person.")] = "",
    approval_id: Annotated[str, Field(max_length=100, description="Which one, when several are pending.")] = "",
) -> Started:
    """Have a person decide the approval an execution waits for. They are asked; you do not decide for them."""
    app = app_of(ctx)
    if asked.refusal:
        return refusal(asked.refusal)
    client = client_name(ctx) or "an MCP client"
    match asked.who, answer:
        case "person", AcceptedElicitation(data=given):
            taken, words = given.decision, given.comment
            caller = app.caller("mcp elicitation", client)
        case "agent", _:
            taken, words = decision, comment
            caller = app.agent(client)
        case "person", _:
            return refusal(
                f"Not decided: the person did not answer the form ({answer.action}). The approval is still pending. "
                f"They can decide {app.where_people_decide}. Then call get_execution."
            )
        case _:
            return refusal(
                "Not decided: an agent does not approve on a person's behalf, and this client cannot ask them. "
                f"Tell the person to decide {app.where_people_decide}. Then call get_execution."
            )
    assert asked.approval is not None
    await app.detached(app.operations.decide(caller, asked.approval, taken, words))
    detail = await app.operations.wait(caller, execution_named(execution_id), WRITE_SECONDS)
    return block(execution_reply(detail, app.where_people_decide))


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
    detail = await operations.wait(caller, steered.id, wait_seconds)
    return block(execution_reply(detail, app.where_people_decide))


async def list_executions(
    ctx: Context[App],
    status: Annotated[Status, Field(description="Only those; empty for all.")] = "",
    limit: Annotated[int, Field(ge=1, le=50, description="How many.")] = 20,
) -> Listed:
    """List the newest executions with their status and what they wait for."""
    app = app_of(ctx)
    found = await app.operations.listed(app.caller("mcp", client_name(ctx)), status or None, limit + 1)
    return block(listing(found[:limit], len(found) > limit))


# -- what they share ---------------------------------------------------------------------------------------------------


def check_size(source: str) -> None:
    """Refuse a program beyond the limit before anything reads it."""
    if (size := len(source.encode("utf-8", "surrogatepass"))) > programs.LONGEST_SOURCE:
        raise ProgramError(
            f"The source has {size:,} bytes; the limit is {programs.LONGEST_SOURCE:,}. Split the workflow."
        )


async def _started(
    app: App,
    caller: Caller,
    program: ProgramText,
    inputs: dict[str, Any],
    key: str,
    seconds: float,
    bot: str = "",
    tool: str = "orchestrate",
) -> types.CallToolResult:
    start = app.operations.start(caller, program, inputs=inputs, idempotency_key=key or None, bot_name=bot)
    execution = await app.detached(start)
    detail = await app.operations.wait(caller, execution, seconds)
    return block(execution_reply(detail, app.where_people_decide, tool=tool))


async def full_name(app: App, bot: str) -> str:
    """The bot as packages name it; a workflow given as text is a bot of its own name, which no package knows."""
    try:
        return (await app.bots.identified(TENANT, "", bot))[1]
    except UnknownName:
        return bot.strip()


async def written(
    ctx: Context[App],
    program: ProgramText,
    inputs: dict[str, Any],
    key: str,
    *,
    bot: str = "",
    seconds: float = WRITE_SECONDS,
) -> types.CallToolResult:
    """Run a keyword as what it is, a small program: the same journal and audit as everything else."""
    app = app_of(ctx)
    return await _started(app, app.caller("mcp", client_name(ctx)), program, inputs, key, seconds, bot, program.name)


def answering(tool: Callable[..., Awaitable[types.CallToolResult]]) -> Callable[..., Awaitable[types.CallToolResult]]:
    """The tool with its errors as sentences that a model can act on; a fault of ours goes to the log, with its mark."""

    @functools.wraps(tool)
    async def call(*args: Any, **given: Any) -> types.CallToolResult:
        try:
            return await tool(*args, **given)
        except Rejected as error:
            errors = [diagnostic for diagnostic in error.diagnostics if diagnostic.severity == "error"]
            lines = [programs.sentence(diagnostic) for diagnostic in errors[:20]] or [str(error)]
            return refusal("Nothing was started.\n" + "\n".join(lines) + "\nCorrect it, then call orchestrate again.")
        except ProgramError as error:
            return refusal(str(error))
        except Unavailable as error:
            return refusal(f"{error} Nothing is lost; call again in a moment.")
        except Exception:
            mark = uuid4().hex[:8]
            log.exception("tool.failed", tool=tool.__name__, mark=mark)
            return refusal(
                f"botmcp itself failed here; its log has the details under {mark}. `botmcp doctor` may help."
            )

    return call


READS = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)


def writes(*, idempotent: bool = False, destructive: bool = False, open_world: bool = False) -> types.ToolAnnotations:
    return types.ToolAnnotations(
        read_only_hint=False, destructive_hint=destructive, idempotent_hint=idempotent, open_world_hint=open_world
    )


TOOLS: tuple[tuple[Callable[..., Awaitable[types.CallToolResult]], str, types.ToolAnnotations], ...] = (
    (orchestrate, "ORCHESTRATE WORKFLOW", writes(open_world=True)),
    (validate_workflow, "Check a workflow", READS),
    (get_execution, "Look at an execution", READS),
    (decide_approval, "HUMAN APPROVAL", writes(destructive=True)),
    (control_execution, "HEAR, SIGNAL, CANCEL/PAUSE/RESUME/RETRY/FORK EXECUTION", writes(destructive=True)),
    (list_executions, "LIST EXECUTIONS", READS),
)


def register(server: MCPServer[App]) -> None:
    """Offer the tools, always in the same order: clients cache the list."""
    for tool, title, promises in TOOLS:
        server.add_tool(answering(tool), title=title, description=described(tool), annotations=promises)


def described(tool: Callable[..., Any]) -> str:
    return " ".join((tool.__doc__ or "").split()).replace("\\n", "\n")
