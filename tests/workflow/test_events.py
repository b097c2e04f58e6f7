"""Events and those who wait for them: nothing lost, nothing twice, whoever comes first."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID, uuid4

import pytest

from storage.pool import Pool, connect
from tests.workflow.house import OWNER, house
from tests.workflow.kit import NOW, row, rows
from workflow.events import Delivery

WAIT = 'e = WAIT FOR EVENT "go" TIMEOUT 30\nIF timed_out THEN RETURN "late"\nRETURN e\n'


async def test_every_run_that_waits_gets_the_event(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        waiting = [await home.start(WAIT) for _ in range(20)]
        for execution in waiting:
            await home.until(execution, "waiting")
        await home.operations.publish(OWNER, "go", {"n": 7})
        assert [(await home.ended(e)).result for e in waiting] == [{"n": 7}] * 20
    assert await rows(pool, b"select 1 from workflow_waits") == []


async def test_an_event_before_the_wait_but_after_the_start_is_seen(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await home.operations.publish(OWNER, "go", "too early")
        execution = await home.start('HOLD "x"\n' + WAIT)
        await home.world.until_held("x")
        await home.operations.publish(OWNER, "go", "in time")
        home.world.gate("x").set()
        assert (await home.ended(execution)).result == "in time"


async def test_each_wait_sees_the_next_event_of_its_name(database: str, pool: Pool) -> None:
    loop = 'all = []\nFOR i = 1 TO 5\ne = WAIT FOR EVENT "go" TIMEOUT 30\nall.PUSH(e)\nNEXT\nRETURN all\n'
    async with house(database, pool) as home:
        execution = await home.start(loop)
        for n in range(5):
            await home.operations.publish(OWNER, "go", n)
        assert (await home.ended(execution)).result == [0, 1, 2, 3, 4]


async def test_a_run_hears_its_own_event_and_a_branch_that_of_its_sister(database: str, pool: Pool) -> None:
    source = """
        PARALLEL
        BRANCH a:
          e = WAIT FOR EVENT "ping" TIMEOUT 30
          PUBLISH EVENT "pong" WITH e + 1
        BRANCH b:
          PUBLISH EVENT "ping" WITH 1
          f = WAIT FOR EVENT "pong" TIMEOUT 30
        END PARALLEL
        RETURN f
    """
    async with house(database, pool, workers=2) as home:
        assert (await home.run(source)).result == 2


async def test_what_a_branch_consumed_its_parent_does_not_see_again(database: str, pool: Pool) -> None:
    source = """
        PUBLISH EVENT "go" WITH 1
        PUBLISH EVENT "go" WITH 2
        PARALLEL
        BRANCH a:
          x = WAIT FOR EVENT "go" TIMEOUT 30
        END PARALLEL
        y = WAIT FOR EVENT "go" TIMEOUT 30
        RETURN [x, y]
    """
    async with house(database, pool) as home:
        assert (await home.run(source)).result == [1, 2]


async def test_a_wait_that_times_out_answers_null_and_says_so(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run('e = WAIT FOR EVENT "never" TIMEOUT 0.05\nRETURN [e, timed_out]')
    assert detail.result == [None, True]
    assert await rows(pool, b"select 1 from workflow_waits") == []


async def test_exactly_one_of_event_and_time_out_answers(database: str, pool: Pool) -> None:
    source = 'e = WAIT FOR EVENT "race" TIMEOUT 0.15\nMARK "woken"\nIF timed_out THEN RETURN "late"\nRETURN "event"\n'
    async with house(database, pool, workers=2) as home:
        runs = [await home.start(source) for _ in range(60)]
        await asyncio.sleep(0.13)
        await home.operations.publish(OWNER, "race")
        results = [(await home.ended(e)).result for e in runs]
    assert set(results) <= {"late", "event"}
    assert len(home.world.marks) == 60 and set(home.world.marks.values()) == {1}


# -- interleavings on real connections ---------------------------------------------------------------------------------

PUBLISH = b"""
insert into workflow_events (id, tenant_id, event_name, event_data, day, created_at)
values (%(id)s, %(tenant)s, %(name)s, '1', '2026-11-22', now())"""
BEGIN_WAIT = b"""
with x as (
  insert into workflow_executions (id, tenant_id, workflow_name, program, state, status, root_id, created_at, born)
  values (%(id)s, %(tenant)s, 'w', 'p', '{}', 'waiting', %(id)s, now(), %(born)s::pg_snapshot))
