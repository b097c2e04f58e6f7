"""What every store of vectors must do: one suite, run against each of them by `test_vector_stores.py`.

Vectors and ids are fixed, so that an exchange over HTTP can be recorded.
"""

from __future__ import annotations

from uuid import UUID

import numpy as np

from storage.search.columns import Vector
from storage.vectors.store import Near, Owner, Point, VectorStore, mark

TENANT = UUID("11111111-0000-4000-8000-000000000000")
ANA, BEN = (Owner(TENANT, UUID(f"22222222-0000-4000-8000-00000000000{n}")) for n in (1, 2))
STRANGER = Owner(UUID("99999999-0000-4000-8000-000000000000"), ANA.id)


def at(*numbers: float) -> Vector:
    return np.array(numbers, np.float32)


def point(key: str, *numbers: float, version: int = 1) -> Point:
    return Point(key, version, at(*numbers))


def keys(found: list[Near]) -> list[str]:
    return [near.key for near in found]


async def the_most_alike_come_first_with_their_cosines(store: VectorStore) -> None:
    await store.put(ANA, [point("far", 0, 1, 0, 0), point("near", 1, 0, 0, 0), point("between", 1, 1, 0, 0)])
    found = await store.nearest(ANA, at(2, 0, 0, 0), 3)
    assert keys(found) == ["near", "between", "far"]
    assert np.allclose([near.likeness for near in found], [1, 0.5**0.5, 0], atol=1e-5)
    assert keys(await store.nearest(ANA, at(2, 0, 0, 0), 1)) == ["near"]


async def length_is_no_likeness(store: VectorStore) -> None:
    await store.put(ANA, [point("long", 30, 40, 0, 0), point("short", 0.3, 0.4, 0, 0.05)])
    found = await store.nearest(ANA, at(3, 4, 0, 0), 2)
    assert keys(found) == ["long", "short"] and found[0].likeness < 1.001


async def a_point_is_replaced_by_its_newer_version(store: VectorStore) -> None:
    await store.put(ANA, [point("k", 1, 0, 0, 0)])
    await store.put(ANA, [point("k", 0, 1, 0, 0, version=2)])
    [near] = await store.nearest(ANA, at(0, 1, 0, 0), 10)
    assert (near.key, near.version) == ("k", 2) and near.likeness > 0.999
    assert await store.versions(ANA, ["k", "unknown"]) == {"k": 2}


async def what_is_put_twice_is_there_once(store: VectorStore) -> None:
    for _ in range(2):
        await store.put(ANA, [point("a", 1, 0, 0, 0), point("b", 0, 1, 0, 0)])
    assert sorted(keys(await store.nearest(ANA, at(1, 1, 0, 0), 10))) == ["a", "b"]


async def owners_and_tenants_never_see_each_other(store: VectorStore) -> None:
    await store.put(ANA, [point("same", 1, 0, 0, 0)])
    await store.put(BEN, [point("same", 1, 0, 0, 0, version=7)])
    assert [near.version for near in await store.nearest(ANA, at(1, 0, 0, 0), 10)] == [1]
    assert [near.version for near in await store.nearest(BEN, at(1, 0, 0, 0), 10)] == [7]
    assert await store.nearest(STRANGER, at(1, 0, 0, 0), 10) == []
    assert await store.versions(STRANGER, ["same"]) == {}
    await store.remove(STRANGER, [mark(ANA, "same")])
    assert await store.erase(STRANGER) == 0
    assert await store.versions(ANA, ["same"]) == {"same": 1}


async def what_was_removed_is_not_found(store: VectorStore) -> None:
    await store.put(ANA, [point("kept", 1, 0, 0, 0), point("gone", 1, 0.1, 0, 0)])
    await store.remove(ANA, [mark(ANA, "gone"), mark(ANA, "never there")])
    assert keys(await store.nearest(ANA, at(1, 0, 0, 0), 10)) == ["kept"]
    assert await store.versions(ANA, ["gone"]) == {}


async def an_owner_is_erased_whole_and_counted(store: VectorStore) -> None:
    await store.put(ANA, [point("a", 1, 0, 0, 0), point("b", 0, 1, 0, 0)])
    await store.put(BEN, [point("a", 1, 0, 0, 0)])
    assert await store.erase(ANA) == 2
    assert await store.nearest(ANA, at(1, 0, 0, 0), 10) == []
    assert keys(await store.nearest(BEN, at(1, 0, 0, 0), 10)) == ["a"]
    assert await store.erase(ANA) == 0


async def any_text_may_be_a_key(store: VectorStore) -> None:
    odd = ["", "a/b", "ключ", "quote ' \" \\ {} %s", "x" * 600]
    await store.put(ANA, [point(key, 1, place, 0, 0) for place, key in enumerate(odd)])
    assert sorted(keys(await store.nearest(ANA, at(1, 0, 0, 0), 10))) == sorted(odd)
    assert set(await store.versions(ANA, odd)) == set(odd)


async def opened_again_it_says_that_it_was_there(store: VectorStore) -> None:
    await store.put(ANA, [point("a", 1, 0, 0, 0)])
    await store.open()
    assert keys(await store.nearest(ANA, at(1, 0, 0, 0), 10)) == ["a"]


SUITE = (
    the_most_alike_come_first_with_their_cosines,
    length_is_no_likeness,
    a_point_is_replaced_by_its_newer_version,
    what_is_put_twice_is_there_once,
    owners_and_tenants_never_see_each_other,
    what_was_removed_is_not_found,
    an_owner_is_erased_whole_and_counted,
    any_text_may_be_a_key,
    opened_again_it_says_that_it_was_there,
)
