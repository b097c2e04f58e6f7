"""Events side by side with what Postgres alone would do: python -m tests.benchmarks.events [--quick]

throughput   durable events a second: 64 publishers through the product's group commit, and 8 connections that each
             insert and NOTIFY, a transaction an event. Rounds alternate; medians, and the ratio. Wanted: at least 20
wake         one publisher here, one listener in another process; milliseconds from the call of publish until the other
             one has the event, beside bare commits of the same row in the same moments, with Redis and without.
             Wanted with Redis: p50 at most the commit's + 0.5, p95 at most 1.5 times the commit's
waiting      10,000 executions that wait: transactions a second that an idle worker makes with and without them, memory
             and Redis connections of its process, and the memory of another 10,000 whose waits choose; one event then
             wakes all: milliseconds of the dispatch to the last one. Beside it 10,000 waiters of one process (streams,
             tools). Wanted: 200 ms, 1 MB, 3 connections
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import structlog
import uvloop
from psycopg import AsyncConnection
from redis.asyncio import Redis

from mcp_server import garbage
from storage import embedded_postgres
from storage.hints import Hints, PostgresHints
from storage.migrate import migrate
from storage.pool import Pool, connect, open_pool
from storage.redis_hints import RedisHints
from tests.services import Valkey
from tests.workflow.house import house
from workflow.events import Delivery
from workflow.events.listener import Listener
from workflow.events.publisher import Publisher
from workflow.worker import UNHURRIED

TENANT, CHOOSING = UUID(int=79), UUID(int=80)
DATA = {"order": 4711, "total": 129.9, "customer": "ada@example.com", "lines": ["a", "b", "c"], "note": "x" * 60}
INSERT = b"""insert into workflow_events (id, tenant_id, event_name, event_data, day, created_at)
values (%(id)s, %(tenant)s, 'bench', %(data)s::jsonb, current_date, now())"""
NOTIFY = b"select pg_notify('bench', %(id)s::text)"
WAITING = b"""
with x as (
  insert into workflow_executions (id, tenant_id, workflow_name, program, state, status, root_id, created_at)
  select id, %(tenant)s, 'waits', 'none', '{}', 'waiting', id, now()
  from (select gen_random_uuid() as id from generate_series(1, %(count)s)) made
  returning id, born)
