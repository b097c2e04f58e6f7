"""MIGRATE: live runs go on with another text, from the place where they stand, or stay with a reason."""

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
from workflow.migration_of_runs import Moved
from workflow.programs import Rejected
from workflow.steering import UnknownExecution

WAIT = 'x = WAIT FOR SIGNAL "go" TIMEOUT 60'
FIRST = f"STEP 1: a = MARK 1\nSTEP 2: {WAIT}\nSTEP 3: RETURN a + x\n"


def text(source: str) -> ProgramText:
    return ProgramText(source, "test")


async def moved(home: House, execution: UUID, source: str, **given: object) -> Moved:
    (one,) = await home.operations.migrate(OWNER, execution, text(source), **given)  # pyright: ignore[reportArgumentType] - a table
    return one


async def waiting(home: House, source: str) -> UUID:
    execution = await home.start(source)
    await home.until(execution, "waiting")
    return execution


async def test_a_run_goes_on_with_the_new_text_from_where_it_stands(database: str, pool: Pool) -> None:
    second = f"""
        STEP 1: a = MARK 1
        b = 0
        STEP 2:
        TALK "before"
        {WAIT}
        TALK "got " + x
        STEP 3: RETURN (a + x) * 100
        STEP 4: RETURN "never"
    """
    async with house(database, pool) as home:
        execution = await waiting(home, FIRST)
        dry = await moved(home, execution, second, dry=True)
        assert dry.moved and await rows(pool, b"select 1 from workflow_steps where keyword = 'MIGRATE'") == []
        assert (await moved(home, execution, second)).moved
        assert not (await moved(home, execution, second)).moved  # it runs this program already
        await home.operations.signal(OWNER, execution, "go", 5)
        ended = await home.ended(execution)
        assert ended.result == 600 and [message.text for message in ended.messages] == ["got 5"]
        assert home.world.words == [1]
        journal, _ = await home.operations.journal(OWNER, execution)
        (row,) = [row for row in journal if row.keyword == "MIGRATE"]
        assert row.answer["by"] == "owner@example.com" and row.answer["from"] != row.answer["to"]
        assert [deed.act for deed in await home.operations.deeds(OWNER, execution)] == ["migrate", "signal"]


async def test_what_came_before_the_move_can_still_be_forked(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await waiting(home, FIRST)
        assert (await moved(home, execution, FIRST.replace("a + x", "(a + x) * 10"))).moved
        assert (await moved(home, execution, FIRST.replace("a + x", "(a + x) * 100"))).moved
        await home.operations.signal(OWNER, execution, "go", 5)
        assert (await home.ended(execution)).result == 600
        old = await home.operations.fork(OWNER, execution, step=1)
        new = await home.operations.fork(OWNER, execution, step=3)
        assert (await home.ended(new.id)).result == 600
        await home.operations.signal(OWNER, old.id, "go", 5)
        assert (await home.ended(old.id)).result == 6  # on the text of that time


async def test_loops_and_subs_keep_their_place(database: str, pool: Pool) -> None:
    source = f"""
        total = 0
        STEP 1:
        FOR EACH n IN [1, 2, 3]
          FOR i = 1 TO 2
            total = total + asked(n)
          NEXT
        NEXT
        STEP 2: RETURN total
        FUNCTION asked(n)
          {WAIT}
          RETURN x * n
        END FUNCTION
    """
    changed = source.replace("total = 0", 'other = UPPER("x")\nFOR j = 1 TO 2\nNEXT\ntotal = 0').replace(
        "x * n", "x * n * 2"
    )
    async with house(database, pool) as home:
        execution = await waiting(home, source)
        for turn in range(6):
            if turn == 3:
                assert (await moved(home, execution, changed)).moved
            await home.operations.signal(OWNER, execution, "go", 1)
            while (
                turn < 5
                and len(await rows(pool, b"select 1 from workflow_steps where keyword = 'WAIT FOR SIGNAL'")) <= turn
            ):
                await asyncio.sleep(0.005)
            if turn < 5:
                await home.until(execution, "waiting")
        assert (await home.ended(execution)).result == 1 + 1 + 2 + 2 * (2 + 3 + 3)


async def test_open_branches_move_with_their_run(database: str, pool: Pool) -> None:
    source = f"""
        STEP 1:
        PARALLEL
        BRANCH a:
          {WAIT}
          a = x
        BRANCH b:
          b = MARK 10
        END PARALLEL
        RETURN a + b
    """
    changed = source.replace("a = x", "a = x * 2").replace("RETURN a + b", "RETURN (a + b) * 10")
    async with house(database, pool, workers=2) as home:
        execution = await waiting(home, source)
        while len(await rows(pool, b"select 1 from workflow_executions where status = 'completed'")) < 1:
            await asyncio.sleep(0.01)
        gone = await moved(home, execution, source.replace("BRANCH a:", "BRANCH c:"))
        assert gone.reason == "The branch a, which is open, is not in the new program."
        assert (await moved(home, execution, changed)).moved
        await home.operations.signal(OWNER, execution, "go", 1)
        assert (await home.ended(execution)).result == 120


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("STEP 1: a = MARK 1\nSTEP 3: RETURN a", "has no STEP 2, in which it stands"),
        ("STEP 1: a = MARK 1\nSTEP 2: DELAY 5\nSTEP 3: RETURN a", "STEP 2 of the new program has no WAIT FOR SIGNAL"),
        (FIRST.replace("a + x", "a + fee"), "reads fee, which is not set"),
        (
            FIRST.replace(f"STEP 2: {WAIT}", f"STEP 2:\nFOR EACH n IN [1, 2]\n{WAIT}\nNEXT"),
            "in the middle of which it stands has changed its form",
        ),
        (
            FIRST.replace(WAIT, 'y = WAIT FOR SIGNAL "a"\nx = WAIT FOR SIGNAL "b"'),
            "has 2 times WAIT FOR SIGNAL where it had 1",
        ),
    ],
)
async def test_a_run_without_a_place_in_the_new_text_stays_with_the_reason(
    database: str, pool: Pool, source: str, reason: str
) -> None:
    async with house(database, pool) as home:
        execution = await waiting(home, FIRST)
        for dry in (True, False):
            found = await moved(home, execution, source, dry=dry)
            assert not found.moved and reason in found.reason
        await home.operations.signal(OWNER, execution, "go", 5)
        assert (await home.ended(execution)).result == 6


