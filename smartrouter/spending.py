"""What a call that was not answered may have cost: when the engine makes it again, it draws from what is left."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from uuid import UUID

import psycopg
import structlog

from keywords.host import ModelRequest
from smartrouter.unhurried import left_to_itself
from storage.pool import Pool
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("smartrouter")
KEPT = 10_000  # calls remembered in the process


class Spendings:
    """Calls with a MAX_COST that were not answered; looked up only for those that are made again."""

    def __init__(self, pool: Pool | None) -> None:
        self._pool = pool
        self._known: OrderedDict[str, float] = OrderedDict()

    def here(self, call_id: str, request: ModelRequest) -> float | None:
        """What the call has spent before, where nothing must be looked up for it (`of`)."""
        if request.max_cost is None:
            return 0.0
        return self._known.get(call_id, 0.0) if request.attempt <= 1 or self._pool is None else None

    async def of(self, tenant: UUID, call_id: str) -> float:
        """What the call has spent before, in any process."""
        known = self._known.get(call_id, 0.0)
        if self._pool is None:
            return known
        async with self._pool.connection() as connection:
            row = await (await connection.execute(SQL["spent"], {"tenant": tenant, "call": call_id})).fetchone()
        return max(known, row[0] if row else 0.0)

    def note(self, tenant: UUID, call_id: str, spent: float, request: ModelRequest) -> asyncio.Task[None] | None:
        """Keep what was spent, here at once, and in a task for the process that makes the call again."""
        if request.max_cost is None or spent <= 0:
            return None
        self._known[call_id] = spent
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return left_to_itself(self._keep(self._pool, tenant, call_id, spent)) if self._pool else None

    async def _keep(self, pool: Pool, tenant: UUID, call_id: str, spent: float) -> None:
        try:
            async with pool.connection() as connection:
                await connection.execute(SQL["note_spending"], {"tenant": tenant, "call": call_id, "spent": spent})
        except (psycopg.Error, OSError, TimeoutError) as error:
            log.warning("spending.not_kept", error=str(error).strip())
