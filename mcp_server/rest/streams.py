"""Server-sent events: one event's bytes, and whether a caller wants them."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

HEARTBEAT = 15.0  # seconds without news after which a comment is sent, so that nobody in between hangs up


def event(name: str, data: Any, id_: str = "") -> bytes:
    """One event; `id_` is where to go on behind it."""
    told = json.dumps(data, ensure_ascii=False, default=str)
    mark = f"id: {id_}\n" if id_ else ""
    return f"{mark}event: {name}\ndata: {told}\n\n".encode("utf-8", "replace")


def wants_stream(request: Request) -> bool:
    """Whether the caller prefers a stream to JSON."""
    return "text/event-stream" in request.headers.get("accept", "").lower()
