"""Rare moments: two owners in one process, news that came too late, births during a cancellation, faults on the way."""

from __future__ import annotations

import asyncio
import json
import random
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from keywords.host import EVENT_AWAITED, EVENT_PUBLISHED, Moment, Recorded
from keywords.library import registry as library
from keywords.mistakes import Refused
from keywords.outcome import Written
from keywords.registry import Effect, keyword
from storage.arrays import taught
from storage.pool import Pool, connect
from tests.workflow.house import OWNER, PROGRAMS, house
from tests.workflow.kit import ENGINE, NOW, STATE, TENANT, claim, committer, identity, insert, line, row, rows, turn
from workflow import batch
from workflow.cancel import cancel
from workflow.claim import Claim
from workflow.events import Delivery
from workflow.turn import Birth, Committed, Fenced, Unstorable

ME, OTHER = UUID(int=100), UUID(int=200)
STATUS = b"select status, answer from workflow_executions where id = %(id)s"


def effect(claimed: Claim, row: Any, n: int = 1) -> Written:
    return Written(Moment(claimed.identity, 0, n, NOW), row)


def awaited(claimed: Claim, name: str = "go") -> Written:
    return effect(claimed, EVENT_AWAITED.row(name=name, key="", since_xid=None, since_seq=None))


def published(claimed: Claim, data: object = None) -> Written:
    return effect(claimed, EVENT_PUBLISHED.row(id=uuid4(), name="go", key="", data=data))


def a_birth(parent: Claim, state: str | None = None) -> Birth:
    return Birth(identity(uuid4()), "branch 0", "none", "branch:0", state or parent.state, 0, inherits=True)


async def until_blocked(pool: Pool) -> None:
    """Until some session of this database waits for another's lock."""
    query = b"select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    while not await rows(pool, query):
        await asyncio.sleep(0.005)


def delivery(connection: AsyncConnection) -> Delivery:
    return Delivery(connection, lambda: NOW, random.Random(1), lambda: None)


# -- the fence ---------------------------------------------------------------------------------------------------------


