"""The case table of the design (`docs/decisions/0012`), a test for each row, as bots meet it: in BASIC."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from uuid import UUID

import pytest

from keywords.host import bot_id
from keywords.mistakes import WrongValue
from storage.pool import Pool
from tests.memory.town import ELSEWHERE, Town, town
from tests.workflow.kit import TENANT

INBOX = (
    "select memory_key, memory_value, source_version, deleted from bot_shared_memory"
    " where target_bot_id = %(bot)s order by memory_key, source_bot_id"
)


def of(name: str, tenant: UUID = TENANT) -> UUID:
    return bot_id(tenant, name)


@pytest.fixture
async def bots(database: str, pool: Pool) -> AsyncGenerator[Town]:
    async with town(database, pool) as made:
        yield made


async def test_bot_share_memory_k_with_b(bots: Town) -> None:
    share = 'RETURN BOT SHARE MEMORY "k" WITH "ben"'
    kind, words = await bots.fails("ana", share)
    assert (kind, words.partition(",")[0]) == ("unknown", 'This bot remembers nothing under "k"')
    assert await bots.does("ana", f'SET BOT MEMORY "k", "v"\n{share}') == {
        "key": "k", "bot": "ben", "bots": ["ben"], "version": 1, "keys": 1
    }  # fmt: skip
    assert await bots.does("ana", share), "idempotent"
    assert await bots.rows(INBOX, bot=of("ben")) == [("k", "v", 1, False)]
    assert await bots.rows("select count(*) from bot_memory_grants") == [1]
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "k"') == "", "only SYNC changes the target's own memory"
    assert (await bots.does("ana", 'RETURN BOT SHARE MEMORY "order.*" WITH "ben", "eve"'))["bots"] == ["ben", "eve"]
    await bots.does("ana", 'SET BOT MEMORY "order.1", "tea"')
    assert ("order.1", "tea", 1, False) in await bots.rows(INBOX, bot=of("eve")), "a prefix covers keys to come"


async def test_live_vs_snapshot(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "live", 1\nSET BOT MEMORY "frozen", 1\nBOT SHARE MEMORY "live" WITH "ben"\n'
                    'BOT SHARE MEMORY "frozen" WITH "ben" SNAPSHOT')  # fmt: skip
    await bots.does("ana", 'SET BOT MEMORY "live", 2\nSET BOT MEMORY "frozen", 2')
    assert await bots.rows(INBOX, bot=of("ben")) == [("frozen", "1", 1, False), ("live", "2", 2, False)]
    read = 'a = GET BOT MEMORY "live" FROM "ana"\nb = GET BOT MEMORY "frozen" FROM "ana"\nRETURN a + "/" + b'
    assert await bots.does("ben", read) == "2/1"
    assert (await bots.does("ben", 'RETURN BOT SYNC MEMORY FROM "ana"'))["changed"] == ["frozen", "live"]
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "frozen"') == "1"


async def test_bot_sync_memory_from_m(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", "a1"\nSET BOT MEMORY "other", "x"\nBOT SHARE MEMORY "*" WITH "ben"')
    sync = 'RETURN BOT SYNC MEMORY FROM "ana"'
    assert await bots.does("ben", sync) == {"bot": "ana", "changed": ["k", "other"], "removed": [], "conflicts": []}
    assert (await bots.does("ben", sync))["changed"] == [], "a second SYNC changes nothing"
    await bots.does("ana", 'SET BOT MEMORY "k", "a2"')
    found = await bots.does("ben", sync)
    assert (found["changed"], found["conflicts"]) == (["k"], []), "an unmodified copy is fast-forwarded"
    await bots.does("ben", 'SET BOT MEMORY "k", "mine"')
    assert (await bots.does("ben", f"{sync} KEEP"))["conflicts"] == ["k"]
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "k"') == "mine"
    assert await bots.fails("ben", f"{sync} FAIL") == (
        "conflict",
        "Nothing was taken over from ana, since both have changed k. Use KEEP or NEWEST, or none of them.",
    )
    found = await bots.does("ben", f"{sync} NEWEST")
    assert (found["changed"], found["conflicts"]) == ([], ["k"]), "ben's was committed later"
    await bots.does("ana", 'SET BOT MEMORY "k", "a3"')
    assert (await bots.does("ben", f"{sync} NEWEST"))["changed"] == ["k"], "ana's was committed later"
    await bots.does("ben", 'SET BOT MEMORY "k", "mine again"')
    found = await bots.does("ben", sync)
    assert (found["changed"], found["conflicts"]) == (["k"], ["k"]), "by default the source wins, and it is named"
    past = await bots.does("ben", 'RETURN MEMORY HISTORY "k" LIMIT 2')
    assert [(one["value"], one["op"], one["origin"]) for one in past] == [
        ("a3", "sync", "ana"), ("mine again", "set", ""),
    ], "and the old value is in the history"  # fmt: skip


async def test_concurrent_set(bots: Town) -> None:
    many = [bots.does("ana", 'RETURN INCREMENT BOT MEMORY "n" BY 2') for _ in range(20)]
    assert sorted(await asyncio.gather(*many)) == list(range(2, 42, 2)), "each sees its own sum, none is lost"
    assert await bots.does("ana", 'RETURN BOT MEMORY VERSION "n"') == 20
    many = [bots.does("ana", f'RETURN APPEND BOT MEMORY "l", "{i}"') for i in range(10)]
    assert sorted(await asyncio.gather(*many)) == list(range(1, 11))
    assert await bots.does("ana", 'RETURN LEN(JSON PARSE GET BOT MEMORY "l")') == 10
    write = 'ON ERROR RESUME NEXT\nSET BOT MEMORY "c", "{}" IF VERSION 0\nRETURN IIF(error IS NULL, "", error.kind)'
    done = await asyncio.gather(*(bots.does("ana", write.format(i)) for i in range(10)))
    assert sorted(done) == ["", *["conflict"] * 9], "of those that expect the same version one is first"
    kind, words = await bots.fails("ana", 'SET BOT MEMORY "c", 1 IF VERSION 9')
    assert (kind, words.partition(":")[0]) == ("conflict", '"c" no longer stands at version 9')
    await bots.does("ana", 'SET BOT MEMORY "c", "next" IF VERSION 1')
    past = await bots.does("ana", 'RETURN MEMORY HISTORY "n"')
    assert [one["value"] for one in past] == [str(n) for n in range(40, 0, -2)]


async def test_concurrent_shares_of_k_from_a_and_b(bots: Town) -> None:
    await asyncio.gather(*(
        bots.does(name, f'SET BOT MEMORY "k", "from {name}"\nBOT SHARE MEMORY "k" WITH "eve"')
        for name in ("ana", "ben")
    ))  # fmt: skip
    assert {row[1] for row in await bots.rows(INBOX, bot=of("eve"))} == {"from ana", "from ben"}
    sync = 'BOT SYNC MEMORY FROM "{}"\nRETURN GET BOT MEMORY "k"'
    assert await bots.does("eve", sync.format("ana")) == "from ana"
    assert await bots.does("eve", sync.format("ben")) == "from ben"


async def test_deleted_source_key(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "a", 1\nSET BOT MEMORY "b", 1\nBOT SHARE MEMORY "*" WITH "ben"')
    await bots.does("ben", 'BOT SYNC MEMORY FROM "ana"\nSET BOT MEMORY "b", "mine"')
    assert await bots.does("ana", 'x = DELETE BOT MEMORY "a"\ny = DELETE BOT MEMORY "b"\nRETURN x AND y') is True
    assert await bots.does("ana", 'RETURN DELETE BOT MEMORY "a"') is False
    assert [row[3] for row in await bots.rows(INBOX, bot=of("ben"))] == [True, True], "tombstones are delivered"
    found = await bots.does("ben", 'RETURN BOT SYNC MEMORY FROM "ana"')
    assert found == {"bot": "ana", "changed": ["a"], "removed": ["a"], "conflicts": ["b"]}
    assert await bots.does("ben", 'RETURN GET BOT MEMORY("a") + GET BOT MEMORY("b")') == "mine"
    await bots.does("ana", 'SET BOT MEMORY "a", 2')
    assert await bots.does("ana", 'RETURN BOT MEMORY VERSION "a"') == 3, "versions go on"


async def test_revoke_or_expiry(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", 1\nSET BOT MEMORY "l", 1\nBOT SHARE MEMORY "*" WITH "ben", "eve"')
    await bots.does("ben", 'BOT SYNC MEMORY FROM "ana"\nSET BOT MEMORY "l", "mine"')
    found = await bots.does("ana", 'RETURN BOT UNSHARE MEMORY "*" WITH "ben" PURGE')
    assert found == {"key": "*", "revoked": 1, "copies": 2, "purged": 1}
    assert await bots.rows(INBOX, bot=of("ben")) == []
    assert len(await bots.rows(INBOX, bot=of("eve"))) == 2
    assert (await bots.fails("ben", 'RETURN GET BOT MEMORY "k" FROM "ana"'))[0] == "refused"
    assert await bots.does("ben", 'RETURN GET BOT MEMORY("k") + GET BOT MEMORY("l")') == "mine", "modified copies stay"
    await bots.does("eve", 'BOT SYNC MEMORY FROM "ana"')
    assert (await bots.does("ana", 'RETURN BOT UNSHARE MEMORY "*"'))["purged"] == 0
    assert await bots.does("eve", 'RETURN GET BOT MEMORY "k"') == "1", "what was taken over belongs to who took it"
    assert (await bots.fails("ana", 'BOT UNSHARE MEMORY "k" WITH "ben"'))[0] == "unknown"
    await bots.does("ana", 'BOT SHARE MEMORY "k" WITH "ben" UNTIL 0.001\nDELAY 0.01')
    assert (await bots.fails("ben", 'RETURN GET BOT MEMORY "k" FROM "ana"'))[0] == "refused", "it has expired"
    assert (await bots.does("ben", 'RETURN BOT SYNC MEMORY FROM "ana"'))["changed"] == []


async def test_unknown_other_tenant_or_self_bot(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", "secret"')
    for statement in ('BOT SHARE MEMORY "k" WITH who', "BOT SYNC MEMORY FROM who", 'BOT UNSHARE MEMORY "k" WITH who'):
        assert (await bots.fails("ana", statement, who="zed"))[0] == "unknown"
        assert "needs another bot" in (await bots.fails("ana", statement, who="ana"))[1]
    assert await bots.rows("select count(*) from bot_memory_grants") == [0], "nothing is written"
    words = {
        (await bots.fails("ben", 'RETURN GET BOT MEMORY "k" FROM who', who=name))[1].replace(name, "*")
        for name in ("ana", "zed")
    }
    assert len(words) == 1, "the same for unknown and forbidden"
    await bots.does("ana", 'BOT SHARE MEMORY "k" WITH "ben"')
    assert (await bots.does("ben", 'RETURN BOT SYNC MEMORY FROM "ana"', tenant=ELSEWHERE))["changed"] == []
    assert (await bots.fails("ben", 'RETURN GET BOT MEMORY "k" FROM "ana"', tenant=ELSEWHERE))[0] == "refused"
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "k"', tenant=ELSEWHERE) == ""


async def test_permissions(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", 1\nBOT SHARE MEMORY "k" WITH "ben"')
    for write in ('SET BOT MEMORY "k", 5 FOR "ana"', 'INCREMENT BOT MEMORY "k" FOR "ana"',
                  'APPEND BOT MEMORY "k", 1 FOR "ana"', 'DELETE BOT MEMORY "k" FOR "ana"'):  # fmt: skip
        kind, words = await bots.fails("ben", write)
        assert (kind, words.partition(".")[0]) == ("refused", 'ana lets nobody here write "k"')
    await bots.does("ana", 'BOT SHARE MEMORY "k" WITH "ben" WRITABLE')
    assert await bots.does("ben", 'RETURN INCREMENT BOT MEMORY "k" BY 4 FOR "ana"') == 5
    await bots.does("ben", 'SET BOT MEMORY "k", 7 FOR "ana" IF VERSION 2')
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "k"') == "7"
    past = await bots.does("ana", 'RETURN MEMORY HISTORY "k"')
    assert [one["by"] for one in past] == ["ben", "ben", "ana"], "attributed to who wrote"
    await bots.does("ben", 'BOT SYNC MEMORY FROM "ana"')
    kind, words = await bots.fails("ben", 'BOT SHARE MEMORY "k" WITH "eve"')
    assert (kind, words.partition(",")[0]) == ("refused", '"k" was taken over from another bot')
    assert (await bots.does("ben", 'RETURN BOT SHARE MEMORY "*" WITH "eve"'))["keys"] == 0, "a prefix leaks nothing"
    assert (await bots.does("eve", 'RETURN BOT SYNC MEMORY FROM "ben"'))["changed"] == []
    await bots.does("ana", 'BOT SHARE MEMORY "k" WITH "ben" RESHARE')
    await bots.does("ben", 'BOT SHARE MEMORY "k" WITH "eve"')
    assert await bots.does("eve", 'BOT SYNC MEMORY FROM "ben"\nRETURN GET BOT MEMORY "k"') == "7"
    await bots.does("ana", 'BOT UNSHARE MEMORY "k" WITH "ben"\nSET BOT MEMORY "k", 8')
    assert (await bots.fails("ben", 'SET BOT MEMORY "k", 9 FOR "ana"'))[0] == "refused"
    assert await bots.does("eve", 'RETURN GET BOT MEMORY "k" FROM "ben"') == "", "resharing ends with the grant"


async def test_read(bots: Town) -> None:
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "k"') == ""
    await bots.does("ana", 'SET BOT MEMORY "k", "v"\nBOT SHARE MEMORY "k*" WITH "ben"')
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "k" FROM "ana"') == "v"
    await bots.does("ana", 'SET BOT MEMORY "k", "w"')
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "k" FROM "ana"') == "w", "the grant is read live"
    assert await bots.does("ben", 'RETURN GET BOT MEMORY "k2" FROM "ana"') == "", "shared, and not there"
    await bots.does("ben", 'BOT SYNC MEMORY FROM "ana"')
    [mine] = await bots.does("ben", 'RETURN LIST BOT MEMORY "k"')
    assert (mine["key"], mine["value"], mine["version"], mine["origin"]) == ("k", "w", 1, "ana")
    shares = await bots.does("ben", "RETURN LIST BOT SHARES")
    assert [(s["key"], s["source"], s["target"], s["given"]) for s in shares] == [("k*", "ana", "ben", False)]


async def test_time_to_live(bots: Town) -> None:
    await bots.does("ana", 'SET BOT MEMORY "k", 5 TTL 0.001\nDELAY 0.01')
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "k"') == ""
    assert await bots.does("ana", 'RETURN INCREMENT BOT MEMORY "k"') == 1, "what has lived its time counts as nothing"
    await bots.does("ana", 'SET BOT MEMORY "k", 5 TTL "1 day"')
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "k"') == "5"


async def test_limits(bots: Town) -> None:
    assert await bots.fails("ana", 'SET BOT MEMORY k, 1', k="é" * 257) == (
        "limit", "The key of a memory may have at most 512 bytes; this one has 514.",
    )  # fmt: skip
    assert (await bots.fails("ana", 'SET BOT MEMORY "a" + CHR(10), 1'))[0] == "value"
    assert await bots.fails("ana", 'SET BOT MEMORY "k", REPEAT("é", 524289)') == (
        "limit", "A memory may have at most 1,024 KB; this one has 1,024 KB.",
    )  # fmt: skip
    with pytest.raises(WrongValue, match=r"U\+0000"):
        await bots.does("ana", 'SET BOT MEMORY "k", v', v="a\0b")
    await bots.does("ana", 'SET BOT MEMORY "n", "five"\nSET BOT MEMORY "here", 1')
    assert (await bots.fails("ana", 'INCREMENT BOT MEMORY "n"'))[0] == "value"
    assert (await bots.fails("ana", 'APPEND BOT MEMORY "n", 1'))[0] == "value"
    await bots.rows("update bot_memory_usage set keys = 100000 returning 1")
    full = "This bot remembers 100,000 keys, and no bot may remember more. Delete some with DELETE BOT MEMORY first."
    assert await bots.fails("ana", 'SET BOT MEMORY "here", 2\nSET BOT MEMORY "k", 1') == ("limit", full)
    assert await bots.does("ana", 'RETURN GET BOT MEMORY "here"') == "1", "nothing of that commit was written"
    assert (await bots.fails("ana", 'INCREMENT BOT MEMORY "new"'))[0] == "limit"
    assert (await bots.fails("ana", 'APPEND BOT MEMORY "new", 1'))[0] == "limit"
    assert (await bots.fails("ana", 'SET BOT MEMORY "new", 1 IF VERSION 0'))[0] == "limit"
    await bots.does("ana", 'SET BOT MEMORY "here", 2')
    await bots.does("ben", 'SET BOT MEMORY "k", 1')
    await bots.does("ana", 'DELETE BOT MEMORY "n"\nSET BOT MEMORY "k", 1')
