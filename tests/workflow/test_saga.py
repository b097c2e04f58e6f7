"""COMPENSATE WITH: what was done is undone, the last first, when the program fails or is cancelled."""

from __future__ import annotations

import pytest

from keywords.mistakes import Refused
from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import rows

BOOKED = (
    'STEP 1: MARK "flight" COMPENSATE WITH MARK "no flight"\n'
    'hotel = "Ritz"\n'
    'STEP 2: MARK "hotel"\n  COMPENSATE WITH MARK "no " + hotel\n'
    'hotel = "changed"\n'
)


async def words(home: House, source: str) -> tuple[str, str | None, list[object]]:
    detail = await home.over(await home.start(source))
    return detail.status, detail.error and str(detail.error), home.world.words


async def test_what_was_done_is_undone_backwards_with_the_values_of_then(database: str, pool: Pool):
    async with house(database, pool) as home:
        found = await words(home, BOOKED + 'STEP 3: REFUSE "no car"\n  COMPENSATE WITH MARK "no car"\n')
        assert found == ("failed", "Line 6, column 9: no car", ["flight", "hotel", "no Ritz", "no flight"])


async def test_nothing_is_undone_when_the_program_ends_well_or_the_mistake_is_handled(database: str, pool: Pool):
    async with house(database, pool) as home:
        assert (await words(home, BOOKED + 'REFUSE "x" ON ERROR: TALK "never mind"\n'))[0] == "completed"
        assert home.world.words == ["flight", "hotel"]


