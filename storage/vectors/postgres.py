"""Vectors in Postgres: measured by pgvector where the server has it, in plain SQL where it has not.

Every distance of an owner is measured, none is guessed by an index: a bot has at most 100,000 entries, and an
approximate index over all bots finds too little of any one of them.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import psycopg
from psycopg_pool import PoolTimeout

from storage.pool import Pool
from storage.search.columns import Vector
from storage.sql import queries
from storage.vectors.store import Near, Owner, Point, StoreUnavailable, mark

SQL = queries("storage.vectors")


class PostgresVectors:
    """Fulfils VectorStore; `pgvector` None: used where the server has it."""

    def __init__(self, pool: Pool, source: str, model: str, *, pgvector: bool | None = None) -> None:
        self._pool, self._pgvector = pool, pgvector
        self._place = f"postgres {source} {model}"

    @property
    def place(self) -> str:
        return self._place

    @property
    def pgvector(self) -> bool | None:
        """Whether pgvector measures; None before the first search."""
        return self._pgvector

    async def open(self) -> bool:
        async with self._connection() as connection:
            return not await _truth(connection, SQL["was_filled"], {"place": self._place})

    async def put(self, owner: Owner, points: Sequence[Point]) -> None:
        latest = {point.key: point for point in points}.values()  # one statement may touch a row only once
        rows = {
            "key": [point.key for point in latest],
            "mark": [mark(owner, point.key) for point in latest],
            "version": [point.version for point in latest],
            "vector": [",".join(map(str, _unit(point.vector).tolist())) for point in latest],
        }
        async with self._connection() as connection:
            await connection.execute(SQL["put"], {**self._whose(owner), **rows})

    async def versions(self, owner: Owner, keys: Sequence[str]) -> Mapping[str, int]:
        async with self._connection() as connection:
            marks = [mark(owner, key) for key in keys]
            cursor = await connection.execute(SQL["versions"], {**self._whose(owner), "mark": marks})
            return dict(await cursor.fetchall())

    async def remove(self, owner: Owner, marks: Sequence[str]) -> None:
        async with self._connection() as connection:
            await connection.execute(SQL["remove"], {**self._whose(owner), "mark": list(marks)})

    async def erase(self, owner: Owner) -> int:
        async with self._connection() as connection:
            cursor = await connection.execute(SQL["erase"], self._whose(owner))
            row = await cursor.fetchone()
            return int(row[0]) if row else 0

    async def nearest(self, owner: Owner, vector: Vector, limit: int) -> list[Near]:
        async with self._connection() as connection:
            if self._pgvector is None:
                self._pgvector = await _truth(connection, SQL["has_pgvector"], {})
            measured = SQL["nearest_by_pgvector" if self._pgvector else "nearest_by_sql"]
            given = {**self._whose(owner), "vector": _unit(vector).tolist(), "limit": limit}
            cursor = await connection.execute(measured, given)
            return [Near(key, version, float(likeness)) for key, version, likeness in await cursor.fetchall()]

    async def close(self) -> None:
        """The pool is another's."""

    def _whose(self, owner: Owner) -> dict[str, Any]:
        return {"tenant": owner.tenant, "owner": owner.id, "place": self._place}

    @asynccontextmanager
    async def _connection(self) -> AsyncGenerator[psycopg.AsyncConnection]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (psycopg.Error, PoolTimeout) as error:
            raise StoreUnavailable(f"The vectors in Postgres cannot be used: {str(error).strip()}") from error


async def _truth(connection: psycopg.AsyncConnection, statement: bytes, given: Mapping[str, Any]) -> bool:
    cursor = await connection.execute(statement, given)
    row = await cursor.fetchone()
    return bool(row and row[0])


def _unit(vector: Vector) -> Vector:
    length = float(np.sqrt(np.square(vector.astype(np.float64)).sum()))
    return (vector / length).astype(np.float32) if length > 0 else vector
