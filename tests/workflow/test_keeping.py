"""Large values stand once: what commits write of them, what is read, and that nothing stays behind."""

from __future__ import annotations

from uuid import UUID

import pytest

from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import row, rows

STATE = b"select state ? 'kept', length(state::text) from workflow_executions where id = %(id)s"
STORED = b"select count(*)::int, coalesce(sum(length(body)), 0)::int from workflow_values"
BIG = "x" * 5_000


async def held(pool: Pool, home: House, execution: UUID, gate: str) -> tuple[bool, int]:
    """Whether the state names values, and its length, while the run stands at this gate."""
    await home.world.until_held(gate)
    kept, length = await row(pool, STATE, {"id": execution})
    return kept, length


async def test_a_value_that_stays_is_stored_once_and_gone_with_its_execution(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        run = await home.start(f'a = MARK("{BIG}")\nb = a\nHOLD "1"\nHOLD "2"\nHOLD "3"\nRETURN LEN(a)')
        kept, first = await held(pool, home, run, "1")
        assert not kept and first > 5_000
        home.world.gate("1").set()
        kept, second = await held(pool, home, run, "2")
        assert kept and second < 1_500
        assert await row(pool, STORED) == (1, len(BIG) + 2)  # both names mean one value
        home.world.gate("2").set()
        kept, third = await held(pool, home, run, "3")
        assert kept and third < 1_500 and (await row(pool, STORED))[0] == 1
        home.world.gate("3").set()
        assert (await home.ended(run)).status == "completed"
    assert await row(pool, STORED) == (0, 0)
    assert await rows(pool, b"select 1 from workflow_executions where state ? 'kept'") == []


@pytest.mark.parametrize("items", [63, 200])
async def test_a_growing_list_gives_its_items_away_and_comes_back_whole(database: str, pool: Pool, items: int) -> None:
    source = f"""
all = []
FOR i = 1 TO {items}
  PUSH all, {{"n": i, "text": "item {{"b": "x"}} no ${{i}} " + REPEAT("y", 40)}}
NEXT i
MARK 1
PUSH all, "last"
MARK 2
HOLD "x"
DELAY 0.05
RETURN all
""".replace('{"b": "x"}', "'b'")
    async with house(database, pool) as home:
        run = await home.start(source)
        kept, length = await held(pool, home, run, "x")
        assert kept and length < 130 * ((items + 1) % 64) + 1_500
        home.world.gate("x").set()
        detail = await home.ended(run)
        assert detail.error is None
        assert isinstance(detail.result, list)
        assert len(detail.result) == items + 1 and detail.result[-1] == "last"
        assert [item["n"] for item in detail.result[:-1]] == list(range(1, items + 1))
    assert await row(pool, STORED) == (0, 0)


async def test_what_changes_with_every_step_leaves_nothing_behind(database: str, pool: Pool) -> None:
    source = 'a = ""\nFOR i = 1 TO 5\n  a = a + REPEAT("z", 2000)\n  MARK i\nNEXT i\nHOLD "x"\nRETURN LEN(a)'
    async with house(database, pool) as home:
        run = await home.start(source)
        await home.world.until_held("x")
        assert (await row(pool, STORED))[0] <= 1
        home.world.gate("x").set()
        assert (await home.ended(run)).result == 10_000


async def test_a_run_that_was_taken_over_forked_and_retried_knows_its_large_values(database: str, pool: Pool) -> None:
    source = f'a = MARK("{BIG}")\nMARK 1\nMARK 2\nHOLD "x"\nUNSTEADY 1\nRETURN LEN(a)'
    async with house(database, pool) as home:
        home.world.failures = 1
        run = await home.start(source)
        assert (await held(pool, home, run, "x"))[0]
        worker, _ = home.workers[0]
        await home.stop_worker(worker)
        home.world.gate("x").set()
        await home.add_worker()
        assert (await home.ended(run)).status == "failed"
        await home.operations.retry(OWNER, run)
        assert (await home.ended(run)).result == 5_000
    assert await row(pool, STORED) == (0, 0)
