"""A run gone through again, call by call: what it knew at each, folded from its journal. Changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from keywords.encode import plain, state_from_json
from keywords.fold import Answered, answer_of
from keywords.host import Identity, Value
from keywords.machine import advance
from keywords.mistakes import Refused
from keywords.outcome import Call, Yield
from keywords.program import Program
from keywords.state import State
from storage.sql import queries
from workflow import history, permission
from workflow.details import Caller
from workflow.engine import Engine
from workflow.programs import Programs
from workflow.steering import UnknownExecution

SQL = queries("workflow", "following.sql")
MOST_STEPS = 1_000_000  # of the machine, from one kept state on


@dataclass(frozen=True, slots=True)
class Moment:
    """A run as it stood at one of its calls, before the call was answered."""

    n: int
    line: int | None
    step: int
    keyword: str
    arguments: Mapping[str, Any]
    variables: Mapping[str, Any]  # that the program can name there, as ordinary JSON
    source: str  # of the program it ran then
    origin: str
    bot_name: str


class Replaying:
    """Finds past states."""

    def __init__(self, engine: Engine, programs: Programs) -> None:
        self._engine = engine
        self._programs = programs

    async def at(self, caller: Caller, execution: UUID, n: int) -> Moment:
        """The run at its call `n`, 0 its beginning; raises Refused where it never came."""
        caller.require("wf:read")
        async with self._engine.pool.connection() as connection:
            await permission.see_execution(connection, caller, execution)
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(SQL["past"], {"tenant": caller.tenant, "id": execution})
                row = await cursor.fetchone()
            if row is None:
                raise UnknownExecution(execution)
            bot = (row["bot_id"], row["bot_name"], row["origin"], row["session_id"])
            identity = Identity(row["tenant_id"], row["id"], *bot)
            stood = state_from_json(row["state"], identity)
            program = await self._programs.load(caller.tenant, row["program"])

            async def by_hash(hash_: str) -> Program:
                return await self._programs.load(caller.tenant, hash_)

            state, had, calls, began = await history.ground(connection, identity, program, n, by_hash)
        try:
            if n == stood.n and stood.call is not None:
                seen, had = _seen(stood), program
            elif n == 0:
                seen = _seen(state)
            else:
                began = began or row["created_at"]
                seen = await asyncio.to_thread(before, had, state, calls, n, began)
        except LookupError as error:
            raise Refused(str(error.args[0])) from None
        line = had.steps[seen.at][1] if 0 <= seen.at < len(had.steps) else None
        return Moment(
            n=n,
            line=line,
            step=seen.step,
            keyword=seen.call[0] if seen.call else "",
            arguments={name: plain(value) for name, value in (seen.call[1] if seen.call else {}).items()},
            variables={name: plain(v) for name, v in sorted(seen.variables.items()) if not name.startswith("~")},
            source=had.source,
            origin=row["origin"],
            bot_name=row["bot_name"],
        )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What is shown of a state, copied: the machine goes on with the state itself."""

    variables: Mapping[str, Value]
    at: int
    step: int
    call: tuple[str, Mapping[str, Value]] | None


def _seen(state: State) -> _Seen:
    inner = state.frames[-1]
    return _Seen({**state.frames[0].variables, **inner.variables}, inner.at, state.step, state.call)


def before(program: Program, state: State, calls: Mapping[int, Answered], n: int, began: datetime) -> _Seen:
    """The program just before its call `n`, whether that is one it waits at or one that it only notes down.

    `state` is a kept one before it, `calls` the answers since. Raises LookupError where it does not come there.
    """
    answer = answer_of(calls, state.n) if state.call is not None else None
    for _ in range(MOST_STEPS):
        seen = _seen(state)
        outcome = advance(program, state, answer and answer.answer, answer.at if answer else began, 0 if answer else 1)
        state, began, answer = outcome.state, answer.at if answer else began, None
        if isinstance(outcome, Call):
            seen = _seen(state)
        if state.n >= n:
            return seen
        match outcome:
            case Yield():
                continue
            case Call():
                answer = answer_of(calls, state.n)
            case _:
                raise LookupError(f"The program ends before its call {n}.")
    raise LookupError(f"Its call {n} is too far from the last state that is kept.")
