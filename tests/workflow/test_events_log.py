"""The log of events itself: its readers, how long it is kept, what the host says and hears, names and conditions."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings, strategies as st
from psycopg import AsyncConnection
from redis.asyncio import Redis

from keywords import event_filters, patterns
from keywords.mistakes import WrongValue
from storage.pool import Pool, connect
from storage.redis_hints import RedisHints
from tests.workflow.house import house
from tests.workflow.kit import NOW, TENANT, row, rows
from workflow.events.event import Event
from workflow.events.host_bus import HostBus
from workflow.events.reader import Reader
from workflow.events.retention import forget
from workflow.events.setup import EventSetup
from workflow.maintenance import Maintenance

INSERT = b"""insert into workflow_events (id, tenant_id, event_name, event_data, day, created_at)
values (gen_random_uuid(), %(tenant)s, %(name)s, %(data)s::jsonb, %(day)s, now())"""

TODAY = NOW.date()
HOST_TABLE = """create table public.workflow_events (
  id uuid primary key, workflow_id uuid, event_name text, event_data_json text, processed bool,
  created_at timestamptz)"""


async def said(connection: AsyncConnection, name: str, data: int = 0, day: date = TODAY) -> None:
    await connection.execute(INSERT, {"tenant": TENANT, "name": name, "data": str(data), "day": day})


async def test_readers_of_one_name_share_the_events_and_each_is_dealt_with_once(database: str, pool: Pool) -> None:
    """Through the place where transaction ids get another digit, which as text would stand before the others."""
    dealt: list[int] = []
    chance = random.Random(5)
    stopped = asyncio.Event()

    async def deal(connection: AsyncConnection, events: Sequence[Event], days: Sequence[date]) -> None:
        await asyncio.sleep(chance.uniform(0, 0.005))
        dealt.extend(event.data for event in events)

    async def read() -> None:
        async with await connect(database) as connection:
            reader = Reader("r", connection, lambda: NOW, page=20)
            await reader.begin("0")
            while await reader.step(deal) or reader.held_back or not stopped.is_set():
                await asyncio.sleep(0.001)

    async def write(first: int) -> None:
        async with await connect(database) as connection:
            for n in range(first, first + 100):
                async with connection.transaction():
                    await said(connection, "n", n)
                    await asyncio.sleep(chance.uniform(0, 0.004))

    async with await connect(database) as connection:
        xid = await (await connection.execute("select pg_current_xact_id()::text")).fetchone()
        assert xid
        for _ in range(max(0, min(1_500, 990 - int(xid[0]) if int(xid[0]) < 990 else 0))):
            await connection.execute("select pg_current_xact_id()")
    readers = [asyncio.create_task(read()) for _ in range(2)]
    await asyncio.gather(*(write(n * 100) for n in range(4)))
    stopped.set()
    await asyncio.gather(*readers)
    assert sorted(dealt) == list(range(400))


async def test_what_a_reader_failed_at_it_gets_again(database: str, pool: Pool) -> None:
    seen: list[int] = []

    async def deal(connection: AsyncConnection, events: Sequence[Event], days: Sequence[date]) -> None:
        seen.append(len(events))
        await connection.execute("insert into workflow_event_claims values (%s, %s, %s, now())", [events[0].id] * 3)
        if len(seen) == 1:
            raise RuntimeError("broke down")

    async with await connect(database) as connection:
        reader = Reader("r", connection, lambda: NOW)
        await reader.begin("0")
        await said(connection, "x")
        with pytest.raises(RuntimeError):
            await reader.step(deal)
        assert await reader.step(deal) == 1 and await reader.step(deal) == 0
    assert len(await rows(pool, b"select 1 from workflow_event_claims")) == 1


async def test_days_that_nobody_needs_are_dropped_and_no_others(database: str, pool: Pool) -> None:
    setup = EventSetup()
    async with await connect(database) as connection:
        for ago in (40, 20, 10, 3):
            await Maintenance(connection, lambda ago=ago: NOW - timedelta(days=ago + 3)).prepare()
            await said(connection, "x", ago, (NOW - timedelta(days=ago)).date())
        await Reader("slow", connection, lambda: NOW).begin("0")
        place = await row(pool, b"select xid::text, seq from workflow_events where event_data = '40'")
        await connection.execute("update workflow_event_readers set xid = %s::xid8, seq = %s", place)
        assert await forget(connection, setup, NOW) > 0  # 40 days are beyond the cap, 20 are still to be read
        assert await row(pool, b"select array_agg(event_data::int order by seq) from workflow_events") == ([20, 10, 3],)
        await connection.execute("delete from workflow_event_readers")
        await forget(connection, setup, NOW)
        assert await row(pool, b"select array_agg(event_data::int order by seq) from workflow_events") == ([3],)


async def test_the_hosts_channel_is_heard_and_served(database: str, pool: Pool, valkey: str) -> None:
    """A host script's publish wakes a run of ours; ours is told there; nothing comes back as an echo."""
    hints = RedisHints(valkey)
    bus = HostBus(hints, pool, TENANT, database)
    bus.listen()
    row_id = uuid4()
    async with await connect(database) as admin, Redis.from_url(valkey, decode_responses=True) as redis:
        await admin.execute(HOST_TABLE)
        host_row = "insert into public.workflow_events values (%s, null, 'order_paid', %s, false, now())"
        await admin.execute(host_row, [row_id, '{"total": 7}'])
        async with house(database, pool, hints=hints, events=EventSetup(mirror=database, tell_host=bus.tell)) as home:
            bus.open(home.operations.events.publisher.publish)
            run = await home.start('RETURN WAIT FOR EVENT "order_paid" TIMEOUT 30')
            await home.until(run, "waiting")
            async with redis.pubsub() as hearing:
                await hearing.psubscribe("events:*")
                while not await redis.pubsub_numpat():
                    await asyncio.sleep(0.01)
                for _ in range(3):
                    await redis.publish("events:order_paid", str(row_id))
                assert (await home.ended(run)).result == {"total": 7}
                ours = await home.operations.events.publisher.publish(TENANT, "ours", {"a": 1})
                async with asyncio.timeout(10):
                    while True:
                        message = await hearing.get_message(timeout=1)
                        if message and message["type"] == "pmessage" and message["channel"] == "events:ours":
                            break
                assert UUID(str(message["data"])) == ours
                copy = b"select event_name, event_data_json from public.workflow_events where id = %(id)s"
                async with asyncio.timeout(10):
                    while not await rows(pool, copy, {"id": ours}):
                        await asyncio.sleep(0.02)
    await hints.close()
    assert await rows(pool, copy, {"id": ours}) == [("ours", '{"a": 1}')]
    assert await row(
        pool, b"select count(*) from botmcp.workflow_events where event_name in ('order_paid', 'ours')"
    ) == (2,)


