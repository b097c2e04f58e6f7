# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
"""The same work on other engines, each in a process of its own: python engine_peers.py ENGINE MEASURE DSN COUNT

Every measure prints one JSON object. A step answers at once with about fifty bytes, as ours does.

throughput   so many workflows of ten steps, in the engine's fastest way
latency      one workflow of so many steps: from one step to the next
fan          so many steps side by side, and their join
resume       a workflow with so many steps behind it, taken up by a new process
waiting      so many workflows that wait
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

STEPS = 10
Measure = Callable[[str, int], Mapping[str, float]]


def answer(number: int) -> dict[str, Any]:
    return {"ok": True, "number": number, "text": "what a trivial step says"}


def spaced(times: Sequence[float]) -> dict[str, float]:
    gaps = [(later - earlier) * 1e3 for earlier, later in pairwise(times)]
    return {"step_p50_ms": median(gaps), "step_p95_ms": quantiles(gaps, n=20)[-1]}


def rss() -> float:
    words = Path("/proc/self/statm").read_text("utf-8").split()
    return int(words[1]) * os.sysconf("SC_PAGE_SIZE") / 1048576


# -- DBOS --------------------------------------------------------------------------------------------------------------


def _dbos(dsn: str) -> Any:
    from dbos import DBOS
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(dsn)
    url = f"postgresql://{parts['user']}@/{parts['dbname']}?host={parts['host']}"
    if parts.get("port"):
        url += f"&port={parts['port']}"
    config: Any = {
        "name": "bench",
        "system_database_url": url,
        "log_level": "ERROR",
        "application_version": "1",
        "executor_id": "bench",
        "max_executor_threads": 10_000,
    }
    DBOS(config=config)
    return DBOS


def dbos_throughput(dsn: str, count: int) -> Mapping[str, float]:
    dbos = _dbos(dsn)

    @dbos.step()
    def step(number: int) -> dict[str, Any]:
        return answer(number)

    @dbos.workflow()
    def ten() -> Any:
        last = None
        for number in range(STEPS):
            last = step(number)
        return last

    dbos.launch()
    ten()
    with ThreadPoolExecutor(8) as threads:
        began, computed = time.perf_counter(), time.process_time()
        list(threads.map(lambda _: ten(), range(count)))
        taken, computed = time.perf_counter() - began, time.process_time() - computed
    dbos.destroy()
    return {"steps_per_s": count * STEPS / taken, "cpu_us_per_step": computed / (count * STEPS) * 1e6}


def dbos_latency(dsn: str, count: int) -> Mapping[str, float]:
    dbos = _dbos(dsn)
    times: list[float] = []

    @dbos.step()
    def step(number: int) -> dict[str, Any]:
        times.append(time.perf_counter())
        return answer(number)

    @dbos.workflow()
    def long() -> None:
        for number in range(count):
            step(number)

    dbos.launch()
    long()
    times.clear()
    long()
    dbos.destroy()
    return spaced(times)


def dbos_fan(dsn: str, count: int) -> Mapping[str, float]:
    dbos = _dbos(dsn)
    taken: list[float] = []
    by_children: list[float] = []

    @dbos.step()
    async def step(number: int) -> dict[str, Any]:
        return answer(number)

    @dbos.workflow()
    async def child(number: int) -> dict[str, Any]:
        return answer(number)

    @dbos.workflow()
    async def fan() -> None:
        began = time.perf_counter()
        await asyncio.gather(*(step(number) for number in range(count)))
        taken.append((time.perf_counter() - began) * 1e3)

    @dbos.workflow()
    async def family() -> None:
        began = time.perf_counter()
        handles = [await dbos.start_workflow_async(child, number) for number in range(count)]
        for handle in handles:
            await handle.get_result()
        by_children.append((time.perf_counter() - began) * 1e3)

    async def all_of_it() -> None:
        for _ in range(4):
            await fan()
            await family()

    dbos.launch()
    asyncio.run(all_of_it())
    dbos.destroy()
    return {"steps_ms": median(taken[1:]), "children_ms": median(by_children[1:])}


def dbos_resume(dsn: str, count: int) -> Mapping[str, float]:
    """The first process is killed while its workflow waits; the second says how long it took to the next step."""
    if "--second" not in sys.argv:
        command = [sys.executable, __file__, "dbos", "resume", dsn, str(count)]
        first = subprocess.Popen([*command, "--second", "first"], stdout=subprocess.PIPE)
        assert first.stdout
        while b"parked" not in first.stdout.readline():
            assert first.poll() is None
        first.kill()
        first.wait()
        second = subprocess.run([*command, "--second", "again"], stdout=subprocess.PIPE, check=True)
        return json.loads(second.stdout.splitlines()[-1])
    again = sys.argv[-1] == "again"
    dbos = _dbos(dsn)
    done: list[float] = []

    @dbos.step()
    def step(number: int) -> dict[str, Any]:
        return answer(number)

    @dbos.step()
    def last() -> None:
        if again:
            done.append(time.perf_counter())
        else:
            print("parked", flush=True)
            time.sleep(3600)

    @dbos.workflow()
    def long() -> None:
        for number in range(count):
            step(number)
        last()

    began = time.perf_counter()
    dbos.launch()
    launched = time.perf_counter()
    if not again:
        long()
    while not done:
        time.sleep(0.001)
    return {"resume_ms": (done[0] - launched) * 1e3, "with_launch_ms": (done[0] - began) * 1e3}


def dbos_waiting(dsn: str, count: int) -> Mapping[str, float]:
    dbos = _dbos(dsn)

    @dbos.workflow()
    async def waits() -> None:
        await dbos.recv_async("never", timeout_seconds=86_400)

    async def all_of_it() -> float:
        for _ in range(20):
            await dbos.start_workflow_async(waits)
        await asyncio.sleep(1.0)
        before = rss()
        for _ in range(count):
            await dbos.start_workflow_async(waits)
        await asyncio.sleep(3.0)
        return rss() - before

    dbos.launch()
    print(json.dumps({"rss_mb": asyncio.run(all_of_it()), "count": count}), flush=True)
    os._exit(0)


# -- LangGraph with its Postgres saver ---------------------------------------------------------------------------------


async def _graph(dsn: str, steps: int, work: Callable[[Any], Any], run: Callable[[Any], Any]) -> None:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from langgraph.graph import END, START, StateGraph
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool
    from typing_extensions import TypedDict

    class Held(TypedDict):
        r: dict[str, Any]

    builder: Any = StateGraph(Held)
    for number in range(steps):
        builder.add_node(f"step{number}", work)
        builder.add_edge(f"step{number - 1}" if number else START, f"step{number}")
    builder.add_edge(f"step{steps - 1}", END)
    options = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}
    async with AsyncConnectionPool(dsn, max_size=20, kwargs=options, open=False) as pool:
        saver = AsyncPostgresSaver(pool)  # pyright: ignore[reportArgumentType] - the rows are dicts
        await saver.setup()
        await run(builder.compile(checkpointer=saver))


def langgraph_throughput(dsn: str, count: int) -> Mapping[str, float]:
    found: dict[str, float] = {}

    async def work(state: Any) -> Any:
        return {"r": answer(1)}

    async def run(graph: Any) -> None:
        async def thread(number: int) -> None:
            config = {"configurable": {"thread_id": f"{time.time()}-{number}"}}
            await graph.ainvoke({"r": {}}, config, durability="sync")

        await thread(-1)
        began = time.perf_counter()
        gate = asyncio.Semaphore(16)

        async def gated(number: int) -> None:
            async with gate:
                await thread(number)

        await asyncio.gather(*map(gated, range(count)))
        found["steps_per_s"] = count * STEPS / (time.perf_counter() - began)

    asyncio.run(_graph(dsn, STEPS, work, run))
    return found


def langgraph_latency(dsn: str, count: int) -> Mapping[str, float]:
    times: list[float] = []

    async def work(state: Any) -> Any:
        times.append(time.perf_counter())
        return {"r": answer(1)}

    async def run(graph: Any) -> None:
        for _ in range(2):
            times.clear()
            config = {"configurable": {"thread_id": f"{time.time()}"}, "recursion_limit": count + 10}
            await graph.ainvoke({"r": {}}, config, durability="sync")

    asyncio.run(_graph(dsn, count, work, run))
    return spaced(times)


# -- Procrastinate: a queue, so every step is a job that defers the next -----------------------------------------------


def procrastinate_throughput(dsn: str, count: int) -> Mapping[str, float]:
    return asyncio.run(_procrastinate(dsn, count, STEPS))[0]


def procrastinate_latency(dsn: str, count: int) -> Mapping[str, float]:
    return spaced(asyncio.run(_procrastinate(dsn, 1, count))[1])


async def _procrastinate(dsn: str, count: int, steps: int) -> tuple[dict[str, float], list[float]]:
    from procrastinate import App, PsycopgConnector

    app = App(connector=PsycopgConnector(conninfo=dsn))
    times: list[float] = []
    ended, over = 0, asyncio.Event()

    @app.task(name="step")
    async def step(number: int, left: int) -> dict[str, Any]:
        nonlocal ended
        times.append(time.perf_counter())
        if left:
            await step.defer_async(number=number + 1, left=left - 1)
        else:
            ended += 1
            if ended == count:
                over.set()
        return answer(number)

    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        worker = asyncio.create_task(
            app.run_worker_async(concurrency=20, install_signal_handlers=False, fetch_job_polling_interval=5.0)
        )
        await asyncio.sleep(0.5)
        began = time.perf_counter()
        await asyncio.gather(*(step.defer_async(number=0, left=steps - 1) for _ in range(count)))
        await over.wait()
        taken = time.perf_counter() - began
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    return {"steps_per_s": count * steps / taken}, times


MEASURES: Mapping[tuple[str, str], Measure] = {
    ("dbos", "throughput"): dbos_throughput,
    ("dbos", "latency"): dbos_latency,
    ("dbos", "fan"): dbos_fan,
    ("dbos", "resume"): dbos_resume,
    ("dbos", "waiting"): dbos_waiting,
    ("langgraph", "throughput"): langgraph_throughput,
    ("langgraph", "latency"): langgraph_latency,
    ("procrastinate", "throughput"): procrastinate_throughput,
    ("procrastinate", "latency"): procrastinate_latency,
}

if __name__ == "__main__":
    engine, what, dsn_, count_ = sys.argv[1:5]
    print(json.dumps(MEASURES[engine, what](dsn_, int(count_))), flush=True)
