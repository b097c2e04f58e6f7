"""Sessions, REMEMBER, user memory and the cache: values of any kind, kept in the memory of the bot."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from keywords.host import Host, Recorded, Value
from keywords.library.announced import NotYet
from keywords.library.tables import NoTables
from keywords.mistakes import ProgramError, Refused
from keywords.values import adopt
from tests.library.test_library import MOMENT, TABLE, World, host


def keep(world: World, word: str, **arguments: Value) -> None:
    found = TABLE[word].call(MOMENT, **arguments)
    assert isinstance(found, Recorded)
    for row in found.effects:
        key, value, _ = row.values
        world.memory = {**world.memory, str(key): str(value)}


def ask(asking: Host, word: str, **arguments: Value) -> Value:
    return asyncio.run(TABLE[word].call(asking, **arguments))


def later(world: World, seconds: float) -> Host:
    asking = host(world)
    return replace(asking, moment=replace(asking.moment, now=asking.now + timedelta(seconds=seconds)))


@pytest.mark.parametrize("value", [1, "x", None, True, 2.5, [1, "a"], {"a": {"b": [1]}}])
def test_a_value_comes_back_as_it_was(value: Value) -> None:
    world, kept = World(), adopt(value)
    keep(world, "SET SESSION", name="n", value=kept)
    keep(world, "REMEMBER", key="k", value=kept)
    keep(world, "SET USER MEMORY", key="u", value=kept)
    keep(world, "CACHE SET", key="c", value=kept)
    assert ask(host(world), "GET SESSION", name="N") == kept
    assert ask(host(world), "RECALL", key="k") == kept
    assert ask(host(world), "GET USER MEMORY", key="u") == kept
    assert ask(host(world), "CACHE GET", key="c") == kept


@pytest.mark.parametrize(
    ("duration", "seconds"), [("30 days", 2_592_000), ("2 hours", 7_200), ("1h", 3_600), (60, 60), ("10 minutes", 600)]
)
def test_what_is_remembered_for_a_time_is_then_forgotten(duration: Value, seconds: int) -> None:
    world = World()
    keep(world, "REMEMBER", key="k", value=1, duration=duration)
    assert ask(later(world, seconds - 1), "RECALL", key="k") == 1
    assert ask(later(world, seconds), "RECALL", key="k") is None


def test_for_ever_is_for_ever_and_nonsense_is_told() -> None:
    world = World()
    keep(world, "REMEMBER", key="k", value=1, duration="forever")
    assert ask(later(world, 1e9), "RECALL", key="k") == 1
    for duration in ("soon", "-1 days", [1]):
        with pytest.raises(ProgramError):
            keep(world, "REMEMBER", key="k", value=1, duration=adopt(duration))


def test_get_goes_by_the_shape_of_what_is_asked() -> None:
    world = World()
    keep(world, "SET", name="session.city", value="Lisbon")
    keep(world, "SET", name="order", value=adopt({"lines": {"first": 7}}))
    world.memory = {**world.memory, "plain": "from memory"}
    assert ask(host(world), "GET", source=["session.city"]) == "Lisbon"
    assert ask(host(world), "GET", source=["city"]) == "Lisbon"
    assert ask(host(world), "GET SESSION", name="city") == "Lisbon"
    assert ask(host(world), "GET", source=["order.lines.first"]) == 7
    assert ask(host(world), "GET", source=["order.nothing"]) is None
    assert ask(host(world), "GET", source=["plain"]) == "from memory"
    assert ask(host(world), "GET", source=["session.nothing"]) is None
    with pytest.raises(Refused, match="There is no web here"):
        ask(host(world), "GET", source=["https://example.com"])
    for elsewhere in ("news/today.pdf", "/ai/x", "a.csv"):
        with pytest.raises(Refused, match="There are no files here"):
            ask(host(world), "GET", source=[elsewhere])


def test_a_keyword_not_yet_carried_out_says_so_when_it_is_run() -> None:
    with pytest.raises(NotYet, match="GET QUEUE is understood but not yet carried out by this release"):
        ask(host(World()), "GET QUEUE")


def test_merge_joins_lists() -> None:
    one, two = adopt([{"id": 1, "v": "a"}, {"id": 2}]), adopt([{"id": 1, "v": "b"}])
    assert ask(host(World()), "MERGE", table=one, rows=two) == [*one, *two]
    assert ask(host(World()), "MERGE", table=one, rows=two, key="id") == [{"id": 1, "v": "b"}, {"id": 2}]
    with pytest.raises(NoTables):
        ask(host(World()), "MERGE", table="customers", rows=two, key="id")
