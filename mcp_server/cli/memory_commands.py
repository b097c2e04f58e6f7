"""`botmcp memory`, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mcp_server.cli.commanded import Json, commanded

memory = typer.Typer(name="memory", no_args_is_help=True, help="List, export, import and erase what bots remember.")

host = typer.Typer(name="host", no_args_is_help=True, help="Work beside a General Bots host.")

Bot = Annotated[str, typer.Option("--bot", help="A bot, by its name.")]
User = Annotated[str, typer.Option("--user", help='A person: the session of their conversations, or "owner".')]


@memory.command("list")
def list_memory(
    bot: Annotated[str, typer.Argument(help="A bot, by its name.")],
    prefix: Annotated[str, typer.Argument(help="Only keys that begin so.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    json: Json = False,
) -> int:
    """List what a bot remembers."""
    from mcp_server.cli import memory as command

    return commanded("memory", lambda s: command.listed(s, bot, prefix, limit, json))


@memory.command()
def export(
    bot: Bot = "",
    user: User = "",
    to: Annotated[Path | None, typer.Option("--to", help="A new file; else it is printed.")] = None,
) -> int:
    """Export all that is known of a bot or a person, as JSON with counts."""
    from mcp_server.cli import memory as command

    return commanded("memory", lambda s: command.exported(s, bot, user, to))


@memory.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `botmcp memory export` wrote.")],
    bot: Annotated[str, typer.Option("--bot", help="Into this bot; else into those that the file names.")] = "",
    json: Json = False,
) -> int:
    """Write the memories of an export; what is there under the same keys goes to the history."""
    from mcp_server.cli import memory as command

    return commanded("memory", lambda s: command.imported(s, file, bot, json))


@memory.command()
def erase(
    bot: Bot = "",
    user: User = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> int:
    """Erase all that is known of a bot or a person: memories, history, shares, search, journals of ended runs."""
    from mcp_server.cli import memory as command

    return commanded("memory", lambda s: command.erased(s, bot, user, yes, json))


@host.command("install-trigger")
def install_trigger() -> int:
    """Let what the host itself writes into its bots' memory count: in history, shares and search.

    Needs the host's tables in the database of DATABASE_URL, and a user who may put a trigger on public.bot_memories.
    """
    from mcp_server.cli import host as command

    return commanded("host", command.installed)