insert into workflow_waits (execution_id, tenant_id, event_name, born, since_xid, since_seq, choosy, cursor_key)
select id, %(tenant)s, 'bench.all', born, pg_snapshot_xmin(born), -1, %(choosy)s, 'bench.all' from x"""


def now() -> datetime:
    return datetime.now(UTC)


def median(values: Sequence[float]) -> float:
    return round(statistics.median(values), 3)


def p95(values: Sequence[float]) -> float:
    return round(sorted(values)[int(len(values) * 0.95)], 3)


class Servers:
    """Postgres, durable, and Redis."""

    def __init__(self, folder: Path, dsn: str, valkey: Valkey) -> None:
        self.folder, self.dsn, self.redis = folder, dsn, valkey.url

    async def connection(self) -> AsyncConnection:
        return await connect(self.dsn, application="bench")

    def publisher(self, hints: Hints) -> Publisher:
        return Publisher(self.connection, hints, now, random.Random())


# -- throughput --------------------------------------------------------------------------------------------------------


async def rate(work: Callable[[], Awaitable[None]], lanes: int, seconds: float) -> float:
    """Calls a second of so many lanes."""
    until, done = time.perf_counter() + seconds, 0

    async def lane() -> None:
        nonlocal done
        while time.perf_counter() < until:
            await work()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(lane() for _ in range(lanes)))
    return done / (time.perf_counter() - began)


async def throughput(servers: Servers, rounds: int, seconds: float) -> dict[str, Any]:
    hints = RedisHints(servers.redis)
    publisher = servers.publisher(hints)
    connections = [await servers.connection() for _ in range(8)]
    data, product, plain = json.dumps(DATA), list[float](), list[float]()
    free: asyncio.Queue[AsyncConnection] = asyncio.Queue()
    for one in connections:
        free.put_nowait(one)

    async def publish() -> None:
        await publisher.publish(TENANT, "bench", DATA)

    async def insert() -> None:
        one = await free.get()
        id_ = uuid4()
        async with one.transaction():
            await one.execute(INSERT, {"id": id_, "tenant": TENANT, "data": data})
            await one.execute(NOTIFY, {"id": id_})
        free.put_nowait(one)

    await rate(publish, 64, 0.3)
    await rate(insert, 8, 0.3)
    for _ in range(rounds):
        product.append(await rate(publish, 64, seconds))
        plain.append(await rate(insert, 8, seconds))
    for one in connections:
        await one.close()
    await publisher.close()
    await hints.close()
    ratio = median([a / b for a, b in zip(product, plain, strict=True)])
    return {"product_64": median(product), "insert_notify_8": median(plain), "ratio": ratio, "wanted": 20}


# -- wake --------------------------------------------------------------------------------------------------------------


async def listen(dsn: str, redis: str) -> None:
    """The other process: says when it has each event, on a line of its own."""
    garbage.settled()  # as `botmcp serve` does once it has started
    async with open_pool(dsn) as pool:
        hints: Hints = RedisHints(redis) if redis else PostgresHints(dsn, pool)
        hearing = asyncio.create_task(hints.run())
        listener = Listener(pool, hints, random.Random(2))
        await asyncio.sleep(0.5)
        keep = asyncio.create_task(listener.wait(TENANT, "never", seconds=3_600))
        print("ready", flush=True)
        while True:
            waiting = asyncio.create_task(listener.wait(TENANT, "wake.*", seconds=30))
            await asyncio.sleep(0)
            print("waits", flush=True)
            event = await waiting
            if event is None:
                break
            print(event.data, time.monotonic_ns(), flush=True)
        keep.cancel()
        hearing.cancel()


async def wake(servers: Servers, redis: str, count: int) -> dict[str, Any]:
    argv = [sys.executable, "-m", "tests.benchmarks.events", "--listen", servers.dsn, redis]
    async with open_pool(servers.dsn) as pool:
        hints: Hints = RedisHints(redis) if redis else PostgresHints(servers.dsn, pool)
        publisher, bare = servers.publisher(hints), await servers.connection()
        commits, wakes, told = list[float](), list[float](), list[float]()
        loop = asyncio.get_running_loop()
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as other:
            assert other.stdout
            await loop.run_in_executor(None, other.stdout.readline)
            await asyncio.sleep(0.3)
            for n in range(count + 20):
                began = time.perf_counter()
                await bare.execute(INSERT, {"id": uuid4(), "tenant": TENANT, "data": json.dumps(DATA)})
                commit = (time.perf_counter() - began) * 1_000
                await loop.run_in_executor(None, other.stdout.readline)  # "waits"
                start = time.monotonic_ns()
                await publisher.publish(TENANT, "wake.up", n)
                acknowledged = (time.monotonic_ns() - start) / 1e6
                line = await asyncio.wait_for(loop.run_in_executor(None, other.stdout.readline), 20)
                number, when = line.split()
                assert int(number) == n
                if n >= 20:
                    commits.append(commit)
                    told.append(acknowledged)
                    wakes.append((int(when) - start) / 1e6)
            other.kill()
        await publisher.close()
        await bare.close()
        if isinstance(hints, RedisHints):
            await hints.close()
    return {
        "commit_p50": median(commits),
        "commit_p95": p95(commits),
        "publish_p50": median(told),
        "wake_p50": median(wakes),
        "wake_p95": p95(wakes),
        "over_commit_p50": round(median(wakes) - median(commits), 3),
        "p95_ratio": round(p95(wakes) / p95(commits), 2),
    }


# -- waiting -----------------------------------------------------------------------------------------------------------


def resident() -> float:
    """MB of this process."""
    words = Path("/proc/self/status").read_text("utf-8")
    return int(words.partition("VmRSS:")[2].split()[0]) / 1024


async def waiting(servers: Servers, count: int, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {"executions": count}
    async with open_pool(servers.dsn) as pool, await servers.connection() as own:
        hints = RedisHints(servers.redis)
        async with house(servers.dsn, pool, hints=hints):
            await asyncio.sleep(1.0)
            before, idle = resident(), await _transactions(own, seconds)
            # Made in Postgres, and not looked at yet, as after a start: this process holds only what the product does.
            await own.execute(WAITING, {"tenant": TENANT, "count": count, "choosy": False})
            await hints.publish("event")
            await asyncio.sleep(1.0)
            found["transactions_idle"], found["transactions_waiting"] = idle, await _transactions(own, seconds)
            found["memory_mb"] = round(resident() - before, 2)
            async with Redis.from_url(servers.redis) as asking:
                found["redis_connections"] = len(await asking.client_list()) - 1
            before = resident()
            await own.execute(WAITING, {"tenant": CHOOSING, "count": count, "choosy": True})
            await hints.publish("event")
            await asyncio.sleep(3.0)
            found["memory_mb_of_as_many_that_choose"] = round(resident() - before, 2)
        await hints.close()
        found |= await _woken(servers, own, count)
        found["in_process"] = await _crowd(servers, pool, count)
    return found


async def _transactions(own: AsyncConnection, seconds: float) -> float:
    query = b"select pg_stat_clear_snapshot(), xact_commit from pg_stat_database where datname = current_database()"
    await asyncio.sleep(1.1)  # statistics are told once a second
    first = await (await own.execute(query)).fetchone()
    await asyncio.sleep(seconds)
    last = await (await own.execute(query)).fetchone()
    assert first and last
    return round((last[1] - first[1]) / seconds, 1)


async def _woken(servers: Servers, own: AsyncConnection, count: int) -> dict[str, Any]:
    """One event for all: from the moment that the dispatch begins."""
    async with await connect(servers.dsn, settings=UNHURRIED) as connection:  # as a worker's
        delivery = Delivery(connection, now, random.Random(3), lambda: None)
        await delivery.deliver()
        await own.execute(
            b"insert into workflow_events (id, tenant_id, event_name, event_data, day, created_at)"
            b" values (gen_random_uuid(), %(tenant)s, 'bench.all', '{}', current_date, now())",
            {"tenant": TENANT},
        )
        began = time.perf_counter()
        await delivery.deliver()
        took = (time.perf_counter() - began) * 1_000
    query = b"select count(*) from workflow_executions where status = 'ready' and tenant_id = %(tenant)s"
    row = await (await own.execute(query, {"tenant": TENANT})).fetchone()
    assert row and row[0] == count, row
    return {"last_woken_ms": round(took, 1)}


async def _crowd(servers: Servers, pool: Pool, count: int) -> dict[str, Any]:
    hints = RedisHints(servers.redis)
    hearing = asyncio.create_task(hints.run())
    listener, publisher = Listener(pool, hints, random.Random(4)), servers.publisher(hints)
    before = resident()
    tasks = [asyncio.create_task(listener.wait(TENANT, "crowd.*", seconds=60)) for _ in range(count)]
    await asyncio.sleep(1.0)
    memory = resident() - before
    await publisher.publish(TENANT, "crowd.goes", DATA)
    began = time.perf_counter()
    woken = await asyncio.gather(*tasks)
    took = (time.perf_counter() - began) * 1_000
    hearing.cancel()
    await publisher.close()
    await hints.close()
    assert all(woken)
    return {"waiters": count, "last_awake_ms": round(took, 1), "kb_each": round(memory * 1024 / count, 2)}


async def measured(quick: bool) -> dict[str, Any]:
    garbage.settled()  # as `botmcp serve` does once it has started; both sides of a comparison have it
    with tempfile.TemporaryDirectory(prefix="botmcp-bench-") as name:
        folder = Path(name)
        server = await embedded_postgres.start(folder / "postgres")
        (folder / "valkey").mkdir()
        valkey = Valkey(folder / "valkey")
        valkey.start()
        try:
            await migrate(server.dsn)
            servers = Servers(folder, server.dsn, valkey)
            rounds, seconds, count = (3, 1.0, 100) if quick else (7, 2.0, 500)
            return {
                "throughput": await throughput(servers, rounds, seconds),
                "wake_with_redis": await wake(servers, servers.redis, count),
                "wake_without_redis": await wake(servers, "", count),
                "waiting": await waiting(servers, 10_000, 2.0 if quick else 5.0),
            }
        finally:
            valkey.stop()
            await server.stop()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    arguments.add_argument("--listen", nargs=2, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is the report's
    if given.listen:
        uvloop.run(listen(*given.listen))  # the product's processes run so
    else:
        print(json.dumps(uvloop.run(measured(given.quick)), indent=2))


if __name__ == "__main__":
    main()
