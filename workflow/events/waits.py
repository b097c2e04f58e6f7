"""Delivery of events to executions that wait; `waits.sql` holds the argument why none is lost.

The log is read in the order (transaction, sequence), and only below the oldest transaction still open: a row that
commits later can never stand before one that was read. Two things are looked at: events new to this reader, for the
waits of their names, and waits that nobody has looked at yet, for the events of before. Whoever commits last, the event
or the wait, is seen by one of the two.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from psycopg import AsyncConnection

from storage.sql import queries
from workflow.bell import Bell
from workflow.events.choosing import Choosing
from workflow.repeat import execute

log = structlog.get_logger()

SQL = queries("workflow.events", "waits.sql")
LOOK = 1.0  # seconds: the safety poll when hints are quiet
PATIENCE = timedelta(seconds=10)  # a transaction anywhere in the cluster that stays open longer is told of in the log
SOME = 1_000  # rows of the log that one statement reads


class Delivery:
    """One reader of the log. Every worker has one: each event is offered by all, and taken once."""

    def __init__(
        self,
        connection: AsyncConnection,
        clock: Callable[[], datetime],
        chance: random.Random,
        delivered: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._chance = chance
        self._delivered = delivered
        self._bell = Bell()
        self._place: tuple[str, int] | None = None  # (xid, seq) of the last event read
        self._choosing = Choosing(connection, clock)

    def look(self) -> None:
        """An event was published, or a wait begun."""
        self._bell.ring()

    async def run(self) -> None:
        blocked, since, told = 0, self._clock(), False
        while True:
            if not await self.deliver():
                blocked, told = 0, False
                await self._bell.wait(LOOK * self._chance.uniform(0.8, 1.2))
                continue
            if not blocked:
                since = self._clock()
            blocked = min(blocked + 1, 16)
            if not told and self._clock() - since > PATIENCE:
                log.warning("events.held_back", since=since.isoformat(), cause="a transaction that stays open")
                told = True
            await self._bell.wait(min(0.05, 0.001 * 2**blocked))  # most are over in a moment

    async def deliver(self) -> bool:
        """Deliver what can be delivered; True when something stands behind a transaction that is still open."""
        if self._place is None:
            cursor = await execute(self._connection, SQL["event_start"])
            row = await cursor.fetchone()
            assert row is not None
            self._place = (row[0], -1)
            await self._offer([], everything=True)
        while True:
            xid, seq = self._place
            cursor = await execute(self._connection, SQL["read_events"], {"xid": xid, "seq": seq})
            rows = await cursor.fetchall()
            final = [row for row in rows if row[4]]
            await self._offer(final)
            if final:
                self._place = (final[-1][2], final[-1][3])
            if len(final) < SOME:
                return len(final) < len(rows)

    async def _offer(self, rows: Sequence[tuple[Any, ...]], *, everything: bool = False) -> None:
        names = list(dict.fromkeys(row[:2] for row in rows))
        given = {
            "tenant": [tenant for tenant, _ in names],
            "name": [name for _, name in names],
            "all": everything,
            "now": self._clock(),
        }
        woken, missed = 0, 1
        while missed:  # somebody else was at work on these; mostly on the same events, and nothing is left to do
            cursor = await execute(self._connection, SQL["deliver_events"], given)
            row = await cursor.fetchone()
            assert row is not None
            woken, missed = woken + row[0], row[1]
        if await self._choosing.offer(names, everything=everything) or woken:
            self._delivered()
