"""Those who wait without an execution, and the hints that wake them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from storage.hints import EVERYTHING, Audience, Subscriber
from storage.pool import Pool, connect
from tests.workflow.kit import TENANT
from workflow.events import listener
from workflow.events.event import Event
from workflow.events.inline import TOPIC, Row, inlined, of_hint
from workflow.events.listener import Listener
from workflow.events.publisher import Publisher

AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, UTC)


class Spoken:
    """Hints of one process; a test may hold back what is said."""

    roomy = True

    def __init__(self, *, kept: bool = False) -> None:
        self.audience = Audience()
        self.kept = kept

    def statement(self, *topics: str) -> None:
        return None

    async def publish(self, *topics: str) -> None:
        if not self.kept:
            self.audience.tell(frozenset(topics))

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        leave = self.audience.subscribe(subscriber)
        self.audience.tell(EVERYTHING)
        return leave

    async def run(self) -> None:
        pass


def row(name: str, number: int) -> Row:
    return uuid4(), TENANT, name, "", f'{{"n": {number}}}', AT, "/", "7", number


async def published(database: str, hints: Spoken, name: str) -> UUID:
    async def connection() -> AsyncConnection:
        return await connect(database)

    made = Publisher(connection, hints, lambda: datetime.now(UTC), random.Random(1))
    try:
        return await made.publish(TENANT, name)
    finally:
        await made.close()


async def begun(made: Listener, pattern: str, since: tuple[str, int] | None = None) -> asyncio.Task[Event | None]:
    """Somebody who waits and has looked at what was before."""
    task = asyncio.create_task(made.wait(TENANT, pattern, since=since, seconds=30))
    assert await made.wait(TENANT, "nothing", since=("0", -1), seconds=0.3) is None
    return task


async def test_a_hint_that_carries_its_event_wakes_whatever_the_log_holds(pool: Pool) -> None:
    hints = Spoken()
    made = Listener(pool, hints, random.Random(1))
    one, other = await begun(made, "a.*"), await begun(made, "b")
    rows = [row("x", 1), row("a.b", 2), row("a.c", 3)]
    await hints.publish("event", inlined(rows))
    found = await one
    assert found == Event(rows[1][0], TENANT, "a.b", "", {"n": 2}, AT, "/", "7", 2)
    assert not other.done()
    other.cancel()


@pytest.mark.parametrize("hint", ["event", TOPIC + "[[1]]", TOPIC + "{}x", TOPIC + "3", TOPIC + '["abcdefghi"]'])
async def test_what_a_hint_does_not_carry_is_found_in_the_log(
    database: str, pool: Pool, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "LOOK", 3_600.0)  # nobody looks without a hint
    hints = Spoken(kept=True)
    made = Listener(pool, hints, random.Random(1))
    one = await begun(made, "a")
    id_ = await published(database, hints, "a")
    hints.kept = False
    await hints.publish(hint)
    found = await one
    assert found and found.id == id_


async def test_the_log_is_read_too_where_hints_carry_other_events(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "LOOK", 3_600.0)
    hints = Spoken(kept=True)
    made = Listener(pool, hints, random.Random(1))
    one = await begun(made, "a")
    id_ = await published(database, hints, "a")
    hints.kept = False
    await hints.publish("event", inlined([row("b", 1)]))
    found = await one
    assert found and found.id == id_


async def test_who_waits_behind_a_place_gets_what_the_log_holds(
    database: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listener, "LOOK", 3_600.0)
    monkeypatch.setattr(listener, "SOON", 3_600.0)
    hints = Spoken()
    made = Listener(pool, hints, random.Random(1))
    one = await begun(made, "a", since=("0", -1))
    await hints.publish("event", inlined([row("a", 1)]))  # where it stands in the log nobody knows
    id_ = await published(database, hints, "a")
    found = await one
    assert found and found.id == id_


def test_what_is_too_large_for_a_hint_does_not_ride_in_one() -> None:
    small, large = row("a", 1), row("a", 2)
    large = (*large[:4], f'"{"x" * 9_000}"', *large[5:])
    assert inlined([small, large]) == "" and inlined([]) == ""
    many = [(*small[:4], f'"{"x" * 8_000}"', *small[5:])] * 40
    assert inlined(many) == ""
    assert len(list(of_hint(inlined(many[:20])))) == 20


def test_the_data_of_a_hint_is_read_as_the_log_is() -> None:
    told = list(
        of_hint(inlined([(*row("a", 1)[:4], text, *row("a", 1)[5:]) for text in ("1" * 30, "1e22", '"\\u00e4"')]))
    )
    assert [event.data for event in told] == [int("1" * 30), 1e22, "ä"]
    assert next(iter(of_hint(inlined([(*row("a", 1)[:4], None, *row("a", 1)[5:])])))).data is None
