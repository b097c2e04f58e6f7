"""Qdrant over HTTP without a Qdrant server: exchanges are recorded once and played back.

    python -m tests.memory_search.qdrant_exchange         records them again

No real server was at hand. The recording is made by qdrant-client's own REST client talking to qdrant-client's own
in-memory engine, put behind the paths and bodies of Qdrant's REST interface. So it holds what really goes over the
wire, and answers in the published form; what a real server might do differently it cannot show.
"""

from __future__ import annotations

import asyncio
import json
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel
from qdrant_client import AsyncQdrantClient
from qdrant_client.http import models

from storage.vectors.qdrant import QdrantVectors
from storage.vectors.store import VectorStore
from tests.memory_search import conformance

RECORDED = Path(__file__).parent / "recorded"
URL = "http://qdrant.test:6333"


def played_back(name: str) -> httpx.MockTransport:
    """Answers as recorded; a request that differs from the recorded one is an error."""
    exchanges: list[dict[str, Any]] = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    waiting = iter(exchanges)

    def answer(request: httpx.Request) -> httpx.Response:
        expected = next(waiting, None)
        assert expected, f"{request.method} {request.url} was not recorded"
        assert _asked(request) == expected["request"]
        return httpx.Response(expected["status"], json=expected["answer"])

    return httpx.MockTransport(answer)


def store(transport: httpx.AsyncBaseTransport, source: str = "memory") -> QdrantVectors:
    """The product's store over this transport."""
    over = AsyncQdrantClient(url=URL, timeout=5, check_compatibility=False, transport=transport)
    return QdrantVectors(over, source, "model-a", 4, URL)


class Engine(httpx.AsyncBaseTransport):
    """qdrant-client's in-memory engine as a server."""

    def __init__(self) -> None:
        self.exchanges: list[dict[str, Any]] = []
        self._engine = AsyncQdrantClient(":memory:")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        asked = _asked(request)
        result = await self._result(request.method, request.url.path.split("/")[2:], asked["body"])
        answer = {"result": _plain(result), "status": "ok", "time": 0.0}
        self.exchanges.append({"request": asked, "status": 200, "answer": answer})
        return httpx.Response(200, json=answer)

    async def _result(self, method: str, path: list[str], body: Any) -> Any:
        engine, name = self._engine, path[0]
        match method, path[1:]:
            case "GET", ["exists"]:
                return {"exists": await engine.collection_exists(name)}
            case "PUT", []:
                size = models.VectorParams(**body["vectors"])
                return await engine.create_collection(name, vectors_config=size)
            case "PUT", ["index"]:
                return models.UpdateResult(operation_id=0, status=models.UpdateStatus.COMPLETED)
            case "PUT", ["points"]:
                return await engine.upsert(name, [models.PointStruct(**point) for point in body["points"]])
            case "POST", ["points"]:
                return await engine.retrieve(name, body["ids"], with_payload=body["with_payload"])
            case "POST", ["points", "delete"]:
                chosen = models.FilterSelector(filter=models.Filter(**body["filter"]))
                return await engine.delete(name, chosen)
            case "POST", ["points", "count"]:
                return await engine.count(name, models.Filter(**body["filter"]), exact=body["exact"])
            case "POST", ["points", "query"]:
                wanted = models.Filter(**body["filter"])
                return await engine.query_points(
                    name,
                    body["query"]["nearest"],
                    query_filter=wanted,
                    limit=body["limit"],
                    with_payload=body["with_payload"],
                )
            case _:
                raise AssertionError(f"{method} {path} is not known here")


def _asked(request: httpx.Request) -> dict[str, Any]:
    body = json.loads(request.content) if request.content else None
    return {"method": request.method, "path": request.url.raw_path.decode(), "body": body}


def _plain(result: Any) -> Any:
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json")
    if isinstance(result, list):
        return [_plain(each) for each in result]  # pyright: ignore[reportUnknownVariableType] - of JSON
    return result


async def record(name: str, suite: Callable[[VectorStore], Awaitable[None]]) -> None:
    """Runs one test of the suite against the engine and keeps what was said."""
    engine = Engine()
    over = store(engine)
    await over.open()
    await suite(over)
    await over.close()
    lines = ",\n".join(json.dumps(exchange, ensure_ascii=False) for exchange in engine.exchanges)
    (RECORDED / f"{name}.json").write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    RECORDED.mkdir(exist_ok=True)
    warnings.simplefilter("ignore")
    for each in conformance.SUITE:
        asyncio.run(record(each.__name__, each))
