"""Starts what is due. Any number of processes may: one fires a schedule at a time, and each time has a key of its own.

What was missed (nobody was up, or the clock jumped) is made up for as the schedule says: `skip` not at all, `once` by
one run for the latest time, `all` by a run for each time, a hundred at most.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from psycopg.rows import dict_row

from keywords.cron import Rule
from keywords.host import ProgramText
from keywords.mistakes import ProgramError, UnknownName
from storage.hints import Topics
from storage.sql import queries
from workflow.bell import Bell
from workflow.details import Caller
from workflow.engine import Engine
from workflow.limits import TooManyStarts
from workflow.perform import PASSING
from workflow.schedules import Schedule, Scheduling
from workflow.transactions import IdempotencyConflict

log = structlog.get_logger()

SQL = queries("workflow", "schedules.sql")
LOOK = 1.0  # seconds: the safety poll
SOON = 0.005
IN_TIME = timedelta(seconds=60)  # later than this, a time was missed
MADE_UP = 100  # missed times that `all` makes up for
COUNTED = 10_000  # missed times that are counted
Find = Callable[[UUID, str, str], Awaitable[ProgramText]]


class Scheduler:
    """Fires schedules until cancelled. `find` is how a packaged workflow is found, as in `desk.Desk`."""

    def __init__(self, engine: Engine, operations: Scheduling, find: Find) -> None:
        self._engine = engine
        self._operations = operations
        self._find = find
        self._bell = Bell()

    async def run(self) -> None:
        leave = self._engine.hints.subscribe(self._heard)
        try:
            while True:
                try:
                    await self.fire()
                    pause = await self._pause()
                except PASSING as error:
                    log.warning("schedules.put_off", error=str(error).strip())
                    pause = LOOK
                await self._bell.wait(pause)
        finally:
            leave()

    async def fire(self) -> int:
        """Start what is due now; answers how many executions."""
        async with self._engine.pool.connection() as connection:
            rows = await (await connection.execute(SQL["due_schedules"], {"now": self._engine.clock()})).fetchall()
        return sum([await self._fire(row[0]) for row in rows])

    async def _fire(self, schedule: UUID) -> int:
        now = self._engine.clock()
        async with self._engine.pool.connection() as connection, connection.transaction():
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(SQL["hold_due"], {"id": schedule, "now": now})
                row = await cursor.fetchone()
            if row is None:
                return 0
            due = Schedule.of(row)
            times, passed_over, next_at = _due(due, now)
            given: dict[str, Any] = {
                "id": due.id,
                "next_at": next_at,
                "last_at": None,
                "execution": None,
                "error": None,
            }
            runs = 0
            for time in times:
                try:
                    given["execution"] = await self._started(due, time)
                    runs += 1
                except IdempotencyConflict:  # started already, from an older text
                    runs += 1
                except TooManyStarts as error:
                    await connection.execute(SQL["put_off"], {"id": due.id, "error": str(error)})
                    if time == times[-1]:
                        return runs
                    passed_over += 1
                except ProgramError as error:
                    log.warning("schedule.failed", schedule=due.name, error=str(error))
                    given["error"] = str(error)
                given["last_at"] = time
            await connection.execute(SQL["fired"], {**given, "runs": runs, "passed_over": passed_over})
        log.info("schedule.fired", schedule=due.name, runs=runs, passed_over=passed_over)
        return runs

    async def _started(self, due: Schedule, time: datetime) -> UUID:
        caller = Caller(due.tenant, f"schedule {due.name}", "schedule")
        return await self._operations.start(
            caller,
            await self._program(due),
            inputs=due.inputs,
            idempotency_key=f"schedule:{due.id}:{time.isoformat()}",
            bot_name=due.bot_name,
        )

    async def _program(self, due: Schedule) -> ProgramText:
        if due.workflow:
            try:
                return await self._find(due.tenant, "", due.workflow)
            except UnknownName:
                log.info("schedule.package_gone", schedule=due.name, workflow=due.workflow)
        async with self._engine.pool.connection() as connection:
            given = {"tenant": due.tenant, "hash": due.program}
            row = await (await connection.execute(SQL["program_by_hash"], given)).fetchone()
        if row is None:
            raise UnknownName("workflow", due.workflow or due.name, (), "Set the schedule again.")
        return ProgramText(row[0], due.workflow or due.name, due.origin)

    async def _pause(self) -> float:
        async with self._engine.pool.connection() as connection:
            row = await (await connection.execute(SQL["next_due"])).fetchone()
        pause = LOOK * self._engine.chance.uniform(0.8, 1.2)
        if row and row[0]:
            pause = max(SOON, min(pause, (row[0] - self._engine.clock()).total_seconds()))
        return pause

    def _heard(self, topics: Topics) -> None:
        if topics & {"schedule", "*"}:
            self._bell.ring()


def _due(schedule: Schedule, now: datetime) -> tuple[list[datetime], int, datetime | None]:
    """The times to start it for, how many are passed over, and when it is due next."""
    assert schedule.next_at is not None
    if schedule.cron is None:
        late = now - schedule.next_at > IN_TIME and schedule.missed == "skip"
        return ([], 1, None) if late else ([schedule.next_at], 0, None)
    rule = Rule(schedule.cron, schedule.zone)
    next_at = next(rule.after(now), None)
    times = [schedule.next_at]
    for time in rule.after(schedule.next_at):
        if time > now or len(times) == COUNTED:
            break
        times.append(time)
    latest = rule.latest(now)
    if latest is not None and latest > times[-1]:
        times.append(latest)
    wanted = times[-MADE_UP:] if schedule.missed == "all" else times[-1:]
    if schedule.missed == "skip" and now - wanted[-1] > IN_TIME:
        wanted = []
    return wanted, len(times) - len(wanted), next_at
