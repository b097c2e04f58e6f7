"""ON EVENT and SCHEDULE IN: blocks that run on their own, once for each event, until they succeed or are given up."""

from __future__ import annotations

import asyncio
from uuid import UUID

from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import row, rows

HANDLER = """
limit = 10
ON EVENT "order.*" WHERE data.total > limit DO
  MARK event.name + " " + event.data.total + " " + limit
END ON
"""


async def handled(home: House, count: int) -> list[str]:
    async with asyncio.timeout(20):
        while len(home.world.words) < count:
            await asyncio.sleep(0.01)
    return home.world.words


async def settled(pool: Pool, status: str, count: int) -> None:
    query = b"select count(*) from workflow_deliveries where status = %(status)s"
    async with asyncio.timeout(20):
        while (await row(pool, query, {"status": status}))[0] != count:
            await asyncio.sleep(0.01)


async def test_a_handler_runs_for_each_event_that_fits_after_its_run_has_ended(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        await home.run(HANDLER)
        for total in (5, 15, 25):
            await home.operations.publish(OWNER, "order.paid", {"total": total})
        await home.operations.publish(OWNER, "bill.paid", {"total": 99})
        assert sorted(await handled(home, 2)) == ["order.paid 15 10", "order.paid 25 10"]
        await settled(pool, "done", 2)


async def test_events_of_before_are_not_handled(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await home.operations.publish(OWNER, "order.paid", {"total": 1000})
        await home.run(HANDLER)
        await home.operations.publish(OWNER, "order.paid", {"total": 15})
        await handled(home, 1)
        await settled(pool, "done", 1)
        assert home.world.words == ["order.paid 15 10"]


async def test_registered_again_a_handler_is_replaced_and_off_event_ends_it(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        for _ in range(3):
            await home.run(HANDLER)
        await home.operations.publish(OWNER, "order.paid", {"total": 15})
        await settled(pool, "done", 1)
        assert len(home.world.words) == 1
        assert (await home.run('RETURN OFF EVENT "order.*"')).result == 1
        await home.operations.publish(OWNER, "order.paid", {"total": 15})
        await home.run('WAIT FOR EVENT "order.paid" SINCE "2020-01-01"')
        assert len(home.world.words) == 1


async def test_events_of_one_key_are_handled_one_after_the_other(database: str, pool: Pool) -> None:
    source = """
        ON EVENT "step" DO
          MARK "in " + event.data
          MARK "out " + event.data
        END ON
    """
    publish = 'FOR i = 1 TO 6\nPUBLISH EVENT "step" WITH i KEY "one"\nNEXT\n'
    async with house(database, pool, workers=2) as home:
        await home.run(source)
        await home.run(publish)
        assert await handled(home, 12) == [f"{what} {n}" for n in range(1, 7) for what in ("in", "out")]


async def test_a_handler_that_fails_goes_on_where_it_failed_and_repeats_nothing(database: str, pool: Pool) -> None:
    source = """
        ON EVENT "go" DO
          PUBLISH EVENT "counted"
          MARK "before"
          UNSTEADY "x"
          MARK "after"
        END ON
    """
    async with house(database, pool) as home:
        home.world.failures = 1
        await home.run(source)
        await home.operations.publish(OWNER, "go")
        await settled(pool, "done", 1)
        assert home.world.words == ["before", "after"]
        assert await row(pool, b"select count(*) from workflow_events where event_name = 'counted'") == (1,)


async def test_what_fails_by_itself_is_a_dead_letter_until_it_is_replayed(database: str, pool: Pool) -> None:
    broken = 'ON EVENT "go" DO\nx = 1 / event.data\nMARK x\nEND ON\n'
    async with house(database, pool) as home:
        await home.run(broken)
        await home.operations.publish(OWNER, "go", 0)
        await settled(pool, "dead", 1)
        (dead,) = await home.operations.events.dead(OWNER)
        assert dead["attempts"] == 1 and "zero" in dead["error"]["message"]
        await home.run(broken.replace("1 / event.data", "2"))
        assert await home.operations.events.replayed(OWNER, UUID(dead["id"])) == 1
        assert await handled(home, 1) == [2]
        await settled(pool, "done", 1)


async def test_one_of_the_handlers_that_consume_gets_the_event(database: str, pool: Pool) -> None:
    source = 'PARAM n AS NUMBER\nON EVENT "job" WHERE id > 0 CONSUME DO\nMARK "consumed"\nEND ON\n'
    async with house(database, pool) as home:
        for n in range(3):
            detail = await home.start(source.replace("id > 0", f"id > {-n}"), n=n)
            await home.ended(detail)
        for n in range(1, 9):
            await home.operations.publish(OWNER, "job", {"id": n})
        await settled(pool, "done", 8)
        assert home.world.words == ["consumed"] * 8


async def test_a_scheduled_block_runs_at_its_time_with_the_variables_of_then(database: str, pool: Pool) -> None:
    source = 'x = 1\nSCHEDULE IN 0.2 SECONDS DO\nMARK "later " + x\nEND SCHEDULE\nx = 2\nMARK "first " + x\n'
    async with house(database, pool) as home:
        await home.run(source)
        assert await handled(home, 2) == ["first 2", "later 1"]


async def test_continue_workflow_moves_the_run_that_waits(database: str, pool: Pool) -> None:
    source = """
        n = 7
        ON EVENT "skip" DO
          CONTINUE WORKFLOW AT STEP 3
        END ON
        STEP 1: WAIT FOR EVENT "never"
        STEP 2: MARK "two"
        STEP 3: MARK "three " + n
    """
    async with house(database, pool) as home:
        run = await home.start(source)
        await home.until(run, "waiting")
        await home.operations.publish(OWNER, "skip")
        await home.ended(run)
        assert home.world.words == ["three 7"]
        assert await rows(pool, b"select 1 from workflow_waits") == []


async def test_continue_workflow_begins_a_run_that_has_ended_anew(database: str, pool: Pool) -> None:
    source = """
        n = 7
        ON EVENT "again" DO
          CONTINUE WORKFLOW AT STEP 2
        END ON
        STEP 1: MARK "one"
        STEP 2: MARK "two " + n
    """
    async with house(database, pool) as home:
        await home.run(source)
        await home.operations.publish(OWNER, "again")
        assert await handled(home, 3) == ["one", "two 7", "two 7"]


async def test_who_cancels_the_run_ends_its_handlers(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        run = await home.start(HANDLER + 'WAIT FOR EVENT "never"\n')
        await home.until(run, "waiting")
        await home.operations.cancel(OWNER, run)
        async with asyncio.timeout(10):
            while await rows(pool, b"select 1 from workflow_subscriptions where ended_at is null"):
                await asyncio.sleep(0.05)
