"""Going back: a retry from a STEP, a fork with other variables. What came before is not done again."""

from __future__ import annotations

from uuid import UUID

import pytest

from keywords.host import ProgramText
from keywords.mistakes import Refused, WrongValue
from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import rows
from workflow.details import Caller
from workflow.steering import UnknownExecution
from workflow.transactions import IdempotencyConflict

STEPS = """
    base = 10
    STEP 1: MARK "one"
    total = base
    FOR i = 1 TO 3
      total = total + MARK(i)
    NEXT
    STEP 2:
    TALK "total " + total
    answer = total * factor
    x = UNSTEADY answer
    STEP 3: y = MARK "three"
    RETURN [total, answer, y]
"""


async def keywords(home: House, execution: UUID) -> list[str]:
    journal, _ = await home.operations.journal(OWNER, execution)
    return [row.keyword for row in journal]


async def test_a_retry_from_a_step_makes_again_what_it_did_from_there(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        home.world.failures = 1
        failed = await home.run(STEPS, factor=2)
        assert failed.status == "failed" and len(home.world.words) == 4
        await home.operations.retry(OWNER, failed.id, step=2)
        ended = await home.ended(failed.id)
        assert (ended.status, ended.result, ended.error) == ("completed", [16, 32, "three"], None)
        assert home.world.words == ["one", 1, 2, 3, "three"]  # nothing of STEP 1 again
        assert [message.text for message in ended.messages] == ["total 16", "total 16"]
        (deed,) = await home.operations.deeds(OWNER, failed.id)
        assert (deed.act, deed.about) == ("retry", "from STEP 2")
        assert (await keywords(home, failed.id))[-5:] == ["UNSTEADY", "RETRY", "TALK", "UNSTEADY", "MARK"][-5:]
    calls = [call.split(":", 1)[1] for call in home.world.marks]
    assert len(calls) == len(set(calls))


async def test_a_retry_from_a_call_and_of_what_was_cancelled(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start("a = MARK 1\nb = MARK 2\nDELAY 0.2\nRETURN [a, b]")
        await home.until(execution, "waiting")
        await home.operations.cancel(OWNER, execution)
        await home.operations.retry(OWNER, execution, call=2)
        ended = await home.ended(execution)
        assert (ended.status, ended.result) == ("completed", [1, 2]) and home.world.words == [1, 2, 2]


async def test_a_second_retry_from_a_step_goes_by_what_the_first_one_did(database: str, pool: Pool) -> None:
    source = "STEP 1: r = RANDOM()\nx = MARK r\nSTEP 2: y = UNSTEADY x\nSTEP 3: z = UNSTEADY y\nRETURN z - x"
    async with house(database, pool) as home:
        home.world.failures = 1
        failed = await home.run(source)
        home.world.failures = 1
        await home.operations.retry(OWNER, failed.id, step=2)
        assert (await home.ended(failed.id)).status == "failed"
        home.world.failures = 1
        await home.operations.retry(OWNER, failed.id, step=1)
        assert (await home.ended(failed.id)).status == "failed"
        await home.operations.retry(OWNER, failed.id, step=2)
        assert (await home.ended(failed.id)).result == 0


async def test_a_fork_goes_on_from_a_step_with_other_variables_and_leaves_the_first_alone(
    database: str, pool: Pool
) -> None:
    async with house(database, pool, workers=2) as home:
        first = await home.run(STEPS, factor=2)
        before = len(home.world.words)
        fork = await home.operations.fork(OWNER, first.id, step=2, variables={"Total": 100, "factor": 3})
        assert fork.id != first.id and fork.forked_from == first.id
        ended = await home.ended(fork.id)
        assert ended.result == [100, 300, "three"] and home.world.words[before:] == ["three"]
        assert (await home.operations.get(OWNER, first.id)).result == [16, 32, "three"]
        assert await keywords(home, fork.id) == ["TALK", "UNSTEADY", "MARK"]
        again = await home.operations.fork(OWNER, fork.id, step=3)  # the fork of a fork
        assert (await home.ended(again.id)).result == [100, 300, "three"]
        assert home.world.words[before + 1 :] == ["three"]


async def test_a_fork_from_a_call_makes_it_with_the_new_values(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        first = await home.run("n = 1\na = MARK(n + 1)\nb = MARK(a + n)\nRETURN b")
        assert first.result == 3
        fork = await home.operations.fork(OWNER, first.id, call=2, variables={"n": 40})
        assert (await home.ended(fork.id)).result == 42
        begun = await home.operations.fork(OWNER, first.id, call=0)
        assert (await home.ended(begun.id)).result == 3


async def test_a_fork_of_one_that_waits_asks_for_itself(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        first = await home.start(
            'STEP 1: x = MARK 5\nSTEP 2: HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 60\nRETURN x'
        )
        await home.until(first, "waiting")
        fork = await home.operations.fork(OWNER, first, variables={"x": 6})
        await home.until(fork.id, "waiting")
        (approval,) = await home.operations.approvals(OWNER, fork.id)
        await home.operations.decide(OWNER, approval.id, "approve")
        assert (await home.over(fork.id)).result == 6
        assert (await home.operations.get(OWNER, first)).status == "waiting"
        (approval,) = await home.operations.approvals(OWNER, first)
        await home.operations.decide(OWNER, approval.id, "approve")
        assert (await home.over(first)).result == 5


async def test_forks_from_every_step_of_branches_and_waits_end_alike(database: str, pool: Pool) -> None:
    source = """
        STEP 1: a = MARK 1
        STEP 2:
        PARALLEL
        BRANCH l:
          b = MARK(a + 1)
        BRANCH r:
          c = ASK "double"
        END PARALLEL
        STEP 3: DELAY 0.01
        STEP 4: e = WAIT FOR EVENT "never" TIMEOUT 0.01
        late = timed_out
        STEP 5: RETURN MARK([a, b, c, late])
    """
    async with house(database, pool, workers=2) as home:
        first = await home.run(source, x=21)
        assert first.result == [1, 2, 42, True]
        for step in range(1, 6):
            fork = await home.operations.fork(OWNER, first.id, step=step)
            assert (await home.ended(fork.id)).result == first.result, step
        fork = await home.operations.fork(OWNER, first.id, step=2, variables={"a": 7, "x": 1})
        assert (await home.ended(fork.id)).result == [7, 8, 2, True]


async def test_behind_many_calls_a_fork_starts_at_the_nearest_kept_state(database: str, pool: Pool) -> None:
    source = "FOR i = 1 TO 250\nx = MARK i\nNEXT\nSTEP 2: RETURN MARK(x + bonus)"
    async with house(database, pool) as home:
        first = await home.run(source, bonus=0)
        fork = await home.operations.fork(OWNER, first.id, step=2, variables={"bonus": 50})
        assert (await home.ended(fork.id)).result == 300
        fork = await home.operations.fork(OWNER, first.id, call=240)
        assert (await home.ended(fork.id)).result == 250
    assert len(home.world.words) == 251 + 1 + 12


async def test_a_fork_with_its_key_is_one_fork(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        first = await home.run("RETURN MARK(1)")
        forks = {(await home.operations.fork(OWNER, first.id, call=1, key="k")).id for _ in range(3)}
        assert len(forks) == 1
        with pytest.raises(IdempotencyConflict):
            await home.operations.fork(OWNER, first.id, call=1, variables={"x": 1}, key="k")


async def test_a_program_retries_and_forks_others(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        first = await home.run("STEP 1: x = MARK 1\nSTEP 2: RETURN x + MARK(1)")
        seen = await home.run("f = FORK EXECUTION id FROM STEP 2 WITH VARIABLES {x: 9}\nRETURN f", id=str(first.id))
        assert seen.result["forked_from"] == str(first.id)
        assert (await home.ended(UUID(seen.result["execution_id"]))).result == 10
        home.world.failures = 1
        failed = await home.run("STEP 1: x = MARK 1\nSTEP 2: RETURN x + UNSTEADY(1)")
        await home.run("RETRY EXECUTION id FROM STEP 1", id=str(failed.id))
        assert (await home.ended(failed.id)).result == 2


async def test_what_cannot_be_gone_back_to_is_refused_with_the_reason(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        done = await home.run("STEP 1: x = MARK 1\nRETURN x")
        for given, words in (
            ({}, "is completed; say from which STEP or call"),
            ({"step": 7}, "never came to a call in STEP 7; it came to 1"),
            ({"call": 9}, "It has made 1 calls"),
        ):
            with pytest.raises(Refused, match=words):
                await home.operations.fork(OWNER, done.id, **given)  # pyright: ignore[reportArgumentType] - a table
        with pytest.raises(WrongValue, match="not both"):
            await home.operations.fork(OWNER, done.id, step=1, call=1)
        with pytest.raises(WrongValue, match="no name of a variable"):
            await home.operations.fork(OWNER, done.id, step=1, variables={"~1": 5})
        with pytest.raises(Refused, match=r"is completed; only one that failed or was cancelled\. Fork it instead"):
            await home.operations.retry(OWNER, done.id, step=1)
        with pytest.raises(UnknownExecution):
            await home.operations.fork(Caller(UUID(int=99), "eve", "test"), done.id, step=1)
        async with pool.connection() as connection:
            await connection.execute("delete from workflow_steps")
        with pytest.raises(Refused, match="is not there"):
            await home.operations.fork(OWNER, done.id, call=0)
    assert await rows(pool, b"select 1 from workflow_acts") == []


async def test_a_fork_on_another_version_of_the_program(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        first = await home.run("STEP 1: x = MARK 1\nSTEP 2: y = MARK(x + 1)\nRETURN y")
        other = ProgramText("STEP 1: x = MARK 1\nz = 0\nSTEP 2: y = MARK(x + 100)\nTALK y\nRETURN y", "test")
        fork = await home.operations.fork(OWNER, first.id, step=2, program=other)
        assert (await home.ended(fork.id)).result == 101
        with pytest.raises(Refused, match="reads fee, which is not set"):
            await home.operations.fork(OWNER, first.id, step=2, program=ProgramText("STEP 2: RETURN MARK(fee)", "test"))