async def test_each_turn_of_a_loop_is_undone(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = 'FOR EACH x IN [1, 2, 3]\n  MARK x\n    COMPENSATE WITH MARK x * 10\nNEXT\nREFUSE "end"\n'
        assert (await words(home, source))[2] == [1, 2, 3, 30, 20, 10]


async def test_what_undoes_is_tried_again_and_journalled(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start('MARK "a" COMPENSATE WITH STUMBLE "undo" RETRY 4 BACKOFF 0.01\nHOLD "x"\nREFUSE "no"\n')
        await home.world.until_held("x")
        home.world.failures = 2
        home.world.gate("x").set()
        assert (await home.ended(run)).status == "failed"
        journal, _ = await home.operations.journal(OWNER, run)
        told = [(row.keyword, row.attempt, row.error is None) for row in journal]
        assert told[3:] == [("STUMBLE", 1, False), ("STUMBLE", 2, False), ("STUMBLE", 3, True)]


async def test_what_cannot_be_undone_is_told_and_the_rest_is_undone(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = 'MARK 1 COMPENSATE WITH MARK -1\nMARK 2 COMPENSATE WITH REFUSE "stuck"\nTHROW "over"\n'
        status, error, done = await words(home, source)
        assert (status, done) == ("failed", [1, 2, -1])
        assert error == "Line 3, column 1: over Not all of it could be undone: Line 2, column 24: stuck"


async def test_a_cancelled_run_undoes_what_it_did(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(BOOKED + 'HUMAN APPROVAL FROM "ana@example.com"\n')
        await home.until(run, "waiting")
        await home.operations.cancel(OWNER, run)
        detail = await home.over(run)
        assert (detail.status, detail.error) == ("cancelled", None)
        assert home.world.words == ["flight", "hotel", "no Ritz", "no flight"]
        assert not await home.operations.approvals(OWNER)
        journal, _ = await home.operations.journal(OWNER, run)
        assert [row.keyword for row in journal][2:] == ["HUMAN APPROVAL", "MARK", "MARK"]
        assert journal[2].error is not None and journal[2].error.kind == "cancelled"


async def test_a_run_cancelled_in_the_middle_of_a_call_undoes_what_came_before(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(BOOKED + 'HOLD "x"\nMARK "never"\n')
        await home.world.until_held("x")
        await home.operations.cancel(OWNER, run)
        home.world.gate("x").set()
        assert (await home.over(run)).status == "cancelled"
        assert home.world.words == ["flight", "hotel", "no Ritz", "no flight"]


async def test_undoing_may_wait_and_is_not_cancelled_again(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            "MARK 1 COMPENSATE WITH IF TRUE THEN wait_and_undo()\nDELAY 60\n"
            "SUB wait_and_undo()\n  DELAY 0.2\n  MARK -1\nEND SUB\n"
        )
        run = await home.start(source)
        await home.until(run, "waiting")
        await home.operations.cancel(OWNER, run)
        while not await rows(pool, b"select 1 from workflow_executions where undoing and status = 'waiting'"):
            assert not (await home.operations.get(OWNER, run)).finished
        await home.operations.cancel(OWNER, run)
        assert (await home.over(run)).status == "cancelled"
        assert home.world.words == [1, -1]


async def test_branches_that_ended_well_are_undone_with_the_program(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            "PARALLEL\n"
            '  BRANCH a: MARK "a" COMPENSATE WITH MARK "no a"\n'
            '  BRANCH b: MARK "b" COMPENSATE WITH MARK "no b"\n'
            "END PARALLEL\n"
            'REFUSE "later"\n'
        )
        status, _, done = await words(home, source)
        assert status == "failed" and sorted(map(str, done[:2])) == ["a", "b"] and done[2:] == ["no b", "no a"]


async def test_a_branch_that_fails_undoes_itself_then_the_others_are_undone(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            "PARALLEL\n"
            '  BRANCH a: MARK "a" COMPENSATE WITH MARK "no a"\n'
            "  BRANCH b:\n"
            '    MARK "b"\n      COMPENSATE WITH MARK "no b"\n'
            '    REFUSE "b breaks"\n'
            "END PARALLEL\n"
        )
        status, error, done = await words(home, source)
        assert (status, error) == ("failed", "Line 6, column 5: Branch b failed: b breaks")
        assert sorted(map(str, done)) == ["a", "b", "no a", "no b"]


async def test_a_cancelled_parallel_undoes_all_of_its_branches(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            'MARK "first" COMPENSATE WITH MARK "no first"\n'
            "PARALLEL\n"
            '  BRANCH a: MARK "a" COMPENSATE WITH MARK "no a"\n'
            "  BRANCH b:\n"
            '    MARK "b"\n      COMPENSATE WITH MARK "no b"\n'
            "    DELAY 60\n"
            "END PARALLEL\n"
        )
        run = await home.start(source)
        waiting = b"select 1 from workflow_executions where workflow_name = 'b' and status = 'waiting'"
        ended = b"select 1 from workflow_executions where workflow_name = 'a' and status = 'completed'"
        while not (await rows(pool, waiting) and await rows(pool, ended)):
            assert not (await home.operations.get(OWNER, run)).finished
        await home.operations.cancel(OWNER, run)
        assert (await home.over(run)).status == "cancelled"
        assert home.world.words[3:] == ["no b", "no a", "no first"]


async def test_a_loser_of_a_parallel_undoes_itself(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            "PARALLEL ANY\n"
            "  BRANCH a:\n"
            '    MARK "a"\n      COMPENSATE WITH MARK "no a"\n'
            "    DELAY 60\n"
            "  BRANCH b: DELAY 0.2\n"
            "END PARALLEL\nRETURN branch_a.status\n"
        )
        run = await home.start(source)
        assert (await home.over(run)).result == "cancelled"
        while await rows(pool, b"select 1 from workflow_executions where finished_on = 'infinity'"):
            pass
        assert home.world.words == ["a", "no a"]


async def test_undoing_outlives_its_worker(database: str, pool: Pool):
    async with house(database, pool) as home:
        (worker, _), *_ = home.workers
        run = await home.start('MARK 1 COMPENSATE WITH HOLD "undo"\nMARK 2 COMPENSATE WITH MARK -2\nREFUSE "no"\n')
        await home.world.until_held("undo")
        await home.stop_worker(worker)
        home.world.gate("undo").set()
        await home.add_worker()
        assert (await home.ended(run)).status == "failed"
        assert home.world.words == [1, 2, -2] and home.world.held["undo"] == 2


async def test_what_was_undone_cannot_be_tried_again(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(BOOKED + 'REFUSE "no car"\n')
        await home.ended(run)
        with pytest.raises(Refused, match="was undone"):
            await home.operations.retry(OWNER, run)
