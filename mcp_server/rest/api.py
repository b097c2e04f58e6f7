"""The whole table, and the routes it makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server.app import App
from mcp_server.rest import (
    access,
    approvals,
    bots,
    docs_page,
    events,
    executions,
    memory,
    models,
    palette,
    schedules,
    workflows,
)
from mcp_server.rest.openapi import document
from mcp_server.rest.serving import BASE, Rest
from mcp_server.rest.table import Operation

TABLE: Sequence[Operation] = (
    *workflows.TABLE, *palette.TABLE, *executions.TABLE, *approvals.TABLE, *events.TABLE, *memory.TABLE, *models.TABLE,
    *bots.TABLE, *schedules.TABLE, *access.TABLE,
)  # fmt: skip


class Below(BaseRoute):
    """All that begins so, whatever characters it has: Starlette's own patterns end at the end of a line."""

    def __init__(self, base: str, pages: ASGIApp) -> None:
        self.base, self.app = base, pages

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        fits = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{self.base}/")
        return (Match.FULL if fits else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def routes(app: App) -> list[BaseRoute]:
    """The API below /api/v1, its description and its reference."""
    told, reference = document(TABLE), docs_page.page(TABLE)

    async def description(request: Request) -> Response:
        return JSONResponse({**told, "servers": [{"url": BASE}]}, headers={"Cache-Control": "no-cache"})

    async def page(request: Request) -> Response:
        return Response(reference, media_type="text/html", headers=docs_page.HEADERS)

    async def style(request: Request) -> Response:
        return docs_page.style()

    open_pages: Sequence[tuple[str, Callable[[Request], Awaitable[Response]]]] = (
        ("/openapi.json", description),
        (f"{BASE}/openapi.json", description),
        ("/api/docs", page),
        ("/api/docs.css", style),
    )
    return [*(Route(path, handler, methods=["GET"]) for path, handler in open_pages), Below(BASE, Rest(app, TABLE))]
