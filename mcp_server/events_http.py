"""POST /events: how events come in over HTTP. As CloudEvents 1.0 (one, a batch, or `ce-` headers), or as plain JSON to
/events/NAME. Signed as Standard Webhooks signs (BOTMCP_EVENTS_SECRET), or with the bearer token of the server.

A web page elsewhere cannot send what is accepted here without asking first, which is not granted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from keywords.library.limits import EVENT_DATA
from keywords.mistakes import LimitReached, ProgramError, Refused, UnknownName, WrongValue
from mcp_server.doorman import visitor
from mcp_server.identity import NOBODY, TENANT

if TYPE_CHECKING:
    from mcp_server.app import App

LONGEST = 4 * EVENT_DATA
MOST = 500  # events of one batch
STATUS = {"limit": 429, "refused": 401, "forbidden": 403, "unknown": 404, "unavailable": 503}


class EventsDoor:
    """The routes over one App."""

    def __init__(self, app: App) -> None:
        self._app = app

    @property
    def routes(self) -> list[Route]:
        return [
            Route("/events", self.take, methods=["POST"]),
            Route("/events/{name:path}", self.take, methods=["POST"]),
        ]

    async def take(self, request: Request) -> Response:
        """Publish what the request says; answers the ids."""
        try:
            body = await _body(request)
            tenant, message = self._admitted(request, body)
            return JSONResponse({"ids": await self._published(request, body, tenant, message)}, 202)
        except ProgramError as error:
            status = 413 if isinstance(error, LimitReached) and "KB" in str(error) else STATUS.get(error.kind, 400)
            headers = {"Retry-After": "2"} if status in (429, 503) else {}
            return JSONResponse({"error": {"kind": error.kind, "message": str(error)}}, status, headers)

    def _admitted(self, request: Request, body: bytes) -> tuple[UUID, str | None]:
        """Whose events they are, and the id of a signed message; raises Refused for whoever may not publish."""
        from workflow.events.signing import verified

        settings = self._app.settings
        if "webhook-signature" in request.headers:
            if not settings.events_secret:
                raise Refused("This server takes no signed messages: BOTMCP_EVENTS_SECRET is not set.")
            return TENANT, verified(settings.events_secret, request.headers, body, self._app.now())
        found = visitor(request.scope)
        if found.caller == NOBODY or (settings.events_secret and found.proof == "none"):
            raise Refused("Who are you? Send the bearer token of the server or a key, or sign the message.")
        caller = self._app.caller("/events", "")
        caller.require("events:publish")
        return caller.tenant, None

    async def _published(self, request: Request, body: bytes, tenant: UUID, message: str | None) -> list[str]:
        from workflow.events import cloudevents

        name = request.path_params.get("name", "")
        found = cloudevents.read(request.headers.get("content-type", ""), request.headers, body, name)
        if not 0 < len(found) <= MOST:
            raise WrongValue(f"A batch holds 1 to {MOST} events.")
        for one in found:
            if one.tenant is not None and one.tenant != str(tenant):
                raise UnknownName("tenant", one.tenant[:60], (), "Leave the tenant out: this server has one.")
        publisher, ids = self._app.operations.events.publisher, list[str]()
        for place, one in enumerate(found):
            dedupe = one.dedupe or (f"{message} {place}" if message else None)
            made = await publisher.publish(
                tenant, one.name, one.data, key=one.key, dedupe=dedupe, source=one.source or "/http"
            )
            ids.append(str(made))
        return ids


async def _body(request: Request) -> bytes:
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > LONGEST:
            raise LimitReached(f"A request may carry {LONGEST // 1024} KB of events.")
    return bytes(found)
