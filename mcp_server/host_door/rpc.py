"""`/rpc`: JSON-RPC 2.0 over HTTP without a session, an `initialize` or a stream.

    {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "PUBLISH EVENT", "arguments": {...}}}
    {"jsonrpc": "2.0", "id": 1, "method": "publish_event", "params": {...}}

The methods are those of MCP; `tools/call` takes the names of `names.py`. A tool's name, so written, is a method too:
its params are the arguments and its result is what the tool answers, an object; what the tool refuses is then an
error. A list of requests is answered by a list, and what has no id is not answered.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast

import mcp.types as types
from mcp.server import MCPServer
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mcp_server.app import App
from mcp_server.host_door import names
from mcp_server.host_door.exchange import Exchange, Failed
from mcp_server.session import LONGEST_MESSAGE

MOST = 50  # requests of one batch
REFUSED = -32000  # what a tool would not do, in words of its own
PARSE, REQUEST, METHOD, PARAMS, INTERNAL = -32700, -32600, -32601, -32602, -32603


class Calls:
    """The tools by all their names, and their calls."""

    def __init__(self, server: MCPServer[App], app: App) -> None:
        self._server = server
        self._known: Mapping[str, str] = {}
        self.exchange = Exchange(server, app)

    async def tool(self, name: str) -> str | None:
        """The tool of that name; None when there is none."""
        if (wanted := names.plain(name)) not in self._known:  # new ones may have been published
            self._known = names.known({tool.name: tool.title or "" for tool in await self._server.list_tools()})
        return self._known.get(wanted)

    async def called(self, request: Request, ident: types.RequestId, name: str, arguments: Any) -> dict[str, Any]:
        """The result of `tools/call`; raises Failed."""
        return await self.exchange.answer(request, ident, "tools/call", {"name": name, "arguments": arguments or {}})


class Rpc:
    """The endpoint."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def take(self, request: Request) -> Response:
        """Answer what was posted."""
        try:
            said: Any = json.loads(await body(request))
        except TooLarge:
            return _json(_error(None, REQUEST, f"A request may have {LONGEST_MESSAGE:,} bytes."), 413)
        except (ValueError, RecursionError):
            return _json(_error(None, PARSE, "Parse error: this is no JSON."), 400)
        if not isinstance(said, list):
            answer = await self._one(request, said)
            malformed = answer is not None and answer.get("error", {}).get("code") == REQUEST
            return Response(status_code=202) if answer is None else _json(answer, 400 if malformed else 200)
        batch = cast("list[Any]", said)
        if not 0 < len(batch) <= MOST:
            return _json(_error(None, REQUEST, f"A batch holds 1 to {MOST} requests, not {len(batch)}."), 400)
        answers = await asyncio.gather(*(self._one(request, one) for one in batch))
        told = [answer for answer in answers if answer is not None]
        return _json(told) if told else Response(status_code=202)

    async def _one(self, request: Request, said: Any) -> dict[str, Any] | None:
        """The answer to one request; None for a notification."""
        if not isinstance(said, dict):
            return _error(None, REQUEST, "Invalid Request: an object with jsonrpc, id and method is expected.")
        asked = cast("dict[str, Any]", said)
        ident, method, params = asked.get("id"), asked.get("method"), asked.get("params")
        known = ident if isinstance(ident, str | int | float) and not isinstance(ident, bool) else None
        if asked.get("jsonrpc") != "2.0" or not isinstance(method, str) or not method or _strange(asked, known):
            return _error(known, REQUEST, 'Invalid Request: "jsonrpc": "2.0", a method, and an id of text or number.')
        if params is not None and not isinstance(params, dict):
            return None if "id" not in asked else _error(known, PARAMS, "Invalid params: an object is expected.")
        if "id" not in asked and method.startswith("notifications/"):
            return None  # there is no session that it could change
        given = cast("dict[str, Any]", params or {})
        answer = await self._answered(request, known, method, given)
        return None if "id" not in asked else answer

    async def _answered(
        self, request: Request, ident: str | float | None, method: str, params: Mapping[str, Any]
    ) -> dict[str, Any]:
        number = ident if isinstance(ident, str | int) else 0
        try:
            if method == "tools/call" and isinstance(name := params.get("name"), str):
                tool = await self._calls.tool(name) or name
                result = await self._calls.exchange.answer(request, number, method, {**params, "name": tool})
            elif "/" not in method and method not in _OWN and (tool := await self._calls.tool(method)):
                found = await self._calls.called(request, number, tool, params)
                if found.get("isError"):
                    return _error(ident, REFUSED, said_by(found), {"tool": tool})
                result = told_by(found)
            else:
                result = await self._calls.exchange.answer(request, number, method, dict(params))
        except Failed as failed:
            return _error(ident, failed.error.code, failed.error.message, failed.error.data)
        return {"jsonrpc": "2.0", "id": ident, "result": result}


_OWN = frozenset({"initialize", "ping"})


class TooLarge(Exception):
    """The request holds more than is read."""


async def body(request: Request, most: int = LONGEST_MESSAGE) -> bytes:
    """What was sent; raises TooLarge."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > most:
            raise TooLarge
    return bytes(found)


def _strange(asked: Mapping[str, Any], known: Any) -> bool:
    """Whether there is an id that is none; null is what JSON-RPC answers with, and nobody asks with it."""
    return "id" in asked and known is None


def told_by(result: Mapping[str, Any]) -> Any:
    """What a tool answers, as an object."""
    structured = result.get("structuredContent")
    return {"text": said_by(result)} if structured is None else structured


def said_by(result: Mapping[str, Any]) -> str:
    """The words of a tool's answer."""
    content: list[Any] = result.get("content") or []
    return "\n".join(str(block.get("text", "")) for block in content if isinstance(block, dict))


def _error(ident: Any, code: int, message: str, data: Any = None) -> dict[str, Any]:
    error = {"code": code, "message": message} | ({} if data is None else {"data": data})
    return {"jsonrpc": "2.0", "id": ident, "error": error}


def _json(answer: Any, status: int = 200) -> Response:
    try:
        return JSONResponse(answer, status)
    except UnicodeEncodeError:  # an id with half a surrogate pair goes back as it came
        return Response(json.dumps(answer), status, media_type="application/json")
