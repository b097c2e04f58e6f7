"""Signals: a name and data, sent to one execution; what it or anything it started waits for takes it, once.

A signal that nobody waits for yet is kept until somebody does, or the execution ends. Sending is: keep it, then let the
one who waits take it; so there is one way in which signals are taken.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from keywords.encode import dump_text, from_plain
from keywords.library import limits
from keywords.mistakes import LimitReached, Refused
from storage.sql import queries
from workflow.cancel import held_family
from workflow.details import Caller
from workflow.steering import noted, status_of
from workflow.turn import FINISHED

SQL = queries("workflow", "signals.sql")
UNREAD = 1_000  # signals kept for one execution


async def signal(
    connection: AsyncConnection, caller: Caller, execution: UUID, now: datetime, name: str, data: Any
) -> None:
    """Send a signal; raises Refused for an execution that has ended."""
    name, answer = limits.name_of("a signal", name), from_plain(limits.event_data(from_plain(data)))
    family = await held_family(connection, caller.tenant, execution)
    if not family:
        status = await status_of(connection, caller, execution)
        assert status in FINISHED
        raise Refused(f"Execution {execution} is {status}; only one that is alive takes signals.")
    own = {"tenant": caller.tenant, "id": execution}
    row = await (await connection.execute(SQL["unread_signals"], own)).fetchone()
    if row and row[0] >= UNREAD:
        raise LimitReached(f"Execution {execution} has {UNREAD:,} signals that it has not taken; it takes no more now.")
    given = {**own, "name": name, "answer": f'{{"v":{dump_text(answer)}}}', "now": now}
    await connection.execute(SQL["send_signal"], given)
    await take(connection, [id_ for id_, _, _ in family], now)
    await noted(connection, caller, execution, "signal", now, name)


async def take(connection: AsyncConnection, executions: list[UUID], now: datetime) -> int:
    """Let those of these that wait for a signal take what was sent; answers how many woke."""
    cursor = await connection.execute(SQL["take_signals"], {"ids": executions, "now": now})
    return len(await cursor.fetchall())


async def overlooked(connection: AsyncConnection, now: datetime) -> int:
    """Wake who waits for a signal that is there; answers how many. Of two who begin to wait at once for the same name
    in one family, the second may pass over a signal that the first was looking at: this finds it again."""
    cursor = await connection.execute(SQL["overlooked_signals"])
    waiting = [row[0] for row in await cursor.fetchall()]
    return await take(connection, waiting, now) if waiting else 0
