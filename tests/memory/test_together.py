"""Processes that work on the same memories, small: `tests/chaos/memory.py` is the long version, with kills."""

from __future__ import annotations

import asyncio
from pathlib import Path

from storage.pool import Pool
from tests.chaos.memory_actor import Actor
from tests.chaos.memory_checker import OPEN, Call, linearizable, read
from tests.chaos.memory_kills import judged


def call(began: int, ended: int, what: str, argument: object, answer: object) -> Call:
    return Call(began, ended, what, "k", argument, answer)


WRITTEN = call(0, 10, "write", "a", None)


def test_the_checker_takes_what_some_order_explains() -> None:
    assert linearizable([WRITTEN, call(5, 8, "read", None, [0, None]), call(6, 9, "read", None, [1, "a"])])
    assert linearizable([WRITTEN, call(11, 12, "cas", [1, "b"], {"v": 2}), call(13, 14, "read", None, [2, "b"])])
    assert linearizable([call(0, OPEN, "write", "a", None), call(50, 60, "read", None, [0, None])])
    assert linearizable([call(0, OPEN, "write", "a", None), call(50, 60, "read", None, [1, "a"])])


def test_the_checker_flags_what_no_order_explains() -> None:
    assert not linearizable([WRITTEN, call(11, 12, "read", None, [0, None])]), "a stale read"
    assert not linearizable([WRITTEN, call(11, 12, "cas", [0, "b"], {"v": 1})]), "a lost update"
    assert not linearizable([WRITTEN, call(11, 12, "cas", [1, "b"], {"error": {}})]), "a refusal without a reason"
    late = [call(11, 12, "read", None, [1, "a"]), call(13, 14, "read", None, [0, None])]
    assert not linearizable([WRITTEN, *late]), "a value that comes and goes"


async def test_nothing_is_lost_when_many_write_share_and_take_over(
    database: str, pool: Pool, valkey: str, tmp_path: Path
) -> None:
    diaries = [tmp_path / str(number) for number in range(8)]
    actors = [Actor(database, n, 3, str(diary), valkey, stale=False) for n, diary in enumerate(diaries)]
    await asyncio.gather(*(actor.run(60) for actor in actors))
    found = await judged(pool, read(diaries))
    assert found.pop("histories")["bad"] == 0
    assert found == {"lost": 0, "doubled": 0, "undelivered": 0, "unsynced": 0}


async def test_a_stale_cache_is_flagged(database: str, valkey: str, tmp_path: Path) -> None:
    diaries = [tmp_path / str(number) for number in range(8)]
    actors = [Actor(database, n, 3, str(diary), valkey, stale=True) for n, diary in enumerate(diaries)]
    await asyncio.gather(*(actor.run(80) for actor in actors))
    histories: dict[str, list[Call]] = {}
    for one in read(diaries):
        if one.what in ("read", "write", "cas"):
            histories.setdefault(one.key, []).append(one)
    assert not all(linearizable(history) for history in histories.values())
