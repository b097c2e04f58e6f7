"""The host's own `public.bot_memories`, kept in step with ours by triggers that its owner has installed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from keywords.host import bot_id
from storage.sql import queries

SQL = queries("memory", "host.sql")


class NoHost(Exception):
    """The host's tables are not in our database."""

    def __init__(self) -> None:
        super().__init__(
            "There are no tables public.bots and public.bot_memories in the database of DATABASE_URL. Point it at the "
            "host's database: what both write must be one transaction, so it must be one database. Our own tables "
            "stand beside the host's in a schema of their own, botmcp."
        )


async def install(connection: AsyncConnection, tenant: UUID, now: datetime) -> int:
    """Install the triggers and bring both sides in step; how many bots were met. Again, it changes nothing.

    Raises NoHost. The connection's user must own public.bot_memories, or be allowed to put a trigger on it.
    """
    if not await _yes(connection, "host_tables"):
        raise NoHost
    async with connection.transaction():
        await connection.execute(SQL["host_lock"])  # or what the host writes meanwhile would be in neither part
        await connection.execute(SQL["host_trigger"])
        await connection.execute(SQL["host_mirror"])
        return await _meet(connection, tenant, now)


async def installed(connection: AsyncConnection) -> bool:
    """Whether the host's writes are noted."""
    return await _yes(connection, "host_installed")


async def met(connection: AsyncConnection, tenant: UUID, now: datetime) -> int:
    """Take in bots that the host has made since; how many. None where the triggers are not installed."""
    return await _meet(connection, tenant, now) if await installed(connection) else 0


async def _meet(connection: AsyncConnection, tenant: UUID, now: datetime) -> int:
    async with connection.transaction():
        rows = await (await connection.execute(SQL["host_new_bots"])).fetchall()
        if not rows:
            return 0
        given: dict[str, Any] = {
            "host": [host for host, _ in rows],
            "tenant": [tenant] * len(rows),
            "bot": [bot_id(tenant, name) for _, name in rows],
            "name": [name for _, name in rows],
            "now": now,
        }
        for statement in ("host_meet", "host_name", "host_take", "host_give"):
            await connection.execute(SQL[statement], given)
        return len(rows)


async def _yes(connection: AsyncConnection, statement: str) -> bool:
    row = await (await connection.execute(SQL[statement])).fetchone()
    return bool(row and row[0])
