"""Vectors in Qdrant: one collection a source and model, the owner in each point's payload."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from qdrant_client import AsyncQdrantClient
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http import models
from qdrant_client.http.exceptions import ApiException

from storage.search.columns import Vector
from storage.vectors.store import Near, Owner, Point, StoreUnavailable, mark, point_id

SECONDS = 5
BATCH = 256


def client(url: str, key: str = "") -> AsyncQdrantClient:
    """A client of the server at this address; nothing is sent yet."""
    return AsyncQdrantClient(url=url, api_key=key or None, timeout=SECONDS, check_compatibility=False)


class QdrantVectors:
    """Fulfils VectorStore; `source` and `model` name the collection."""

    def __init__(self, client: AsyncQdrantClient, source: str, model: str, dimensions: int, url: str = "") -> None:
        self._client, self._dimensions = client, dimensions
        self._collection = f"botmcp_{source}_{_plain(model)}_{dimensions}"
        self._where = urlsplit(url).hostname or "memory"

    @property
    def place(self) -> str:
        return f"qdrant {self._where} {self._collection}"

    async def open(self) -> bool:
        async with _answering():
            if await self._client.collection_exists(self._collection):
                return False
            try:
                size = models.VectorParams(size=self._dimensions, distance=models.Distance.COSINE)
                await self._client.create_collection(self._collection, vectors_config=size)
            except (ApiException, ValueError):
                if await self._client.collection_exists(self._collection):  # another process was quicker
                    return False
                raise
            for name in ("owner", "mark"):
                keyword = models.KeywordIndexParams(
                    type=models.KeywordIndexType.KEYWORD, is_tenant=True if name == "owner" else None
                )
                await self._client.create_payload_index(self._collection, name, keyword)
            return True

    async def reached(self) -> None:
        """Returns when the server answers; raises StoreUnavailable."""
        async with _answering():
            await self._client.get_collections()

    async def put(self, owner: Owner, points: Sequence[Point]) -> None:
        async with _answering():
            for start in range(0, len(points), BATCH):
                rows = [
                    models.PointStruct(
                        id=str(point_id(owner, point.key)),
                        vector=point.vector.tolist(),
                        payload={
                            "tenant": str(owner.tenant),
                            "owner": str(owner.id),
                            "key": point.key,
                            "version": point.version,
                            "mark": mark(owner, point.key),
                        },
                    )
                    for point in points[start : start + BATCH]
                ]
                await self._client.upsert(self._collection, rows, wait=True)

    async def versions(self, owner: Owner, keys: Sequence[str]) -> Mapping[str, int]:
        async with _answering():
            ids: list[int | str | UUID] = [str(point_id(owner, key)) for key in keys]
            found = await self._client.retrieve(
                self._collection, ids, with_payload=["key", "version"], with_vectors=False
            )
            return {row.payload["key"]: int(row.payload["version"]) for row in found if row.payload}

    async def remove(self, owner: Owner, marks: Sequence[str]) -> None:
        async with _answering():
            for start in range(0, len(marks), BATCH):
                these = models.MatchAny(any=list(marks[start : start + BATCH]))
                chosen = _of(owner, models.FieldCondition(key="mark", match=these))
                await self._client.delete(self._collection, models.FilterSelector(filter=chosen), wait=True)

    async def erase(self, owner: Owner) -> int:
        async with _answering():
            held = await self._client.count(self._collection, count_filter=_of(owner), exact=True)
            await self._client.delete(self._collection, models.FilterSelector(filter=_of(owner)), wait=True)
            return held.count

    async def nearest(self, owner: Owner, vector: Vector, limit: int) -> list[Near]:
        async with _answering():
            found = await self._client.query_points(
                self._collection,
                query=vector.tolist(),
                query_filter=_of(owner),
                limit=limit,
                with_payload=["key", "version"],
            )
            return [
                Near(point.payload["key"], int(point.payload["version"]), point.score)
                for point in found.points
                if point.payload
            ]

    async def close(self) -> None:
        await self._client.close()


def _of(owner: Owner, *more: models.FieldCondition) -> models.Filter:
    parts = {"tenant": str(owner.tenant), "owner": str(owner.id)}
    mine = [models.FieldCondition(key=key, match=models.MatchValue(value=value)) for key, value in parts.items()]
    return models.Filter(must=[*mine, *more])


def _plain(model: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "_", model)


@asynccontextmanager
async def _answering() -> AsyncGenerator[None]:
    """Whatever keeps the server from answering as StoreUnavailable."""
    try:
        yield
    except (ApiException, ResourceExhaustedResponse, httpx.HTTPError, OSError) as error:
        raise StoreUnavailable(f"Qdrant does not answer: {_first_line(error)}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise StoreUnavailable(f"Qdrant does not answer as expected: {_first_line(error)}") from error


def _first_line(error: Any) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
