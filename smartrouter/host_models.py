"""The host's table of models, read where it exists; never written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row

from storage.sql import queries

SQL = queries("smartrouter", "mirror.sql")


async def host_models(connection: AsyncConnection) -> Sequence[Mapping[str, Any]]:
    """The rows of `public.model_configurations`; none where there is no such table."""
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(SQL["has_models"])
        found = await cursor.fetchone()
        if not found or not found["there"]:
            return []
        await cursor.execute(SQL["host_models"])
        return await cursor.fetchall()
