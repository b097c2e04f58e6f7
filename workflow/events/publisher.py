"""Publishing from outside of programs: many events in one commit. While one is written the next gathers.

Where many publish at once two commits are under way side by side, each on a connection of its own: while Postgres
writes the one, the answers of the other are given out. Events of one key are never in both, so their order stays.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import psycopg
from psycopg import AsyncConnection, AsyncCursor

from keywords.encode import plain
from keywords.host import Value
from keywords.library import event_words, limits
from keywords.mistakes import LimitReached, ProgramError, WrongValue
from storage.arrays import taught
from storage.hints import EVERYTHING, Hints
from storage.pool import DatabaseUnreachable
from storage.sql import queries
from workflow.events.batch import Batch, Said, batch
from workflow.repeat import REPEATABLE

SQL = queries("workflow.events", "desk.sql")
MOST = 500  # events of one commit
CROWD = 16  # events that are worth a commit beside another one
PATIENCE = 10.0  # seconds that a lost database is waited for
NEWS = 2_000  # events told in hints that may wait for the next one
FAREWELL = 2.0  # seconds that the last hint is waited for
PACE = 0.001  # seconds between two hints of a crowd: each is read in every process
LOST = (psycopg.OperationalError, psycopg.InterfaceError, DatabaseUnreachable, OSError)


class Lane:
    """One commit at a time."""

    def __init__(self) -> None:
        self.rung = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.cursor: AsyncCursor | None = None  # of the connection; made anew for each commit it would cost a third
        self.taken: Sequence[Said] = ()
        self.keys: set[tuple[UUID, str]] = set()  # of the events taken

    async def leave(self) -> None:
        """Close its connection."""
        if self.cursor is not None:
            await self.cursor.connection.close()
        self.cursor = None


class Publisher:
    """Any number of callers; a connection, opened when the first one comes, and a second one when many do."""

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
        self._lanes = (Lane(), Lane())
        self._news: list[str] = []
        self._news_of = 0  # so many events
        self._telling: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

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
        said = Said(
            tenant,
            limits.event_name(name),
            "" if key is None else event_words.event_key(key),
            None if data is None else _json(data),
            None if dedupe is None else event_words.dedupe_key(dedupe),
            None if source is None else limits.name_of("an event's source", source, most=1_000),
            bot,
            due,
            (self._loop or self._begun()).create_future(),
        )
        self._queue.append(said)
        self._ring(self._lanes[0])
        if len(self._queue) == CROWD:
            self._ring(self._lanes[1])
        return await said.done

    async def close(self) -> None:
        """Leave the connections; what waits is refused."""
        writing = {lane.task for lane in self._lanes if lane.task}
        for task in writing:
            task.cancel()
        if writing:
            await asyncio.wait(writing)
        if self._telling:
            await asyncio.wait({self._telling}, timeout=FAREWELL)

    # -- lanes ---------------------------------------------------------------------------------------------------------

    def _begun(self) -> asyncio.AbstractEventLoop:
        self._loop = asyncio.get_running_loop()  # asks the system for the process each time: dear, for an event
        return self._loop

    def _ring(self, lane: Lane) -> None:
        lane.rung.set()
        if lane.task is None or lane.task.done():
            lane.task = asyncio.create_task(self._write_all(lane))

    async def _write_all(self, lane: Lane) -> None:
        try:
            while True:
                await lane.rung.wait()
                lane.rung.clear()
                while self._take(lane):
                    await self._write(lane, batch(lane.taken, self._clock(), self._chance))
                    lane.taken = ()
                    lane.keys.clear()
                    if self._queue:  # what stood back for a key of this commit may go
                        for other in self._lanes:
                            self._ring(other)
                    await asyncio.sleep(0)  # who was answered may say the next at once: it goes along
        finally:
            for said in (*lane.taken, *self._queue):
                if not said.done.done():
                    said.done.set_exception(Unpublished("The process ends. Publish again; DEDUPE makes that safe."))
            self._queue, lane.taken = [], ()
            lane.keys.clear()  # or the other lane would never take an event of theirs
            await lane.leave()

    def _take(self, lane: Lane) -> Sequence[Said]:
        """The lane's share of what waits, in its order; nothing of a key that is being written in another lane."""
        waiting, (first, second) = self._queue, self._lanes
        if not waiting or (lane is second and len(waiting) < CROWD):
            return ()
        other = second if lane is first else first
        share = max(CROWD, (len(waiting) + len(other.taken) + 1) // 2)
        share = min(MOST, share if len(waiting) - share >= CROWD else len(waiting))
        if other.keys:
            taken, left = list[Said](), list[Said]()
            for said in waiting:
                (left if len(taken) == share or (said.tenant, said.key) in other.keys else taken).append(said)
            self._queue, lane.taken = left, taken
        else:
            self._queue, lane.taken = waiting[share:], waiting[:share]
        lane.keys = {(said.tenant, said.key) for said in lane.taken if said.key}
        return lane.taken

    async def _write(self, lane: Lane, events: Batch, *, again: bool = False) -> None:
        """One commit. Written again after a lost connection, an event keeps its id: it cannot happen twice."""
        clock = asyncio.get_running_loop().time
        until, pause = clock() + PATIENCE, 0.02
        while True:
            try:
                if lane.cursor is None or lane.cursor.connection.closed:
                    lane.cursor = taught(await self._connect()).cursor(binary=True)
                if not again and await self._fresh(lane.cursor, events):
                    return
                rows = await _rows(lane.cursor.connection, events)
                break
            except REPEATABLE:
                await asyncio.sleep(0.005)
            except LOST as error:
                await lane.leave()
                if clock() > until:
                    self._fail(
                        events, Unpublished(f"The database is away: {str(error).strip()} Nothing is known to be lost.")
                    )
                    return
                await asyncio.sleep(pause)
                pause = min(1.0, pause * 2)
                again = True
            except psycopg.Error as error:
                if len(events.said) > 1:  # one that Postgres will not have must not take the others with it
                    for half in events.parted():
                        await self._write(lane, half, again=again)
                else:
                    self._fail(events, Unpublished(f"The event cannot be stored: {_first_line(error)}."))
                return
        self._noticed()
        self._tell(events, [(xid, ref, seq) for ref, _, _, xid, seq in rows if xid is not None])
        for ref, event, reason, _, _ in rows:
            if not events.said[ref].done.done():
                if reason is None:
                    events.said[ref].done.set_result(event)
                else:
                    events.said[ref].done.set_exception(LimitReached(reason))

    async def _fresh(self, cursor: AsyncCursor, events: Batch) -> bool:
        """The short way of events of now without DEDUPE; False when it is not theirs: nothing was written then."""
        said = events.said
        for one in said:
            if one.dedupe is not None or one.due is not None:
                return False
        await cursor.execute(SQL["publish_fresh"], events.fresh())
        rows = await cursor.fetchall()
        if not rows:  # somebody among them has published too much
            return False
        self._noticed()
        self._tell(events, [(xid, ref, seq) for ref, (xid, seq) in enumerate(rows)])
        for one, id_ in zip(said, events.ids, strict=True):
            if not one.done.done():
                one.done.set_result(id_)
        return True

    def _fail(self, events: Batch, error: ProgramError) -> None:
        for said in events.said:
            if not said.done.done():
                said.done.set_exception(error)

    # -- hints ---------------------------------------------------------------------------------------------------------

    def _tell(self, events: Batch, places: Sequence[tuple[str, int, int]]) -> None:
        """Hints keep nobody waiting; behind one the next gathers. Where there is room, the events ride in it."""
        self._news.append("event")
        self._news_of += len(events.said)
        if self._news_of > NEWS:
            self._news = [*EVERYTHING]
        elif getattr(self._hints, "roomy", False) and (told := events.told(places)):
            self._news.append(told)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell_all())

    async def _tell_all(self) -> None:
        while self._news:
            news, self._news, crowd, self._news_of = self._news, [], self._news_of >= CROWD, 0
            await self._hints.publish(*news)
            if crowd:
                await asyncio.sleep(PACE)


