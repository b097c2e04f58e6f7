"""The routes of the doors for other servers, behind the checks of Host and Origin that `/mcp` has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecurityMiddleware, TransportSecuritySettings
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mcp_server.app import App
from mcp_server.host_door.admission import admitted
from mcp_server.host_door.host_calls import HostCalls
from mcp_server.host_door.rpc import Calls, Rpc

BASES = ("", "/gb")  # where the host's own calls begin: it appends /tools/list to the URL of its mcp.csv

Endpoint = Callable[[Request], Awaitable[Response]]


def routes(server: MCPServer[App], app: App, security: TransportSecuritySettings) -> list[Route]:
    """`/rpc`, and the three calls of the host; all but `health` for those who are known."""
    calls = Calls(server, app)
    host, checks = HostCalls(calls, app), TransportSecurityMiddleware(security)

    def checked(endpoint: Endpoint) -> Endpoint:
        async def take(request: Request) -> Response:
            refusal = await checks.validate_request(request, is_post=request.method == "POST")
            return refusal or await endpoint(request)

        return take

    def known(endpoint: Endpoint) -> Endpoint:
        async def take(request: Request) -> Response:
            return await admitted(request, app, None, lambda: endpoint(request))

        return checked(take)

    found = [Route("/rpc", known(Rpc(calls).take), methods=["POST"])]
    for base in BASES:
        found += [
            Route(f"{base}/tools/list", known(host.tools), methods=["GET"]),
            Route(f"{base}/tools/call", checked(host.call), methods=["POST"]),
            Route(f"{base}/health", checked(host.health), methods=["GET"]),
        ]
    return found
