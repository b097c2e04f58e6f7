"""Memories as rows, written as the product's statements leave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid4

from memory.search.service import Key, MemorySearch, Readable
from memory.search.source import MemorySource
from storage.pool import Pool
from storage.search.embedding import installed_word_vectors
from storage.search.filling import Filler
from storage.search.meaning import Embedder, WordMeaning
from storage.search.shelf import Shelf
from storage.sql import queries
from storage.vectors.store import VectorStore

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TENANT = UUID("11111111-0000-4000-8000-000000000000")
MEANING = WordMeaning(installed_word_vectors())


async def remember(pool: Pool, bot: UUID, key: str, value: str, expires: datetime | None = None) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "insert into bot_memories as m (tenant_id, bot_id, key, value, created_at, updated_at, expires_at)"
            " values (%s, %s, %s, %s, %s, %s, %s) on conflict (bot_id, key) do update set value = excluded.value,"
            " version = m.version + 1, deleted = false, expires_at = excluded.expires_at",
            (TENANT, bot, key, value, NOW, NOW, expires),
        )


async def delete(pool: Pool, bot: UUID, key: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "update bot_memories set deleted = true, value = '', version = version + 1 where bot_id = %s and key = %s",
            (bot, key),
        )


async def share(pool: Pool, source: UUID, target: UUID, pattern: str, snapshot: bool = False) -> None:
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "insert into bot_memory_grants (tenant_id, source_bot_id, target_bot_id, pattern, prefix, snapshot,"
            " granted_at) values (%s, %s, %s, %s, false, %s, %s)",
            (TENANT, source, target, pattern, snapshot, NOW),
        )
        await connection.execute(
            "update bot_memories set shared = true where bot_id = %s and key = %s", (source, pattern)
        )
        await connection.execute(
            "insert into bot_shared_memory (id, tenant_id, source_bot_id, target_bot_id, memory_key, memory_value,"
            " shared_at, source_version) select %s, tenant_id, bot_id, %s, key, value, %s, version from bot_memories"
            " where bot_id = %s and key = %s",
            (uuid4(), target, NOW, source, pattern),
        )


async def revoke(pool: Pool, source: UUID, target: UUID) -> None:
    async with pool.connection() as connection, connection.transaction():
        await connection.execute("delete from bot_memory_grants where source_bot_id = %s", (source,))
        await connection.execute(
            "delete from bot_shared_memory where source_bot_id = %s and target_bot_id = %s", (source, target)
        )


def readable(pool: Pool) -> Readable:
    """What a bot may read at this moment, by the product's own statement."""
    statement = queries("memory")["memory_readable"]

    async def read(tenant: UUID, bot: UUID, keys: Sequence[Key], now: datetime) -> Mapping[Key, tuple[str, int]]:
        given = {
            "tenant": tenant,
            "bot": bot,
            "source": [source for source, _ in keys],
            "key": [key for _, key in keys],
            "now": now,
        }
        async with pool.connection() as connection:
            rows = await (await connection.execute(statement, given)).fetchall()
        return {(source, key): (value, version) for source, key, value, version in rows}

    return read


def search_of(
    pool: Pool, store: VectorStore | None = None, embedder: Embedder | None = MEANING, filler: Filler | None = None
) -> MemorySearch:
    """A search as one process has it."""
    return MemorySearch(Shelf(MemorySource(pool), embedder, store), readable(pool), filler)


async def keys(search: MemorySearch, bot: UUID, question: str, limit: int = 5) -> list[str]:
    return [found.key for found in await search.search(TENANT, bot, question, limit, NOW)]
