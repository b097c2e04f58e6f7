"""What waits for a person, and what was decided."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from designer.house import House, Visit
from designer.pages.run import may_decide
from designer.paging import before, cursor

PAGE = 30


def routes(house: House) -> list[Route]:
    return [house.route("/approvals", inbox)]


async def inbox(visit: Visit) -> Response:
    decided = visit.asked("show") == "decided"
    at, id_ = before(visit.asked("after"))
    place = (at, id_) if at is not None and id_ is not None else None
    found = list(
        await visit.doors.operations.requests(
            visit.caller, "decided" if decided else "pending", limit=PAGE + 1, before=place
        )
    )
    more = found[PAGE - 1] if len(found) > PAGE else None
    return visit.page(
        "approvals.html",
        visit.say("Approvals"),
        section="approvals",
        approvals=found[:PAGE],
        decided=decided,
        cursor=cursor(more.created_at, more.id) if more else "",
        own={approval.id: may_decide(visit, approval) for approval in found},
        may={scope: visit.caller.may(scope) for scope in ("wf:run", "wf:approve")},
        inbox=True,
    )
