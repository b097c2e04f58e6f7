"""`botmcp load`: how much this installation carries. Starts executions of one shape and measures them to their end.

They belong to a tenant of their own, so they are in nobody's lists, and are deleted at the end. Without `--with-worker`
the workers that run already do the work, so what is measured is the cluster as it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from rich.markup import escape

from keywords.host import ProgramText
from mcp_server.app import App, open_app
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import WRONG, CommandError
from mcp_server.settings import Settings
from storage.sql import queries
from workflow.details import Caller

SHAPES: Mapping[str, str] = {
    "short": """\
x = LEN(text) * 2
SET BOT MEMORY "load", x
RETURN x
""",
    "steps": """\
total = 0
FOR i = 1 TO steps
  SET BOT MEMORY "load/" + i, i
  TALK i
  DELAY 0
  total = total + i
NEXT
RETURN total
""",
    "parallel": """\
PARALLEL FOR EACH i IN [1, 2, 3, 4, 5]
  SET BOT MEMORY "load/" + i, i
  RETURN i
END PARALLEL
RETURN LEN(result)
""",
    "waits": """\
DELAY seconds
RETURN seconds
""",
}
SQL = queries("mcp_server", "load.sql")
SWEPT = (
    "sweep_steps",
    "sweep_values",
    "sweep_executions",
    "sweep_programs",
    "sweep_log",
    "sweep_memories",
    "sweep_bots",
)
PAGE = 200  # executions asked about at once


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to start: how many, how fast (0: as fast as they can be), of which shape."""

    executions: int
    rate: float
    shape: str
    steps: int
    seconds: float


async def load(settings: Settings, wanted: Wanted, *, worker: bool, as_json: bool) -> int:
    """Start them, wait for them, tell how it went; 1 when one is lost or fails."""
    if wanted.shape not in SHAPES:
        raise CommandError(f"There is no shape {wanted.shape}. There are: {', '.join(SHAPES)}.")
    async with open_app(settings, "command" if worker else "look") as app:
        if not worker and not await _somebody_works(app):
            raise CommandError("No worker is running here. Start `botmcp serve` or `worker`, or say --with-worker.")
        caller = Caller(uuid4(), "load", "load", owner=True)
        try:
            told = await _measured(app, caller, wanted)
        finally:
            await _swept(app, caller.tenant)
    if as_json:
        print_json(told)
    else:
        _show(told)
    return 0 if told["completed"] == wanted.executions else WRONG


async def _measured(app: App, caller: Caller, wanted: Wanted) -> dict[str, Any]:
    source = f"PARAM text AS STRING\nPARAM steps AS INTEGER\nPARAM seconds AS NUMBER\n{SHAPES[wanted.shape]}"
    program = ProgramText(source, f"load/{wanted.shape}")
    inputs = {"text": "load", "steps": wanted.steps, "seconds": wanted.seconds}
    began = time.monotonic()
    gate = asyncio.Semaphore(8)
    accepted: list[float] = []

    async def start(number: int) -> UUID:
        if wanted.rate:
            await asyncio.sleep(max(0.0, began + number / wanted.rate - time.monotonic()))
        async with gate:
            asked = time.monotonic()
            found = await app.operations.start(caller, program, inputs=inputs, bot_name="load")
            accepted.append(time.monotonic() - asked)
            return found

    started = await asyncio.gather(*(start(number) for number in range(wanted.executions)))
    all_started = time.monotonic() - began
    rows = await _ended(app, caller, started)
    took = time.monotonic() - began
    latencies = sorted(row[1] for row in rows)
    calls = sum(row[2] for row in rows)
    completed = sum(row[0] == "completed" for row in rows)
    return {
        "shape": wanted.shape,
        "executions": wanted.executions,
        "completed": completed,
        "seconds": round(took, 2),
        "started_per_second": round(wanted.executions / all_started, 1),
        "executions_per_second": round(len(rows) / took, 1),
        "calls_per_second": round(calls / took, 1),
        "start_seconds": _quantiles(sorted(accepted)),
        "end_to_end_seconds": _quantiles(latencies),
    }


async def _ended(app: App, caller: Caller, started: list[UUID]) -> list[tuple[str, float, int]]:
    """Status, seconds from start to end, and calls of each, once all have ended."""
    while True:
        async with app.pool.connection() as connection:
            row = await (await connection.execute(SQL["live"], {"tenant": caller.tenant})).fetchone()
        if row and not row[0]:
            break
        await asyncio.sleep(0.1)
    found: list[tuple[str, float, int]] = []
    for at in range(0, len(started), PAGE):
        async with app.pool.connection() as connection:
            given = {"ids": started[at : at + PAGE]}
            found += await (await connection.execute(SQL["ends"], given)).fetchall()
    return found


async def _somebody_works(app: App) -> bool:
    async with app.pool.connection() as connection:
        row = await (await connection.execute(SQL["living"])).fetchone()
    return bool(row and row[0])


async def _swept(app: App, tenant: UUID) -> None:
    """Take away what the load left behind."""
    async with app.pool.connection() as connection, connection.transaction():
        for name in SWEPT:
            await connection.execute(SQL[name], {"tenant": tenant})


def _quantiles(values: list[float]) -> dict[str, float]:
    if not values:
        return {}
    return {
        "p50": round(values[len(values) // 2], 4),
        "p95": round(values[int(len(values) * 0.95)], 4),
        "most": round(values[-1], 4),
    }


def _show(told: Mapping[str, Any]) -> None:
    out.print(
        f"{told['completed']:,} of {told['executions']:,} executions ({escape(told['shape'])}) completed in "
        f"{told['seconds']:.1f} s: {told['executions_per_second']:,} a second with {told['calls_per_second']:,} calls."
    )
    for name, key in (("start accepted", "start_seconds"), ("start to end", "end_to_end_seconds")):
        row = told[key]
        out.print(f"  {name}: half within {row['p50'] * 1000:,.0f} ms, 95 % within {row['p95'] * 1000:,.0f} ms")
