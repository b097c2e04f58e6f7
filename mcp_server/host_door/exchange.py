"""One request to the MCP server without a transport around it: in the caller's own task, with all of its middleware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import anyio
import mcp.types as types
from mcp.server import MCPServer
from mcp.server.connection import Connection
from mcp.server.runner import modern_error_data, serve_one
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.message import ServerMessageMetadata
from mcp.shared.transport_context import TransportContext
from starlette.requests import Request

from mcp_server.app import App

VERSION = "2025-11-25"  # of the protocol, whose answers are the plain ones


@dataclass
class _Once:
    """The way back of one request: its answer, and nothing before that."""

    transport: TransportContext
    request_id: types.RequestId
    message_metadata: ServerMessageMetadata
    cancel_requested: anyio.Event = field(default_factory=anyio.Event)
    can_send_request: bool = False

    async def send_raw_request(self, method: str, params: Mapping[str, Any] | None, opts: Any = None) -> dict[str, Any]:
        raise NoBackChannelError(method)

    async def notify(self, method: str, params: Mapping[str, Any] | None, opts: Any = None) -> None:
        """Nobody listens."""

    async def progress(self, progress: float, total: float | None = None, message: str | None = None) -> None:
        """Nobody listens."""


class Failed(Exception):
    """The request was refused or could not be served; holds the error of JSON-RPC."""

    def __init__(self, error: types.ErrorData) -> None:
        super().__init__(error.message)
        self.error = error


class Exchange:
    """Serves single requests to the tools of one App."""

    def __init__(self, server: MCPServer[App], app: App) -> None:
        # There is no public way to the inner server in mcp 2.3; `serve_one` is what its own HTTP transport calls.
        self._server: Any = server._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
        self._app = app

    async def answer(self, request: Request, ident: types.RequestId, method: str, params: Any) -> dict[str, Any]:
        """The result of the method; raises Failed."""
        headers = request.headers
        context = _Once(
            TransportContext(kind="streamable-http", can_send_request=False, headers=headers),
            ident,
            ServerMessageMetadata(request_context=request),
        )
        client = {"name": headers.get("user-agent", "")[:60] or "JSON-RPC", "version": ""}
        connection = Connection.from_envelope(VERSION, client, {})
        try:
            return await serve_one(
                self._server, context, method, params, connection=connection, lifespan_state=self._app
            )
        except Exception as error:
            raise Failed(modern_error_data(error)) from error
