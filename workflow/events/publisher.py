"""Publishing from outside of programs: many events in one commit. While one is written the next gathers."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection

from keywords.encode import plain
from keywords.host import Value
from keywords.library import event_words, limits
from keywords.mistakes import LimitReached, ProgramError, WrongValue
from storage.hints import Hints
from storage.pool import DatabaseUnreachable
from storage.sql import queries
from workflow.events.event import Event, source
from workflow.repeat import REPEATABLE

log = structlog.get_logger()

SQL = queries("workflow.events", "desk.sql")
BATCH = 500
INLINE = 8_192  # bytes of data that ride in a hint
PATIENCE = 10.0  # seconds that a lost database is waited for
INLINE_TOPIC = "event!"
LOST = (psycopg.OperationalError, psycopg.InterfaceError, DatabaseUnreachable, OSError)


@dataclass(frozen=True, slots=True)
class Said:
    """One event as it is to be written."""

    tenant: UUID
    id: UUID
    name: str
    key: str
    data: str | None  # JSON in ASCII, on one line
    dedupe: str | None
    source: str | None
    bot: UUID | None
    at: datetime
    due: datetime | None
    done: asyncio.Future[UUID] = field(compare=False)


class Publisher:
    """Any number of callers; one connection, opened when the first one comes."""

    def __init__(
        self,
        connect: Callable[[], Awaitable[AsyncConnection]],
        hints: Hints,
        clock: Callable[[], datetime],
        chance: random.Random,
        noticed: Callable[[], object] = lambda: None,
    ) -> None:
        self._connect = connect
        self._hints = hints
        self._clock = clock
        self._chance = chance
        self._noticed = noticed
        self._queue: list[Said] = []
        self._filled = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    async def publish(
        self,
        tenant: UUID,
        name: Value,
        data: Value = None,
        *,
        key: Value = None,
        dedupe: Value = None,
        due: datetime | None = None,
        source: str | None = None,
        bot: UUID | None = None,
    ) -> UUID:
        """The event's id, once it is durable; of one that happened before under its DEDUPE key, that one's.

        Raises ProgramError for what cannot be an event, LimitReached when the tenant published too much.
        """
        text = None if data is None else _json(data)
        if text is not None and len(text) > limits.EVENT_DATA:
            limits.event_data(data)  # it may be shorter, as the bytes of its characters are counted
        said = Said(
            tenant,
            UUID(int=self._chance.getrandbits(128), version=4),
            limits.event_name(name),
            event_words.event_key(key),
            text,
            None if dedupe is None else event_words.dedupe_key(dedupe),
            None if source is None else limits.name_of("an event's source", source, most=1_000),
            bot,
            self._clock(),
            due,
            asyncio.get_running_loop().create_future(),
        )
        self._queue.append(said)
        self._filled.set()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await said.done

    async def close(self) -> None:
        """Leave the connection; what waits is refused."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.wait({self._writing})

    async def _write_all(self) -> None:
        connection: AsyncConnection | None = None
        taken: list[Said] = []
        try:
            while True:
                await self._filled.wait()
                taken, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                if not self._queue:
                    self._filled.clear()
                connection = await self._written(connection, taken)
        finally:
            for said in (*taken, *self._queue):
                if not said.done.done():
                    said.done.set_exception(Unpublished("The process ends. Publish again; DEDUPE makes that safe."))
            self._queue = []
            if connection is not None:
                await connection.close()

    async def _written(self, connection: AsyncConnection | None, batch: Sequence[Said]) -> AsyncConnection | None:
        """One commit. Written again after a lost connection, an event keeps its id: it cannot happen twice."""
        clock = asyncio.get_running_loop().time
        until, pause = clock() + PATIENCE, 0.02
        while True:
            try:
                if connection is None or connection.closed:
                    connection = await self._connect()
                plain = all(said.dedupe is None and said.due is None for said in batch)
                statement = SQL["publish_plain" if plain else "publish_events"]
                cursor = await connection.execute(statement, _columns(batch))
                rows = await cursor.fetchall()
                break
            except REPEATABLE:
                await asyncio.sleep(0.005)
            except LOST as error:
                if clock() > until:
                    self._fail(
                        batch, Unpublished(f"The database is away: {str(error).strip()} Nothing is known to be lost.")
                    )
                    return None
                if connection is not None:
                    await connection.close()
                connection = None
                await asyncio.sleep(pause)
                pause = min(1.0, pause * 2)
            except psycopg.Error as error:
                if len(batch) > 1:  # one that Postgres will not have must not take the others with it
                    middle = len(batch) // 2
                    connection = await self._written(connection, batch[:middle])
                    return await self._written(connection, batch[middle:])
                self._fail(batch, Unpublished(f"The event cannot be stored: {str(error).partition(chr(10))[0]}."))
                return connection
        self._noticed()
        self._tell(batch, rows)
        for ref, event, reason, _, _ in rows:
            if not batch[ref].done.done():
                if reason is None:
                    batch[ref].done.set_result(event)
                else:
                    batch[ref].done.set_exception(LimitReached(reason))
        return connection

    def _fail(self, batch: Sequence[Said], error: ProgramError) -> None:
        for said in batch:
            if not said.done.done():
                said.done.set_exception(error)

    def _tell(self, batch: Sequence[Said], rows: Sequence[tuple[Any, ...]]) -> None:
        """Hints keep nobody waiting. Where they have room, the events ride in them."""
        topics = ["event"]
        if getattr(self._hints, "roomy", False):
            topics += [_inline(batch[ref], xid, seq) for ref, _, _, xid, seq in rows if xid is not None]
        task = asyncio.create_task(self._hints.publish(*[topic for topic in topics if topic]))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)


def _columns(batch: Sequence[Said]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        name: [getattr(said, name) for said in batch]
        for name in ("tenant", "bot", "id", "name", "key", "data", "dedupe", "source", "at", "due")
    }
    return {"ref": list(range(len(batch))), **columns}


def _json(data: Value) -> str:
    try:
        return json.dumps(plain(data), allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise WrongValue(f"What an event carries must be JSON: {error}.") from None


def _inline(said: Said, xid: str, seq: int) -> str:
    if said.data is not None and len(said.data) > INLINE:
        return ""
    told = [
        str(said.tenant),
        str(said.id),
        said.name,
        said.key,
        said.at.isoformat(),
        source(said.source, said.bot),
        xid,
        seq,
    ]
    return f"{INLINE_TOPIC}{json.dumps(told)}\t{said.data or 'null'}"


def of_hint(topic: str) -> Event:
    """The event that rides in a hint; raises ValueError for what is none."""
    head, _, data = topic.removeprefix(INLINE_TOPIC).partition("\t")
    tenant, id_, name, key, at, source_, xid, seq = json.loads(head)
    return Event(UUID(id_), UUID(tenant), name, key, json.loads(data), datetime.fromisoformat(at), source_, xid, seq)


class Unpublished(ProgramError):
    """An event that could not be written."""

    kind = "unavailable"
