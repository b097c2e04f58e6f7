"""What a search index is made from: rows of Postgres, read again as they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg import AsyncConnection

from storage.pool import Pool
from storage.search.entry import Entry
from storage.vectors.store import Owner


@dataclass(frozen=True, slots=True)
class Written:
    """An entry as it is now, and the version of the row it was made from."""

    entry: Entry
    version: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What of one owner's entries changed since a snapshot."""

    written: Sequence[Written]
    gone: Sequence[str]  # marks; of entries that were never seen, too
    upto: str  # the snapshot that knows all this


class Source(Protocol):
    """Where the entries of one sort come from."""

    @property
    def name(self) -> str: ...

    async def changes(self, owner: Owner, since: str | None) -> Changes:
        """What was committed and cannot be seen in the snapshot `since`; None: everything there is."""
        ...

    async def owners(self, since: str | None) -> tuple[Sequence[Owner], str]:
        """Whose entries changed since, and the snapshot that knows it."""
        ...


class Rows:
    """Reads changes with statements that answer one row at least: the snapshot first, then columns or nulls.

    A snapshot as the cursor misses nothing and waits for nobody: a transaction that was open when the snapshot was
    taken is not visible in it, whenever it commits.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def read(self, statement: bytes, given: Mapping[str, Any]) -> tuple[str, list[tuple[Any, ...]]]:
        """The snapshot, and the rows without it."""
        async with self._pool.connection() as connection:
            return await _read(connection, statement, given)


async def _read(
    connection: AsyncConnection, statement: bytes, given: Mapping[str, Any]
) -> tuple[str, list[tuple[Any, ...]]]:
    cursor = await connection.execute(statement, given)
    rows = await cursor.fetchall()
    return rows[0][0], [row[1:] for row in rows if row[1] is not None]
