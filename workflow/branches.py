"""Children: the branches of a PARALLEL, the dialogs behind BOT. Each is an execution of its own; the parent waits.

A child that comes to its end without an outside verb is run here, in the moment it is made, and stored as it ended: the
same row and the same journal, without a queue, a claim and a commit of its own. When all children of a call are such,
their parent does not wait at all. Nothing of it is seen before the parent's commit, so a crash leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from psycopg.rows import dict_row

from keywords.encode import dump_text, load, state_from_json, state_to_json
from keywords.host import Answer, Child, Identity, Joined, Spawn
from keywords.machine import advance, start_state
from keywords.mistakes import LimitReached, Mistake
from keywords.outcome import Call, Done, Failed
from keywords.parallel import WIDEST
from keywords.program import Program
from keywords.records import record
from keywords.state import State
from keywords.world import child_seed
from storage.pool import Pool
from storage.sql import queries
from workflow.batch import mistake_text
from workflow.cancel import cancel_all
from workflow.claim import Claim
from workflow.programs import Programs
from workflow.repeat import repeated
from workflow.turn import Birth, Join, Line, Turn

SQL = {**queries("workflow"), **queries("workflow", "branches.sql")}
DEEPEST = 40  # families of executions; a dialog that calls itself without end stops here
PIECE = 250  # children that one commit brings into the world; more would hold up everybody else's commits
AT_ONCE = 20  # states made between two looks at the other executions of this process
FUEL = 300  # steps within which a child may come to its end at once
MOST_CALLS = 50  # calls of its journal


@record
class Fork:
    """The children of one call, in the pieces in which they are committed; the last with what the parent waits for."""

    pieces: AsyncIterator[tuple[Birth, ...]]
    join: Join | None
    held: bool  # they wait until the last piece is there
    joined: dict[int, Joined] = field(default_factory=dict[int, Joined])  # of those that have ended at once

    def answer(self, attempt: int) -> Answer:
        """The answer of a call all of whose children have ended at once."""
        return Answer(joined=tuple(self.joined[at] for at in sorted(self.joined)), attempt=attempt)


def fork(call: Call, spawn: Spawn, parent: Claim, programs: Programs, special: bool, now: datetime) -> Fork:
    """The children to insert with the parent's commits; raises LimitReached, and then none is started.

    Their ids and seeds follow from the call, so a spawn that is prepared again after a crash is the same spawn. Making
    them raises ProgramError where one of them cannot be run. `special` where the parent once waited for some only.
    """
    if parent.depth >= DEEPEST:
        raise LimitReached(
            f"{call.keyword.name} would nest executions more than {DEEPEST} deep. Does a bot call itself?"
        )
    count = len(spawn.children)
    if count > WIDEST:
        raise LimitReached(f"{call.keyword.name} would start {count:,} branches; the limit is {WIDEST:,}.")
    held = count > PIECE
    slots = spawn.window if spawn.window and spawn.window < count else None
    join = Join(count, spawn.wanted, slots, (slots or count) if held else 0)
    needed = held or special or slots is not None or spawn.wanted is not None
    joined: dict[int, Joined] = {}
    pieces = _pieces(call, spawn, parent, programs, slots, held, None if needed else now, joined)
    return Fork(pieces, join if needed else None, held, joined)


async def _pieces(
    call: Call,
    spawn: Spawn,
    parent: Claim,
    programs: Programs,
    slots: int | None,
    held: bool,
    now: datetime | None,
    joined: dict[int, Joined],
) -> AsyncIterator[tuple[Birth, ...]]:
    births: list[Birth] = []
    for at, child in enumerate(spawn.children):
        if child.program is None:
            program = await programs.load(parent.tenant_id, parent.program)
        else:
            program = programs.compile(child.program)
        hash_ = await programs.kept(parent.tenant_id, program, call.moment.now)
        state = _begun(call, child, at, program)
        text = state_to_json(state)  # before it goes on
        ended = _ended(program, state, child, call, parent, now) if now else None
        if ended is not None:
            joined[at] = ended[1]
        births.append(
            Birth(
                identity=state.identity,
                name=child.name,
                program=hash_,
                entry=child.entry,
                state=text,
                branch=at,
                inherits=_inherits(child),
                deadline=child.deadline,
                held=held or (slots is not None and at >= slots),
                in_window=slots is not None,
                ended=ended and ended[0],
            )
        )
        if len(births) == PIECE:
            yield tuple(births)
            births = []
        if at % AT_ONCE == AT_ONCE - 1:
            await asyncio.sleep(0)
    if births:
        yield tuple(births)


def _inherits(child: Child) -> bool:
    """Whether it is a branch, which goes on from its parent's place in the events."""
    return child.program is None and child.entry != "main"


