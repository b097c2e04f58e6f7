"""The host's tables about models: one is read for models, the other fed where its owner asks for it."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from hostbridge.packages import Packages
from keywords.host import Identity, ModelRequest
from mcp_server.routed import routed
from mcp_server.settings import read
from smartrouter.catalogue import Model
from smartrouter.mirror import Mirror
from smartrouter.router import LitellmModels
from storage.pool import Pool, connect
from tests.model_server import ModelServer, fails, model_server, says

METRICS = """
create table public.llm_metrics (
  id uuid primary key default gen_random_uuid(), request_id uuid not null unique, session_id uuid, bot_id uuid not null,
  model varchar(200) not null, request_type varchar(50) not null, input_tokens bigint not null default 0,
  output_tokens bigint not null default 0, total_tokens bigint not null default 0, latency_ms bigint not null default 0,
  ttft_ms bigint, cached boolean not null default false, success boolean not null default true, error text,
  estimated_cost double precision not null default 0, timestamp timestamptz not null default now(),
  metadata jsonb not null default '{}'
)
"""
MODELS = """
create table public.model_configurations (
  id uuid primary key default gen_random_uuid(), model_name varchar(200) not null unique,
  model_type varchar(50) not null, provider varchar(100) not null, endpoint text, api_key text,
  model_id varchar(200), context_window integer,
  max_tokens integer, temperature double precision, is_active boolean not null default true,
  is_default boolean not null default false
)
"""
TENANT, BOT, SESSION = UUID(int=1), UUID(int=2), UUID(int=3)
KEY = "sk-planted-0123456789abcdef"


@pytest.fixture
async def server() -> AsyncIterator[ModelServer]:
    async with model_server() as running:
        yield running


async def done(pool: Pool, statement: str) -> None:
    async with pool.connection() as connection:
        await connection.execute(statement.encode())


async def mirrored(pool: Pool) -> list[dict[str, Any]]:
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute("select * from public.llm_metrics order by timestamp, model")
        return await cursor.fetchall()


async def recorded(pool: Pool) -> int:
    async with pool.connection() as connection:
        cursor = await connection.execute("select coalesce(sum(calls), 0) from botmcp.model_performance")
        [[calls]] = await cursor.fetchall()
        return int(calls)


@asynccontextmanager
async def mirroring(database: str, pool: Pool, server: ModelServer) -> AsyncGenerator[LitellmModels]:
    @asynccontextmanager
    async def own() -> AsyncGenerator[AsyncConnection]:
        async with await connect(database) as connection:
            yield connection

    listed = [Model(f"openai/{name}", server.url, KEY, 1.0, 2.0) for name in ("one", "two")]
    models = LitellmModels(listed, os.environ, pool=pool, mirror=Mirror(own))
    async with models.running():
        yield models


async def ask(models: LitellmModels, number: int = 1, bot: UUID = BOT, **wishes: Any) -> None:
    caller = Identity(TENANT, UUID(int=100 + number), bot, "shop", "", SESSION)
    question = ({"role": "user", "content": f"Question {number}"},)
    await models.answer(ModelRequest(question, caller=caller, **wishes), f"{caller.execution}:0:1")


async def test_each_attempt_is_a_row_of_the_hosts_metrics(database: str, pool: Pool, server: ModelServer) -> None:
    await done(pool, METRICS)
    server.script.extend((fails(503), says("yes"), says("yes")))
    async with mirroring(database, pool, server) as models:
        await ask(models)
        await models.settled()
        await ask(models)  # the engine made the call again: the same id, another request
        await models.settled()
    failed, *answered = sorted(await mirrored(pool), key=lambda row: row["success"])
    assert (failed["success"], failed["error"], failed["estimated_cost"]) == (False, "failed", 0.0)
    assert failed["model"].startswith("openai/one@") and len(answered) == 2
    for row in answered:
        assert (row["bot_id"], row["session_id"], row["success"], row["error"]) == (BOT, SESSION, True, None)
        assert (row["input_tokens"], row["output_tokens"], row["total_tokens"]) == (11, 7, 18)
        assert row["estimated_cost"] == pytest.approx((11 * 1.0 + 7 * 2.0) / 1e6)
        assert row["latency_ms"] >= 0 and row["request_type"] == "chat" and not row["cached"]
        assert row["metadata"]["through"] == "botmcp"
    assert KEY not in str(await mirrored(pool))


async def test_an_answer_from_the_cache_is_a_row_that_cost_nothing(
    database: str, pool: Pool, server: ModelServer
) -> None:
    await done(pool, METRICS)
    server.otherwise = says("yes")
    async with mirroring(database, pool, server) as models:
        for _ in range(2):
            await ask(models, cache=60.0)
        await models.settled()
    rows = await mirrored(pool)
    assert sorted((row["cached"], row["total_tokens"]) for row in rows) == [(False, 18), (True, 0)]


@pytest.mark.parametrize("table", ["", "create table public.llm_metrics (id uuid)"])
async def test_without_the_hosts_table_or_with_another_our_own_records_are_written(
    database: str, pool: Pool, server: ModelServer, table: str
) -> None:
    if table:
        await done(pool, table)
    server.otherwise = says("yes")
    async with mirroring(database, pool, server) as models:
        for number in range(2):
            await ask(models, number)
            await models.settled()
    assert await recorded(pool) == 2


async def test_the_hosts_models_come_behind_those_of_the_settings(
    database: str, pool: Pool, server: ModelServer, tmp_path: Path
) -> None:
    await done(pool, MODELS)
    rows = [
        ("plain", "llm", "openai", server.url, "small-model", True, False),
        ("favourite", "llm", "openai", f"{server.url}/chat/completions", "big-model", True, True),
        ("retired", "llm", "openai", server.url, "old-model", False, False),
        ("vectors", "embedding", "openai", server.url, "vectors", True, False),
    ]
    async with pool.connection() as connection:
        for row in rows:
            await connection.execute(
                "insert into public.model_configurations (model_name, model_type, provider, endpoint, model_id, "
                "is_active, is_default, api_key, context_window) values (%s, %s, %s, %s, %s, %s, %s, %s, 4096)",
                (*row, KEY),
            )
    own = {"BOTMCP_MODELS": "openai/own", "OPENAI_API_KEY": "none"}
    settings = read({"BOTMCP_HOME": str(tmp_path), "BOTMCP_HOST_DATABASE_URL": database, **own})
    async with routed(settings, pool, Packages(()), works=False) as models:
        assert models.names("") == ["openai/own", "openai/big-model", "openai/small-model"]
        [_, big, _] = models.configured("")
        assert (big.url, big.key, big.context) == (server.url, KEY, 4096)
        server.script.append(says("from the host's"))
        reply = await models.answer(ModelRequest(({"role": "user", "content": "Hello"},), model="big-model"), "e:0:1")
    assert reply.text == "from the host's" and server.bodies[0]["model"] == "big-model"
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(models.configured(""))


async def test_a_host_without_that_table_takes_nothing_away(database: str, pool: Pool, tmp_path: Path) -> None:
    settings = read({"BOTMCP_HOME": str(tmp_path), "BOTMCP_HOST_DATABASE_URL": database, "BOTMCP_MODELS": "openai/own"})
    async with routed(settings, pool, Packages(()), works=False) as models:
        assert models.names("") == ["openai/own"]
