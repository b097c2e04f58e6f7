"""Back-pressure: a tenant that publishes more than it may is closed for a moment, and told so at each PUBLISH.

The process that reads the log counts; the table of quotas is what every commit looks at. What a tenant publishes is
compared with its quota whenever events were read, what is outstanding once a second. So what was published before that
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
        self._fresh: set[UUID] = set()  # who published since the last look
        self._own: dict[UUID, tuple[int | None, int | None]] = {}  # rate, outstanding; not as the settings say
        self._closed: dict[UUID, datetime] = {}

    def count(self, events: Sequence[Event]) -> None:
        """These were published."""
        published = Counter(event.tenant for event in events)
        self._counts[-1].update(published)
        self._fresh.update(published)

    async def look(self) -> None:
        """Who is beyond his quota?"""
        now = self._clock()
        fresh, self._fresh = self._fresh, set[UUID]()
        if now - self._looked >= LOOK:
            self._looked = now
            self._own = {tenant: (rate, most) for tenant, rate, most in await self._rows("quotas")}
            self._closed = {tenant: until for tenant, until in self._closed.items() if until > now}
            await self._rates(set[UUID]().union(*self._counts), now)
            await self._outstanding(now)
            self._counts = [*self._counts[-SPAN + 1 :], Counter()]
        elif fresh:
            await self._rates(fresh, now)

    async def _rates(self, tenants: set[UUID], now: datetime) -> None:
        for tenant in tenants:
            own, _ = self._own.get(tenant, (None, None))
            rate = self._setup.rate if own is None else own
            if rate and sum(count[tenant] for count in self._counts) > rate * SPAN:
                await self._close(tenant, f"This tenant may publish {rate:,} events a second, and publishes more.", now)

    async def _outstanding(self, now: datetime) -> None:
        for tenant, waiting in await self._rows("outstanding"):
            _, own = self._own.get(tenant, (None, None))
            most = self._setup.outstanding if own is None else own
            if most and waiting > most:
                count = f"{waiting:,} events of this tenant have yet to happen or to be handled"
                await self._close(tenant, f"{count}; it may have {most:,}.", now)

    async def _close(self, tenant: UUID, why: str, now: datetime) -> None:
        if self._closed.get(tenant, now) - now > CLOSED - LOOK:
            return  # a moment ago
        self._closed[tenant] = now + CLOSED
        log.warning("events.quota", tenant=str(tenant), why=why)
        given = {"tenant": tenant, "until": now + CLOSED, "reason": f"{why} Publish again in a moment."}
        await self._connection.execute(SQL["close_tenant"], given)

    async def _rows(self, statement: str) -> Sequence[tuple[Any, ...]]:
        return await (await self._connection.execute(SQL[statement])).fetchall()
