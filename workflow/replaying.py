"""A run gone through again, call by call: what it knew at each, folded from its journal. Changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from keywords.encode import plain, state_from_json
from keywords.host import Identity
from keywords.mistakes import Refused
from keywords.program import Program
from storage.sql import queries
from workflow import history, permission
from workflow.details import Caller
from workflow.engine import Engine
from workflow.programs import Programs
from workflow.steering import UnknownExecution

SQL = queries("workflow", "following.sql")


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

            try:
                if n == stood.n and stood.call is not None:
                    state, had = stood, program
                else:
                    state, had = await history.state_and_program_at(connection, identity, program, n, by_hash)
            except LookupError as error:
                raise Refused(str(error.args[0])) from None
        frame = state.frames[-1] if state.frames else None
        known = dict(state.frames[0].variables) | dict(frame.variables) if frame else {}
        keyword, arguments = state.call or ("", {})
        line = had.steps[frame.at][1] if frame and frame.at < len(had.steps) else None
        return Moment(
            n=state.n,
            line=line,
            step=state.step,
            keyword=keyword,
            arguments={name: plain(value) for name, value in arguments.items()},
            variables={name: plain(v) for name, v in sorted(known.items()) if not name.startswith("~")},
            source=had.source,
            origin=row["origin"],
            bot_name=row["bot_name"],
        )
