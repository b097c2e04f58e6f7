"""Decisions of people, in the words of the host: approve, reject, escalate, defer, requestinfo; and comment.

A rejection ends a request, and so does the last approval that it requires; of each person the first decision stands.
`escalate` hands the request on to whom ON TIMEOUT names; `defer` gives it its time again; `requestinfo` and `comment`
say something and leave it open. All of it is kept (`workflow_approval_acts`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.encode import dump_text, from_plain
from keywords.executions import DECISIONS as DECISIONS
from keywords.mistakes import Forbidden, ProgramError, Refused, WrongValue
from storage.sql import queries
from workflow.details import Approval, Caller

SQL = {**queries("workflow", "operations.sql"), **queries("workflow", "approvals.sql")}
VERBS = {"approve": "approved", "reject": "rejected"}
MOST_DEFERRED = 3
USED_UP = "The link has been used, or its time is over. Ask for another one."
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
    if decision not in DECISIONS:
        raise WrongValue(f"A decision is one of {', '.join(DECISIONS)}, not {decision!r}.")
    if len(comment) > LONGEST_COMMENT or "\0" in comment or any("\ud800" <= c <= "\udfff" for c in comment):
        raise WrongValue(f"A comment is text of at most {LONGEST_COMMENT:,} characters.")
    before, goes_on = await _held(connection, caller, approval)
    person = _person(caller, before)
    if decision in VERBS or decision == "escalate":
        woke = await _decided(connection, caller, before, decision, comment, now, goes_on)
    else:
        woke = False
        if decision == "defer":
            await _deferred(connection, caller, before, comment, now)
        elif not comment.strip():
            raise WrongValue("A comment needs words.")
        else:
            asks = "asks: " if decision == "requestinfo" else ""
            await _noted(connection, caller, before.id, "comment_added", person, asks + comment, now)
    return await as_it_stands(connection, caller, approval), woke


async def _held(connection: AsyncConnection, caller: Caller, approval: UUID) -> tuple[Approval, bool]:
    """The open request, locked behind its execution, and whether it may be handed on."""
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
    return before, bool(waiting["goes_on"])


async def _decided(
    connection: AsyncConnection,
    caller: Caller,
    before: Approval,
    decision: str,
    comment: str,
    now: datetime,
    goes_on: bool,
) -> bool:
    """Whether that was the last word that the request needed."""
    if decision == "escalate" and not goes_on:
        raise Refused("Nobody stands behind those who were asked: the program has no ON TIMEOUT: ESCALATE TO for this.")
    made = _decision(caller, before, decision, comment, now)
    decisions = [*before.decisions, made]
    status = _status(before.required, decisions)
    given = {"tenant": caller.tenant, "id": before.id, "now": now, "status": status}
    await connection.execute(SQL["record_decision"], {**given, "decisions": json.dumps(decisions, ensure_ascii=False)})
    action = {"approve": "approved", "reject": "rejected", "escalate": "escalated"}[decision]
    await _noted(connection, caller, before.id, action, made["by"], comment, now)
    if status == "pending":
        return False
    words = dump_text(from_plain(_outcome(status, decisions)))
    answer = {"tenant": caller.tenant, "id": before.execution, "now": now, "answer": f'{{"v":{words}}}'}
    await connection.execute(SQL["answer_execution"], answer)
    return True


async def _deferred(connection: AsyncConnection, caller: Caller, before: Approval, comment: str, now: datetime) -> None:
    """The request has its time once more, from now on."""
    if before.deadline is None:
        raise Refused("This request has no deadline: there is nothing to defer.")
    if sum(act["action"] == "context_updated" for act in before.history) >= MOST_DEFERRED:
        raise Refused(f"This request was deferred {MOST_DEFERRED} times already: decide it, or hand it on.")
    until = now + (before.deadline - before.created_at)
    given = {"tenant": caller.tenant, "id": before.id, "execution": before.execution, "until": until, "now": now}
    await connection.execute(SQL["defer_approval"], given)
    await connection.execute(SQL["defer_execution"], given)
    words = f"deferred until {until:%Y-%m-%d %H:%M} UTC" + (f": {comment}" if comment else "")
    await _noted(connection, caller, before.id, "context_updated", caller.subject, words, now)


async def _noted(
    connection: AsyncConnection, caller: Caller, approval: UUID, action: str, actor: str, details: str, now: datetime
) -> None:
    given = {"tenant": caller.tenant, "id": approval, "action": action, "actor": actor, "through": caller.through}
    await connection.execute(SQL["approval_noted"], {**given, "details": details, "now": now})


async def as_it_stands(connection: AsyncConnection, caller: Caller, approval: UUID) -> Approval:
    """The approval; raises UnknownApproval."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["hold_approval"], {"tenant": caller.tenant, "id": approval})
        row = await cursor.fetchone()
    if row is None:
        raise UnknownApproval(approval)
    return Approval.of(row)


