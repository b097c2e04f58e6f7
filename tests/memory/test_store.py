"""The store's own call, and the feed of changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import pytest

from keywords.mistakes import LimitReached, WrongValue
from memory.feed import Feed
from memory.reads import PostgresMemories
from memory.store import MemoryStore
from storage.hints import PostgresHints
from storage.pool import Pool

TENANT, ANA = UUID(int=1), UUID(int=2)


def now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def running(database: str, hints: PostgresHints | None = None) -> AsyncGenerator[MemoryStore]:
    store = MemoryStore(database, hints)
    task = asyncio.create_task(store.run())
    try:
        yield store
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_many_writes_at_once_are_all_durable_and_logged(database: str, pool: Pool) -> None:
    async with running(database) as store:
        await asyncio.gather(*(store.set(TENANT, ANA, f"k{i % 50}", str(i), now()) for i in range(1000)))
        await store.set(TENANT, ANA, "k0", "last", now())
    memories = PostgresMemories(pool)
    past = await memories.history(TENANT, ANA, "k0", 100)
    assert [one.version for one in past] == list(range(21, 0, -1)) and past[0].value == "last"
    assert [one.value for one in past[1:]] == [str(i) for i in range(950, -1, -50)]


async def test_a_refused_write_does_not_take_its_neighbours_along(database: str, pool: Pool) -> None:
    async with running(database) as store:
        await store.set(TENANT, ANA, "there", "1", now())
        async with pool.connection() as connection:
            await connection.execute("update bot_memory_usage set keys = 99999")
        tries = (store.set(TENANT, bot, f"k{i}", "v", now()) for i in range(3) for bot in (ANA, UUID(int=3)))
        done = await asyncio.gather(*tries, store.set(TENANT, ANA, "there", "2", now()), return_exceptions=True)
        assert [type(one) for one in done].count(LimitReached) == 2
        with pytest.raises(WrongValue):
            await store.set(TENANT, ANA, "a\0b", "v", now())
    assert await PostgresMemories(pool).get(TENANT, ANA, "there", now()) == "2"


async def test_who_watches_hears_of_a_change_by_any_process_as_it_commits(database: str, pool: Pool) -> None:
    hints, others = PostgresHints(database, pool), PostgresHints(database, pool)
    feed, heard = Feed(pool, hints), asyncio.Queue[int]()
    tasks = [asyncio.create_task(work) for work in (hints.run(), feed.run())]
    try:
        leave = feed.watch(ANA, "k", heard.put_nowait)
        assert await heard.get() == 0, "what happened until now is unknown"
        async with running(database, others) as store:
            await store.set(TENANT, ANA, "k", "1", now())
            assert await heard.get() == 1
            await store.set(TENANT, ANA, "other", "1", now())
            await store.set(TENANT, ANA, "k", "2", now())
            assert await heard.get() == 2
        async with pool.connection() as connection:
            await connection.execute("update bot_memories set value = 'by hand', version = version + 1 where key = 'k'")
        assert await heard.get() == 3, "found without a hint"
        leave()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def test_a_change_is_not_skipped_while_an_older_transaction_is_open(database: str, pool: Pool) -> None:
    hints = PostgresHints(database, pool)
    feed, heard = Feed(pool, hints), asyncio.Queue[int]()
    task = asyncio.create_task(feed.run())
    try:
        feed.watch(ANA, "slow", heard.put_nowait)
        feed.watch(ANA, "quick", heard.put_nowait)
        assert [await heard.get(), await heard.get()] == [0, 0]
        later = "update bot_memories set version = version + 1 where key = %s"
        async with running(database) as store:
            await asyncio.gather(*(store.set(TENANT, ANA, key, "v", now()) for key in ("slow", "quick")))
        assert [await heard.get(), await heard.get()] == [1, 1]
        async with pool.connection() as slow, slow.transaction():
            await slow.execute(later, ("slow",))
            async with pool.connection() as quick:
                await quick.execute(later, ("quick",))
                await quick.execute(later, ("quick",))
            assert await heard.get() == 3
        assert await heard.get() == 2
    finally:
        task.cancel()
        await asyncio.wait([task])
