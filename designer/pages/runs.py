"""The list of runs, with its filters."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from designer.browsing import GROUPS, Browsing
from designer.house import House, Visit

SPANS = {"": None, "hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


def routes(house: House) -> list[Route]:
    browsing = Browsing(house.doors.pool)

    async def listed(visit: Visit) -> Response:
        now = visit.doors.now()
        group, workflow, span = visit.asked("status"), visit.asked("workflow")[:200], visit.asked("since")
        group, span = group if group in GROUPS else "", span if span in SPANS else ""
        length = SPANS[span]
        found = await browsing.runs(
            visit.caller,
            group=group,
            workflow=workflow,
            since=now - length if length else None,
            after=visit.asked("after"),
        )
        given: dict[str, Any] = {"found": found, "group": group, "workflow": workflow, "span": span, "now": now}
        if visit.by_script and visit.asked("after"):
            return visit.part("runs_rows.html", **given)
        counts = await browsing.run_counts(visit.caller, now - timedelta(days=7))
        return visit.page("runs.html", visit.say("Runs"), section="runs", counts=counts, **given)

    return [house.route("/runs", listed)]
