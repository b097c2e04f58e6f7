"""The fenced group commit: what it writes, what it refuses, and what it survives."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from keywords.host import EVENT_PUBLISHED, EffectKind, EffectStatement, Moment
from keywords.outcome import Written
from storage.hints import PostgresHints
from storage.pool import Pool, connect
from tests.workflow.kit import NOW, claim, committer, identity, insert, line, row, rows, turn
from workflow.claim import Claim
from workflow.commit import Committer
from workflow.effects import own_statements
from workflow.turn import Birth, Committed, Fenced, Unstorable

ME, OTHER = UUID(int=100), UUID(int=200)
WAITING = b"select wait_event_type from pg_stat_activity where pid = %(pid)s"
COUNT_STEPS = b"select count(*) from workflow_steps where seq > 0"


def moment(claimed: Claim, n: int = 1) -> Moment:
    return Moment(claimed.identity, 0, n, NOW)


def published(claimed: Claim, name: str, data: object = None) -> Written:
    return Written(moment(claimed), EVENT_PUBLISHED.row(id=uuid4(), name=name, key="", data=data))


async def test_state_journal_and_effects_are_written_together(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        fate = await commits.commit(turn(mine, effects=(published(mine, "x", {"a": 1}),)))
    assert fate == Committed()
    state, seq, status = await row(pool, b"select state, seq, status from workflow_executions")
    assert (state["n"], seq, status) == (1, 1, "running")
    assert await row(pool, b"select event_name, event_data, workflow_id from workflow_events") == (
        "x",
        {"a": 1},
        mine.id,
    )
    assert await row(pool, COUNT_STEPS) == (1,)


async def test_a_second_worker_cannot_commit_a_lost_lease(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with pool.connection() as connection:
        await connection.execute("update workflow_executions set status = 'ready', owner = null, epoch = epoch + 1")
    (theirs,) = await claim(pool, OTHER)
    async with committer(database, pool, ME) as zombie, committer(database, pool, OTHER) as heir:
        assert await zombie.commit(turn(mine, effects=(published(mine, "ghost"),))) == Fenced()
        assert await heir.commit(turn(theirs)) == Committed()
        assert await zombie.commit(turn(mine)) == Fenced()
    assert await row(pool, COUNT_STEPS) == (1,)
    assert await rows(pool, b"select 1 from workflow_events") == []


async def test_a_stale_seq_is_fenced_out_even_for_its_owner(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        assert await commits.commit(turn(mine)) == Committed()
        assert await commits.commit(turn(mine)) == Fenced()


async def test_turns_that_wait_together_share_a_transaction(database: str, pool: Pool) -> None:
    for _ in range(150):
        await insert(pool)
    mine = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        fates = await asyncio.gather(*(commits.commit(turn(c)) for c in mine))
    assert fates == [Committed()] * 150
    (transactions,) = await row(pool, b"select count(distinct xmin::text) from workflow_executions")
    assert transactions <= 3


async def test_a_poisoned_member_fails_alone(database: str, pool: Pool) -> None:
    for _ in range(40):
        await insert(pool)
    mine = await claim(pool, ME)
    poisoned = mine[17].id
    turns = [turn(c, effects=(published(c, "x", "\0" if c.id == poisoned else "fine"),)) for c in mine]
    async with committer(database, pool, ME) as commits:
        fates = await asyncio.gather(*(commits.commit(t) for t in turns))
    for each, fate in zip(turns, fates, strict=True):
        assert isinstance(fate, Unstorable if each.id == poisoned else Committed)
    assert await row(pool, COUNT_STEPS) == (39,)
    assert await row(pool, b"select count(*) from workflow_events") == (39,)


@pytest.mark.parametrize("text", ["\0", "\ud800"])
async def test_text_that_postgres_cannot_hold_is_one_turns_own_fault(database: str, pool: Pool, text: str) -> None:
    await insert(pool)
    await insert(pool)
    bad, good = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        fates = await asyncio.gather(
            commits.commit(turn(bad, reason=text, lines=(line(1, text),))), commits.commit(turn(good))
        )
    assert isinstance(fates[0], Unstorable)
    assert fates[1] == Committed()


async def test_an_effect_nobody_writes_is_refused_before_it_queues(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    unknown = Written(moment(mine), EffectKind("nobody.knows", ()).row())
    async with committer(database, pool, ME) as commits:
        assert isinstance(await commits.commit(turn(mine, effects=(unknown,))), Unstorable)


async def test_a_verdict_becomes_the_answer_in_the_same_transaction(database: str, pool: Pool) -> None:
    kind = EffectKind("test.decided", (("word", "text"),), decides=True)
    statement = EffectStatement(
        kind,
        b"select ref, jsonb_build_object('v', upper(word)) from unnest(%(ref)b::int[], %(word)b::text[]) t(ref, word)",
    )
    await insert(pool)
    await insert(pool)
    mine = await claim(pool, ME)
    async with committer(database, pool, ME, [statement]) as commits:
        fates = await asyncio.gather(
            *(
                commits.commit(turn(c, effects=(Written(moment(c), kind.row(word=f"w{i}")),), decides=True))
                for i, c in enumerate(mine)
            )
        )
    assert fates == [Committed(verdict={"v": "W0"}), Committed(verdict={"v": "W1"})]
    for i, c in enumerate(mine):
        assert await row(pool, b"select answer from workflow_executions where id = %(id)s", {"id": c.id}) == (
            {"v": f"W{i}"},
        )


async def test_a_request_to_cancel_comes_back_with_the_commit(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with pool.connection() as connection:
        await connection.execute("update workflow_executions set cancel_requested = true")
    async with committer(database, pool, ME) as commits:
        assert await commits.commit(turn(mine)) == Committed(cancel_requested=True)


@pytest.mark.parametrize(("asked", "reason", "left"), [
    ('{"from": "ready"}', None, "paused"), (None, None, "ready"), (None, "missing keyword: it went", "paused"),
])  # fmt: skip
async def test_who_was_resumed_before_the_pause_took_place_is_ready(
    database: str, pool: Pool, asked: str | None, reason: str | None, left: str
) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        async with pool.connection() as connection:
            await connection.execute("update workflow_executions set pause = %(asked)s", {"asked": asked})
        fate = await commits.commit(turn(mine, status="paused", reason=reason))
    assert fate == Committed(pause_requested=asked is not None)
    assert await row(pool, b"select status, ready_at is not null from workflow_executions") == (left, left == "ready")


async def test_finishing_moves_the_row_out_of_the_live_partition(database: str, pool: Pool) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        assert await commits.commit(turn(mine, "completed", result="42")) == Committed()
        assert await commits.commit(turn(replace(mine, seq=1))) == Fenced()
    assert await rows(pool, b"select 1 from workflow_executions_live") == []
    found = await row(pool, b"select status, result, finished_on, owner from workflow_executions")
    assert found == ("completed", 42, NOW.date(), None)


def births(parent: Claim, count: int) -> tuple[Birth, ...]:
    return tuple(
        Birth(identity(uuid4()), f"branch {i}", "none", f"branch:{i}", parent.state, i, inherits=True)
        for i in range(count)
    )


async def test_the_last_of_a_hundred_branches_wakes_the_parent(database: str, pool: Pool) -> None:
    await insert(pool)
    (parent,) = await claim(pool, ME)
    async with committer(database, pool, ME) as commits:
        assert await commits.commit(turn(parent, "waiting", births=births(parent, 100))) == Committed()
        mine, theirs = await claim(pool, ME, 50), await claim(pool, OTHER)
        assert (len(mine), len(theirs)) == (50, 50)
        async with committer(database, pool, OTHER) as others:
            ends = [commits.commit(turn(c, "completed", result="1")) for c in mine]
            ends += [others.commit(turn(c, "completed", result="1")) for c in theirs[:-1]]
            assert set(await asyncio.gather(*ends)) == {Committed()}
            parents = b"select status, need, answer from workflow_executions where parent_id is null"
            assert await row(pool, parents) == ("waiting", 1, None)
            assert await others.commit(turn(theirs[-1], "failed", error='{"kind":"e","message":"m"}')) == Committed()
    assert await row(pool, parents) == ("ready", 0, {"joined": True})
    (woken,) = await claim(pool, ME)
    assert woken.id == parent.id


@pytest.mark.timeout(30)
async def test_a_batch_after_a_dropped_connection_is_neither_lost_nor_doubled(database: str, pool: Pool) -> None:
    for _ in range(20):
        await insert(pool)
    mine = {c.id: c for c in await claim(pool, ME)}
    async with committer(database, pool, ME) as commits:

        async def twenty_commits(id_: UUID) -> None:
            for seq in range(20):
                assert await commits.commit(turn(replace(mine[id_], seq=seq))) == Committed()

        async def cut() -> None:
            for _ in range(12):
                await asyncio.sleep(0.01)
                await rows(
                    pool,
                    b"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()"
                    b" and pid <> pg_backend_pid() and query like '%%commit_turns%%' or query like 'with turns%%'",
                )

        await asyncio.gather(cut(), *(twenty_commits(id_) for id_ in mine))
    assert await row(pool, COUNT_STEPS) == (400,)
    assert await row(pool, b"select min(seq), max(seq) from workflow_executions") == (20, 20)


async def test_every_statement_of_the_commit_probes_by_index(database: str, pool: Pool) -> None:
    from storage.arrays import taught
    from storage.pool import connect
    from storage.sql import queries
    from workflow.batch import prepared, turn_columns
    from workflow.worker import PLANS

    for _ in range(200):
        await insert(pool)
    mine = await claim(pool, ME)
    async with await connect(database, settings=PLANS) as connection:
        given = {**turn_columns([prepared(turn(c)) for c in mine]), "owner": ME}
        cursor = await taught(connection).execute(b"explain (costs off) " + queries("workflow")["commit_turns"], given)
        plan = "\n".join(line for (line,) in await cursor.fetchall())
    assert "Seq Scan" not in plan, plan
    assert plan.count("workflow_executions_live_pkey") >= 2, plan
    assert "hashed" in plan, plan


async def test_a_connection_that_took_the_place_of_a_lost_one_ends_with_the_committer(
    database: str, pool: Pool
) -> None:
    await insert(pool)
    (mine,) = await claim(pool, ME)
    made: list[AsyncConnection] = []
    reached = asyncio.Event()

    async def connection() -> AsyncConnection:
        made.append(await connect(database))
        if len(made) == 2:
            reached.set()
        return made[-1]

    commits = Committer(ME, connection, own_statements(), PostgresHints(database, pool), lambda turns: None)
    task = asyncio.create_task(commits.run())
    async with pool.connection() as blocker, blocker.transaction():
        await blocker.execute("lock table workflow_executions in access exclusive mode")
        waiting = asyncio.create_task(commits.commit(turn(mine)))
        while not made or await row(pool, WAITING, {"pid": made[0].info.backend_pid}) != ("Lock",):
            await asyncio.sleep(0.01)
        await row(pool, b"select pg_terminate_backend(%(pid)s)", {"pid": made[0].info.backend_pid})
        await reached.wait()
        while await row(pool, WAITING, {"pid": made[1].info.backend_pid}) != ("Lock",):
            await asyncio.sleep(0.01)
        task.cancel()  # while the repeated commit is under way
        await asyncio.gather(task, return_exceptions=True)
    waiting.cancel()
    assert [each.closed for each in made] == [True, True]
