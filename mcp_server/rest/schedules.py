"""Schedules, and what tenants and bots may do at most."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from keywords.host import ProgramText
from mcp_server import programs
from mcp_server.problems import Problem
from mcp_server.rest.paging import Moment
from mcp_server.rest.table import Call, Link, Operation, Reply, Shape, Told


class Schedule(Told):
    name: str
    rule: str
    cron: str | None = None
    zone: str
    missed: str
    status: str
    workflow: str | None = None
    inputs: dict[str, Any]
    next: list[datetime]
    last_at: datetime | None = None
    last_execution: str | None = None
    last_error: str | None = None
    runs: int
    passed_over: int
    kept_by: str


class Schedules(Told):
    items: list[Schedule]


class Put(Shape):
    rule: Annotated[
        str | None, Field(min_length=1, max_length=200, description='A cron line, or words: "every day at 9".')
    ] = None
    at: Annotated[Moment | None, Field(description="Instead of a rule: once, then.")] = None
    workflow: Annotated[str | None, Field(min_length=1, max_length=300, description='"package/dialog".')] = None
    source: Annotated[str | None, Field(max_length=programs.LONGEST_SOURCE, description="Or a BASIC program.")] = None
    inputs: dict[str, Any] = Field(default_factory=dict)
    zone: Annotated[str | None, Field(min_length=1, max_length=60, description="Europe/Berlin")] = None
    missed: Annotated[
        Literal["skip", "once", "all"], Field(description="What becomes of times at which nobody was up.")
    ] = "once"


class Limit(Told):
    bot: str | None = Field(default=None, description="null: the whole tenant.")
    max_running: int | None = None
    starts: int | None = None
    seconds: float | None = None
    running: int
    set_by: str


class Limits(Told):
    items: list[Limit]


class PutLimit(Shape):
    bot: Annotated[str | None, Field(min_length=1, max_length=200, description="null: the whole tenant.")] = None
    running: Annotated[int | None, Field(ge=1, le=1_000_000, description="At one moment.")] = None
    starts: Annotated[int | None, Field(ge=1, le=1_000_000, description="In so many seconds.")] = None
    seconds: Annotated[float, Field(ge=0.001, le=2_678_400)] = 60.0


async def listed(call: Call) -> Reply:
    return Reply({"items": [one.told() for one in await call.app.operations.schedules(call.caller)]})


async def shown(call: Call) -> Reply:
    return Reply((await call.app.operations.schedule(call.caller, call.path["schedule"])).told())


async def put(call: Call) -> Reply:
    body: Put = call.body
    if bool(body.source) == bool(body.workflow):
        raise Problem("invalid", "Give either source (BASIC text) or workflow (a name).")
    if (body.rule is None) == (body.at is None):
        raise Problem("invalid", "Give either rule or at.")
    if body.source:
        text = ProgramText(body.source, programs.name_of(body.source))
    else:
        text = await call.app.program(call.caller, body.workflow or "")
    known = {one.name for one in await call.app.operations.schedules(call.caller)}
    made = await call.app.operations.set_schedule(
        call.caller, body.at or body.rule or "", text, name=call.path["schedule"], inputs=body.inputs,
        zone=body.zone or "", missed=body.missed, bot_name=text.origin,
    )  # fmt: skip
    return Reply(made.told(), 200 if made.name in known else 201)


async def delete(call: Call) -> Reply:
    await call.app.operations.delete_schedule(call.caller, call.path["schedule"])
    return Reply()


async def pause(call: Call) -> Reply:
    found = await call.app.operations.schedule(call.caller, call.path["schedule"])
    if found.status != "paused":
        found = await call.app.operations.pause_schedule(call.caller, found.name)
    return Reply(found.told())


async def resume(call: Call) -> Reply:
    found = await call.app.operations.schedule(call.caller, call.path["schedule"])
    if found.status != "active":
        found = await call.app.operations.resume_schedule(call.caller, found.name)
    return Reply(found.told())


async def limits(call: Call) -> Reply:
    return Reply({"items": [one.told() for one in await call.app.operations.limits(call.caller)]})


async def put_limit(call: Call) -> Reply:
    body: PutLimit = call.body
    await call.app.operations.set_limit(
        call.caller, body.bot or "", running=body.running, starts=body.starts, seconds=body.seconds
    )
    return await limits(call)


_NEXT = ("getSchedule", "pauseSchedule", "resumeSchedule", "deleteSchedule")
_ONE = "/schedules/{schedule}"
TABLE = (
    Operation("GET", "/schedules", "listSchedules", "List the schedules, the next one first", listed, "wf:read",
              "schedules", answers=Schedules),
    Operation("GET", _ONE, "getSchedule", "Look at a schedule", shown, "wf:read", "schedules", answers=Schedule),
    Operation("PUT", _ONE, "putSchedule", "Start a program at its times", put, "wf:run", "schedules", body=Put,
              answers=Schedule, also={201: Schedule}, conflicts=True, programs=True,
              links={name: Link(name, {"schedule": "$response.body#/name"}) for name in _NEXT},
              example={"rule": "every day at 9", "source": 'TALK "Good morning"\n', "zone": "Europe/Berlin"}),
    Operation("DELETE", _ONE, "deleteSchedule", "Delete a schedule", delete, "wf:run", "schedules", status=204,
              conflicts=True),
    Operation("POST", f"{_ONE}/pause", "pauseSchedule", "Let it start nothing until it is resumed", pause, "wf:run",
              "schedules", answers=Schedule, conflicts=True),
    Operation("POST", f"{_ONE}/resume", "resumeSchedule", "Let a paused one go on", resume, "wf:run", "schedules",
              answers=Schedule, conflicts=True),
    Operation("GET", "/limits", "listLimits", "List how much may run and start", limits, "wf:read", "limits",
              answers=Limits),
    Operation("PUT", "/limits", "putLimit", "Limit the tenant or one bot", put_limit, "admin", "limits", body=PutLimit,
              answers=Limits, programs=True, example={"bot": "customer-support", "running": 20}),
)  # fmt: skip
