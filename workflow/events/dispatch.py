"""The one process that leads takes each event of the log to whoever wants it, and keeps what else has its time.

Where it dies, Postgres frees its lock and the next one goes on from the place that was last committed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

import psycopg
import structlog
from psycopg import AsyncConnection

from storage.hints import Topics
from storage.pool import DatabaseUnreachable, connect
from storage.sql import queries
from workflow.bell import Bell
from workflow.engine import Engine
from workflow.events import cloudevents
from workflow.events.event import Event
from workflow.events.handlers import Handlers
from workflow.events.quota import Quota
from workflow.events.reader import Reader
from workflow.events.subscribers import Subscribers
from workflow.events.webhooks import Webhooks
from workflow.repeat import execute

log = structlog.get_logger()

SQL = queries("workflow.events", "dispatch.sql")
READER = "dispatch"
LOOK = 1.0  # seconds: the safety poll
SOON = 0.005
HOST = "/host"  # the source of what came from the host: it does not go back there


class Dispatch:
    """One a worker; one of all leads."""

    def __init__(
        self,
        engine: Engine,
        connection: Callable[[], Awaitable[AsyncConnection]],
        begun: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._connect = connection
        self._begun = begun
        self._bell = Bell()
        self._busy = False  # handlers are under way: the end of an execution is news

    def look(self) -> None:
        """An event was published, a block registered."""
        self._bell.ring()

    def ended(self) -> None:
        """An execution came to an end: perhaps a handler."""
        if self._busy:
            self._bell.ring()

    def heard(self, topics: Topics) -> None:
        """What other processes say."""
        if topics & {"event", "*"}:
            self.look()
        elif self._busy and any(topic.startswith("done:") for topic in topics):
            self.ended()

    async def run(self) -> None:
        async with await self._connect() as connection:
            while not await self._leads(connection):
                await self._bell.wait(LOOK * self._engine.chance.uniform(0.8, 1.2))
            log.info("events.leading")
            webhooks = Webhooks(self._engine)
            async with asyncio.TaskGroup() as group:
                group.create_task(webhooks.run())
                group.create_task(_Leading(self, self._engine, connection, webhooks).run())

    async def _leads(self, connection: AsyncConnection) -> bool:
        row = await (await connection.execute(SQL["lead"])).fetchone()
        return bool(row and row[0])

    # -- for the one that leads ----------------------------------------------------------------------------------------

    async def wait(self, seconds: float) -> None:
        await self._bell.wait(seconds)

    def busy(self, busy: bool) -> None:
        self._busy = busy

    def work(self) -> None:
        """Executions became ready."""
        self._begun()

    async def told(self, events: Sequence[Event]) -> None:
        """Tell the host, on its own channel."""
        own = [event for event in events if event.source != HOST]
        tell = self._engine.events.tell_host
        if tell and own:
            await tell(own)


class _Leading:
    """The work of the one that leads, on its one connection."""

    def __init__(self, dispatch: Dispatch, engine: Engine, connection: AsyncConnection, webhooks: Webhooks) -> None:
        self._dispatch = dispatch
        self._webhooks = webhooks
        self._engine = engine
        self._connection = connection
        self._reader = Reader(READER, connection, engine.clock)
        self._handlers = Handlers(connection, engine.clock, engine.chance)
        self._quota = Quota(connection, engine.clock, engine.events)
        self._mirror = Mirror(engine, connection) if engine.events.mirror else None
        self._subscribers = Subscribers()
        self._read: Sequence[Event] = ()

    async def run(self) -> None:
        try:
            while True:
                more = await self.turn()
                await self._dispatch.wait(0.0 if more else await self._pause())
        finally:
            if self._mirror:
                await self._mirror.close()

    async def turn(self) -> bool:
        """All that can be done now; whether there is more at once."""
        happened = await self._happen()
        read = await self._reader.step(self._deal)
        if read:
            self._quota.count(self._read)
            await self._dispatch.told(self._read)
        settled = begun = 0
        if read or await self._handlers.open():
            settled, begun = await self._handlers.settle(), await self._handlers.begin()
        jumped = await self._jump()
        self._dispatch.busy(await self._handlers.open() if read or settled or begun else False)
        if begun or jumped:
            self._dispatch.work()
            await self._engine.hints.publish("ready")
        if happened:
            await self._engine.hints.publish("event")
        if self._mirror:
            await self._mirror.copy()
        await self._quota.look()
        await execute(self._connection, SQL["end_subscriptions"], {"now": self._engine.clock()})
        return bool(read or happened or settled or self._reader.held_back)

    async def _pause(self) -> float:
        row = await (await self._connection.execute(SQL["next_to_happen"])).fetchone()
        due = [when for when in (row[0] if row else None, await self._handlers.next_due()) if when]
        pause = LOOK * self._engine.chance.uniform(0.8, 1.2)
        if due:
            pause = max(SOON, min(pause, (min(due) - self._engine.clock()).total_seconds()))
        return pause

    async def _happen(self) -> int:
        row = await (await execute(self._connection, SQL["happen"], {"now": self._engine.clock()})).fetchone()
        return row[0] if row else 0

    async def _jump(self) -> int:
        row = await (await self._connection.execute(SQL["jumps_open"])).fetchone()
        if not row or not row[0]:
            return 0
        given = {"now": self._engine.clock()}
        moved = await (await execute(self._connection, SQL["jump_waiting"], given)).fetchall()
        begun = await (await execute(self._connection, SQL["jump_ended"], given)).fetchall()
        return len(moved) + len(begun)

    # -- events --------------------------------------------------------------------------------------------------------

    async def _deal(self, connection: AsyncConnection, events: Sequence[Event], days: Sequence[date]) -> None:
        await self._subscribers.look(connection)
        now, self._read = self._engine.clock(), events
        wanted = [
            (one, event, day)
            for event, day in zip(events, days, strict=True)
            for one in self._subscribers.wanting(event)
        ]
        claims = [(one, event) for one, event, _ in wanted if one.consume]
        if claims:
            given = {
                "event": [event.id for _, event in claims],
                "tenant": [event.tenant for _, event in claims],
                "consumer": [one.id for one, _ in claims],
                "now": now,
            }
            won = {row[0] for row in await (await connection.execute(SQL["claim_events"], given)).fetchall()}
            wanted = [(one, event, day) for one, event, day in wanted if not one.consume or event.id in won]
        if wanted:
            await connection.execute(SQL["deliver"], {**_columns(wanted), "now": now})
            if any(one.kind == "webhook" for one, _, _ in wanted):
                self._webhooks.look()  # too early by a commit: it looks again soon


def _columns(wanted: Sequence[tuple[Any, Event, date]]) -> dict[str, Any]:
    hooks = [one.kind == "webhook" for one, _, _ in wanted]
    return {
        "subscription": [one.id for one, _, _ in wanted],
        "event": [event.id for _, event, _ in wanted],
        "tenant": [event.tenant for _, event, _ in wanted],
        "day": [day for _, _, day in wanted],
        "key": [event.key for _, event, _ in wanted],
        "xid": [event.xid for _, event, _ in wanted],
        "seq": [event.seq for _, event, _ in wanted],
        "hook": hooks,
        "body": [
            json.dumps(cloudevents.written(event), ensure_ascii=False) if hook else None
            for (_, event, _), hook in zip(wanted, hooks, strict=True)
        ],
    }


class Mirror:
    """The host's own table public.workflow_events gets a copy of each event, where an owner asked for it."""

    def __init__(self, engine: Engine, connection: AsyncConnection) -> None:
        self._dsn = engine.events.mirror
        self._reader = Reader("mirror", connection, engine.clock)
        self._host: AsyncConnection | None = None
        self._told = False

    async def close(self) -> None:
        if self._host is not None:
            await self._host.close()

    async def copy(self) -> None:
        """What is new; at least once, and a copy that is there stays. Where the host is away, its copies wait."""
        try:
            while await self._reader.step(self._deal):
                pass
            self._told = False
        except Away as error:
            if not self._told:
                log.warning("events.mirror_waits", error=str(error))
            self._told = True

    async def _deal(self, connection: AsyncConnection, events: Sequence[Event], days: Sequence[date]) -> None:
        own = [event for event in events if event.source != HOST]
        given = {
            "id": [event.id for event in own],
            "name": [event.name[:255] for event in own],
            "data": [None if event.data is None else json.dumps(event.data, ensure_ascii=False) for event in own],
            "at": [event.time for event in own],
        }
        try:
            if self._host is None or self._host.closed:
                self._host = await connect(self._dsn, application="botmcp mirror")
            await self._host.execute(SQL["mirror"], given)
        except (psycopg.Error, DatabaseUnreachable, OSError) as error:
            raise Away(str(error).strip()) from error


class Away(Exception):
    """The host's database could not be written."""
