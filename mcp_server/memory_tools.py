"""The MCP tools of bot memory. Reads go straight to the store; writes are executions like any other."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias

import mcp.types as types
from mcp.server.mcpserver import Context
from pydantic import BaseModel, Field

from keywords.host import ProgramText, bot_id
from keywords.library import limits
from keywords.mistakes import ProgramError
from mcp_server.app import App
from mcp_server.mcp_face.begun import full_name, written
from mcp_server.mcp_face.tool import READS, Tool, writes
from mcp_server.people import app_of, client_name
from mcp_server.replies import block, piece, short
from mcp_server.tools import Key

ROOM = 15_000  # characters of values in one list

Bot: TypeAlias = Annotated[str, Field(max_length=300, description="Its name.")]
Name: TypeAlias = Annotated[str, Field(max_length=512, description="The memory's key.")]


class MemoryReply(BaseModel):
    found: bool
    bot: str
    key: str = ""
    value: str | None = None
    version: int | None = None
    updated: str | None = None
    expires: str | None = None
    origin: str | None = Field(default=None, description="The bot it came from.")
    memories: list[dict[str, Any]] | None = None
    history: list[dict[str, Any]] | None = None
    cursor: str | None = None
    next: str


class WriteReply(BaseModel):
    """What of an execution's reply matters here; the reply has the rest, too."""

    execution_id: str
    status: str
    result: Any = None
    error: Any = None
    next: str


Told: TypeAlias = Annotated[types.CallToolResult, MemoryReply]
Wrote: TypeAlias = Annotated[types.CallToolResult, WriteReply]


async def get_memory(
    ctx: Context[App],
    bot: Bot,
    key: Annotated[str, Field(max_length=512, description='A key; "order.*" or "*" lists those that begin so.')],
    from_bot: Annotated[str, Field(max_length=300, description="Read what this bot shares with it instead.")] = "",
    history: Annotated[bool, Field(description="Its versions instead, newest first.")] = False,
    value_from: Annotated[int, Field(ge=0, description="Read a long value on from this character.")] = 0,
    cursor: Annotated[str, Field(max_length=512, description="Go on with a list: as the last answer gave it.")] = "",
    limit: Annotated[int, Field(ge=1, le=100, description="Of a list or history.")] = 20,
) -> Told:
    """Read a bot's memory: a value, a list of keys, or the history of one."""
    app = app_of(ctx)
    caller = app.caller("mcp", client_name(ctx))
    tenant, name = caller.tenant, await full_name(app, caller, bot)
    own, memories, now = bot_id(tenant, name), app.memories, app.now()
    wanted = limits.memory_key(key)
    if history:
        versions = await memories.history(tenant, own, wanted, limit)
        told = _within(
            [
                {
                    "version": past.version, "op": past.op, "value": past.value, "at": _time(past.at),
                    "by": past.by or None, "origin": past.origin or None,
                }
                for past in versions
            ]
        )  # fmt: skip
        return block(MemoryReply(found=bool(versions), bot=name, key=wanted, history=told, next=_NOTHING_MORE))
    if wanted.endswith("*"):
        listed = await memories.listed(tenant, own, wanted[:-1], now, limit + 1, cursor or None)
        rows = _within(
            [
                {"key": one.key, "value": one.value, "version": one.version, "origin": one.origin or None}
                for one in listed[:limit]
            ]
        )
        last = rows[-1]["key"] if rows and (len(listed) > limit or len(rows) < len(listed)) else None
        then = "Call get_memory with this cursor for more." if last else _NOTHING_MORE
        return block(MemoryReply(found=bool(rows), bot=name, key=wanted, memories=rows, cursor=last, next=then))
    if from_bot:
        source = await full_name(app, caller, from_bot)
        memory = await memories.shared(tenant, own, bot_id(tenant, source), wanted, now)
        if memory is None:
            raise ProgramError(
                f"No bot {source} shares {limits.shown(wanted)} with {name}. It would with share_memory: from_bot "
                f"{source}, with_bot {name}."
            )
        memory = memory if memory.version else None
    else:
        memory = await memories.known(tenant, own, wanted, now)
    if memory is None:
        then = 'Nothing is remembered there: get_memory with the key "*" lists what is; set_memory writes.'
        return block(MemoryReply(found=False, bot=name, key=wanted, next=then))
    shown, upto = piece(memory.value, value_from)
    more = len(memory.value) > upto
    reply = MemoryReply(
        found=True,
        bot=name,
        key=wanted,
        value=shown,
        version=memory.version,
        updated=_time(memory.updated),
        expires=_time(memory.expires),
        origin=memory.origin or None,
        next=f"The value has {len(memory.value):,} characters: get_memory with value_from {upto} reads on."
        if more
        else "set_memory with this expected_version changes it only if nobody else has meanwhile.",
    )
    return block(reply)


