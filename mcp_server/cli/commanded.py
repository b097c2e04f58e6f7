"""What every command of the command line is run by."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer

from mcp_server.cli.errors import guarded
from mcp_server.settings import Settings, of_environment

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def commanded(role: str, work: Callable[[Settings], Coroutine[Any, Any, int]]) -> int:
    """The exit code of the work, its errors told and its log kept."""
    from mcp_server import logs

    settings = of_environment()
    logs.to_file(settings, role)
    return guarded(settings, role, lambda: work(settings))