def _begun(call: Call, child: Child, index: int, program: Program) -> State:
    """The state of a child before its first step."""
    moment, own = call.moment, call.moment.identity
    again = f":{call.state.again}" if call.state.again else ""  # a call that has failed has other children
    identity = Identity(
        own.tenant,
        uuid5(own.execution, f"{moment.generation}:{moment.n}:{index}{again}"),
        child.bot or own.bot,
        child.bot_name or own.bot_name,
        child.program.origin if child.program and child.program.origin else own.origin,
        own.session,
    )
    seed = child_seed(call.state.seed, moment.n, index)
    return start_state(program, identity, child.inputs, seed, child.entry)


def _ended(
    program: Program, state: State, child: Child, call: Call, parent: Claim, now: datetime
) -> tuple[Turn, Joined] | None:
    """The only turn of a child that comes to its end, and how it ends; None for one that has to live."""
    outcome = advance(program, state, None, now, FUEL)
    if not isinstance(outcome, Done | Failed) or len(outcome.gathered.entries) > MOST_CALLS:
        return None
    if any(written.row.kind.refuses or written.row.kind.decides for written in outcome.gathered.effects):
        return None  # what others may say no to is this child's own affair, not its parent's
    mistake, result = (outcome.mistake, None) if isinstance(outcome, Failed) else (None, outcome.result)
    state = outcome.state
    turn = Turn(
        identity=state.identity,
        epoch=0,
        seq=0,
        status="failed" if mistake else "completed",
        at=now,
        n=state.n,
        step=state.step,
        state=state_to_json(state),
        lines=tuple(Line(entry, state.generation) for entry in outcome.gathered.entries),
        effects=outcome.gathered.effects,
        result=None if mistake else dump_text(result),
        error=mistake_text(mistake) if mistake else None,
        parent=parent.id,
        parent_n=call.moment.n,
        root=parent.root_id,
        name=child.name,
        began=now,
    )
    if mistake:
        joined = Joined(child.name, mistake=mistake)
    elif _inherits(child):
        joined = Joined(child.name, result, None, state.frames[0].variables, tuple(state.undo))
    else:
        joined = Joined(child.name, result)
    return turn, joined


async def joined(pool: Pool, claim: Claim, n: int, states: bool, now: datetime) -> Answer:
    """How the children of call `n` ended, in the order of the program; who is still under way has lost, and is ended.

    `states` says whether what branches wrote is wanted too. Where the time of one was over, the answer is a time-out.
    """
    given: dict[str, Any] = {"parent": claim.id, "n": n}
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["living_children"], given)
        losers = [row["id"] for row in await cursor.fetchall()]
    if losers:
        await repeated(partial(_end, pool, claim.tenant_id, losers, now))
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["ended_children"], {**given, "states": states})
        rows: Sequence[dict[str, Any]] = await cursor.fetchall()
        if any(row["cursors"] for row in rows if row["entry"] != "main"):
            await cursor.execute(SQL["merge_cursors"], {**given, "epoch": claim.epoch})
    return answer(claim, rows)


def answer(claim: Claim, rows: Sequence[Mapping[str, Any]]) -> Answer:
    """The answer that these rows of ended children are, one of each branch in the order of the program."""
    overdue = any(row["overdue"] for row in rows)
    branches = all(row["entry"] != "main" for row in rows)
    found = tuple(_joined(claim, row) for row in rows) if branches or not overdue else None
    return Answer(joined=found, timed_out=overdue)


async def _end(pool: Pool, tenant: UUID, losers: Sequence[UUID], now: datetime) -> None:
    async with pool.connection() as connection, connection.transaction():
        await cancel_all(connection, tenant, losers, now)


def _joined(claim: Claim, row: Mapping[str, Any]) -> Joined:
    name: str = row["workflow_name"]
    if row["status"] == "completed":
        if row["state"] is None:
            return Joined(name, load(row["result"]))
        state = state_from_json(row["state"], claim.identity)
        return Joined(name, load(row["result"]), None, state.frames[0].variables, tuple(state.undo))
    if row["error"]:
        return Joined(name, mistake=Mistake(**row["error"]))
    return Joined(name, mistake=Mistake("cancelled", f"{name} was cancelled before it ended."))
