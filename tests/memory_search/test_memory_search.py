"""The service behind SEARCH MEMORY, on real rows: found by the next search, gone with the next."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from memory.search.source import MemorySource, entry
from storage.pool import Pool
from storage.search.entry import Entry
from storage.search.shelf import Shelf
from storage.vectors.store import Owner
from tests.memory_search.rows import MEANING, NOW, TENANT, delete, keys, remember, revoke, search_of, share


async def test_a_write_of_any_process_is_found_by_the_next_search(pool: Pool) -> None:
    bot, here, elsewhere = uuid4(), search_of(pool), search_of(pool)
    assert await keys(here, bot, "parrot") == await keys(elsewhere, bot, "parrot") == []
    await remember(pool, bot, "pet", "a parrot called Coco")
    assert await keys(here, bot, "Which parrot?") == await keys(elsewhere, bot, "Which parrot?") == ["pet"]
    await remember(pool, bot, "pet", "a tortoise")
    [found] = await here.search(TENANT, bot, "tortoise", 5, NOW)
    assert (found.value, found.version, found.source) == ("a tortoise", 2, None)


async def test_a_write_that_commits_late_is_found_when_it_has(pool: Pool) -> None:
    bot, search = uuid4(), search_of(pool)
    await remember(pool, bot, "late", "nothing")
    await remember(pool, bot, "early", "nothing")
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(
            "update bot_memories set value = 'walrus', version = 2 where bot_id = %s and key = 'late'", (bot,)
        )
        await remember(pool, bot, "early", "a seagull")
        assert (await search.search(TENANT, bot, "walrus seagull", 1, NOW))[0].value == "a seagull"
    found = await search.search(TENANT, bot, "walrus seagull", 5, NOW)
    assert sorted(one.value for one in found) == ["a seagull", "walrus"]


async def test_what_is_deleted_is_gone_with_the_next_search_and_may_come_again(pool: Pool) -> None:
    bot, search = uuid4(), search_of(pool)
    await remember(pool, bot, "pet", "a parrot")
    assert await keys(search, bot, "parrot") == ["pet"]
    await delete(pool, bot, "pet")
    assert await keys(search, bot, "parrot") == []
    await remember(pool, bot, "pet", "a parrot")
    assert await keys(search, bot, "parrot") == ["pet"]
    async with pool.connection() as connection:
        await connection.execute("delete from bot_memories where bot_id = %s", (bot,))
    assert await keys(search, bot, "parrot") == []
    assert await keys(search_of(pool), bot, "parrot") == []


async def test_what_has_expired_is_not_found_though_nobody_removed_it(pool: Pool) -> None:
    bot, search = uuid4(), search_of(pool)
    await remember(pool, bot, "pet", "a parrot", NOW + timedelta(seconds=1))
    assert await keys(search, bot, "parrot") == ["pet"]
    assert await search.search(TENANT, bot, "parrot", 5, NOW + timedelta(seconds=2)) == ()


async def test_shared_memories_are_found_with_their_source_until_they_are_revoked(pool: Pool) -> None:
    ana, ben, search = uuid4(), uuid4(), search_of(pool)
    await remember(pool, ana, "pet", "a parrot")
    await remember(pool, ana, "secret", "a parrot as well")
    await share(pool, ana, ben, "pet")
    [found] = await search.search(TENANT, ben, "parrot", 5, NOW)
    assert (found.key, found.source, found.value) == ("pet", ana, "a parrot")
    await remember(pool, ana, "pet", "a tortoise")
    [found] = await search.search(TENANT, ben, "tortoise", 5, NOW)
    assert found.value == "a tortoise"
    assert await search.search(TENANT, ben, "tortoise", 5, NOW, scopes=("own",)) == ()
    await revoke(pool, ana, ben)
    assert await search.search(TENANT, ben, "tortoise", 5, NOW) == ()


async def test_a_revoked_grant_counts_before_its_copies_are_gone(pool: Pool) -> None:
    ana, ben, search = uuid4(), uuid4(), search_of(pool)
    await remember(pool, ana, "pet", "a parrot")
    await share(pool, ana, ben, "pet")
    assert await keys(search, ben, "parrot") == ["pet"]
    async with pool.connection() as connection:
        await connection.execute("delete from bot_memory_grants where source_bot_id = %s", (ana,))
    assert await keys(search, ben, "parrot") == []


async def test_bots_and_tenants_never_find_each_others_memories(pool: Pool) -> None:
    ana, ben, search = uuid4(), uuid4(), search_of(pool)
    await remember(pool, ana, "pet", "a parrot")
    assert await keys(search, ben, "parrot") == []
    assert await search.search(uuid4(), ana, "parrot", 5, NOW) == ()


async def test_conversations_and_cached_answers_are_no_memories_to_be_found(pool: Pool) -> None:
    bot, search = uuid4(), search_of(pool)
    for key in ("session/1/pet", "cached/pet", "pet"):
        await remember(pool, bot, key, "a parrot")
        await keys(search, bot, "parrot")
    assert await keys(search, bot, "parrot") == ["pet"] == await keys(search_of(pool), bot, "parrot")


async def test_the_limit_is_filled_though_many_hits_may_not_be_read(pool: Pool) -> None:
    bot, search = uuid4(), search_of(pool)
    for number in range(30):
        soon = NOW + timedelta(seconds=1) if number % 10 else None
        await remember(pool, bot, f"pet {number}", "a parrot", soon)
    assert len(await search.search(TENANT, bot, "parrot", 3, NOW + timedelta(seconds=2))) == 3


async def test_without_word_vectors_words_still_find(pool: Pool) -> None:
    bot, search = uuid4(), search_of(pool, embedder=None)
    await remember(pool, bot, "pet", "a parrot")
    await remember(pool, bot, "home", "Lisbon")
    assert await keys(search, bot, "parrots") == ["pet"]


async def test_indexes_leave_when_they_take_too_much_room(pool: Pool) -> None:
    bots, shelf = [uuid4() for _ in range(3)], Shelf(MemorySource(pool), MEANING, most_bytes=9_000)
    for bot in bots:
        await remember(pool, bot, "pet", "a parrot")
        assert await shelf.search(Owner(TENANT, bot), "parrot", 1)
    assert 4_000 < shelf.bytes < 9_000, "two of three"
    for bot in bots:
        assert await shelf.search(Owner(TENANT, bot), "parrot", 1), "made anew when asked for"


async def test_an_index_that_nobody_asked_for_long_is_made_anew(pool: Pool) -> None:
    bot, clock = uuid4(), [0.0]
    shelf = Shelf(MemorySource(pool), MEANING, clock=lambda: clock[0])
    await remember(pool, bot, "pet", "a parrot")
    assert await shelf.search(Owner(TENANT, bot), "parrot", 1)
    await delete(pool, bot, "pet")
    async with pool.connection() as connection:  # as upkeep leaves it after a long time
        await connection.execute("delete from bot_memories where bot_id = %s", (bot,))
        await connection.execute("delete from bot_memory_log where bot_id = %s", (bot,))
        await connection.execute("delete from search_gone")
    clock[0] += 13 * 3600
    assert not await shelf.search(Owner(TENANT, bot), "parrot", 1)


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("/pet", "a parrot", Entry("/pet", "a parrot", "pet", at=NOW.date())),
        ("/order_1042", "blue", Entry("/order_1042", "blue", "order_1042", at=NOW.date())),
        ("/chat/7", "hello", Entry("/chat/7", "hello", "chat/7", "", "/chat", 7, NOW.date())),
        ("/chat/7", "Ana: hello", Entry("/chat/7", "hello", "", "Ana", "/chat", 7, NOW.date())),
        (
            "/chat/7",
            json.dumps({"who": "Ana", "text": "hello", "at": "2023-05-08T13:56:00", "about": "a picture"}),
            Entry("/chat/7", "hello", "a picture", "Ana", "/chat", 7, date(2023, 5, 8)),
        ),
        ("/note", '{"text": "buy milk"}', Entry("/note", "buy milk", "note", at=NOW.date())),
        ("/broken", '{"text": ', Entry("/broken", '{"text": ', "broken", at=NOW.date())),
        ("/deep", "{" * 100_000, Entry("/deep", "{" * 100_000, "deep", at=NOW.date())),
    ],
)
def test_a_memory_is_read_as_what_it_tells(name: str, value: str, read: Entry) -> None:
    assert entry(name, value, datetime(2026, 5, 4, tzinfo=UTC)) == read
