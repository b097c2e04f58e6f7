"""Looking back on a run: its calls over time with what they cost, what it knew at each, and how it came about."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.routing import Route

from designer.browsing import Browsing
from designer.house import House, Visit
from designer.pages.run import RESTING
from designer.timeline import timeline
from keywords.encode import load, plain
from keywords.mistakes import ProgramError
from keywords.registry import Effect
from workflow.details import Detail, JournalRow

MOST_CALLS = 2_000


def routes(house: House) -> list[Route]:
    browsing = Browsing(house.doors.pool)
    words = house.doors.registry.keywords.values()
    waits = frozenset(k.name for k in words if k.effect is Effect.WAIT) | {"PARALLEL", "BOT", "CALL WORKFLOW"}

    async def over_time(visit: Visit) -> Response:
        detail = await visit.doors.operations.get(visit.caller, visit.id())
        rows = await browsing.timeline(visit.caller, visit.id())
        drawn = timeline(rows, waits, visit.doors.now(), detail.finished)
        longest = sorted(drawn.bars, key=lambda bar: -bar.seconds)[:12]
        dear = sorted((bar for bar in drawn.bars if bar.cost), key=lambda bar: -(bar.cost or 0))[:12]
        return _page(visit, "timeline.html", "timeline", detail, line=drawn, longest=longest, dear=dear)

    async def replay(visit: Visit) -> Response:
        detail = await visit.doors.operations.get(visit.caller, visit.id())
        rows = await _journal(visit)
        calls = [row for row in rows if row.attempt > 0]
        asked = visit.asked("at")
        n = int(asked) if asked.isdecimal() and len(asked) < 9 else (calls[0].seq if calls else 0)
        moment, before, trouble = None, {}, ""
        try:
            moment = await visit.doors.operations.replaying.at(visit.caller, visit.id(), n)
            before = (await visit.doors.operations.replaying.at(visit.caller, visit.id(), n - 1)).variables if n else {}
        except (ProgramError, LookupError) as error:
            trouble = str(error) if moment is None else ""
        place = next((k for k, row in enumerate(calls) if row.seq == n), None)
        return _page(
            visit,
            "replay.html",
            "replay",
            detail,
            calls=calls,
            n=n,
            row=None if place is None else calls[place],
            earlier=None if not place else calls[place - 1].seq,
            later=None if place is None or place + 1 >= len(calls) else calls[place + 1].seq,
            moment=moment,
            before=before,
            trouble=trouble,
            lines={moment.line: "running"} if moment and moment.line else {},
            words={"running": "Here"},
            source=moment.source if moment else "",
        )

    async def about(visit: Visit) -> Response:
        detail = await visit.doors.operations.get(visit.caller, visit.id())
        found = await browsing.run_source(visit.caller, visit.id())
        began = {name: plain(load(value)) for name, value in ((found or {}).get("given") or {}).items()}
        given = {name: value for name, value in began.items() if not name.startswith("~")}
        deeds = await visit.doors.operations.deeds(visit.caller, visit.id())
        return _page(visit, "about.html", "about", detail, given=given, deeds=deeds, source=(found or {}).get("source"))

    return [
        house.route("/runs/{id}/timeline", over_time),
        house.route("/runs/{id}/replay", replay),
        house.route("/runs/{id}/about", about),
    ]


def _page(visit: Visit, template: str, tab: str, detail: Detail, **given: Any) -> Response:
    may = {scope: visit.caller.may(scope) for scope in ("wf:run", "wf:approve")}
    title = detail.workflow_name
    return visit.page(template, title, section="runs", tab=tab, detail=detail, may=may, resting=RESTING, **given)


async def _journal(visit: Visit) -> list[JournalRow]:
    """The calls of the execution itself, of the generation that counts."""
    found: list[JournalRow] = []
    after = None
    while len(found) < MOST_CALLS:
        rows, after = await visit.doors.operations.journal(visit.caller, visit.id(), after, own=True)
        if not rows:
            break
        found += rows
    last: dict[int, JournalRow] = {}
    for row in found:
        if row.keyword == "RETRY" and row.attempt == 0:
            last = {n: kept for n, kept in last.items() if n < row.seq}
        elif row.attempt > 0:
            last[row.seq] = row
    return [last[n] for n in sorted(last)]
