"""Programs that start at their times: listed, set, paused, deleted."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from designer.house import House, Visit
from designer.inputs import value_of
from keywords.mistakes import WrongValue


def routes(house: House) -> list[Route]:
    return [
        house.route("/schedules", listed),
        house.route("/schedules", placed, ("POST",), "wf:run"),
        house.route("/schedules/steer", steered, ("POST",), "wf:run"),
    ]


async def listed(visit: Visit) -> Response:
    found = await visit.doors.operations.schedules(visit.caller)
    limits = await visit.doors.operations.limits(visit.caller)
    may_run = visit.caller.may("wf:run")
    return visit.page(
        "schedules.html", visit.say("Schedules"), section="schedules", schedules=found, limits=limits, may_run=may_run
    )


async def placed(visit: Visit) -> Response:
    given = await visit.form()
    program = await visit.doors.find(visit.caller, given.get("workflow", ""))
    text = given.get("inputs", "").strip()
    values = value_of(text) if text else {}
    if not isinstance(values, dict):
        raise WrongValue(visit.say('Inputs are a JSON object, such as {"name": "Ada"}.'))
    await visit.doors.operations.set_schedule(
        visit.caller,
        given.get("rule", ""),
        program,
        name=given.get("name", ""),
        inputs=values,
        zone=given.get("zone", ""),
        bot_name=program.origin,
    )
    return visit.see("/designer/schedules")


async def steered(visit: Visit) -> Response:
    given = await visit.form()
    name, operations = given.get("name", ""), visit.doors.operations
    match given.get("act"):
        case "pause":
            await operations.pause_schedule(visit.caller, name)
        case "resume":
            await operations.resume_schedule(visit.caller, name)
        case "delete":
            await operations.delete_schedule(visit.caller, name)
        case _:
            raise WrongValue(visit.say("Choose one of the buttons."))
    return visit.see("/designer/schedules")
