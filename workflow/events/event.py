"""An event as the log holds it, and as those who get it see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log; (xid, seq) is its place."""

    id: UUID
    tenant: UUID
    name: str
    key: str
    data: Any
    time: datetime
    source: str
    xid: str = "0"
    seq: int = 0

    def told(self) -> dict[str, Any]:
        """What a handler finds in `event`, as ordinary JSON."""
        return {
            "id": str(self.id),
            "name": self.name,
            "key": self.key,
            "data": self.data,
            "time": self.time.isoformat(),
            "source": self.source,
        }

    @classmethod
    def of(cls, tenant: UUID, row: Mapping[str, Any]) -> Event:
        """The event of a row with the columns id, name, key, data, created_at, source, bot_id, xid, seq."""
        return cls(
            row["id"],
            tenant,
            row["name"],
            row["key"],
            row["data"],
            row["created_at"],
            source(row["source"], row["bot_id"]),
            row["xid"],
            row["seq"],
        )


def source(given: str | None, bot: UUID | None) -> str:
    """Who said it, as CloudEvents' `source`."""
    return given or (f"/bots/{bot}" if bot else "/")
