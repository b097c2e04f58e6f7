"""REMIND EVERY: who has not answered an approval is reminded of it, by whichever worker looks first."""

from __future__ import annotations

import asyncio

import structlog

from storage.sql import queries
from workflow.engine import Engine
from workflow.perform import PASSING
from workflow.repeat import execute

log = structlog.get_logger()

SQL = queries("workflow", "approvals.sql")
LOOK = 5.0  # seconds: the safety poll
SOON = 0.01


class Reminders:
    """Several workers may look; each reminder is sent once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def run(self) -> None:
        while True:
            try:
                await self.send()
                pause = await self._pause()
            except PASSING as error:
                log.warning("reminders.put_off", error=str(error).strip())
                pause = LOOK
            await asyncio.sleep(pause)

    async def send(self) -> int:
        """Send what is due; answers how many."""
        async with self._engine.pool.connection() as connection:
            row = await (await execute(connection, SQL["remind"], {"now": self._engine.clock()})).fetchone()
        sent = int(row[0]) if row else 0
        if sent:
            log.info("approval.reminded", approvals=sent)
            await self._engine.hints.publish("approval", "event")
        return sent

    async def _pause(self) -> float:
        async with self._engine.pool.connection() as connection:
            row = await (await connection.execute(SQL["next_reminder"])).fetchone()
        pause = LOOK * self._engine.chance.uniform(0.8, 1.2)
        if row and row[0]:
            pause = max(SOON, min(pause, (row[0] - self._engine.clock()).total_seconds()))
        return pause
