"""What the models did, written behind the calls: no call waits for a row.

Attempts gather in this process and are written together, within a second or when five hundred have come; each batch has
an id, so it is written exactly once however often its commit must be tried. Beside that, ratings on their way are taken
into the records, and what other processes wrote is read again now and then.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from smartrouter.ledger import Judged, Noted, call_columns, learn, performance_columns, rows, usage_columns
from smartrouter.mirror import Mirror
from smartrouter.routing.experience import MOST, Experience
from smartrouter.routing.tally import HALF_LIFE, Tally
from smartrouter.stored import experience_of
from storage.pool import Pool
from storage.sql import queries

log = structlog.get_logger()

SQL = queries("smartrouter")
EVERY = 1.0  # seconds between two batches
MANY = 500  # attempts that make a batch at once
REREAD = 30.0  # seconds until what others wrote is read again
TIDY = 3600.0
LARGEST = 2_000  # attempts of one batch
FORGOTTEN = 100_000  # attempts kept while the database is away; beyond it the oldest are lost
_DOWN = (psycopg.Error, OSError, TimeoutError)


@dataclass(slots=True)
class Tenant:
    """What is known for one tenant."""

    known: Experience
    read_at: float
    version: int = 0


class Records:
    """Gathers, writes and reads; `run` does the work until cancelled, and writes the rest before it ends."""

    def __init__(
        self, pool: Pool | None, clock: Callable[[], float], now: Callable[[], float], mirror: Mirror | None = None
    ) -> None:
        self._pool = pool
        self._clock = clock
        self._now = now
        self._mirror = mirror
        self._tenants: dict[UUID, Tenant] = {}
        self._loading: dict[UUID, asyncio.Task[Tenant]] = {}
        self._noted: list[Noted] = []
        self._health: dict[tuple[UUID, str], tuple[str, float | None]] = {}
        self._filled = asyncio.Event()
        self._batch: tuple[UUID, list[Noted]] | None = None
        self._tidied = -TIDY
        self.lost = 0

    # -- what calls use ------------------------------------------------------------------------------------------------

    def note(self, noted: Noted) -> None:
        """Keep an attempt; costs next to nothing."""
        self._noted.append(noted)
        if len(self._noted) >= MANY:
            self._filled.set()
            if noted.heard:  # the database is slow, or away: keep numbers, not words
                noted.heard.whole()

    def ill(self, tenant: UUID, model: str, trouble: str, until: float | None) -> None:
        """Keep that a model is not asked until a time of the wall clock; without one, that it answers again."""
        self._health[tenant, model] = (trouble, until)

    def known(self, tenant: UUID) -> Tenant | None:
        """What is known for this tenant; None until it was read (`of`)."""
        return self._tenants.get(tenant)

    async def of(self, tenant: UUID) -> Tenant:
        """What is known for this tenant; read from the tables the first time."""
        found = self._tenants.get(tenant)
        if found is not None:
            return found
        loading = self._loading.get(tenant)
        if loading is None:
            loading = self._loading[tenant] = asyncio.create_task(self._load(tenant))
            loading.add_done_callback(lambda _: self._loading.pop(tenant, None))
        return await asyncio.shield(loading)

    # -- the work behind -----------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Write what gathers, until cancelled."""
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._filled.wait(), EVERY)
                self._filled.clear()
                try:
                    await self.write()
                    await self.settle()
                    await self._reread()
                    await self._tidy()
                except _DOWN as error:
                    log.warning("records.put_off", error=str(error).strip(), waiting=len(self._noted))
                    await asyncio.sleep(EVERY)
        finally:
            with contextlib.suppress(*_DOWN, asyncio.CancelledError):
                async with asyncio.timeout(5):
                    await self.write()

    async def write(self) -> None:
        """Write all that has gathered until now; what comes meanwhile gathers for the next batch."""
        await self._write_health()
        left = len(self._noted)
        while left > 0 or self._batch:
            if self._batch is None:
                size = min(left, LARGEST)
                self._batch = (uuid4(), self._noted[:size])
                del self._noted[:size]
                left -= size
                await _read(self._batch[1])
                self._learn(self._batch[1])
            if self._pool is not None:
                try:
                    await self._written(self._pool, *self._batch)
                except _DOWN:
                    self._forget()
                    raise
            if self._mirror is not None:
                await self._mirror.write(self._batch[1])
            self._batch = None

    def _learn(self, batch: list[Noted]) -> None:
        for tenant, held in self._tenants.items():
            if own := [noted for noted in batch if noted.tenant == tenant]:
                learn(held.known, rows(own))
                held.version += 1

    def _forget(self) -> None:
        if (surplus := len(self._noted) - FORGOTTEN) > 0:
            self.lost += surplus
            del self._noted[:surplus]
            log.error("records.lost", attempts=self.lost)

    async def _written(self, pool: Pool, batch: UUID, noted: list[Noted]) -> None:
        added, usage, calls = rows(noted), usage_columns(noted), call_columns(noted)
        async with pool.connection() as connection, connection.transaction():
            if await (await connection.execute(SQL["batch_known"], {"batch": batch})).fetchone():
                return  # written after all, by a commit whose answer never came
            if columns := performance_columns(added):
                await connection.execute(SQL["write_records"], {**columns, "batch": batch, "half_life": HALF_LIFE})
            if usage:
                await connection.execute(SQL["write_usage"], usage)
            if calls:
                await connection.execute(SQL["write_calls"], calls)

    async def _write_health(self) -> None:
        if self._pool is None or not self._health:
            return
        told, self._health = self._health, {}
        at = datetime.fromtimestamp(self._now(), UTC)
        keys = sorted(told, key=lambda key: (key[0].bytes, key[1]))
        columns = {
            "tenant": [tenant for tenant, _ in keys],
            "model": [model for _, model in keys],
            "trouble": [told[key][0][:500] for key in keys],
            "until": [None if (end := told[key][1]) is None else datetime.fromtimestamp(end, UTC) for key in keys],
            "at": [at] * len(keys),
        }
        try:
            async with self._pool.connection() as connection:
                await connection.execute(SQL["write_health"], columns)
        except _DOWN:
            self._health = told | self._health
            raise

    async def settle(self) -> None:
        """Take ratings into the records: from the table, into the tallies and the examples, in one transaction."""
        if self._pool is None:
            return
        async with self._pool.connection() as connection, connection.transaction():
            cursor = connection.cursor(row_factory=dict_row)
            await cursor.execute(SQL["take_ratings"])
            if not (taken := await cursor.fetchall()):
                return
            taken.sort(key=lambda row: row["id"])
            last = {(row["tenant_id"], row["call_id"]): row for row in taken}
            await cursor.execute(
                SQL["rated_calls"],
                {
                    "tenant": [tenant for tenant, _ in last],
                    "call": [call for _, call in last],
                    "quality": [row["quality"] for row in last.values()],
                    "at": [row["at"] for row in last.values()],
                },
            )
            foretold = {(row["tenant_id"], row["call_id"]): row["foretold"] for row in await cursor.fetchall()}
            judged = [
                Judged(
                    (row["tenant_id"], row["model"], row["provider"], row["task_type"]),
                    Tally.of(row["quality"] - foretold.get(key, 0.0), row["at"].timestamp(), row["weight"]),
                )
                for key, row in last.items()
            ]
            columns = performance_columns(rows((), judged))
            await connection.execute(SQL["write_records"], {**columns, "batch": uuid4(), "half_life": HALF_LIFE})
        for tenant in {row["tenant_id"] for row in taken} & self._tenants.keys():
            self._tenants[tenant].read_at = -REREAD  # what was rated counts with the next look

    async def _reread(self) -> None:
        now = self._clock()
        for tenant, held in list(self._tenants.items()):
            if now - held.read_at >= REREAD:
                await self._load(tenant)

    async def _load(self, tenant: UUID) -> Tenant:
        known = Experience()
        if self._pool is not None:
            try:
                async with self._pool.connection() as connection:
                    known = await self._read(connection, tenant)
            except _DOWN as error:
                log.warning("records.unread", error=str(error).strip())
                if tenant in self._tenants:
                    return self._tenants[tenant]
        held = self._tenants.get(tenant)
        if held is None:
            held = self._tenants[tenant] = Tenant(known, self._clock())
        elif self._pool is not None:
            held.known = known
        held.read_at = self._clock()
        held.version += 1
        return held

    async def _read(self, connection: AsyncConnection, tenant: UUID) -> Experience:
        cursor = connection.cursor(row_factory=dict_row)
        await cursor.execute(SQL["performance"], {"tenant": tenant})
        performance = await cursor.fetchall()
        await cursor.execute(SQL["examples"], {"tenant": tenant, "most": MOST})
        return experience_of(performance, await cursor.fetchall())

    async def _tidy(self) -> None:
        if self._pool is not None and self._clock() - self._tidied >= TIDY:
            self._tidied = self._clock()
            async with self._pool.connection() as connection:
                await connection.execute(SQL["tidy"])


async def _read(batch: list[Noted]) -> None:
    """Read the prompts whose models left no time for it, with pauses for whoever else has something to do."""
    for place, noted in enumerate(noted for noted in batch if noted.heard):
        assert noted.heard
        noted.heard.whole()
        if place % 8 == 7:
            await asyncio.sleep(0)
