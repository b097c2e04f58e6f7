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
