"""MIGRATE: live executions go on with another version of their program, from the place where they stand.

Checked for each run as a whole: it and its open branches move together, or stay. Bots and workflows that it called run
their own programs, and are left alone. A dry run says the same and moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.encode import dump_text, from_plain, state_from_json, state_to_json
from keywords.host import Identity
from keywords.mistakes import ProgramError
from keywords.program import MissingKeyword, Program, UnknownFormat
from keywords.refit import Refit
from keywords.rewind import with_variables
from storage.sql import queries
from workflow.cancel import held_family
from workflow.details import Caller
from workflow.programs import Programs
from workflow.steering import noted

SQL = queries("workflow", "migration.sql")
MOST = 1_000  # runs at once
MOVABLE = ("ready", "waiting", "paused")


@dataclass(frozen=True, slots=True)
class Moved:
    """What became, or would become, of one run."""

    execution: UUID
    workflow_name: str
    reason: str = ""  # why it stays

    @property
    def moved(self) -> bool:
        return not self.reason

    def told(self) -> dict[str, Any]:
        return {
            "execution_id": str(self.execution),
            "workflow": self.workflow_name,
            "moved": self.moved,
            "reason": self.reason,
        }


async def migrate(
    connection: AsyncConnection,
    caller: Caller,
    execution: UUID,
    now: datetime,
    new: Program,
    variables: Mapping[str, Any],
    programs: Programs,
    *,
    dry: bool,
) -> Moved:
    """Move one run, in the transaction that is open on this connection; its rows are locked until that ends."""
    ids = [id_ for id_, *_ in await held_family(connection, caller.tenant, execution)]
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["movable"], {"tenant": caller.tenant, "id": execution, "ids": ids})
        rows = await cursor.fetchall()
    if not rows or rows[0]["id"] != execution:
        return Moved(execution, "", "It has ended, or there is none.")
    name: str = rows[0]["workflow_name"]
    try:
        states = await _states(rows, new, variables, programs)
    except ProgramError as error:
        return Moved(execution, name, str(error))
    except (MissingKeyword, UnknownFormat) as error:
        return Moved(execution, name, str(error))
    if not dry:
        await programs.keep(caller.tenant, new, now, connection)
        for row, (state, entry) in zip(rows, states, strict=True):
            about = {"by": caller.subject, "through": caller.through, "from": row["program"], "to": new.hash}
            given = {"tenant": caller.tenant, "id": row["id"], "program": new.hash, "state": state, "entry": entry}
            await connection.execute(SQL["move"], {**given, "about": dump_text(from_plain(about)), "now": now})
        await noted(connection, caller, execution, "migrate", now, f"to program {new.hash[:12]}")
    return Moved(execution, name)


async def _states(
    rows: Sequence[Mapping[str, Any]], new: Program, variables: Mapping[str, Any], programs: Programs
) -> list[tuple[str, str]]:
    """State and entry of the run and of each open branch on the new program; raises ProgramError."""
    states: list[tuple[str, str]] = []
    entries: dict[UUID, dict[str, str]] = {}
    for row in rows:
        if row["status"] not in MOVABLE:
            why = "is running just now" if row["status"] == "running" else f"is {row['status']}"
            raise ProgramError(f"{row['workflow_name']} {why}. Pause it, move it, resume it.")
        if row["program"] == new.hash:
            raise ProgramError("It runs this program already.")
        old = await programs.load(row["tenant_id"], row["program"])
        identity = Identity(row["tenant_id"], row["id"], row["bot_id"], row["bot_name"], row["origin"])
        refit = Refit(old, new, {name.lower() for name in variables}, dict(entries.get(row["parent_id"], {})))
        state = with_variables(refit.moved(state_from_json(row["state"], identity)), variables)
        entries[row["id"]] = refit.entries
        states.append((state_to_json(state), state.frames[0].entry))
    return states
