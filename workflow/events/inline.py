"""Events that ride in hints: whoever waits in another process has them without asking the log."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from workflow.events.event import Event

TOPIC = "event!"
MOST = 8_192  # characters of the data of one event
MOST_OF_ALL = 262_144  # characters of the data of all

Row = tuple[UUID, UUID, str, str, str | None, datetime, str, str, int]


def inlined(rows: Sequence[Row]) -> str:
    """The topic that carries the events of one commit; "" where they are too large.

    A row has the fields of `Event` in their order, its data as JSON.
    """
    sizes = [len(row[4]) for row in rows if row[4]]
    if not rows or sum(sizes) > MOST_OF_ALL or max(sizes, default=0) > MOST:
        return ""
    told = [(*row[:4], orjson.Fragment(row[4] or "null"), *row[5:]) for row in rows]
    return TOPIC + orjson.dumps(told).decode()


def of_hint(topic: str) -> Iterable[Event]:
    """The events that ride in a hint, as the log would give them; raises ValueError for what is none."""
    try:
        for id_, tenant, name, key, data, at, source, xid, seq in json.loads(topic.removeprefix(TOPIC)):
            yield Event(UUID(id_), UUID(tenant), name, key, data, datetime.fromisoformat(at), source, xid, seq)
    except (TypeError, AttributeError) as error:
        raise ValueError(f"not the events of a hint: {error}") from error
