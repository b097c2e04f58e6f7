"""Signals: for one execution, kept until they are taken, taken once."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from keywords.mistakes import LimitReached, Refused, WrongValue
from storage.pool import Pool
from tests.workflow.house import OWNER, house
from tests.workflow.kit import rows
from workflow import signals
from workflow.details import Caller
from workflow.steering import UnknownExecution

WAIT = 's = WAIT FOR SIGNAL "go" TIMEOUT 30\nIF timed_out THEN RETURN "late"\nRETURN s\n'


async def test_a_signal_wakes_the_one_it_is_for(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        first, second = [await home.start(WAIT) for _ in range(2)]
        for execution in (first, second):
            assert (await home.until(execution, "waiting")).reason == "signal go"
        await home.operations.signal(OWNER, first, "go", {"n": 1.5, "list": [1, None]})
        assert (await home.ended(first)).result == {"n": 1.5, "list": [1, None]}
        assert (await home.operations.get(OWNER, second)).status == "waiting"
        await home.operations.signal(OWNER, second, "go")
        assert (await home.ended(second)).result is None
        assert [deed.act for deed in await home.operations.deeds(OWNER, first)] == ["signal"]
    assert await rows(pool, b"select 1 from workflow_waits union all select 1 from workflow_signals") == []


async def test_signals_sent_before_the_wait_are_kept_in_order_and_each_is_taken_once(database: str, pool: Pool) -> None:
    source = 'HOLD "x"\nall = []\nFOR i = 1 TO 3\ns = WAIT FOR SIGNAL "go" TIMEOUT 30\nall.PUSH(s)\nNEXT\nRETURN all'
    async with house(database, pool) as home:
        execution = await home.start(source)
        await home.world.until_held("x")
        for n in (1, 2):
            await home.operations.signal(OWNER, execution, "go", n)
        await home.operations.signal(OWNER, execution, "other", 99)
        home.world.gate("x").set()
        await home.until(execution, "waiting")
        await home.operations.signal(OWNER, execution, "go", 3)
        assert (await home.ended(execution)).result == [1, 2, 3]
        async with pool.connection() as connection:
            await connection.execute(signals.SQL["forget_signals"])
    assert await rows(pool, b"select name from workflow_signals") == []


async def test_a_signal_to_a_run_reaches_the_branch_and_the_bot_that_wait_for_it(database: str, pool: Pool) -> None:
    source = """
        PARALLEL
        BRANCH a:
          x = WAIT FOR SIGNAL "a" TIMEOUT 30
        BRANCH b:
          y = ASK "signalled"
        END PARALLEL
        RETURN x + y
    """
    from tests.workflow.house import PROGRAMS

    PROGRAMS["signalled"] = 'RETURN (WAIT FOR SIGNAL "b" TIMEOUT 30)\n'
    try:
        async with house(database, pool, workers=2) as home:
            execution = await home.start(source)
            await home.operations.signal(OWNER, execution, "a", 1)  # whether they wait already, or not yet
            await home.operations.signal(OWNER, execution, "b", 20)
            assert (await home.ended(execution)).result == 21
    finally:
        del PROGRAMS["signalled"]


async def test_two_branches_that_wait_for_one_name_take_one_signal_each(database: str, pool: Pool) -> None:
    branch = 's = WAIT FOR SIGNAL "go" TIMEOUT 30\n'
    source = f"PARALLEL\nBRANCH a:\n{branch}BRANCH b:\n{branch.replace('s =', 't =')}END PARALLEL\nRETURN s + t"
    async with house(database, pool, workers=2) as home:
        runs = [await home.start('HOLD "x"\n' + source) for _ in range(10)]
        for execution in runs:
            for n in (1, 2):
                await home.operations.signal(OWNER, execution, "go", n)
        home.world.gate("x").set()

        async def watch() -> None:
            async with pool.connection() as connection:
                await connection.set_autocommit(True)
                while True:
                    await signals.overlooked(connection, home.engine.clock())  # as the sweeper does, later
                    await asyncio.sleep(0.05)

        watching = asyncio.create_task(watch())
        assert [(await home.ended(e)).result for e in runs] == [3] * 10
        watching.cancel()


async def test_of_signal_and_timeout_exactly_one_happens(database: str, pool: Pool) -> None:
    source = 's = WAIT FOR SIGNAL "go" TIMEOUT 0.05\nlate = timed_out\nHOLD "x"\nRETURN [s, late]'
    async with house(database, pool, workers=2) as home:
        runs = [await home.start(source) for _ in range(20)]
        for n, execution in enumerate(runs):
            await home.operations.signal(OWNER, execution, "go", n)
        home.world.gate("x").set()
        results = [(await home.ended(execution)).result for execution in runs]
        unread = dict(await rows(pool, b"select execution_id, (answer ->> 'v')::int from workflow_signals"))
    for n, (execution, (taken, late)) in enumerate(zip(runs, results, strict=True)):
        assert (taken, late, unread.get(execution)) in [(n, False, None), (None, True, n)]


async def test_what_was_sent_to_a_paused_run_reaches_it_when_it_is_resumed(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start(WAIT)
        await home.until(execution, "waiting")
        await home.operations.pause(OWNER, execution)
        assert (await home.operations.signal(OWNER, execution, "go", 5)).status == "paused"
        await home.operations.resume(OWNER, execution)
        assert (await home.ended(execution)).result == 5


async def test_a_wait_that_times_out_while_paused_has_timed_out(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('s = WAIT FOR SIGNAL "go" TIMEOUT 0.3\nRETURN timed_out')
        await home.until(execution, "waiting")
        await home.operations.pause(OWNER, execution)
        await asyncio.sleep(0.35)
        await home.operations.resume(OWNER, execution)
        assert (await home.ended(execution)).result is True


async def test_sent_again_with_its_key_it_is_one_signal(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start(
            'HOLD "x"\na = WAIT FOR SIGNAL "go"\nb = WAIT FOR SIGNAL "go" TIMEOUT 0.2\nRETURN b'
        )
        for _ in range(3):
            await home.operations.signal(OWNER, execution, "go", 1, key="k")
        home.world.gate("x").set()
        assert (await home.ended(execution)).result is None


async def test_programs_signal_each_other(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        waiting = await home.start(WAIT)
        sent = await home.run('r = SIGNAL who, "go", {n: 1}\nRETURN r.execution_id', who=str(waiting))
        assert sent.result == str(waiting)
        assert (await home.ended(waiting)).result == {"n": 1}
        (deed,) = await home.operations.deeds(OWNER, waiting)
        assert (deed.act, deed.through, deed.about) == ("signal", "BASIC", "go")


async def test_what_cannot_be_signalled_is_refused_and_says_why(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with house(database, pool) as home:
        done = await home.run("RETURN 1")
        with pytest.raises(Refused, match="is completed; only one that is alive takes signals"):
            await home.operations.signal(OWNER, done.id, "go")
        with pytest.raises(UnknownExecution):
            await home.operations.signal(OWNER, UUID(int=5), "go")
        execution = await home.start("DELAY 60")
        with pytest.raises(UnknownExecution):
            await home.operations.signal(Caller(UUID(int=99), "eve", "test"), execution, "go")
        with pytest.raises(WrongValue, match="The name of a signal must be text"):
            await home.operations.signal(OWNER, execution, " ")
        with pytest.raises(LimitReached, match="at most 256 KB"):
            await home.operations.signal(OWNER, execution, "go", "x" * 300_000)
        monkeypatch.setattr(signals, "UNREAD", 1)
        await home.operations.signal(OWNER, execution, "go")
        with pytest.raises(LimitReached, match="has 1 signals that it has not taken"):
            await home.operations.signal(OWNER, execution, "go")
