"""Who ends an execution does not wait for the call that is under way."""

from __future__ import annotations

import asyncio

from storage.pool import Pool
from tests.workflow.house import OWNER, house


async def test_a_cancel_gives_up_the_call_that_is_under_way(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HOLD "door"\nx = MARK "after"\nRETURN x')
        await home.world.until_held("door")
        await home.operations.cancel(OWNER, execution)
        await home.until(execution, "cancelled")
        journal, _ = await home.operations.journal(OWNER, execution)
    assert not home.world.gate("door").is_set() and home.world.words == []
    assert [row.keyword for row in journal if row.error] == ["HOLD"]


async def test_a_once_call_that_is_given_up_is_not_made_again(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('STRIKE "door"')
        await home.world.until_held("door")
        await home.operations.cancel(OWNER, execution)
        await home.until(execution, "cancelled")
    assert set(home.world.marks.values()) == {1}


async def test_what_was_done_is_undone_when_a_call_is_given_up(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        source = 'x = MARK "a" COMPENSATE WITH MARK "undone"\nHOLD "door"\nMARK "never"'
        execution = await home.start(source)
        await home.world.until_held("door")
        await home.operations.cancel(OWNER, execution)
        await home.until(execution, "cancelled")
    assert home.world.words == ["a", "undone"]


async def test_the_loser_of_a_race_gives_up_its_call(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        source = (
            'x = 1\nPARALLEL ANY\nBRANCH quick:\n  x = MARK "won"\nBRANCH slow:\n  HOLD "door"\nEND PARALLEL\nRETURN x'
        )
        execution = await home.start(source)
        detail = await home.until(execution, "completed")
        slow = b"select status from workflow_executions where parent_id = %(id)s order by branch"
        async with pool.connection() as connection:
            while True:
                found = [row[0] for row in await (await connection.execute(slow, {"id": execution})).fetchall()]
                if "running" not in found:
                    break
                await asyncio.sleep(0.02)
    assert detail.status == "completed" and found == ["completed", "cancelled"]