def _person(caller: Caller, approval: Approval) -> str:
    """Who speaks, by the name that counts: of an agent the person on whose behalf it acts. Raises Refused."""
    asked = {name.casefold() for name in approval.approvers}
    if caller.owner or not asked.isdisjoint((caller.subject.casefold(), caller.on_behalf_of.casefold())):
        return caller.on_behalf_of or caller.subject
    raise Forbidden(f"{caller.subject} may not decide this; it was asked of {', '.join(approval.approvers)}.")


def _decision(caller: Caller, approval: Approval, decision: str, comment: str, now: datetime) -> dict[str, Any]:
    """The decision of who may take it, and has not taken it before; raises Refused."""
    person = _person(caller, approval)
    if any(earlier.get("person", earlier["by"]).casefold() == person.casefold() for earlier in approval.decisions):
        raise Refused(f"{person} has decided already; {approval.required} different people are needed.")
    asked = {name.casefold(): name for name in approval.approvers}
    own = asked.get(caller.subject.casefold()) or asked.get(caller.on_behalf_of.casefold())
    behalf = caller.on_behalf_of or (own if own and own.casefold() != caller.subject.casefold() else "")
    if own is None and not behalf:
        behalf = ", ".join(approval.approvers)
    return {
        "by": caller.subject,
        "through": caller.through,
        "on_behalf_of": behalf,
        "person": person,
        "decision": decision,
        "comment": comment,
        "at": now.isoformat(),
    }


def _status(required: int, decisions: Sequence[Mapping[str, Any]]) -> str:
    """One rejection rejects; approval needs as many people as were asked for."""
    said = [made["decision"] for made in decisions]
    if "reject" in said:
        return "rejected"
    if "escalate" in said:
        return "escalated"
    return "approved" if len(said) >= required else "pending"


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


# -- links -------------------------------------------------------------------------------------------------------------


async def keep_link(
    connection: AsyncConnection,
    caller: Caller,
    approval: UUID,
    person: str,
    hash_: bytes,
    now: datetime,
    until: datetime,
) -> None:
    """Keep that who holds the secret of this hash may decide once, as that person. Raises Refused, AlreadyDecided."""
    before = await as_it_stands(connection, caller, approval)
    if person.casefold() not in {name.casefold() for name in before.approvers}:
        raise Forbidden(f"{person} was not asked; it was asked of {', '.join(before.approvers)}.")
    given = {"hash": hash_, "tenant": caller.tenant, "id": approval, "person": person, "expires": until, "now": now}
    if await (await connection.execute(SQL["keep_link"], given)).fetchone() is None:
        raise AlreadyDecided(before)
    details = f"a link for {person}, good until {until:%Y-%m-%d %H:%M} UTC"
    await _noted(connection, caller, approval, "notification_sent", caller.subject, details, now)


async def linked(connection: AsyncConnection, hash_: bytes, now: datetime) -> tuple[Approval, str]:
    """What the link is about and whose it is; changes nothing. Raises Refused for one that is used or too old."""
    row = await (await connection.execute(SQL["read_link"], {"hash": hash_})).fetchone()
    if row is None or row[4] is not None or row[3] <= now:
        raise Refused(USED_UP)
    tenant, approval, person, *_ = row
    return await as_it_stands(connection, Caller(tenant, person, "link"), approval), person


async def decide_by_link(
    connection: AsyncConnection, hash_: bytes, decision: str, comment: str, now: datetime
) -> tuple[Approval, bool]:
    """Use the link up and decide as its person, both or neither."""
    used = await (await connection.execute(SQL["use_link"], {"hash": hash_, "now": now})).fetchone()
    if used is None:
        raise Refused(USED_UP)
    tenant, approval, person = used
    return await decide(connection, Caller(tenant, person, "link"), approval, decision, comment, now)