async def set_memory(
    ctx: Context[App],
    bot: Bot,
    key: Name,
    value: Annotated[Any, Field(description="Text, or JSON kept as text; for increment the number to add.")] = None,
    action: Annotated[
        Literal["set", "delete", "increment", "append"], Field(description="append adds an item to a list.")
    ] = "set",
    expected_version: Annotated[
        int | None, Field(ge=0, description="Only while it stands at this version; 0: only if there is none.")
    ] = None,
    ttl_seconds: Annotated[float | None, Field(gt=0, description="Forget it after so long.")] = None,
    idempotency_key: Key = "",
) -> Wrote:
    """Write a bot's memory: set, delete, increment or append. The result is what the keyword answers.

    Nothing is lost when several write at once: increment and append are atomic, expected_version refuses a late set.
    """
    given: dict[str, Any] = {"key": key, "value": value}
    late = "" if ttl_seconds is None else " TTL ttl"
    given |= {} if ttl_seconds is None else {"ttl": ttl_seconds}
    if expected_version is not None and action != "set":
        raise ProgramError(f"expected_version is for action set; {action} is safe without it. Leave it out.")
    match action:
        case "set":
            checked = "" if expected_version is None else " IF VERSION version"
            given |= {} if expected_version is None else {"version": expected_version}
            source = f"SET BOT MEMORY key, value{late}{checked}\nRETURN BOT MEMORY VERSION key\n"
        case "delete":
            source, given = "RETURN DELETE BOT MEMORY key\n", {"key": key}
        case "increment":
            given["value"] = 1 if value is None else value
            source = f"RETURN INCREMENT BOT MEMORY key BY value{late}\n"
        case "append":
            source = "RETURN APPEND BOT MEMORY key, value\n"
            given = {"key": key, "value": value}
    name = await _named(ctx, bot)
    return await written(ctx, ProgramText(source, "set_memory"), given, idempotency_key, bot=name)


async def search_memory(
    ctx: Context[App],
    bot: Bot,
    question: Annotated[str, Field(max_length=4_000, description="What you want to know, in plain words.")],
    limit: Annotated[int, Field(ge=1, le=50, description="How many.")] = 10,
) -> Told:
    """Find what a bot remembers, or was given by others, by words and meaning. What was just written is found."""
    app = app_of(ctx)
    if not question.strip():
        raise ProgramError("search_memory needs a question that is not empty.")
    caller = app.caller("mcp", client_name(ctx))
    name = await full_name(app, caller, bot)
    hits = await app.memories.search(caller.tenant, bot_id(caller.tenant, name), question.strip(), app.now(), limit)
    rows = _within(
        [
            {
                "key": hit.key, "value": hit.value, "version": hit.version, "score": round(hit.score, 3),
                "origin": hit.origin or None,
            }
            for hit in hits
        ]
    )  # fmt: skip
    then = (
        "get_memory reads one of the keys in full."
        if rows
        else "Nothing fits: ask in other words, or list with get_memory."
    )
    return block(MemoryReply(found=bool(rows), bot=name, memories=rows, next=then))


