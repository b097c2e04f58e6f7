"""Executions as they stand: looked at, waited for, listed, with what they said and what they ask."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from keywords.encode import load
from keywords.values import text as as_text
from storage.hints import Topics
from workflow import steering
from workflow.bell import Bell
from workflow.details import Approval, Caller, Cursor, Detail, JournalRow, Message, Part
from workflow.steering import SQL, UnknownExecution
from workflow.transactions import Member, Transactions
from workflow.turn import FINISHED, STUCK

ROWS = 500  # of the journal, at once
PARTS = 200  # of an execution that are told of


@dataclass(frozen=True, slots=True)
class Census:
    """How many live executions there are of each status, and for how many seconds the oldest ready one has waited."""

    live: Mapping[str, int]
    oldest_ready: float


class Looking(Transactions):
    """Reads; changes nothing."""

    async def get(self, caller: Caller, execution: UUID) -> Detail:
        """The execution as it stands, with all that was said and asked below it; raises UnknownExecution."""
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["get_execution"], {"tenant": caller.tenant, "id": execution})
            row = await cursor.fetchone()
            if row is None:
                raise UnknownExecution(execution)
            family = await self._family(connection, caller, execution)
            given = {"tenant": caller.tenant, "family": [id_ for id_, *_ in family]}
            await cursor.execute(SQL["messages"], given)
            said = tuple(
                Message(m["ended_at"], m["bot_name"], as_text(load(m["answer"])), m["execution_id"])
                for m in await cursor.fetchall()
            )
            await cursor.execute(SQL["pending_approvals"], given)
            asked = tuple(Approval.of(a) for a in await cursor.fetchall())
            hearing = [id_ for id_, _, _, hears in family if hears]
            heard = await steering.questions(connection, caller, hearing) if hearing else ()
            parts: Sequence[Mapping[str, Any]] = ()
            if len(family) > 1:
                await cursor.execute(SQL["parts"], {"tenant": caller.tenant, "id": execution, "limit": PARTS})
                parts = await cursor.fetchall()
        troubles = tuple(reason or status for _, status, reason, _ in family if status in STUCK)
        return Detail.of(row, said, asked, troubles, heard, tuple(map(Part.of, parts)))

    async def wait(self, caller: Caller, execution: UUID, seconds: float, *, news: bool = False) -> Detail:
        """The execution once it has ended or needs a person, at the latest after so many seconds.

        With `news`, what people are asked already does not count: it waits until that is decided or answered.
        """
        bell = Bell()
        wanted = {f"done:{execution}", "approval", "*"}

        def heard(topics: Topics) -> None:
            if topics & wanted:
                bell.ring()

        loop = asyncio.get_running_loop()
        end, look = loop.time() + seconds, 0.05
        leave = self._engine.hints.subscribe(heard)
        try:
            known = (await self._standing(caller, execution))[1] if news else ""
            while True:
                status, asked = await self._standing(caller, execution)
                left = end - loop.time()
                if status in FINISHED or (asked and asked != known) or left <= 0:
                    return await self.get(caller, execution)
                await bell.wait(min(left, look))
                look = min(1.0, look * 2)
        finally:
            leave()

    async def _standing(self, caller: Caller, execution: UUID) -> tuple[str, str]:
        """Its status, and what it or anything below it asks of people, "" for nothing: looked at again and again."""
        async with self._engine.pool.connection() as connection:
            cursor = await connection.execute(SQL["standing"], {"tenant": caller.tenant, "id": execution})
            row = await cursor.fetchone()
        if row is None:
            raise UnknownExecution(execution)
        return row[0], row[1]

    async def _looked(self, caller: Caller, execution: UUID) -> list[Member]:
        async with self._engine.pool.connection() as connection:
            family = await self._family(connection, caller, execution)
        if not family:
            raise UnknownExecution(execution)
        return family

    async def journal(
        self, caller: Caller, execution: UUID, after: Cursor | None = None
    ) -> tuple[tuple[JournalRow, ...], Cursor]:
        """The next rows of the journal of an execution and of everything it started, and where to go on."""
        places = dict(after or {})
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            family = [id_ for id_, *_ in await self._family(connection, caller, execution)]
            if not family:
                raise UnknownExecution(execution)
            marks = [places.get(id_, (-1, 0, 0)) for id_ in family]
            given = {
                "tenant": caller.tenant,
                "family": family,
                "generation": [g for g, _, _ in marks],
                "seq": [n for _, n, _ in marks],
                "attempt": [a for _, _, a in marks],
                "limit": ROWS,
            }
            await cursor.execute(SQL["journal"], given)
            rows = tuple(JournalRow.of(row) for row in await cursor.fetchall())
        for row in rows:
            places[row.execution] = row.place
        return rows, places

    async def listed(self, caller: Caller, status: str | None = None, limit: int = 50) -> tuple[Detail, ...]:
        """The newest executions that people started, without what they said."""
        given = {"tenant": caller.tenant, "status": status, "limit": min(limit, ROWS)}
        return tuple(Detail.of(row) for row in await self._rows("list_executions", given))

    async def approvals(self, caller: Caller, execution: UUID | None = None) -> tuple[Approval, ...]:
        """The pending approvals of the tenant, or of one execution and everything it started."""
        family: list[UUID] | None = None
        if execution is not None:
            family = [id_ for id_, *_ in await self._looked(caller, execution)]
        rows = await self._rows("pending_approvals", {"tenant": caller.tenant, "family": family})
        return tuple(Approval.of(row) for row in rows)

    async def bots(self, caller: Caller, execution: UUID) -> Sequence[Mapping[str, Any]]:
        """Who was added to the conversation of a running execution, the first to be asked first."""
        return await self._rows("session_bots", {"tenant": caller.tenant, "id": execution})

    async def statistics(self, caller: Caller, bot: UUID) -> Mapping[str, Any]:
        """What the journal says of the latest runs of a bot."""
        (row,) = await self._rows("statistics", {"tenant": caller.tenant, "bot": bot})
        return row

    async def census(self) -> Census:
        """How the live executions of all tenants stand."""
        rows = await self._selected(SQL["census"], {"now": self._engine.clock()})
        return Census(
            {row["status"]: row["count"] for row in rows}, max((row["oldest"] or 0.0 for row in rows), default=0.0)
        )

    async def unfinished(self) -> int:
        """Executions of all tenants that will go on by themselves or when a person answers."""
        async with self._engine.pool.connection() as connection:
            row = await (await connection.execute(SQL["unfinished"])).fetchone()
        return row[0] if row else 0
