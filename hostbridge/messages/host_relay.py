"""Delivers what goes through channels with an account by way of the General Bots server, which has the accounts.

Only what is left while this runs goes out: nothing that was kept before a server was set is sent late. The server is
asked in the name of the message, so one that is sent again after a crash is at least sent in the same place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from hostbridge.messages.outbox import SQL
from keywords.host import Value
from keywords.mistakes import ProgramError, Transient

log = structlog.get_logger()

LOOK = 2.0  # seconds between two looks
AT_ONCE = 10
BEFORE = timedelta(minutes=10)  # a restart takes up what the process before it was left
PAUSES = (30, 120, 600, 3_600)  # seconds before the next try; then it has failed
CHANNELS = ("sms", "whatsapp", "telegram", "instagram", "teams", "messenger", "facebook")


class Runs(Protocol):
    """Runs a keyword on the server: by which bot, which, with what, under which key, for whom."""

    def __call__(
        self, bot: str, name: str, values: Sequence[Value], call_id: str, tenant: UUID
    ) -> Awaitable[object]: ...


class HostRelay:
    """Delivers until cancelled. Any number may share an outbox."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection], runs: Runs, clock: Callable[[], datetime]) -> None:
        self._pool = pool
        self._runs = runs
        self._clock = clock
        self._since = clock() - BEFORE

    async def run(self) -> None:
        while True:
            try:
                while await self.deliver():
                    pass
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.warning("messages.not_looked", error=str(error).strip())
            await asyncio.sleep(LOOK)

    async def deliver(self) -> int:
        """Deliver what is due; how many were taken up."""
        now = self._clock()
        async with self._pool.connection() as connection:
            given = {"now": now, "channels": list(CHANNELS), "since": self._since}
            await connection.execute(SQL["offer_to_host"], given)
            rows = await (await connection.execute(SQL["take_for_host"], {"now": now, "most": AT_ONCE})).fetchall()
        await asyncio.gather(*(self._one(*row) for row in rows))
        return len(rows)

    async def _one(
        self, id_: UUID, tenant: UUID, origin: str, channel: str, recipient: str, body: str, attempts: int
    ) -> None:
        name, to = ("SEND SMS", recipient) if channel == "sms" else ("TALK TO", f"{channel}:{recipient}")
        try:
            await self._runs(origin or "default", name, [to, body], f"message:{id_}", tenant)
        except Transient as error:
            await self._again(id_, attempts, str(error))
        except ProgramError as error:
            await self._note("put_off_by_host", {"id": id_, "status": "failed", "reason": str(error), "due": None})
        else:
            log.info("message.delivered", message=str(id_), channel=channel)
            await self._note("delivered_by_host", {"id": id_, "now": self._clock()})

    async def _again(self, id_: UUID, attempts: int, reason: str) -> None:
        due = self._clock() + timedelta(seconds=PAUSES[attempts - 1]) if attempts <= len(PAUSES) else None
        status = "kept" if due else "failed"
        await self._note("put_off_by_host", {"id": id_, "status": status, "reason": reason, "due": due})

    async def _note(self, statement: str, given: Mapping[str, Any]) -> None:
        async with self._pool.connection() as connection:
            await connection.execute(SQL[statement], {**given})
