"""A durable place in the log of events. What is done with an event and the new place are one commit: exactly once.

The log is read below the oldest transaction still open, in the order (transaction, sequence): nothing is skipped. Any
number of processes may read under one name; each event is dealt with by one of them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from storage.sql import queries
from workflow.events.event import Event
from workflow.repeat import repeated

SQL = queries("workflow.events", "dispatch.sql")
PAGE = 1_000

Deal: TypeAlias = Callable[[AsyncConnection, Sequence[Event], Sequence[date]], Awaitable[None]]


class Reader:
    """`deal` gets the events in order, in the transaction that moves the place; again, if that did not commit."""

    def __init__(self, name: str, connection: AsyncConnection, clock: Callable[[], datetime], page: int = PAGE) -> None:
        self._name = name
        self._connection = connection
        self._clock = clock
        self._page = page
        self._place: tuple[str, int] | None = None
        self.held_back = False  # something stands behind a transaction that is still open

    async def begin(self, xid: str | None = None) -> None:
        """Have a place: the known one, else here, or behind a transaction."""
        await self._connection.execute(SQL["begin_reading"], {"name": self._name, "xid": xid, "now": self._clock()})

    async def step(self, deal: Deal) -> int:
        """Deal with the next events; how many, 0 when there is nothing more that is final."""
        if self._place is None:
            self._place = await self._known()
        xid, seq = self._place
        async with self._connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["read_on"], {"xid": xid, "seq": seq, "limit": self._page})
            rows: Sequence[dict[str, Any]] = await cursor.fetchall()
        final = [row for row in rows if row["final"]]
        self.held_back = len(final) < len(rows)
        if not final:
            return 0
        events = [Event.of(row["tenant_id"], row) for row in final]
        moved = await repeated(lambda: self._moved(deal, events, [row["day"] for row in final]))
        self._place = (events[-1].xid, events[-1].seq) if moved else None
        return len(events)

    async def _moved(self, deal: Deal, events: Sequence[Event], days: Sequence[date]) -> bool:
        assert self._place is not None
        given = {
            "name": self._name,
            "xid": self._place[0],
            "seq": self._place[1],
            "to_xid": events[-1].xid,
            "to_seq": events[-1].seq,
            "now": self._clock(),
        }
        async with self._connection.transaction():
            if await (await self._connection.execute(SQL["move_on"], given)).fetchone() is None:
                return False
            await deal(self._connection, events, days)
            return True

    async def _known(self) -> tuple[str, int]:
        cursor = await self._connection.execute(SQL["place"], {"name": self._name})
        row = await cursor.fetchone()
        if row is None:
            await self.begin()
            cursor = await self._connection.execute(SQL["place"], {"name": self._name})
            row = await cursor.fetchone()
        assert row is not None
        return row[0], row[1]
