"""Back-pressure: a tenant that publishes more than it may is closed for a moment, and told so at each PUBLISH.

The process that reads the log counts; the table of quotas is what every commit looks at. So a burst shorter than a look
goes through, and nothing is ever dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg import AsyncConnection

from storage.sql import queries
from workflow.events.event import Event
from workflow.events.setup import EventSetup

log = structlog.get_logger()

SQL = queries("workflow.events", "dispatch.sql")
LOOK = timedelta(seconds=1)
SPAN = 5  # looks over which a rate is meant
CLOSED = timedelta(seconds=2)


class Quota:
    """Counts what is read, and closes whoever is beyond his quota."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], datetime], setup: EventSetup) -> None:
        self._connection = connection
        self._clock = clock
        self._setup = setup
        self._counts: list[Counter[UUID]] = [Counter()]
        self._looked = clock()

    def count(self, events: Sequence[Event]) -> None:
        """These were published."""
        self._counts[-1].update(event.tenant for event in events)

    async def look(self) -> None:
        """Once a second: who is beyond his quota?"""
        now = self._clock()
        took = (now - self._looked).total_seconds()
        if took < LOOK.total_seconds():
            return
        self._looked = now
        recent = sum(self._counts, Counter[UUID]())
        self._counts = [*self._counts[-SPAN + 1 :], Counter()]
        own = {t: (rate, most) for t, rate, most in await self._rows("quotas")}
        waiting: dict[UUID, int] = dict(await self._rows("outstanding"))
        for tenant in {*recent, *waiting}:
            rate, most = own.get(tenant, (None, None))
            rate, most = self._setup.rate if rate is None else rate, self._setup.outstanding if most is None else most
            if rate and recent[tenant] > rate * SPAN:
                told = f"This tenant may publish {rate:,} events a second, and publishes more."
                await self._close(tenant, told, now)
            elif most and waiting.get(tenant, 0) > most:
                count = f"{waiting[tenant]:,} events of this tenant have yet to happen or to be handled"
                told = f"{count}; it may have {most:,}."
                await self._close(tenant, told, now)

    async def _close(self, tenant: UUID, why: str, now: datetime) -> None:
        log.warning("events.quota", tenant=str(tenant), why=why)
        given = {"tenant": tenant, "until": now + CLOSED, "reason": f"{why} Publish again in a moment."}
        await self._connection.execute(SQL["close_tenant"], given)

    async def _rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        return await (await self._connection.execute(SQL[statement])).fetchall()