insert into workflow_waits (execution_id, tenant_id, event_name, born, since_xid, since_seq)
values (%(id)s, %(tenant)s, %(name)s, %(born)s::pg_snapshot, pg_snapshot_xmin(%(born)s::pg_snapshot), -1)"""


@pytest.mark.parametrize("seed", range(4))
async def test_no_wake_up_is_lost_in_any_interleaving(database: str, pool: Pool, seed: int) -> None:
    """Waits and events of one name commit in any order, through transactions of any length, under two readers."""
    chance = random.Random(seed)
    pairs = 150
    tenant = uuid4()
    (born,) = await row(pool, b"select pg_current_snapshot()::text")
    gate = asyncio.Semaphore(12)

    async def transaction(statement: bytes, given: dict[str, object]) -> None:
        await asyncio.sleep(chance.uniform(0, 0.4))
        async with gate, await connect(database) as connection, connection.transaction():
            if chance.random() < 0.5:
                await connection.execute("select pg_current_xact_id()")
                await asyncio.sleep(chance.uniform(0, 0.03))
            await connection.execute(statement, given)
            if chance.random() < 0.5:
                await asyncio.sleep(chance.uniform(0, 0.03))

    async def reader() -> None:
        async with await connect(database) as connection:
            delivery = Delivery(connection, lambda: NOW, random.Random(seed), lambda: None)
            while True:
                await delivery.deliver()
                await asyncio.sleep(chance.uniform(0, 0.01))

    readers = [asyncio.create_task(reader()) for _ in range(2)]
    writes = [
        transaction(statement, {"id": uuid4(), "tenant": tenant, "name": f"e{n}", "born": born})
        for n in range(pairs)
        for statement in (PUBLISH, BEGIN_WAIT)
    ]
    chance.shuffle(writes)
    await asyncio.gather(*writes)
    while await rows(pool, b"select 1 from workflow_waits"):
        await asyncio.sleep(0.01)
    for task in readers:
        task.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    assert await row(pool, b"select count(*) from workflow_executions where status = 'ready'") == (pairs,)


async def test_a_wait_whose_worker_died_before_looking_is_found_by_another(database: str, pool: Pool) -> None:
    tenant = uuid4()
    (born,) = await row(pool, b"select pg_current_snapshot()::text")
    async with await connect(database) as connection:
        early = Delivery(connection, lambda: NOW, random.Random(1), lambda: None)
        await connection.execute(PUBLISH, {"id": uuid4(), "tenant": tenant, "name": "x"})
        await early.deliver()  # it has read the event when the wait is registered, and nobody looks for the wait
        await connection.execute(BEGIN_WAIT, {"id": UUID(int=5), "tenant": tenant, "name": "x", "born": born})
        await early.deliver()
    assert await row(pool, b"select status, answer from workflow_executions") == ("ready", {"plain": 1})


async def test_an_event_is_held_back_while_an_older_transaction_is_open(database: str, pool: Pool) -> None:
    tenant = uuid4()
    (born,) = await row(pool, b"select pg_current_snapshot()::text")
    async with await connect(database) as connection, await connect(database) as older:
        delivery = Delivery(connection, lambda: NOW, random.Random(1), lambda: None)
        await connection.execute(BEGIN_WAIT, {"id": UUID(int=5), "tenant": tenant, "name": "x", "born": born})
        async with older.transaction():
            await older.execute(PUBLISH, {"id": UUID(int=1), "tenant": tenant, "name": "x"})
            await connection.execute(PUBLISH, {"id": UUID(int=2), "tenant": tenant, "name": "x"})
            assert await delivery.deliver() is True
            assert await row(pool, b"select status from workflow_executions") == ("waiting",)
        assert await delivery.deliver() is False
        assert await row(pool, b"select status from workflow_executions") == ("ready",)
