"""Erasing reaches everything: no table holds a trace afterwards. What lives its time is forgotten."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import sql

from keywords.host import Subject, bot_id
from memory.erasure import Erasure
from memory.reads import PostgresMemories
from memory.upkeep import Upkeep
from storage.pool import Pool
from tests.memory.town import Town, town
from tests.workflow.kit import TENANT
from workflow.erasure import ExecutionTraces

SECRET = "Xq7-walrus"
MARKS = {"search_gone"}  # for a day it tells the indexes of other processes what to forget: ids, no key and no value


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def bots(database: str, pool: Pool) -> AsyncGenerator[Town]:
    async with town(database, pool) as made:
        yield made


@pytest.fixture
def memories(pool: Pool) -> PostgresMemories:
    return PostgresMemories(pool, erasure=Erasure(pool, (ExecutionTraces(),)))


async def holding(pool: Pool, word: str) -> set[str]:
    """Every table of ours, with its partitions, that holds the word anywhere in a row."""
    found: set[str] = set()
    async with pool.connection() as connection:
        tables = await connection.execute(
            "select relname from pg_class where relnamespace = 'botmcp'::regnamespace and relkind = 'r'"
        )
        for (table,) in await tables.fetchall():
            asked = sql.SQL("select 1 from {} t where strpos(to_jsonb(t)::text, %s) > 0 limit 1")
            rows = await connection.execute(asked.format(sql.Identifier(table)), (word,))
            if await rows.fetchone():
                found.add(table)
    return found


async def test_erasing_a_bot_leaves_no_trace(bots: Town, memories: PostgresMemories) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", v\nSET BOT MEMORY "k", v + "!"\nBOT SHARE MEMORY "k*" WITH "ben"\n'
                    'PUBLISH EVENT "e" WITH {v: v}\nTALK GET BOT MEMORY "k"\nRETURN v', v=SECRET)  # fmt: skip
    await bots.does("ben", 'SET BOT MEMORY "mine", 1\nBOT SHARE MEMORY "mine" WITH "ana"')
    await bots.does("ana", 'BOT SYNC MEMORY FROM "ben"')
    subject = Subject("ana", bot=bot_id(TENANT, "ana"))
    exported = await memories.exported(TENANT, subject, now())
    assert exported["counts"] == {"memories": 2, "versions": 3, "copies": 1}
    assert "workflow_steps" in {name[:14] for name in await holding(bots.pool, SECRET)}
    counts = await memories.erased(TENANT, subject, now())
    assert {name: counts[name] for name in ("memories", "versions", "copies", "grants", "executions", "events")} == {
        "memories": 2, "versions": 3, "copies": 2, "grants": 2, "executions": 2, "events": 1,
    }  # fmt: skip
    assert await holding(bots.pool, SECRET) == set()
    assert await holding(bots.pool, str(bot_id(TENANT, "ana"))) <= MARKS
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "mine"') == "1", "what belongs to others stays"
    assert await bots.rows("select count(*) from bot_memory_erasures") == [1]
    assert (await memories.erased(TENANT, subject, now()))["memories"] == 0


async def test_copies_that_others_took_over_are_theirs(bots: Town, memories: PostgresMemories) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", 1\nBOT SHARE MEMORY "k" WITH "ben"')
    await bots.does("ben", 'BOT SYNC MEMORY FROM "ana"')
    await memories.erased(TENANT, Subject("ana", bot=bot_id(TENANT, "ana")), now())
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "k"') == "1"
    assert await holding(bots.pool, str(bot_id(TENANT, "ana"))) <= MARKS, "but from whom, is forgotten"


async def test_erasing_a_person_reaches_every_bot(bots: Town, memories: PostgresMemories) -> None:
    for bot in ("ana", "ben"):
        await bots.does(bot, 'SET USER MEMORY "city", v\nSET BOT MEMORY "own", 1', v=SECRET)
    counts = await memories.erased(TENANT, Subject("owner", person="owner"), now())
    assert counts["memories"] == 2
    assert await bots.does("ana", 'RETURN GET USER MEMORY "city"') is None
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "own"') == "1"


async def test_basic_exports_and_erases(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", 1')
    assert (await bots.does("ana", "RETURN EXPORT BOT MEMORY"))["memories"][0]["key"] == "k"
    assert (await bots.does("ana", "RETURN ERASE BOT MEMORY"))["memories"] == 1
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "k"') == ""


async def test_what_has_lived_its_time_becomes_a_tombstone_and_is_delivered(bots: Town) -> None:
    await bots.does("ana", 'BOT SHARE MEMORY "*" WITH "ben"\nSET BOT MEMORY "k", 1 TTL 60')
    await Upkeep(bots.pool, lambda: now() + timedelta(minutes=2)).once()
    assert await bots.rows("select deleted, version from bot_memories") == [(True, 2)]
    assert await bots.rows("select deleted from bot_shared_memory") == [True]
    assert [past["op"] for past in await bots.does("ana", 'RETURN MEMORY HISTORY "k"')] == ["delete", "set"]
    await Upkeep(bots.pool, lambda: now() + timedelta(days=31)).once()
    assert await bots.rows("select 1 from bot_memories union all select 1 from bot_memory_log") == []


async def test_history_keeps_a_hundred_versions(bots: Town) -> None:
    await bots.does("ana", 'FOR i = 1 TO 130\nSET BOT MEMORY "k", i\nNEXT')
    await Upkeep(bots.pool, now).once()
    past = await bots.does("ana", 'RETURN MEMORY HISTORY "k"')
    assert [one["value"] for one in past] == [str(n) for n in range(130, 30, -1)]


async def test_a_grant_that_is_over_takes_its_copies_with_it(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", 1\nBOT SHARE MEMORY "k" WITH "ben" UNTIL 60')
    await Upkeep(bots.pool, lambda: now() + timedelta(minutes=2)).once()
    assert await bots.rows("select count(*) from bot_memory_grants") == [0]
    assert await bots.rows("select count(*) from bot_shared_memory") == [0]


async def test_usage_is_what_is_there(bots: Town) -> None:
    await bots.does(
        "ana", 'SET BOT MEMORY "a", "1234"\nSET BOT MEMORY "b", REPEAT("x", 5000)\nx = DELETE BOT MEMORY "b"'
    )
    assert await bots.rows("select keys, bytes from bot_memory_usage") == [(1, 4)]
    await bots.rows("update bot_memory_usage set bytes = 99, keys = 7 returning 1")
    await Upkeep(bots.pool, now).once()
    assert await bots.rows("select keys, bytes from bot_memory_usage") == [(1, 4)]
