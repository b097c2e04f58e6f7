"""Durable timers: a waiting row knows when it wakes; each worker knows the earliest and sleeps until then."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from psycopg import AsyncConnection

from storage.sql import queries
from workflow.bell import Bell
from workflow.repeat import execute

SQL = queries("workflow")
LOOK = 1.0  # seconds: the safety poll, for rows that another process wrote
SOON = 0.002
SOME = 500  # rows that one statement fires


class Timers:
    """Fires what is due: time-outs, delays, retries. Several workers may do so at once; each row wakes once."""

    def __init__(
        self,
        connection: AsyncConnection,
        clock: Callable[[], datetime],
        chance: random.Random,
        fired: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._chance = chance
        self._fired = fired
        self._bell = Bell()

    def look(self) -> None:
        """Something was written that wakes later: its time may be the earliest now."""
        self._bell.ring()

    async def fire(self) -> int:
        """Wake what is due now; answers how many."""
        cursor = await execute(self._connection, SQL["fire_timers"], {"now": self._clock()})
        row = await cursor.fetchone()
        if row and row[0]:
            self._fired()
        return row[0] if row else 0

    async def run(self) -> None:
        while True:
            if await self.fire() >= SOME:
                continue
            cursor = await execute(self._connection, SQL["next_timer"])
            row = await cursor.fetchone()
            pause = LOOK * self._chance.uniform(0.8, 1.2)
            if row and row[0]:
                # Due and not fired: somebody holds the row for a moment.
                pause = max(SOON, min(pause, (row[0] - self._clock()).total_seconds()))
            await self._bell.wait(pause)
