"""Events: published, listed, streamed; webhooks that are told of them, and what became of each delivery."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from keywords.host import ProgramText
from mcp_server.problems import Problem
from mcp_server.rest.paging import Limit, Listed, Moment, Page, PairText, cut, pair, pair_of, place, place_of
from mcp_server.rest.streams import HEARTBEAT, Standing, event, wants_stream
from mcp_server.rest.table import JSON, STREAM, Call, Link, Operation, Reply, Shape, Told
from workflow.events.event import Event as Happened

FORWARD = "RETURN FORWARD EVENT pattern TO url{secret}\n"
SECONDS = 20.0


class Event(Told):
    """Something that happened, as CloudEvents 1.0 names its parts."""

    specversion: Literal["1.0"]
    id: UUID
    type: str
    source: str
    subject: str | None = Field(default=None, description="Its key.")
    time: datetime
    datacontenttype: Literal["application/json"]
    data: Any = None


class Events(Listed):
    items: list[Event]


class Publish(Shape):
    """What happened."""

    type: Annotated[str, Field(min_length=1, max_length=200, description="The event's name.")]
    data: Annotated[Any, Field(description="What goes with it, any JSON.")] = None
    subject: Annotated[str | None, Field(min_length=1, max_length=200, description="Its key.")] = None
    source: Annotated[str | None, Field(min_length=1, max_length=500, description="Who says so.")] = None
    id: Annotated[
        str | None, Field(min_length=1, max_length=200, description="With source it names the event: once is once.")
    ] = None
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"
    time: Annotated[Moment | None, Field(description="When it is to happen, if later than now.")] = None


class Published(Told):
    id: UUID


class Wanted(Shape):
    type: Annotated[
        str | None, Field(min_length=1, max_length=200, description="A name, or a pattern such as order.*")
    ] = None
    since: Annotated[Moment | None, Field(description="Only those since then.")] = None
    limit: Limit = 50
    cursor: PairText | None = None


class Stream(Shape):
    type: Annotated[str, Field(min_length=1, max_length=200, description="A name, or a pattern such as order.*")] = ">"
    since: Annotated[UUID | None, Field(description="Behind this event; as `Last-Event-ID` does.")] = None


class Subscription(Told):
    id: UUID
    kind: str
    pattern: str
    bot_name: str | None = None
    workflow_name: str | None = None
    url: str | None = None
    outstanding: int
    execution_id: UUID | None = None
    since: datetime


class Subscriptions(Told):
    items: list[Subscription]


class Forward(Shape):
    type: Annotated[str, Field(min_length=1, max_length=200, description="A name, or a pattern such as order.*")]
    url: Annotated[str, Field(min_length=1, max_length=2000, description="Where they are sent, by POST.")]
    secret: Annotated[
        str | None, Field(min_length=1, max_length=200, description="`whsec_...`; without it one is made.")
    ] = None


class Forwarded(Subscription):
    secret: str = Field(description="Signs what is sent, as Standard Webhooks says. It is shown this once.")


class Delivery(Told):
    event_id: UUID
    status: str
    attempts: int
    error: dict[str, Any] | None = None
    execution_id: UUID | None = None
    created_at: datetime
    ended_at: datetime | None = None
    due_at: datetime | None = Field(default=None, description="When it is tried again.")


class Deliveries(Listed):
    items: list[Delivery]


class Again(Told):
    deliveries: int = Field(description="How many it is given to again.")


def _told(happened: Happened) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": str(happened.id), "type": happened.name, "source": happened.source,
        "subject": happened.key or None, "time": happened.time.isoformat(), "datacontenttype": JSON,
        "data": happened.data,
    }  # fmt: skip


async def publish(call: Call) -> Reply:
    body: Publish = call.body
    now = call.app.now()
    if call.caller.bots is not None and body.source and body.source.startswith("/bots/"):
        raise Problem("forbidden", "A key that is limited to bots does not speak for another one.")
    dedupe = f"rest {call.key}" if call.key else f"{body.source or '/api'} {body.id}" if body.id else None
    made = await call.app.operations.events.publisher.publish(
        call.caller.tenant, body.type, body.data, key=body.subject, dedupe=dedupe, source=body.source or "/api",
        due=body.time if body.time and body.time > now else None,
    )  # fmt: skip
    return Reply({"id": str(made)}, 202, {"Location": f"/api/v1/events/{made}"})


async def listed(call: Call) -> Reply:
    query: Wanted = call.query
    found, behind = await call.app.operations.events.page(
        call.caller, query.type, query.limit, since=query.since, before=pair_of(query.cursor)
    )
    return Reply({"items": [_told(one) for one in found], "next_cursor": pair(*behind) if behind else None})


async def shown(call: Call) -> Reply:
    return Reply(_told(await call.app.operations.events.get(call.caller, call.id("event"))))


async def streamed(call: Call) -> Reply:
    """What happens from now on, or behind an event; without an Accept of event-stream one page of what was."""
    query: Stream = call.query
    last = call.request.headers.get("last-event-id", "")
    since = str(query.since) if query.since else last
    if since:
        try:
            await call.app.operations.events.get(call.caller, UUID(since))
        except ValueError:
            raise Problem("malformed", "Last-Event-ID is the id of an event.") from None
    if not wants_stream(call.request):
        found, behind = await call.app.operations.events.page(call.caller, query.type, 50)
        return Reply({"items": [_told(one) for one in found], "next_cursor": pair(*behind) if behind else None})
    call.caller.require("wf:read")
    return Reply(stream=_stream(call, query.type, since), media=STREAM)


async def _stream(call: Call, pattern: str, since: str) -> AsyncIterator[bytes]:
    desk = call.app.operations.events
    yield b": listening\n\n"
    since = since or call.app.now().isoformat()  # from here on: what comes between two looks is not lost
    standing = Standing(call.request)
    while True:
        found = await desk.wait(call.caller, pattern, since=since, seconds=HEARTBEAT)
        if not await standing.holds():
            return
        if found is None:
            yield b": still here\n\n"
            continue
        since = str(found.id)
        yield event("event", _told(found), since)


async def subscriptions(call: Call) -> Reply:
    return Reply({"items": list(await call.app.operations.events.subscriptions(call.caller))})


async def subscription(call: Call) -> Reply:
    wanted = str(call.id("subscription"))
    for one in await call.app.operations.events.subscriptions(call.caller):
        if one["id"] == wanted:
            return Reply(dict(one))
    raise Problem("unknown", f"There is no subscription {wanted}.")


async def forward(call: Call) -> Reply:
    body: Forward = call.body
    desk, scope = call.app.operations.events, "events:publish"
    known = {one["id"] for one in await desk.subscriptions(call.caller, scope=scope)}
    given = {"pattern": body.type, "url": body.url, **({"secret": body.secret} if body.secret else {})}
    program = ProgramText(FORWARD.format(secret=" SECRET secret" if body.secret else ""), "forward event")
    detail = await call.app.operations.completed(
        call.caller, program, given, seconds=SECONDS, bot_name="rest api", scope=scope
    )
    listed = await desk.subscriptions(call.caller, scope=scope)
    own = [one for one in listed if one["url"] == body.url and one["pattern"] == body.type]
    made = next((one for one in own if one["id"] not in known), own[-1] if own else None)
    if made is None:
        raise Problem("conflict", "Somebody has ended it meanwhile.")
    address = f"/api/v1/subscriptions/{made['id']}"
    return Reply({**made, "secret": str(detail.result)}, 201, {"Location": address})


async def unsubscribe(call: Call) -> Reply:
    await call.app.operations.events.unsubscribed(call.caller, call.id("subscription"))
    return Reply()


async def deliveries(call: Call) -> Reply:
    query: Page = call.query
    await subscription(call)
    found = await call.app.operations.events.deliveries(
        call.caller, call.id("subscription"), query.limit + 1, place_of(query.cursor)
    )
    rows, onward = cut(found, query.limit, lambda row: place(row["created_at"], row["event_id"]))
    told = [{k: v.isoformat() if isinstance(v, datetime) else v for k, v in row.items()} for row in rows]
    told = [{k: str(v) if isinstance(v, UUID) else v for k, v in row.items()} for row in told]
    return Reply({"items": told, "next_cursor": onward})


async def redeliver(call: Call) -> Reply:
    return Reply({"deliveries": await call.app.operations.events.replayed(call.caller, call.id("event"))}, 202)


_EVENT = {"event": "$response.body#/id"}
_SUBSCRIPTION = {"subscription": "$response.body#/id"}
TABLE = (
    Operation("POST", "/events", "publishEvent", "Publish an event", publish, "events:publish", "events", body=Publish,
              answers=Published, status=202, once=True, location=True, programs=True,
              links={"look": Link("getEvent", _EVENT)},
              example={"type": "order.paid", "subject": "A-17", "data": {"total": 120}}),
    Operation("GET", "/events", "listEvents", "List events, the newest first", listed, "wf:read", "events",
              query=Wanted, answers=Events, programs=True, unlimited=False),
    Operation("GET", "/events/stream", "streamEvents", "Follow what happens", streamed, "wf:read", "events",
              query=Stream, answers=Events, gives=(JSON, STREAM), programs=True, unlimited=False,
              about="With `Accept: text/event-stream` each event as `event`, with its id; `Last-Event-ID` goes on "
              "behind it. Otherwise one page of JSON."),
    Operation("GET", "/events/{event}", "getEvent", "Look at an event", shown, "wf:read", "events", answers=Event,
              unlimited=False),
    Operation("POST", "/events/{event}/redeliver", "redeliverEvent", "Deliver again what was given up", redeliver,
              "events:publish", "events", answers=Again, status=202, unlimited=False),
    Operation("GET", "/subscriptions", "listSubscriptions", "List who is told of which events", subscriptions,
              "wf:read", "events", answers=Subscriptions, unlimited=False),
    Operation("POST", "/subscriptions", "forwardEvents", "Send events to a webhook, signed", forward, "events:publish",
              "events", body=Forward, answers=Forwarded, status=201, location=True, conflicts=True, programs=True,
              unlimited=False, links={"look": Link("getSubscription", _SUBSCRIPTION),
                                      "end": Link("endSubscription", _SUBSCRIPTION)},
              example={"type": "order.*", "url": "https://example.com/hooks"}),
    Operation("GET", "/subscriptions/{subscription}", "getSubscription", "Look at a subscription", subscription,
              "wf:read", "events", answers=Subscription, unlimited=False),
    Operation("DELETE", "/subscriptions/{subscription}", "endSubscription", "End a webhook", unsubscribe,
              "events:publish", "events", status=204, unlimited=False),
    Operation("GET", "/subscriptions/{subscription}/deliveries", "listDeliveries", "List its deliveries", deliveries,
              "wf:read", "events", query=Page, answers=Deliveries, unlimited=False),
)  # fmt: skip
