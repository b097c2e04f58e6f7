"""Ending an execution and everything below it: at once what nobody runs, at its next commit what is running."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from storage.sql import queries

SQL = {
    **queries("workflow"),
    **queries("workflow", "operations.sql"),
    **queries("workflow", "steering.sql"),
}


async def held_family(connection: AsyncConnection, tenant: UUID, execution: UUID) -> list[tuple[UUID, str, bool]]:
    """Lock it and everything alive below it; answers id, status, and whether a pause was asked for, of each.

    While one look waits for a lock, its holder may start children that the look cannot see. Who is locked starts none:
    so we look until nobody new is found.
    """
    found: list[tuple[UUID, str, bool]] = []
    while True:
        cursor = await connection.execute(SQL["hold_family"], {"tenant": tenant, "id": execution})
        seen = [(id_, status, pausing) for id_, status, pausing in await cursor.fetchall()]
        if len(seen) == len(found):
            return seen
        found = seen


async def cancel(connection: AsyncConnection, tenant: UUID, execution: UUID, now: datetime) -> list[UUID]:
    """Cancel in the transaction that is open on this connection; answers what ended at once.

    A parent outside the family learns of it as of any other end: it is counted down, and wakes when none is left.
    """
    given: dict[str, Any] = {"tenant": tenant, "id": execution, "now": now}
    await held_family(connection, tenant, execution)
    rows = await (await connection.execute(SQL["cancel_family"], given)).fetchall()
    ended = [id_ for id_, status, _ in rows if status == "cancelled"]
    family = {id_ for id_, _, _ in rows}
    above = [parent for _, status, parent in rows if status == "cancelled" and parent and parent not in family]
    if above:
        await connection.execute(
            SQL["join_parents"], {"parent": above, "ended": [1] * len(above), "at": [now] * len(above)}
        )
    await connection.execute(SQL["cancel_waits"], {"tenant": tenant, "ids": [execution, *ended], "now": now})
    return ended
