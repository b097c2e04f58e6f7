"""Starting executions: compiled, counted against the limits, and stored, all in one transaction."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from keywords.encode import from_plain, state_to_json
from keywords.host import Identity, ProgramText, bot_id
from keywords.machine import start_state
from keywords.mistakes import UnknownName, WrongValue
from keywords.program import Program
from keywords.values import sound
from workflow import limits, permission
from workflow.details import Caller
from workflow.engine import Engine
from workflow.programs import Programs
from workflow.steering import SQL
from workflow.transactions import Transactions

LONGEST_NAME = 200
THREAD_FROM = 20_000  # characters of source that are compiled beside the event loop
PRIORITIES = range(-100, 101)  # smaller is sooner


class Starting(Transactions):
    """Starts programs."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._programs = Programs(engine.pool, engine.registry)

    async def start(
        self,
        caller: Caller,
        program: ProgramText,
        *,
        inputs: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        told_by: Any = None,
        session: UUID | None = None,
        bot_name: str = "",
        priority: int = 0,
        deadline: float | None = None,
        scope: str = "wf:run",
    ) -> UUID:
        """Start the program, or find the start that had this key; all of it happens, or nothing.

        `scope` is what the caller needs; another one than `wf:run` says that the program is one of ours, a keyword
        with its clauses, for which that scope is enough. Another request under the same key is a conflict: it is told
        by program and inputs, or by `told_by` where these differ each time something is sent again. `priority` is 0
        unless said otherwise, smaller is sooner; after `deadline` seconds it is cancelled. Raises Rejected for a
        program that cannot run, IdempotencyConflict, TooManyStarts, Refused, and ProgramError for wrong inputs.
        """
        await self._may(caller, scope)
        given = dict(inputs or {})
        name = (program.name or "workflow")[:LONGEST_NAME]
        compiled = await self._compiled(program)
        now = self._engine.clock()
        bot = sound(bot_name or program.origin or name)
        if scope == "wf:run":
            permission.may_start(caller, program, compiled, bot)
        elif not caller.works_with(bot):
            raise UnknownName("bot", bot, (), "Check its name.")
        identity = Identity(
            caller.tenant,
            self._new_id(),
            bot_id(caller.tenant, bot),
            bot_name or program.origin,
            program.origin,
            session,
        )
        values = {key: from_plain(value) for key, value in given.items()}
        state = start_state(compiled, identity, values, self._engine.chance.getrandbits(63))
        row = {
            "id": identity.execution,
            "tenant": caller.tenant,
            "bot": identity.bot,
            "bot_name": identity.bot_name,
            "origin": identity.origin,
            "session": session,
            "name": name,
            "program": compiled.hash,
            "state": state_to_json(state),
            "by": caller.subject,
            "through": caller.through,
            "priority": _priority(priority),
            "deadline": _deadline(deadline, now),
            "now": now,
        }

        async def started(connection: AsyncConnection) -> UUID:
            if idempotency_key is not None:
                request = _digest(program, bot_name, given) if told_by is None else digest(told_by)
                known = await self._claim_key(connection, caller, idempotency_key, identity.execution, request, now)
                if known is not None:
                    return known
            await limits.admit(connection, caller.tenant, identity.bot, bot, now)
            await self._programs.keep(caller.tenant, compiled, now, connection)
            kept = {"tenant": caller.tenant, "bot": identity.bot, "name": bot, "now": now}
            await connection.execute(SQL["keep_bot"], kept)
            await connection.execute(SQL["insert_execution"], row)
            return identity.execution

        return await self._transaction(started, "ready")

    async def check_start(self, caller: Caller, program: ProgramText) -> Program:
        """The program, if the caller may start it; raises what `start` would raise for the program itself."""
        await self._may(caller, "wf:run")
        compiled = await self._compiled(program)
        permission.may_start(caller, program, compiled, program.origin or program.name)
        return compiled

    async def _compiled(self, program: ProgramText) -> Program:
        known = self._engine.services.bots.names(program.origin)
        if len(program.source) < THREAD_FROM:
            return self._programs.compile(program, known)
        return await asyncio.to_thread(self._programs.compile, program, known)


def _priority(wanted: int) -> int:
    if wanted not in PRIORITIES:
        raise WrongValue(f"A priority is from {PRIORITIES[0]} (soonest) to {PRIORITIES[-1]}, not {wanted}.")
    return wanted


def _deadline(seconds: float | None, now: datetime) -> datetime | None:
    if seconds is None:
        return None
    if not 0 < seconds <= limits.LONGEST_DEADLINE:
        most = int(limits.LONGEST_DEADLINE)
        raise WrongValue(f"A deadline is a number of seconds greater than 0, at most {most:,}; not {seconds:g}.")
    return now + timedelta(seconds=seconds)


def _digest(program: ProgramText, bot_name: str, inputs: Mapping[str, Any]) -> str:
    return digest(program.source, program.name, program.origin, bot_name, inputs)


def digest(*request: Any) -> str:
    """What tells one request from another that comes with the same key."""
    return sha256(json.dumps(request, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()
