"""Any state an execution has been in, made again from its journal.

The journal holds answers, and a state now and then: at the start, every hundred calls, where a person let it try again
or moved it to another program. A state is found by going on from the latest of those before it, with the answers since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.answers import load_answer
from keywords.encode import load, state_from_json
from keywords.fold import Answered, folded
from keywords.host import Answer, Identity
from keywords.mistakes import Mistake
from keywords.program import Program
from keywords.rewind import at_step
from keywords.state import State
from storage.sql import queries

SQL = queries("workflow", "history.sql")
MIGRATED = "MIGRATE"
ByHash: TypeAlias = Callable[[str], Awaitable[Program]]


async def state_and_program_at(
    connection: AsyncConnection, identity: Identity, program: Program, n: int, by_hash: ByHash | None = None
) -> tuple[State, Program]:
    """The state parked at call `n`, or at the first later call that parks, and the program of the execution then.

    Call 0 is the beginning. Raises LookupError when the execution never came that far. `program` is the one it has now;
    `by_hash` finds those it had before it was moved to that.
    """
    marks = await _marks(connection, identity)
    if n == 0:
        return marks[0].state, await _program_of(marks, 0, program, by_hash)
    place = max(at for at, mark in enumerate(marks) if mark.state.n <= n or not at)
    mark, had = marks[place], await _program_of(marks, place, program, by_hash)
    if mark.state.call is not None and mark.state.n >= n:
        return mark.state, had
    calls, began = await _since(connection, identity, mark.state)
    if began is None:
        raise LookupError(f"The execution {identity.execution} never came to its call {n}.")
    return folded(had, mark.state, calls, n, began), had


async def ground(
    connection: AsyncConnection, identity: Identity, program: Program, n: int, by_hash: ByHash | None = None
) -> tuple[State, Program, Mapping[int, Answered], datetime | None]:
    """The latest kept state before call `n`, its program, the answers since, when it then began. Raises LookupError."""
    marks = await _marks(connection, identity)
    place = max(at for at, mark in enumerate(marks) if mark.state.n < n or not at)
    had = await _program_of(marks, place, program, by_hash)
    calls, began = await _since(connection, identity, marks[place].state)
    return marks[place].state, had, calls, began


async def step_and_program_at(
    connection: AsyncConnection,
    identity: Identity,
    program: Program,
    step: int,
    now_at: State,
    by_hash: ByHash | None = None,
) -> tuple[State, Program]:
    """The state in which the execution last entered STEP `step`, before anything of it, and its program then.

    `now_at` is where it stands. Raises LookupError when it never came to that STEP.
    """
    cursor = await connection.execute(
        SQL["journal_places"], {"tenant": identity.tenant, "execution": identity.execution}
    )
    places = [(n, at) for n, at in await cursor.fetchall() if n < now_at.n or now_at.call is None]
    places.append((now_at.n + (now_at.call is None), now_at.step))  # it may have come to its STEP, and to no call there
    entered = [i for i, (_, at) in enumerate(places) if at == step and (i == 0 or places[i - 1][1] != step)]
    if not entered:
        known = ", ".join(map(str, dict.fromkeys(at for _, at in places if at))) or "none"
        raise LookupError(f"It never came to a call in STEP {step}; it came to {known}.")
    after = places[entered[-1] - 1][0] if entered[-1] else 0
    marks = await _marks(connection, identity)
    place = max(at for at, mark in enumerate(marks) if mark.before(after, step) or not at)
    had = await _program_of(marks, place, program, by_hash)
    calls, began = await _since(connection, identity, marks[place].state)
    began = began or now_at.since
    if began is None:
        raise LookupError("Its journal does not say when it began.")
    return await asyncio.to_thread(at_step, had, marks[place].state, calls, step, after, began), had


def in_the_name_of(state: State, identity: Identity) -> State:
    """The state as that of another execution: a fork of the first."""
    return replace(state, identity=identity)


@dataclass(frozen=True, slots=True)
class _Mark:
    """A state that the journal keeps; of a migration also the programs before and after."""

    state: State
    moved_from: str = ""

    def before(self, after: int, step: int) -> bool:
        """Whether a program that goes on from here may still enter the STEP behind call `after`."""
        return self.state.n < after or (
            self.state.n == after and (self.state.call is not None or self.state.step != step)
        )


async def _marks(connection: AsyncConnection, identity: Identity) -> list[_Mark]:
    """In the order in which the execution came to them; raises LookupError when there is no journal."""
    given = {"tenant": identity.tenant, "execution": identity.execution}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["journal_states"], given)
        rows = await cursor.fetchall()
    if not rows:
        raise LookupError(f"The journal of {identity.execution} is not there (any more).")
    marks: list[_Mark] = []
    for row in rows:
        moved = load(row["answer"])["from"] if row["keyword"] == MIGRATED else ""
        state = state_from_json(row["state"], identity)
        marks = [mark for mark in marks if mark.state.generation == state.generation or mark.state.n <= state.n]
        marks.append(_Mark(state, moved))
    order = {id(mark): at for at, mark in enumerate(marks)}
    return sorted(marks, key=lambda mark: (mark.state.generation, mark.state.n, bool(mark.moved_from), order[id(mark)]))


async def _program_of(marks: Sequence[_Mark], place: int, now: Program, by_hash: ByHash | None) -> Program:
    """What an execution that stood at this mark ran: what the next migration took it from, if there was one."""
    moved = next((mark.moved_from for mark in marks[place + 1 :] if mark.moved_from), now.hash)
    if moved == now.hash:
        return now
    if by_hash is None:
        raise LookupError(f"Back then it ran another program, {moved}.")
    return await by_hash(moved)


async def _since(
    connection: AsyncConnection, identity: Identity, mark: State
) -> tuple[dict[int, Answered], datetime | None]:
    given = {"tenant": identity.tenant, "execution": identity.execution}
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["journal_answers"], {**given, "generation": mark.generation, "since": mark.n})
        rows = await cursor.fetchall()
    if not rows:
        return {}, None
    calls = {row["seq"]: Answered(_answer(row), row["ended_at"]) for row in rows}
    return calls, rows[0]["started_at"] or rows[0]["ended_at"]


def _answer(row: Mapping[str, Any]) -> Answer:
    """What woke the call of a journal row."""
    aside = (row["given"] or {}).get("aside")
    if row["given"] is not None and (aside is None or len(row["given"]) > 1):
        return load_answer(row["given"], row["attempt"])
    if row["error"] is not None:
        return Answer(mistake=Mistake(**row["error"]), attempt=row["attempt"], aside=aside)
    return Answer(load(row["answer"]), attempt=row["attempt"], aside=aside)
