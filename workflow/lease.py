"""Who is alive: a worker holds an advisory lock as long as its connection lives, and renews a lease.

The lock tells at once that a process died, the lease that one hangs. Neither is what keeps a zombie from writing: that
is the fence of every commit.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import metadata
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from storage.sql import queries
from workflow.repeat import execute

log = structlog.get_logger()

SQL = queries("workflow")
LEASE = timedelta(seconds=30)
RENEWED = 5.0  # seconds between two renewals
LOOK = 0.4  # seconds between two looks for the dead


class LeaseLost(Exception):
    """Others took this worker for dead; what it ran is theirs now."""


class Lease:
    """A worker's registration, on a connection that does nothing else."""

    def __init__(self, connection: AsyncConnection, worker: UUID) -> None:
        self._connection = connection
        self.worker = worker

    async def take(self) -> None:
        """Lock first, then the row: nobody can see the row without the lock."""
        key = self.worker.int & 0x7FFF_FFFF_FFFF_FFFF
        await execute(self._connection, SQL["hold_lease"], {"key": key})
        about = f"{platform.node()}:{os.getpid()} botmcp {_release()}"
        given = {"id": self.worker, "key": key, "lease": LEASE, "about": about}
        await execute(self._connection, SQL["register_worker"], given)

    async def run(self) -> None:
        """Renew until cancelled; raises LeaseLost when the row is gone."""
        while True:
            await asyncio.sleep(RENEWED)
            cursor = await execute(self._connection, SQL["renew_lease"], {"id": self.worker, "lease": LEASE})
            if await cursor.fetchone() is None:
                raise LeaseLost(f"Worker {self.worker} was taken for dead.")


def _release() -> str:
    """Whoever upgrades a cluster wants to see which workers are old."""
    try:
        return metadata.version("botmcp")
    except metadata.PackageNotFoundError:
        return "?"


class Heirs:
    """Takes over from dead workers what they ran."""

    def __init__(
        self,
        connection: AsyncConnection,
        worker: UUID,
        clock: Callable[[], datetime],
        found: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._worker = worker
        self._clock = clock
        self._found = found

    async def take_over(self) -> int:
        """Free what the dead held; answers how many executions."""
        cursor = await execute(self._connection, SQL["take_over"], {"me": self._worker, "now": self._clock()})
        rows = await cursor.fetchall()
        if rows:
            log.warning("worker.took_over", ready=sum(s == "ready" for _, s in rows), executions=len(rows))
            self._found()
        return len(rows)

    async def run(self) -> None:
        while True:
            await self.take_over()
            await asyncio.sleep(LOOK)
