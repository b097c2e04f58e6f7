"""How children ended, asked for by many parents at once.

Parents wake in batches, for their children ended in batches. While one question is under way the next gathers: so a
parent alone costs one question, and a hundred together cost one too.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias

from psycopg.rows import dict_row

from keywords.host import Answer
from storage.pool import Pool
from storage.sql import queries
from workflow import branches
from workflow.claim import Claim

SQL = queries("workflow", "branches.sql")
MOST = 200  # parents of one question
Row: TypeAlias = Mapping[str, Any]
Asked: TypeAlias = tuple[Claim, int, bool, date, asyncio.Future[Sequence[Row]]]


class Joins:
    """Asks for the children of many calls with one statement."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[Asked] = []
        self._asking: asyncio.Task[None] | None = None

    async def joined(self, claim: Claim, n: int, states: bool, since: datetime | None, now: datetime) -> Answer:
        """What `branches.joined` answers; `since` is when the call was made, and no child of it ended before."""
        if since is None:
            return await branches.joined(self._pool, claim, n, states, now)
        found: asyncio.Future[Sequence[Row]] = asyncio.get_running_loop().create_future()
        self._waiting.append((claim, n, states, since.date() - timedelta(days=1), found))
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        rows = await found
        if any(row["living"] or (row["cursors"] and row["entry"] != "main") for row in rows):
            return await branches.joined(self._pool, claim, n, states, now)  # some have lost, or consumed events
        return branches.answer(claim, rows)

    async def _ask(self) -> None:
        while self._waiting:
            asked, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            try:
                rows = await self._rows(asked)
            except Exception as error:  # noqa: BLE001 - whoever asked is told, and decides
                for *_, found in asked:
                    if not found.done():
                        found.set_exception(error)
                continue
            for at, (*_, found) in enumerate(asked):
                if not found.done():
                    found.set_result(rows[at])

    async def _rows(self, asked: Sequence[Asked]) -> Mapping[int, Sequence[Row]]:
        given = {
            "ref": list(range(len(asked))),
            "parent": [claim.id for claim, *_ in asked],
            "n": [n for _, n, *_ in asked],
            "states": [states for _, _, states, *_ in asked],
            "since": min(since for *_, since, _ in asked),
        }
        rows: defaultdict[int, list[Row]] = defaultdict(list)
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["ended_families"], given)
            for row in await cursor.fetchall():
                rows[row["ref"]].append(row)
        return rows
