"""How soon people see what happened: python -m tests.benchmarks.live [--quick]

seen        50 watchers of one run, one of them Chromium: milliseconds from the moment at which a call's answer is made
            durable (the time its journal row names, which lies before the commit) until the watcher has it, and in
            Chromium until the card shows it. Wanted: p95 at most 100
spread      the same with 50 watchers of ten runs
reconnects  watchers that are cut off again and again come back with their last event id: 1,000 times in all, nothing
            lost and nothing told twice
Both hints are measured: Postgres (a bare installation) and Redis.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx

from keywords.host import ProgramText
from mcp_server import http, listening_server, logs
from mcp_server.app import App, open_app
from mcp_server.settings import read
from tests.designer.watching import Reader, event, whole_journal
from tests.services import Valkey

WATCHERS = 50
WANTED = 100.0  # ms
OBSERVE = """() => { window.seen = {}; const note = ({dataset: {line, state}}) => {
  if (state === "done" && !(line in window.seen)) window.seen[line] = Date.now(); };
  new MutationObserver((all) => all.forEach((one) => note(one.target)))
    .observe(document.body, {subtree: true, attributeFilter: ["data-state"]}); }"""


def paced(steps: int, pause: float) -> str:
    """A program whose lines end one after another."""
    lines = "\n".join(f'TALK "step {n}"\nDELAY {pause}' for n in range(steps))
    return f'WAIT FOR SIGNAL "go" TIMEOUT 600\n{lines}\n'


@asynccontextmanager
async def product(folder: Path, redis: str) -> AsyncGenerator[tuple[App, str]]:
    """The product with its worker and its pages, in a process of its own but for the watchers."""
    given = {"BOTMCP_HOME": str(folder / "home"), "BOTMCP_PORT": "0", "BOTMCP_LOG_LEVEL": "error"}
    settings = read(given | ({"REDIS_URL": redis} if redis else {}))
    logs.to_file(settings, "serve")
    async with open_app(settings, "serve") as app:
        pages = http.application(app)
        async with listening_server.serving(pages, "127.0.0.1", 0, ()) as address:
            yield app, address


async def watched(address: str, count: int) -> None:
    """The watchers' process: prints `ready` when all watch, and in the end what each of them was told, and when."""
    links = [line.strip() for line in sys.stdin if line.strip()]
    seen: list[tuple[str, str, int, float]] = []
    watching: set[asyncio.Task[Any] | None] = set()

    async def watch(client: httpx.AsyncClient, execution: str) -> None:
        url = f"{address}/designer/runs/{execution}/live"
        async with client.stream("GET", url, headers={"Accept": "text/event-stream"}) as answer:
            buffer = ""
            async for piece in answer.aiter_text():
                at, buffer = time.time(), buffer + piece
                while "\n\n" in buffer:
                    text, _, buffer = buffer.partition("\n\n")
                    told = event(text)
                    if told is None:
                        continue
                    if told.name == "end":
                        return
                    if told.name == "nodes":
                        watching.add(asyncio.current_task())
                        if len(watching) == count:
                            watching.add(None)
                            print("ready", flush=True)
                        rows = json.loads(told.data)["rows"]
                        seen.extend((execution, row[1], row[4], at) for row in rows)

    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(timeout=600, limits=limits) as client:
        await asyncio.gather(*(watch(client, links[k % len(links)]) for k in range(count)))
    print(json.dumps(seen))


async def measured(app: App, address: str, runs: int, steps: int, pause: float, *, browser: bool) -> dict[str, Any]:
    """Milliseconds until watchers, spread over so many runs, had each row."""
    caller = app.caller("benchmark", "")
    executions = [
        await app.operations.start(caller, ProgramText(paced(steps, pause), f"paced {k}")) for k in range(runs)
    ]
    count = WATCHERS - (1 if browser else 0)
    command = (sys.executable, "-m", "tests.benchmarks.live", "--watch", address, "--count", str(count))
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdin is not None
    process.stdin.write("".join(f"{execution}\n" for execution in executions).encode())
    process.stdin.close()
    dom: dict[str, float] = {}
    async with _page(address, executions[0]) if browser else _no_page() as page:
        assert process.stdout is not None
        assert (await process.stdout.readline()).strip() == b"ready"
        if page is not None:
            await page.wait_for_selector("[data-line][data-state=waiting]")
        for execution in executions:
            await app.operations.signal(caller, execution, "go")
        out, _ = await process.communicate()
        if page is not None:
            await asyncio.sleep(0.5)
            dom = await page.evaluate("window.seen")
    when: dict[tuple[str, int], float] = {}
    lines: dict[int, float] = {}
    for execution in executions:
        async for news, _ in app.operations.following.follow(caller, execution):
            for row in news.rows:
                when[str(execution), row.seq] = row.ended_at.timestamp()
                if execution == executions[0] and row.line and row.seq > 1:
                    lines[row.line] = row.ended_at.timestamp()
    told = json.loads(out)
    late = [1000 * (at - when[execution, seq]) for execution, _, seq, at in told if seq > 1]
    shown = [dom[str(line)] - 1000 * at for line, at in lines.items() if str(line) in dom]
    result: dict[str, Any] = {"watchers": WATCHERS, "runs": runs, "rows": len(late), **_figures(late)}
    if browser:
        result["chromium"] = {"cards": len(shown), **_figures(shown)} if shown else "missing"
    return result


