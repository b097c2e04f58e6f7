"""Events of callers outside of programs: many in a commit, two commits at once, and still each once, in its order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from keywords.mistakes import LimitReached, WrongValue
from storage.arrays import integers, repeated, texts, uuids
from storage.hints import PostgresHints
from storage.pool import Pool, connect
from tests.workflow.kit import NOW, TENANT, rows
from workflow.events.event import Event
from workflow.events.inline import TOPIC, of_hint
from workflow.events.publisher import Publisher, Unpublished
from workflow.events.quota import Quota
from workflow.events.setup import EventSetup

LOG = b"select event_name, event_key, event_data, xid::text, seq, id from workflow_events e order by e.xid, e.seq"


class Heard:
    """Hints with room that keep what they were given."""

    roomy = True

    def __init__(self) -> None:
        self.topics: list[str] = []
        self.busy = asyncio.Event()
        self.busy.set()

    async def publish(self, *topics: str) -> None:
        await self.busy.wait()
        self.topics += topics


def publisher(database: str, hints: Any, clock: datetime | None = None) -> Publisher:
    async def connection() -> AsyncConnection:
        return await connect(database, application="test publisher")

    return Publisher(connection, hints, lambda: clock or datetime.now(UTC), random.Random(11))


async def test_events_of_one_key_keep_their_order_through_two_commits_at_once(database: str, pool: Pool) -> None:
    made = publisher(database, Heard())
    said: list[tuple[str, int]] = [(f"k{n % 5}" if n % 3 else "", n) for n in range(2_000)]
    ids = await asyncio.gather(*(made.publish(TENANT, "e", n, key=key or None) for key, n in said))
    log = await rows(pool, LOG)
    await made.close()
    assert {row[5] for row in log} == set(ids)
    assert len({row[3] for row in log}) > 2  # several commits, or there was nothing to keep in order
    for key in {key for key, _ in said if key}:
        assert [row[2] for row in log if row[1] == key] == [n for k, n in said if k == key], key


async def test_a_second_connection_is_opened_only_where_many_publish(database: str, pool: Pool) -> None:
    query = b"select count(*) from pg_stat_activity where application_name = 'test publisher'"
    made = publisher(database, Heard())
    await asyncio.gather(*(made.publish(TENANT, "few", n) for n in range(10)))
    assert await rows(pool, query) == [(1,)]
    await asyncio.gather(*(made.publish(TENANT, "many", n) for n in range(200)))
    assert await rows(pool, query) == [(2,)]
    await made.close()


async def test_what_postgres_will_not_have_takes_no_other_event_with_it(database: str, pool: Pool) -> None:
    made = publisher(database, Heard())
    data: Sequence[Any] = ["bad \0" if n in (7, 70) else n for n in range(100)]
    outcome = await asyncio.gather(*(made.publish(TENANT, "e", value) for value in data), return_exceptions=True)
    await made.close()
    assert [n for n, found in enumerate(outcome) if isinstance(found, Unpublished)] == [7, 70]
    assert sorted(row[2] for row in await rows(pool, LOG)) == [n for n in range(100) if n not in (7, 70)]


async def test_only_a_tenant_beyond_its_quota_is_refused_in_a_commit(database: str, pool: Pool) -> None:
    closed, made = uuid4(), publisher(database, Heard())
    async with pool.connection() as connection:
        await connection.execute(
            "insert into workflow_event_quotas (tenant_id, closed_until, reason)"
            " values (%s, now() + interval '1 hour', 'Too much.')",
            [closed],
        )
    asked = [closed if n % 4 == 0 else TENANT for n in range(80)]
    outcome = await asyncio.gather(*(made.publish(t, "e", n) for n, t in enumerate(asked)), return_exceptions=True)
    await made.close()
    assert [isinstance(found, LimitReached) for found in outcome] == [tenant == closed for tenant in asked]
    assert len(await rows(pool, LOG)) == 60


async def test_a_commit_whose_answer_was_lost_is_written_once(database: str, pool: Pool) -> None:
    """The first connection commits what it is given and dies before it says so."""
    opened: list[AsyncConnection] = []

    class Dying:
        closed = False

        def __init__(self, living: AsyncConnection) -> None:
            self.living, self.adapters = living, living.adapters

        def cursor(self, **options: Any) -> Dying:
            return self

        @property
        def connection(self) -> Dying:
            return self

        async def execute(self, *given: Any, **options: Any) -> Any:
            await self.living.execute(*given, **options)
            raise OSError("the line went dead")

        async def close(self) -> None:
            await self.living.close()

    async def connection() -> Any:
        opened.append(await connect(database))
        return Dying(opened[0]) if len(opened) == 1 else opened[-1]

    hints: Any = Heard()
    made = Publisher(connection, hints, lambda: datetime.now(UTC), random.Random(3))
    ids = await asyncio.gather(*(made.publish(TENANT, "e", n) for n in range(5)))
    await made.close()
    assert len(opened) == 2
    assert {row[5]: row[2] for row in await rows(pool, LOG)} == {id_: n for n, id_ in enumerate(ids)}


async def test_an_event_rides_in_its_hint_as_the_log_holds_it(database: str, pool: Pool) -> None:
    hints = Heard()
    made = publisher(database, hints)
    data = {"a": [1, None, "ä\n\t€"], "day": date(2026, 1, 31), "at": datetime(2026, 1, 2, 3, 4, 5, 6, UTC), "x": 1e22}
    hints.busy.clear()
    first = await asyncio.gather(*(made.publish(TENANT, f"n{n}", data, key=n, source="/s") for n in range(40)))
    last = await made.publish(TENANT, "large", "x" * 10_000)
    hints.busy.set()
    await made.close()
    told = {event.id: event for topic in hints.topics if topic.startswith(TOPIC) for event in of_hint(topic)}
    query = b"""select id, event_name as name, event_key as key, event_data as data, created_at, source, xid::text, seq
        from workflow_events where id = any(%(ids)s)"""
    stored = await rows(pool, query, {"ids": first})
    assert {row[0]: Event(row[0], TENANT, *row[1:]) for row in stored} == told
    assert told[first[0]].data["at"] == "2026-01-02T03:04:05.000006Z"
    assert last not in told and "event" in hints.topics


async def test_hints_that_gather_behind_a_slow_one_become_one_that_says_look(database: str, pool: Pool) -> None:
    hints = Heard()
    made = publisher(database, hints)
    hints.busy.clear()
    for _ in range(5):
        await asyncio.gather(*(made.publish(TENANT, "e", n) for n in range(500)))
    hints.busy.set()
    await made.close()
    assert "*" in hints.topics
    assert len(hints.topics) < 2_500


async def test_neighbours_in_time_have_neighbouring_ids_of_version_7(database: str, pool: Pool) -> None:
    at = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
    made = publisher(database, Heard(), at)
    ids = await asyncio.gather(*(made.publish(TENANT, "e", n) for n in range(12)))
    await made.close()
    assert [row[5] for row in await rows(pool, LOG)] == sorted(ids) == ids
    assert {(id_.version, id_.int >> 80) for id_ in ids} == {(7, int(at.timestamp() * 1_000))}


@pytest.mark.parametrize("data", [float("nan"), {"a": [float("-inf")]}, {"a": object()}, {1, 2}])
async def test_what_is_no_json_is_refused_before_it_waits(database: str, pool: Pool, data: Any) -> None:
    made = publisher(database, PostgresHints(database, pool))
    with pytest.raises(WrongValue, match="must be JSON"):
        await made.publish(TENANT, "e", data)
    with pytest.raises(LimitReached, match="256 KB"):
        await made.publish(TENANT, "e", ["ä" * 200_000])
    await made.close()
    assert await rows(pool, LOG) == []


def test_a_repeated_column_is_the_column_of_equal_elements() -> None:
    id_ = UUID(int=5)
    assert repeated(uuids([id_]), 3) == uuids([id_, id_, id_])
    assert repeated(texts(["ä"]), 4) == texts(["ä"] * 4)
    assert repeated(texts([None]), 2) == texts([None, None])
    assert repeated(integers([7]), 2) == integers([7, 7])


async def test_a_burst_is_closed_when_it_is_read_not_a_second_later(database: str, pool: Pool) -> None:
    query = b"select tenant_id, closed_until, reason from workflow_event_quotas"
    event = Event(UUID(int=1), TENANT, "e", "", None, NOW, "/")
    async with await connect(database) as connection:
        quota = Quota(connection, lambda: NOW, EventSetup(rate=10))  # no second ever passes
        quota.count([event] * 50)
        await quota.look()
        assert await rows(pool, query) == []
        quota.count([event])
        await quota.look()
        told = "This tenant may publish 10 events a second, and publishes more. Publish again in a moment."
        assert await rows(pool, query) == [(TENANT, NOW + timedelta(seconds=2), told)]