# -- names and conditions ----------------------------------------------------------------------------------------------

PART = st.sampled_from(["a", "b", "bot:x", "*", ">"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(PART, min_size=1, max_size=4), max_size=12), st.lists(PART, min_size=1, max_size=5))
def test_the_trie_finds_what_the_patterns_fit(wanted: list[list[str]], name: list[str]) -> None:
    sound: list[str] = []
    for parts in wanted:
        try:
            sound.append(patterns.checked(".".join(parts)))
        except WrongValue:
            continue
    plain = ".".join(part for part in name if part not in "*>") or "a"
    trie: patterns.Trie[str] = patterns.Trie()
    for pattern in sound:
        trie.add(pattern, pattern)
    assert sorted(trie.matching(plain)) == sorted({pattern for pattern in sound if patterns.fits(pattern, plain)})
    for pattern in set(sound):
        trie.remove(pattern, pattern)
    assert len(trie) == 0 and trie.matching(plain) == []


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        ("total > 5", True),
        ("data.total > 5 AND event.name = a.b", True),
        ("name = inner", True),
        ("event.name = inner", False),
        ("key = k", True),
        ("deep.er.one = 1", True),
        ("missing > 5", False),
        ("missing IS NULL", True),
        ("total LIKE abc%", False),
        ("NOT (total < 5 OR key = z)", True),
    ],
)
def test_a_condition_is_asked_of_the_event(words: str, fits: bool) -> None:
    data: dict[str, Any] = {"total": 7, "name": "inner", "deep": {"er": {"one": 1}}}
    event = Event(uuid4(), TENANT, "a.b", "k", data, NOW, "/x")
    assert event_filters.compiled(event_filters.stored(words))(event.told()) is fits
    assert event_filters.compiled(event_filters.stored("total > 5"))(replace(event, data="no object").told()) is False
