"""The MCP tools of approvals: what waits for a decision or was decided, and having a person decide."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import mcp.types as types
from mcp.server.mcpserver import AcceptedElicitation, Context, ElicitationResult, Resolve
from pydantic import BaseModel, Field

from mcp_server.app import App
from mcp_server.mcp_face import cursors
from mcp_server.mcp_face.begun import WRITE_SECONDS
from mcp_server.mcp_face.tool import READS, Tool, writes
from mcp_server.mcp_face.waiting import waited
from mcp_server.people import Asking, Decision, PersonsDecision, app_of, asking, client_name, decided, execution_named
from mcp_server.replies import block, execution_reply, refusal, request_row
from mcp_server.tools import Cursor, Id, Started

CARD = "ui://botmcp/approvals.html"


class ApprovalsReply(BaseModel):
    approvals: list[dict[str, Any]] = Field(description="approval_id, execution_id, message, approvers, status, ...")
    cursor: str | None = None
    next: str


Requests: TypeAlias = Annotated[types.CallToolResult, ApprovalsReply]


async def list_approvals(
    ctx: Context[App],
    status: Annotated[
        Literal["pending", "decided"], Field(description="decided: in whatever way it ended.")
    ] = "pending",
    mine: Annotated[bool, Field(description="Only those that ask for this user by name.")] = False,
    limit: Annotated[int, Field(ge=1, le=50, description="How many.")] = 20,
    cursor: Cursor = "",
) -> Requests:
    """List what waits for people's approval, or who decided what; the newest first."""
    app = app_of(ctx)
    caller, place = app.caller("mcp", client_name(ctx)), cursors.place(cursor)
    found = await app.operations.requests(caller, status, mine=mine, limit=limit + 1, before=place)
    shown = found[:limit]
    more = cursors.before(shown[-1].created_at, shown[-1].id) if len(found) > limit else None
    if more:
        then = "Call list_approvals with this cursor for more."
    elif status == "decided" or not shown:
        then = "Nothing more to call." if shown else "There are none: tell the user."
    else:
        then = "decide_approval with an execution_id has the person asked."
    return block(ApprovalsReply(approvals=[request_row(one) for one in shown], cursor=more, next=then))


async def decide_approval(
    ctx: Context[App],
    execution_id: Id,
    decision: Annotated[
        Decision,
        Field(description="What you propose; the person decides. defer: its time begins anew; comment: it stays open."),
    ],
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
            caller = app.asked(client)
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
    detail = await waited(ctx, caller, execution_named(execution_id), WRITE_SECONDS)
    return block(execution_reply(detail, app.where_people_decide))


TOOLS = (
    Tool(list_approvals, "LIST APPROVALS", READS, "wf:read", "approvals", CARD),
    Tool(decide_approval, "HUMAN APPROVAL, DECIDE APPROVAL", writes(destructive=True), "wf:approve", "approvals", CARD),
)
