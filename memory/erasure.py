"""Exporting and erasing all that is known of a bot or a person, with counts."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from keywords.memories import Subject
from storage.pool import Pool
from storage.sql import queries

SQL = queries("memory", "erase.sql")
ERASED = {  # what is counted, and the statement that removes it
    "memories": "erase_memories",
    "versions": "erase_versions",
    "copies": "erase_copies",
    "grants": "erase_grants",
}
SEPARATE = 5_000  # rows of each sort in one export; more are in the counts and can be read with LIST and HISTORY


class Traces(Protocol):
    """Another room that holds something of a subject."""

    async def erased(
        self, connection: AsyncConnection, tenant: UUID, subject: Subject, now: datetime
    ) -> Mapping[str, int]:
        """Erase it in this transaction; what was removed, counted."""
        ...


Afterwards: TypeAlias = Callable[[UUID, Subject], Awaitable[Mapping[str, int]]]
"""What follows from the rows outside of Postgres: erased once their erasure is durable."""


class Erasure:
    """Erases in one transaction, here and in every other room that was named; then what is kept outside."""

    def __init__(self, pool: Pool, others: Sequence[Traces] = (), afterwards: Sequence[Afterwards] = ()) -> None:
        self._pool = pool
        self._others = tuple(others)
        self._afterwards = tuple(afterwards)

    async def exported(
        self, tenant: UUID, subject: Subject, now: datetime, *, whole: bool = False
    ) -> Mapping[str, Any]:
        """All that memory holds of the subject, as ordinary JSON, and how much that is."""
        given = _given(tenant, subject)
        found: dict[str, list[dict[str, Any]]] = {}
        async with self._pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            for name, statement in (
                ("memories", "of_subject"),
                ("versions", "versions_of_subject"),
                ("copies", "inbox_of_subject"),
            ):
                await cursor.execute(SQL[statement], given)
                found[name] = [_told(row) for row in await cursor.fetchall()]
        return {
            "subject": subject.name,
            "at": now.isoformat(),
            "counts": {name: len(rows) for name, rows in found.items()},
            **{name: rows if whole else rows[:SEPARATE] for name, rows in found.items()},
        }

    async def erased(self, tenant: UUID, subject: Subject, now: datetime) -> Mapping[str, int]:
        given = _given(tenant, subject)
        counts: dict[str, int] = {}
        async with self._pool.connection() as connection, connection.transaction():
            for name, statement in ERASED.items():
                row = await (await connection.execute(SQL[statement], given)).fetchone()
                counts[name] = row[0] if row else 0
            for other in self._others:
                counts |= await other.erased(connection, tenant, subject, now)
            if subject.bot is not None:
                await connection.execute(SQL["erase_mentions"], given)
            noted = {"tenant": tenant, "name": subject.name, "counts": Jsonb(counts), "now": now}
            await connection.execute(SQL["note_erasure"], noted)
        for forget in self._afterwards:
            counts |= await forget(tenant, subject)
        return counts


def _given(tenant: UUID, subject: Subject) -> dict[str, Any]:
    return {"tenant": tenant, "bot": subject.bot, "person": subject.person}


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as ordinary JSON."""
    return json.loads(
        json.dumps(row, default=lambda value: value.isoformat() if hasattr(value, "isoformat") else str(value))
    )
