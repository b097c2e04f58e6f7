"""Those in this process who wait for an event without an execution: a tool's call, a stream, a page.

One subscription to the hints and one place in the log serve them all. A hint that carries its events wakes at once, for
what is told was committed before; the log is read a moment later then, and once a second anyway: it finds what no hint
told. It is read at once where a hint carries nothing, or somebody waits behind a place in it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg.rows import dict_row
from psycopg_pool import PoolTimeout

from keywords import patterns
from keywords.event_filters import compiled
from storage.hints import Hints, Topics
from storage.pool import Pool
from storage.sql import queries
from workflow.bell import Bell
from workflow.events.event import Event
from workflow.events.inline import TOPIC, of_hint

log = structlog.get_logger()

SQL = {**queries("workflow.events", "desk.sql"), **queries("workflow.events", "dispatch.sql"),
       **queries("workflow.events", "waits.sql")}  # fmt: skip
LOOK = 1.0  # seconds: the safety poll
SOON = 0.01  # seconds until the log is read of which hints have told
PAGE = 500
RECENT = 20_000


@dataclass(slots=True, eq=False)
class Waiter:
    """Who waits; the first event that fits is the answer."""

    tenant: UUID
    pattern: str
    filter: Any
    after: tuple[int, int] | None  # a place in the log; None: from now on
    event: asyncio.Future[Event]

    def wants(self, event: Event, *, final: bool, fresh: bool) -> bool:
        """Whether it is the one. Behind a place the order counts, so only what is final; else what is told first."""
        if self.event.done():
            return False
        news = fresh if self.after is None else final and (int(event.xid), event.seq) > self.after
        return news and (self.filter is None or compiled(self.filter)(event.told()))


@dataclass(slots=True)
class _Crowd:
    """The waiters of one tenant."""

    trie: patterns.Trie[Waiter] = field(default_factory=patterns.Trie[Waiter])


class Listener:
    """One a process; it reads the log only while somebody waits."""

    def __init__(self, pool: Pool, hints: Hints, chance: random.Random) -> None:
        self._pool = pool
        self._hints = hints
        self._chance = chance
        self._bell = Bell()
        self._beginning = asyncio.Lock()
        self._crowds: dict[UUID, _Crowd] = {}
        self._waiting = 0
        self._ordered = 0  # of them those behind a place: what they get is read in the log
        self._soon: asyncio.TimerHandle | None = None
        self._place: tuple[str, int] | None = None
        self._recent: dict[UUID, None] = {}  # events that were offered already
        self._reading: asyncio.Task[None] | None = None
        self._leave: Callable[[], None] = lambda: None

    async def wait(
        self, tenant: UUID, pattern: str, *, where: Any = None, since: tuple[str, int] | datetime | None = None,
        seconds: float,
    ) -> Event | None:  # fmt: skip
        """The first event that fits: from now on, or behind a place in the log, or from a time on; None: none in time.

        The pattern is sound, `where` is a stored condition (`keywords/event_filters.py`).
        """
        after = (int(since[0]), since[1]) if isinstance(since, tuple) else None if since is None else (0, -1)
        waiter = Waiter(tenant, pattern, where, after, asyncio.get_running_loop().create_future())
        crowd = self._crowds.setdefault(tenant, _Crowd())
        crowd.trie.add(pattern, waiter)
        self._waiting += 1
        self._ordered += after is not None
        try:
            async with asyncio.timeout(seconds):
                if self._place is None:
                    await self._begin()
                if since is not None and (event := await self._before(waiter, since)):
                    return event
                return await waiter.event
        except TimeoutError:
            return None
        finally:
            crowd.trie.remove(pattern, waiter)
            self._waiting -= 1
            self._ordered -= after is not None
            if not self._waiting:
                await self._end()

    async def _begin(self) -> None:
        """Hear hints and have a place in the log, before anybody believes to be waiting."""
        if self._reading is None:
            self._leave = self._hints.subscribe(self._heard)
            self._reading = asyncio.create_task(self._read_on())
        async with self._beginning:
            if self._place is None:
                async with self._pool.connection() as connection:
                    row = await (await connection.execute(SQL["event_start"])).fetchone()
                assert row is not None
                self._place = (row[0], -1)

    async def _end(self) -> None:
        self._leave()
        if self._soon is not None:
            self._soon.cancel()
            self._soon = None
        reading, self._reading, self._place = self._reading, None, None
        if reading is not None:
            reading.cancel()
            with suppress(asyncio.CancelledError):
                await reading

    def _heard(self, topics: Topics) -> None:
        carried = False
        for topic in topics:
            if topic.startswith(TOPIC):
                try:
                    for event in of_hint(topic):
                        self._offer(event, final=False)
                    carried = True
                except ValueError:
                    log.warning("event.hint_unreadable")
        if not carried or self._ordered:
            self._bell.ring()
        elif self._soon is None:
            self._soon = asyncio.get_running_loop().call_later(SOON, self._look)

    def _look(self) -> None:
        self._soon = None
        self._bell.ring()

    def _offer(self, event: Event, *, final: bool) -> None:
        fresh = event.id not in self._recent
        self._recent[event.id] = None
        if len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
        crowd = self._crowds.get(event.tenant)
        for waiter in crowd.trie.matching(event.name) if crowd else ():
            if waiter.wants(event, final=final, fresh=fresh):
                waiter.event.set_result(event)

    async def _read_on(self) -> None:
        while True:
            await self._bell.wait(LOOK * self._chance.uniform(0.8, 1.2))
            try:
                while self._waiting and self._place is not None and await self._read():
                    pass
            except (psycopg.Error, PoolTimeout, OSError) as error:
                log.warning("events.listener_waits", error=str(error).strip())

    async def _read(self) -> bool:
        assert self._place is not None
        given = {"xid": self._place[0], "seq": self._place[1], "limit": PAGE}
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["read_on"], given)
            rows: Sequence[dict[str, Any]] = await cursor.fetchall()
        final = [row for row in rows if row["final"]]
        for row in final:
            self._offer(Event.of(row["tenant_id"], row), final=True)
        if final:
            self._place = (final[-1]["xid"], final[-1]["seq"])
        if len(final) < len(rows):
            await asyncio.sleep(0.002)
            return True
        return len(final) == PAGE

    async def _before(self, waiter: Waiter, since: tuple[str, int] | datetime) -> Event | None:
        """What happened since then and before now."""
        xid, seq = since if isinstance(since, tuple) else ("0", -1)
        when = since if isinstance(since, datetime) else None
        prefix = "" if patterns.is_pattern(waiter.pattern) else waiter.pattern
        while True:
            given = {"tenant": waiter.tenant, "xid": xid, "seq": seq, "prefix": prefix, "since": when}
            async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(SQL["behind_event"], given)
                found = [Event.of(waiter.tenant, row) for row in await cursor.fetchall()]
            for event in found:
                if patterns.fits(waiter.pattern, event.name) and compiled(waiter.filter)(event.told()):
                    return event
            if len(found) < PAGE:
                return None
            xid, seq = found[-1].xid, found[-1].seq
