"""The store's own call: writing memory without a run around it, as an import does. Many at once share commits.

While one batch is in flight the next gathers, so nobody waits for a timer: alone, a write is one statement; among many,
a share of one. What is written and what refuses it is the same as in a run: the statements and triggers are the same.

Where many write, two sessions take turns: while the server works at the batch of one, the other's is settled and packed
here. Neither takes up a key that the other has in flight, so what is written under a key happens in the order in which
it was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from keywords.library import limits
from keywords.mistakes import LimitReached
from memory.feed import TOPIC
from storage.arrays import Uuids, integers, repeated, taught, texts, times, uuids
from storage.hints import Hints
from storage.pool import Where, connect
from storage.sql import queries

SQL = queries("memory", "writes.sql")
BATCH = 500  # rows of one statement
MANY = 100  # waiting writes that are worth two statements
TRIES = 4
# One index look-up a row, whatever the statistics say.
PLANS = (
    "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off "
    "-c plan_cache_mode=force_generic_plan -c jit=off "
    "-c botmcp.log_by=caller"  # our statements write the log themselves (`writes.sql`)
)


class Write(NamedTuple):
    """What shall be remembered, checked."""

    tenant: UUID
    bot: UUID
    key: str
    value: str
    at: datetime
    expires: datetime | None = None


Queued: TypeAlias = tuple[Write, asyncio.Future[None]]


class MemoryStore:
    """Queues writes and makes them durable in batches; `run` does so until it is cancelled."""

    def __init__(self, where: Where, hints: Hints | None = None) -> None:
        self._where = where
        self._hints = hints
        self._queue: list[Queued] = []
        self._idle: list[asyncio.Future[None] | None] = [None, None]  # of each session: what wakes it
        self._flying: list[frozenset[str]] = [frozenset(), frozenset()]  # the keys that each has in flight

    async def set(
        self, tenant: UUID, bot: UUID, key: str, value: str, now: datetime, expires: datetime | None = None
    ) -> None:
        """Remember the value; returns when it is durable. Raises WrongValue and LimitReached as SET BOT MEMORY does."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        write = Write(tenant, bot, limits.memory_key(key), limits.memory_value(value), now, expires)
        self._queue.append((write, done))
        if self._idle[0] is not None:
            self._wake(0)
        elif len(self._queue) >= MANY:
            self._wake(1)
        await done

    async def met(self, tenant: UUID, bot: UUID, name: str, now: datetime) -> None:
        """Note the name of a bot, as its first run would."""
        async with await connect(self._where, application="botmcp memory") as connection:
            await connection.execute(SQL["bot_met"], {"tenant": tenant, "bot": bot, "name": name, "now": now})

    async def run(self) -> None:
        sessions = [asyncio.create_task(self._session(number)) for number in (0, 1)]
        try:
            await asyncio.gather(*sessions)
        finally:
            for session in sessions:
                session.cancel()
            await asyncio.wait(sessions)

    async def _session(self, number: int) -> None:
        async with await connect(self._where, application="botmcp memory", settings=PLANS) as connection:
            taught(connection)
            while True:
                while not (taken := self._take(number)):
                    self._idle[number] = woken = asyncio.get_running_loop().create_future()
                    try:
                        await woken
                    finally:
                        self._idle[number] = None
                try:
                    await self._write(connection, taken)
                except psycopg.Error as error:
                    _settle(taken, error)
                    if connection.closed:
                        raise
                except asyncio.CancelledError:
                    _settle(
                        taken, ConnectionError("The store was closed while it wrote: what became of it is unknown.")
                    )
                    raise
                else:
                    _settle(taken, None)
                    if self._hints:
                        await self._hints.publish(TOPIC)

    def _wake(self, number: int) -> None:
        woken = self._idle[number]
        if woken is not None and not woken.done():
            woken.set_result(None)

    def _take(self, number: int) -> list[Queued]:
        """What a session writes next: all that waits, or half of it where that is many and the other may begin, too."""
        flying, other = self._flying[1 - number], self._idle[1 - number]
        size = len(self._queue)
        if size >= MANY and other is not None:
            self._wake(1 - number)
            size = -(-size // 2)
        head = self._queue[: min(size, BATCH)]
        taken = [queued for queued in head if queued[0].key not in flying] if flying else head
        if len(taken) == len(head):
            del self._queue[: len(head)]
        else:
            self._queue[: len(head)] = [queued for queued in head if queued[0].key in flying]
        self._flying[number] = frozenset([write.key for write, _ in taken])
        return taken

    async def _write(self, connection: AsyncConnection, taken: Sequence[Queued]) -> None:
        if len(taken) == 1:
            write = taken[0][0]
            given = {
                "tenant": write.tenant, "bot": write.bot, "key": write.key, "value": write.value, "at": write.at,
                "expires": write.expires,
            }  # fmt: skip
            if (await connection.execute(SQL["memory_set_again"], given)).rowcount:
                return
        while taken:
            refused = await self._set(connection, [write for write, _ in taken])
            if not refused:
                return
            for ref, words in refused.items():
                if not taken[ref][1].done():
                    taken[ref][1].set_exception(LimitReached(words))
            taken = [queued for ref, queued in enumerate(taken) if ref not in refused]

    async def _set(self, connection: AsyncConnection, writes: Sequence[Write]) -> dict[int, str]:
        """Writes, unless some are refused: then nothing, and why. Repeated when it met somebody else's crosswise."""
        columns = _columns(writes)
        for _ in range(TRIES - 1):
            try:
                return dict(await (await connection.execute(SQL["memory_set"], columns)).fetchall())
            except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
                continue
        return dict(await (await connection.execute(SQL["memory_set"], columns)).fetchall())


def _settle(taken: Sequence[Queued], error: Exception | None) -> None:
    for _, done in taken:
        if done.done():
            continue
        if error:
            done.set_exception(error)
        else:
            done.set_result(None)


def _columns(writes: Sequence[Write]) -> dict[str, object]:
    tenants, bots, keys, values, at, expires = zip(*writes, strict=True)
    return {
        "ref": integers(range(len(writes))),
        "tenant": _ids(tenants),
        "bot": _ids(bots),
        "execution": None,  # a missing column is NULLs
        "at": times(at),
        "key": texts(keys),
        "value": texts(values),
        "expires": times(expires) if any(expires) else None,
    }


def _ids(ids: Sequence[UUID]) -> Uuids:
    """A column of ids, which are mostly one and the same."""
    return repeated(uuids(ids[:1]), len(ids)) if ids.count(ids[0]) == len(ids) else uuids(ids)
