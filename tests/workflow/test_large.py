"""What is large, or much at once, is done or refused with a reason; whoever shares the worker goes on meanwhile."""

from __future__ import annotations

from uuid import UUID

import pytest

from storage.pool import Pool
from tests.workflow.house import House, house
from workflow.programs import Rejected


async def neighbours(home: House) -> list[UUID]:
    return [await home.start(f'MARK "{n}"\nMARK "{n} again"\nRETURN {n}') for n in range(10)]


async def completed(home: House, runs: list[UUID]) -> bool:
    return [(await home.ended(run)).result for run in runs] == [*range(len(runs))]


async def test_a_program_of_100_000_lines_is_refused_with_the_limit(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        runs = await neighbours(home)
        with pytest.raises(Rejected, match=r"Line 50001, .*A program may have 50,000 lines"):
            await home.start("\n".join(f"x = {n}" for n in range(100_000)))
        assert await completed(home, runs)


async def test_a_run_of_100_000_steps_ends_beside_its_neighbours(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        source = "FOR i = 1 TO 50000\n  total = total + i\nNEXT i\nRETURN total"
        long = await home.start(f"total = 0\n{source}")
        assert await completed(home, await neighbours(home))
        assert (await home.ended(long)).result == 50_000 * 50_001 // 2


async def test_a_variable_of_a_megabyte_goes_through_many_steps(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        source = 's = REPEAT("x", 1000000)\nFOR i = 1 TO 20\n  MARK i\nNEXT i\nRETURN LEN(s)'
        large = [await home.start(source) for _ in range(3)]
        assert await completed(home, await neighbours(home))
        assert {(await home.ended(run)).result for run in large} == {1_000_000}
        query = b"select sum(octet_length(body)) from workflow_values"
        async with pool.connection() as connection:
            row = await (await connection.execute(query)).fetchone()
        assert row == (None,), "what was stored by itself goes with its run"


async def test_a_storm_of_retries_keeps_nobody_from_working(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        storm = [await home.start("FLICKER 3 AFTER 0.05\nRETURN 1") for _ in range(150)]
        assert await completed(home, await neighbours(home))
        assert {(await home.ended(run)).status for run in storm} == {"completed"}
    assert sorted(set(home.world.marks.values())) == [1, 4]
