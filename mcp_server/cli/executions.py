"""`botmcp executions ...` and `botmcp answer`: look at executions and steer them from the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from rich.markup import escape
from rich.table import Table

from keywords.mistakes import UnknownName
from mcp_server.app import App, open_app
from mcp_server.cli.console import coloured, out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.cli.progress import Shown
from mcp_server.cli.status import goes_on
from mcp_server.settings import Settings
from workflow import telling
from workflow.details import Caller, Deed, Detail
from workflow.turn import STATUSES

NEWEST = 500  # executions that the beginning of an id is looked for among
DONE = {"cancel": "Cancelled", "pause": "Paused", "resume": "Resumed", "retry": "Trying again", "answer": "Answered"}


async def listed(settings: Settings, status: str, limit: int, as_json: bool) -> int:
    """List the newest executions."""
    if status and status not in STATUSES:
        raise CommandError(f"There is no status {status}. There are {', '.join(STATUSES)}.")
    async with open_app(settings, "look") as app:
        found = await app.operations.listed(_caller(app), status or None, limit)
    if as_json:
        print_json({"executions": [telling.told(one) for one in found]})
    elif not found:
        out.print("There are no executions" + (f" that are {status}." if status else "."))
    else:
        out.print(_table(found))
    return 0


async def shown(settings: Settings, wanted: str, as_json: bool) -> int:
    """Show one execution with its journal, what it waits for and what was done to it."""
    async with open_app(settings, "look") as app:
        detail = await app.operations.get(_caller(app), await _chosen(app, wanted))
        rows, _ = await app.operations.journal(_caller(app), detail.id)
        deeds = await app.operations.deeds(_caller(app), detail.id)
    if as_json:
        journal = [telling.told_row(row) for row in rows]
        print_json({**telling.told(detail), "journal": journal, "deeds": [_told(deed) for deed in deeds]})
        return 0
    began = f"{detail.created_at.astimezone():%Y-%m-%d %H:%M:%S}"
    started = f"started by {detail.started_by} through {detail.started_through}, {began}"
    out.print(f"[bold]{escape(detail.workflow_name)}[/] {detail.id}")
    out.print(f"{coloured(detail.status)}, {escape(started)}")
    show = Shown(out, detail.created_at)
    show.rows(rows)
    for deed in deeds:
        when = (deed.at - detail.created_at).total_seconds()
        out.print(f"[dim]{when:6.2f} s[/] {escape(f'{deed.act} by {deed.by} through {deed.through} {deed.about}')}")
    show.standing(detail, lambda approval: f"(botmcp approve {approval.root})")
    if detail.finished:
        show.ended(detail)
    return 0


async def steered(settings: Settings, action: str, wanted: str, text: str = "") -> int:
    """Steer one execution."""
    async with open_app(settings, "look") as app:
        execution = await _chosen(app, wanted)
        caller, operations = _caller(app), app.operations
        acts: dict[str, Callable[[], Awaitable[Detail]]] = {
            "cancel": lambda: operations.cancel(caller, execution),
            "pause": lambda: operations.pause(caller, execution),
            "resume": lambda: operations.resume(caller, execution),
            "retry": lambda: operations.retry(caller, execution),
            "answer": lambda: operations.answer(caller, execution, text),
        }
        detail = await acts[action]()
    out.print(f"{DONE[action]}: {escape(detail.workflow_name)} is {coloured(detail.status)}.")
    await asyncio.to_thread(goes_on, settings)
    return 0


async def _chosen(app: App, wanted: str) -> UUID:
    """The execution that this id, or the beginning of one, means."""
    wanted = wanted.strip().lower()
    try:
        return UUID(wanted)
    except ValueError:
        pass
    known = [one.id for one in await app.operations.listed(_caller(app), None, NEWEST)]
    fitting = [each for each in known if wanted and str(each).startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise CommandError(f"Several executions begin with {wanted}; write more of the id.")
    raise UnknownName("execution", wanted, map(str, known), "`botmcp executions list` shows them.")


def _caller(app: App) -> Caller:
    return app.caller("command line", "")


def _table(found: Sequence[Detail]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("execution", no_wrap=True, min_width=36)  # to be copied whole
    for name in ("workflow", "status", "started", "waits for"):
        table.add_column(name, overflow="fold", min_width=10 if name == "started" else None)
    for one in found:
        waits = one.reason or "" if not one.finished else str(one.error or "")
        when = f"{one.created_at.astimezone():%Y-%m-%d %H:%M:%S}"
        table.add_row(str(one.id), escape(one.workflow_name), coloured(one.status), when, escape(waits[:120]))
    return table


def _told(deed: Deed) -> dict[str, Any]:
    about = {"execution_id": str(deed.execution), "act": deed.act, "by": deed.by, "through": deed.through}
    return {**about, "on_behalf_of": deed.on_behalf_of, "about": deed.about, "at": deed.at.isoformat()}
