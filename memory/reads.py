"""Reading what bots remember."""

from __future__ import annotations

from uuid import UUID

from storage.pool import Pool
from storage.sql import queries


class PostgresMemories:
    """What bots remember, read from the database at the moment of the question; fulfils `keywords.host.Memories`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._memory_of = queries("memory")["memory_of"]

    async def get(self, tenant: UUID, bot: UUID, key: str) -> str | None:
        """The value under the key, as text; None when the bot remembers nothing there."""
        async with self._pool.connection() as connection:
            found = await connection.execute(self._memory_of, {"tenant": tenant, "bot": bot, "key": key})
            row = await found.fetchone()
        return None if row is None else str(row[0])
