"""Approvals: what is asked of people, decided by those who were asked."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from mcp_server import inbox_links
from mcp_server.problems import Problem
from mcp_server.rest.paging import Listed, Page, cut, place, place_of
from mcp_server.rest.table import Call, Link, Operation, Reply, Shape, Told
from workflow import telling
from workflow.approvals import AlreadyDecided
from workflow.details import Approval as Asked

Decision = Literal["approve", "reject", "escalate", "defer", "requestinfo", "comment"]


class Approval(Told):
    """A request to people."""

    approval_id: UUID
    execution_id: UUID = Field(description="The execution that people know; it may wait in something it started.")
    workflow: str
    message: str
    approvers: list[str]
    status: str
    deadline: datetime | None = None
    required: int
    decisions: list[dict[str, Any]]
    reminders: int
    history: list[dict[str, Any]]


class Approvals(Listed):
    items: list[Approval]


class Wanted(Page):
    status: Annotated[Literal["pending", "decided"] | None, Field(description="Only those.")] = None
    assignee: Annotated[
        Literal["me"] | None, Field(description="Only those that the caller was asked for by name.")
    ] = None


class Comment(Shape):
    comment: Annotated[str, Field(max_length=2000, description="Why; kept with the decision.")] = ""


class Decide(Comment):
    decision: Decision


class LinkFor(Shape):
    person: Annotated[str, Field(min_length=1, max_length=200, description="One of those who were asked.")]
    hours: Annotated[float, Field(ge=0.01, le=8760, description="How long it is good.")] = inbox_links.HOURS


class LinkTold(Told):
    url: str = Field(description="For this person alone: whoever has it decides in his name, once.")
    expires_at: datetime


class ByLink(Comment):
    key: Annotated[str, Field(min_length=1, max_length=500, description="The key of the link.")]
    decision: Decision


async def listed(call: Call) -> Reply:
    query: Wanted = call.query
    found = await call.app.operations.requests(
        call.caller, query.status or "", mine=query.assignee == "me", limit=query.limit + 1,
        before=place_of(query.cursor),
    )  # fmt: skip
    rows, onward = cut(found, query.limit, lambda row: place(row.created_at, row.id))
    return Reply({"items": [telling.told_approval(row) for row in rows], "next_cursor": onward})


async def shown(call: Call) -> Reply:
    return Reply(telling.told_approval(await call.app.operations.approval(call.caller, call.id("approval"))))


async def decided(call: Call, decision: str = "") -> Reply:
    """Take the decision; who comes too late is told how it was decided."""
    key = call.key and f"rest decision:{call.key}"
    taken = decision or call.body.decision
    try:
        made = await call.app.detached(
            call.app.operations.decide(call.caller, call.id("approval"), taken, call.body.comment, key=key)
        )
    except AlreadyDecided as error:
        raise _late(error) from None
    return Reply(telling.told_approval(made))


def _late(error: AlreadyDecided) -> Problem:
    return Problem("conflict", str(error), more={"approval": telling.told_approval(error.approval)})


async def linked(call: Call) -> Reply:
    body: LinkFor = call.body
    try:
        key, until = await inbox_links.made(call.app, call.caller, call.id("approval"), body.person, body.hours)
    except AlreadyDecided as error:
        raise _late(error) from None
    address = inbox_links.address_of(str(call.request.base_url), key)
    return Reply({"url": address, "expires_at": until.isoformat()}, 201, {"Location": address})


async def decided_by_link(call: Call) -> Reply:
    body: ByLink = call.body
    if not inbox_links.good(call.app, body.key):
        raise Problem("unknown", inbox_links.USELESS)
    try:
        made: Asked = await call.app.operations.decide_by_link(body.key, body.decision, body.comment)
    except AlreadyDecided as error:
        raise Problem("conflict", str(error)) from None
    return Reply({"status": made.status, "decision": body.decision})


class Taken(BaseModel):
    status: str
    decision: str


_FIRST = {"approval": "$response.body#/items/0/approval_id"}
_NEXT = ("getApproval", "approve", "reject", "decideApproval", "makeApprovalLink")
_WHERE = "/approvals/{approval}"


def _decide(what: str, name: str, summary: str, decision: str, body: type[BaseModel], example: Any) -> Operation:
    return Operation(
        "POST", f"{_WHERE}/{what}", name, summary, partial(decided, decision=decision), "wf:approve", "approvals",
        body=body, body_required=bool("decision" in body.model_fields), answers=Approval, once=True, conflicts=True,
        programs=True, example=example,
    )  # fmt: skip


TABLE = (
    Operation("GET", "/approvals", "listApprovals", "List approvals, the newest first", listed, "wf:read", "approvals",
              query=Wanted, answers=Approvals, links={name: Link(name, _FIRST) for name in _NEXT}),
    Operation("GET", _WHERE, "getApproval", "Look at an approval", shown, "wf:read", "approvals", answers=Approval),
    _decide("approve", "approve", "Approve", "approve", Comment, {"comment": "Fine."}),
    _decide("reject", "reject", "Reject", "reject", Comment, {"comment": "Too much."}),
    _decide("decisions", "decideApproval", "Decide, hand on, put off or ask back", "", Decide,
            {"decision": "escalate", "comment": "Not mine to decide."}),
    Operation("POST", f"{_WHERE}/links", "makeApprovalLink", "Make a link with which one person decides, once", linked,
              "wf:approve", "approvals", body=LinkFor, answers=LinkTold, status=201, location=True, conflicts=True,
              programs=True, example={"person": "lead@example.com", "hours": 24}),
    Operation("POST", "/approval-links/decide", "decideByLink", "Decide with the key of a link", decided_by_link, "",
              "approvals", body=ByLink, answers=Taken, conflicts=True, programs=True,
              about="Needs no key of the API: the link's own is for one person and one decision.",
              example={"key": "1767225600-0f3a.5d41", "decision": "approve"}),
)  # fmt: skip
