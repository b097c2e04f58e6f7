"""The host's own writes count, and ours are in its table: the same memories, in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keywords.host import MEMORY_DELETED, MEMORY_SET, bot_id
from memory import host
from memory.reads import PostgresMemories
from memory.upkeep import Upkeep
from storage.pool import Pool
from tests.memory.batch import Asked, committed
from tests.workflow.kit import TENANT

TABLES = """
create table public.bots (id uuid primary key default gen_random_uuid(), name varchar(255) not null);
create table public.bot_memories (id uuid primary key, bot_id uuid not null references public.bots on delete cascade,
  key text not null, value text not null, created_at timestamptz default now(), updated_at timestamptz default now(),
  unique (bot_id, key));
insert into public.bots (name) values ('shop');
insert into public.bot_memories select gen_random_uuid(), id, 'old', 'from before' from public.bots;
"""
SHOP = bot_id(TENANT, "shop")
UPSERT = """insert into public.bot_memories select gen_random_uuid(), id, 'k', %s from public.bots where name = 'shop'
on conflict (bot_id, key) do update set value = excluded.value"""


def now() -> datetime:
    return datetime.now(UTC)


async def rows(pool: Pool, statement: str, *given: object) -> list[object]:
    async with pool.connection() as connection:
        cursor = await connection.execute(statement.encode(), given)
        return [row[0] for row in await cursor.fetchall()] if cursor.description else []


async def test_without_the_host_there_is_nothing_to_install(pool: Pool) -> None:
    async with pool.connection() as connection:
        with pytest.raises(host.NoHost, match=r"DATABASE_URL"):
            await host.install(connection, TENANT, now())
        assert await host.met(connection, TENANT, now()) == 0


async def test_the_host_and_we_write_the_same_memories(pool: Pool) -> None:
    memories = PostgresMemories(pool)
    async with pool.connection() as connection:
        for statement in TABLES.split(";")[:-1]:
            await connection.execute(statement.encode())
        assert await host.install(connection, TENANT, now()) == 1
        assert await host.install(connection, TENANT, now()) == 0, "again, it changes nothing"
    assert await memories.get(TENANT, SHOP, "old", now()) == "from before"
    await rows(pool, UPSERT, "one")
    await rows(pool, UPSERT, "two")
    await rows(pool, UPSERT, "two")
    past = await memories.history(TENANT, SHOP, "k", 10)
    assert [(one.version, one.value, one.by) for one in past] == [(2, "two", ""), (1, "one", "")]
    await committed(pool, Asked(TENANT, SHOP, MEMORY_SET.row(key="k", value="ours", expires=None)))
    assert await rows(pool, "select value from public.bot_memories where key = 'k'") == ["ours"]
    assert (await memories.history(TENANT, SHOP, "k", 1))[0].version == 3, "and comes back as no further version"
    gone = MEMORY_DELETED.row(key="k", owner=None, owner_name=None)
    await committed(pool, Asked(TENANT, SHOP, gone))
    assert await rows(pool, "select count(*) from public.bot_memories where key = 'k'") == [0]
    await rows(pool, UPSERT, "back")
    assert await memories.get(TENANT, SHOP, "k", now()) == "back"
    await rows(pool, "delete from public.bot_memories where key = 'k'")
    assert await memories.get(TENANT, SHOP, "k", now()) is None


async def test_a_bot_that_the_host_makes_later_is_taken_in(pool: Pool) -> None:
    async with pool.connection() as connection:
        for statement in TABLES.split(";")[:-1]:
            await connection.execute(statement.encode())
        await host.install(connection, TENANT, now())
    await rows(pool, "insert into public.bots (name) values ('late')")
    await rows(pool, "insert into public.bot_memories select gen_random_uuid(), id, 'n', '1' from public.bots"
                     " where name = 'late'")  # fmt: skip
    await Upkeep(pool, now, TENANT).once()
    assert await PostgresMemories(pool).get(TENANT, bot_id(TENANT, "late"), "n", now()) == "1"
