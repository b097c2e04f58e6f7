"""REQUIRE, REMIND EVERY, chains of ON TIMEOUT, comments, and the host's other decisions; signed links."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from keywords.mistakes import Refused
from storage.pool import Pool
from tests.workflow.house import OWNER, House, house
from tests.workflow.kit import TENANT, rows
from workflow.approvals import AlreadyDecided
from workflow.details import Approval, Caller

ANA, BOB, CID = (Caller(TENANT, f"{name}@example.com", "test") for name in ("ana", "bob", "cid"))
ASKED = 'FROM "ana@example.com", "bob@example.com", "cid@example.com"'


async def pending(home: House, run: UUID) -> Approval:
    while not (found := await home.operations.approvals(OWNER, run)):
        assert not (await home.operations.get(OWNER, run)).finished
        await asyncio.sleep(0.01)
    return found[0]


async def actions(home: House, pool: Pool) -> list[Any]:
    return [row[0] for row in await rows(pool, b"select action from workflow_approval_acts order by id")]


async def test_as_many_people_must_approve_as_are_required(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(f"STEP 1: HUMAN APPROVAL {ASKED} REQUIRE 2\nIF approved THEN RETURN by\n")
        asked = await pending(home, run)
        assert asked.required == 2
        first = await home.operations.decide(ANA, asked.id, "approve", "fine")
        assert (first.status, [made["by"] for made in first.decisions]) == ("pending", ["ana@example.com"])
        with pytest.raises(Refused, match="decided already; 2 different people"):
            await home.operations.decide(ANA, asked.id, "approve")
        with pytest.raises(Refused, match="decided already"):  # an agent of hers is not another person
            agent = Caller(TENANT, "agent", "mcp", on_behalf_of="ana@example.com")
            await home.operations.decide(agent, asked.id, "approve")
        await home.operations.decide(CID, asked.id, "approve")
        assert (await home.ended(run)).result == "ana@example.com, cid@example.com"


async def test_one_rejection_is_enough(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(f"HUMAN APPROVAL {ASKED} REQUIRE 3\n")
        asked = await pending(home, run)
        await home.operations.decide(ANA, asked.id, "approve")
        await home.operations.decide(BOB, asked.id, "reject", "too dear")
        detail = await home.ended(run)
        assert detail.error is not None and detail.error.message == "bob@example.com rejected the approval: too dear"


async def test_nobody_else_may_decide(database: str, pool: Pool):
    async with house(database, pool) as home:
        asked = await pending(home, await home.start('HUMAN APPROVAL FROM "ana@example.com"\n'))
        for decision in ("approve", "comment", "defer", "escalate"):
            with pytest.raises(Refused, match="may not decide"):
                await home.operations.decide(BOB, asked.id, decision, "me")


async def test_a_chain_asks_one_after_the_other(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(
            'STEP 1: HUMAN APPROVAL FROM "ana@example.com"\n  TIMEOUT 0.1\n'
            '  ON TIMEOUT: ESCALATE TO "bob@example.com" TIMEOUT 0.15\n'
            '  ON TIMEOUT: ESCALATE TO "cid@example.com", "dora@example.com" REQUIRE 2 TIMEOUT 600\n'
            "  ON TIMEOUT: REJECT\nRETURN by\n"
        )
        while "cid@example.com" not in (last := await pending(home, run)).approvers:
            await asyncio.sleep(0.01)
        assert (last.required, len(last.approvers)) == (2, 2)
        await home.operations.decide(CID, last.id, "approve")
        await home.operations.decide(Caller(TENANT, "dora@example.com", "test"), last.id, "approve")
        assert (await home.ended(run)).result == "cid@example.com, dora@example.com"
        statuses = await rows(pool, b"select status from workflow_approvals order by created_at")
        assert statuses == [("escalated",), ("escalated",), ("approved",)]
        assert (await actions(home, pool)).count("timed_out") == 2


async def test_who_is_asked_may_hand_it_on(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(
            'HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600\n'
            '  ON TIMEOUT: ESCALATE TO "bob@example.com"\nRETURN by\n'
        )
        first = await pending(home, run)
        await home.operations.decide(ANA, first.id, "escalate", "not mine")
        while (second := await pending(home, run)).id == first.id:
            await asyncio.sleep(0.01)
        assert second.approvers == ("bob@example.com",)
        with pytest.raises(Refused, match="Nobody stands behind"):
            await home.operations.decide(BOB, second.id, "escalate")
        await home.operations.decide(BOB, second.id, "approve")
        assert (await home.ended(run)).result == "bob@example.com"
        with pytest.raises(AlreadyDecided):
            await home.operations.decide(ANA, first.id, "approve")


async def test_comments_and_questions_are_kept_and_decide_nothing(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start('HUMAN APPROVAL FROM "ana@example.com"\nRETURN comment\n')
        asked = await pending(home, run)
        await home.operations.decide(ANA, asked.id, "comment", "let me see")
        await home.operations.decide(ANA, asked.id, "requestinfo", "how much?")
        seen = await pending(home, run)
        assert [(act["action"], act["by"], act["details"]) for act in seen.history] == [
            ("request_created", "system", '["ana@example.com"]'),
            ("comment_added", "ana@example.com", "let me see"),
            ("comment_added", "ana@example.com", "asks: how much?"),
        ]
        await home.operations.decide(ANA, asked.id, "approve", "now it is clear")
        assert (await home.ended(run)).status == "completed"


async def test_a_deferred_request_has_its_time_again_three_times(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start('HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600 REMIND EVERY 500\n')
        before = await pending(home, run)
        (due,) = await rows(pool, b"select remind_at from workflow_approvals")
        for _ in range(3):
            await home.operations.decide(ANA, before.id, "defer", "on leave")
        after = await pending(home, run)
        assert before.deadline is not None and after.deadline is not None and after.deadline > before.deadline
        (wakes,) = await rows(pool, b"select wake_at from workflow_executions where id = %(id)s", {"id": run})
        assert wakes == (after.deadline,)
        assert await rows(pool, b"select remind_at from workflow_approvals") == [due]
        with pytest.raises(Refused, match="deferred 3 times"):
            await home.operations.decide(ANA, before.id, "defer")


async def test_who_has_not_answered_is_reminded(database: str, pool: Pool):
    async with house(database, pool) as home:
        listener = await home.start(
            'WAIT FOR EVENT "approval_reminder"\nRETURN result.reminder + " " + result.message\n'
        )
        await home.until(listener, "waiting")
        run = await home.start('HUMAN APPROVAL FROM "ana@example.com" TIMEOUT 600 REMIND EVERY 60 MESSAGE "Pay?"\n')
        asked = await pending(home, run)
        async with pool.connection() as connection:
            await connection.execute(
                "update workflow_approvals set remind_at = now() where id = %(id)s", {"id": asked.id}
            )
        while not (seen := await pending(home, run)).reminders:
            await asyncio.sleep(0.02)
        assert seen.history[-1]["action"] == "reminder_sent"
        (again,) = await rows(pool, b"select remind_at - now() > '50 seconds' from workflow_approvals")
        assert again == (True,)


async def test_a_link_lets_one_person_decide_once(database: str, pool: Pool):
    async with house(database, pool) as home:
        run = await home.start(f"HUMAN APPROVAL {ASKED} REQUIRE 2\nRETURN by\n")
        asked = await pending(home, run)
        with pytest.raises(Refused, match="was not asked"):
            await home.operations.link(OWNER, asked.id, "eve@example.com", "x", 60)
        await home.operations.link(OWNER, asked.id, "ana@example.com", "secret of ana", 60)
        await home.operations.link(OWNER, asked.id, "bob@example.com", "secret of bob", 60)
        await home.operations.link(OWNER, asked.id, "cid@example.com", "too old", -1)
        about, person = await home.operations.linked("secret of ana")
        assert (about.id, person, about.decisions) == (asked.id, "ana@example.com", ())
        for wrong in ("too old", "guessed"):
            with pytest.raises(Refused, match="has been used, or its time is over"):
                await home.operations.decide_by_link(wrong, "approve")
        await home.operations.decide_by_link("secret of ana", "approve")
        with pytest.raises(Refused, match="has been used"):
            await home.operations.decide_by_link("secret of ana", "approve")
        assert not await rows(pool, b"select 1 from workflow_approval_links where hash = 'secret of ana'")
        await home.operations.decide_by_link("secret of bob", "approve", "as bob")
        detail = await home.ended(run)
        assert detail.result == "ana@example.com, bob@example.com"
