"""Answers that runs may be given again: STEP ... CACHE. Several may compute one at once; the first is kept."""

from __future__ import annotations

from datetime import datetime

from keywords.encode import load
from keywords.host import Answer
from keywords.outcome import Call
from storage.pool import Pool
from storage.sql import queries

SQL = queries("workflow", "branches.sql")


async def cached(pool: Pool, call: Call, now: datetime) -> Answer | None:
    """The answer that this call of this bot was given before, unless its time is over."""
    identity = call.moment.identity
    key = call.policy.key(call.keyword.name, call.arguments)
    given = {"tenant": identity.tenant, "bot": identity.bot, "key": key, "now": now}
    async with pool.connection() as connection:
        row = await (await connection.execute(SQL["cached_step"], given)).fetchone()
    return None if row is None else Answer(value=load(row[0]), cached=True)
