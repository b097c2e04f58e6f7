"""Which language and look a reader wants; kept in the browser."""

from __future__ import annotations

from starlette.responses import Response
from starlette.routing import Route

from designer.house import A_YEAR, LANGUAGE, THEME, THEMES, House, Visit, local
from designer.words import LANGUAGES


def routes(house: House) -> list[Route]:
    return [house.route("/preferences", chosen, ("POST",))]


async def chosen(visit: Visit) -> Response:
    given = await visit.form()
    response = visit.see(local(given.get("back", "")))
    for cookie, value, known in (
        (LANGUAGE, given.get("language", ""), tuple(LANGUAGES)),
        (THEME, given.get("theme", ""), THEMES),
    ):
        if value in known:
            secure = visit.request.url.scheme == "https"
            response.set_cookie(cookie, value, A_YEAR, path="/designer", httponly=True, samesite="lax", secure=secure)
    return response
