"""Limits: executions at one moment, starts in some time; of all, or of one bot. Exact with any number of workers."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from keywords.host import ProgramText
from keywords.mistakes import WrongValue
from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import rows
from workflow.details import Caller
from workflow.limits import TooManyStarts

HOLD = ProgramText('HOLD "x"\nRETURN 1', "held")
RUNNING = b"select count(*) from workflow_executions where finished_on = 'infinity' and status = 'running'"


async def most_running(home: House, pool: Pool, wanted: int) -> int:
    """How many run once that many do, and a while later."""
    while home.world.held["x"] < wanted:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.15)
    return (await rows(pool, RUNNING))[0][0]


async def test_no_more_run_than_may_and_the_rest_waits_its_turn(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        await home.operations.set_limit(OWNER, running=3)
        runs = [await home.operations.start(OWNER, HOLD) for _ in range(12)]
        for _ in range(3):
            await home.add_worker()
        assert await most_running(home, pool, 3) == 3 and home.world.held["x"] == 3
        (limit,) = await home.operations.limits(OWNER)
        assert (limit.max_running, limit.running, limit.bot_name) == (3, 3, "")
        home.world.gate("x").set()
        assert [(await home.ended(run)).status for run in runs] == ["completed"] * 12


async def test_of_one_bot_so_many_and_of_the_others_more(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        await home.operations.set_limit(OWNER, "slow", running=2)
        await home.operations.set_limit(OWNER, running=5)
        for bot in ("slow", "quick"):
            for _ in range(6):
                await home.operations.start(OWNER, HOLD, bot_name=bot)
        for _ in range(2):
            await home.add_worker()
        assert await most_running(home, pool, 5) == 5
        by_bot = b"select bot_name, count(*) from workflow_executions where status = 'running' group by 1"
        assert dict(await rows(pool, by_bot))["slow"] <= 2
        other = Caller(UUID(int=77), "somebody else", "test")
        await home.operations.start(other, HOLD)
        assert await most_running(home, pool, 6) == 6
        home.world.gate("x").set()


async def test_a_run_that_waits_takes_no_room(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await home.operations.set_limit(OWNER, running=1)
        waiting = await home.start('HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 60\nRETURN 1')
        await home.until(waiting, "waiting")
        parallel = "PARALLEL\nBRANCH a:\nx = MARK 1\nBRANCH b:\ny = MARK 2\nEND PARALLEL\nRETURN x + y"
        assert (await home.run(parallel)).result == 3  # one at a time, and no standstill


async def test_starts_beyond_the_rate_are_refused_with_the_time_to_wait(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        await home.operations.set_limit(OWNER, "busy", starts=5, seconds=100)
        made = [await home.operations.start(OWNER, HOLD, bot_name="busy") for _ in range(5)]
        with pytest.raises(
            TooManyStarts, match=r"The bot busy may start 5 executions in 100 seconds, and has\. Start"
        ) as told:
            await home.operations.start(OWNER, HOLD, bot_name="busy")
        assert 15 < told.value.wait <= 20
        await home.operations.start(OWNER, HOLD, bot_name="idle")
        assert len(made) == 5
        async with pool.connection() as connection:  # a share is earned every 20 seconds
            await connection.execute("update workflow_limits set earned_at = earned_at - interval '21 seconds'")
        await home.operations.start(OWNER, HOLD, bot_name="busy")
        with pytest.raises(TooManyStarts):
            await home.operations.start(OWNER, HOLD, bot_name="busy")
    assert len(await rows(pool, b"select 1 from workflow_executions")) == 7


async def test_many_starts_at_once_are_counted_exactly(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        await home.operations.set_limit(OWNER, starts=10, seconds=1000)
        found = await asyncio.gather(
            *(home.operations.start(OWNER, HOLD, bot_name=f"b{n % 3}") for n in range(25)), return_exceptions=True
        )
        assert sum(isinstance(one, UUID) for one in found) == 10
        assert all(isinstance(one, UUID | TooManyStarts) for one in found)


async def test_a_start_that_is_repeated_with_its_key_is_not_counted_again(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        await home.operations.set_limit(OWNER, starts=1, seconds=1000)
        first = await home.operations.start(OWNER, HOLD, idempotency_key="k")
        assert await home.operations.start(OWNER, HOLD, idempotency_key="k") == first


async def test_limits_can_be_changed_and_taken_away_and_settings_only_fill_in(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        operations = home.operations
        await operations.default_limit(OWNER, 7, None)
        assert [(one.max_running, one.set_by) for one in await operations.limits(OWNER)] == [(7, "settings")]
        await operations.set_limit(OWNER, running=9)
        await operations.default_limit(OWNER, 7, 5)
        (limit,) = await operations.limits(OWNER)
        assert (limit.max_running, limit.starts, limit.set_by) == (9, None, "owner@example.com through test")
        await operations.default_limit(OWNER, None, None)
        assert len(await operations.limits(OWNER)) == 1
        assert await operations.set_limit(OWNER) is None
        assert await operations.limits(OWNER) == ()
        ended = await home.run('SET LIMIT OF "sales" RUNNING 4 STARTS 100 IN 60\nRETURN (LIST LIMITS)[0]')
        assert ended.result == {
            "bot": "sales",
            "max_running": 4,
            "starts": 100,
            "seconds": 60,
            "running": 0,
            "set_by": ended.result["set_by"],
        }
        with pytest.raises(WrongValue, match="A limit of running is a number from 1"):
            await operations.set_limit(OWNER, running=0)


async def test_priorities_order_what_waits_and_deadlines_end_it(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        program = ProgramText("x = MARK word", "word")
        runs = [
            await home.operations.start(OWNER, program, inputs={"word": priority}, priority=priority)
            for priority in (5, -5, 0)
        ]
        late = await home.operations.start(OWNER, ProgramText("DELAY 600", "late"), deadline=0.2)
        await home.add_worker(slots=1)
        ended = await home.ended(late)
        assert (ended.status, ended.error and ended.error.kind) == ("cancelled", "deadline")
        for run in runs:
            await home.ended(run)
        assert home.world.words == [-5, 0, 5]
        with pytest.raises(WrongValue, match="A priority is from -100"):
            await home.operations.start(OWNER, program, priority=101)
        with pytest.raises(WrongValue, match="greater than 0"):
            await home.operations.start(OWNER, program, deadline=0.0)
        started = await home.run('RETURN START PROGRAM "DELAY 600" DEADLINE 0.1 PRIORITY -7')
        child = await home.ended(UUID(started.result))
        assert (child.status, child.priority, child.deadline is not None) == ("cancelled", -7, True)
