"""Day partitions: made ahead, once, whoever makes them; rows of the default partition find their day."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from storage.pool import Pool, connect
from tests.workflow.kit import NOW, insert, row
from workflow.maintenance import AHEAD, TABLES, Maintenance


async def test_the_days_ahead_are_made_once_by_many(database: str, pool: Pool) -> None:
    async def prepare() -> int:
        async with await connect(database) as connection:
            return await Maintenance(connection, lambda: NOW).prepare()

    await asyncio.gather(*(prepare() for _ in range(4)))
    assert await prepare() == 0
    (made,) = await row(pool, b"select count(*) from pg_class where relname ~ '_2026\\d{4}$' and relkind = 'r'")
    assert made == len(TABLES) * (AHEAD + 1)


async def test_rows_that_came_before_their_partition_are_moved_into_it(database: str, pool: Pool) -> None:
    await insert(pool)
    assert await row(pool, b"select tableoid::regclass::text from workflow_steps") == ("workflow_steps_rest",)
    async with await connect(database) as connection:
        await Maintenance(connection, lambda: NOW).prepare()
        assert await row(pool, b"select tableoid::regclass::text from workflow_steps") == ("workflow_steps_20261122",)
        later = Maintenance(connection, lambda: NOW + timedelta(days=1))
        assert await later.prepare() == len(TABLES)