async def share_memory(
    ctx: Context[App],
    key: Annotated[str, Field(max_length=512, description='The memory\'s key, or "prefix.*".')],
    from_bot: Annotated[str, Field(max_length=300, description="The bot whose memory it is.")],
    with_bot: Annotated[str, Field(max_length=2_000, description="Who shall have it too; several with commas.")] = "",
    value: Annotated[str | None, Field(description="Set the memory to this first.")] = None,
    snapshot: Annotated[bool, Field(description="Only the present value, never a later one.")] = False,
    until: Annotated[str, Field(max_length=40, description='When it ends: a date, or "7 days".')] = "",
    writable: Annotated[bool, Field(description="They may write it.")] = False,
    revoke: Annotated[bool, Field(description="Take it back instead, from them or from all.")] = False,
    purge: Annotated[bool, Field(description="With revoke: also remove unmodified copies.")] = False,
    idempotency_key: Key = "",
) -> Wrote:
    """Share a memory of a bot with other bots, optionally set it first; or take it back with revoke."""
    targets = [name.strip() for name in with_bot.split(",") if name.strip()]
    given: dict[str, Any] = {"key": key, "target": targets}
    if revoke:
        whom = " WITH target" if targets else ""
        source = f"RETURN BOT UNSHARE MEMORY key{whom}{' PURGE' if purge else ''}\n"
        given = given if targets else {"key": key}
    else:
        if not targets:
            raise ProgramError("share_memory needs with_bot: the bot that shall have it.")
        words = " SNAPSHOT" if snapshot else ""
        words += " UNTIL until" if until else ""
        words += " WRITABLE" if writable else ""
        given |= {"until": until} if until else {}
        given |= {} if value is None else {"value": value}
        first = "" if value is None else "SET BOT MEMORY key, value\n"
        source = f"{first}RETURN BOT SHARE MEMORY key WITH target{words}\n"
    name = await _named(ctx, from_bot)
    return await written(ctx, ProgramText(source, "share_memory"), given, idempotency_key, bot=name)


async def sync_memory(
    ctx: Context[App],
    bot: Annotated[str, Field(max_length=300, description="The bot that takes over.")],
    from_bot: Annotated[str, Field(max_length=300, description="The bot that shares.")],
    on_conflict: Annotated[
        Literal["source", "keep", "newest", "fail"], Field(description="Whose value wins where both have changed.")
    ] = "source",
    idempotency_key: Key = "",
) -> Wrote:
    """Let a bot take over all that another shares with it. The result names what changed and what conflicted."""
    word = "" if on_conflict == "source" else f" {on_conflict.upper()}"
    source = f"RETURN BOT SYNC MEMORY FROM source{word}\n"
    name = await _named(ctx, bot)
    return await written(ctx, ProgramText(source, "sync_memory"), {"source": from_bot}, idempotency_key, bot=name)


TOOLS = (
    Tool(get_memory, "GET BOT MEMORY, LIST BOT MEMORY, MEMORY HISTORY", READS, "memory:read", "memory"),
    Tool(set_memory, "SET/DELETE/INCREMENT/APPEND BOT MEMORY", writes(destructive=True), "memory:write", "memory"),
    Tool(search_memory, "SEARCH MEMORY", READS, "memory:read", "memory"),
    Tool(share_memory, "BOT SHARE MEMORY, BOT UNSHARE MEMORY", writes(idempotent=True), "memory:write", "memory"),
    Tool(sync_memory, "BOT SYNC MEMORY", writes(idempotent=True), "memory:write", "memory"),
)

_NOTHING_MORE = "Nothing more to call."


async def _named(ctx: Context[App], bot: str) -> str:
    app = app_of(ctx)
    return await full_name(app, app.caller("mcp", client_name(ctx)), bot)


def _within(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As many rows as an answer holds, long values shortened; empty fields left out."""
    kept: list[dict[str, Any]] = []
    left = ROOM
    for row in rows:
        value = row.get("value")
        if isinstance(value, str):
            row["value"] = short(value, 600)
        slim = {name: part for name, part in row.items() if part is not None}
        left -= len(json.dumps(slim, ensure_ascii=False).encode())
        if left < 0 and kept:
            break
        kept.append(slim)
    return kept


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="milliseconds") if at else None
