"""The language models: what each costs, how quick it is, what share of the work it does, and whether it answers."""

from __future__ import annotations

from datetime import datetime, timedelta

from starlette.responses import Response
from starlette.routing import Route

from designer import charts
from designer.house import House, Visit
from designer.showing import money, span as spoken

SPANS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}


def routes(house: House) -> list[Route]:
    return [house.route("/models", models)]


async def models(visit: Visit) -> Response:
    name, task = visit.asked("over", "week"), visit.asked("task")
    name = name if name in SPANS else "week"
    tenant, now, length = visit.caller.tenant, visit.doors.now(), SPANS[name]
    standings = await visit.doors.performance.standings(tenant)
    usage = await visit.doors.performance.usage(tenant, now, length)
    points = [point for point in usage["points"] if not task or point["task"] == task]
    span = charts.Span(datetime.fromisoformat(usage["since"]), now, usage["piece_seconds"])
    calls = sum(point["calls"] for point in points)
    return visit.page(
        "models.html",
        visit.say("Models"),
        section="models",
        over=name,
        task=task,
        tasks=sorted({one.task for one in standings if one.task}),
        standings=[one for one in standings if not task or one.task == task],
        charts=[
            charts.lines(visit.say("Cost"), points, span, "cost", money),
            charts.lines(visit.say("Latency"), points, span, "seconds", spoken),
            charts.shares(visit.say("Share of the calls"), points, span),
        ]
        if points
        else [],
        figures={
            "calls": calls,
            "cost": sum(point["cost"] or 0.0 for point in points),
            "errors": sum(point["errors"] for point in points) / calls if calls else None,
            "cached": sum(point["cached"] for point in points) / calls if calls else None,
        },
        now=now,
    )
