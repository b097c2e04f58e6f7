"""Workers: they share, die, are taken over, come back; what they must not repeat is not repeated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from keywords.host import ProgramText
from keywords.library import registry as library
from keywords.mistakes import Refused
from keywords.registry import table
from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import Pool, open_pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import row, rows
from workflow import commit as commit_module, worker as worker_module
from workflow.commit import Committer
from workflow.lease import Heirs
from workflow.turn import Fate, Turn
from workflow.worker import Worker

KILL = b"""
select pg_terminate_backend(pid) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and application_name like %(like)s"""


async def kill(pool: Pool, home: House, worker: Worker) -> None:
    """As kill -9 would: nothing is given back, only the connections end."""
    (task,) = [task for known, task in home.workers if known is worker]
    home.workers = [pair for pair in home.workers if pair[0] is not worker]
    await rows(pool, KILL, {"like": "botmcp %"})
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_two_workers_share_the_work(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        runs = [await home.start(f'HOLD "{n}"') for n in range(8)]
        await home.add_worker(slots=4)
        await home.add_worker(slots=4)
        for n in range(8):
            await home.world.until_held(str(n))
        owners = await rows(pool, b"select owner, count(*) from workflow_executions group by owner")
        assert sorted(count for _, count in owners) == [4, 4]
        for n in range(8):
            home.world.gate(str(n)).set()
        for execution in runs:
            await home.ended(execution)
    assert set(home.world.held.values()) == {1}


async def test_a_tenant_does_not_wait_for_slots_that_others_hold(database: str, pool: Pool) -> None:
    newcomer = replace(OWNER, tenant=UUID(int=77))
    async with house(database, pool, workers=0) as home:
        many = [await home.start(f'HOLD "{n}"') for n in range(6)]
        worker = await home.add_worker(slots=4)
        for _ in range(2):
            await home.operations.start(newcomer, ProgramText('HOLD "new"', "new"))
        await home.world.until_held("new")
        assert worker.running == 5  # one of the newcomer's beside the four slots
        home.world.gate("new").set()
        while len(await rows(pool, b"select 1 from workflow_executions where status = 'completed'")) < 2:
            await asyncio.sleep(0.01)
        for n in range(6):
            home.world.gate(str(n)).set()
        for execution in many:
            await home.ended(execution)
    assert home.world.held == {**dict.fromkeys(map(str, range(6)), 1), "new": 2}


async def test_what_a_dead_worker_ran_is_taken_over_and_its_open_call_made_again(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('MARK "a"\nHOLD "x"\nMARK "b"\nRETURN "end"')
        await home.world.until_held("x")
        first, _ = home.workers[0]
        await kill(pool, home, first)
        await home.add_worker()
        while home.world.held["x"] < 2:
            await asyncio.sleep(0.01)
        home.world.gate("x").set()
        assert (await home.ended(execution)).result == "end"
    assert home.world.words == ["a", "b"]
    assert set(home.world.marks.values()) == {1}


async def test_a_call_that_must_not_be_repeated_is_in_doubt_after_a_crash(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        struck = await home.start('STRIKE "x"\nRETURN 1')
        await home.world.until_held("x")
        first, _ = home.workers[0]
        await kill(pool, home, first)
        await home.add_worker()
        detail = await home.until(struck, "in_doubt")
        assert detail.reason and "must not be repeated" in detail.reason
        assert detail.needs_a_person
        home.world.gate("y").set()
        assert (await home.run('RETURN STRIKE("y")')).result == "y"
        home.world.gate("unclear").set()
        unclear = await home.until(await home.start('STRIKE "unclear"'), "in_doubt")
        assert unclear.reason and "the line went dead" in unclear.reason
        assert (await home.operations.cancel(OWNER, struck)).status == "cancelled"
    assert set(home.world.marks.values()) == {1}


@pytest.mark.parametrize(("took_place", "strikes"), [(True, 1), (False, 2)])
async def test_a_person_settles_what_is_in_doubt(database: str, pool: Pool, took_place: bool, strikes: int) -> None:
    async with house(database, pool) as home:
        execution = await home.start('RETURN STRIKE("unclear")')
        home.world.gate("unclear").set()
        await home.until(execution, "in_doubt")
        await home.operations.settle(OWNER, execution, took_place=took_place, value="it did")
        if took_place:
            assert (await home.ended(execution)).result == "it did"
            with pytest.raises(Refused, match="only one in doubt"):
                await home.operations.settle(OWNER, execution, took_place=True)
        else:
            while sum(home.world.marks.values()) < strikes:
                await asyncio.sleep(0.01)
            await home.until(execution, "in_doubt")
    assert sum(home.world.marks.values()) == strikes


async def test_a_worker_that_stops_in_order_gives_back_what_it_held(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HOLD "x"\nRETURN 1')
        await home.world.until_held("x")
        await home.stop_worker(home.workers[0][0])
        assert await row(pool, b"select status, owner from workflow_executions") == ("ready", None)
        assert await rows(pool, b"select 1 from workers") == []
        home.world.gate("x").set()
        await home.add_worker()
        assert (await home.ended(execution)).result == 1


async def test_a_worker_taken_for_dead_cannot_write_and_begins_anew(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HOLD "x"\nMARK "after"\nRETURN 1')
        await home.world.until_held("x")
        async with pool.connection() as connection:
            await connection.execute("update workers set lease_until = now() - interval '1 s'")
            heirs = Heirs(connection, UUID(int=1), home.engine.clock, lambda: None)
            assert await heirs.take_over() == 1
        home.world.gate("x").set()
        assert (await home.ended(execution)).result == 1
    assert home.world.words == ["after"]
    assert home.world.held["x"] == 2


class Dying(Committer):
    """Commits so many turns and then never again: as if the process had ended before that commit."""

    left = 0
    died: asyncio.Event

    async def commit(self, turn: Turn) -> Fate:
        if Dying.left <= 0:
            Dying.died.set()
            await asyncio.Event().wait()
        Dying.left -= 1
        return await super().commit(turn)


PROGRAM = """
TALK "begin"
SET BOT MEMORY "n", 1
a = MARK "a"
PUBLISH EVENT "done" WITH {n: 1}
x = 21
r = ASK "double"
PARALLEL
BRANCH left:
  MARK "l"
