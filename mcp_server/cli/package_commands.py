"""The commands of packages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mcp_server.cli.commanded import Json, commanded

package = typer.Typer(
    name="package", no_args_is_help=True, help="Packages (.gbai): begin, install, export, list, test."
)

Name = Annotated[str, typer.Argument(help="A package, by its name or its folder.")]


@package.command()
def new(
    name: Annotated[str, typer.Argument(help="Such as my-shop: a to z, 0 to 9 and -.")],
    template: Annotated[str, typer.Option("--from", help="The package to begin with.")] = "starter",
    into: Annotated[Path, typer.Option("--into", help="The folder to make it in.", file_okay=False)] = Path(),
) -> int:
    """Make a package of your own from a template; its workflows can be started at once."""
    from mcp_server.cli import package as command

    return commanded("package", lambda s: command.begun(s, name, template, into))


@package.command()
def install(
    source: Annotated[str, typer.Argument(help="A folder, a ZIP file, or an address https://... of one.")],
    sha256: Annotated[str, typer.Option("--sha256", help="Refuse any other archive than this.")] = "",
    replace: Annotated[bool, typer.Option("--replace", help="Put it in the place of one of its name.")] = False,
) -> int:
    """Install a package that somebody made; nothing of it is run, and it is checked."""
    from mcp_server.cli import package as command

    return commanded("package", lambda s: command.install(s, source, sha256, replacing=replace))


@package.command()
def export(
    name: Name,
    file: Annotated[Path | None, typer.Argument(help="The ZIP to write; <name>.gbai.zip without.")] = None,
) -> int:
    """Pack a package into a ZIP for others; the same files make the same archive."""
    from mcp_server.cli import package as command

    return commanded("package", lambda s: command.export(s, name, file))


@package.command("list")
def list_packages(json: Json = False) -> int:
    """List the packages that are found here, and their workflows."""
    from mcp_server.cli import package as command

    return commanded("package", lambda s: command.listed(s, json))


@package.command()
def test(name: Name, json: Json = False) -> int:
    """Run the samples of a package on the embedded database and compare what comes out with what they expect."""
    from mcp_server.cli import package as command

    return commanded("package", lambda s: command.test(s, name, json))


@package.command()
def remove(name: Annotated[str, typer.Argument(help="An installed package.")]) -> int:
    """Take away what `install` has put there."""
    from mcp_server.cli import package as command

    return commanded("package", lambda s: command.remove(s, name))
