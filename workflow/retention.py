"""How long things are kept: finished executions with all that is theirs, events, keys, conversations, schedules.

A day's partition is dropped whole when nothing in it is needed any more. Where something is (the ended branch of a run
that lives still, the early journal of one that waits), the rest of that day is deleted row by row.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, LiteralString

import psycopg
import structlog
from psycopg import AsyncConnection, errors, sql

from storage.sql import queries
from workflow.engine import Engine
from workflow.perform import PASSING

log = structlog.get_logger()

SQL = {
    **queries("workflow", "retention.sql"),
    **queries("workflow", "signals.sql"),
    **queries("workflow", "schedules.sql"),
}
EVERY = 3600.0  # seconds
SOME = 5_000  # rows that one statement deletes
PATIENCE = "2s"  # for a lock; a table that is busy is looked at an hour later

_NEEDED: dict[str, LiteralString] = {
    "workflow_executions": (
        "select 1 from {part} p where p.finished_on < {before} and exists (select 1 from workflow_executions r "
        "where r.id = p.root_id and r.finished_on >= {before}) limit 1"
    ),
    "workflow_steps": (
        "select 1 from {part} p where exists (select 1 from workflow_executions x where x.id = p.execution_id) limit 1"
    ),
    "workflow_events": "select 1 where false",
}
_UNNEEDED: dict[str, LiteralString] = {
    "workflow_executions": (
        "delete from {part} where ctid = any(array(select p.ctid from {part} p where p.finished_on < {before} "
        "and not exists (select 1 from workflow_executions r where r.id = p.root_id and r.finished_on >= {before}) "
        "limit {some}))"
    ),
    "workflow_steps": (
        "delete from {part} where ctid = any(array(select p.ctid from {part} p where p.day < {before} and not exists "
        "(select 1 from workflow_executions x where x.id = p.execution_id) limit {some}))"
    ),
    "workflow_events": (
        "delete from {part} where ctid = any(array(select p.ctid from {part} p where p.day < {before} limit {some}))"
    ),
}
_ORPHANS = (  # the id of zeros says that no execution asked: what goes to webhooks stands so in the outbox
    "delete from {part} where ctid = any(array(select p.ctid from {part} p where p.execution_id is not null "
    "and p.execution_id <> '00000000-0000-0000-0000-000000000000' "
    "and not exists (select 1 from workflow_executions x where x.id = p.execution_id) limit {some}))"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """For how many days; None is for ever."""

    executions: int | None = 90
    events: int | None = 30


class Retention:
    """Deletes what need not be kept. Any number of processes may; one works at a time."""

    def __init__(self, engine: Engine, kept: Kept) -> None:
        self._engine = engine
        self._kept = kept

    async def run(self) -> None:
        while True:
            try:
                await self.clean()
            except (*PASSING, psycopg.Error) as error:
                log.warning("retention.put_off", error=str(error).strip())
            await asyncio.sleep(EVERY * self._engine.chance.uniform(0.8, 1.2))

    async def clean(self) -> Counter[str]:
        """Delete what is old; answers how many rows, and how many partitions, of which table."""
        gone: Counter[str] = Counter()
        async with self._engine.pool.connection() as connection:
            row = await (await connection.execute(SQL["lead_retention"])).fetchone()
            if row and row[0]:
                try:
                    await self._clean(connection, gone)
                finally:
                    await connection.execute(SQL["follow_retention"])
        if gone:
            log.info("retention.cleaned", **{name.replace(" ", "_"): count for name, count in gone.items()})
        return gone

    async def _clean(self, connection: AsyncConnection, gone: Counter[str]) -> None:
        now = self._engine.clock()
        if self._kept.executions is not None:
            before = now.astimezone(UTC).date() - timedelta(days=self._kept.executions)
            await self._days(connection, "workflow_executions", before, gone)
            await self._days(connection, "workflow_steps", before, gone)
            tables = [row[0] for row in await (await connection.execute(SQL["tables_of_runs"])).fetchall()]
            for table in tables:
                await self._some(connection, table, _ORPHANS, before, table, gone)
            past = {"before": datetime.combine(before, time(), UTC), "some": SOME}
            gone["session_bots"] += await _all(connection, SQL["empty_conversations"], past)
            gone["workflow_schedules"] += (await connection.execute(SQL["forget_schedules"], past)).rowcount
        if self._kept.events is not None:
            before = now.astimezone(UTC).date() - timedelta(days=self._kept.events)
            await self._days(connection, "workflow_events", before, gone)
        given = {"now": now, "some": SOME}
        gone["workflow_idempotency"] += await _all(connection, SQL["expired_keys"], given)
        gone["workflow_event_keys"] += await _all(connection, SQL["expired_event_keys"], given)
        gone["workflow_signals"] += (await connection.execute(SQL["forget_signals"])).rowcount
        for name in [name for name, count in gone.items() if not count]:
            del gone[name]

    async def _days(self, connection: AsyncConnection, table: str, before: date, gone: Counter[str]) -> None:
        rows = await (await connection.execute(SQL["day_partitions"], {"table": table})).fetchall()
        for part, day in rows:
            if day >= before:
                break
            if await (await connection.execute(_made(_NEEDED[table], part, before))).fetchone() is None:
                try:
                    await self._drop(connection, part)
                    gone[f"{table} partitions"] += 1
                    continue
                except errors.LockNotAvailable:
                    log.info("retention.busy", table=part)
            await self._some(connection, part, _UNNEEDED[table], before, table, gone)
        await self._some(connection, f"{table}_rest", _UNNEEDED[table], before, table, gone)

    async def _drop(self, connection: AsyncConnection, part: str) -> None:
        async with connection.transaction():
            await connection.execute(sql.SQL("set local lock_timeout = {}").format(sql.Literal(PATIENCE)))
            await connection.execute(sql.SQL("drop table {}").format(sql.Identifier(part)))

    async def _some(
        self,
        connection: AsyncConnection,
        part: str,
        statement: LiteralString,
        before: date,
        table: str,
        gone: Counter[str],
    ) -> None:
        while count := (await connection.execute(_made(statement, part, before))).rowcount:
            gone[table] += count
            if count < SOME:
                return


async def _all(connection: AsyncConnection, statement: bytes, given: dict[str, Any]) -> int:
    found = 0
    while count := (await connection.execute(statement, given)).rowcount:
        found += count
    return found


def _made(statement: LiteralString, part: str, before: date) -> sql.Composed:
    return sql.SQL(statement).format(
        part=sql.Identifier(part), before=sql.Literal(before.isoformat()), some=sql.Literal(SOME)
    )
