"""Waits that choose: patterns, WHERE, KEY, SINCE, CONSUME, several names; and what PUBLISH may say of an event."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import TENANT, row, rows


async def published(home: House, *events: tuple[str, object]) -> None:
    for name, data in events:
        await home.operations.events.publisher.publish(TENANT, name, data)


async def test_a_pattern_and_a_condition_find_the_event_that_fits(database: str, pool: Pool) -> None:
    source = 'least = 10\ne = WAIT FOR EVENT "order.*" WHERE total > least TIMEOUT 30\nRETURN e\n'
    async with house(database, pool, workers=2) as home:
        run = await home.start(source)
        await home.until(run, "waiting")
        await published(
            home, ("order.paid", {"total": 5}), ("bill.paid", {"total": 50}), ("order.new.big", {"total": 50})
        )
        await published(home, ("order.paid", "no total"), ("order.new", {"total": 11}))
        assert (await home.ended(run)).result == {"total": 11}
    assert await rows(pool, b"select 1 from workflow_waits") == []


async def test_one_that_was_published_before_the_line_is_chosen_too(database: str, pool: Pool) -> None:
    source = 'HOLD "x"\na = WAIT FOR EVENT "n.>" TIMEOUT 30\nb = WAIT FOR EVENT "n.>" TIMEOUT 30\nRETURN [a, b]\n'
    async with house(database, pool) as home:
        run = await home.start(source)
        await home.world.until_held("x")
        await published(home, ("n.one", 1), ("n.two.three", 2))
        home.world.gate("x").set()
        assert (await home.ended(run)).result == [1, 2]


async def test_another_condition_reads_from_the_beginning_of_the_run(database: str, pool: Pool) -> None:
    source = """
        HOLD "x"
        a = WAIT FOR EVENT "n" WHERE id = 2 TIMEOUT 30
        b = WAIT FOR EVENT "n" WHERE id = 1 TIMEOUT 30
        RETURN [a.id, b.id]
    """
    async with house(database, pool) as home:
        run = await home.start(source)
        await home.world.until_held("x")
        await published(home, ("n", {"id": 1}), ("n", {"id": 2}))
        home.world.gate("x").set()
        assert (await home.ended(run)).result == [2, 1]


async def test_since_reaches_back_before_the_run_began(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await published(home, ("old", 1))
        since = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
        detail = await home.run('RETURN WAIT FOR EVENT "old" SINCE when TIMEOUT 30', when=since)
        assert detail.result == 1
        late = (datetime.now(UTC) + timedelta(minutes=1)).isoformat()
        detail = await home.run('RETURN WAIT FOR EVENT "old" SINCE when TIMEOUT 0.1', when=late)
        assert detail.result is None


async def test_what_is_consumed_one_gets_and_all_others_see(database: str, pool: Pool) -> None:
    take = 'RETURN WAIT FOR EVENT "job" CONSUME TIMEOUT 2\n'
    async with house(database, pool, workers=2) as home:
        takers = [await home.start(take) for _ in range(6)]
        seer = await home.start('RETURN WAIT FOR EVENT "job" TIMEOUT 30\n')
        for run in (*takers, seer):
            await home.until(run, "waiting")
        await published(home, *(("job", n) for n in range(4)))
        taken = [(await home.ended(run)).result for run in takers]
        assert sorted(n for n in taken if n is not None) == [0, 1, 2, 3] and taken.count(None) == 2
        assert (await home.ended(seer)).result == 0


async def test_any_of_several_and_all_of_several(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        any_ = await home.start('e = WAIT FOR ANY EVENT "a", "b.*" TIMEOUT 30\nRETURN [e.name, e.data]\n')
        all_ = await home.start('es = WAIT FOR ALL EVENTS "a", "b.x" TIMEOUT 30\nRETURN [es[0].data, es[1].data]\n')
        for run in (any_, all_):
            await home.until(run, "waiting")
        await published(home, ("b.x", 7))
        assert (await home.ended(any_)).result == ["b.x", 7]
        assert (await home.until(all_, "waiting")).status == "waiting"
        await published(home, ("a", 1))
        assert (await home.ended(all_)).result == [1, 7]


async def test_a_page_of_paused_executions_is_not_the_last_one(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflow.events.choosing.SOME", 2)
    async with house(database, pool) as home:
        runs = sorted([await home.start('RETURN WAIT FOR EVENT "n.>" TIMEOUT 30\n') for _ in range(4)])
        for run in runs:
            await home.until(run, "waiting")
        for run in runs[:2]:  # a page is read by id
            await home.operations.pause(OWNER, run)
        await published(home, ("n.one", 1))
        assert [(await home.ended(run)).result for run in runs[2:]] == [1, 1]


async def test_the_key_of_an_event_may_be_asked_for(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        run = await home.start('RETURN WAIT FOR EVENT "e" KEY 7 TIMEOUT 30\n')
        await home.until(run, "waiting")
        await home.run('PUBLISH EVENT "e" WITH 6 KEY 6\nPUBLISH EVENT "e" WITH 7 KEY 7\n')
        assert (await home.ended(run)).result == 7


async def test_an_event_with_a_dedupe_key_happens_once(database: str, pool: Pool) -> None:
    source = 'RETURN PUBLISH EVENT "paid" WITH 1 DEDUPE "order 7"\n'
    async with house(database, pool, workers=2) as home:
        ids = {(await home.ended(run)).result for run in [await home.start(source) for _ in range(8)]}
        outside = await home.operations.events.publisher.publish(TENANT, "paid", 2, dedupe="order 7")
        assert ids == {str(outside)}
    assert await row(pool, b"select count(*) from workflow_events") == (1,)


async def test_an_event_of_later_happens_at_its_time_and_survives_the_worker(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        run = await home.start('PUBLISH EVENT "tick" WITH 1 AFTER 0.5\nRETURN WAIT FOR EVENT "tick" TIMEOUT 30\n')
        await home.until(run, "waiting")
        await home.stop_worker(home.workers[0][0])
        await home.add_worker()
        assert (await home.ended(run)).result == 1
    assert await rows(pool, b"select 1 from workflow_events_later") == []


async def test_who_publishes_too_much_is_told_and_nothing_is_stored(database: str, pool: Pool) -> None:
    async with house(database, pool) as home, pool.connection() as connection:
        await connection.execute(
            "insert into workflow_event_quotas (tenant_id, closed_until, reason)"
            " values (%s, now() + interval '1 hour', 'Too much.')",
            [TENANT],
        )
        for source in ('PUBLISH EVENT "e"', 'PUBLISH EVENT "e" DEDUPE "x"', 'PUBLISH EVENT "e" AFTER 60'):
            detail = await home.run(source)
            assert detail.error and detail.error.kind == "limit" and "Too much." in detail.error.message, source
        with pytest.raises(Exception, match="Too much"):
            await home.operations.events.publisher.publish(TENANT, "e")
    for table in (b"workflow_events", b"workflow_events_later", b"workflow_event_keys"):
        assert await rows(pool, b"select 1 from " + table) == []


async def test_a_listener_hears_what_comes_and_finds_what_came(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        desk = home.operations.events
        waiting = [asyncio.create_task(desk.wait(OWNER, "a.*", seconds=20)) for _ in range(50)]
        await asyncio.sleep(0.2)
        first = await desk.publisher.publish(TENANT, "a.one", 1)
        assert {event.id for event in await asyncio.gather(*waiting) if event} == {first}
        second = await desk.publisher.publish(TENANT, "a.two", 2)
        found = await desk.wait(OWNER, "a.>", since=str(first), seconds=20)
        assert found and found.id == second and found.told()["data"] == 2
        assert await desk.wait(OWNER, "a.>", since=str(second), seconds=0.1) is None


async def test_programs_look_at_events_and_subscriptions(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        await published(home, ("order.new", 1), ("order.paid", 2), ("bill", 3))
        source = """
            ON EVENT "x.*" DO
              TALK 1
            END ON
            all = LIST EVENTS "order.*"
            subs = LIST SUBSCRIPTIONS
            RETURN [all[0].name, LEN(all), subs[0].pattern]
        """
        detail = await home.run(source)
        assert detail.result == ["order.paid", 2, "x.*"]
        detail = await home.run(f'REPLAY EVENT "{uuid4()}"')
        assert detail.error and detail.error.kind == "unknown"
