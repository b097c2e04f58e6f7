"""Keys of those who cannot send headers: a script's POST on the General Bots host carries them in its body or URL."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mcp_server.app import App
from mcp_server.doorman import let_in, proved, unidentified, visitor
from mcp_server.identity import NOBODY, of_request
from mcp_server.problems import Problem

WANTED = (
    "A key is needed: Authorization: Bearer <key>. Who cannot send headers adds ?key= to the URL, or api_key to JSON."
)


def as_problem(request: Request, problem: Problem) -> Response:
    """How people and clients are turned away."""
    return problem.answer(f"/requests/{visitor(request.scope).request}")


def as_error(request: Request, problem: Problem) -> Response:
    """How scripts of the host are: they read `error`."""
    return JSONResponse({"error": problem.detail}, problem.status, problem.headers)


async def admitted(
    request: Request,
    app: App,
    key: Any,
    work: Callable[[], Awaitable[Response]],
    told: Callable[[Request, Problem], Response] = as_problem,
) -> Response:
    """The answer of the work, done by whoever the door let in, else by whoever holds the key in the URL or this one."""
    given = request.query_params.get("key") or key
    try:
        if of_request(request.scope) != NOBODY:
            return await work()
        if not isinstance(given, str) or not given:
            raise unidentified(app, WANTED)
        with let_in(request.scope, await proved(request.scope, given)):
            return await work()
    except Problem as problem:
        return told(request, problem)
