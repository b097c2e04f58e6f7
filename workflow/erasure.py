"""Erasing what the engine holds of a bot or a person: ended executions with journal, values, messages, events."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection, sql

from keywords.memories import Subject
from storage.sql import queries

SQL = queries("workflow", "erase.sql")
_DELETE = "delete from {table} where execution_id = any(%(gone)s)"  # ids of this tenant


class ExecutionTraces:
    """Fulfils `memory.erasure.Traces`."""

    async def erased(
        self, connection: AsyncConnection, tenant: UUID, subject: Subject, now: datetime
    ) -> Mapping[str, int]:
        """Counts executions, journal rows and events; `running` is how many were left, since they have not ended."""
        given: dict[str, Any] = {"tenant": tenant, "bot": subject.bot, "person": subject.person}
        rows = await (await connection.execute(SQL["ended_executions"], given)).fetchall()
        given["gone"] = [row[0] for row in rows]
        running = await (await connection.execute(SQL["running_executions"], given)).fetchone()
        counts = {"executions": len(rows), "running": running[0] if running else 0}
        for (table,) in await (await connection.execute(SQL["tables_by_execution"])).fetchall():
            deleted = await connection.execute(sql.SQL(_DELETE).format(table=sql.Identifier(table)), given)
            if table == "workflow_steps":
                counts["journal"] = deleted.rowcount
        events = await (await connection.execute(SQL["erase_events"], given)).fetchone()
        counts["events"] = events[0] if events else 0
        await connection.execute(SQL["erase_executions"], given)
        await connection.execute(SQL["erase_membership"], given)
        return counts
