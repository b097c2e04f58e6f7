"""`botmcp status` and `botmcp stop`: the background server, and what runs and waits."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from mcp_server import inbox, served
from mcp_server.app import App, open_app
from mcp_server.cli.commanded import caller_of
from mcp_server.cli.console import coloured, out, print_json
from mcp_server.client import joined
from mcp_server.rendezvous import Hello, connected, place, version
from mcp_server.settings import Settings
from workflow.details import Detail

STOP_SECONDS = 20.0
SHOWN = 20
UNFINISHED = ("ready", "running", "waiting", "paused", "in_doubt")


@dataclass(frozen=True, slots=True)
class Answering:
    """A background server that answered."""

    version: str
    same_settings: bool
    about: dict[str, Any]


def answering(settings: Settings) -> list[Answering]:
    """The background servers of this data folder, the current one first."""
    hello = Hello(version(), settings.fingerprint, "status")
    found: list[Answering] = []
    for path in place(settings.made_home()).sockets:
        if link := connected(path, hello):
            link[0].close()
            found.append(
                Answering(link[1].version, link[1].settings == settings.fingerprint, dict(link[1].about or {}))
            )
    return found


def goes_on(settings: Settings) -> None:
    """See to it that unfinished work goes on after this command: with the embedded database, start the server."""
    if settings.embedded:
        link, _ = joined(settings, "status")
        link.close()


async def status(settings: Settings, as_json: bool) -> int:
    """Show what there is."""
    servers = await asyncio.to_thread(answering, settings) if settings.embedded else []
    serving = served.addresses(place(settings.made_home()))
    if settings.embedded and not servers and not (settings.home / "postgres").exists():
        nothing = {"servers": [], "serving": serving, "executions": []}
        print_json(nothing) if as_json else out.print("Nothing has run here yet.")
        return 0
    async with open_app(settings, "look") as app:
        unfinished = await _unfinished(app)
        _as_json(servers, serving, unfinished) if as_json else _as_text(app, servers, serving, unfinished)
    return 0


async def _unfinished(app: App) -> tuple[Detail, ...]:
    caller = caller_of(app)
    of_each = [await app.operations.listed(caller, status, SHOWN + 1) for status in UNFINISHED]
    return tuple(sorted((one for found in of_each for one in found), key=lambda one: one.created_at, reverse=True))


def _as_json(servers: list[Answering], serving: list[str], unfinished: tuple[Detail, ...]) -> None:
    executions = [
        {"id": d.id, "workflow": d.workflow_name, "status": d.status, "waiting_for": d.reason, "since": d.created_at}
        for d in unfinished
    ]
    # the inbox's address without its key: JSON is for programs, and a program is not a person
    told = [{"version": s.version, **s.about} for s in servers]
    print_json({"servers": told, "serving": serving, "executions": executions})


def _as_text(app: App, servers: list[Answering], serving: list[str], unfinished: tuple[Detail, ...]) -> None:
    now = app.now()
    if not app.settings.embedded:
        out.print("The database is yours (DATABASE_URL): `botmcp serve` and `botmcp worker` do the work.")
    elif not servers and not serving:
        out.print("No background server runs; the next client starts it. `botmcp approve` lists what waits for you.")
    for server in servers:
        about = server.about
        kind = "A retired server serves its last clients" if about.get("retired") else "The background server runs"
        since = _ago(about.get("since"), now)
        out.print(
            f"{kind}: process {about.get('pid')}, version {server.version}, {since}, {about.get('clients')} clients"
        )
        if not about.get("retired"):
            out.print(f"Inbox (this link is good for ten minutes): {inbox.link(app.settings, about['inbox'], now)}")
            if not server.same_settings:
                out.print("It was started with other settings than yours; the next client replaces it.")
    for address in serving:
        out.print(f"`botmcp serve` answers at {address}/mcp")
        out.print(f"Its inbox (this link is good for ten minutes): {inbox.link(app.settings, address, now)}")
    if not unfinished:
        out.print("No execution is unfinished.")
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("execution", no_wrap=True, min_width=36)  # to be copied whole
    for name in ("workflow", "status", "waits for", "for"):
        table.add_column(name, overflow="fold")
    for one in unfinished[:SHOWN]:
        waits = escape(one.reason or "") if one.status != "running" else ""
        since = _ago(one.created_at.isoformat(), now).removeprefix("for ")
        table.add_row(str(one.id), escape(one.workflow_name), coloured(one.status), waits, since)
    out.print(table)
    if len(unfinished) > SHOWN:
        out.print("There are more.")


def _ago(when: Any, now: datetime) -> str:
    with contextlib.suppress(TypeError, ValueError):
        seconds = int((now - datetime.fromisoformat(when).astimezone(UTC)).total_seconds())
        for size, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
            if seconds >= 2 * size:
                return f"for {seconds // size} {name}"
        return f"for {max(seconds, 0)} seconds"
    return ""


async def stop(settings: Settings) -> int:
    """Stop every background server of this data folder."""
    hello = Hello(version(), settings.fingerprint, "stop")
    stopped = [await asyncio.to_thread(_stopped, path, hello) for path in place(settings.made_home()).sockets]
    if not settings.embedded:
        out.print("The database is yours (DATABASE_URL): nothing runs in the background. Stop `serve` and `worker`.")
    elif any(stopped):
        out.print("Stopped. Unfinished workflows go on when the next client starts.")
    else:
        out.print("No background server was running.")
    return 0


def _stopped(path: Path, hello: Hello) -> bool:
    """Ask this server to stop, and wait until its process has ended."""
    if not (found := connected(path, hello)):
        return False
    link, _ = found
    with link:
        link.settimeout(STOP_SECONDS)
        with contextlib.suppress(OSError):
            while link.recv(1024):
                pass
    return True
