"""Servers that an `mcp.csv` of the General Bots host names and that speak no MCP, but the host's own two calls:
`GET {url}/tools/list`, an array of tools, and `POST {url}/tools/call`, whose answer is the whole body."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, cast
from urllib.parse import urlsplit, urlunsplit

from hostbridge.elsewhere.answers import LARGEST
from hostbridge.elsewhere.choosing import Tool
from hostbridge.elsewhere.servers import Server
from keywords.mistakes import BadAnswer, Transient
from storage.outgoing import Answer, Outgoing, OutgoingError

SECONDS = 30.0  # as the host waits


class PlainCalls:
    """The two calls."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = tuple(allowed)

    async def tools(self, server: Server) -> tuple[Tool, ...] | None:
        """What the server offers; None where it does not speak so."""
        try:
            answer = await self._asked(server, "GET", "/tools/list", None, SECONDS)
        except OutgoingError:
            return None
        rows = _json(answer) if answer.status == 200 else None
        if not isinstance(rows, list):
            return None
        found = [cast("dict[str, Any]", row) for row in cast("list[Any]", rows) if isinstance(row, dict)]
        return tuple(
            Tool(str(row["name"]), str(row.get("description") or ""), _schema(row))
            for row in found
            if isinstance(row.get("name"), str)
        )

    async def called(
        self, server: Server, tool: str, arguments: Mapping[str, Any], call_id: str, seconds: float
    ) -> Mapping[str, Any]:
        """The answer in the form of MCP; raises BadAnswer, Transient."""
        body = json.dumps({"name": tool, "arguments": dict(arguments)}, ensure_ascii=False).encode()
        try:
            answer = await self._asked(server, "POST", "/tools/call", body, seconds, call_id)
        except OutgoingError as error:
            raise Transient(f"The server {server.name} cannot be reached: {error}") from None
        if answer.status >= 500:
            raise Transient(f"The server {server.name} answers {answer.status}.")
        if answer.status >= 400:
            return {"isError": True, "content": [{"type": "text", "text": answer.text()[:2000]}]}
        found = _json(answer)
        if isinstance(found, dict):
            return {"structuredContent": {"result": cast("dict[str, Any]", found)}, "content": []}
        if found is None and answer.body.strip() not in (b"", b"null"):
            raise BadAnswer(f"The server {server.name} answers what is no JSON.")
        return {"structuredContent": {"result": found}, "content": []}

    async def _asked(
        self, server: Server, method: str, path: str, body: bytes | None, seconds: float, call_id: str = ""
    ) -> Answer:
        own = [urlsplit(server.url).hostname or ""] if server.trusted else []
        headers = {"accept": "application/json", **dict(server.headers)}
        if body is not None:
            headers |= {"content-type": "application/json", "idempotency-key": call_id}
        door = Outgoing((*self._allowed, *own))
        parts = urlsplit(server.url)
        url = urlunsplit(parts._replace(path=parts.path.rstrip("/") + path))
        return await door.request(method, url, headers=headers, content=body, seconds=seconds, most=4 * LARGEST)


def _schema(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the tool's arguments are; nothing is known of them where what stands there is no schema."""
    found = row.get("input_schema") or row.get("inputSchema")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _json(answer: Answer) -> Any:
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
