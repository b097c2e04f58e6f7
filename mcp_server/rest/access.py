"""Keys and the audit log: for whoever may administer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from mcp_server.problems import Problem
from mcp_server.rest.paging import Limit, Listed, PairText, cut, pair, pair_of
from mcp_server.rest.table import ANYBODY, Call, Link, Operation, Reply, Shape, Told
from workflow.details import SCOPES

Scope = Literal["wf:read", "wf:run", "wf:approve", "memory:read", "memory:write", "events:publish", "admin"]


class Key(Told):
    id: str
    name: str
    status: Literal["active", "expired", "revoked"]
    subject: str
    scopes: list[Scope]
    bots: list[str] | None = None
    requests_per_minute: int | None = None
    tenant: UUID
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class Keys(Told):
    items: list[Key]


class New(Shape):
    name: Annotated[str, Field(min_length=1, max_length=200, description="What it is for.")]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=7)]
    subject: Annotated[
        str | None, Field(min_length=1, max_length=200, description="Whom it acts as, as approvals name people.")
    ] = None
    bots: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=200)]] | None,
        Field(min_length=1, max_length=100, description="Only these bots or packages."),
    ] = None
    days: Annotated[float | None, Field(gt=0, le=3650, description="How long it is good.")] = None
    requests_per_minute: Annotated[int | None, Field(ge=1, le=1_000_000)] = None


class Made(Key):
    key: str = Field(description="The key itself. It is told this once.")


class Deed(Told):
    at: datetime
    subject: str
    proof: str
    door: str
    action: str
    about: str
    outcome: str
    request: str
    address: str


class Audit(Listed):
    items: list[Deed]


class Wanted(Shape):
    subject: Annotated[str, Field(max_length=200)] = ""
    action: Annotated[str, Field(max_length=200)] = ""
    limit: Limit = 50
    cursor: PairText | None = None


class Self(Told):
    """Who you are here."""

    subject: str
    tenant: UUID
    owner: bool
    scopes: list[Scope]
    bots: list[str] | None = None


async def listed(call: Call) -> Reply:
    return Reply({"items": [key.told(call.app.now()) for key in await call.app.keys.listed(call.caller)]})


async def new(call: Call) -> Reply:
    body: New = call.body
    key, text = await call.app.keys.new(
        call.caller, body.name, body.scopes, call.app.now(), subject=body.subject or "", bots=body.bots, days=body.days,
        rate=body.requests_per_minute,
    )  # fmt: skip
    address = f"/api/v1/keys/{key.id}"
    return Reply({**key.told(call.app.now()), "key": text}, 201, {"Location": address})


async def _one(call: Call) -> Any:
    if key := await call.app.keys.one(call.caller, call.path["api_key"]):
        return key
    raise Problem("unknown", "There is no such key.")


async def shown(call: Call) -> Reply:
    return Reply((await _one(call)).told(call.app.now()))


async def revoke(call: Call) -> Reply:
    await _one(call)
    await call.app.keys.revoke(call.caller, call.path["api_key"], call.app.now())
    return Reply()


async def audit(call: Call) -> Reply:
    query: Wanted = call.query
    place = pair_of(query.cursor)
    found = await call.app.audit.read(
        call.caller, limit=query.limit + 1, before=place[1] if place else None, subject=query.subject,
        action=query.action,
    )  # fmt: skip
    rows, onward = cut(found, query.limit, lambda row: pair(0, row["id"]))
    told = [
        {**{k: v for k, v in row.items() if k not in ("id", "tenant_id")}, "at": row["at"].isoformat()} for row in rows
    ]
    return Reply({"items": told, "next_cursor": onward})


async def self(call: Call) -> Reply:
    who = call.caller
    scopes = sorted(scope for scope in SCOPES if who.may(scope))
    bots = None if who.bots is None else sorted(who.bots)
    return Reply(
        {"subject": who.subject, "tenant": str(who.tenant), "owner": who.owner, "scopes": scopes, "bots": bots}
    )


_SAME = {"api_key": "$response.body#/id"}
TABLE = (
    Operation("GET", "/self", "getSelf", "Say who you are here, and what you may do", self, ANYBODY, "access",
              answers=Self),
    Operation("GET", "/keys", "listKeys", "List the keys, never their text", listed, "admin", "access", answers=Keys),
    Operation("POST", "/keys", "newKey", "Make a key", new, "admin", "access", body=New, answers=Made, status=201,
              location=True, programs=True,
              links={"look": Link("getKey", _SAME), "revoke": Link("revokeKey", _SAME)},
              example={"name": "my agent", "scopes": ["wf:read", "wf:run"], "days": 90}),
    Operation("GET", "/keys/{api_key}", "getKey", "Look at a key", shown, "admin", "access", answers=Key),
    Operation("DELETE", "/keys/{api_key}", "revokeKey", "Let a key open nothing any more", revoke, "admin", "access",
              status=204),
    Operation("GET", "/audit", "listAudit", "Read the audit log, the newest first", audit, "admin", "access",
              query=Wanted, answers=Audit),
)  # fmt: skip
