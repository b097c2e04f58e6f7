"""The same questions through the product: turns kept as memories in Postgres, found by the service of SEARCH MEMORY."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import numpy as np

from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import Pool, open_pool
from storage.search.entry import Entry
from tests.memory_search.rows import TENANT, search_of

NOW = datetime(2026, 5, 4, tzinfo=UTC)
INSERT = (
    "insert into bot_memories (tenant_id, bot_id, key, value, created_at, updated_at)"
    " select %s, %s, k, v, %s, %s from unnest(%s::text[], %s::text[]) as t (k, v)"
)
Asked = tuple[Sequence[Entry], Sequence[tuple[str, Sequence[str]]]]  # turns; questions, each with its gold turns


async def through_the_product(talks: Sequence[Asked]) -> dict[str, float]:
    """any_at_10 and recall_at_10 as a bot sees them, and the time of a search with its two looks into Postgres."""
    found: list[float] = []
    recalled: list[float] = []
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        server = await embedded_postgres.start(Path(folder) / "postgres", durable=False)
        await migrate(server.reach)
        async with open_pool(server.reach) as pool:
            for turns, questions in talks:
                bot, search = uuid4(), search_of(pool)
                names = await _kept(pool, bot, turns)
                for question, gold in questions:
                    began = time.perf_counter()
                    hits = await search.search(TENANT, bot, question, 10, NOW)
                    times.append((time.perf_counter() - began) * 1000)
                    shown = {names[hit.key] for hit in hits}
                    found.append(any(name in shown for name in gold))
                    recalled.append(float(np.mean([name in shown for name in gold])))
        await server.stop()
    p95 = float(np.percentile(times, 95))
    return {
        "any_at_10": round(float(np.mean(found)), 4),
        "recall_at_10": round(float(np.mean(recalled)), 4),
        "p95_ms": round(p95, 3),
    }


async def _kept(pool: Pool, bot: UUID, turns: Sequence[Entry]) -> dict[str, str]:
    """Writes the turns as memories; by key, the turn that it is."""
    rows: list[tuple[str, str]] = []
    names: dict[str, str] = {}
    for turn in turns:
        key = f"{turn.conversation}/{turn.position}"
        told: dict[str, Any] = {"who": turn.author, "text": turn.text, "about": turn.about}
        rows.append((key, json.dumps(told | ({"at": turn.at.isoformat()} if turn.at else {}))))
        names[key] = turn.id
    async with pool.connection() as connection:
        await connection.execute(INSERT, (TENANT, bot, NOW, NOW, *map(list, zip(*rows, strict=True))))
    return names
