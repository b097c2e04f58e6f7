"""CALL WORKFLOW: another workflow as a part of this one."""

from __future__ import annotations

from storage.pool import Pool
from tests.workflow.house import OWNER, PROGRAMS, house
from tests.workflow.kit import rows


async def test_a_workflow_runs_as_a_part_and_its_result_is_the_answer(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start('y = 5\nx = CALL WORKFLOW "double" WITH x = 20 + 1\nRETURN x + y\n')
        assert (await home.ended(run)).result == 47
        parts = await rows(
            pool, b"select workflow_name, status, entry from workflow_executions where parent_id = %(id)s", {"id": run}
        )
        assert parts == [("double", "completed", "main")]
        assert await home.talk(run) == ["doubling 21"]


async def test_its_mistake_is_the_mistake_of_the_line_and_may_be_handled(database: str, pool: Pool):
    async with house(database, pool) as home:
        failed = await home.run('TALK "a"\nSTEP 1: CALL WORKFLOW "fails"\n')
        assert failed.error is not None
        assert str(failed.error) == "Line 2, column 9: fails failed. Line 1, column 1: the child refuses"
        handled = await home.run('CALL WORKFLOW "fails"\n  ON ERROR: RETURN "handled"\n')
        assert handled.result == "handled"


async def test_wrong_inputs_and_unknown_names_are_told(database: str, pool: Pool):
    async with house(database, pool) as home:
        missing = await home.run('CALL WORKFLOW "double"\n')
        assert missing.error is not None and "x" in missing.error.message
        unknown = await home.run('CALL WORKFLOW "doubel"\n')
        assert unknown.error is not None and "Did you mean double?" in unknown.error.message


async def test_a_part_is_cancelled_with_the_whole_and_has_the_time_of_its_line(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start('CALL WORKFLOW "approves"\n')
        await home.until(run, "waiting")
        await home.operations.cancel(OWNER, run)
        assert await rows(pool, b"select distinct status from workflow_executions") == [("cancelled",)]
        late = await home.over(await home.start('STEP 1: CALL WORKFLOW "approves"\n  TIMEOUT 0.1\n'))
        assert late.error is not None and late.error.message == "CALL WORKFLOW did not end within 0.1 seconds."


async def test_workflows_nest_until_a_stated_depth(database: str, pool: Pool):
    PROGRAMS["nests"] = 'RETURN CALL WORKFLOW "nests"\n'
    async with house(database, pool) as home:
        detail = await home.run('CALL WORKFLOW "nests"\n')
        assert detail.error is not None and "would nest executions more than 40 deep" in detail.error.message