async def _rows(connection: AsyncConnection, events: Batch) -> Sequence[tuple[Any, ...]]:
    """What became of each: its place in the batch, id, why it was refused, place in the log."""
    said = events.said
    simple = all(one.dedupe is None and one.due is None for one in said)
    cursor = await connection.execute(SQL["publish_plain" if simple else "publish_events"], events.whole())
    return await cursor.fetchall()


def _json(data: Value) -> str:
    """The data as JSON on one line; raises WrongValue for what is none, LimitReached when it is too much."""
    try:
        text = orjson.dumps(data, _spoken, orjson.OPT_PASSTHROUGH_DATETIME)
        if b"null" in text:  # which is also what it makes of NaN
            text = _strictly(data)
    except orjson.JSONEncodeError:
        text = _strictly(data)
    if len(text) > limits.EVENT_DATA // 2:
        limits.event_data(data)  # counts as programs do
    return text.decode()


def _strictly(data: Value) -> bytes:
    try:
        return json.dumps(plain(data), allow_nan=False).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise WrongValue(f"What an event carries must be JSON: {error}.") from None


def _spoken(value: object) -> Any:
    """What orjson does not know."""
    if isinstance(value, date | timedelta):
        return plain(value)
    raise TypeError(type(value).__name__)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


class Unpublished(ProgramError):
    """An event that could not be written."""

    kind = "unavailable"
