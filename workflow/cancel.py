"""Ending an execution and everything below it: at once what nobody runs, at its next commit what is running."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from storage.sql import queries

SQL = {**queries("workflow"), **queries("workflow", "operations.sql")}


async def cancel(connection: AsyncConnection, tenant: UUID, execution: UUID, now: datetime) -> list[UUID]:
    """Cancel in the transaction that is open on this connection; answers what ended at once.

    A parent outside the family learns of it as of any other end: it is counted down, and wakes when none is left.
    """
    given: dict[str, Any] = {"tenant": tenant, "id": execution, "now": now}
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
