"""Ends the calls of executions that are to end while a call is under way: who cancels does not wait for a slow model.

A cancel, a deadline or a lost race marks the row of what runs (`cancel_requested`). Its worker is told by the hint
`stop`, or finds it when it looks, and gives the call up; what becomes of the execution is decided by its next commit.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from storage.hints import Topics
from storage.sql import queries
from workflow.bell import Bell
from workflow.repeat import execute
from workflow.run import Run

log = structlog.get_logger()

SQL = queries("workflow", "steering.sql")
STOP = "stop"
LOOK = 1.0  # seconds: the safety poll, while calls are under way


class Interrupts:
    """Of one worker; `runs` are those it drives."""

    def __init__(self, connection: AsyncConnection, owner: UUID, runs: Mapping[UUID, Run]) -> None:
        self._connection = connection
        self._owner = owner
        self._runs = runs
        self._told = Bell()

    def heard(self, topics: Topics) -> None:
        if topics & {STOP, "*"}:
            self._told.ring()

    async def run(self) -> None:
        while True:
            await self._told.wait(LOOK)
            if any(run.acts for run in self._runs.values()):
                await self.look()

    async def look(self) -> int:
        """Give up the calls of all that are to end; answers how many."""
        cursor = await execute(self._connection, SQL["stopped"], {"owner": self._owner})
        stopped = [self._runs[id_] for (id_,) in await cursor.fetchall() if id_ in self._runs]
        found = [run for run in stopped if run.interrupt()]
        if found:
            log.info("calls.interrupted", calls=len(found))
        return len(found)