@asynccontextmanager
async def _no_page() -> AsyncGenerator[Any]:
    yield None


@asynccontextmanager
async def _page(address: str, execution: UUID) -> AsyncGenerator[Any]:
    """The run in a browser, its cards watched; None where there is no browser."""
    program = shutil.which("chromium")
    if not program:
        yield None
        return
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        quiet = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        chromium = await playwright.chromium.launch(executable_path=program, args=quiet)
        page = await chromium.new_page()
        await page.goto(f"{address}/designer/runs/{execution}")
        await page.evaluate(OBSERVE)
        yield page
        await chromium.close()


def _figures(late: Sequence[float]) -> dict[str, float]:
    found = sorted(late)
    pick = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {name: round(found[min(int(len(found) * part), len(found) - 1)], 1) for name, part in pick.items()} | {
        "max": round(found[-1], 1)
    }


async def reconnected(app: App, address: str, drops: int, length: int) -> dict[str, Any]:
    """Watchers cut off so often in all: what they were told, against the journal."""
    caller = app.caller("benchmark", "")
    steps = "\n".join(f'SET BOT MEMORY "n", {n}\nx = GET BOT MEMORY("n")\nDELAY 0.05' for n in range(length))
    parts = "PARALLEL FOR EACH item IN [1, 2, 3, 4, 5, 6, 7, 8] MAX 3\n  DELAY 0.1\n  RETURN item\nEND PARALLEL\n"
    source = f'{steps}\n{parts}WAIT FOR SIGNAL "end" TIMEOUT 600\nTALK "over"\n'
    execution = await app.operations.start(caller, ProgramText(source, "long"))
    readers = [Reader(f"{address}/designer/runs/{execution}/live") for _ in range(10)]
    began = time.perf_counter()
    async with httpx.AsyncClient(timeout=600) as client:

        async def enough() -> None:
            while sum(reader.connections for reader in readers) < drops or not await _waits(app, caller, execution):
                await asyncio.sleep(0.1)
            await app.operations.signal(caller, execution, "end")

        cutting = [_cut(client, reader, random.Random(k)) for k, reader in enumerate(readers)]
        await asyncio.gather(enough(), *cutting)
    journal = Counter(await whole_journal(app.operations, caller, execution))
    lost = sum(sum((journal - Counter(reader.rows)).values()) for reader in readers)
    twice = sum(sum((Counter(reader.rows) - journal).values()) for reader in readers)
    connections = sum(reader.connections for reader in readers)
    return {
        "watchers": len(readers),
        "rows": sum(journal.values()),
        "reconnects": connections - len(readers),
        "lost": lost,
        "told_twice": twice,
        "seconds": round(time.perf_counter() - began, 1),
    }


async def _cut(client: httpx.AsyncClient, reader: Reader, dice: random.Random) -> None:
    """Cut off after a few events, or after a moment of silence; a longer one where nothing came at all."""
    patience = 1.0
    while not reader.ended:
        seen = reader.place
        try:
            await asyncio.wait_for(reader.read(client, dice.randint(1, 3)), dice.uniform(0.05, 0.4) * patience)
        except TimeoutError:
            patience = 1.0 if reader.place != seen else min(patience * 1.5, 50.0)


async def _waits(app: App, caller: Any, execution: UUID) -> bool:
    return (await app.operations.get(caller, execution)).reason == "signal end"


async def measure(quick: bool) -> dict[str, Any]:
    steps, pause, drops, length = (8, 0.15, 60, 8) if quick else (60, 0.25, 1_000, 60)
    found: dict[str, Any] = {"wanted_p95_ms": WANTED}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        valkey = Valkey(folder)
        valkey.start()
        try:
            for hints, redis in (("postgres", ""), ("redis", valkey.url)):
                async with product(folder / hints, redis) as (app, address):
                    told: dict[str, Any] = {}
                    print(f"{hints}: seen", file=sys.stderr)
                    told["seen"] = await measured(app, address, 1, steps, pause, browser=True)
                    if hints == "postgres" or not quick:
                        print(f"{hints}: spread", file=sys.stderr)
                        told["spread"] = await measured(app, address, 10, max(steps // 4, 4), pause * 2, browser=False)
                        print(f"{hints}: reconnects", file=sys.stderr)
                        told["reconnects"] = await reconnected(app, address, drops, length)
                    found[hints] = told
        finally:
            valkey.stop()
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--watch", default="", help=argparse.SUPPRESS)
    options.add_argument("--count", type=int, default=WATCHERS, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.watch:
        asyncio.run(watched(given.watch, given.count))
        return
    print(json.dumps(asyncio.run(measure(given.quick)), indent=1))


if __name__ == "__main__":
    main()
