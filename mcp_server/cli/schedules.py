"""`botmcp schedules` and `botmcp limits`: what starts at its times, and how much may."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from rich.markup import escape
from rich.table import Table

from mcp_server.app import open_app
from mcp_server.cli.commanded import caller_of
from mcp_server.cli.console import out, print_json
from mcp_server.cli.executions import program_named
from mcp_server.cli.run import given_value
from mcp_server.cli.status import goes_on
from mcp_server.settings import Settings
from workflow.schedules import Schedule

DONE = {"pause": "Paused", "resume": "Resumed", "delete": "Deleted"}


async def listed(settings: Settings, as_json: bool) -> int:
    """List the schedules."""
    async with open_app(settings, "look") as app:
        found = await app.operations.schedules(caller_of(app))
    if as_json:
        print_json({"schedules": [one.told() for one in found]})
        return 0
    if not found:
        out.print("There are no schedules. `botmcp schedules set` sets one; so does SET SCHEDULE in a program.")
        return 0
    table = Table(box=None, pad_edge=False)
    for name in ("schedule", "rule", "zone", "status", "next", "runs", "last error"):
        table.add_column(name, overflow="fold")
    for one in found:
        row = (one.name, one.rule, one.zone, one.status, _when(one.next_at if one.status == "active" else None))
        table.add_row(*map(escape, (*row, str(one.runs), (one.last_error or "")[:200])))
    out.print(table)
    return 0


async def shown(settings: Settings, name: str, as_json: bool) -> int:
    """Show one schedule with its next times."""
    async with open_app(settings, "look") as app:
        found = await app.operations.schedule(caller_of(app), name)
    print_json(found.told()) if as_json else _show(found)
    return 0


async def made(
    settings: Settings, rule: str, program: str, name: str, zone: str, missed: str, given: Sequence[str]
) -> int:
    """Set a schedule."""
    inputs = dict(given_value(each, "--set") for each in given)
    async with open_app(settings, "look") as app:
        text = await program_named(app, program)
        kept = await app.operations.set_schedule(
            caller_of(app), rule, text, name=name, inputs=inputs, zone=zone, missed=missed, bot_name=text.origin
        )
    _show(kept)
    await asyncio.to_thread(goes_on, settings)
    return 0


async def put(settings: Settings, action: str, name: str) -> int:
    """Pause, resume or delete a schedule."""
    async with open_app(settings, "look") as app:
        operations = app.operations
        acts = {
            "pause": operations.pause_schedule,
            "resume": operations.resume_schedule,
            "delete": operations.delete_schedule,
        }
        found = await acts[action](caller_of(app), name)
    out.print(f"{DONE[action]}: {escape(found.name)}.")
    if action == "resume":
        _show(found)
        await asyncio.to_thread(goes_on, settings)
    return 0


async def limits(settings: Settings, as_json: bool) -> int:
    """List the limits."""
    async with open_app(settings, "look") as app:
        found = await app.operations.limits(caller_of(app))
    if as_json:
        print_json({"limits": [one.told() for one in found]})
    elif not found:
        out.print("Nothing is limited.")
    for one in () if as_json else found:
        words = [f"{one.running} of {one.max_running} running"] if one.max_running else [f"{one.running} running"]
        words += [f"{one.starts} starts in {one.seconds:g} s"] if one.starts else []
        out.print(f"{escape(one.bot_name or 'everything')}: {', '.join(words)}; set by {escape(one.set_by)}")
    return 0


async def limited(settings: Settings, bot: str, running: int | None, starts: int | None, seconds: float) -> int:
    """Set a limit."""
    async with open_app(settings, "look") as app:
        caller = caller_of(app)
        limit = await app.operations.set_limit(caller, bot, running=running, starts=starts, seconds=seconds)
    whose = escape(bot or "everything")
    out.print(f"The limit of {whose} is set." if limit else f"There is no limit of {whose} now.")
    return 0


def _show(found: Schedule) -> None:
    what = f"{found.rule} ({found.cron}, {found.zone})" if found.cron else f"once, at {found.rule}"
    out.print(f"[bold]{escape(found.name)}[/] {escape(what)}, {found.status}")
    out.print(f"starts {escape(found.workflow or 'the program it was set with')}, kept by a {found.source}")
    for time in found.coming():
        out.print(f"  next {_when(time)}")
    if found.last_at:
        out.print(f"last {_when(found.last_at)}, execution {found.last_execution}, {found.runs} runs")
    if found.last_error:
        out.print(f"last error: {escape(found.last_error)}")


def _when(time: datetime | None) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}" if time else ""
