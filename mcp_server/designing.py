"""Puts the designer together: its pages are handed the rooms of one App, and let in whoever has a link."""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route

from designer.app import routes as pages
from designer.doors import Doors
from keywords.host import ProgramText
from mcp_server.app import App
from mcp_server.identity import Unidentified
from mcp_server.secret import secret
from workflow.details import Caller


def doors(app: App) -> Doors:
    """The rooms behind the pages."""

    def identify(_: Request) -> Caller | None:
        try:
            return app.caller("designer", "")
        except Unidentified:
            return None

    async def find(caller: Caller, name: str) -> ProgramText:
        return await app.program(caller, name)

    return Doors(
        identify=identify,
        operations=app.operations,
        registry=app.registry,
        packages=app.packages,
        bots=app.bots,
        performance=app.performance,
        models=app.models.configured,
        memories=app.memories,
        pool=app.pool,
        hints=app.hints,
        check=app.check,
        find=find,
        drafts=app.drafts,
        now=app.now,
        secret=secret(app.settings.home, "designer"),
    )


def routes(app: App) -> list[Route]:
    """The pages of the designer over this App."""
    return pages(doors(app))
