"""What sessions of the earlier era were told, for a client whose connection broke: the latest of each, not for long.

It lives in this process only. What matters is durable anyway: an execution's id answers for it on any server.
"""

from __future__ import annotations

from collections import OrderedDict, deque

import mcp.types as types
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore

STREAMS = 500  # the least recently told go first
EVENTS = 200  # of one stream


class RecentEvents(EventStore):
    """Keeps the latest events of the latest streams."""

    def __init__(self) -> None:
        self._count = 0
        self._streams: OrderedDict[str, deque[tuple[int, types.JSONRPCMessage | None]]] = OrderedDict()

    async def store_event(self, stream_id: str, message: types.JSONRPCMessage | None) -> str:
        self._count += 1
        kept = self._streams.setdefault(stream_id, deque(maxlen=EVENTS))
        kept.append((self._count, message))
        self._streams.move_to_end(stream_id)
        while len(self._streams) > STREAMS:
            self._streams.popitem(last=False)
        return f"{self._count}~{stream_id}"

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        number, _, stream = last_event_id.partition("~")
        kept = self._streams.get(stream)
        if kept is None or not number.isdecimal():
            return None
        for count, message in list(kept):
            if count > int(number) and message is not None:
                await send_callback(EventMessage(message, f"{count}~{stream}"))
        return stream
