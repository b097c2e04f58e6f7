"""What the General Bots host asks of a server in its `mcp.csv`: `GET tools/list`, `POST tools/call`, `GET health`.

It is no MCP: a list of tools with all the fields that the host reads, and a call whose answer is the whole body. What
a tool refuses is answered with a 4xx status and `{"error": sentence}`; the host takes 5xx as worth another try.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from mcp_server.app import App
from mcp_server.host_door.admission import admitted, as_error
from mcp_server.host_door.exchange import Failed
from mcp_server.host_door.rpc import INTERNAL, Calls, TooLarge, body, said_by, told_by


class HostCalls:
    """The three endpoints."""

    def __init__(self, calls: Calls, app: App) -> None:
        self._calls = calls
        self._app = app

    async def health(self, request: Request) -> Response:
        """2xx while this process answers."""
        return PlainTextResponse("ok")

    async def tools(self, request: Request) -> Response:
        """The list of tools, as an array."""
        try:
            found = await self._calls.exchange.answer(request, 0, "tools/list", {})
        except Failed as failed:
            return _refused(failed)
        return JSONResponse([described(tool) for tool in found["tools"]])

    async def call(self, request: Request) -> Response:
        """Call a tool; its answer is the body."""
        try:
            said: Any = json.loads(await body(request))
        except TooLarge:
            return _error(413, "The request is too large.")
        except (ValueError, RecursionError):
            return _error(400, "This is no JSON.")
        asked = cast("dict[str, Any]", said) if isinstance(said, dict) else {}
        key = asked.get("api_key")
        return await admitted(request, self._app, key, lambda: self._called(request, asked), as_error)

    async def _called(self, request: Request, asked: Mapping[str, Any]) -> Response:
        name, arguments = asked.get("name"), _object(asked.get("arguments"))
        if not isinstance(name, str) or not name or arguments is None:
            return _error(400, 'Send {"name": "publish_event", "arguments": {"event": "order.paid"}}.')
        tool = await self._calls.tool(name)
        if tool is None:
            return _error(404, f"There is no tool {name[:100]}. GET tools/list tells which there are.")
        try:
            result = await self._calls.called(request, 0, tool, arguments)
        except Failed as failed:
            return _refused(failed)
        if result.get("isError"):
            return _error(422, said_by(result))
        return JSONResponse(told_by(result))


def described(tool: Mapping[str, Any]) -> dict[str, Any]:
    """A tool with every field that the host's client decodes; one that is missing would fail its whole list."""
    promises: Mapping[str, Any] = tool.get("annotations") or {}
    reads = bool(promises.get("readOnlyHint"))
    destructive = not reads and bool(promises.get("destructiveHint", True))
    return {
        "name": tool["name"],
        "description": tool.get("description", ""),
        "input_schema": tool["inputSchema"],
        "output_schema": tool.get("outputSchema"),
        "required_permissions": [],
        "risk_level": "Safe" if reads else "High" if destructive else "Medium",
        "is_destructive": destructive,
        "requires_approval": False,
        "rate_limit": None,
        "timeout_seconds": 30,
    }


def _object(given: Any) -> dict[str, Any] | None:
    """The arguments: an object, the JSON of one as scripts of the host send it, or nothing."""
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else {}
        except (ValueError, RecursionError):
            return None
    if given is None:
        return {}
    return cast("dict[str, Any]", given) if isinstance(given, dict) else None


def _refused(failed: Failed) -> Response:
    return _error(500 if failed.error.code == INTERNAL else 400, failed.error.message)


def _error(status: int, message: str) -> Response:
    return JSONResponse({"error": message}, status)
