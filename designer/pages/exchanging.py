"""Export of a draft as a package, and import of any package as drafts."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import Response
from starlette.routing import Route

from designer.exchange import dialogs, exported
from designer.house import House, Visit
from keywords.mistakes import LimitReached, WrongValue

LARGEST = 20 * 1_048_576


def routes(house: House) -> list[Route]:
    return [
        house.route("/workflows/{id}/export", taken),
        house.route("/workflows/{id}/source", source),
        house.route("/import", brought, ("POST",), "wf:run"),
    ]


async def taken(visit: Visit) -> Response:
    draft = await visit.doors.drafts.get(visit.caller, visit.id())
    name, data = await exported(draft, visit.doors.packages)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type="application/zip", headers=headers)


async def source(visit: Visit) -> Response:
    """The text, byte for byte."""
    draft = await visit.doors.drafts.get(visit.caller, visit.id())
    return Response(draft.source, media_type="text/plain", headers={"ETag": f'"{draft.etag}"'})


async def brought(visit: Visit) -> Response:
    length = visit.request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST:
        raise LimitReached(visit.say("A file may have at most {n} MB.", n=LARGEST >> 20))
    try:
        async with visit.request.form(max_files=1, max_fields=10) as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                raise WrongValue(visit.say("Choose a file."))
            package, found = await dialogs(await file.read(), file.filename or "workflow")
    except (MultiPartException, HTTPException) as error:
        raise WrongValue(str(error)) from None
    origin = package if package and visit.doors.packages.find(package) else ""
    made = [
        await visit.doors.drafts.create(
            visit.caller, name, text, origin=origin, came_from=f"{package}/{name}" if package else ""
        )
        for name, text in found.items()
    ]
    if len(made) == 1:
        return visit.see(f"/designer/workflows/{made[0].id}")
    return visit.see("/designer")
