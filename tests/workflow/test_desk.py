"""Whatever the product does, a BASIC keyword does: every operation has its keyword, and it does the same."""

from __future__ import annotations

import asyncio
from uuid import UUID

from storage.pool import Pool
from tests.workflow.house import OWNER, PROGRAMS, House, house
from tests.workflow.kit import rows


async def result(home: House, source: str, **inputs: object) -> object:
    detail = await home.run(source, **inputs)
    assert detail.status == "completed", detail.error
    return detail.result


async def test_a_program_starts_another_and_looks_at_it(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        by_name = await result(home, 'id = START WORKFLOW "double" WITH x = 21\nRETURN id')
        by_text = await result(home, 'id = START PROGRAM "RETURN a + 1" WITH INPUTS {"a": 4}\nRETURN id')
        for id_ in (by_name, by_text):
            await home.ended(UUID(str(id_)))
        seen = await result(home, "RETURN GET EXECUTION id", id=by_name)
        assert isinstance(seen, dict)
        assert (seen["status"], seen["result"], seen["messages"][0]["text"]) == ("completed", 42, "doubling 21")
        assert seen["started_through"] == "BASIC" and "execution" in seen["started_by"]
        assert await result(home, "e = GET EXECUTION id\nRETURN e.result", id=by_text) == 5
        rows_ = await result(home, "RETURN GET JOURNAL OF id", id=by_name)
        assert isinstance(rows_, list) and [row["keyword"] for row in rows_] == ["TALK"]
        listed = await result(home, 'RETURN LIST EXECUTIONS WITH STATUS "completed" LIMIT 50')
        assert isinstance(listed, list) and by_name in [one["execution_id"] for one in listed]


async def test_a_start_that_is_repeated_after_a_crash_starts_nothing_twice(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('id = START WORKFLOW "double" WITH x = 1\nHOLD "door"\nRETURN id')
        await home.world.until_held("door")
        async with pool.connection() as connection:  # as if it had died between the start and its commit
            await connection.execute(
                "update workflow_executions set status = 'ready', owner = null, epoch = epoch + 1, answer = null, "
                "state = jsonb_set(jsonb_set(state, '{n}', '1'), '{call}', "
                """'{"k": "START WORKFLOW", "a": {"name": "double", "inputs": {"o": ["x", 1]}}}') """
                "|| jsonb_build_object('frames', jsonb_set(state -> 'frames', '{0,at}', '0')) where id = %s",
                (execution,),
            )
        home.world.gate("door").set()
        await home.add_worker()
        await home.ended(execution)
    count = b"select count(*) from workflow_executions where workflow_name = 'double'"
    assert await rows(pool, count) == [(1,)]


async def test_a_program_steers_another(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start("HEAR x\nHEAR y\nRETURN x + y")
        await home.until(execution, "waiting")
        source = 'PAUSE EXECUTION id\np = GET EXECUTION id\nRESUME EXECUTION id\nANSWER EXECUTION id WITH "a"\nRETURN p'
        paused = await result(home, source, id=str(execution))
        assert isinstance(paused, dict) and paused["status"] == "paused" and "through BASIC" in paused["waiting_for"]
        while not (await home.operations.get(OWNER, execution)).questions:
            await asyncio.sleep(0.01)
        await result(home, 'ANSWER EXECUTION id WITH "b"', id=str(execution))
        assert (await home.ended(execution)).result == "ab"
        home.world.failures = 1
        failed = await home.run('x = UNSTEADY "pump"\nRETURN x')
        await result(home, "RETRY EXECUTION id", id=str(failed.id))
        assert (await home.ended(failed.id)).result == "pump"
        endless = await home.start("DELAY 600")
        await home.until(endless, "waiting")
        cancelled = await result(home, "c = CANCEL EXECUTION id\nRETURN c.status", id=str(endless))
        assert cancelled == "cancelled"


async def test_a_program_may_pause_and_cancel_itself(database: str, pool: Pool) -> None:
    source = 'l = LIST EXECUTIONS LIMIT 1\nid = l[0].execution_id\n{} EXECUTION id\nx = MARK 1\nRETURN "end"'
    async with house(database, pool) as home:
        execution = await home.start(source.format("PAUSE"))
        await home.until(execution, "paused")
        assert home.world.words == []
        await home.operations.resume(OWNER, execution)
        assert (await home.ended(execution)).result == "end"
        assert (await home.run(source.format("CANCEL"))).status == "cancelled"


DECIDE = 'a = LIST APPROVALS OF id\nDECIDE APPROVAL a[0].approval_id AS "approve" COMMENT "small"\nRETURN a[0].message'


async def test_a_program_decides_only_where_the_owner_allows_it(database: str, pool: Pool) -> None:
    PROGRAMS["asks"] = 'd = HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600 MESSAGE "Pay?"\nRETURN d\n'
    async with house(database, pool) as home:
        execution = await home.start(PROGRAMS["asks"])
        await home.until(execution, "waiting")
        refused = await home.run(DECIDE, id=str(execution))
        assert refused.error and refused.error.kind == "refused"
        assert "does not decide on a person's behalf" in refused.error.message
        assert len(await home.operations.approvals(OWNER, execution)) == 1
    async with house(database, pool, owner="owner@example.com", seed=8) as home:
        assert await result(home, DECIDE, id=str(execution)) == "Pay?"
        made = (await home.ended(execution)).result
    assert made["approved"] and made["on_behalf_of"] == "owner@example.com" and made["through"] == "BASIC"


async def test_what_does_not_exist_is_told(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        for line, words in (
            ('START WORKFLOW "doubel"', "Did you mean double?"),
            ('GET EXECUTION "abc"', "is not the id of an execution"),
            ('LIST EXECUTIONS WITH STATUS "sleepy"', "is no status"),
            ('PAUSE EXECUTION "00000000-0000-0000-0000-000000000009"', "There is no execution"),
        ):
            detail = await home.run(f"x = {line}")
            assert detail.error and words in detail.error.message, detail.error
