"""Going back in an execution's past: in itself (a retry from a STEP or a call), or as a new execution (a fork).

What came before that place stays done and is not done again. What comes after it is done anew: its calls have new ids,
so nobody takes them for the old ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.encode import dump_text, from_plain, state_from_json, state_to_json
from keywords.host import Identity
from keywords.mistakes import Refused
from keywords.program import Program
from keywords.refit import refitted
from keywords.rewind import before_call, with_variables
from keywords.state import State
from workflow import limits, permission
from workflow.details import Caller
from workflow.history import in_the_name_of, state_and_program_at, step_and_program_at
from workflow.programs import Programs
from workflow.steering import SQL, UnknownExecution, noted


@dataclass(frozen=True, slots=True)
class Place:
    """Where to go on from: the beginning of a STEP, or a call; neither: the call it stands at, or failed at."""

    step: int | None = None
    call: int | None = None

    def __str__(self) -> str:
        if self.step is not None:
            return f"STEP {self.step}"
        return "its call" if self.call is None else f"call {self.call}" if self.call else "the beginning"


async def retry_from(
    connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime, place: Place, programs: Programs
) -> None:
    """Let a failed or cancelled run go on from an earlier place; raises Refused for any other."""
    row = await _held(connection, caller, execution)
    if row["status"] not in ("failed", "cancelled"):
        hint = "Fork it instead." if row["status"] == "completed" else "Cancel it first, or fork it."
        raise Refused(f"Execution {execution} is {row['status']}; only one that failed or was cancelled. {hint}")
    if row["parent_id"] is not None:
        raise Refused(f"Execution {execution} is a part of {row['root_id']}: retry that one, or fork this.")
    stood = _stood(row)
    if stood.undoing is not None:
        raise Refused(f"What execution {execution} had done was undone (COMPENSATE). Start it anew.")
    state, program = await _found(connection, row, place, programs)
    generation = stood.generation + 1
    given = {
        "tenant": caller.tenant,
        "id": execution,
        "status": "ready",
        "need": 0,
        "reason": None,
        "anew": False,
        "generation": generation,
        "now": now,
        "by": dump_text(from_plain(_by(caller, place))),
        "state": state_to_json(state),
        "program": program.hash,
        "step": state.step,
    }
    if await (await connection.execute(SQL["reopen"], given)).fetchone() is None:
        raise Refused(f"Execution {execution} can no longer be tried again. Fork it.")
    await noted(connection, caller, execution, "retry", now, f"from {place}")


async def fork(
    connection: AsyncConnection,
    caller: Caller,
    execution: UUID,
    now: datetime,
    place: Place,
    variables: Mapping[str, Any],
    new: UUID,
    other: Program | None,
    programs: Programs,
) -> None:
    """Start a new execution that goes on from a place of this one, with these variables, on this or another program."""
    row = await _held(connection, caller, execution)
    if row["entry"] != "main":
        raise Refused(f"Execution {execution} is a branch of {row['parent_id']}: fork that one.")
    if place.step is None and place.call is None and row["status"] == "completed":
        raise Refused(f"Execution {execution} is completed; say from which STEP or call to go on.")
    identity = replace(_identity(row), execution=new)
    state, program = await _found(connection, row, place, programs)
    if other is None:
        permission.may_go_on(caller, row["origin"], program, variables)
    else:
        state, program = refitted(program, other, state, variables), other
    state = with_variables(in_the_name_of(state, identity), variables)
    state = replace(state, generation=0, undo=[], undoing=None)  # what its past has done is the other's to undo
    await limits.admit(connection, caller.tenant, identity.bot, identity.bot_name, now)
    await programs.keep(caller.tenant, program, now, connection)
    given = {
        **{name: row[key] for name, key in _KEPT.items()},
        "id": new,
        "program": program.hash,
        "state": state_to_json(state),
        "now": now,
        "deadline": None,
        "by": caller.subject,
        "through": caller.through,
    }
    await connection.execute(SQL["insert_execution"], given)
    mark = {"tenant": caller.tenant, "id": new, "source": execution, "n": state.n, "step": state.step}
    await connection.execute(SQL["mark_fork"], mark)
    changed = f", with other {', '.join(sorted(variables))[:200]}" if variables else ""
    await noted(connection, caller, execution, "fork", now, f"from {place} as {new}{changed}")


_KEPT = {
    "tenant": "tenant_id",
    "bot": "bot_id",
    "bot_name": "bot_name",
    "origin": "origin",
    "session": "session_id",
    "name": "workflow_name",
    "priority": "priority",
}


async def _held(connection: AsyncConnection, caller: Caller, execution: UUID) -> Mapping[str, Any]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["hold_past"], {"tenant": caller.tenant, "id": execution})
        row = await cursor.fetchone()
    if row is None:
        raise UnknownExecution(execution)
    return row


def _identity(row: Mapping[str, Any]) -> Identity:
    return Identity(row["tenant_id"], row["id"], row["bot_id"], row["bot_name"], row["origin"], row["session_id"])


def _stood(row: Mapping[str, Any]) -> State:
    return state_from_json(row["state"], _identity(row))


async def _found(
    connection: AsyncConnection, row: Mapping[str, Any], place: Place, programs: Programs
) -> tuple[State, Program]:
    """The state just before the place, and the program that it belongs to; raises Refused when there is none."""
    identity, stood = _identity(row), _stood(row)
    now = await programs.load(row["tenant_id"], row["program"])

    async def by_hash(hash_: str) -> Program:
        return await programs.load(row["tenant_id"], hash_)

    try:
        if place.step is not None:
            return await step_and_program_at(connection, identity, now, place.step, stood, by_hash)
        if place.call is None or (stood.call is not None and place.call == stood.n):
            if stood.call is None and stood.n:
                raise LookupError("It stands at no call.")
            return before_call(stood), now
        if place.call < 0 or place.call > stood.n:
            raise LookupError(f"It has made {stood.n} calls.")
        state, had = await state_and_program_at(connection, identity, now, place.call, by_hash)
        return before_call(state), had
    except LookupError as error:
        raise Refused(f"Execution {row['id']} cannot go on from {place}: {error.args[0]}") from None


def _by(caller: Caller, place: Place) -> dict[str, str]:
    return {"by": caller.subject, "through": caller.through, "from": str(place)}
