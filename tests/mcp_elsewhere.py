"""MCP servers for tests of those who call them: one over HTTP, and the same one as a program over stdio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_server import listening_server


@dataclass
class Seen:
    """What a server was called with."""

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    keys: list[str] = field(default_factory=list[str])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    broken: int = 0  # answers to come that are none


def tracker(seen: Seen) -> MCPServer[Any]:
    """A server of several tools, none of which answers plain messages."""
    server: MCPServer[Any] = MCPServer("tracker", instructions="A tracker of issues.")

    @server.tool()
    async def create_issue(
        ctx: Context[Any], title: str, priority: int = 3, idempotency_key: str = ""
    ) -> dict[str, Any]:
        """Create an issue."""
        seen.calls.append(("create_issue", {"title": title, "priority": priority}))
        seen.keys.append(idempotency_key)
        return {"id": len(seen.calls), "title": title, "priority": priority}

    @server.tool()
    async def count_issues() -> int:
        """How many there are."""
        return len(seen.calls)

    @server.tool()
    async def close_issue(id: int) -> str:  # noqa: A002 - what such tools call it
        """Close one."""
        if id > 100:
            raise ToolError(f"There is no issue {id}.")
        seen.calls.append(("close_issue", {"id": id}))
        return f"closed {id}"

    @server.tool()
    async def slow() -> str:
        """Takes long."""
        seen.calls.append(("slow", {}))
        await asyncio.sleep(60)
        return "done"

    return server


def oracle(seen: Seen) -> MCPServer[Any]:
    """A server that answers messages."""
    server: MCPServer[Any] = MCPServer("oracle")

    @server.tool()
    async def ask(question: str, city: str = "") -> str:
        """Ask it anything."""
        seen.calls.append(("ask", {"question": question, "city": city}))
        return f"You asked: {question}" + (f" in {city}" if city else "")

    @server.tool()
    async def reset() -> str:
        """Forget."""
        return "forgotten"

    return server


class _Noting:
    def __init__(self, app: ASGIApp, seen: Seen) -> None:
        self._app, self._seen = app, seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._seen.headers.append(dict(Request(scope).headers))
            if self._seen.broken:
                self._seen.broken -= 1
                await send({"type": "http.response.start", "status": 503, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
        await self._app(scope, receive, send)


@asynccontextmanager
async def served(server: MCPServer[Any], seen: Seen, port: int = 0) -> AsyncGenerator[str]:
    """The address of the server's MCP endpoint, while it lasts."""
    inner = server.streamable_http_app(streamable_http_path="/mcp")
    app = Starlette(routes=inner.routes, lifespan=lambda _: server.session_manager.run())
    async with listening_server.serving(_Noting(app, seen), "127.0.0.1", port, ()) as address:
        yield f"{address}/mcp"


PROGRAM = '''
import sys
from mcp.server import MCPServer

server = MCPServer("files")

@server.tool()
async def read(path: str) -> str:
    """Read a file."""
    return f"{path} of {len(sys.argv) - 1} arguments"

@server.tool()
async def variables() -> list[str]:
    """What it sees of the environment."""
    import os
    return sorted(os.environ)

@server.tool()
async def fall() -> str:
    """Break down."""
    import os
    os._exit(3)

server.run()
'''
