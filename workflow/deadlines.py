"""Ends what has had its time: executions that somebody waits for until a deadline, and everything below them."""

from __future__ import annotations

import asyncio
from functools import partial
from uuid import UUID

import structlog

from storage.sql import queries
from workflow.cancel import cancel
from workflow.details import Caller
from workflow.engine import Engine
from workflow.perform import PASSING
from workflow.repeat import repeated
from workflow.steering import noted

log = structlog.get_logger()

SQL = queries("workflow", "steering.sql")
LOOK = 1.0  # seconds: the safety poll
SOON = 0.005


class Deadlines:
    """Several workers may look; an execution ends once. On the pool, because an end takes several statements."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self) -> None:
        while True:
            try:
                await self.end()
                pause = await self._pause()
            except PASSING as error:  # the pool is the whole process's: others may hold all of it for a while
                log.warning("deadlines.put_off", error=str(error).strip())
                pause = LOOK
            await asyncio.sleep(pause)

    async def end(self) -> int:
        """End what is overdue; answers how many families."""
        now = self._engine.clock()
        async with self._engine.pool.connection() as connection:
            rows = await (await connection.execute(SQL["overdue"], {"now": now})).fetchall()
        for execution, tenant in rows:
            await repeated(partial(self._ended, tenant, execution))
            log.info("execution.overdue", execution=str(execution))
        return len(rows)

    async def _ended(self, tenant: UUID, execution: UUID) -> None:
        hints = self._engine.hints
        notify = hints.statement("ready", "stop")
        async with self._engine.pool.connection() as connection, connection.transaction():
            now = self._engine.clock()
            await cancel(connection, tenant, execution, now)
            await noted(connection, Caller(tenant, "botmcp", "deadline"), execution, "cancel", now, "its time was over")
            if notify:
                await connection.execute(*notify)
        if not notify:
            await hints.publish("ready", "stop")

    async def _pause(self) -> float:
        async with self._engine.pool.connection() as connection:
            row = await (await connection.execute(SQL["next_deadline"])).fetchone()
        pause = LOOK * self._engine.chance.uniform(0.8, 1.2)
        if row and row[0]:
            pause = max(SOON, min(pause, (row[0] - self._engine.clock()).total_seconds()))
        return pause
