"""Reading what bots remember."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import copy
from datetime import datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from keywords.memories import Hit, Memory, Past, Share, Subject
from memory.erasure import Erasure
from storage.pool import Pool
from storage.sql import queries

SQL = queries("memory")
APART = SQL["requests_apart"]
Place: TypeAlias = tuple[UUID | None, str]  # whose it is, None for the own ones of who asks; and the key


class Finding(Protocol):
    """Search over own and shared memories, made by `memory.search` of what says which may be read."""

    async def __call__(
        self, tenant: UUID, bot: UUID, question: str, limit: int, now: datetime
    ) -> Sequence[tuple[str, UUID | None, str, int, float]]:
        """Key, whose (None: own), value, version and score, the best first; all readable at this moment."""
        ...


Readable: TypeAlias = Callable[[UUID, UUID, Sequence[Place], datetime], Awaitable[Mapping[Place, tuple[str, int]]]]


class PostgresMemories:
    """What bots remember, read from the database at the moment of the question; fulfils `keywords.host.Memories`."""

    def __init__(
        self, pool: Pool, finding: Callable[[Readable], Finding] | None = None, erasure: Erasure | None = None
    ) -> None:
        self._pool = pool
        self._find = finding(self.readable) if finding else None
        self._erasure = erasure or Erasure(pool)
        self._guarded = False

    def of_requests(self) -> PostgresMemories:
        """The same, read under the role of requests: the server itself keeps tenants apart (`apart` says if it can)."""
        guarded = copy(self)
        guarded._guarded = True  # noqa: SLF001 - of the same class
        return guarded

    async def apart(self) -> bool:
        """Whether the server keeps tenants apart: whether the role of requests is there, and we may take it on."""
        async with self._pool.connection() as connection:
            row = await (await connection.execute(APART)).fetchone()
        return bool(row and row[0])

    @asynccontextmanager
    async def _connected(self, tenant: UUID) -> AsyncGenerator[AsyncConnection]:
        async with self._pool.connection() as connection:
            if not self._guarded:
                yield connection
                return
            async with connection.transaction():
                await connection.execute(SQL["as_request"], {"tenant": str(tenant)})
                yield connection

    async def get(self, tenant: UUID, bot: UUID, key: str, now: datetime) -> str | None:
        async with self._connected(tenant) as connection:
            given = {"tenant": tenant, "bot": bot, "key": key, "now": now}
            row = await (await connection.execute(SQL["memory_of"], given)).fetchone()
        return None if row is None else row[0]

    async def known(self, tenant: UUID, bot: UUID, key: str, now: datetime) -> Memory | None:
        rows = await self._rows("memory_known", tenant=tenant, bot=bot, key=key, now=now)
        if not rows:
            return None
        names = await self._names(tenant, (rows[0]["origin_id"],))
        return _memory(key, rows[0], names)

    async def shared(self, tenant: UUID, bot: UUID, source: UUID, key: str, now: datetime) -> Memory | None:
        rows = await self._rows("memory_from", tenant=tenant, bot=bot, source=source, key=key, now=now)
        if not rows:
            return None
        (row,) = rows
        names = await self._names(tenant, (source,))
        there = row["value"] is not None
        return Memory(key, row["value"] or "", row["version"] if there else 0, now, origin=names.get(source, ""))

    async def listed(
        self, tenant: UUID, bot: UUID, prefix: str, now: datetime, limit: int, after: str | None = None
    ) -> Sequence[Memory]:
        rows = await self._rows(
            "memory_listed", tenant=tenant, bot=bot, prefix=prefix, now=now, limit=limit, after=after
        )
        names = await self._names(tenant, (row["origin_id"] for row in rows))
        return [_memory(row["key"], row, names) for row in rows]

    async def history(self, tenant: UUID, bot: UUID, key: str, limit: int) -> Sequence[Past]:
        rows = await self._rows("memory_history", tenant=tenant, bot=bot, key=key, limit=limit)
        names = await self._names(tenant, (row[who] for row in rows for who in ("writer_id", "origin_id")))
        return [
            Past(
                row["version"],
                row["op"],
                row["value"],
                row["at"],
                names.get(row["writer_id"], ""),
                names.get(row["origin_id"], ""),
                row["execution_id"],
            )
            for row in rows
        ]

    async def shares(self, tenant: UUID, bot: UUID, now: datetime, limit: int) -> Sequence[Share]:
        rows = await self._rows("memory_grants", tenant=tenant, bot=bot, now=now, limit=limit)
        return [
            Share(
                row["pattern"] + ("*" if row["prefix"] else ""),
                row["source_name"] or str(row["source_bot_id"]),
                row["target_name"] or str(row["target_bot_id"]),
                row["snapshot"],
                row["writable"],
                row["reshare"],
                row["expires_at"],
                row["source_bot_id"] == bot,
            )
            for row in rows
        ]

    async def search(self, tenant: UUID, bot: UUID, question: str, now: datetime, limit: int) -> Sequence[Hit]:
        if self._find is None:
            return ()
        found = await self._find(tenant, bot, question, limit, now)
        names = await self._names(tenant, (source for _, source, *_ in found))
        return [
            Hit(key, value, version, score, names.get(source, str(source)) if source else "")
            for key, source, value, version, score in found
        ]

    async def readable(
        self, tenant: UUID, bot: UUID, places: Sequence[Place], now: datetime
    ) -> Mapping[Place, tuple[str, int]]:
        """Of these memories, those that the bot may read at this moment, with value and version."""
        given = {"source": [source for source, _ in places], "key": [key for _, key in places]}
        rows = await self._rows("memory_readable", tenant=tenant, bot=bot, now=now, **given)
        return {(row["source"], row["key"]): (row["value"], row["version"]) for row in rows}

    async def exported(
        self, tenant: UUID, subject: Subject, now: datetime, *, whole: bool = False
    ) -> Mapping[str, Any]:
        """All of it with `whole`; else so much of each sort as a program can hold."""
        return await self._erasure.exported(tenant, subject, now, whole=whole)

    async def erased(self, tenant: UUID, subject: Subject, now: datetime) -> Mapping[str, int]:
        return await self._erasure.erased(tenant, subject, now)

    async def _rows(self, statement: str, *, tenant: UUID, **given: Any) -> list[dict[str, Any]]:
        async with self._connected(tenant) as connection, connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SQL[statement], {"tenant": tenant, **given})
            return await cursor.fetchall()

    async def _names(self, tenant: UUID, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
        """The names of bots; one that was never met by its name is told by its id."""
        wanted = {id_ for id_ in ids if id_ is not None}
        if not wanted:
            return {}
        rows = await self._rows("bots_named", tenant=tenant, ids=list(wanted))
        return {**{id_: str(id_) for id_ in wanted}, **{row["id"]: row["name"] for row in rows}}


def _memory(key: str, row: Mapping[str, Any], names: Mapping[UUID | None, str]) -> Memory:
    origin = names.get(row["origin_id"], "")
    return Memory(key, row["value"], row["version"], row["updated_at"], row["expires_at"], origin)