async def test_a_zombie_in_the_same_batch_as_its_heir_writes_nothing(database: str, pool: Pool) -> None:
    """A worker that lost its lease may claim again, under its old name, what another run of it still holds."""
    await insert(pool)
    (old,) = await claim(pool, ME)
    async with pool.connection() as connection:
        await connection.execute("update workflow_executions set status = 'ready', owner = null, epoch = epoch + 1")
    (new,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        ghost = turn(old, lines=(line(1, "ghost"),), effects=(published(old),))
        fates = await asyncio.gather(commits.commit(ghost), commits.commit(turn(new, lines=(line(1, "heir"),))))
    assert fates == [Fenced(), Committed()]
    assert await rows(pool, b"select answer from workflow_steps where seq > 0") == [("heir",)]
    assert await rows(pool, b"select 1 from workflow_events") == []


async def test_what_is_too_large_for_one_commit_is_one_turns_own_fault(database: str, pool: Pool) -> None:
    await insert(pool)
    await insert(pool)
    large, small = await claim(pool, ME)
    state = json.dumps({**STATE, "pad": "x" * 1_000_000})
    async with committer(database, pool, ME) as commits:
        many = tuple(a_birth(large, state) for _ in range(300))
        fates = await asyncio.gather(
            commits.commit(turn(large, "waiting", births=many)), commits.commit(turn(small, "running"))
        )
    assert isinstance(fates[0], Unstorable) and "MB" in fates[0].reason
    assert fates[1] == Committed()


async def test_large_turns_do_not_share_a_transaction(database: str, pool: Pool) -> None:
    for _ in range(6):
        await insert(pool)
    mine = await claim(pool, ME)
    state = json.dumps({**STATE, "pad": "x" * 20_000_000})
    async with committer(database, pool, ME) as commits:
        fates = await asyncio.gather(*(commits.commit(turn(c, state=state)) for c in mine))
    assert fates == [Committed()] * 6
    (transactions,) = await row(pool, b"select count(distinct xmin::text) from workflow_executions")
    assert transactions >= 2


# -- events ------------------------------------------------------------------------------------------------------------


async def test_an_event_found_by_two_readers_wakes_a_run_once(database: str, pool: Pool) -> None:
    """The second reader saw the wait before the first delivered; the run has since gone on and waits again."""
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits, await connect(database) as slow, await connect(database) as by:
        assert await commits.commit(turn(mine, "waiting", effects=(awaited(mine),))) == Committed()
        await insert(pool)
        (other,) = await claim(pool, OTHER)
        async with committer(database, pool, OTHER) as others:
            assert await others.commit(turn(other, effects=(published(other, 1),))) == Committed()
        async with pool.connection() as holding:
            # All that happens while the slow reader stands before the row's lock, in one transaction.
            async with holding.transaction():
                await holding.execute("select 1 from workflow_executions where id = %s for update", [mine.id])
                reading = asyncio.create_task(delivery(slow).deliver())
                await until_blocked(pool)
                await holding.execute(
                    "update workflow_executions set seq = seq + 2, epoch = epoch + 1 where id = %s", [mine.id]
                )
                await holding.execute("delete from workflow_waits")
                await holding.execute(
                    "insert into workflow_waits (execution_id, tenant_id, event_name, born, since_xid, since_seq)"
                    " select %s, %s, 'go', pg_current_snapshot(), xid, seq from workflow_events",
                    [mine.id, TENANT],
                )
            await reading
        assert await row(pool, STATUS, {"id": mine.id}) == ("waiting", None)
        await delivery(by).deliver()
        assert await row(pool, STATUS, {"id": mine.id}) == ("waiting", None)
        assert len(await rows(pool, b"select 1 from workflow_waits")) == 1


async def test_a_wait_begun_again_stands_where_the_run_stands_now(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        async with pool.connection() as connection:
            await connection.execute(
                "insert into workflow_waits (execution_id, tenant_id, event_name, born, since_xid, since_seq)"
                " select id, tenant_id, 'go', born, '3', 1 from workflow_executions"
            )
            cursors = json.dumps({"go\x1f": ["900", "7"]})
            await connection.execute("update workflow_executions set cursors = %s::jsonb", [cursors])
        assert await commits.commit(turn(mine, "waiting", effects=(awaited(mine),))) == Committed()
    assert await row(pool, b"select since_xid::text, since_seq from workflow_waits") == ("900", 7)


@pytest.mark.parametrize("data", [1e22, -1e300, 123456789012345678901234567890.0])
async def test_numbers_that_jsonb_writes_as_long_integers_arrive(database: str, pool: Pool, data: float) -> None:
    async with house(database, pool) as home:
        execution = await home.start('e = WAIT FOR EVENT "go" TIMEOUT 30\nRETURN e.n\n')
        await home.until(execution, "waiting")
        await home.operations.publish(OWNER, "go", {"n": data})
        assert (await home.ended(execution)).result == data


# -- families ----------------------------------------------------------------------------------------------------------


async def test_children_born_while_their_family_is_cancelled_end_with_it(database: str, pool: Pool) -> None:
    parent_id = await insert(pool)
    (parent,) = await claim(pool, ME)
    given = turn(parent, "waiting", births=(a_birth(parent), replace(a_birth(parent), branch=1)))
    async with await connect(database) as committing, await connect(database) as cancelling:

        async def cancelled() -> None:
            async with cancelling.transaction():
                await cancel(cancelling, TENANT, parent_id, NOW)

        async with taught(committing).transaction():
            moved = {**batch.turn_columns([batch.prepared(given)]), "owner": ME}
            await committing.execute(ENGINE["commit_turns"], moved)
            await committing.execute(ENGINE["insert_children"], batch.birth_columns([given]))
            ending = asyncio.create_task(cancelled())
            await until_blocked(pool)
        await ending
    assert set(await rows(pool, b"select status from workflow_executions")) == {("cancelled",)}


async def test_a_run_that_the_engine_broke_on_ends_and_counts_in_one_transaction(database: str, pool: Pool) -> None:
    await insert(pool)
    (parent,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        await commits.commit(turn(parent, "waiting", births=(a_birth(parent),)))
    (child,) = await claim(pool, ME)
    given = {"id": child.id, "owner": ME, "epoch": child.epoch, "now": NOW, "error": '{"kind":"fault","message":"m"}'}
    async with pool.connection() as connection:
        await connection.execute(ENGINE["fail_at_once"], {**given, "epoch": child.epoch - 1})
        assert await row(pool, STATUS, {"id": child.id}) == ("running", None)
        await connection.execute(ENGINE["fail_at_once"], given)
    assert await row(pool, STATUS, {"id": child.id}) == ("failed", None)
    assert await row(pool, STATUS, {"id": parent.id}) == ("ready", {"joined": True})


# -- workers -----------------------------------------------------------------------------------------------------------


async def test_a_run_given_back_in_a_once_call_is_in_doubt(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        assert await commits.commit(turn(mine, once_call=1)) == Committed()
    given = {"id": mine.id, "owner": ME, "epoch": mine.epoch, "now": NOW}
    async with pool.connection() as connection:
        await connection.execute(ENGINE["give_back"], {**given, "epoch": mine.epoch + 1})
        assert await row(pool, STATUS, {"id": mine.id}) == ("running", None)
        await connection.execute(ENGINE["give_back"], given)
    assert await row(pool, STATUS, {"id": mine.id}) == ("in_doubt", None)


@pytest.mark.timeout(40)
@pytest.mark.parametrize("words", ["a \0 wheel", "a \ud800 wheel"])
async def test_a_fault_whose_words_cannot_be_stored_costs_one_run_only(database: str, pool: Pool, words: str) -> None:
    @keyword("CRUMBLE", effect=Effect.RECORD, example="CRUMBLE", group="test")
    def crumble(moment: Moment) -> Recorded:
        """Raise what no keyword should, with words that Postgres cannot hold."""
        raise RuntimeError(words)

    table = library()
    table.register(crumble)
    async with house(database, pool, registry=table) as home:
        held = await home.start('HOLD "a"\nRETURN 1\n')
        await home.world.until_held("a")
        broken = await home.run("CRUMBLE\n")
        assert broken.error is not None and broken.error.kind == "fault"
        home.world.gate("a").set()
        await home.ended(held)
        assert home.world.held["a"] == 1, "the worker lived on"


async def test_a_number_too_large_for_its_column_fails_the_run_and_nothing_else(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run('STEP 99999999999: MARK "a"\nTALK "b"\nMARK "c"\n')
    assert detail.status == "failed" and detail.error is not None and "stored" in detail.error.message


async def test_what_cannot_be_stored_has_a_weight(database: str, pool: Pool) -> None:
    """A program that says much between two outside verbs is committed on the way, not held in memory to the end."""
    grown = 'big = "x"\nWHILE LEN(big) < 500000\nbig = big + big\nEND WHILE\n'
    source = grown + "FOR EACH i IN RANGE(1, 40)\nTALK big\nNEXT\nRETURN 1\n"
    async with house(database, pool) as home:
        assert (await home.run(source)).result == 1
    (commits,) = await row(pool, b"select seq from workflow_executions")
    assert commits >= 4


async def test_a_new_run_of_an_execution_ends_the_old_one_of_this_worker(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HOLD "a"\nRETURN 1\n')
        await home.world.until_held("a")
        async with pool.connection() as connection:
            await connection.execute(
                "update workflow_executions set status = 'ready', owner = null, epoch = epoch + 1 where id = %s",
                [execution],
            )
        while home.world.held["a"] < 2:
            await asyncio.sleep(0.01)
        (worker, _) = home.workers[0]
        assert worker.running == 1
        home.world.gate("a").set()
        assert (await home.ended(execution)).result == 1
    assert await row(pool, b"select count(*) from workflow_steps where keyword = 'HOLD'") == (1,)


async def test_a_part_that_fails_by_itself_can_be_tried_again_and_again(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PROGRAMS, "wrecked", "RETURN 1 / 0\n")
    async with house(database, pool) as home:
        execution = await home.start('r = ASK "wrecked"\nRETURN r\n')
        assert (await home.ended(execution)).status == "failed"
        for _ in range(3):
            await home.operations.retry(OWNER, execution)
            assert (await home.ended(execution)).status == "failed"


async def test_what_a_person_paused_is_resumed_and_not_settled(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('r = ASK "approves"\nRETURN r\n')
        await home.until(execution, "waiting")
        await home.operations.pause(OWNER, execution)
        with pytest.raises(Refused):
            await home.operations.settle(OWNER, execution, took_place=False)
        assert (await home.operations.get(OWNER, execution)).status == "paused"


@pytest.mark.parametrize("status", ["paused", "in_doubt", "waiting"])
async def test_what_was_asked_to_end_is_ended_wherever_it_stopped(database: str, pool: Pool, status: str) -> None:
    execution = await insert(pool)
    async with pool.connection() as connection:
        await connection.execute("update workflow_executions set cancel_requested = true, status = %s", [status])
        await connection.execute(ENGINE["sweep_waiting"], {"now": NOW})
    assert await row(pool, STATUS, {"id": execution}) == ("ready", None)
