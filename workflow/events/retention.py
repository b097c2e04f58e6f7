"""How long events are kept: some days, longer while somebody has yet to read them, and never beyond a cap."""

from __future__ import annotations

from datetime import date, datetime

import structlog
from psycopg import AsyncConnection, errors, sql

from storage.sql import queries
from workflow.events.setup import EventSetup

log = structlog.get_logger()

SQL = queries("workflow.events", "retention.sql")


async def forget(connection: AsyncConnection, setup: EventSetup, now: datetime) -> int:
    """Drop the days of the log that nobody needs any more; how many. Nobody else may use the connection meanwhile."""
    usual, last = (now - setup.kept).date(), (now - setup.kept_for_readers).date()
    row = await (await connection.execute(SQL["oldest_reader"])).fetchone()
    oldest: date | None = row[0] if row else None
    before = max(last, min(usual, oldest) if oldest else usual)
    names = [row[0] for row in await (await connection.execute(SQL["event_partitions"])).fetchall()]
    dropped = 0
    for name in names:
        if name >= f"workflow_events_{before:%Y%m%d}":
            break
        try:
            async with connection.transaction():
                await connection.execute(SQL["be_patient"])  # rather tomorrow than make everybody wait for a lock
                await connection.execute(sql.SQL("drop table {}").format(sql.Identifier(name)))
        except (errors.LockNotAvailable, errors.UndefinedTable) as error:
            log.info("events.not_dropped", name=name, error=str(error).strip())
            continue
        dropped += 1
        log.info("events.dropped", name=name)
    await connection.execute(SQL["forget_rest"], {"day": before})
    await connection.execute(SQL["forget"], {"now": now, "before": now - setup.kept_for_readers})
    return dropped
