"""What is old is deleted, by whole days where that is possible; what lives, and what it has started, is not touched."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import TENANT, rows
from workflow.retention import Kept, Retention

COUNTS = {
    name: f"select count(*) from {name}".encode()
    for name in (
        "workflow_executions",
        "workflow_steps",
        "workflow_events",
        "workflow_acts",
        "workflow_approvals",
        "workflow_outbox",
    )
}


async def count(pool: Pool, table: str) -> int:
    return (await rows(pool, COUNTS[table]))[0][0]


def later(home: House, days: float, kept: Kept) -> Retention:
    """The same house, so many days on."""
    at = home.engine.clock() + timedelta(days=days)

    def clock() -> datetime:
        return at

    return Retention(replace(home.engine, clock=clock), kept)


async def test_finished_runs_go_after_their_days_with_all_that_is_theirs(database: str, pool: Pool) -> None:
    source = 'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 60\nPUBLISH EVENT "e"\nRETURN 1'
    async with house(database, pool) as home:
        execution = await home.start(source)
        await home.until(execution, "waiting")
        await home.operations.pause(OWNER, execution)
        await home.operations.resume(OWNER, execution)
        (approval,) = await home.operations.approvals(OWNER, execution)
        await home.operations.decide(OWNER, approval.id, "approve", key="once")
        await home.over(execution)
        assert await later(home, 29, Kept(30, 30)).clean() == {"workflow_idempotency": 1}  # it lasted a week
        assert await count(pool, "workflow_executions") == 1
        gone = await later(home, 32, Kept(30, None)).clean()
        assert gone["workflow_executions partitions"] >= 1 and gone["workflow_steps partitions"] >= 1
        assert gone["workflow_acts"] == 2 and gone["workflow_approvals"] == 1
        left = [await count(pool, name) for name in COUNTS]
        assert left == [0, 0, 1, 0, 0, 0]
        gone = await later(home, 32, Kept(None, 30)).clean()
        assert gone["workflow_events partitions"] >= 1 and await count(pool, "workflow_events") == 0
        assert (await home.run("RETURN 2")).result == 2  # today goes on


async def test_what_lives_keeps_its_journal_and_its_ended_branches(database: str, pool: Pool) -> None:
    source = """
        TALK "long ago"
        PARALLEL
        BRANCH a:
          x = MARK 1
        BRANCH b:
          y = WAIT FOR SIGNAL "go"
        END PARALLEL
        RETURN x + y
    """
    async with house(database, pool) as home:
        execution = await home.start(source)
        while await rows(pool, b"select 1 from workflow_executions where status = 'completed'") == []:
            await asyncio.sleep(0.01)
        await home.run("RETURN MARK(5)")
        while await rows(pool, b"select 1 from workflow_waits") == []:
            await asyncio.sleep(0.01)
        gone = await later(home, 400, Kept(30, 30)).clean()
        assert gone["workflow_executions"] == 1  # the short run; its day's partition is needed
        assert await home.talk(execution) == ["long ago"]
        await home.operations.signal(OWNER, execution, "go", 41)
        assert (await home.ended(execution)).result == 42
        fork = await home.operations.fork(OWNER, execution, call=2)
        await home.operations.cancel(OWNER, fork.id)


async def test_kept_for_ever_nothing_goes_and_one_cleans_at_a_time(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await home.run("RETURN 1")
        assert await later(home, 4000, Kept(None, None)).clean() == {}
        found = await asyncio.gather(*(later(home, 400, Kept(30, 30)).clean() for _ in range(4)))
        assert sum(bool(one.get("workflow_steps partitions")) for one in found) == 1
        assert await count(pool, "workflow_steps") == 0


async def test_signals_of_ended_runs_and_schedules_that_are_over_go(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HOLD "x"')
        await home.world.until_held("x")
        await home.operations.signal(OWNER, execution, "never taken")
        home.world.gate("x").set()
        await home.ended(execution)
        gone = await later(home, 0, Kept(30, 30)).clean()
        assert gone == {"workflow_signals": 1}


async def test_what_no_execution_asked_for_is_nobodys_to_delete(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await home.run('FORWARD EVENT "order.*" TO "https://example.com/hook"')  # where nobody sends, all of it waits
        await home.operations.events.publisher.publish(TENANT, "order.paid", {"n": 1})
        while not await count(pool, "workflow_outbox"):
            await asyncio.sleep(0.01)
        assert await later(home, 0, Kept(30, 30)).clean() == {}
        assert await count(pool, "workflow_outbox") == 1


async def test_cleaning_leaves_the_connections_of_the_pool_as_they_were(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await later(home, 1, Kept(30, 30)).clean()
        async with pool.connection() as connection:  # the one it used: the last given back is the first handed out
            assert connection.autocommit
