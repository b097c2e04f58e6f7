"""Decisions of people. The first one stands; whoever comes second is told whose it was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.encode import dump_text, from_plain
from keywords.mistakes import ProgramError, Refused, WrongValue
from storage.sql import queries
from workflow.details import Approval, Caller

SQL = queries("workflow", "operations.sql")
VERBS = {"approve": "approved", "reject": "rejected"}
LONGEST_COMMENT = 2_000


class UnknownApproval(ProgramError):
    kind = "unknown"

    def __init__(self, approval: UUID) -> None:
        super().__init__(f"There is no approval {approval}. Ask for the pending approvals of the execution.")


class AlreadyDecided(ProgramError):
    """Too late: it was decided, timed out, was escalated or cancelled."""

    kind = "decided"

    def __init__(self, approval: Approval) -> None:
        match approval.status, approval.decisions:
            case ("approved" | "rejected") as status, [*_, last]:
                how = f"{last['by']} {status} it through {last['through']} at {last['at']}"
            case "timedout", _:
                how = "its time ran out"
            case "escalated", _:
                how = "its time ran out, and the request went on to somebody else"
            case status, _:
                how = f"it is {status}"
        super().__init__(f"The approval is no longer open: {how}.")
        self.approval = approval


async def decide(
    connection: AsyncConnection, caller: Caller, approval: UUID, decision: str, comment: str, now: datetime
) -> tuple[Approval, bool]:
    """Record the decision and wake who waits, in the transaction that is open on this connection.

    Answers the approval as it then stands, and whether the execution woke. Locks the execution before the approval, as
    the timers do.
    """
    if decision not in VERBS:
        raise WrongValue(f"A decision is approve or reject, not {decision!r}.")
    if len(comment) > LONGEST_COMMENT or "\0" in comment:
        raise WrongValue(f"A comment is text of at most {LONGEST_COMMENT:,} characters.")
    given = {"tenant": caller.tenant, "id": approval}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["find_approval"], given)
        found = await cursor.fetchone()
        if found is None:
            raise UnknownApproval(approval)
        await cursor.execute(SQL["hold_waiting"], {"tenant": caller.tenant, "id": found["execution_id"]})
        waiting = await cursor.fetchone()
        await cursor.execute(SQL["hold_approval"], given)
        row = await cursor.fetchone()
        assert row is not None, "approvals are never deleted while their execution lives"
        before = Approval.of(row)
        if before.status == "pending" and waiting is not None and waiting["status"] == "paused":
            raise Refused(f"Execution {before.execution} is paused: resume it, then decide.")
        if before.status != "pending" or waiting is None or waiting["status"] != "waiting":
            raise AlreadyDecided(before)
        made = _decision(caller, before, decision, comment, now)
        decisions = [*before.decisions, made]
        status = _status(before.required, decisions)
        after = {**given, "decisions": json.dumps(decisions, ensure_ascii=False), "status": status, "now": now}
        await cursor.execute(SQL["record_decision"], after)
        if status != "pending":
            words = dump_text(from_plain(_outcome(status, decisions)))
            answer = {"tenant": caller.tenant, "id": before.execution, "now": now, "answer": f'{{"v":{words}}}'}
            await cursor.execute(SQL["answer_execution"], answer)
        return Approval.of({**row, "status": status, "decisions": decisions}), status != "pending"


async def as_it_stands(connection: AsyncConnection, caller: Caller, approval: UUID) -> Approval:
    """The approval; raises UnknownApproval."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["hold_approval"], {"tenant": caller.tenant, "id": approval})
        row = await cursor.fetchone()
    if row is None:
        raise UnknownApproval(approval)
    return Approval.of(row)


def _decision(caller: Caller, approval: Approval, decision: str, comment: str, now: datetime) -> dict[str, Any]:
    """The decision of who may take it; raises Refused."""
    asked = {name.casefold(): name for name in approval.approvers}
    own = asked.get(caller.subject.casefold()) or asked.get(caller.on_behalf_of.casefold())
    if own is None and not caller.owner:
        raise Refused(f"{caller.subject} may not decide this; it was asked of {', '.join(approval.approvers)}.")
    if any(earlier["by"].casefold() == caller.subject.casefold() for earlier in approval.decisions):
        raise Refused(f"{caller.subject} has decided already; {approval.required} different people are needed.")
    behalf = caller.on_behalf_of or (own if own and own.casefold() != caller.subject.casefold() else "")
    if own is None and not behalf:
        behalf = ", ".join(approval.approvers)
    return {
        "by": caller.subject,
        "through": caller.through,
        "on_behalf_of": behalf,
        "decision": decision,
        "comment": comment,
        "at": now.isoformat(),
    }


def _status(required: int, decisions: Sequence[Mapping[str, Any]]) -> str:
    """One rejection rejects; approval needs as many people as were asked for."""
    if any(made["decision"] == "reject" for made in decisions):
        return "rejected"
    return "approved" if len(decisions) >= required else "pending"


def _outcome(status: str, decisions: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What HUMAN APPROVAL answers, and the journal keeps."""
    last = decisions[-1]
    people = ", ".join(str(made["by"]) for made in decisions)
    return {
        "approved": status == "approved",
        "status": status,
        "by": people if status == "approved" else last["by"],
        "comment": last["comment"],
        "through": last["through"],
        "on_behalf_of": last["on_behalf_of"],
    }
