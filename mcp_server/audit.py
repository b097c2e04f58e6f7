"""The audit log: who did what through which door, and who was refused. Written behind the answers, a few at a time.

What was done to an execution is kept with the deed itself (workflow_acts), in one transaction; this log adds who
proved to be who, from where, and what was refused. `botmcp audit` reads it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg.rows import dict_row

from keywords.mistakes import Forbidden
from mcp_server.keys import SQL
from storage.pool import Pool
from workflow.details import Caller

log = structlog.get_logger()
MOST_WAITING = 10_000
PAUSE = 0.2
LONGEST = 500  # characters of what a deed was about


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that somebody did, or was not let do."""

    tenant: UUID
    at: datetime
    subject: str
    proof: str
    door: str
    action: str
    about: str
    outcome: str
    request: str
    address: str


class Audit:
    """Takes deeds down; nothing that is answered waits for it."""

    def __init__(self, pool: Pool, keep_days: int) -> None:
        self._pool = pool
        self._keep = timedelta(days=keep_days) if keep_days else None
        self._waiting: list[Deed] = []
        self._told = asyncio.Event()
        self._forgot: datetime | None = None

    def note(self, deed: Deed) -> None:
        """Take it down soon."""
        if len(self._waiting) >= MOST_WAITING:  # the database has been away for long: the file still has them
            log.warning("audit.overflow", subject=deed.subject, action=deed.action, outcome=deed.outcome)
            return
        self._waiting.append(deed)
        self._told.set()

    async def run(self) -> None:
        """Write what is noted, until cancelled; what is noted by then is still written."""
        try:
            while True:
                await self._told.wait()
                await asyncio.sleep(PAUSE)
                self._told.clear()
                try:
                    await self.flush()
                except Exception:
                    log.warning("audit.unwritten", waiting=len(self._waiting), exc_info=True)
                    await asyncio.sleep(1)
                    self._told.set()
        finally:
            with contextlib.suppress(Exception):
                await asyncio.shield(self.flush())

    async def flush(self) -> None:
        """Write what is noted now."""
        taken, self._waiting = self._waiting, []
        if not taken:
            return
        names = ("tenant", "at", "subject", "proof", "door", "action", "about", "outcome", "request", "address")
        columns = {name: [getattr(deed, name) for deed in taken] for name in names}
        try:
            async with self._pool.connection() as connection:
                await connection.execute(SQL["note_deeds"], columns)
                if self._keep and (self._forgot is None or taken[-1].at - self._forgot > timedelta(hours=6)):
                    self._forgot = taken[-1].at
                    await connection.execute(SQL["forget_audit"], {"before": taken[-1].at - self._keep})
        except BaseException:
            self._waiting[:0] = taken
            raise

    async def read(
        self, caller: Caller, *, limit: int = 100, before: int | None = None, subject: str = "", action: str = ""
    ) -> Sequence[Mapping[str, Any]]:
        """The newest deeds of the tenant; raises Refused."""
        caller.require("admin")
        if caller.bots is not None:
            raise Forbidden("A key that is limited to bots does not read the audit log of the tenant.")
        given = {"tenant": caller.tenant, "before": before, "limit": limit}
        given |= {"subject": subject or None, "action": action or None}
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["read_audit"], given)
            return await cursor.fetchall()


def shortened(about: str) -> str:
    """What a deed was about, as the log keeps it: one line that a table can hold."""
    return about.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST]
