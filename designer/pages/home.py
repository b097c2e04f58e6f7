"""The first page: the workflows people draw, those of packages, and the templates to begin from."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response
from starlette.routing import Route

from designer.browsing import Browsing
from designer.drawing import drawn
from designer.house import House, Visit
from designer.paging import before, cursor
from designer.shelves import shelves

DRAFTS = 60


def routes(house: House) -> list[Route]:
    browsing = Browsing(house.doors.pool)

    async def home(visit: Visit) -> Response:
        query, after = visit.asked("q")[:200], visit.asked("after")
        at, id_ = before(after)
        place = (at, id_) if at is not None and id_ is not None else None
        drafts = list(await visit.doors.drafts.listed(visit.caller, query, DRAFTS + 1, place))
        more = drafts[DRAFTS - 1] if len(drafts) > DRAFTS else None
        runs = await browsing.last_runs(visit.caller, visit.doors.now() - timedelta(days=30))
        latest = {name: run for (_, name), run in sorted(runs.items(), key=lambda item: item[1]["created_at"])}
        found = [shelf for shelf in await shelves(visit.doors.packages) if visit.caller.works_with(shelf.name)]
        wanted = query.casefold()
        kept = [s for s in found if wanted in f"{s.name} {s.about} {[d.full_name for d in s.dialogs]}".casefold()]
        return visit.page(
            "home.html",
            visit.say("Workflows"),
            section="workflows",
            drafts=drafts[:DRAFTS],
            cursor=cursor(more.changed_at, more.id) if more else "",
            latest=latest,
            packages=[s for s in kept if not s.template],
            templates=[s for s in kept if s.template],
            query=query,
            may_write=visit.caller.may("wf:run"),
        )

    return [
        house.route("", home),
        house.route("/workflows", created, ("POST",), "wf:run"),
        house.route("/packages/{package}/{dialog}", shelved),
    ]


async def created(visit: Visit) -> Response:
    """A new draft: empty, or from a dialog of a package."""
    given = await visit.form()
    name, template = given.get("name", "").strip(), given.get("template", "")
    drafts, caller = visit.doors.drafts, visit.caller
    if not template:
        draft = await drafts.create(caller, name or visit.say("My workflow"))
        return visit.see(f"/designer/workflows/{draft.id}")
    program = await visit.doors.find(caller, template)
    short = name or program.name.partition("/")[2] or program.name
    draft = await drafts.create(caller, short, program.source, origin=program.origin, came_from=program.name)
    return visit.see(f"/designer/{'embed' if given.get('back') == 'embed' else 'workflows'}/{draft.id}")


async def shelved(visit: Visit) -> Response:
    """A dialog of a package, to look at before it is started or copied."""
    program = await visit.doors.find(visit.caller, f"{visit.path['package']}/{visit.path['dialog']}")
    return visit.page(
        "shelved.html",
        program.name,
        section="workflows",
        program=program,
        source=program.source,
        drawing=drawn(program.source, visit.doors.registry, visit.say, {}),
        lines={},
        words={},
        diagnostics=visit.doors.check(program.source, program.origin),
        may_write=visit.caller.may("wf:run"),
    )
