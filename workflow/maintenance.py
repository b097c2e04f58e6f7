"""Day partitions: always there a few days ahead, so that finishing and journalling never wait for one.

Rows that went to the default partition (a clock that jumped, a machine that slept) are moved when their day is made.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog
from psycopg import AsyncConnection, sql

from storage.sql import queries

log = structlog.get_logger()

SQL = queries("workflow")
AHEAD = 3  # days
TABLES = {"workflow_executions": "finished_on", "workflow_steps": "day", "workflow_events": "day"}


class Maintenance:
    """Keeps the partitions; any number of workers may. Nobody else may use the connection meanwhile."""

    def __init__(self, connection: AsyncConnection, clock: Callable[[], datetime]) -> None:
        self._connection = connection
        self._clock = clock

    async def prepare(self) -> int:
        """Make the partitions of today and the days ahead that are missing; answers how many."""
        today = self._clock().date()
        wanted = {
            f"{table}_{today + timedelta(days=ahead):%Y%m%d}": (table, column, today + timedelta(days=ahead))
            for table, column in TABLES.items()
            for ahead in range(AHEAD + 1)
        }
        missing = await self._missing(list(wanted))
        for name in missing:
            await self._make(name, *wanted[name])
        return len(missing)

    async def _missing(self, names: list[str]) -> list[str]:
        cursor = await self._connection.execute(SQL["missing_tables"], {"names": names})
        return [row[0] for row in await cursor.fetchall()]

    async def _make(self, name: str, table: str, column: str, day: date) -> None:
        """A partition is made beside its table and then attached: that blocks no reader or writer of the table."""
        parts = {
            "new": sql.Identifier(name),
            "table": sql.Identifier(table),
            "rest": sql.Identifier(f"{table}_rest"),
            "column": sql.Identifier(column),
            "day": sql.Literal(day.isoformat()),
            "next": sql.Literal((day + timedelta(days=1)).isoformat()),
        }
        async with self._connection.transaction():
            await self._connection.execute(SQL["partition_lock"])
            if not await self._missing([name]):
                return
            await self._connection.execute(sql.SQL(_CREATE).format(**parts))
            await self._connection.execute(sql.SQL(_HOLD).format(**parts))
            moved = await self._connection.execute(sql.SQL(_MOVE).format(**parts))
            await self._connection.execute(sql.SQL(_ATTACH).format(**parts))
        log.info("partition.made", name=name, moved=moved.rowcount)


_CREATE = "create table {new} (like {table} including defaults including constraints)"
_HOLD = "lock table {rest} in access exclusive mode"  # or a row of that day may come between moving and attaching
_MOVE = (
    "with moved as (delete from {rest} where {column} = {day}::date returning *) insert into {new} select * from moved"
)
_ATTACH = "alter table {table} attach partition {new} for values from ({day}) to ({next})"
