"""Puts the designer together: its pages are handed the rooms of one App, and let in whoever has a link."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from designer.app import routes as pages
from designer.doors import Doors
from designer.house import local
from keywords.host import ProgramText
from mcp_server import inbox, inbox_page
from mcp_server.app import App
from mcp_server.identity import Unidentified
from mcp_server.secret import secret
from mcp_server.settings import Settings
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
        embedding=app.settings.embedding_origins,
    )


def link(settings: Settings, address: str, now: datetime, to: str = "/designer") -> str:
    """What a person opens in the browser to come in as the owner; good for ten minutes."""
    return f"{address}/designer/open?{urlencode({'key': inbox.keys(settings.home).link(now), 'to': to})}"


def routes(app: App) -> list[Route]:
    """The pages of the designer over this App, and the way in."""
    signed = inbox.keys(app.settings.home)

    async def come_in(request: Request) -> Response:
        """Let in whoever has a link: a cookie, nothing else."""
        now = app.now()
        if not signed.opens(request.query_params.get("key", ""), now):
            return inbox.html_page(inbox_page.locked("This link is too old or incomplete."), 403)
        return inbox.let_in(request, signed, local(request.query_params.get("to", "")), now)

    return [Route("/designer/open", come_in, methods=["GET"]), *pages(doors(app))]
