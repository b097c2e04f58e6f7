"""Bare `botmcp` with DATABASE_URL: MCP over stdio in this process. Workers are the owner's to run."""

from __future__ import annotations

from mcp_server import logs
from mcp_server.app import open_app
from mcp_server.cli.errors import guarded
from mcp_server.server import build
from mcp_server.settings import Settings


def serve_here(settings: Settings) -> int:
    """Serve until the client goes; the exit code."""
    logs.to_file(settings, "stdio")  # its folder is there: the entry point has looked

    async def serve() -> int:
        async with open_app(settings, "look") as app:
            await build(app).run_stdio_async()
        return 0

    return guarded(settings, "stdio", serve)
