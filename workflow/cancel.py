"""Ending executions and everything below them: at once what nobody runs, at its next commit what is running.

What knows how to undo what it has done (COMPENSATE WITH) does that first, once everything below it has ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from storage.sql import queries
from workflow.claim import Claim
from workflow.engine import Engine

SQL = {
    **queries("workflow"),
    **queries("workflow", "operations.sql"),
    **queries("workflow", "steering.sql"),
    **queries("workflow", "branches.sql"),
}


async def held_family(connection: AsyncConnection, tenant: UUID, *executions: UUID) -> list[tuple[UUID, str, bool]]:
    """Lock them and everything alive below them; answers id, status, and whether a pause was asked for, of each.

    While one look waits for a lock, its holder may start children that the look cannot see. Who is locked starts none:
    so we look until nobody new is found.
    """
    found: list[tuple[UUID, str, bool]] = []
    while True:
        cursor = await connection.execute(SQL["hold_families"], {"tenant": tenant, "ids": list(executions)})
        seen = [(id_, status, pausing) for id_, status, pausing in await cursor.fetchall()]
        if len(seen) == len(found):
            return seen
        found = seen


async def cancel(connection: AsyncConnection, tenant: UUID, execution: UUID, now: datetime) -> list[UUID]:
    """Cancel in the transaction that is open on this connection; answers what ended at once.

    A parent outside the family learns of it as of any other end: it is counted down, and wakes when none is left.
    """
    return await cancel_all(connection, tenant, [execution], now)


async def cancel_all(connection: AsyncConnection, tenant: UUID, ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """The same for several that have nothing to do with each other, or share a parent."""
    await held_family(connection, tenant, *ids)
    given: dict[str, Any] = {"tenant": tenant, "ids": list(ids), "now": now}
    rows = await (await connection.execute(SQL["end_families"], given)).fetchall()
    ended = [id_ for id_, status, _, _ in rows if status == "cancelled"]
    family = {id_ for id_, _, _, _ in rows}
    above = Counter(
        (parent, n) for _, status, parent, n in rows if status == "cancelled" and parent and parent not in family
    )
    if above:
        joins = {"parent": [parent for parent, _ in above], "n": [n for _, n in above], "badly": list(above.values())}
        await connection.execute(SQL["join_parents"], {**joins, "well": [0] * len(above), "at": [now] * len(above)})
        await connection.execute(SQL["sweep_held"], {"ids": [parent for parent, _ in above], "now": now})
    stopped = [id_ for id_, status, _, _ in rows if status != "running"]
    await connection.execute(SQL["cancel_waits"], {"tenant": tenant, "ids": [*ids, *stopped], "now": now})
    return ended


async def begun_undoing(engine: Engine, claim: Claim, owner: UUID) -> bool:
    """Whether the claimed execution, which was asked to end, is still ours: then it begins to undo what it did."""
    given = {"id": claim.id, "owner": owner, "epoch": claim.epoch}
    async with engine.pool.connection() as connection:
        return await (await connection.execute(SQL["begin_undoing"], given)).fetchone() is not None
