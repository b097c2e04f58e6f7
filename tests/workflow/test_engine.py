"""Programs on the whole engine: start, effects, branches, children, retries, mistakes, cancellation."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from keywords.host import ProgramText
from keywords.mistakes import ProgramError
from storage.pool import Pool
from storage.redis_hints import RedisHints
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import row, rows
from workflow.details import Caller
from workflow.operations import IdempotencyConflict, UnknownExecution
from workflow.programs import Rejected


async def test_a_program_runs_to_its_result(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run('PARAM who AS STRING\nTALK "hello " + who\nRETURN MARK(1) + 41', who="ana")
    assert (detail.status, detail.result, detail.error) == ("completed", 42, None)
    assert [m.text for m in detail.messages] == ["hello ana"]
    assert set(home.world.marks.values()) == {1}


async def test_the_journal_has_one_row_a_call_in_order(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('TALK "a"\nx = MARK "b"\nTALK x\n')
        await home.ended(execution)
        journal, place = await home.operations.journal(OWNER, execution)
        assert [(r.seq, r.keyword, r.answer) for r in journal] == [(1, "TALK", "a"), (2, "MARK", "b"), (3, "TALK", "b")]
        assert journal[1].started_at is not None and journal[1].started_at <= journal[1].ended_at
        assert await home.operations.journal(OWNER, execution, place) == ((), place)


async def test_what_was_said_is_durable_before_the_next_act_begins(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('TALK "one moment"\nHOLD "door"\nTALK "done"')
        await home.world.until_held("door")
        assert await home.talk(execution) == ["one moment"]
        home.world.gate("door").set()
        assert [m.text for m in (await home.ended(execution)).messages] == ["one moment", "done"]


async def test_a_read_sees_the_writes_before_it(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run('SET BOT MEMORY "k", 1\nSET BOT MEMORY "k", 2\nRETURN GET BOT MEMORY("k")')
    assert detail.result == "2"


async def test_the_verdict_of_a_transaction_is_its_answer(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        refused = await home.run('BOT SHARE MEMORY "k" WITH "sales"', bot="support")
        assert refused.status == "failed" and refused.error and refused.error.line == 1
        shares = 'SET BOT MEMORY "k", "v"\nr = BOT SHARE MEMORY "k" WITH "sales"\nRETURN 1'
        assert (await home.run(shares, bot="support")).status == "completed"
        syncs = 'r = BOT SYNC MEMORY FROM "support"\nRETURN GET BOT MEMORY("k")'
        assert (await home.run(syncs, bot="sales")).result == "v"


async def test_branches_run_as_children_and_join_in_textual_order(database: str, pool: Pool) -> None:
    source = """
        x = 1
        PARALLEL
        BRANCH slow:
          HOLD "slow"
          x = x + 10
        BRANCH quick:
          x = x + 100
          y = 7
        END PARALLEL
        RETURN [x, y]
    """
    async with house(database, pool, workers=2) as home:
        execution = await home.start(source)
        await home.world.until_held("slow")
        home.world.gate("slow").set()
        detail = await home.ended(execution)
        assert detail.result == [101, 7]
        children = await row(
            pool, b"select count(*) from workflow_executions where parent_id = %(id)s", {"id": execution}
        )
        assert children == (2,)


async def test_a_child_program_answers_its_return(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run('x = 21\nr = ASK "double"\nTALK r\nRETURN r')
    assert detail.result == 42
    assert [m.text for m in detail.messages] == ["doubling 21", "42"]


@pytest.mark.parametrize(
    ("child", "kind", "words"),
    [
        ("fails", "refused", "the child refuses"),
        ("broken", "syntax", "cannot run. Line 1"),
        ("double", "value", "x"),
        ("duoble", "unknown", "Did you mean double?"),
    ],
)
async def test_the_mistake_of_a_child_is_the_mistake_of_the_statement(
    database: str, pool: Pool, child: str, kind: str, words: str
) -> None:
    async with house(database, pool) as home:
        detail = await home.run(f'TALK "before"\nr = ASK "{child}"\nRETURN 1')
    assert detail.status == "failed" and detail.error is not None
    assert words in detail.error.message and detail.error.line == 2
    assert [m.text for m in detail.messages] == ["before"]


async def test_a_program_that_calls_itself_without_end_is_stopped(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run('r = ASK "endless"\nRETURN r')
    assert detail.status == "failed" and detail.error and "deep" in detail.error.message


async def test_a_fault_that_passes_is_tried_again_with_the_same_call_id(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start("RETURN FLICKER(2)")
        detail = await home.ended(execution)
        journal, _ = await home.operations.journal(OWNER, execution)
    assert detail.result == 3
    assert list(home.world.marks.values()) == [3]
    assert [(r.attempt, r.error and r.error.kind) for r in journal] == [
        (1, "unavailable"),
        (2, "unavailable"),
        (3, None),
    ]


async def test_after_five_attempts_the_fault_is_the_programs(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run("RETURN FLICKER(99)")
    assert detail.status == "failed" and detail.error
    assert detail.error.message == "not now. Tried 5 times."
    assert list(home.world.marks.values()) == [5]


async def test_a_keyword_that_breaks_fails_its_statement_only(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        detail = await home.run('ON ERROR RESUME NEXT\nBREAK DOWN\nRETURN "went on: " + error.kind')
        assert detail.result == "went on: fault"
        assert (await home.run("BREAK DOWN")).status == "failed"
        assert (await home.run("RETURN 1")).result == 1


async def test_a_loop_without_end_does_not_keep_others_from_running(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        endless = await home.start("WHILE TRUE\nx = 1\nWEND")
        assert (await home.run("RETURN 1")).result == 1
        detail = await home.ended(endless)
        assert detail.status == "failed" and detail.error and detail.error.kind == "limit"


async def test_a_value_postgres_will_not_hold_fails_one_execution(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        fails = await home.start('SET BOT MEMORY "k", "v"\nHOLD "x"')
        await home.world.until_held("x")
        async with pool.connection() as connection:
            await connection.execute("alter table workflow_steps add constraint no check (keyword <> 'HOLD') not valid")
        home.world.gate("x").set()
        detail = await home.ended(fails)
        assert detail.status == "failed" and detail.error and "cannot be stored" in detail.error.message
        assert (await home.run("RETURN 1")).result == 1


async def test_hints_may_go_through_redis_or_be_lost_altogether(database: str, pool: Pool, valkey: str) -> None:
    source = 'PUBLISH EVENT "x" WITH 1\ne = WAIT FOR EVENT "x" TIMEOUT 30\nr = ASK "double"\nRETURN r + e\n'
    redis = RedisHints(valkey)
    async with house(database, pool, hints=redis) as home:
        assert (await home.run(source, x=1)).result == 3
    await redis.close()
    nobody = RedisHints("redis://localhost:1/0")
    async with house(database, pool, hints=nobody, workers=2) as home:
        assert (await home.run(source, x=2)).result == 5
    await nobody.close()


# -- start -------------------------------------------------------------------------------------------------------------


async def test_a_start_that_is_refused_leaves_nothing(database: str, pool: Pool) -> None:
    async with house(database, pool, workers=0) as home:
        with pytest.raises(Rejected) as refused:
            await home.start('TALK "x"\nPUBLISH EVNT "x"\n')
        assert refused.value.diagnostics[0].line == 2
        with pytest.raises(Rejected, match="There is no bot nobody"):
            await home.start('BOT "nobody"')
        with pytest.raises(ProgramError):
            await home.start("PARAM x AS NUMBER\nTALK x", x="many")
        for text in ("", "\0", "x" * 201):
            with pytest.raises(ProgramError):
                await home.operations.start(OWNER, ProgramText("TALK 1", "t"), idempotency_key=text)
    assert await rows(pool, b"select 1 from workflow_executions") == []
    assert await rows(pool, b"select 1 from workflow_programs") == []
    assert await rows(pool, b"select 1 from workflow_idempotency") == []


async def test_a_start_with_a_key_happens_once_whoever_asks(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        text = ProgramText("PARAM x AS NUMBER\nMARK x", "t")

        async def start(x: int) -> UUID:
            return await home.operations.start(OWNER, text, inputs={"x": x}, idempotency_key="order-7")

        ids = await asyncio.gather(*(start(1) for _ in range(8)))
        assert len(set(ids)) == 1
        await home.ended(ids[0])
        assert await start(1) == ids[0]
        with pytest.raises(IdempotencyConflict):
            await start(2)
        other = Caller(uuid4(), "other", "test")
        assert await home.operations.start(other, text, inputs={"x": 2}, idempotency_key="order-7") != ids[0]
    assert await row(
        pool, b"select count(*) from workflow_executions where tenant_id = %(t)s", {"t": OWNER.tenant}
    ) == (1,)


async def test_a_tenant_sees_only_its_own(database: str, pool: Pool) -> None:
    stranger = Caller(uuid4(), "stranger", "test", owner=True)
    async with house(database, pool) as home:
        execution = await home.start('HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 60')
        detail = await home.operations.wait(OWNER, execution, 10)
        for question in (home.operations.get, home.operations.journal, home.operations.cancel):
            with pytest.raises(UnknownExecution):
                await question(stranger, execution)
        with pytest.raises(ProgramError, match="no approval"):
            await home.operations.decide(stranger, detail.approvals[0].id, "approve")
        assert len(await home.operations.approvals(OWNER)) == 1
        assert await home.operations.listed(stranger) == ()
        assert await home.operations.approvals(stranger) == ()
        assert [d.id for d in await home.operations.listed(OWNER)] == [execution]


# -- cancel ------------------------------------------------------------------------------------------------------------


async def test_cancelling_ends_what_waits_at_once_and_what_runs_at_its_next_commit(database: str, pool: Pool) -> None:
    source = """
        PARALLEL
        BRANCH a:
          DELAY 1000
        BRANCH b:
          HOLD "b"
          MARK "never"
        BRANCH c:
          WAIT FOR EVENT "x"
        END PARALLEL
    """
    async with house(database, pool) as home:
        execution = await home.start(source)
        await home.world.until_held("b")
        while (await row(pool, b"select count(*) from workflow_executions where status = 'waiting'"))[0] < 3:
            await asyncio.sleep(0.01)
        detail = await home.operations.cancel(OWNER, execution)
        assert detail.status == "cancelled"
        home.world.gate("b").set()
        while await rows(pool, b"select 1 from workflow_executions_live"):
            await asyncio.sleep(0.01)
        journal, _ = await home.operations.journal(OWNER, execution)
    assert home.world.words == []
    assert [r.keyword for r in journal] == ["HOLD"], "an answer in flight is still journalled"
    assert await rows(pool, b"select 1 from workflow_waits") == []


@pytest.mark.parametrize("next_line", ["DELAY 1000", 'r = ASK "approves"', 'HUMAN APPROVAL FROM "a@b.c"', 'MARK "no"'])
async def test_cancelling_what_runs_ends_it_before_it_acts_or_waits_again(
    database: str, pool: Pool, next_line: str
) -> None:
    async with house(database, pool) as home:
        execution = await home.start(f'HOLD "x"\n{next_line}\nRETURN 1')
        await home.world.until_held("x")
        told = await home.operations.cancel(OWNER, execution)
        assert told.status in ("running", "cancelled"), "its worker may have heard before we were told"
        home.world.gate("x").set()
        detail = await home.ended(execution)
        assert detail.status == "cancelled"
        while await rows(pool, b"select 1 from workflow_executions_live"):
            await asyncio.sleep(0.01)
        assert await home.operations.approvals(OWNER) == ()
    assert home.world.words == []


async def test_a_cancelled_child_is_a_mistake_of_its_parent(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution = await home.start('r = ASK "approves"\nRETURN r')
        detail = await home.operations.wait(OWNER, execution, 10)
        assert detail.approvals[0].root == execution
        await home.operations.cancel(OWNER, detail.approvals[0].execution)
        detail = await home.ended(execution)
    assert detail.status == "failed" and detail.error and detail.error.kind == "cancelled"
    assert await home_approvals(home) == ()


async def home_approvals(home: House) -> tuple[object, ...]:
    return await home.operations.approvals(OWNER)
