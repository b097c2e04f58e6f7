"""What every command of the command line is run by."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mcp_server.cli.errors import guarded
from mcp_server.settings import Settings, of_environment

if TYPE_CHECKING:
    from mcp_server.app import App
    from workflow.details import Caller

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def commanded(role: str, work: Callable[[Settings], Coroutine[Any, Any, int]]) -> int:
    """The exit code of the work, its errors told and its log kept."""
    from mcp_server import logs

    settings = of_environment()
    logs.to_file(settings, role)
    return guarded(settings, role, lambda: work(settings))


def caller_of(app: App) -> Caller:
    """On whose behalf the command line acts."""
    return app.caller("command line", "")
