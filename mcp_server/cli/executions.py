"""`botmcp executions ...` and `botmcp answer`: look at executions and steer them from the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from rich.markup import escape
from rich.table import Table

from keywords.host import ProgramText
from keywords.mistakes import UnknownName
from mcp_server.app import App, open_app
from mcp_server.cli.commanded import caller_of
from mcp_server.cli.console import coloured, out, print_json
from mcp_server.cli.errors import CommandError
from mcp_server.cli.progress import Shown
from mcp_server.cli.run import given_value, read
from mcp_server.cli.status import goes_on
from mcp_server.settings import Settings
from workflow import telling
from workflow.details import Deed, Detail
from workflow.turn import STATUSES

NEWEST = 500  # executions that the beginning of an id is looked for among
DONE = {
    "cancel": "Cancelled",
    "pause": "Paused",
    "resume": "Resumed",
    "retry": "Trying again",
    "fork": "Forked",
    "signal": "Signalled",
    "settle": "Settled",
    "answer": "Answered",
}


async def listed(settings: Settings, status: str, limit: int, as_json: bool) -> int:
    """List the newest executions."""
    if status and status not in STATUSES:
        raise CommandError(f"There is no status {status}. There are {', '.join(STATUSES)}.")
    async with open_app(settings, "look") as app:
        found = await app.operations.listed(caller_of(app), status or None, limit)
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
        detail = await app.operations.get(caller_of(app), await _chosen(app, wanted))
        rows, _ = await app.operations.journal(caller_of(app), detail.id)
        deeds = await app.operations.deeds(caller_of(app), detail.id)
    if as_json:
        journal = [telling.told_row(row) for row in rows]
        print_json({**telling.told(detail), "journal": journal, "deeds": [_told(deed) for deed in deeds]})
        return 0
    began = f"{detail.created_at.astimezone():%Y-%m-%d %H:%M:%S}"
    started = f"started by {detail.started_by} through {detail.started_through}, {began}"
    out.print(f"[bold]{escape(detail.workflow_name)}[/] {detail.id}")
    out.print(f"{coloured(detail.status)}, {escape(started)}")
    if detail.forked_from:
        out.print(f"forked from {detail.forked_from}")
    if detail.deadline:
        out.print(f"to end by {detail.deadline.astimezone():%Y-%m-%d %H:%M:%S}")
    show = Shown(out, detail.created_at)
    show.rows(rows)
    for deed in deeds:
        when = (deed.at - detail.created_at).total_seconds()
        out.print(f"[dim]{when:6.2f} s[/] {escape(f'{deed.act} by {deed.by} through {deed.through} {deed.about}')}")
    show.standing(detail, lambda approval: f"(botmcp approve {approval.root})")
    if detail.finished:
        show.ended(detail)
    return 0


async def steered(settings: Settings, action: str, wanted: str, given: Mapping[str, Any]) -> int:
    """Steer one execution."""
    async with open_app(settings, "look") as app:
        execution = await _chosen(app, wanted)
        caller, operations = caller_of(app), app.operations
        match action:
            case "cancel":
                detail = await operations.cancel(caller, execution)
            case "pause":
                detail = await operations.pause(caller, execution)
            case "resume":
                detail = await operations.resume(caller, execution)
            case "retry":
                detail = await operations.retry(caller, execution, **given)
            case "fork":
                variables = dict(given_value(each, "--set") for each in given["variables"])
                detail = await operations.fork(
                    caller, execution, step=given["step"], call=given["call"], variables=variables
                )
            case "signal":
                detail = await operations.signal(caller, execution, given["name"], _data(given["data"]))
            case "settle":
                took_place, value = given["took_place"], _data(given["value"])
                detail = await operations.settle(caller, execution, took_place=took_place, value=value)
            case _:
                detail = await operations.answer(caller, execution, given["text"])
    if action == "fork":
        out.print(f"execution {detail.id}", soft_wrap=True)
    out.print(f"{DONE[action]}: {escape(detail.workflow_name)} is {coloured(detail.status)}.")
    await asyncio.to_thread(goes_on, settings)
    return 0


async def migrated(settings: Settings, runs: str, to: str, given: Sequence[str], dry: bool, as_json: bool) -> int:
    """Move live executions to another program; 1 when one of them stays."""
    variables = dict(given_value(each, "--set") for each in given)
    async with open_app(settings, "look") as app:
        wanted = await _chosen(app, runs) if _looks_like_id(runs) else runs
        moved = await app.operations.migrate(
            caller_of(app), wanted, await program_named(app, to), variables=variables, dry=dry
        )
    if as_json:
        print_json({"executions": [one.told() for one in moved], "dry_run": dry})
    for one in () if as_json else moved:
        how = ("would be moved" if dry else "moved") if one.moved else f"stays: {one.reason}"
        out.print(f"{one.execution} {escape(one.workflow_name)} {escape(how)}")
    if not moved and not as_json:
        out.print(f"No live execution of {escape(runs)} runs another program.")
    await asyncio.to_thread(goes_on, settings)
    return 0 if all(one.moved for one in moved) else 1


async def program_named(app: App, wanted: str) -> ProgramText:
    """The program of a .bas file, or the published or packaged workflow of that name."""
    path = Path(wanted)
    if wanted.endswith(".bas") and await asyncio.to_thread(path.is_file):
        return read(path)
    return await app.program(caller_of(app), wanted)


def _looks_like_id(text: str) -> bool:
    return len(text) >= 8 and all(c in "0123456789abcdef-" for c in text.strip().lower())


def _data(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text or None


async def _chosen(app: App, wanted: str) -> UUID:
    """The execution that this id, or the beginning of one, means."""
    wanted = wanted.strip().lower()
    try:
        return UUID(wanted)
    except ValueError:
        pass
    known = [one.id for one in await app.operations.listed(caller_of(app), None, NEWEST)]
    fitting = [each for each in known if wanted and str(each).startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise CommandError(f"Several executions begin with {wanted}; write more of the id.")
    raise UnknownName("execution", wanted, map(str, known), "`botmcp executions list` shows them.")


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
