"""Decisions of people: who may take them, the first stands, time runs out, requests go up."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from keywords.mistakes import Refused, WrongValue
from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import TENANT, row
from workflow.approvals import AlreadyDecided, UnknownApproval
from workflow.details import Approval, Caller

ANA = Caller(TENANT, "Ana@Example.com", "inbox")
BOB = Caller(TENANT, "bob@example.com", "inbox")
ASKS = 'd = HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600\nRETURN d\n'


async def asked(home: House, source: str = ASKS) -> tuple[UUID, Approval]:
    execution = await home.start(source)
    detail = await home.operations.wait(OWNER, execution, 10)
    (approval,) = detail.approvals
    return execution, approval


async def test_the_approver_decides_and_the_run_goes_on(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution, approval = await asked(home)
        made = await home.operations.decide(ANA, approval.id, "approve", "fine")
        assert (made.status, made.decisions[0]["by"], made.decisions[0]["through"]) == (
            "approved", "Ana@Example.com", "inbox",
        )  # fmt: skip
        detail = await home.ended(execution)
    assert detail.result["approved"] is True and detail.result["comment"] == "fine"
    assert detail.approvals == ()


async def test_a_stranger_may_not_decide_and_the_owner_may_on_behalf(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution, approval = await asked(home)
        with pytest.raises(Refused, match=r"bob@.* may not decide this; it was asked of ana@"):
            await home.operations.decide(BOB, approval.id, "approve")
        made = await home.operations.decide(OWNER, approval.id, "reject", "no money")
        assert made.decisions[0]["on_behalf_of"] == "ana@example.com"
        detail = await home.ended(execution)
    assert (detail.result["status"], detail.result["by"]) == ("rejected", "owner@example.com")


async def test_a_rejection_nobody_asks_about_fails_the_run(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution, approval = await asked(home, 'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600\nMARK "never"\n')
        await home.operations.decide(ANA, approval.id, "reject", "no")
        detail = await home.ended(execution)
    assert detail.status == "failed" and detail.error and detail.error.kind == "refused"
    assert "Ana@Example.com" in detail.error.message
    assert home.world.words == []


async def test_of_two_decisions_at_once_one_stands_and_the_other_is_told(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        for _ in range(10):
            execution, approval = await asked(home)
            outcomes = await asyncio.gather(
                home.operations.decide(ANA, approval.id, "approve"),
                home.operations.decide(OWNER, approval.id, "reject"),
                return_exceptions=True,
            )
            stands, told = sorted(outcomes, key=lambda outcome: isinstance(outcome, Exception))
            assert isinstance(stands, Approval) and isinstance(told, AlreadyDecided)
            assert str(stands.decisions[0]["by"]) in str(told) and stands.status in str(told)
            assert (await home.ended(execution)).result["status"] == stands.status


async def test_time_that_runs_out_closes_the_request(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution, approval = await asked(home, ASKS.replace("600", "0.2"))
        detail = await home.until(execution, "completed")
        assert detail.result["status"] == "timedout"
        with pytest.raises(AlreadyDecided, match="its time ran out"):
            await home.operations.decide(ANA, approval.id, "approve")


async def test_a_request_that_times_out_goes_to_somebody_else(database: str, pool: Pool) -> None:
    source = """
        HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 0.2
          ON TIMEOUT: ESCALATE TO "bob@example.com"
        RETURN approved
    """
    async with house(database, pool) as home:
        execution, first = await asked(home, source)
        while True:
            pending = await home.operations.approvals(OWNER, execution)
            if pending and pending[0].approvers == ("bob@example.com",):
                break
            await asyncio.sleep(0.01)
        status = b"select status from workflow_approvals where id = %(id)s"
        assert await row(pool, status, {"id": first.id}) == ("escalated",)
        await home.operations.decide(BOB, pending[0].id, "approve")
        assert (await home.ended(execution)).status == "completed"
        with pytest.raises(AlreadyDecided, match="went on to somebody else"):
            await home.operations.decide(ANA, first.id, "approve")


async def test_cancelling_the_run_withdraws_the_request(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        execution, approval = await asked(home)
        await home.operations.cancel(OWNER, execution)
        with pytest.raises(AlreadyDecided, match="it is cancelled"):
            await home.operations.decide(ANA, approval.id, "approve")


async def test_nonsense_is_refused(database: str, pool: Pool) -> None:
    async with house(database, pool) as home:
        _, approval = await asked(home)
        with pytest.raises(WrongValue):
            await home.operations.decide(ANA, approval.id, "maybe")
        with pytest.raises(WrongValue):
            await home.operations.decide(ANA, approval.id, "approve", "\0")
        with pytest.raises(UnknownApproval):
            await home.operations.decide(ANA, UUID(int=9), "approve")


async def test_who_waits_for_news_hears_the_decision_and_not_the_request_he_knows(database: str, pool: Pool) -> None:
    source = 'a = HUMAN APPROVAL FROM "ana" TIMEOUT 600\nb = HUMAN APPROVAL FROM "bob" TIMEOUT 600\nRETURN b.approved\n'
    async with house(database, pool) as home:
        execution, first = await asked(home, source)
        unchanged = await home.operations.wait(OWNER, execution, 0.2, news=True)
        assert [approval.id for approval in unchanged.approvals] == [first.id]
        waiting = asyncio.create_task(home.operations.wait(OWNER, execution, 30, news=True))
        await asyncio.sleep(0)
        await home.operations.decide(OWNER, first.id, "approve")
        (second,) = (await waiting).approvals
        assert second.approvers == ("bob",)
        waiting = asyncio.create_task(home.operations.wait(OWNER, execution, 30, news=True))
        await home.operations.decide(OWNER, second.id, "approve")
        assert (await waiting).result is True
