"""Fills a store of vectors behind the commits, and empties it of what is gone.

One process at a time does it for all, and how far it came is kept in Postgres: a process that dies half way leaves
the rest to the next, and what was put in twice is there once. A store that is down is tried again; meanwhile nobody
waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from storage.pool import Pool
from storage.search.meaning import Embedder, EmbeddingUnavailable
from storage.search.shelf import said
from storage.search.source import Source, Written
from storage.sql import queries
from storage.vectors.store import Owner, Point, StoreUnavailable, VectorStore, mark

log = structlog.get_logger()
SQL = queries("storage.search")

LOOK_SECONDS = 2.0
LONGEST_PAUSE = 60.0
AT_ONCE = 64
OPEN_SECONDS = 10.0


class Filler:
    """Keeps one source's store filled."""

    def __init__(
        self, pool: Pool, source: Source, embedder: Embedder, store: VectorStore, look_seconds: float = LOOK_SECONDS
    ) -> None:
        self._pool, self._source, self._embedder, self._store = pool, source, embedder, store
        self._look_seconds = look_seconds
        self._bell = asyncio.Event()
        self._opened = False

    def ring(self) -> None:
        """Something was committed."""
        self._bell.set()

    async def run(self) -> None:
        """Fills until it is cancelled."""
        pause = self._look_seconds
        while True:
            self._bell.clear()
            try:
                await self.fill()
                pause = self._look_seconds
            except (StoreUnavailable, EmbeddingUnavailable, psycopg.Error, PoolTimeout, TimeoutError) as error:
                log.warning("search.not_filled", place=self._store.place, reason=str(error).strip()[:300])
                self._opened = False  # it may have lost everything
                pause = min(LONGEST_PAUSE, pause * 2)
                await asyncio.sleep(pause)
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), pause)

    async def fill(self, progress: Callable[[int], object] | None = None) -> int:
        """Fills what is missing now; how many points were put. 0 also when another process is at it."""
        place = {"place": self._store.place}
        async with self._pool.connection() as connection:
            if not await _one(connection, "fill_alone", place):
                return 0
            try:
                return await self._fill(connection, progress)
            finally:
                if not connection.broken:
                    await connection.execute(SQL["fill_no_longer"], place)

    async def erase(self, owner: Owner) -> int:
        """Takes everything of an owner out of the store; how many points that was. No fill is under way meanwhile."""
        place = {"place": self._store.place}
        async with self._pool.connection() as connection:
            await connection.execute(SQL["fill_alone_soon"], place)
            try:
                return await asyncio.wait_for(self._store.erase(owner), OPEN_SECONDS)
            finally:
                if not connection.broken:
                    await connection.execute(SQL["fill_no_longer"], place)

    async def _fill(self, connection: psycopg.AsyncConnection, progress: Callable[[int], object] | None) -> int:
        if not self._opened:
            new = await asyncio.wait_for(self._store.open(), OPEN_SECONDS)
            known = None if new else await _one(connection, "filled_upto", {"place": self._store.place})
            self._opened = True
        else:
            known = await _one(connection, "filled_upto", {"place": self._store.place})
        owners, upto = await self._source.owners(known)
        put = 0
        for owner in owners:
            changes = await self._source.changes(owner, known)
            if changes.gone:
                await self._store.remove(owner, changes.gone)
            for start in range(0, len(changes.written), AT_ONCE):
                put += await self._put(owner, changes.written[start : start + AT_ONCE])
                if progress:
                    progress(put)
        if owners or known is None:
            await connection.execute(SQL["filled"], {"place": self._store.place, "known": upto})
        return put

    async def _put(self, owner: Owner, written: Sequence[Written]) -> int:
        held = await self._store.versions(owner, [one.entry.id for one in written])
        new = [one for one in written if held.get(one.entry.id) != one.version]
        if not new:
            return 0
        vectors = await self._embedder.embed([said(one.entry) for one in new])
        points = [
            Point(one.entry.id, one.version, vector) for one, vector in zip(new, vectors, strict=True) if vector.any()
        ]
        if silent := [mark(owner, one.entry.id) for one, vector in zip(new, vectors, strict=True) if not vector.any()]:
            await self._store.remove(owner, silent)
        if points:
            await self._store.put(owner, points)
        return len(points)


async def _one(connection: psycopg.AsyncConnection, name: str, given: dict[str, str]) -> str | None:
    cursor = await connection.execute(SQL[name], given)
    row = await cursor.fetchone()
    return row[0] if row else None
