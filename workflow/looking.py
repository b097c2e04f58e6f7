"""Executions as they stand: looked at, waited for, listed, with what they said and what they ask."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from psycopg.rows import dict_row

from keywords.encode import load
from keywords.values import text as as_text
from storage.hints import Topics
from storage.sql import queries
from workflow import approvals, permission, steering
from workflow.bell import Bell
from workflow.details import Approval, Caller, Cursor, Detail, JournalRow, Message, Part
from workflow.steering import SQL, UnknownExecution
from workflow.transactions import Member, Transactions
from workflow.turn import FINISHED, STUCK

ROWS = 500  # of the journal, at once
MARKS = queries("workflow", "watched.sql")["marks"]
PARTS = 200  # of an execution that are told of
REQUESTS = queries("workflow", "approvals.sql")["list_requests"]
Before: TypeAlias = tuple[datetime, UUID]  # of a list, the newest first: when the last one seen was made, and its id


@dataclass(frozen=True, slots=True)
class Census:
    """How many live executions there are of each status, and for how many seconds the oldest ready one has waited."""

    live: Mapping[str, int]
    oldest_ready: float


class Looking(Transactions):
    """Reads; changes nothing."""

    async def get(self, caller: Caller, execution: UUID, *, scope: str = "wf:read") -> Detail:
        """The execution as it stands, with all that was said and asked below it; raises UnknownExecution."""
        await self._may(caller, scope, execution)
        return await self._got(caller, execution)

    async def _got(self, caller: Caller, execution: UUID) -> Detail:
        given: dict[str, Any] = {"tenant": caller.tenant, "id": execution, "bots": None, "limit": PARTS}
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL["look"], given)
            row = await cursor.fetchone()
            if row is None:
                raise UnknownExecution(execution)
            family = [(UUID(id_), status, reason, hears) for id_, status, reason, hears in row["family"]]
            said = tuple(
                Message(datetime.fromisoformat(at), bot, as_text(load(answer)), UUID(id_))
                for id_, bot, at, answer in row["said"] or ()
            )
            asked: tuple[Approval, ...] = ()
            if any(status == "waiting" for _, status, *_ in family):
                await cursor.execute(SQL["pending_approvals"], {**given, "family": [id_ for id_, *_ in family]})
                asked = tuple(Approval.of(a) for a in await cursor.fetchall())
            hearing = [id_ for id_, _, _, hears in family if hears]
            heard = await steering.questions(connection, caller, hearing) if hearing else ()
            parts: Sequence[Mapping[str, Any]] = ()
            if len(family) > 1:
                await cursor.execute(SQL["parts"], given)
                parts = await cursor.fetchall()
        troubles = tuple(reason or status for _, status, reason, _ in family if status in STUCK)
        return Detail.of(row, said, asked, troubles, heard, tuple(map(Part.of, parts)))

    async def wait(
        self, caller: Caller, execution: UUID, seconds: float, *, news: bool = False, scope: str = "wf:read"
    ) -> Detail:
        """The execution once it has ended or needs a person, at the latest after so many seconds.

        With `news`, what people are asked already does not count: it waits until that is decided or answered.
        `scope` is what the caller needs; another one than `wf:read` is that with which it was started.
        """
        await self._may(caller, scope, execution)
        return await self._waited(caller, execution, seconds, news=news)

    async def _waited(self, caller: Caller, execution: UUID, seconds: float, *, news: bool = False) -> Detail:
        if seconds <= 0:
            return await self._got(caller, execution)
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
                    return await self._got(caller, execution)
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

    async def _looked(self, caller: Caller, execution: UUID, scope: str = "wf:read") -> list[Member]:
        await self._may(caller, scope, execution)
        async with self._engine.pool.connection() as connection:
            family = await self._family(connection, caller, execution)
        if not family:
            raise UnknownExecution(execution)
        return family

    async def journal(
        self, caller: Caller, execution: UUID, after: Cursor | None = None, *, own: bool = False
    ) -> tuple[tuple[JournalRow, ...], Cursor]:
        """The next rows of the journal of an execution and, unless its own are wanted, of everything it started; and
        where to go on."""
        await self._may(caller, "wf:read", execution)
        places = dict(after or {})
        async with self._engine.pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            family = [id_ for id_, *_ in await self._family(connection, caller, execution)]
            if not family:
                raise UnknownExecution(execution)
            family = [execution] if own else family
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

    async def listed(
        self, caller: Caller, status: str | None = None, limit: int = 50, before: Before | None = None
    ) -> tuple[Detail, ...]:
        """The newest executions that people started, without what they said; or those older than `before`."""
        await self._may(caller, "wf:read")
        given = {"tenant": caller.tenant, "status": status, "limit": min(limit, ROWS), **_before(before)}
        given |= permission.bots_shown(caller)
        return tuple(Detail.of(row) for row in await self._rows("list_executions", given))

    async def requests(
        self,
        caller: Caller,
        status: str = "",
        *,
        mine: bool = False,
        limit: int = 50,
        before: Before | None = None,
    ) -> tuple[Approval, ...]:
        """The newest approvals that are `pending`, `decided` (in whatever way they ended) or either; or older ones.

        `mine` are those that the caller, or whom it works for, was asked for by name.
        """
        names = [name.lower() for name in (caller.subject, caller.on_behalf_of) if name]
        given = {"tenant": caller.tenant, "status": status, "person": names if mine else None}
        given |= {"limit": min(limit, ROWS), **_before(before), **permission.bots_shown(caller)}
        await self._may(caller, "wf:read")
        return tuple(Approval.of(row) for row in await self._selected(REQUESTS, given))

    async def approvals(self, caller: Caller, execution: UUID | None = None) -> tuple[Approval, ...]:
        """The pending approvals of the tenant, or of one execution and everything it started."""
        await self._may(caller, "wf:read")
        family: list[UUID] | None = None
        if execution is not None:
            family = [id_ for id_, *_ in await self._looked(caller, execution)]
        rows = await self._rows(
            "pending_approvals", {"tenant": caller.tenant, "family": family, **permission.bots_shown(caller)}
        )
        return tuple(Approval.of(row) for row in rows)

    async def approval(self, caller: Caller, approval: UUID) -> Approval:
        """One approval, pending or decided; raises UnknownApproval."""
        await self._may(caller, "wf:read")
        async with self._engine.pool.connection() as connection:
            if not await permission.sees_approval(connection, caller, approval):
                raise approvals.UnknownApproval(approval)
            return await approvals.as_it_stands(connection, caller, approval)

    async def marks(self, executions: Collection[UUID]) -> Mapping[UUID, str]:
        """For each execution that exists a text that changes with it and with all it started; whoever asks was shown
        them before."""
        rows = await self._selected(MARKS, {"ids": list(executions)})
        return {row["watched"]: row["mark"] for row in rows}

    async def bots(self, caller: Caller, execution: UUID) -> Sequence[Mapping[str, Any]]:
        """Who was added to the conversation of a running execution, the first to be asked first."""
        await self._may(caller, "wf:read", execution)
        return await self._rows("session_bots", {"tenant": caller.tenant, "id": execution})

    async def statistics(self, caller: Caller, bot: UUID) -> Mapping[str, Any]:
        """What the journal says of the latest runs of a bot."""
        await self._may(caller, "wf:read")
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


def _before(place: Before | None) -> dict[str, Any]:
    return {"before_at": place[0] if place else None, "before_id": place[1] if place else None}