async def test_what_the_new_text_needs_can_be_given(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await waiting(home, FIRST)
        changed = FIRST.replace("a + x", "a + x + fee")
        assert (await moved(home, execution, changed, variables={"fee": 30})).moved
        await home.operations.signal(OWNER, execution, "go", 5)
        assert (await home.ended(execution)).result == 36


async def test_all_runs_of_a_workflow_are_moved_that_can_be(database: str, pool: Pool) -> None:
    loop = f'HOLD "busy"\n{FIRST}'
    changed = loop.replace("a + x", "(a + x) * 10")
    async with house(database, pool) as home:
        runs = [await home.start(loop) for _ in range(4)]
        while home.world.held["busy"] < 4:
            await asyncio.sleep(0.005)
        found = await home.operations.migrate(OWNER, "test", text(changed), dry=True)
        assert len(found) == 4 and not any(one.moved for one in found)
        assert all("Pause it, move it, resume it" in one.reason for one in found)
        home.world.gate("busy").set()
        for execution in runs:
            await home.until(execution, "waiting")
        await home.operations.pause(OWNER, runs[0])
        asked = """
            m = MIGRATE EXECUTIONS OF "test" TO PROGRAM other
            n = 0
            FOR EACH one IN m
              IF one.moved THEN n = n + 1
            NEXT
            RETURN n
        """
        answers = await home.run(asked, other=changed)
        assert answers.result == 4, answers
        await home.operations.resume(OWNER, runs[0])
        for execution in runs:
            await home.operations.signal(OWNER, execution, "go", 1)
        assert [(await home.ended(execution)).result for execution in runs] == [20] * 4


async def test_what_is_no_program_or_no_run_of_ours_is_refused(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await waiting(home, FIRST)
        with pytest.raises(Rejected):
            await moved(home, execution, "IF 1 THEN\n")
        with pytest.raises(UnknownExecution):
            await home.operations.migrate(Caller(UUID(int=99), "eve", "test"), execution, text(FIRST))
        with pytest.raises(WrongValue, match="no name of a variable"):
            await home.operations.fork(OWNER, execution, variables={"a b": 1})
        done = await home.run("RETURN 1")
        (one,) = await home.operations.migrate(OWNER, done.id, text(FIRST))
        assert one.reason == "It has ended, or there is none."
