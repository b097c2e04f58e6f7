"""Forgets what is over: expired memories and grants, old versions and tombstones, copies that nothing covers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from memory import host
from storage.pool import Pool
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("memory", "erase.sql")
LOOK = 15.0  # seconds; nobody reads what has expired meanwhile
HISTORY = timedelta(days=30)
LATE = timedelta(minutes=5)
HOURLY = ("forget_versions", "forget_tombstones", "measure_bytes")


class Upkeep:
    """Runs until cancelled; any number of processes may, one works at a time."""

    def __init__(self, pool: Pool, clock: Callable[[], datetime], tenant: UUID | None = None) -> None:
        self._pool = pool
        self._clock = clock
        self._tenant = tenant  # whose bots the host's are, where there is a host
        self._hour: datetime | None = None

    async def run(self) -> None:
        while True:
            try:
                await self.once()
            except (psycopg.Error, PoolTimeout, TimeoutError) as error:
                log.info("upkeep.put_off", error=str(error).strip())
            await asyncio.sleep(LOOK)

    async def once(self) -> None:
        """One round."""
        now = self._clock()
        statements = ["forget_expired", "forget_grants", "forget_copies", "deliver_late", "forget_old_versions"]
        hour = self._hour is None or now - self._hour >= timedelta(hours=1)
        if hour:
            statements += HOURLY
        since = now - (LATE if self._hour else HISTORY)
        given = {"now": now, "old": now - HISTORY, "since": since}
        async with self._pool.connection() as connection, connection.transaction():
            free = await (await connection.execute(SQL["upkeep_lock"])).fetchone()
            if not (free and free[0]):
                return
            for statement in statements:
                await connection.execute(SQL[statement], given)
            if self._tenant:
                await host.met(connection, self._tenant, now)
        if hour:
            self._hour = now
