"""Guarantees of the engine that no other test states by itself; each raises AssertionError where it is broken."""

from __future__ import annotations

import asyncio
from uuid import UUID

from keywords.host import Host, Value
from keywords.library import registry as library
from keywords.registry import Effect, Keyword, keyword
from storage.pool import Pool, connect
from tests.workflow.house import house
from tests.workflow.kit import ENGINE, insert
from workflow.worker import UNHURRIED

FIRST, SECOND = UUID(int=100), UUID(int=200)


async def an_execution_is_claimed_by_one(database: str, pool: Pool) -> None:
    """Two workers that claim in one moment never get the same execution."""
    for _ in range(20):
        await insert(pool)
    async with await connect(database, settings=UNHURRIED) as one, await connect(database, settings=UNHURRIED) as two:
        async with one.transaction():
            mine = await (await one.execute(ENGINE["claim"], _asking(FIRST, 10))).fetchall()
            claiming = asyncio.create_task(two.execute(ENGINE["claim"], _asking(SECOND, 20)))
            await asyncio.wait({claiming}, timeout=0.3)  # it goes on at once, or waits for the locks of the first
        theirs = await (await claiming).fetchall()
    assert len(mine) == 10
    assert not {row[0] for row in mine} & {row[0] for row in theirs}


def _asking(owner: UUID, slots: int) -> dict[str, object]:
    return {"owner": owner, "slots": slots, "start": owner, "busy": []}


async def an_act_begins_after_its_commit(database: str, pool: Pool) -> None:
    """When an outside verb acts, the database knows already that this call was about to be made."""
    seen: list[tuple[int, int]] = []
    table = library()
    table.register(_looking(pool, seen))
    async with house(database, pool, registry=table) as home:
        await home.run("a = LOOK AT MYSELF\nb = LOOK AT MYSELF\nRETURN b")
    assert seen == [(1, 1), (2, 2)]


def _looking(pool: Pool, seen: list[tuple[int, int]]) -> Keyword:
    @keyword("LOOK AT MYSELF", effect=Effect.IDEMPOTENT, example="LOOK AT MYSELF", group="test")
    async def look(host: Host) -> Value:
        """Read which call the database knows of."""
        async with pool.connection() as connection:
            cursor = await connection.execute(
                "select (state ->> 'n')::int from workflow_executions where id = %s", [host.identity.execution]
            )
            row = await cursor.fetchone()
        assert row is not None
        seen.append((host.moment.n, row[0]))
        return None

    return look
