"""The store's own call: writing memory without a run around it, as an import does. Many at once share commits.

While one batch is in flight the next gathers, so nobody waits for a timer: alone, a write is one statement; among many,
a share of one. What is written and what refuses it is the same as in a run: the statements and triggers are the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from keywords.library import limits
from keywords.mistakes import LimitReached
from memory.feed import TOPIC
from storage.arrays import taught, texts, times, uuids
from storage.hints import Hints
from storage.pool import Where, connect
from storage.sql import queries

SQL = queries("memory", "writes.sql")
BATCH = 500  # rows of one statement
# One index look-up a row, whatever the statistics say.
PLANS = (
    "-c enable_hashjoin=off -c enable_mergejoin=off -c enable_seqscan=off "
    "-c plan_cache_mode=force_generic_plan -c jit=off "
    "-c botmcp.log_by=caller"  # our statements write the log themselves (`writes.sql`)
)


@dataclass(frozen=True, slots=True)
class Write:
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
        self._filled = asyncio.Event()

    async def set(
        self, tenant: UUID, bot: UUID, key: str, value: str, now: datetime, expires: datetime | None = None
    ) -> None:
        """Remember the value; returns when it is durable. Raises WrongValue and LimitReached as SET BOT MEMORY does."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        write = Write(tenant, bot, limits.memory_key(key), limits.memory_value(value), now, expires)
        self._queue.append((write, done))
        self._filled.set()
        await done

    async def met(self, tenant: UUID, bot: UUID, name: str, now: datetime) -> None:
        """Note the name of a bot, as its first run would."""
        async with await connect(self._where, application="botmcp memory") as connection:
            await connection.execute(SQL["bot_met"], {"tenant": tenant, "bot": bot, "name": name, "now": now})

    async def run(self) -> None:
        async with await connect(self._where, application="botmcp memory", settings=PLANS) as connection:
            taught(connection)
            while True:
                await self._filled.wait()
                taken, self._queue = self._queue[:BATCH], self._queue[BATCH:]
                if not self._queue:
                    self._filled.clear()
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
            cursor = await connection.execute(SQL["memory_set"], _columns([write for write, _ in taken]))
            refused: dict[int, str] = dict(await cursor.fetchall())
            if not refused:
                return
            for ref, words in refused.items():
                if not taken[ref][1].done():
                    taken[ref][1].set_exception(LimitReached(words))
            taken = [queued for ref, queued in enumerate(taken) if ref not in refused]


def _settle(taken: Sequence[Queued], error: Exception | None) -> None:
    for _, done in taken:
        if done.done():
            continue
        if error:
            done.set_exception(error)
        else:
            done.set_result(None)


def _columns(writes: Sequence[Write]) -> dict[str, object]:
    return {
        "ref": list(range(len(writes))),
        "tenant": uuids([write.tenant for write in writes]),
        "bot": uuids([write.bot for write in writes]),
        "execution": [None] * len(writes),
        "at": times([write.at for write in writes]),
        "key": texts([write.key for write in writes]),
        "value": texts([write.value for write in writes]),
        "expires": times([write.expires for write in writes]),
    }
