"""Pause, resume, retry, cancel: one transaction each, for the run and everything below it, kept with who did it."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from keywords.mistakes import Refused
from storage.pool import Pool
from tests.workflow.house import OWNER, PROGRAMS, House, ProgramBots, house
from tests.workflow.kit import TENANT, rows
from workflow.details import Caller, Detail
from workflow.operations import UnknownExecution

ANA = Caller(TENANT, "ana@example.com", "inbox")


async def statuses(pool: Pool, root: UUID) -> dict[str, str]:
    query = b"select workflow_name, status from workflow_executions where root_id = %(id)s"
    return dict(await rows(pool, query, {"id": root}))


async def deeds(home: House, execution: UUID) -> list[str]:
    return [deed.act for deed in await home.operations.deeds(OWNER, execution)]


# -- pause and resume --------------------------------------------------------------------------------------------------


async def test_what_runs_pauses_before_its_next_act_and_goes_on_from_there(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HOLD "door"\nx = MARK "after"\nRETURN x')
        await home.world.until_held("door")
        assert (await home.operations.pause(ANA, execution)).status == "running"
        home.world.gate("door").set()
        detail = await home.until(execution, "paused")
        assert detail.reason == "paused by ana@example.com through inbox" and detail.troubles == (detail.reason,)
        assert home.world.words == []
        await home.operations.resume(OWNER, execution)
        assert (await home.ended(execution)).result == "after"
        assert await deeds(home, execution) == ["pause", "resume"]
    assert set(home.world.marks.values()) == {1} and home.world.held["door"] == 1


async def test_a_paused_run_sleeps_through_its_timer(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('DELAY 0.3\nRETURN "up"')
        await home.until(execution, "waiting")
        paused = await home.operations.pause(ANA, execution)
        assert paused.status == "paused" and "waits for the end of a pause at" in (paused.reason or "")
        other = await home.run("DELAY 0.5\nRETURN 1")
        assert other.status == "completed"
        assert (await home.operations.get(OWNER, execution)).status == "paused"
        await home.operations.resume(ANA, execution)
        assert (await home.ended(execution)).result == "up"


async def test_an_event_that_comes_while_it_is_paused_is_not_lost(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        execution = await home.start('x = WAIT FOR EVENT "paid"\nRETURN x')
        await home.until(execution, "waiting")
        await home.operations.pause(ANA, execution)
        await home.operations.publish(OWNER, "paid", 5)
        assert (await home.operations.get(OWNER, execution)).status == "paused"
        await home.operations.resume(ANA, execution)
        assert (await home.ended(execution)).result == 5


async def test_children_are_paused_and_resumed_with_their_run(database: str, pool: Pool) -> None:
    source = 'PARALLEL\nBRANCH a:\nHOLD "a"\nx = MARK 1\nBRANCH b:\nDELAY 0.2\ny = 2\nEND PARALLEL\nRETURN x + y'
    async with house(database, pool, workers=2) as home:
        execution = await home.start(source)
        await home.world.until_held("a")
        await home.operations.pause(ANA, execution)
        home.world.gate("a").set()
        while set((await statuses(pool, execution)).values()) != {"paused"}:
            await asyncio.sleep(0.01)
        await home.operations.resume(ANA, execution)
        assert (await home.ended(execution)).result == 3


async def test_a_child_that_ended_while_its_run_was_paused_counts(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('PARALLEL\nBRANCH a:\nHOLD "a"\nEND PARALLEL\nRETURN 7')
        await home.world.until_held("a")
        await home.operations.pause(ANA, execution)
        async with pool.connection() as connection:  # the branch alone is let go
            await connection.execute("update workflow_executions set pause = null where parent_id is not null")
        home.world.gate("a").set()
        while (await statuses(pool, execution))["a"] != "completed":
            await asyncio.sleep(0.01)
        await home.operations.resume(ANA, execution)
        assert (await home.ended(execution)).result == 7


async def test_pausing_while_it_runs_loses_and_doubles_nothing(database: str, pool: Pool) -> None:
    source = "n = 0\nFOR i = 1 TO 20\nn = n + 1\nx = MARK n\nNEXT\nRETURN n"
    async with house(database, pool, workers=2) as home:
        runs = [await home.start(source) for _ in range(6)]

        async def disturb(execution: UUID) -> None:
            for _ in range(15):
                try:
                    await home.operations.pause(ANA, execution)
                    await asyncio.sleep(0.002)
                    await home.operations.resume(ANA, execution)
                except Refused:
                    pass  # it has ended, or is not paused yet

        await asyncio.gather(*map(disturb, runs))
        for execution in runs:
            assert (await home.ended(execution)).result == 20
    assert len(home.world.marks) == 120 and set(home.world.marks.values()) == {1}


async def test_a_verdict_is_taken_before_the_pause(database: str, pool: Pool) -> None:
    source = 'HOLD "door"\nSET BOT MEMORY "k", "v"\nx = BOT SHARE MEMORY "k" WITH "sales"\ny = MARK "end"\nRETURN y'
    async with house(database, pool) as home:
        execution = await home.start(source, bot="support")
        await home.world.until_held("door")
        await home.operations.pause(ANA, execution)
        home.world.gate("door").set()
        await home.until(execution, "paused")
        await home.operations.resume(ANA, execution)
        assert (await home.ended(execution)).result == "end"
    shared = b"select source_version from bot_shared_memory"
    assert await rows(pool, shared) == [(1,)]


async def test_a_paused_approval_cannot_be_decided_and_a_paused_question_not_answered(
    database: str, pool: Pool
) -> None:
    async with house(database, pool) as home:
        execution = await home.start('HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 60\nRETURN 1')
        (approval,) = (await home.operations.wait(OWNER, execution, 10)).approvals
        await home.operations.pause(OWNER, execution)
        with pytest.raises(Refused, match="is paused: resume it, then decide"):
            await home.operations.decide(ANA, approval.id, "approve")
        await home.operations.resume(OWNER, execution)
        await home.operations.decide(ANA, approval.id, "approve")
        assert (await home.ended(execution)).result == 1
        execution = await home.start("HEAR x\nRETURN x")
        await home.until(execution, "waiting")
        await home.operations.pause(OWNER, execution)
        with pytest.raises(Refused, match="Resume it first"):
            await home.operations.answer(OWNER, execution, "hi")


async def test_a_paused_run_can_be_cancelled(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start("DELAY 60")
        await home.until(execution, "waiting")
        await home.operations.pause(ANA, execution)
        assert (await home.operations.cancel(ANA, execution)).status == "cancelled"
        assert await deeds(home, execution) == ["pause", "cancel"]


async def test_what_makes_no_sense_is_refused_with_the_status(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        done = await home.run("RETURN 1")
        for act, words in ((home.operations.pause, "can be paused"), (home.operations.resume, "can be resumed")):
            with pytest.raises(Refused, match=f"is completed; only one that is .*{words}"):
                await act(ANA, done.id)
            with pytest.raises(UnknownExecution):
                await act(ANA, UUID(int=3))
        with pytest.raises(Refused, match="is completed; only one that failed"):
            await home.operations.retry(ANA, done.id)
        with pytest.raises(UnknownExecution):
            await home.operations.retry(ANA, UUID(int=3))


# -- retry -------------------------------------------------------------------------------------------------------------

UNSTEADY = 'x = MARK "once"\nTALK "before"\ny = UNSTEADY "pump"\nTALK "after"\nRETURN y'


async def test_a_failed_run_goes_on_from_its_failed_call_with_a_new_call_id(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        home.world.failures = 1
        failed = await home.run(UNSTEADY)
        assert failed.status == "failed" and failed.error and failed.error.line == 3
        await home.operations.retry(ANA, failed.id)
        ended = await home.ended(failed.id)
        assert (ended.status, ended.result, ended.error) == ("completed", "pump", None)
        assert [message.text for message in ended.messages] == ["before", "after"]
        assert await deeds(home, failed.id) == ["retry"]
        journal, _ = await home.operations.journal(OWNER, failed.id)
        assert [(row.keyword, row.seq, row.generation) for row in journal][2:5] == [
            ("UNSTEADY", 3, 0), ("RETRY", 3, 1), ("UNSTEADY", 3, 1),
        ]  # fmt: skip
        assert journal[3].answer == {"by": "ana@example.com", "through": "inbox"}
    calls = [call.split(":", 1)[1] for call in home.world.marks]
    assert sorted(calls) == ["0:1", "0:3", "1:3"]


async def test_of_two_retries_at_once_one_happens(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=2) as home:
        for _ in range(8):
            home.world.failures = 1
            failed = await home.run(UNSTEADY)
            both = [home.operations.retry(ANA, failed.id) for _ in range(2)]
            outcomes = await asyncio.gather(*both, return_exceptions=True)
            assert sum(isinstance(outcome, Detail) for outcome in outcomes) == 1
            assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
            assert (await home.ended(failed.id)).status == "completed"
    assert set(home.world.marks.values()) == {1}


async def test_what_failed_below_goes_on_from_its_own_failed_call(database: str, pool: Pool) -> None:
    PROGRAMS["worker"] = f"{UNSTEADY}\n"
    source = 'PARALLEL\nBRANCH a:\nx = BOT "worker"\nBRANCH b:\ny = MARK "b"\nEND PARALLEL\nRETURN [x, y]'
    async with house(database, pool, bots=ProgramBots()) as home:
        home.world.failures = 2
        failed = await home.run(source)
        assert failed.status == "failed"
        await home.operations.retry(ANA, failed.id)
        failed = await home.ended(failed.id)
        assert failed.status == "failed", "it fails a second time"
        await home.operations.retry(ANA, failed.id)
        ended = await home.ended(failed.id)
        assert (ended.status, ended.result) == ("completed", ["pump", "b"])
        assert [message.text for message in ended.messages] == ["before", "after"]
    assert sorted(home.world.words) == ["b", "once"], "what was done stays done"
    count = b"select count(*) from workflow_executions"
    assert await rows(pool, count) == [(4,)], "no part was started a second time"


async def test_a_part_that_failed_by_itself_is_begun_anew(database: str, pool: Pool) -> None:
    PROGRAMS["moody"] = 'm = GET BOT MEMORY "mood"\nIF m <> "good" THEN\nTHROW "not today"\nEND IF\nRETURN m\n'
    async with house(database, pool, bots=ProgramBots()) as home:
        failed = await home.run('r = BOT "moody"\nRETURN r')
        assert failed.status == "failed" and failed.error and "not today" in failed.error.message
        await home.ended(await home.start('SET BOT MEMORY "mood", "good"', bot="moody"))
        await home.operations.retry(ANA, failed.id)
        assert (await home.ended(failed.id)).result == "good"


async def test_a_run_that_failed_by_itself_is_not_tried_again(database: str, pool: Pool) -> None:
    async with house(database, pool, bots=ProgramBots()) as home:
        failed = await home.run('x = MARK 1\nTHROW "broken"')
        with pytest.raises(Refused, match=r"failed by itself, at no call .*: broken Put the program"):
            await home.operations.retry(ANA, failed.id)
        part = await home.run('r = BOT "fails"')
        (child,) = await rows(pool, b"select id from workflow_executions where parent_id is not null")
        with pytest.raises(Refused, match=f"is a part of {part.id}: retry that one"):
            await home.operations.retry(ANA, child[0])


async def test_a_retried_approval_is_a_new_request(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        source = 'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 1\nRETURN "yes"'
        failed = await home.over(await home.start(source))
        assert failed.error and failed.error.kind == "timeout"
        await home.operations.retry(ANA, failed.id)
        detail = await home.operations.wait(OWNER, failed.id, 10)
        await home.operations.decide(ANA, detail.approvals[0].id, "approve")
        assert (await home.ended(failed.id)).result == "yes"


async def test_a_key_makes_an_act_happen_once(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start("HEAR x\nHEAR y\nRETURN x + y")
        await home.until(execution, "waiting")
        for _ in range(2):
            await home.operations.answer(ANA, execution, "a", key="first")
        while not (await home.operations.get(OWNER, execution)).questions:
            await asyncio.sleep(0.01)
        await home.operations.answer(ANA, execution, "a", key="first")
        await home.operations.answer(ANA, execution, "b", key="second")
        assert (await home.ended(execution)).result == "ab"
