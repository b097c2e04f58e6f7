"""What bots remember: read from the store, written as executions like any other write."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from keywords.host import ProgramText, bot_id
from keywords.library import limits
from keywords.memories import Memory as Known
from keywords.mistakes import UnknownName
from mcp_server.mcp_face.begun import full_name
from mcp_server.problems import Problem
from mcp_server.rest.paging import Limit, Listed, WordText, cut, word, word_of
from mcp_server.rest.table import Call, Operation, Reply, Shape, Told

SET = """\
IF version >= 0 THEN
  SET BOT MEMORY key, value{late} IF VERSION version
ELSE
  SET BOT MEMORY key, value{late}
END IF
RETURN BOT MEMORY VERSION key
"""
DELETE = ProgramText("RETURN DELETE BOT MEMORY key\n", "delete memory")
SECONDS = 20.0


class Memory(Told):
    key: str
    value: str
    version: int
    updated: datetime
    expires: datetime | None = None
    origin: str | None = Field(default=None, description="The bot it came from.")


class Memories(Listed):
    items: list[Memory]


class Past(Told):
    version: int
    op: str
    value: str | None
    at: datetime
    by: str | None = None
    origin: str | None = None


class History(Told):
    items: list[Past]


class Hit(Told):
    key: str
    value: str
    version: int
    score: float
    origin: str | None = None


class Hits(Told):
    items: list[Hit]


class Prefix(Shape):
    prefix: Annotated[str, Field(max_length=512, description="Only keys that begin so.")] = ""
    limit: Limit = 50
    cursor: WordText | None = None


class Newest(Shape):
    limit: Limit = 50


class Question(Shape):
    q: Annotated[str, Field(min_length=1, max_length=4000, description="In plain words.")]
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class Put(Shape):
    value: Annotated[Any, Field(description="Text, or JSON that is kept as text.")]
    ttl_seconds: Annotated[float | None, Field(gt=0, le=315_360_000, description="Forget it after so long.")] = None


class Share(Shape):
    key: Annotated[str, Field(min_length=1, max_length=512, description='A key, or "prefix.*".')]
    from_bot: Annotated[str, Field(min_length=1, max_length=300, description="Whose memory it is.")]
    with_bots: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=300)]],
        Field(min_length=1, max_length=50, description="Who shall have it too."),
    ]
    snapshot: Annotated[bool, Field(description="Only the present value.")] = False
    writable: Annotated[bool, Field(description="They may write it.")] = False
    until: Annotated[str | None, Field(min_length=1, max_length=40, description='A date, or "7 days".')] = None


class Grant(Told):
    key: str
    source: str
    target: str
    snapshot: bool
    writable: bool
    reshare: bool
    until: datetime | None = None
    given: bool


class Grants(Told):
    items: list[Grant]


class Shared(Told):
    shared: Any = None


async def _bot(call: Call, name: str) -> tuple[str, UUID]:
    found = limits.name_of("a bot", await full_name(call.app, call.caller, name), 300)
    return found, bot_id(call.caller.tenant, found)


def _told(found: Known) -> dict[str, Any]:
    return {
        "key": found.key, "value": found.value, "version": found.version, "updated": found.updated.isoformat(),
        "expires": found.expires and found.expires.isoformat(), "origin": found.origin or None,
    }  # fmt: skip


async def listed(call: Call) -> Reply:
    query: Prefix = call.query
    _, own = await _bot(call, call.path["bot"])
    after = word_of(query.cursor)
    found = await call.app.memories.listed(
        call.caller.tenant, own, query.prefix, call.app.now(), query.limit + 1, after
    )
    rows, onward = cut(found, query.limit, lambda row: word(row.key))
    return Reply({"items": [_told(row) for row in rows], "next_cursor": onward})


async def _known(call: Call) -> Known | None:
    _, own = await _bot(call, call.path["bot"])
    return await call.app.memories.known(call.caller.tenant, own, limits.memory_key(call.path["key"]), call.app.now())


async def shown(call: Call) -> Reply:
    if (found := await _known(call)) is None:
        raise UnknownName("memory", call.path["key"][:100], (), "The bot remembers nothing under this key.")
    return Reply(_told(found), etag=str(found.version))


async def put(call: Call) -> Reply:
    body: Put = call.body
    bot, own = await _bot(call, call.path["bot"])
    key = limits.memory_key(call.path["key"])
    before = await _known(call)
    if call.request.headers.get("if-none-match", "").strip() == "*":
        version = 0
    elif call.match is None or (call.match == "*" and before):
        version = -1
    else:
        version = before.version if before and call.match == str(before.version) else None
    if version is None or (version == 0 and before):
        raise Problem("changed", "The memory is not the one you saw.", headers=_tag(before))
    late = "" if body.ttl_seconds is None else " TTL ttl"
    given = {"key": key, "value": body.value, "version": version}
    given |= {} if body.ttl_seconds is None else {"ttl": body.ttl_seconds}
    program = ProgramText(SET.format(late=late), "set memory")
    detail = await call.app.operations.completed(
        call.caller, program, given, seconds=SECONDS, bot_name=bot, scope="memory:write"
    )
    after = await call.app.memories.known(call.caller.tenant, own, key, call.app.now())
    if after is None:  # it was to be forgotten at once, or somebody deleted it
        return Reply(
            {"key": key, "value": "", "version": int(detail.result or 0), "updated": call.app.now().isoformat()}
        )
    return Reply(_told(after), 200 if before else 201, etag=str(after.version))


def _tag(found: Known | None) -> dict[str, str]:
    return {"ETag": f'"{found.version}"'} if found else {}


async def delete(call: Call) -> Reply:
    bot, _ = await _bot(call, call.path["bot"])
    before = await _known(call)
    if before is None:
        raise UnknownName("memory", call.path["key"][:100], (), "The bot remembers nothing under this key.")
    if call.match not in (None, "*", str(before.version)):
        raise Problem("changed", "The memory is not the one you saw.", headers=_tag(before))
    given = {"key": limits.memory_key(call.path["key"])}
    await call.app.operations.completed(call.caller, DELETE, given, seconds=SECONDS, bot_name=bot, scope="memory:write")
    return Reply()


async def history(call: Call) -> Reply:
    _, own = await _bot(call, call.path["bot"])
    key = limits.memory_key(call.path["key"])
    rows = await call.app.memories.history(call.caller.tenant, own, key, call.query.limit)
    told = [
        {"version": past.version, "op": past.op, "value": past.value, "at": past.at.isoformat(), "by": past.by or None,
         "origin": past.origin or None}
        for past in rows
    ]  # fmt: skip
    return Reply({"items": told})


async def search(call: Call) -> Reply:
    _, own = await _bot(call, call.path["bot"])
    query: Question = call.query
    if not query.q.strip():
        raise Problem("invalid", "Ask something.")
    hits = await call.app.memories.search(call.caller.tenant, own, query.q.strip(), call.app.now(), query.limit)
    told = [
        {"key": hit.key, "value": hit.value, "version": hit.version, "score": hit.score, "origin": hit.origin or None}
        for hit in hits
    ]
    return Reply({"items": told})


async def shares(call: Call) -> Reply:
    _, own = await _bot(call, call.path["bot"])
    found = await call.app.memories.shares(call.caller.tenant, own, call.app.now(), call.query.limit)
    told = [
        {"key": one.key, "source": one.source, "target": one.target, "snapshot": one.snapshot,
         "writable": one.writable, "reshare": one.reshare, "until": one.until and one.until.isoformat(),
         "given": one.given}
        for one in found
    ]  # fmt: skip
    return Reply({"items": told})


async def share(call: Call) -> Reply:
    body: Share = call.body
    bot, _ = await _bot(call, body.from_bot)
    words = f"{' SNAPSHOT' if body.snapshot else ''}{' UNTIL until' if body.until else ''}"
    words += " WRITABLE" if body.writable else ""
    given: dict[str, Any] = {"key": body.key, "target": list(body.with_bots)}
    given |= {"until": body.until} if body.until else {}
    program = ProgramText(f"RETURN BOT SHARE MEMORY key WITH target{words}\n", "share memory")
    detail = await call.app.operations.completed(
        call.caller, program, given, seconds=SECONDS, bot_name=bot, scope="memory:write"
    )
    return Reply({"shared": detail.result}, 201)


_ALL, _ONE = "/bots/{bot}/memory", "/bots/{bot}/memory/{key}"
TABLE = (
    Operation("GET", _ALL, "listMemory", "List what a bot remembers, by key", listed, "memory:read", "memory",
              query=Prefix, answers=Memories, programs=True),
    Operation("GET", _ONE, "getMemory", "Read a memory", shown, "memory:read", "memory", answers=Memory, etag=True,
              programs=True),
    Operation("PUT", _ONE, "putMemory", "Write a memory", put, "memory:write", "memory", body=Put, answers=Memory,
              also={201: Memory}, etag=True, match="optional", conflicts=True, programs=True,
              about="With `If-Match` only the version you saw; with `If-None-Match: *` only where there is none.",
              example={"value": "gold", "ttl_seconds": 86400}),
    Operation("DELETE", _ONE, "deleteMemory", "Forget a memory", delete, "memory:write", "memory", status=204,
              match="optional", programs=True),
    Operation("GET", f"{_ONE}/history", "listMemoryHistory", "List the versions of a memory", history, "memory:read",
              "memory", query=Newest, answers=History, programs=True),
    Operation("GET", "/bots/{bot}/memory-search", "searchMemory", "Find memories by words and meaning", search,
              "memory:read", "memory", query=Question, answers=Hits, programs=True),
    Operation("GET", "/bots/{bot}/memory-shares", "listShares", "List what a bot shares, and what is shared with it",
              shares, "memory:read", "memory", query=Newest, answers=Grants, programs=True),
    Operation("POST", "/memory/shares", "shareMemory", "Share a memory with other bots", share, "memory:write",
              "memory", body=Share, answers=Shared, status=201, programs=True, conflicts=True,
              example={"key": "order.*", "from_bot": "sales", "with_bots": ["support"]}),
)  # fmt: skip
