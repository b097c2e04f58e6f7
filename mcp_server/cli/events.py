"""`botmcp events ...`: look at events, publish one, see what was given up and deliver it again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from rich.markup import escape
from rich.table import Table

from mcp_server.app import open_app
from mcp_server.cli.commanded import caller_of
from mcp_server.cli.console import out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.cli.status import goes_on
from mcp_server.settings import Settings

SHOWN = 100  # characters of data


async def listed(settings: Settings, pattern: str, limit: int, as_json: bool) -> int:
    """List the newest events."""
    async with open_app(settings, "look") as app:
        found = await app.operations.events.listed(caller_of(app), pattern or None, limit)
    rows = [[one["time"][:19], one["name"], one["key"], _short(one["data"]), one["id"]] for one in found]
    return _print({"events": found}, ("time", "name", "key", "data", "event"), rows, "There are no events.", as_json)


async def dead(settings: Settings, limit: int, as_json: bool) -> int:
    """List what handlers and webhooks gave up."""
    async with open_app(settings, "look") as app:
        found = await app.operations.events.dead(caller_of(app), limit)
    rows = [
        [(one["at"] or "")[:19], one["name"] or "", one["to"], _short((one["error"] or {}).get("message")), one["id"]]
        for one in found
    ]
    return _print({"dead": found}, ("given up", "name", "by", "why", "event"), rows, "Nothing was given up.", as_json)


async def subscriptions(settings: Settings, as_json: bool) -> int:
    """List who is told of which events."""
    async with open_app(settings, "look") as app:
        found = await app.operations.events.subscriptions(caller_of(app))
    rows = [
        [
            one["pattern"],
            one["url"] or f"ON EVENT of {one['workflow_name']}",
            str(one["outstanding"]),
            one["since"][:19],
        ]
        for one in found
    ]
    return _print(
        {"subscriptions": found}, ("pattern", "to", "outstanding", "since"), rows, "Nobody is told of any.", as_json
    )


async def replay(settings: Settings, event: str) -> int:
    """Deliver an event again."""
    try:
        wanted = UUID(event.strip())
    except ValueError:
        raise CommandError(f"{event} is not the id of an event. `botmcp events list` shows them.") from None
    async with open_app(settings, "look") as app:
        count = await app.operations.events.replayed(caller_of(app), wanted)
    out.print(f"Delivered again: {count}." if count else "Nobody wants it who has not had it.")
    await asyncio.to_thread(goes_on, settings)
    return 0


async def publish(settings: Settings, name: str, data: str, key: str, dedupe: str) -> int:
    """Publish an event."""
    try:
        value = json.loads(data) if data else None
    except ValueError:
        value = data
    async with open_app(settings, "look") as app:
        publisher, tenant = app.operations.events.publisher, caller_of(app).tenant
        made = await publisher.publish(tenant, name, value, key=key or None, dedupe=dedupe or None, source="/command")
    out.print(str(made))
    await asyncio.to_thread(goes_on, settings)
    return 0


def _print(
    found: Mapping[str, Any], columns: Sequence[str], rows: Sequence[Sequence[str]], nothing: str, as_json: bool
) -> int:
    if as_json:
        print_json(dict(found))
    elif not rows:
        out.print(nothing)
    else:
        table = Table(box=None, pad_edge=False)
        for name in columns:
            whole = name == "event"
            table.add_column(name, no_wrap=whole, min_width=36 if whole else None, overflow="fold")
        for row in rows:
            table.add_row(*map(escape, row))
        out.print(table)
    return 0


def _short(value: object) -> str:
    words = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return words if len(words) <= SHOWN else words[: SHOWN - 3] + "..."
