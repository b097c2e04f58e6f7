"""Events that ride in hints: whoever waits in another process has them without asking the log."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

import orjson

from workflow.events.event import Event

TOPIC = "event!"
MOST = 8_192  # characters of data


def inlined(
    tenant: UUID, id_: UUID, name: str, key: str, data: str | None, at: datetime, source: str, xid: str, seq: int
) -> str:
    """The topic that carries an event; "" where it is too large."""
    if data is None:
        data = "null"
    elif len(data) > MOST:
        return ""
    return f"{TOPIC}{orjson.dumps((tenant, id_, name, key, at, source, xid, seq)).decode()}\t{data}"


def of_hint(topic: str) -> Event:
    """The event that rides in a hint; raises ValueError for what is none."""
    head, _, data = topic.removeprefix(TOPIC).partition("\t")
    tenant, id_, name, key, at, source, xid, seq = json.loads(head)
    return Event(UUID(id_), UUID(tenant), name, key, json.loads(data), datetime.fromisoformat(at), source, xid, seq)
