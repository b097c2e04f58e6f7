"""The suite of `conformance.py` against every store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from qdrant_client import AsyncQdrantClient

from storage.pool import Pool
from storage.vectors.postgres import PostgresVectors
from storage.vectors.qdrant import QdrantVectors
from storage.vectors.store import StoreUnavailable, VectorStore
from tests.memory_search import conformance
from tests.memory_search.qdrant_exchange import played_back, store

Suite = Callable[[VectorStore], Awaitable[None]]


@pytest.fixture(params=conformance.SUITE, ids=lambda each: each.__name__)
def suite(request: pytest.FixtureRequest) -> Suite:
    return request.param


@pytest.fixture
async def in_memory() -> AsyncIterator[QdrantVectors]:
    opened = QdrantVectors(AsyncQdrantClient(":memory:"), "memory", "model-a", 4)
    yield opened
    await opened.close()


@pytest.mark.filterwarnings("ignore:Payload indexes have no effect:UserWarning")
async def test_qdrant_clients_own_engine_conforms(suite: Suite, in_memory: QdrantVectors) -> None:
    assert await in_memory.open()
    await suite(in_memory)


async def test_qdrant_over_a_recorded_http_exchange_conforms(suite: Suite) -> None:
    over = store(played_back(suite.__name__))
    assert await over.open()
    await suite(over)
    await over.close()


@pytest.mark.parametrize("pgvector", [None, False], ids=["pgvector", "plain SQL"])
async def test_postgres_conforms(pool: Pool, pgvector: bool | None) -> None:
    for suite in conformance.SUITE:
        vectors = PostgresVectors(pool, suite.__name__, "model-a", pgvector=pgvector)
        assert await vectors.open()
        await suite(vectors)
        await vectors.nearest(conformance.ANA, conformance.at(1, 0, 0, 0), 1)
        assert vectors.pgvector is (pgvector is None), "the embedded server carries pgvector"


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500, text="no"),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={"result": {"points": [{"id": 1, "version": 1, "score": 1.0, "payload": {"x": 1}}]}}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
    ],
    ids=["error", "no json", "another payload", "refused", "slow"],
)
async def test_a_qdrant_that_answers_nonsense_is_one_that_is_not_there(answer: httpx.Response | Exception) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    over = store(httpx.MockTransport(respond))
    with pytest.raises(StoreUnavailable, match="Qdrant does not answer"):
        await over.nearest(conformance.ANA, conformance.at(1, 0, 0, 0), 1)
    await over.close()


async def test_a_database_that_is_gone_is_a_store_that_is_not_there(pool: Pool) -> None:
    vectors = PostgresVectors(pool, "memory", "model-a")
    await pool.close()
    with pytest.raises(StoreUnavailable, match="The vectors in Postgres cannot be used"):
        await asyncio.wait_for(vectors.nearest(conformance.ANA, conformance.at(1, 0, 0, 0), 1), 10)
