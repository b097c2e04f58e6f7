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


async def waiting_for_a_lock(pool: Pool) -> None:
    """Returns when a session waits for what another holds."""
    async with pool.connection() as connection:
        found = 0
        while not found:
            cursor = await connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            )
            [[found]] = await cursor.fetchall()


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


async def test_two_sessions_write_where_many_wait_and_each_key_keeps_its_order(database: str, pool: Pool) -> None:
    async with running(database) as store:

        async def write(number: int) -> None:
            for turn in range(20):
                await store.set(TENANT, ANA, f"k{(number + turn) % 10}", f"{number} {turn}", now())
                await store.set(TENANT, ANA, f"own {number}", str(turn), now())

        await asyncio.gather(*(write(number) for number in range(100)))
    memories = PostgresMemories(pool)
    shared = [await memories.history(TENANT, ANA, f"k{number}", 1000) for number in range(10)]
    assert [one.version for past in shared for one in past] == list(range(200, 0, -1)) * 10, "nothing is lost"
    for number in range(100):
        past = await memories.history(TENANT, ANA, f"own {number}", 100)
        assert [one.value for one in past] == [str(turn) for turn in range(19, -1, -1)]
    async with pool.connection() as connection:
        cursor = await connection.execute("select count(distinct xid) from bot_memory_log")
        [[batches]] = await cursor.fetchall()
    assert batches < 1000, "of 4,000 writes"


async def test_what_waits_for_a_key_in_flight_is_written_though_nothing_else_comes(database: str, pool: Pool) -> None:
    async with running(database) as store:
        await store.set(TENANT, ANA, "held", "0", now())
        async with pool.connection() as holding, holding.transaction():
            await holding.execute("select from bot_memories where key = 'held' for update")
            first = [asyncio.create_task(store.set(TENANT, ANA, "held", str(turn), now())) for turn in range(100)]
            free = asyncio.create_task(store.set(TENANT, ANA, "free", "1", now()))
            await waiting_for_a_lock(pool)
            assert not any(one.done() for one in first)
        await asyncio.gather(*first, free)
    past = await PostgresMemories(pool).history(TENANT, ANA, "held", 200)
    assert [one.value for one in past] == [str(turn) for turn in range(99, -1, -1)] + ["0"]
