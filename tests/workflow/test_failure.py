"""RETRY, TIMEOUT and ON ERROR: of a statement, on the whole engine."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from storage.pool import Pool
from tests.workflow.house import OWNER, PROGRAMS, ProgramBots, house
from tests.workflow.kit import rows


async def test_a_call_that_fails_is_made_again_with_the_same_id(database: str, pool: Pool):
    async with house(database, pool) as home:
        home.world.failures = 2
        run = await home.start('STEP 1: STUMBLE "a" RETRY 3 BACKOFF 0.01\nRETURN result\n')
        assert (await home.ended(run)).result == "a"
        assert list(home.world.marks.values()) == [3]
        journal, _ = await home.operations.journal(OWNER, run)
        told = [
            (r.attempt, r.error and (r.error.line, r.error.column, r.error.attempt, r.error.message)) for r in journal
        ]
        assert told == [(1, (1, 9, 1, "it stumbled")), (2, (1, 9, 2, "it stumbled")), (3, None)]


async def test_in_the_end_the_last_mistake_is_the_statements(database: str, pool: Pool):
    async with house(database, pool) as home:
        home.world.failures = 9
        detail = await home.run('TALK "go"\nx = STUMBLE "a"\n  RETRY 2 BACKOFF 0.01\n')
        assert detail.error is not None
        assert (detail.status, str(detail.error), detail.error.attempt) == (
            "failed",
            "Line 2, column 5: it stumbled",
            3,
        )
        assert list(home.world.marks.values()) == [3]


async def test_backoff_doubles(database: str, pool: Pool):
    async with house(database, pool) as home:
        home.world.failures = 3
        run = await home.start('STUMBLE "a" RETRY 3 BACKOFF 0.05\n')
        await home.ended(run)
        journal, _ = await home.operations.journal(OWNER, run)
        at = [row.ended_at for row in journal]
        pauses = [later - earlier for earlier, later in pairwise(at)]
        least = [timedelta(seconds=0.05 * 2**k) for k in range(3)]
        assert all(pause >= wanted for pause, wanted in zip(pauses, least, strict=True))


async def test_a_fault_that_may_pass_is_tried_as_often_as_the_statement_says(database: str, pool: Pool):
    async with house(database, pool) as home:
        detail = await home.run("FLICKER 9 RETRY 1 BACKOFF 0.01\n")
        assert detail.error is not None and detail.error.message == "not now. Tried 2 times."


async def test_a_refusal_is_not_asked_again(database: str, pool: Pool):
    async with house(database, pool) as home:
        home.world.failures = 1
        assert (await home.run('UNSTEADY "a" RETRY 5 BACKOFF 0.01\n')).status == "failed"
        assert list(home.world.marks.values()) == [1]


async def test_a_bot_that_fails_is_asked_again_as_a_new_execution(database: str, pool: Pool):
    PROGRAMS["stumbles"] = 'STUMBLE "inside"\nRETURN "done"\n'
    async with house(database, pool, bots=ProgramBots()) as home:
        home.world.failures = 1
        run = await home.start('x = BOT "stumbles" RETRY 1 BACKOFF 0.01\nRETURN x\n')
        assert (await home.ended(run)).result == "done"
        children = await rows(
            pool, b"select status from workflow_executions where parent_id = %(id)s order by 1", {"id": run}
        )
        assert children == [("completed",), ("failed",)]
        assert len(home.world.marks) == 2


async def test_a_statement_that_takes_too_long_fails(database: str, pool: Pool):
    async with house(database, pool) as home:
        detail = await home.run('STEP 1: HOLD "never" TIMEOUT 0.05\n')
        assert detail.error is not None
        assert (detail.error.kind, detail.error.line) == ("timeout", 1)
        assert detail.error.message == "HOLD did not end within 0.05 seconds."


async def test_each_attempt_has_the_time(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start('HOLD "never"\n  TIMEOUT 0.05\n  RETRY 1 BACKOFF 0.01\n  ON ERROR: RETURN error.kind\n')
        assert (await home.ended(run)).result == "timeout"
        assert home.world.held["never"] == 2


async def test_a_bot_that_takes_too_long_fails_the_statement_but_not_where_the_bot_line_says_timeout(
    database: str, pool: Pool
):
    async with house(database, pool, bots=ProgramBots()) as home:
        late = await home.over(await home.start('BOT "curious"\n  TIMEOUT 0.1\n'))
        assert late.error is not None and late.error.message == "BOT did not end within 0.1 seconds."
        asked = await home.over(await home.start('x = BOT "curious" TIMEOUT 0.1\nRETURN timed_out\n'))
        assert asked.result is True


async def test_on_error_is_done_instead_and_the_program_goes_on(database: str, pool: Pool):
    async with house(database, pool) as home:
        detail = await home.run(
            'x = "none"\n'
            'STEP 1: x = REFUSE "not today"\n'
            "  ON ERROR: y = error.message + error.line\n"
            'STEP 2: REFUSE "no"\n'
            '  ON ERROR: x = MARK "other"\n'
            'RETURN x + " " + y\n'
        )
        assert detail.result == "other not today2"


async def test_on_error_of_a_statement_comes_before_on_error_of_the_program(database: str, pool: Pool):
    async with house(database, pool) as home:
        detail = await home.run(
            'ON ERROR GOTO fallen\nREFUSE "a" ON ERROR: TALK "own"\nREFUSE "b"\nRETURN 1\n'
            "fallen:\nRETURN error.message\n"
        )
        assert detail.result == "b" and [m.text for m in detail.messages] == ["own"]


async def test_on_error_catches_what_breaks_in_a_sub(database: str, pool: Pool):
    async with house(database, pool) as home:
        detail = await home.run(
            'SUB outer()\n  inner()\nEND SUB\nSUB inner()\n  REFUSE "deep"\nEND SUB\n'
            'outer()\n  ON ERROR: TALK "caught " + error.message\nRETURN "on"\n'
        )
        assert detail.result == "on" and [m.text for m in detail.messages] == ["caught deep"]


async def test_a_retry_outlives_its_worker(database: str, pool: Pool):
    async with house(database, pool) as home:
        home.world.failures = 1
        (first, _), *_ = home.workers
        run = await home.start('RETURN STUMBLE "a"\n  RETRY 3 BACKOFF 0.3\n')
        while (await home.operations.get(OWNER, run)).status != "waiting":
            assert not (await home.operations.get(OWNER, run)).finished
        await home.stop_worker(first)
        await home.add_worker()
        assert (await home.ended(run)).result == "a"
        assert list(home.world.marks.values()) == [2]
