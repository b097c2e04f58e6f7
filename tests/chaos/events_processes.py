"""The processes of the event chaos: publishers and subscribers, to be killed at any moment.

publisher  publishes its numbers, each under a DEDUPE key: killed and begun again, it says the last ones twice
reader     a durable reader of the product's; what it dealt with stands in `handled`, in the commit of its place
naive      the reader that everybody writes first: id > last
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg import AsyncConnection

from storage.hints import Topics
from storage.pool import DatabaseUnreachable, connect
from storage.redis_hints import RedisHints
from storage.sql import queries
from workflow.bell import Bell
from workflow.events.event import Event
from workflow.events.publisher import Publisher, Unpublished
from workflow.events.reader import Reader

TENANT = UUID(int=77)
SOURCE = "chaos"
ABREAST = 200  # events that a publisher has in flight
AWAY = (psycopg.Error, DatabaseUnreachable, OSError)
SQL = queries("workflow.events", "desk.sql")
KEEP = b"insert into handled (reader, number) select %(reader)s, n from unnest(%(numbers)s::int[]) n"


def now() -> datetime:
    return datetime.now(UTC)


async def publish(dsn: str, redis: str, first: int, count: int, notes: Path, seed: int) -> None:
    """Half of the commits are the product's own group commits, half are transactions that stay open for a while."""
    chance = random.Random(seed + os.getpid())  # begun again it must not give the same ids
    hints = RedisHints(redis)
    done = int(notes.read_text("utf-8")) if notes.exists() else 0

    async def connection() -> AsyncConnection:
        return await connect(dsn, application="chaos publisher")

    publisher = Publisher(connection, hints, now, chance)
    slow = await _again(connection)
    while done < count:
        batch = range(first + done, first + min(count, done + chance.randint(1, ABREAST)))
        try:
            if chance.random() < 0.5:
                await asyncio.gather(
                    *(publisher.publish(TENANT, f"chaos.{n % 7}", n, dedupe=f"n{n}", source=SOURCE) for n in batch)
                )
            else:
                await _late(slow, batch, chance)
                await hints.publish("event")
        except (*AWAY, Unpublished):
            await asyncio.sleep(0.1)
            if slow.closed:
                slow = await _again(connection)
            continue
        done += len(batch)
        draft = notes.with_suffix(".draft")
        draft.write_text(str(done), "utf-8")
        draft.replace(notes)  # whole, or not at all
    await publisher.close()
    await slow.close()
    await hints.close()


async def _late(connection: AsyncConnection, batch: Sequence[int], chance: random.Random) -> None:
    """The same statement, in a transaction that is committed after a while."""
    given = {
        "ref": list(range(len(batch))),
        "tenant": [TENANT] * len(batch),
        "bot": [None] * len(batch),
        "id": [UUID(int=chance.getrandbits(128), version=4) for _ in batch],
        "name": [f"chaos.{n % 7}" for n in batch],
        "key": [""] * len(batch),
        "data": [str(n) for n in batch],
        "dedupe": [f"n{n}" for n in batch],
        "source": [SOURCE] * len(batch),
        "at": [now()] * len(batch),
        "due": [None] * len(batch),
    }
    async with connection.transaction():
        await connection.execute(SQL["publish_events"], given)
        await asyncio.sleep(chance.uniform(0, 0.03))


async def _again(make: Callable[[], Awaitable[AsyncConnection]]) -> AsyncConnection:
    while True:
        try:
            return await make()
        except AWAY:
            await asyncio.sleep(0.2)


async def read(dsn: str, redis: str, name: str) -> None:
    """Deals with every event; wakes by hints, looks by itself once a second."""
    bell, hints = Bell(), RedisHints(redis)

    def heard(topics: Topics) -> None:
        bell.ring()

    async def deal(connection: AsyncConnection, events: Sequence[Event], days: Sequence[date]) -> None:
        await connection.execute(KEEP, {"reader": name, "numbers": [event.data for event in events]})

    hints.subscribe(heard)
    listening = asyncio.create_task(hints.run())
    while not listening.done():
        try:
            async with await connect(dsn, application="chaos reader") as connection:
                reader = Reader(name, connection, now)
                await reader.begin("0")
                while True:
                    if not await reader.step(deal):
                        await bell.wait(0.005 if reader.held_back else 1.0)
        except AWAY:
            await asyncio.sleep(0.1)


async def naive(dsn: str) -> None:
    last = -1
    while True:
        try:
            async with await connect(dsn, application="chaos naive") as connection:
                while True:
                    query = b"select seq, event_data from workflow_events where seq > %(last)s order by seq limit 1000"
                    rows = await (await connection.execute(query, {"last": last})).fetchall()
                    if rows:
                        await connection.execute(KEEP, {"reader": "naive", "numbers": [row[1] for row in rows]})
                        last = rows[-1][0]
                    else:
                        await asyncio.sleep(0.002)
        except AWAY:
            await asyncio.sleep(0.1)


async def work(dsn: str, redis: str) -> None:
    """A worker of the product, with the one keyword that the handlers of the chaos use."""
    from storage.pool import open_pool  # the engine is imported only where it runs
    from tests.workflow.house import house

    async with open_pool(dsn) as pool:
        hints = RedisHints(redis)
        async with house(dsn, pool, hints=hints, seed=random.SystemRandom().randrange(2**31)):
            await asyncio.Event().wait()


def main() -> None:
    role, given = sys.argv[1], json.loads(sys.argv[2])
    if role == "publisher":
        work_ = publish(
            given["dsn"], given["redis"], given["first"], given["count"], Path(given["notes"]), given["seed"]
        )
    elif role == "reader":
        work_ = read(given["dsn"], given["redis"], given["name"])
    elif role == "naive":
        work_ = naive(given["dsn"])
    else:
        work_ = work(given["dsn"], given["redis"])
    asyncio.run(work_)


if __name__ == "__main__":
    main()
