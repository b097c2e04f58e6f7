"""200 executions on one worker that take short steps, first alone, then beside a loop that never ends."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from keywords.host import Host, Value
from keywords.library import registry
from keywords.registry import Effect, Keyword, keyword
from storage import embedded_postgres
from storage.migrate import migrate
from storage.pool import open_pool
from tests.workflow.house import OWNER, House, house

NEIGHBOURS = 200
THINKING = 1.0  # seconds that a neighbour's step takes outside
STEPS = "DO\n  PACE\nLOOP"
ENDLESS = "i = 0\nWHILE TRUE\n  i = i + 1\nWEND"


class Paces:
    """When each neighbour's steps begin and end."""

    def __init__(self) -> None:
        self.left: dict[str, float] = {}
        self.waits: list[float] = []

    def keyword(self) -> Keyword:
        @keyword("PACE", effect=Effect.IDEMPOTENT, example="PACE", group="test")
        async def pace(host: Host) -> Value:
            """A step: it thinks outside for a while."""
            name = str(host.identity.execution)
            if name in self.left:
                self.waits.append(time.perf_counter() - self.left[name])
            else:
                await asyncio.sleep(THINKING * hash(name) % 997 / 997)  # they do not march in step
            await asyncio.sleep(THINKING)
            self.left[name] = time.perf_counter()
            return None

        return pace

    async def taken(self, seconds: float) -> dict[str, float]:
        """What the waits of the next so many seconds were."""
        self.waits.clear()
        await asyncio.sleep(seconds)
        cuts = statistics.quantiles(self.waits, n=100)
        return {
            "steps": len(self.waits),
            "p50_ms": round(cuts[49] * 1e3, 2),
            "p95_ms": round(cuts[94] * 1e3, 2),
            "p99_ms": round(cuts[98] * 1e3, 2),
        }


async def measured(seconds: float) -> dict[str, Any]:
    """The waits between steps, alone and beside the loop."""
    paces, table = Paces(), registry()
    table.register(paces.keyword())
    with tempfile.TemporaryDirectory(prefix="botmcp-neighbours-") as folder:
        server = await embedded_postgres.start(Path(folder) / "postgres")
        try:
            await migrate(server.dsn)
            async with open_pool(server.reach) as pool, house(server.reach, pool, workers=0, registry=table) as home:
                await home.add_worker(slots=2 * NEIGHBOURS)
                return await _compared(home, paces, seconds)
        finally:
            await server.stop()


async def _compared(home: House, paces: Paces, seconds: float) -> dict[str, Any]:
    for _ in range(NEIGHBOURS):
        await home.start(STEPS)
    while len(paces.left) < NEIGHBOURS:
        await asyncio.sleep(0.1)
    await paces.taken(2 * THINKING)
    alone = await paces.taken(seconds)
    ends: list[str] = []
    endless = asyncio.create_task(_for_ever(home, ends))
    beside = await paces.taken(seconds)
    endless.cancel()
    await asyncio.gather(endless, return_exceptions=True)
    return {
        "alone": alone,
        "beside": beside,
        "loops_ended": len(ends),
        "how": ends[:1],
        "times_slower": round(beside["p95_ms"] / alone["p95_ms"], 2),
    }


async def _for_ever(home: House, ends: list[str]) -> None:
    """Once the limit has ended the loop, another is begun."""
    while True:
        detail = await home.operations.wait(OWNER, await home.start(ENDLESS), 60.0)
        ends.append(f"{detail.status}: {detail.error.message if detail.error else ''}")
