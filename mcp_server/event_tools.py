"""The MCP tools of events. Publishing is an execution like any other; waiting looks, and leaves nothing behind."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import mcp.types as types
from mcp.server.mcpserver import Context
from pydantic import BaseModel, Field

from keywords import event_filters
from keywords.host import ProgramText
from mcp_server.app import App
from mcp_server.mcp_face.begun import written
from mcp_server.mcp_face.tool import READS, Tool, writes
from mcp_server.people import app_of, client_name
from mcp_server.replies import block, compact, short, size
from mcp_server.tools import Key, Started

ROOM = 14_000  # bytes of data in one answer


class EventReply(BaseModel):
    status: str = Field(description="event | nothing_yet")
    event: dict[str, Any] | None = Field(default=None, description="id, name, key, data, time, source.")
    note: str | None = None
    next: str


Told: TypeAlias = Annotated[types.CallToolResult, EventReply]
Pattern: TypeAlias = Annotated[str, Field(max_length=200, description='A name, or a pattern: "order.*", "order.>".')]


async def publish_event(
    ctx: Context[App],
    event: Annotated[str, Field(max_length=200, description='Its name, such as "order.paid".')],
    data: Annotated[Any, Field(description="What comes with it: any JSON.")] = None,
    key: Annotated[str, Field(max_length=200, description="Events of one key keep their order.")] = "",
    dedupe: Annotated[str, Field(max_length=300, description="With the same one it happens once.")] = "",
    at: Annotated[str, Field(max_length=40, description="When it happens, ISO 8601; empty: now.")] = "",
    idempotency_key: Key = "",
) -> Started:
    """Publish an event: every workflow that waits for it goes on. The result is the event's id."""
    clauses = {"KEY own": key, "DEDUPE once": dedupe, "AT due": at}
    words = " ".join(clause for clause, value in clauses.items() if value)
    program = ProgramText(f"RETURN PUBLISH EVENT name WITH data {words}\n", "publish_event")
    given = {"name": event, "data": data, "own": key, "once": dedupe, "due": at}
    return await written(ctx, program, given, idempotency_key, scope="events:publish")


async def wait_for_event(
    ctx: Context[App],
    event: Pattern,
    where: Annotated[str, Field(max_length=2_000, description='On its data: "total > 100 AND kind = gift".')] = "",
    since: Annotated[str, Field(max_length=40, description="An event's id, or a time: later ones count too.")] = "",
    wait_seconds: Annotated[float, Field(ge=0, le=20, description="Seconds to wait for one.")] = 20,
) -> Told:
    """Wait for the next event, or find the first one since another. Nobody else misses it."""
    app = app_of(ctx)
    condition = event_filters.stored(where.strip() or None)
    caller = app.caller("mcp", client_name(ctx))
    found = await app.operations.events.wait(
        caller, event, where=condition, since=since, seconds=max(wait_seconds, 0.05)
    )
    if found is None:
        onward = f'with since="{since}"' if since else f'with since="{app.now().isoformat(timespec="seconds")}"'
        return block(EventReply(status="nothing_yet", next=f"Call wait_for_event again {onward}: nothing is missed."))
    told, note = found.told(), None
    whole = compact(told["data"])
    if size(whole) > ROOM:
        told["data"] = short(whole, ROOM)
        note = "The data is cut."
    return block(EventReply(status="event", event=told, note=note, next=f'For the next one: since="{found.id}".'))


TOOLS = (
    Tool(publish_event, "PUBLISH EVENT", writes(), "events:publish", "events"),
    Tool(wait_for_event, "WAIT FOR EVENT", READS, "wf:read", "events"),
)