BRANCH right:
  MARK "r"
END PARALLEL
e = WAIT FOR EVENT "done" TIMEOUT 30
b = MARK "b"
TALK GET BOT MEMORY("n")
SET BOT MEMORY "n", 2
s = BOT SHARE MEMORY "n" WITH "sales"
DELAY 0.01
RETURN [a, r, e.n, b, RANDOM(1, 1000000) > 0]
"""


@pytest.mark.parametrize("before", [*range(13)])
async def test_a_crash_before_any_commit_changes_nothing_that_can_be_seen(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch, before: int
) -> None:
    Dying.left, Dying.died = before, asyncio.Event()
    async with house(database, pool, workers=0) as home:
        with monkeypatch.context() as patched:
            patched.setattr(worker_module, "Committer", Dying)
            dying = await home.add_worker()
        execution = await home.start(PROGRAM, bot="support")
        finished = asyncio.create_task(home.until(execution, "completed"))
        died = asyncio.create_task(Dying.died.wait())
        await asyncio.wait({finished, died}, return_when=asyncio.FIRST_COMPLETED)
        assert not finished.done(), "the program has fewer commits than this test believes"
        await kill(pool, home, dying)
        await home.add_worker()
        detail = await finished
        died.cancel()
        journal, _ = await home.operations.journal(OWNER, execution)
    assert detail.result == ["a", 42, 1, "b", True]
    assert [m.text for m in detail.messages] == ["begin", "doubling 21", "1"]
    assert await row(pool, b"select count(*) from workflow_events") == (1,)
    assert await row(pool, b"select version, value from bot_memories where key = 'n'") == (2, "2")
    assert sorted(home.world.marks.values()) in ([1, 1, 1, 1], [1, 1, 1, 2], [1, 1, 2, 2])
    own = [r for r in journal if r.execution == execution]
    assert [r.seq for r in own] == list(range(1, len(own) + 1))
    assert {r.error for r in journal} == {None}


# -- the database goes away --------------------------------------------------------------------------------------------


@pytest.fixture
async def own_server(short_path: Path) -> AsyncIterator[embedded_postgres.EmbeddedPostgres]:
    server = await embedded_postgres.start(short_path / "pg")
    yield server
    await server.stop()


async def test_a_postgres_that_is_killed_in_the_middle_loses_nothing(
    own_server: embedded_postgres.EmbeddedPostgres,
) -> None:
    import os
    import signal

    await migrate(own_server.dsn)
    source = 'FOR i = 1 TO 30\nMARK i\nNEXT\nRETURN "end"\n'
    async with open_pool(own_server.reach) as pool, house(own_server.reach, pool, workers=2) as home:
        runs = [await home.start(source) for _ in range(10)]
        for _ in range(2):
            marks = len(home.world.words)
            while len(home.world.words) < marks + 40:
                await asyncio.sleep(0.01)
            os.kill(own_server.pid, signal.SIGKILL)
            await own_server.ensure()
        for execution in runs:
            while True:
                try:
                    detail = await home.ended(execution)
                except (commit_module.psycopg.Error, TimeoutError):
                    continue
                assert detail.result == "end"
                break
        steps = b"select count(*), count(distinct (execution_id, seq)) from workflow_steps where keyword = 'MARK'"
        assert await row(pool, steps) == (300, 300)
    assert len(home.world.marks) == 300
    assert max(home.world.marks.values()) <= 3


async def test_a_call_that_kills_every_worker_is_paused_for_a_person(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HOLD "x"\nRETURN 1')
        await home.world.until_held("x")
        async with pool.connection() as connection:
            await connection.execute("update workflow_executions set deaths = 19")
            await connection.execute("update workers set lease_until = now() - interval '1 s'")
            await Heirs(connection, UUID(int=1), home.engine.clock, lambda: None).take_over()
        detail = await home.until(execution, "paused")
        assert detail.reason == "its worker died 20 times at the same call"
        home.world.gate("x").set()
        await home.operations.settle(OWNER, execution, took_place=False)
        assert (await home.ended(execution)).result == 1


# -- paused, timers, sweeper -------------------------------------------------------------------------------------------


async def test_a_program_whose_keyword_is_gone_waits_until_it_is_back(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('DELAY 0.3\nRETURN MARK("x")')
        await home.until(execution, "waiting")
        await home.stop_worker(home.workers[0][0])
        whole = home.engine.registry
        poorer = table(word for word in library() if word.name != "MARK")
        object.__setattr__(home.engine, "registry", poorer)
        await home.add_worker()
        detail = await home.until(execution, "paused")
        assert detail.reason and "MARK" in detail.reason
        await home.stop_worker(home.workers[0][0])
        object.__setattr__(home.engine, "registry", whole)
        await home.add_worker()
        while True:
            detail = await home.operations.get(OWNER, execution)
            if detail.finished:
                break
            await asyncio.sleep(0.01)
    assert detail.result == "x"


async def test_many_timers_due_at_once_fire_each_once(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        runs = [await home.start('DELAY 0.3\nMARK "woke"\nRETURN 1') for _ in range(120)]
        for execution in runs:
            assert (await home.ended(execution)).result == 1
    assert len(home.world.marks) == 120 and set(home.world.marks.values()) == {1}


async def test_the_sweeper_finds_nothing_to_do_in_a_healthy_house(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        waiting = [
            await home.start(source)
            for source in (
                "DELAY 100",
                'WAIT FOR EVENT "x"',
                'HUMAN APPROVAL FROM "a@b.c"',
                'r = ASK "approves"',
                'HOLD "x"',
            )
        ]
        await home.world.until_held("x")
        for execution in waiting[:4]:
            await home.until(execution, "waiting")
        async with pool.connection() as connection:
            assert not any((await sweep(home, connection)).values())
        home.world.gate("x").set()


async def test_the_sweeper_repairs_what_should_never_be(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        event = await home.start('WAIT FOR EVENT "x" TIMEOUT 600\nRETURN "event"')
        child = await home.start('r = ASK "approves"\nRETURN r')
        await home.until(event, "waiting")
        detail = await home.operations.wait(OWNER, child, 10)
        async with pool.connection() as connection:
            await connection.execute("delete from workflow_waits")
            await connection.execute("update workflow_executions set wake_at = null where id = %s", [event])
            await connection.execute("update workflow_executions set need = 2 where id = %s", [child])
            repaired = await sweep(home, connection)
            assert (repaired["sweep_waiting"], repaired["sweep_parents"]) == (1, 1)
        await home.operations.decide(OWNER, detail.approvals[0].id, "approve")
        assert (await home.ended(child)).result == "yes"
        await home.operations.publish(OWNER, "x")
        assert (await home.ended(event)).result == "event"


async def sweep(home: House, connection: Any) -> dict[str, int]:
    found = worker_module.Sweep(connection, UUID(int=1), home.engine, {}, lambda: None)
    return await found.sweep(alone=True)
