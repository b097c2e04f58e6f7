"""The versions of a workflow: named points, what they differ in, which of them runs."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from designer.comparing import compared
from designer.drawing import drawn
from designer.house import House, Visit
from designer.publishing import Publishing
from keywords.mistakes import WrongValue


def routes(house: House) -> list[Route]:
    return [
        house.route("/workflows/{id}/versions", listed),
        house.route("/workflows/{id}/versions", steered, ("POST",), "wf:run"),
    ]


async def listed(visit: Visit) -> Response:
    """The list, and beside it two of them compared: the latest with the draft, unless others are asked for."""
    publishing, caller = Publishing(visit.doors.drafts), visit.caller
    draft = await visit.doors.drafts.get(caller, visit.id())
    versions = await publishing.versions(caller, draft.id)
    newest = versions[0].number if versions else 0
    old, new = _number(visit, visit.asked("old") or str(newest)), _number(visit, visit.asked("new") or "0")
    first = await publishing.version(caller, draft.id, old)
    second = await publishing.version(caller, draft.id, new)
    found = compared(first.source, second.source)
    registry, say = visit.doors.registry, visit.say
    picture = visit.asked("as") == "drawing"
    return visit.page(
        "versions.html",
        visit.say("Versions of {name}", name=draft.name),
        section="workflows",
        draft=draft,
        versions=versions,
        old=old,
        new=new,
        found=found,
        picture=picture,
        before=drawn(first.source, registry, say, found.removed) if picture else None,
        after=drawn(second.source, registry, say, found.added) if picture else None,
        may_write=caller.may("wf:run"),
    )


def _number(visit: Visit, text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise WrongValue(visit.say("That is no number of a version."))
    return int(text)


async def steered(visit: Visit) -> Response:
    given, publishing = await visit.form(), Publishing(visit.doors.drafts)
    address = f"/designer/workflows/{visit.id()}/versions"
    match given.get("act"):
        case "save":
            await publishing.save(visit.caller, visit.id(), given.get("name", ""))
        case "publish":
            await publishing.publish(visit.caller, visit.id(), name=given.get("name", ""))
        case "unpublish":
            await publishing.unpublish(visit.caller, visit.id())
        case "restore":
            await publishing.restore(visit.caller, visit.id(), _number(visit, given.get("number", "")))
            return visit.see(f"/designer/workflows/{visit.id()}")
        case _:
            raise WrongValue(visit.say("Choose one of the buttons."))
    return visit.see(address)
