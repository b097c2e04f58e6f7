"""PARALLEL: joins, losers, windows, and the limits of all three; with real workers on a real Postgres."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import rows

NOBODY = 'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600'


async def branches(pool: Pool, parent: UUID) -> dict[str, str]:
    """How the branches of an execution stand."""
    found = await rows(
        pool, b"select workflow_name, status from workflow_executions where parent_id = %(id)s", {"id": parent}
    )
    return dict(found)


async def ended(home: House, source: str, **inputs: Any) -> tuple[UUID, str, Any]:
    run = await home.start(source, **inputs)
    detail = await home.over(run)
    return run, detail.status, detail.result if detail.error is None else str(detail.error)


async def test_any_goes_on_with_the_first_that_ends_well_and_cancels_the_others(database: str, pool: Pool):
    async with house(database, pool) as home:
        run, status, result = await ended(
            home,
            "PARALLEL JOIN ANY\n"
            f"  BRANCH slow: x = {NOBODY}\n"
            "  BRANCH quick:\n"
            "    DELAY 0.05\n"
            "    y = 2\n"
            '  BRANCH broken: REFUSE "no"\n'
            "END PARALLEL\n"
            'RETURN branch_quick.status + " " + branch_slow.status + " " + branch_broken.error + " " + y\n',
        )
        assert (status, result) == ("completed", "completed cancelled no 2")
        assert not await home.operations.approvals(OWNER)
        assert await branches(pool, run) == {"slow": "cancelled", "quick": "completed", "broken": "failed"}


async def test_any_fails_when_no_branch_ends_well(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = 'PARALLEL ANY\n  BRANCH a: REFUSE "first"\n  BRANCH b:\n    REFUSE "second"\nEND PARALLEL\n'
        _, status, error = await ended(home, source)
    assert status == "failed"
    told = "Line 2, column 13: 0 of the 1 branches that were needed ended well. Branch a failed: first"
    assert error == told


@pytest.mark.parametrize("join", ["JOIN 2", "JOIN 2 OF 3", "2 OF 3"])
async def test_two_of_three(database: str, pool: Pool, join: str):
    async with house(database, pool) as home:
        source = (
            f"STEP 1: PARALLEL {join}\n  BRANCH a: x = MARK 1\n  BRANCH b: y = {NOBODY}\n  BRANCH c: z = MARK 3\n"
            "END PARALLEL\nRETURN step1.a + step1.c\n"
        )
        run, status, result = await ended(home, source)
        assert (status, result) == ("completed", 4)
        assert (await branches(pool, run))["b"] == "cancelled"


async def test_two_of_three_fails_as_soon_as_two_can_no_longer_end_well(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            f'PARALLEL JOIN 2\n  BRANCH a: REFUSE "a"\n  BRANCH b: REFUSE "b"\n  BRANCH c: y = {NOBODY}\nEND PARALLEL\n'
        )
        run, status, error = await ended(home, source)
        assert status == "failed" and "0 of the 2 branches that were needed ended well" in error
        assert (await branches(pool, run))["c"] == "cancelled"


async def test_first_error_ends_the_others_at_once(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            "PARALLEL JOIN FIRST ERROR\n"
            f'  BRANCH a: x = {NOBODY}\n  BRANCH b: HOLD "b"\n  BRANCH c:\n    DELAY 0.05\n    REFUSE "c breaks"\n'
            "END PARALLEL\n"
        )
        run, status, error = await ended(home, source)
        assert (status, error) == ("failed", "Line 6, column 5: Branch c failed: c breaks")
        assert (await branches(pool, run))["a"] == "cancelled"
        home.world.gate("b").set()  # who runs when it has lost ends at its next commit, and counts for nothing


async def test_a_loser_that_ends_late_does_not_count_for_the_next_parallel(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(
            'PARALLEL JOIN ANY\n  BRANCH slow: HOLD "late"\n  BRANCH quick: DELAY 0.05\nEND PARALLEL\n'
            'PARALLEL\n  BRANCH a: HOLD "a"\n  BRANCH b: HOLD "b"\nEND PARALLEL\nRETURN "both"\n'
        )
        await home.world.until_held("a")
        await home.world.until_held("b")
        home.world.gate("late").set()
        while (await branches(pool, run))["slow"] == "running":
            await asyncio.sleep(0.01)
        assert (await home.operations.get(OWNER, run)).status == "waiting"
        home.world.gate("a").set()
        home.world.gate("b").set()
        assert (await home.ended(run)).result == "both"


async def test_for_each_answers_in_the_order_of_the_items(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            "total = 5\nitems = [3, 1, 2]\nPARALLEL FOR EACH x IN items\n  DELAY x / 50\n  total = 0\n"
            "  RETURN MARK(x * 10)\nEND PARALLEL\nRETURN [result, total]\n"
        )
        _, status, result = await ended(home, source)
    assert (status, result) == ("completed", [[30, 10, 20], 5])


async def test_max_keeps_so_many_under_way(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(
            'PARALLEL FOR EACH x IN ["a", "b", "c", "d", "e"] MAX 2\n  HOLD x\n  RETURN x\nEND PARALLEL\n'
            "RETURN result\n"
        )
        for first, second in (("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")):
            await home.world.until_held(first)
            await home.world.until_held(second)
            held = await rows(
                pool, b"select count(*) from workflow_executions where held and parent_id = %(id)s", {"id": run}
            )
            assert held == [(5 - 1 - "abcde".index(second),)]
            assert sum(home.world.held.values()) == "abcde".index(second) + 1
            home.world.gate(first).set()
        home.world.gate("e").set()
        assert (await home.ended(run)).result == ["a", "b", "c", "d", "e"]


async def test_a_paused_window_goes_on_when_it_is_resumed(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(
            "PARALLEL FOR EACH x IN [1, 2, 3, 4] MAX 1 JOIN 3\n  HOLD x\n  RETURN x\nEND PARALLEL\nRETURN result\n"
        )
        while not home.world.held[1]:  # type: ignore[index]  # HOLD was given a number
            await asyncio.sleep(0.005)
        await home.operations.pause(OWNER, run)
        home.world.gate(1).set()  # type: ignore[arg-type]
        await home.operations.resume(OWNER, run)
        for x in (2, 3, 4):
            home.world.gate(x).set()  # type: ignore[arg-type]
        assert (await home.ended(run)).result == [1, 2, 3, None]


async def test_an_error_in_a_branch_tells_its_line(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = 'PARALLEL FOR EACH x IN [1, 2]\n  IF x = 2 THEN\n    REFUSE "two"\n  END IF\nEND PARALLEL\n'
        _, status, error = await ended(home, source)
    assert (status, error) == ("failed", "Line 3, column 5: Branch 2 failed: two")


async def test_a_thousand_branches_in_pieces(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = (
            "n = 0\nitems = []\nWHILE n < 600\n  n = n + 1\n  items.PUSH(n)\nWEND\n"
            "PARALLEL FOR EACH x IN items MAX 100\n  RETURN x * 2\nEND PARALLEL\nRETURN SUM(result)\n"
        )
        run, status, result = await ended(home, source)
        assert (status, result) == ("completed", 600 * 601)
        assert await rows(pool, b"select count(*) from workflow_executions where parent_id = %(id)s", {"id": run}) == [
            (600,)
        ]


async def test_more_branches_than_the_limit_is_a_clear_error(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = 'items = SPLIT(FILLED, ",")\nPARALLEL FOR EACH x IN items\n  RETURN x\nEND PARALLEL\n'
        _, status, error = await ended(home, source, FILLED=",".join(["x"] * 10_001))
    assert status == "failed"
    assert error == "Line 2, column 1: PARALLEL FOR EACH would start 10,001 branches; the limit is 10,000."


async def test_branches_that_run_out_of_time_fail_the_parallel(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = f"STEP 1: PARALLEL TIMEOUT 0.2\n  BRANCH a: x = {NOBODY}\n  BRANCH b: y = 1\nEND PARALLEL\n"
        run, status, error = await ended(home, source)
        assert (status, error) == ("failed", "Line 1, column 1: PARALLEL did not end within 0.2 seconds.")
        assert await branches(pool, run) == {"a": "cancelled", "b": "completed"}


async def test_branches_are_told_with_how_they_stand(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(
            f'PARALLEL\n  BRANCH a: {NOBODY}\n  BRANCH b: REFUSE "no"\n  BRANCH c: x = 1\nEND PARALLEL\n'
        )
        while True:
            detail = await home.operations.get(OWNER, run)
            told = {part.name: (part.status, part.kind, part.error) for part in detail.parts}
            if told.get("b", ("",))[0] == "failed" and told["c"][0] == "completed" and told["a"][0] == "waiting":
                break
            await asyncio.sleep(0.01)
        assert told["b"] == ("failed", "branch", "no")
        (waits,) = [part.reason for part in detail.parts if part.name == "a"]
        assert waits == "approval from ana@example.com"
