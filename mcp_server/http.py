"""`botmcp serve`: MCP over streamable HTTP at /mcp in both protocol eras, the inbox, and /healthz."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, request_response
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server import designing, listening_server
from mcp_server.app import App, Unavailable
from mcp_server.doorman import Doorman, Identified, about_resource, metadata_address
from mcp_server.events_http import EventsDoor
from mcp_server.host_door import door
from mcp_server.inbox import Inbox, healthy
from mcp_server.inbox_links import Links
from mcp_server.mcp_face.event_store import RecentEvents
from mcp_server.rest import api
from mcp_server.server import Server, build
from mcp_server.session import LONGEST_MESSAGE
from mcp_server.settings import Settings, SettingsError
from mcp_server.webhooks.door import Webhooks

if TYPE_CHECKING:
    from mcp_server.metrics import Metrics
    from workflow.operations import Operations


def check(settings: Settings) -> None:
    """Refuse to be reachable from other machines without a token, and OAuth half set up; raises SettingsError."""
    if settings.oauth_issuer and not settings.oauth_audience:
        raise SettingsError("BOTMCP_OAUTH_ISSUER needs BOTMCP_OAUTH_AUDIENCE: whose tokens are for us, it says.")
    if not settings.token and not settings.oauth_issuer and not loopback(settings.host):
        raise SettingsError(
            f"Not listening on {settings.host}: whoever reaches this machine could run workflows. Set BOTMCP_TOKEN "
            "(for example to what `openssl rand -hex 24` gives), or listen on 127.0.0.1 (BOTMCP_HOST, or --host)."
        )


def loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def application(app: App, built: Server | None = None) -> Starlette:
    """The whole of what `botmcp serve` answers; a test may have built the MCP server."""
    settings = app.settings
    mcp = built or build(app)
    names = [*listening_server.LOOPBACK, settings.host, *settings.allowed_hosts]
    hosts = [name for each in names for name in (each, f"{each}:*")]
    security = TransportSecuritySettings(
        allowed_hosts=hosts, allowed_origins=[f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
    )
    inner = mcp.streamable_http_app(
        streamable_http_path="/mcp",
        transport_security=security,
        max_request_body_size=LONGEST_MESSAGE,
        event_store=RecentEvents(),
    )

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncGenerator[None]:
        async with mcp.session_manager.run():
            yield

    scraped: list[Route] = []
    if app.metrics is not None:
        numbers = request_response(_numbers(app.metrics, app.operations))
        scraped = [Route("/metrics", endpoint=_Exactly(Identified(numbers, app, "admin")))]
    pages = [
        *scraped,
        Route("/", front),
        Route("/healthz", healthy),
        Route("/readyz", _ready(app)),
        *Inbox(app).routes,
        *Links(app).routes,
    ]
    pages += [*EventsDoor(app).routes, *designing.routes(app), *api.routes(app)]
    pages += [*door.routes(mcp, app, security), *Webhooks(app).routes]
    if address := metadata_address(app):
        pages.append(Route(urlsplit(address).path, _resource(app), methods=["GET"]))
    busiest = Route("/mcp", endpoint=_Exactly(Identified(inner, app)))  # first: routes are tried one after another
    return Starlette(routes=[busiest, *pages], lifespan=life, middleware=[Middleware(Doorman, app=app)])


def _ready(app: App) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        """Whether requests can be answered now: the process, and the database behind it."""
        try:
            async with asyncio.timeout(3), app.pool.connection() as connection:
                await connection.execute("select 1")
        except (TimeoutError, *Unavailable):
            return PlainTextResponse("the database does not answer", 503, {"Retry-After": "2"})
        return PlainTextResponse("ready")

    return page


def _resource(app: App) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        return JSONResponse(about_resource(app))

    return page


def _numbers(metrics: Metrics, operations: Operations) -> Callable[[Request], Awaitable[Response]]:
    from mcp_server.metrics import CONTENT_TYPE

    async def page(request: Request) -> Response:
        return Response(await metrics.page(operations), media_type=CONTENT_TYPE)

    return page


async def front(request: Request) -> Response:
    """Says what is where, to whoever opens the bare address."""
    return PlainTextResponse("botmcp: MCP clients connect to /mcp; people decide at /inbox, see `botmcp status`.\n")


class _Exactly:
    """An ASGI app as the endpoint of one path, for every method and without a redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)
