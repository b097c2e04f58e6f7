"""Commands of those who install and operate: packages, plugins, backups, the live view, load."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mcp_server.cli import package_commands, plugin_commands
from mcp_server.cli.commanded import Json, commanded

Backup = Annotated[Path, typer.Argument(help="A file that `botmcp backup` wrote.", dir_okay=False)]


def add(app: typer.Typer) -> None:
    """Put them into the command line."""
    app.add_typer(package_commands.package)
    app.add_typer(plugin_commands.plugin)
    app.command("keywords")(plugin_commands.keywords)
    app.command()(backup)
    app.command()(restore)
    app.command()(top)
    app.command()(load)


def backup(
    file: Annotated[
        Path | None, typer.Argument(help="Where to write it; botmcp-<time>.backup without.", dir_okay=False)
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Also restore it into a server of its own, and compare.")
    ] = False,
    json: Json = False,
) -> int:
    """Write everything into one file while work goes on: database, packages, files of bots, secrets."""
    from mcp_server.cli import backup as command

    return commanded("backup", lambda s: command.backup(s, file, verify=verify, as_json=json))


def restore(
    file: Backup,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only try it, in a server of its own; nothing else is touched.")
    ] = False,
    json: Json = False,
) -> int:
    """Bring back what a backup holds, into an empty data folder or database."""
    from mcp_server.cli import backup as command

    if verify:
        return commanded("restore", lambda s: command.verify(s, file, as_json=json))
    return commanded("restore", lambda s: command.restore(s, file, as_json=json))


def top(
    every: Annotated[float, typer.Option("--every", min=0.2, max=3600, help="Seconds between two looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
    json: Json = False,
) -> int:
    """Show live what runs and waits, which workers do it, and how fast."""
    from mcp_server.cli import top as command

    return commanded("top", lambda s: command.top(s, every=every, once=once, as_json=json))


def load(
    executions: Annotated[int, typer.Option("--executions", "-n", min=1, max=1_000_000, help="How many.")] = 1000,
    rate: Annotated[float, typer.Option("--rate", min=0, help="Starts a second; 0: as fast as they go.")] = 0,
    shape: Annotated[str, typer.Option("--shape", help="short, steps, parallel or waits.")] = "steps",
    steps: Annotated[int, typer.Option("--steps", min=1, max=10_000, help="Of the shape steps.")] = 5,
    seconds: Annotated[float, typer.Option("--seconds", min=0, max=300, help="Of the shape waits.")] = 1.0,
    with_worker: Annotated[
        bool, typer.Option("--with-worker", help="Also work in this process, beside whoever works already.")
    ] = False,
    json: Json = False,
) -> int:
    """Measure how many executions this installation carries; what it starts is deleted at the end."""
    from mcp_server.cli import load as command

    wanted = command.Wanted(executions, rate, shape, steps, seconds)
    return commanded("load", lambda s: command.load(s, wanted, worker=with_worker, as_json=json))
