"""The log of events: what was published, who wants it, what nobody could deliver; and publishing by hand."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from designer.house import House, Missing, Visit
from designer.inputs import value_of
from keywords.mistakes import WrongValue

PAGE = 50


def routes(house: House) -> list[Route]:
    return [
        house.route("/events", log),
        house.route("/events", published, ("POST",), "events:publish"),
        house.route("/events/{id}/replay", replayed, ("POST",), "events:publish"),
    ]


async def log(visit: Visit) -> Response:
    desk, caller = visit.doors.operations.events, visit.caller
    show, pattern, after = visit.asked("show"), visit.asked("name")[:200], visit.asked("after")
    events, place, rows = (), None, ()
    if show == "dead":
        rows = await desk.dead(caller, PAGE)
    elif show == "listeners":
        rows = await desk.subscriptions(caller)
    else:
        events, place = await desk.page(caller, pattern or None, PAGE, before=_place(visit, after))
    return visit.page(
        "events.html",
        visit.say("Events"),
        section="events",
        show=show,
        pattern=pattern,
        events=events,
        rows=rows,
        after=f"{place[0]}.{place[1]}" if place else "",
        may_publish=caller.may("events:publish"),
    )


def _place(visit: Visit, text: str) -> tuple[int, int] | None:
    if not text:
        return None
    xid, _, seq = text.partition(".")
    if not (xid.isdecimal() and seq.isdecimal() and len(text) < 42):
        raise WrongValue(visit.say("That is no place in this list. Begin at its beginning."))
    return int(xid), int(seq)


async def published(visit: Visit) -> Response:
    given = await visit.form()
    name = given.get("name", "").strip()
    if not name:
        raise Missing(visit.say("Give the event a name."))
    text = given.get("data", "").strip()
    await visit.doors.operations.publish(visit.caller, name, value_of(text) if text else None)
    return visit.see("/designer/events")


async def replayed(visit: Visit) -> Response:
    count = await visit.doors.operations.events.replayed(visit.caller, visit.id())
    return visit.done(visit.say("Delivered again to {n}.", n=count), "/designer/events")
