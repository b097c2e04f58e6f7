"""Any state an execution has been in, made again from its journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.answers import load_answer
from keywords.encode import load, state_from_json
from keywords.fold import Answered, folded
from keywords.host import Answer, Identity
from keywords.mistakes import Mistake
from keywords.program import Program
from keywords.state import State
from storage.sql import queries

SQL = queries("workflow")


async def state_at(connection: AsyncConnection, identity: Identity, program: Program, n: int) -> State:
    """The state in which the execution was parked at its call `n`, or at the first later one that parks.

    Call 0 is the beginning. Raises LookupError when the execution never came that far.
    """
    async with connection.cursor(row_factory=dict_row) as cursor:
        given = {"tenant": identity.tenant, "execution": identity.execution}
        await cursor.execute(SQL["journal_states"], given)
        states = [state_from_json(row["state"], identity) for row in await cursor.fetchall()]
        before = [state for state in states if state.n <= n]
        if not before:
            raise LookupError(f"There is no execution {identity.execution}.")
        state = max(before, key=lambda state: (state.generation, state.n))
        if n == 0:
            return state
        await cursor.execute(SQL["journal_answers"], {**given, "generation": state.generation, "since": state.n})
        rows = await cursor.fetchall()
    if not rows:
        raise LookupError(f"The execution {identity.execution} never came to its call {n}.")
    calls = {row["seq"]: Answered(_answer(row), row["ended_at"]) for row in rows}
    return folded(program, state, calls, n, rows[0]["started_at"] or rows[0]["ended_at"])


def in_the_name_of(state: State, identity: Identity) -> State:
    """The state as that of another execution: a fork of the first."""
    return replace(state, identity=identity)


def _answer(row: Mapping[str, Any]) -> Answer:
    """What woke the call of a journal row."""
    if row["given"] is not None:
        return load_answer(row["given"], row["attempt"])
    if row["error"] is not None:
        return Answer(mistake=Mistake(**row["error"]), attempt=row["attempt"])
    return Answer(load(row["answer"]), attempt=row["attempt"])
