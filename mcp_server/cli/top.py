"""`botmcp top`: what runs and waits now, who does it and how fast, looked at again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from rich.console import Group
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mcp_server.app import database
from mcp_server.cli.console import coloured, out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.health import SQL, utc_now
from mcp_server.settings import Settings
from storage.migrate import pending
from storage.pool import connect

WINDOW = 10.0  # seconds that the pace is of
MOST = 12  # workflows shown
STATUSES = ("ready", "running", "waiting", "paused", "in_doubt")


@dataclass(frozen=True, slots=True)
class Look:
    """One look at all of it."""

    at: datetime
    live: dict[str, int]
    oldest_ready: float
    workers: Sequence[tuple[str, datetime, bool, int]]
    calls: float  # a second
    errors: float
    median: float | None
    p95: float | None
    ended: dict[str, int]
    events: float
    approvals: int
    waits: int
    workflows: Sequence[tuple[str, int, int, int]]
    connections: tuple[int, int]
    megabytes: float

    def told(self) -> dict[str, Any]:
        return {
            "at": self.at.isoformat(),
            "executions": self.live,
            "oldest_ready_seconds": round(self.oldest_ready, 3),
            "workers": [
                {"about": about, "since": since.isoformat(), "living": living, "held": held}
                for about, since, living, held in self.workers
            ],
            "calls_per_second": self.calls,
            "failed_calls_per_second": self.errors,
            "call_seconds": {"p50": self.median, "p95": self.p95},
            "ended_in_window": self.ended,
            "window_seconds": WINDOW,
            "events_per_second": self.events,
            "approvals_pending": self.approvals,
            "waits": self.waits,
            "workflows": [
                {"workflow": name, "active": active, "waiting": waiting, "live": live}
                for name, active, waiting, live in self.workflows
            ],
            "connections": {"used": self.connections[0], "most": self.connections[1]},
            "database_megabytes": round(self.megabytes, 1),
        }


async def top(settings: Settings, *, every: float, once: bool, as_json: bool) -> int:
    """Show it until interrupted; once into a pipe."""
    async with database(settings) as where:
        if await pending(where):
            raise CommandError("The tables are of an earlier release. `botmcp migrate` brings them up to date.")
        async with await connect(where, application="botmcp top") as connection:
            if as_json:
                print_json((await looked(connection)).told())
            elif once or not out.is_terminal:
                out.print(_shown(await looked(connection)))
            else:
                with Live(_shown(await looked(connection)), console=out, auto_refresh=False, screen=True) as live:
                    while True:
                        await asyncio.sleep(every)
                        live.update(_shown(await looked(connection)), refresh=True)
    return 0


async def looked(connection: psycopg.AsyncConnection) -> Look:
    """How everything stands now."""
    window = {"seconds": WINDOW}
    live: dict[str, int] = {}
    oldest = 0.0
    for status, _, count, age in await _rows(connection, "standing"):
        live[status] = live.get(status, 0) + count
        oldest = max(oldest, float(age or 0)) if status == "ready" else oldest
    ((_, most, used, _, _, _, size),) = await _rows(connection, "server")
    ((calls, errors, median, p95),) = await _rows(connection, "pace", window)
    ((approvals, waits, events),) = await _rows(connection, "people", window)
    workers = [(about, since, leased, held) for about, since, leased, held in await _rows(connection, "workers")]
    ended = dict(await _rows(connection, "finished", window))
    busiest = [(name, a, w, n) for name, a, w, n in await _rows(connection, "busiest", {"most": MOST})]
    return Look(
        utc_now(), live, oldest, workers, calls / WINDOW, errors / WINDOW, _number(median), _number(p95), ended,
        events / WINDOW, approvals, waits, busiest, (used, most), size / 1e6,
    )  # fmt: skip


async def _rows(connection: psycopg.AsyncConnection, name: str, given: dict[str, Any] | None = None) -> list[Any]:
    return await (await connection.execute(SQL[name], given)).fetchall()


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _shown(look: Look) -> Group:
    live = "  ".join(f"{coloured(status)} [bold]{look.live.get(status, 0):,}[/]" for status in STATUSES)
    ended = ", ".join(f"{count:,} {coloured(status)}" for status, count in sorted(look.ended.items())) or "none"
    lines = [
        f"[bold]botmcp top[/]  {look.at:%H:%M:%S} UTC  database {look.megabytes:,.0f} MB, "
        f"connections {look.connections[0]}/{look.connections[1]}",
        f"executions  {live}",
        f"in {WINDOW:.0f} s     {look.calls:,.1f} calls/s ({_milliseconds(look.median)} half, "
        f"{_milliseconds(look.p95)} 95 %), {look.errors:,.1f} failed/s, {look.events:,.1f} events/s, ended: {ended}",
        f"waiting for {look.approvals:,} approvals, {look.waits:,} events and signals; "
        f"the oldest ready one for {look.oldest_ready:.1f} s",
    ]
    return Group(*(Text.from_markup(line) for line in lines), "", _workers(look), "", _workflows(look))


def _workers(look: Look) -> Table:
    table = Table("worker", "since", "holds", "", box=None, pad_edge=False)
    for about, since, living, held in look.workers:
        minutes = (look.at - since).total_seconds() / 60
        state = "[green]living[/]" if living else "[red]lease over[/]"
        table.add_row(escape(about), f"{minutes:,.0f} min", f"{held:,}", state)
    if not look.workers:
        table.add_row("[yellow]none is running[/]", "", "", "")
    return table


def _workflows(look: Look) -> Table:
    table = Table("workflow", box=None, pad_edge=False)
    for name in ("active", "waiting", "live"):
        table.add_column(name, justify="right")
    for name, active, waiting, live in look.workflows:
        table.add_row(escape(name), f"{active:,}", f"{waiting:,}", f"{live:,}")
    return table


def _milliseconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:,.0f} ms"
