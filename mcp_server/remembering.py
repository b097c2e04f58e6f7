"""Puts the memory of bots together: reading, search over it, and erasing in every room that holds something."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import structlog

from keywords.memories import Subject
from mcp_server.searching import Searching
from memory.erasure import Erasure
from memory.reads import PostgresMemories
from storage.pool import Pool
from workflow.erasure import ExecutionTraces

log = structlog.get_logger()


def remembering(pool: Pool, searching: Searching) -> PostgresMemories:
    """What bots remember, searched and erased together with all that follows from it."""

    async def forgotten(tenant: UUID, subject: Subject) -> Mapping[str, int]:
        """Indexes and points of a bot whose rows are gone."""
        from storage.vectors.store import StoreUnavailable

        if subject.bot is None:
            return {}
        try:
            search = await searching.memories()
            return {"points": await search.erase(tenant, subject.bot)}
        except StoreUnavailable as error:
            log.warning("erase.points_left", error=str(error))
            return {"points_left_until_the_store_is_back": 1}

    return PostgresMemories(pool, searching.finding, Erasure(pool, (ExecutionTraces(),), (forgotten,)))
