"""`botmcp designer`: the pages in the browser, for the person at this machine."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import structlog

from mcp_server import designing, served
from mcp_server.cli.console import out
from mcp_server.client import joined
from mcp_server.rendezvous import place
from mcp_server.settings import Settings

log = structlog.get_logger()


async def designer(settings: Settings, workflow: str, *, opens: bool) -> int:
    """Print the link that lets a person in, and open it; with a database of one's own, serve until a signal."""
    to = f"/designer/embed/{quote(workflow, safe='/')}" if workflow else "/designer"
    if running := await asyncio.to_thread(_running, settings):
        _told(settings, running, to, opens=opens)
        return 0
    return await _serving(settings, to, opens=opens)


def _running(settings: Settings) -> str:
    """The address at which the pages are, started if need be; "" where nothing may be started behind one's back."""
    if addresses := served.addresses(place(settings.made_home())):
        return addresses[0]
    if not settings.embedded:
        return ""
    link, hello = joined(settings, "status")
    link.close()
    return str((hello.about or {}).get("inbox", ""))


def _told(settings: Settings, address: str, to: str, *, opens: bool) -> None:
    link = designing.link(settings, address, datetime.now(UTC), to)
    out.print("The designer (this link lets you in, and is good for ten minutes):")
    out.print(link, soft_wrap=True, highlight=False, markup=False)
    if opens and sys.stdout.isatty():
        webbrowser.open(link)


async def _serving(settings: Settings, to: str, *, opens: bool) -> int:
    from mcp_server import http, listening_server, logs
    from mcp_server.app import open_app
    from mcp_server.cli.servers import signals

    settings = replace(settings, host="127.0.0.1", port=0)
    logs.to_file(settings, "designer")
    signalled = signals()
    async with open_app(settings, "serve") as app:
        pages = http.application(app)
        async with listening_server.serving(pages, settings.host, 0, settings.allowed_hosts) as address:
            with served.noted(place(settings.made_home()), address):
                _told(settings, address, to, opens=opens)
                out.print("It is served from here until you press Ctrl+C.")
                await signalled.wait()
    return 0
