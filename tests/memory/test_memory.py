"""What bots remember, share and take over, in a real Postgres."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

import pytest

from keywords.host import MEMORY_SET, MEMORY_SHARED, MEMORY_SYNCED, EffectRow, bot_id
from memory.reads import PostgresMemories
from storage.pool import Pool
from tests.memory.batch import NOW, Asked, committed, value

HERE, ELSEWHERE = UUID(int=1), UUID(int=2)
ANA, BEN, EVE = (bot_id(HERE, name) for name in ("ana", "ben", "eve"))


def set_(key: str, content: str, bot: UUID = ANA, tenant: UUID = HERE) -> Asked:
    return Asked(tenant, bot, MEMORY_SET.row(key=key, value=content, expires=None))


def shared_row(key: str, target: UUID) -> EffectRow:
    return MEMORY_SHARED.row(
        key=key, pattern=key, prefix=False, targets=[[str(target), "ben"]], snapshot=False, writable=False,
        reshare=False, expires=None,
    )  # fmt: skip


def share(key: str, bot: UUID = ANA, target: UUID = BEN, tenant: UUID = HERE) -> Asked:
    return Asked(tenant, bot, shared_row(key, target))


def sync(source: UUID = ANA, bot: UUID = BEN, tenant: UUID = HERE) -> Asked:
    return Asked(tenant, bot, MEMORY_SYNCED.row(source=source, source_name="ana", mode="source"))


async def version(pool: Pool, bot: UUID, key: str) -> int:
    async with pool.connection() as connection:
        found = await connection.execute(
            "select version from bot_memories where bot_id = %(bot)s and key = %(key)s", {"bot": bot, "key": key}
        )
        row = await found.fetchone()
    assert row
    return int(row[0])


@pytest.fixture
def memories(pool: Pool) -> PostgresMemories:
    return PostgresMemories(pool)


async def test_a_missing_key_is_none(memories: PostgresMemories) -> None:
    assert await memories.get(HERE, ANA, "nothing", NOW) is None


async def test_what_was_set_is_read_back(pool: Pool, memories: PostgresMemories) -> None:
    text = "ol\u00e1 \U0001f600 'quoted' \"twice\" %s\n\ttab \\ end"
    await committed(pool, set_("k", text))
    assert await memories.get(HERE, ANA, "k", NOW) == text
    assert await memories.get(HERE, BEN, "k", NOW) is None
    assert await memories.get(ELSEWHERE, ANA, "k", NOW) is None


async def test_the_last_write_of_a_batch_wins_and_every_write_counts(pool: Pool, memories: PostgresMemories) -> None:
    await committed(pool, *(set_("k", str(i)) for i in range(5)))
    assert (await memories.get(HERE, ANA, "k", NOW), await version(pool, ANA, "k")) == ("4", 5)
    await committed(pool, set_("k", "a"), set_("other", "x"), set_("k", "b"))
    assert (await memories.get(HERE, ANA, "k", NOW), await version(pool, ANA, "k")) == ("b", 7)


async def test_versions_count_every_write_of_many_writers(pool: Pool) -> None:
    async def write(seed: int) -> None:
        keys = [f"k{i}" for i in range(10)]
        random.Random(seed).shuffle(keys)
        await committed(pool, *(set_(key, str(seed)) for key in keys))

    await asyncio.gather(*(write(seed) for seed in range(20)))
    assert [await version(pool, ANA, f"k{i}") for i in range(10)] == [20] * 10


async def test_sharing_delivers_and_sync_takes_over(pool: Pool, memories: PostgresMemories) -> None:
    [_, shared] = await committed(pool, set_("k", "v"), share("k"))
    assert value(shared) == {"key": "k", "bot": "ben", "bots": ["ben"], "version": 1, "keys": 1}
    assert await memories.get(HERE, BEN, "k", NOW) is None, "only SYNC changes the target's own memory"
    [taken] = await committed(pool, sync())
    assert value(taken) == {"bot": "ana", "changed": ["k"], "removed": [], "conflicts": []}
    assert await memories.get(HERE, BEN, "k", NOW) == "v"


async def test_a_missing_key_cannot_be_shared(pool: Pool) -> None:
    [verdict] = await committed(pool, share("nothing"))
    assert verdict["error"]["kind"] == "unknown"
    assert verdict["error"]["message"].startswith('This bot remembers nothing under "nothing"')


async def test_a_bot_cannot_share_with_itself(pool: Pool) -> None:
    [_, verdict] = await committed(pool, set_("k", "v"), share("k", target=ANA))
    assert verdict["error"]["message"] == "BOT SHARE MEMORY needs another bot: ben is the bot that shares."


async def test_a_second_sync_changes_nothing(pool: Pool) -> None:
    await committed(pool, set_("k", "v"), share("k"), sync())
    [again] = await committed(pool, sync())
    assert value(again) == {"bot": "ana", "changed": [], "removed": [], "conflicts": []}
    assert await version(pool, BEN, "k") == 1


async def test_a_newer_value_of_the_source_is_no_conflict(pool: Pool, memories: PostgresMemories) -> None:
    await committed(pool, set_("k", "v1"), share("k"), sync())
    [_, _, taken] = await committed(pool, set_("k", "v2"), share("k"), sync())
    assert value(taken) == {"bot": "ana", "changed": ["k"], "removed": [], "conflicts": []}
    assert (await memories.get(HERE, BEN, "k", NOW), await version(pool, BEN, "k")) == ("v2", 2)


async def test_the_source_wins_over_an_own_value_and_the_conflict_is_named(
    pool: Pool, memories: PostgresMemories
) -> None:
    await committed(pool, set_("own", "mine", bot=BEN), set_("own", "yours"), set_("free", "x"))
    await committed(pool, share("own"), share("free"))
    [taken] = await committed(pool, sync())
    assert value(taken) == {"bot": "ana", "changed": ["free", "own"], "removed": [], "conflicts": ["own"]}
    assert await memories.get(HERE, BEN, "own", NOW) == "yours"


async def test_an_own_write_after_a_sync_is_a_conflict(pool: Pool) -> None:
    await committed(pool, set_("k", "v1"), share("k"), sync())
    await committed(pool, set_("k", "mine", bot=BEN))
    [taken] = await committed(pool, sync())
    assert value(taken) == {"bot": "ana", "changed": ["k"], "removed": [], "conflicts": ["k"]}


async def test_two_sources_keep_their_own_deliveries(pool: Pool, memories: PostgresMemories) -> None:
    await committed(pool, set_("k", "from ana"), set_("k", "from eve", bot=EVE))
    await committed(pool, share("k"), share("k", bot=EVE))
    await committed(pool, sync())
    assert await memories.get(HERE, BEN, "k", NOW) == "from ana"
    [taken] = await committed(pool, sync(source=EVE))
    assert value(taken)["conflicts"] == ["k"]
    assert await memories.get(HERE, BEN, "k", NOW) == "from eve"


async def test_two_sources_of_one_key_in_one_batch_do_not_raise(pool: Pool, memories: PostgresMemories) -> None:
    await committed(pool, set_("k", "from ana"), set_("k", "from eve", bot=EVE), share("k"), share("k", bot=EVE))
    verdicts = await committed(pool, sync(), sync(source=EVE), sync())
    assert [value(v)["changed"] for v in verdicts] == [["k"], ["k"], ["k"]]
    assert await memories.get(HERE, BEN, "k", NOW) in {"from ana", "from eve"}


async def test_nothing_crosses_tenants(pool: Pool, memories: PostgresMemories) -> None:
    await committed(pool, set_("k", "secret"), share("k"))
    [shared, taken] = await committed(pool, share("k", tenant=ELSEWHERE), sync(tenant=ELSEWHERE))
    assert shared["error"]["kind"] == "unknown"
    assert value(taken)["changed"] == []
    await committed(pool, set_("k", "overwritten", tenant=ELSEWHERE))
    assert await memories.get(HERE, ANA, "k", NOW) == "secret"


async def test_an_older_share_never_replaces_a_newer_one(pool: Pool) -> None:
    await committed(pool, set_("k", "v1"), share("k"), set_("k", "v2"), share("k"))
    async with pool.connection() as connection:
        found = await connection.execute("select memory_value, source_version from bot_shared_memory")
        assert await found.fetchall() == [("v2", 2)]


async def test_concurrent_syncs_and_writes_lose_no_write(pool: Pool) -> None:
    await committed(pool, set_("k", "shared"), share("k"))

    async def write(content: str) -> None:
        await committed(pool, set_("k", content, bot=BEN))

    verdicts = await asyncio.gather(*(committed(pool, sync()) for _ in range(10)), *(write(str(i)) for i in range(10)))
    changes = sum(len(value(v[0])["changed"]) for v in verdicts if v and v[0])
    assert await version(pool, BEN, "k") == 10 + changes
