"""What `memory.py` measures."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from statistics import median
from typing import Any

import structlog
import uvloop
from mcp import Client
from psycopg import AsyncConnection

from keywords.host import ProgramText, bot_id
from mcp_server.app import TENANT, App, open_app
from mcp_server.server import build
from mcp_server.settings import read
from memory.reads import PostgresMemories
from memory.store import MemoryStore
from storage import embedded_postgres
from storage.pool import Pool, connect, open_pool
from tests.benchmarks.memory_beside import Peer, Reference

VALUE = "x" * 180
BOT = bot_id(TENANT, "bench")
UPSERT = (
    b"insert into raw values (%(bot)b, %(key)b, %(value)b) on conflict (bot, key) do update set value = excluded.value"
)
SELECT = b"select value from raw where bot = %(bot)b and key = %(key)b"
WRITES = ("basic_statement", "mcp_set_memory", "_add", "_create")
Call = Callable[[str], Awaitable[object]]
TARGETS = {
    "set_to_upsert": (1.25, False),
    "get_to_select": (1.3, False),
    "writers_64": (2.5, True),
    "writers_256": (4.5, True),
}


class Bench:
    """What is measured, and the figures."""

    def __init__(self, rounds: int, calls: int) -> None:
        self.rounds, self.calls = rounds, calls
        self.keys = [f"key {i}" for i in range(2000)]
        self.times: dict[str, list[float]] = defaultdict(list)
        self.rates: dict[str, list[float]] = defaultdict(list)
        self.chance = random.Random(7)

    async def timed(self, name: str, call: Call, calls: int) -> None:
        for key in self.chance.sample(self.keys, calls):
            began = time.perf_counter()
            await call(key)
            self.times[name].append((time.perf_counter() - began) * 1000)

    async def rated(self, name: str, calls: Sequence[Call], total: int) -> None:
        share = max(10, total // len(calls))
        picked = [self.chance.sample(self.keys, share) for _ in calls]

        async def writer(call: Call, keys: Sequence[str]) -> None:
            for key in keys:
                await call(key)

        began = time.perf_counter()
        await asyncio.gather(*(writer(call, keys) for call, keys in zip(calls, picked, strict=True)))
        self.rates[name].append(len(calls) * share / (time.perf_counter() - began))


def upserting(connection: AsyncConnection) -> Call:
    return lambda key: connection.execute(UPSERT, {"bot": BOT, "key": key, "value": VALUE})


def selecting(pool: Pool) -> Call:
    async def select(key: str) -> None:
        async with pool.connection() as connection:
            await (await connection.execute(SELECT, {"bot": BOT, "key": key})).fetchone()

    return select


def stating(app: App) -> Call:
    """A whole BASIC statement: an execution, from its start to its end."""
    program = ProgramText("SET BOT MEMORY key, value\n", "bench")
    caller = app.caller("benchmark", "")
    return lambda key: app.operations.completed(caller, program, {"key": key, "value": VALUE}, bot_name="bench")


async def lost(pool: Pool, app: App) -> dict[str, int]:
    """Increments of 8 writers that are missing at the end: by our statement, and read, added and written by hand."""
    program = ProgramText('FOR i = 1 TO 40\nINCREMENT BOT MEMORY "count"\nNEXT\n', "bench")
    caller = app.caller("benchmark", "")
    await asyncio.gather(*(app.operations.completed(caller, program, {}, bot_name="count") for _ in range(8)))
    ours = await app.memories.get(TENANT, bot_id(TENANT, "count"), "count", app.now())

    async def naive(select: Call) -> None:
        for _ in range(40):
            async with pool.connection() as connection:
                given = {"bot": BOT, "key": "count", "value": ""}
                row = await (await connection.execute(SELECT, given)).fetchone()
                given["value"] = str(int(row[0]) + 1 if row else 1)
                await connection.execute(UPSERT, given)

    await asyncio.gather(*(naive(selecting(pool)) for _ in range(8)))
    async with pool.connection() as connection:
        row = await (await connection.execute(SELECT, {"bot": BOT, "key": "count"})).fetchone()
    return {"botmcp": 320 - int(ours or 0), "select_then_upsert": 320 - int(row[0] if row else 0)}


async def run(rounds: int, calls: int, peers: str, server: str) -> dict[str, Any]:
    bench, missing = Bench(rounds, calls), dict[str, str]()
    lost_updates: dict[str, Any] = {}
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = await embedded_postgres.start(folder / "postgres")
        stack.push_async_callback(postgres.stop)
        settings = read({"BOTMCP_HOME": str(folder / "home"), "DATABASE_URL": postgres.dsn})
        app = await stack.enter_async_context(open_app(settings, "worker"))
        client = await stack.enter_async_context(Client(build(app)))
        pool = await stack.enter_async_context(open_pool(postgres.dsn, minimum=8, maximum=16))
        connections = [await stack.enter_async_context(await connect(postgres.dsn)) for _ in range(16)]
        await connections[0].execute("create table raw (bot uuid, key text, value text, primary key (bot, key))")
        store, memories = MemoryStore(postgres.dsn), PostgresMemories(pool)
        writing = asyncio.create_task(store.run())
        stack.callback(writing.cancel)

        def set_(key: str) -> Awaitable[object]:
            return store.set(TENANT, BOT, key, VALUE, app.now())

        async def tool(key: str) -> None:
            answer = await client.call_tool("set_memory", {"bot": "bench", "key": key, "value": VALUE})
            assert not answer.is_error

        await asyncio.gather(*(set_(key) for key in bench.keys))
        await bench.rated("warm", [upserting(connection) for connection in connections], 2000)
        others = [
            await stack.enter_async_context(Peer.started(name, peers, postgres.dsn, folder, missing))
            for name in ("langgraph", "mem0")
        ]
        reference = await stack.enter_async_context(Reference.started(server, folder, missing))
        for _ in range(rounds):
            await bench.timed("raw_upsert", upserting(connections[0]), calls)
            await bench.timed("set", set_, calls)
            await bench.timed("raw_select", selecting(pool), calls)
            await bench.timed("get", lambda key: memories.get(TENANT, BOT, key, app.now()), calls)
            await bench.timed("basic_statement", stating(app), calls // 4)
            await bench.timed("mcp_set_memory", tool, calls // 4)
            for peer in filter(None, others):
                for name, times in (await peer.timed(calls // 4)).items():
                    bench.times[name] += times
            if reference:
                bench.times["reference_create"] += await reference.timed(calls // 10)
            await bench.rated("raw_16", [upserting(connection) for connection in connections], calls * 12)
            for writers in (16, 64, 256):
                await bench.rated(f"writers_{writers}", [set_] * writers, calls * 40)
        lost_updates |= await lost(pool, app)
        for peer in filter(None, others):
            lost_updates |= await peer.lost()
        if reference:
            lost_updates["reference_of_50_entities"] = await reference.lost()
    return told(bench, missing, lost_updates)


def told(bench: Bench, missing: dict[str, str], lost_updates: dict[str, Any]) -> dict[str, Any]:
    p50 = {name: round(median(times), 3) for name, times in bench.times.items()}
    rates = {name: round(median(found)) for name, found in bench.rates.items() if name != "warm"}
    together = list(zip(*(bench.rates[name] for name in ("raw_16", "writers_64", "writers_256")), strict=True))
    ratios = {
        "set_to_upsert": p50["set"] / p50["raw_upsert"],
        "get_to_select": p50["get"] / p50["raw_select"],
        "writers_64": median(some / raw for raw, some, _ in together),
        "writers_256": median(many / raw for raw, _, many in together),
        **{f"{name}_to_upsert": p50[name] / p50["raw_upsert"] for name in p50 if name.endswith(WRITES)},
    }
    if "langgraph_put" in p50:  # against the floor in its own process, which calls without an event loop
        ratios["langgraph_put_to_its_upsert"] = p50["langgraph_put"] / p50["beside_upsert"]
        ratios["langgraph_get_to_its_select"] = p50["langgraph_get"] / p50["beside_select"]
    return {
        "ratios": {name: round(ratio, 2) for name, ratio in ratios.items()},
        "met": {
            name: ratios[name] >= wanted if more else ratios[name] <= wanted for name, (wanted, more) in TARGETS.items()
        },
        "lost_updates": lost_updates,
        "p50_ms": p50,
        "per_second": rates,
        "missing": missing,
    }


def main(about: str) -> None:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="a small run, for the suite")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--peers", default=sys.executable, help="the Python that has the peers")
    parser.add_argument("--server", default="", help="index.js of the reference MCP memory server")
    given = parser.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    rounds, calls = (2, 40) if given.quick else (given.rounds, 200)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:  # as the product runs, for all that is in Python
        print(json.dumps(runner.run(run(rounds, calls, given.peers, given.server)), indent=1))
