"""STEP ... CACHE: an answer that other runs of the bot are given too."""

from __future__ import annotations

from storage.pool import Pool
from tests.workflow.house import OWNER, PROGRAMS, ProgramBots, house
from tests.workflow.kit import rows


async def test_the_same_step_with_the_same_inputs_is_computed_once(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = "PARAM x AS NUMBER\nSTEP 1: MARK x CACHE 3600\nRETURN step1\n"
        assert [(await home.run(source, x=x)).result for x in (1, 1, 2, 1)] == [1, 1, 2, 1]
        assert home.world.words == [1, 2]


async def test_another_bot_another_text_and_a_time_that_is_over_are_computed_anew(database: str, pool: Pool):
    async with house(database, pool) as home:
        source = 'x = MARK "a"\n  CACHE 3600\nRETURN x\n'
        await home.run(source)
        await home.ended(await home.start(source, bot="other"))
        await home.run('y = MARK "a"\n  CACHE 3600\nRETURN y\n')
        assert len(home.world.words) == 3
        async with pool.connection() as connection:
            await connection.execute("update workflow_step_cache set expires_at = '2020-01-01'")
        await home.run(source)
        assert len(home.world.words) == 4
        await home.run(source)
        assert len(home.world.words) == 4


async def test_a_failure_is_never_kept(database: str, pool: Pool):
    async with house(database, pool) as home:
        home.world.failures = 1
        source = 'x = STUMBLE "a" CACHE 60\nRETURN x\n'
        assert (await home.run(source)).status == "failed"
        assert (await home.run(source)).result == "a"
        assert len(home.world.words) == 2


async def test_the_answer_of_a_bot_is_kept_and_the_journal_says_so(database: str, pool: Pool):
    PROGRAMS["counts"] = 'RETURN MARK("counted")\n'
    async with house(database, pool, bots=ProgramBots()) as home:
        source = 'STEP 2: BOT "counts"\n  CACHE 60\nRETURN result\n'
        first = await home.run(source)
        second = await home.run(source)
        assert (first.result, second.result, home.world.words) == ("counted", "counted", ["counted"])
        assert await rows(pool, b"select count(*) from workflow_executions where parent_id is not null") == [(1,)]
        journal, _ = await home.operations.journal(OWNER, second.id)
        assert [row.keyword for row in journal] == ["BOT"]
        given = await rows(
            pool, b"select given from workflow_steps where execution_id = %(id)s and seq = 1", {"id": second.id}
        )
        assert given == [({"v": "counted", "cached": True},)]
