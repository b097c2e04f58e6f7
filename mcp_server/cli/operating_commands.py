"""Commands of those who install and operate: packages, plugins, backups, the live view, load."""

from __future__ import annotations

import typer

from mcp_server.cli import package_commands, plugin_commands


def add(app: typer.Typer) -> None:
    """Put them into the command line."""
    app.add_typer(package_commands.package)
    app.add_typer(plugin_commands.plugin)
    app.command("keywords")(plugin_commands.keywords)
