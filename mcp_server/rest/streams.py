"""Server-sent events: one event's bytes, whether a caller wants them, and whether it may still have them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from starlette.requests import Request

from mcp_server.doorman import still_let_in

HEARTBEAT = 15.0  # seconds without news after which a comment is sent, so that nobody in between hangs up

AGAIN = 1.0  # seconds after which it is asked again whether a stream may go on


class Standing:
    """Whether a stream may go on: a key that is revoked meanwhile ends what was begun with it."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._asked = asyncio.get_running_loop().time()

    async def holds(self) -> bool:
        """Asked before each word of a stream; looks at most once in a while."""
        now = asyncio.get_running_loop().time()
        if now - self._asked < AGAIN:
            return True
        self._asked = now
        return await still_let_in(self._request.scope)


def event(name: str, data: Any, id_: str = "") -> bytes:
    """One event; `id_` is where to go on behind it."""
    told = json.dumps(data, ensure_ascii=False, default=str)
    mark = f"id: {id_}\n" if id_ else ""
    return f"{mark}event: {name}\ndata: {told}\n\n".encode("utf-8", "replace")


def wants_stream(request: Request) -> bool:
    """Whether the caller prefers a stream to JSON."""
    return "text/event-stream" in request.headers.get("accept", "").lower()
