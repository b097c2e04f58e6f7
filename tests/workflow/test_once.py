"""ONCE: a call that is never made twice, whatever happens to its worker."""

from __future__ import annotations

import pytest

from storage.pool import Pool
from tests.workflow.house import OWNER, House, house


async def cut_off(home: House, source: str):
    """The execution, whose worker was stopped in the middle of HOLD "door"."""
    (worker, _), *_ = home.workers
    run = await home.start(source)
    await home.world.until_held("door")
    await home.stop_worker(worker)
    await home.add_worker()
    return run


async def test_a_call_cut_off_is_parked_in_doubt_for_a_person(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await cut_off(home, 'STEP 1: ONCE x = HOLD "door"\nRETURN x\n')
        detail = await home.until(run, "in_doubt")
        assert detail.reason is not None and "must not be repeated" in detail.reason
        await home.operations.settle(OWNER, run, took_place=True, value="settled")
        assert (await home.ended(run)).result == "settled"
        assert home.world.held["door"] == 1


@pytest.mark.parametrize(
    ("policy", "held", "result"),
    [("SKIP", 1, "went on null"), ("RETRY", 2, "went on door"), ("FAIL", 1, "in_doubt")],
)
async def test_the_program_may_say_what_to_do_when_in_doubt(
    database: str, pool: Pool, policy: str, held: int, result: str
):
    async with house(database, pool) as home:
        run = await cut_off(
            home,
            f'ONCE x = HOLD "door"\n  IF IN DOUBT {policy}\n  ON ERROR: RETURN error.kind\n'
            'RETURN "went on " + JSON(x)\n'.replace("JSON(x)", 'NVL(x, "null")'),
        )
        home.world.gate("door").set()
        assert (await home.ended(run)).result == result
        assert home.world.held["door"] == held


async def test_a_clear_mistake_is_no_doubt(database: str, pool: Pool):
    async with house(database, pool) as home:
        home.world.failures = 1
        detail = await home.run('ONCE STUMBLE "a"\n')
        assert detail.status == "failed" and detail.error is not None and detail.error.message == "it stumbled"


async def test_a_fault_that_may_pass_leaves_doubt(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start("ONCE FLICKER 1\n")
        detail = await home.until(run, "in_doubt")
        assert detail.reason is not None and "not now" in detail.reason
        again = await home.run("ONCE x = FLICKER 1 IF IN DOUBT RETRY\nRETURN x\n")
        assert again.result == 2
        journal, _ = await home.operations.journal(OWNER, again.id)
        assert [(row.attempt, row.error and row.error.kind) for row in journal] == [(1, "in_doubt"), (2, None)]


async def test_a_time_that_ran_out_leaves_doubt(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start('ONCE HOLD "never" TIMEOUT 0.05\n')
        assert (await home.until(run, "in_doubt")).reason is not None


async def test_once_calls_of_a_program_are_each_made_once(database: str, pool: Pool):
    async with house(database, pool) as home:
        detail = await home.run("ONCE a = MARK 1\nb = MARK 2\nONCE c = MARK 3\nRETURN a + b + c\n")
        assert detail.result == 6 and set(home.world.marks.values()) == {1}
