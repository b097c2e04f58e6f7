"""What the pages list: read from the database at the moment of the question, for one caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from designer.paging import PAGE, Part, before, cursor
from storage.pool import Pool
from storage.sql import queries
from workflow.details import Caller

SQL = queries("designer", "browsing.sql")
LIVE = ("ready", "running", "waiting", "paused", "in_doubt")
GROUPS: Mapping[str, tuple[str, ...] | None] = {
    "": None,
    "live": LIVE,
    "attention": ("failed", "in_doubt", "paused"),
    **{status: (status,) for status in (*LIVE, "completed", "failed", "cancelled")},
}
MOST_CALLS = 2_000  # of a timeline

Row = Mapping[str, Any]


class Browsing:
    """Reads for lists."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def runs(
        self, caller: Caller, *, group: str = "", workflow: str = "", since: datetime | None = None, after: str = ""
    ) -> Part[Row]:
        """The newest runs of a group of statuses."""
        at, id_ = before(after)
        given = {"statuses": list(found) if (found := GROUPS.get(group)) else None, "workflow": workflow}
        rows = await self._rows("runs", caller, **given, since=since, before_at=at, before_id=id_, limit=PAGE + 1)
        more = rows[PAGE - 1] if len(rows) > PAGE else None
        return Part(rows[:PAGE], cursor(more["created_at"], more["id"]) if more else "")

    async def run_counts(self, caller: Caller, since: datetime) -> Mapping[str, int]:
        """How many runs there are of each status: the live ones, and those started since then."""
        return {row["status"]: row["runs"] for row in await self._rows("run_counts", caller, since=since)}

    async def last_runs(self, caller: Caller, since: datetime) -> Mapping[tuple[str, str], Row]:
        """The latest run of each workflow, by its name and bot."""
        rows = await self._rows("last_runs", caller, since=since)
        return {(row["bot_name"], row["workflow_name"]): row for row in rows}

    async def run_source(self, caller: Caller, execution: UUID) -> Row | None:
        """The text that a run was made from, and the variables that it began with."""
        rows = await self._rows("run_source", caller, id=execution)
        return rows[0] if rows else None

    async def timeline(self, caller: Caller, execution: UUID) -> Sequence[Row]:
        """The calls of a run and of all that it started."""
        return await self._rows("timeline", caller, id=execution, limit=MOST_CALLS)

    async def last_call(self, caller: Caller, name: str, line: int, run: UUID | None) -> Row | None:
        """The latest call that a line of the workflow made."""
        rows = await self._rows("last_call", caller, name=name, line=line, run=run)
        return rows[0] if rows else None

    async def memory_bots(self, caller: Caller) -> Sequence[Row]:
        """The bots that remember something."""
        return await self._rows("memory_bots", caller)

    async def _rows(self, statement: str, caller: Caller, **given: Any) -> Sequence[Row]:
        bots = None if caller.bots is None else sorted(caller.bots)
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as rows:
            await rows.execute(SQL[statement], {"tenant": caller.tenant, "bots": bots, **given})
            return await rows.fetchall()
