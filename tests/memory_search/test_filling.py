"""Vectors in a store: filled behind the commits, left out when the store is down, and never believed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

import numpy as np
import pytest
from numpy.typing import NDArray
from qdrant_client import AsyncQdrantClient

from memory.search.source import MemorySource
from storage.pool import Pool
from storage.search.columns import Vector
from storage.search.filling import Filler
from storage.search.meaning import EmbeddingUnavailable
from storage.vectors.postgres import PostgresVectors
from storage.vectors.qdrant import QdrantVectors
from storage.vectors.store import Near, Owner, Point, StoreUnavailable, VectorStore
from tests.memory_search.rows import MEANING, TENANT, delete, keys, remember, search_of, share


class Counting:
    """The word vectors, and how many texts they were asked for."""

    name, local, dimensions = MEANING.name, False, MEANING.dimensions

    def __init__(self, breaks_after: int = 10**9) -> None:
        self.texts = 0
        self.breaks_after = breaks_after

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.texts >= self.breaks_after:
            raise EmbeddingUnavailable("broken off")
        self.texts += len(texts)
        return await MEANING.embed(texts)


class Paused:
    """A store that takes a question and never answers."""

    place = "paused"

    def __init__(self) -> None:
        self.asked = 0

    async def open(self) -> bool:
        return True

    async def put(self, owner: Owner, points: Sequence[Point]) -> None:
        await asyncio.Event().wait()

    async def versions(self, owner: Owner, keys: Sequence[str]) -> Mapping[str, int]:
        return {}

    async def remove(self, owner: Owner, marks: Sequence[str]) -> None:
        raise StoreUnavailable("paused")

    async def erase(self, owner: Owner) -> int:
        raise StoreUnavailable("paused")

    async def nearest(self, owner: Owner, vector: Vector, limit: int) -> list[Near]:
        self.asked += 1
        await asyncio.Event().wait()
        return []

    async def close(self) -> None: ...


def postgres(pool: Pool) -> PostgresVectors:
    return PostgresVectors(pool, "memory", MEANING.name)


def qdrant(pool: Pool) -> QdrantVectors:
    return QdrantVectors(AsyncQdrantClient(":memory:"), "memory", MEANING.name, MEANING.dimensions)


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
@pytest.mark.parametrize("kind", [postgres, qdrant])
async def test_a_store_finds_by_meaning_what_no_word_finds(pool: Pool, kind: Callable[[Pool], VectorStore]) -> None:
    ana, ben, store = uuid4(), uuid4(), kind(pool)
    filler = Filler(pool, MemorySource(pool), MEANING, store)
    search = search_of(pool, store, filler=filler)
    await remember(pool, ana, "pet", "a kitten")
    await remember(pool, ana, "town", "a village in the mountains")
    await share(pool, ana, ben, "pet")
    assert await filler.fill() == 3
    for bot in (ana, ben):
        assert (await keys(search, bot, "cat"))[0] == "pet"
    await remember(pool, ana, "pet", "an old bicycle")
    assert "pet" not in await keys(search, ana, "kitten"), "the vector of another version tells nothing"
    assert (await keys(search, ana, "bicycles"))[0] == "pet", "a write is found by its words at once"
    assert await filler.fill() == 2
    assert (await keys(search, ana, "motorcycle"))[0] == "pet"
    await delete(pool, ana, "pet")
    await filler.fill()
    assert set(await store.versions(Owner(TENANT, ana), ["/pet", "/town"])) == {"/town"}
    assert await search.erase(TENANT, ana) == 1
    assert await filler.fill() == 0, "nothing changed since"
    await store.close()


async def test_a_fill_that_was_broken_off_pays_for_nothing_twice(pool: Pool) -> None:
    bot, embedder = uuid4(), Counting(breaks_after=64)
    for number in range(100):
        await remember(pool, bot, f"k{number}", f"word{number} and more")
    with pytest.raises(EmbeddingUnavailable):
        await Filler(pool, MemorySource(pool), embedder, postgres(pool)).fill()
    assert embedder.texts == 64
    embedder.breaks_after = 10**9
    assert await Filler(pool, MemorySource(pool), embedder, postgres(pool)).fill() == 36
    assert embedder.texts == 100
    held = await postgres(pool).versions(Owner(TENANT, bot), [f"/k{number}" for number in range(100)])
    assert len(held) == 100


async def test_only_one_process_fills_at_a_time(pool: Pool) -> None:
    await remember(pool, uuid4(), "pet", "a parrot")
    fillers = [Filler(pool, MemorySource(pool), MEANING, postgres(pool)) for _ in range(4)]
    assert sum(await asyncio.gather(*(filler.fill() for filler in fillers))) == 1


async def test_a_filler_fills_by_itself_what_it_is_rung_for(pool: Pool) -> None:
    bot, store = uuid4(), postgres(pool)
    filler = Filler(pool, MemorySource(pool), MEANING, store, look_seconds=60)
    running = asyncio.create_task(filler.run())
    await remember(pool, bot, "pet", "a parrot")
    while not await store.versions(Owner(TENANT, bot), ["/pet"]):
        filler.ring()
        await asyncio.sleep(0)
    running.cancel()
    await asyncio.wait([running])


async def test_a_paused_store_keeps_no_search_waiting_and_shows_nothing_that_is_gone(pool: Pool) -> None:
    bot, other, store = uuid4(), uuid4(), Paused()
    search = search_of(pool, store)
    for number in range(40):
        await remember(pool, bot, f"pet {number}", f"parrot number {number}")
        if number % 2:
            await share(pool, bot, other, f"pet {number}")
    assert len(await keys(search, bot, "parrot", 40)) == 40
    for number in range(40):
        await delete(pool, bot, f"pet {number}")
        assert f"pet {number}" not in await keys(search, bot, "parrot", 40)
        assert f"pet {number}" not in await keys(search, other, "parrot", 40)
    assert store.asked == 1, "after one question without an answer it rests"


async def test_the_words_of_a_question_alone_find_when_the_model_is_down(pool: Pool) -> None:
    bot = uuid4()
    search = search_of(pool, postgres(pool), Counting(breaks_after=0))
    await remember(pool, bot, "pet", "a parrot")
    assert await keys(search, bot, "parrots") == ["pet"]
