"""Schedules: programs that start at their times, by a rule in a time zone. Kept, looked at, paused, deleted here.

A schedule names a packaged workflow, which is looked up whenever it is due, so that an edited file counts; or it keeps
the program it was made from. `workflow/scheduler.py` starts what is due.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection

from keywords.cron import Rule, rule_of
from keywords.host import ProgramText, bot_id
from keywords.library import limits
from keywords.mistakes import LimitReached, Refused, UnknownName, WrongValue
from keywords.program import Program
from storage.sql import queries
from workflow import permission
from workflow.changing import Changing
from workflow.details import Caller
from workflow.steering import UnknownExecution

SQL = queries("workflow", "schedules.sql")
Missed: TypeAlias = Literal["skip", "once", "all"]
MISSED: tuple[Missed, ...] = ("skip", "once", "all")
SHOWN = 500
INPUTS = 64 * 1024  # bytes of JSON


@dataclass(frozen=True, slots=True)
class Schedule:
    """One schedule as it stands."""

    id: UUID
    tenant: UUID
    name: str
    rule: str
    cron: str | None
    zone: str
    missed: Missed
    status: str
    workflow: str
    program: str | None
    origin: str
    bot_name: str
    inputs: Mapping[str, Any]
    next_at: datetime | None
    last_at: datetime | None
    last_execution: UUID | None
    last_error: str | None
    runs: int
    passed_over: int
    source: str
    keeper: str
    created_by: str
    created_through: str
    created_at: datetime

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Schedule:
        same = {name: row[name] for name in cls.__slots__ if name != "tenant"}
        return cls(**same, tenant=row["tenant_id"])

    def coming(self, number: int = 5) -> tuple[datetime, ...]:
        """Its next times; none while it is paused."""
        if self.status != "active" or self.next_at is None:
            return ()
        if self.cron is None:
            return (self.next_at,)
        times = Rule(self.cron, self.zone).after(self.next_at)
        return (self.next_at, *(time for time, _ in zip(times, range(number - 1), strict=False)))

    def told(self) -> dict[str, Any]:
        """As ordinary JSON."""
        return {
            "name": self.name,
            "rule": self.rule,
            "cron": self.cron,
            "zone": self.zone,
            "missed": self.missed,
            "status": self.status,
            "workflow": self.workflow or None,
            "inputs": dict(self.inputs),
            "next": [time.isoformat() for time in self.coming()],
            "last_at": self.last_at.isoformat() if self.last_at else None,
            "last_execution": str(self.last_execution) if self.last_execution else None,
            "last_error": self.last_error,
            "runs": self.runs,
            "passed_over": self.passed_over,
            "kept_by": self.source,
        }


class Scheduling(Changing):
    """Keeps schedules."""

    async def set_schedule(
        self,
        caller: Caller,
        rule: str | datetime,
        program: ProgramText,
        *,
        name: str = "",
        inputs: Mapping[str, Any] | None = None,
        argument: str | None = None,
        zone: str = "",
        missed: str = "once",
        starts: datetime | None = None,
        bot_name: str = "",
        source: str = "person",
        keeper: str = "",
    ) -> Schedule:
        """Start the program whenever the rule says so; a schedule of the same name is replaced.

        `rule` is a cron line, plain words, or a single time; `argument` fills the program's first PARAM; before
        `starts` nothing is due. Raises WrongValue, LimitReached, and Rejected for a program that cannot run.
        """
        await self._may(caller, "wf:run")
        rules, now = self._engine.schedules, self._engine.clock()
        name = limits.name_of("a schedule", name or program.name or "workflow")
        if missed not in MISSED:
            raise WrongValue(f"What is missed is made up for by one of {', '.join(MISSED)}; not {missed!r}.")
        zone = zone or rules.zone
        compiled = await self._compiled(program)
        given = _inputs(dict(inputs or {}), argument, compiled)
        if isinstance(rule, datetime):
            cron, written = None, rule.astimezone(UTC).isoformat()
            next_at: datetime | None = rule if rule.tzinfo else rule.replace(tzinfo=UTC)
            rule_of("daily", zone, now, rules.least)  # the zone must be one
        else:
            found = rule_of(rule, zone, now, rules.least)
            cron, written = found.cron, " ".join(rule.split())
            next_at = next(found.after(max(now, starts) if starts else now), None)
        packaged = program.name if program.origin and program.name.startswith(f"{program.origin}/") else ""
        bot = bot_name or program.origin or program.name
        permission.may_start(caller, program, compiled, bot)
        row = {
            "id": self._new_id(),
            "tenant": caller.tenant,
            "name": name,
            "rule": written,
            "cron": cron,
            "zone": zone,
            "missed": missed,
            "workflow": packaged,
            "program": compiled.hash,
            "origin": program.origin,
            "bot": bot_id(caller.tenant, bot),
            "bot_name": bot_name or program.origin,
            "inputs": json.dumps(given),
            "next_at": next_at,
            "source": source,
            "keeper": keeper,
            "by": caller.subject,
            "through": caller.through,
            "now": now,
        }

        if caller.bots is not None:
            same = {"tenant": caller.tenant, "name": name, "limit": 1}
            if any(not caller.works_with(old["bot_name"]) for old in await self._selected(SQL["find_schedules"], same)):
                raise Refused(f"The name {name} is taken. Choose another one.")

        async def kept(connection: AsyncConnection) -> None:
            own = {"tenant": caller.tenant, "name": name}
            counted = await (await connection.execute(SQL["count_schedules"], own)).fetchone()
            if counted and counted[0] >= rules.most:
                raise LimitReached(f"There are {rules.most:,} schedules already. Delete one first.")
            await self._programs.keep(caller.tenant, compiled, now, connection)
            await connection.execute(SQL["keep_schedule"], row)

        await self._transaction(kept, "schedule")
        return await self.schedule(caller, name)

    async def schedules(self, caller: Caller) -> tuple[Schedule, ...]:
        """The schedules of the tenant, the next one to be due first."""
        return await self._schedules(caller, None)

    async def schedule(self, caller: Caller, name: str) -> Schedule:
        """The schedule of that name; raises UnknownName."""
        for found in await self._schedules(caller, name):
            return found
        known = [each.name for each in await self.schedules(caller)]
        raise UnknownName("schedule", name, known, "LIST SCHEDULES or `botmcp schedules list` shows them.")

    async def scheduled(self) -> int:
        """Active schedules of all tenants: somebody must be up when they are due."""
        (row,) = await self._selected(SQL["active_schedules"], {})
        return row["count"]

    async def pause_schedule(self, caller: Caller, name: str) -> Schedule:
        """Let it start nothing until it is resumed; raises UnknownName, Refused."""
        return await self._put(caller, name, "pause_schedule", "active", None)

    async def resume_schedule(self, caller: Caller, name: str) -> Schedule:
        """Let a paused one go on, with its next time from now; raises UnknownName, Refused."""
        await self._may(caller, "wf:run")
        found = await self.schedule(caller, name)
        now = self._engine.clock()
        next_at = next(Rule(found.cron, found.zone).after(now), None) if found.cron else None
        return await self._put(caller, name, "resume_schedule", "paused", next_at)

    async def delete_schedule(self, caller: Caller, name: str) -> Schedule:
        """Delete it, whatever it has started goes on; answers it as it was. Raises UnknownName, Refused."""
        await self._may(caller, "wf:run")
        found = await self.schedule(caller, name)
        if found.source == "package":
            raise Refused(
                f"The schedule {name} stands at the head of {found.keeper}. Pause it, or remove the line there."
            )

        async def deleted(connection: AsyncConnection) -> None:
            await connection.execute(SQL["delete_schedule"], {"tenant": caller.tenant, "name": name})

        await self._transaction(deleted, "schedule")
        return found

    async def drop_packaged(self, caller: Caller, kept: Mapping[str, Sequence[str]]) -> None:
        """Delete what these packaged scripts no longer say at their heads: all but the names given by script."""
        lines = [(keeper, name) for keeper, names in kept.items() for name in names]
        given = {
            "tenant": caller.tenant,
            "keepers": list(kept),
            "keeper": [keeper for keeper, _ in lines],
            "name": [name for _, name in lines],
        }
        async with self._engine.pool.connection() as connection:  # nobody has to be told of what does not happen
            await connection.execute(SQL["drop_packaged"], given)

    async def program_of(self, caller: Caller, execution: UUID) -> ProgramText:
        """The program that an execution runs."""
        await self._may(caller, "wf:read", execution)
        rows = await self._selected(SQL["program_of_run"], {"tenant": caller.tenant, "id": execution})
        if not rows:
            raise UnknownExecution(execution)
        row = rows[0]
        return ProgramText(row["source"], row["workflow_name"], row["origin"])

    async def _put(self, caller: Caller, name: str, statement: str, only: str, next_at: datetime | None) -> Schedule:
        await self._may(caller, "wf:run")
        await self.schedule(caller, name)
        given = {"tenant": caller.tenant, "name": name, "now": self._engine.clock(), "next_at": next_at}

        async def put(connection: AsyncConnection) -> bool:
            return await (await connection.execute(SQL[statement], given)).fetchone() is not None

        done = await self._transaction(put, "schedule")
        found = await self.schedule(caller, name)
        if not done:
            raise Refused(f"The schedule {name} is {found.status}; only one that is {only} can be changed so.")
        return found

    async def _schedules(self, caller: Caller, name: str | None) -> tuple[Schedule, ...]:
        await self._may(caller, "wf:read")
        rows = await self._selected(SQL["find_schedules"], {"tenant": caller.tenant, "name": name, "limit": SHOWN})
        return tuple(found for found in map(Schedule.of, rows) if caller.works_with(found.bot_name))


def _inputs(given: dict[str, Any], argument: str | None, program: Program) -> dict[str, Any]:
    if argument is not None:
        if not program.params:
            raise WrongValue(f"{program.name} has no PARAM that {limits.shown(argument)} could be given to.")
        given.setdefault(program.params[0].name, argument)
    size = len(json.dumps(given, ensure_ascii=False).encode())
    if size > INPUTS:
        raise LimitReached(
            f"The inputs of a schedule may have at most {INPUTS // 1024} KB; these have {size // 1024} KB."
        )
    return given
