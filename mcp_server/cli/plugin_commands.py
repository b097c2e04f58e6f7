"""The commands of plugins and of the keywords there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mcp_server.cli.commanded import Json, commanded

plugin = typer.Typer(name="plugin", no_args_is_help=True, help="Keywords that packages add: begin, review, list.")


@plugin.command()
def new(
    name: Annotated[str, typer.Argument(help="Such as tides: a to z, 0 to 9 and _.")],
    into: Annotated[Path, typer.Option("--into", help="The folder to make it in.", file_okay=False)] = Path(),
) -> int:
    """Write a plugin of one keyword, which works at once."""
    from mcp_server.cli import plugin as command

    return commanded("plugin", lambda s: command.begun(name, into))


@plugin.command()
def review(
    what: Annotated[str, typer.Argument(help="An installed plugin, the folder of one, or a single module.")],
    trust: Annotated[
        bool, typer.Option("--trust", help="Let exactly this code run although it does more than it declares.")
    ] = False,
    distrust: Annotated[bool, typer.Option("--distrust", help="Take that back.")] = False,
    json: Json = False,
) -> int:
    """Read a plugin's code without running it: what it declares, what it does; exits with 1 when it is refused."""
    from mcp_server.cli import plugin as command

    return commanded("plugin", lambda s: command.review(s, what, json, trust, distrust))


@plugin.command("list")
def list_plugins(json: Json = False) -> int:
    """List the plugins that are installed: listed in BOTMCP_PLUGINS or not, covered, trusted or refused."""
    from mcp_server.cli import plugin as command

    return commanded("plugin", lambda s: command.listed(s, json))


def keywords(
    words: Annotated[list[str] | None, typer.Argument(help="Words that must occur; all keywords without.")] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="The whole reference page of this installation.")
    ] = False,
    json: Json = False,
) -> int:
    """Show the keywords that programs may use here, those of plugins too."""
    from mcp_server.cli import plugin as command

    return commanded("keywords", lambda s: command.words(s, words or [], markdown, json))
