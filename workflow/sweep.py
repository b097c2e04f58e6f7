"""The invariant, looked after: every live execution is in exactly one of these, or it is repaired and counted.

ready                                   somebody will claim it
running, owned by a living worker       that has it in its hands
waiting                                 with a time to wake, a wait for an event, a pending approval, or children
paused, in_doubt                        for a reason that people can read
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Container
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from keywords.program import FORMAT
from storage.sql import queries
from workflow import signals
from workflow.engine import Engine
from workflow.repeat import execute, repeated

log = structlog.get_logger()

SQL = {**queries("workflow"), **queries("workflow", "branches.sql")}
EVERY = 30.0  # seconds
REPAIRS = ("sweep_waiting", "sweep_parents", "sweep_joins", "sweep_held", "sweep_waits", "sweep_approvals")


class Sweep:
    """One worker's look at the invariant. What it repairs should never have been there: the log says so."""

    def __init__(
        self,
        connection: AsyncConnection,
        worker: UUID,
        engine: Engine,
        held: Container[UUID],
        found: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._worker = worker
        self._engine = engine
        self._held = held
        self._found = found
        self._leads = False
        self._dropped: set[tuple[UUID, int]] = set()

    async def run(self) -> None:
        while True:
            await self.resume()
            await asyncio.sleep(EVERY * self._engine.chance.uniform(0.8, 1.2))
            await self.sweep()

    async def sweep(self, *, alone: bool = False) -> dict[str, int]:
        """Repair what is wrong; answers how many rows of each kind were. One worker sweeps, or who says it is alone."""
        repaired = {"dropped": await self._give_back_dropped()}
        if not self._leads and not alone:
            cursor = await execute(self._connection, SQL["lead_sweep"])
            row = await cursor.fetchone()
            self._leads = bool(row and row[0])
        if self._leads or alone:
            for repair in REPAIRS:
                cursor = await execute(self._connection, SQL[repair], {"now": self._engine.clock(), "ids": None})
                repaired[repair] = len(await cursor.fetchall())
            now = self._engine.clock()
            repaired["signals"] = await repeated(lambda: signals.overlooked(self._connection, now))
            await execute(self._connection, SQL["forget_cached_steps"], {"now": self._engine.clock()})
        for what, count in repaired.items():
            if count:
                self._engine.watch.repaired(what, count)
        if any(repaired.values()):
            log.warning("sweep.repaired", **repaired)
            self._found()
        return repaired

    async def resume(self) -> int:
        """Wake programs that were paused for want of what this worker has; answers how many."""
        known = [keyword.name for keyword in self._engine.registry]
        given = {"now": self._engine.clock(), "keywords": known, "format": FORMAT}
        cursor = await execute(self._connection, SQL["resume_paused"], given)
        resumed = len(await cursor.fetchall())
        if resumed:
            log.info("sweep.resumed", executions=resumed)
            self._found()
        return resumed

    async def _give_back_dropped(self) -> int:
        """Rows in our name that no task of ours runs, at two looks in a row."""
        cursor = await execute(self._connection, SQL["held_by"], {"me": self._worker})
        dropped = {(id_, epoch) for id_, epoch in await cursor.fetchall() if id_ not in self._held}
        for id_, epoch in dropped & self._dropped:
            given = {"id": id_, "owner": self._worker, "epoch": epoch, "now": self._engine.clock()}
            await execute(self._connection, SQL["give_back"], given)
        found = len(dropped & self._dropped)
        self._dropped = dropped
        return found
