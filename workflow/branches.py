"""Children: the branches of a PARALLEL, the dialogs behind BOT. Each is an execution of its own; the parent waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid5

from psycopg.rows import dict_row

from keywords.encode import load, state_from_json, state_to_json
from keywords.host import Child, Identity, Joined, Spawn
from keywords.machine import start_state
from keywords.mistakes import LimitReached, Mistake
from keywords.outcome import Call
from keywords.program import Program
from keywords.world import child_seed
from storage.pool import Pool
from storage.sql import queries
from workflow.claim import Claim
from workflow.programs import Programs
from workflow.turn import Birth

SQL = queries("workflow")
DEEPEST = 40  # families of executions; a dialog that calls itself without end stops here
WIDEST = 1_000  # children of one call


async def births(call: Call, spawn: Spawn, parent: Claim, programs: Programs) -> tuple[Birth, ...]:
    """The children to insert with the parent's commit; raises ProgramError, and then none is started.

    Their ids and seeds follow from the call, so a spawn that is prepared again after a crash is the same spawn.
    """
    if parent.depth >= DEEPEST:
        raise LimitReached(
            f"{call.keyword.name} would nest executions more than {DEEPEST} deep. Does a bot call itself?"
        )
    if len(spawn.children) > WIDEST:
        raise LimitReached(f"{call.keyword.name} would start {len(spawn.children)} branches; the limit is {WIDEST}.")
    program = await programs.load(parent.tenant_id, parent.program)
    return tuple([await _birth(call, child, i, program, programs) for i, child in enumerate(spawn.children)])


async def _birth(call: Call, child: Child, index: int, program: Program, programs: Programs) -> Birth:
    moment, own = call.moment, call.moment.identity
    identity = Identity(
        own.tenant,
        uuid5(own.execution, f"{moment.generation}:{moment.n}:{index}"),
        child.bot or own.bot,
        child.bot_name or own.bot_name,
        child.program.origin if child.program and child.program.origin else own.origin,
        own.session,
    )
    if child.program is not None:
        program = programs.compile(child.program)
    hash_ = await programs.kept(own.tenant, program, moment.now)
    seed = child_seed(call.state.seed, moment.n, index)
    state = start_state(program, identity, child.inputs, seed, child.entry)
    branch = child.program is None and child.entry != "main"
    return Birth(identity, child.name, hash_, child.entry, state_to_json(state), index, branch, child.deadline)


async def ended(pool: Pool, claim: Claim, n: int) -> tuple[Joined, ...] | None:
    """How the children of call `n` ended, in the order of the program; None when the time of one was over."""
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["ended_children"], {"parent": claim.id, "n": n})
        rows: Sequence[dict[str, Any]] = await cursor.fetchall()
        if any(row["cursors"] for row in rows if row["entry"] != "main"):
            await cursor.execute(SQL["merge_cursors"], {"parent": claim.id, "n": n, "epoch": claim.epoch})
    return None if any(row["overdue"] for row in rows) else tuple(_joined(claim, row) for row in rows)


def _joined(claim: Claim, row: dict[str, Any]) -> Joined:
    name: str = row["workflow_name"]
    if row["status"] == "completed":
        state = state_from_json(row["state"], claim.identity) if row["entry"] != "main" else None
        return Joined(name, load(row["result"]), None, state.frames[0].variables if state else {})
    if row["error"]:
        return Joined(name, mistake=Mistake(**row["error"]))
    return Joined(name, mistake=Mistake("cancelled", f"{name} was cancelled before it ended."))
