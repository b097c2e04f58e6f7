"""A workflow in another site's frame: the host's own designer opens it. docs/guides/embedding.md tells the messages."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from designer.draft import Draft
from designer.drawing import drawn
from designer.house import House, Visit
from designer.pages.canvas import Studio
from keywords.mistakes import UnknownName


def routes(house: House) -> list[Route]:
    studio = Studio(house)

    async def shown(visit: Visit) -> Response:
        """A draft to be drawn on, by its id or name; else a packaged workflow to be looked at, and made one's own."""
        name = str(visit.path["workflow"])
        draft = await _draft(visit, name)
        if draft is not None:
            visit.request.path_params["id"] = str(draft.id)
            return await studio.page(visit)
        program = await visit.doors.find(visit.caller, name)
        return visit.page(
            "shelved.html",
            program.name,
            section="",
            program=program,
            source=program.source,
            drawing=drawn(program.source, visit.doors.registry, visit.say, {}),
            lines={},
            words={},
            diagnostics=(),
            may_write=visit.caller.may("wf:run"),
        )

    return [house.route("/embed/{workflow:path}", shown, framed=True)]


async def _draft(visit: Visit, name: str) -> Draft | None:
    try:
        return await visit.doors.drafts.get(visit.caller, UUID(name))
    except (ValueError, UnknownName):
        return await visit.doors.drafts.named(visit.caller, name)
