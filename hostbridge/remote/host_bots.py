"""The bots that the General Bots host has in its database, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from storage.sql import queries

SQL = queries("hostbridge.remote")
EVERY = 30.0  # seconds between two looks
log = structlog.get_logger()


class HostBots:
    """The names in `public.bots`, as they were a moment ago."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection]) -> None:
        self._pool = pool
        self._names: tuple[str, ...] = ()

    def names(self) -> Collection[str]:
        return self._names

    async def run(self) -> None:
        """Until cancelled, look again and again."""
        while True:
            try:
                await self.look()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("host.bots_not_read", error=str(error).strip())
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Read the names; none where the host's tables are not in our database."""
        async with self._pool.connection() as connection:
            there = await (await connection.execute(SQL["host_has_bots"])).fetchone()
            if there and there[0]:
                rows = await (await connection.execute(SQL["host_bots"])).fetchall()
                self._names = tuple(str(name) for (name,) in rows)
