"""A workflow in another site's frame, in a real browser: both pages talk as docs/guides/embedding.md says."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from designer import app as pages
from mcp_server import designing, listening_server
from mcp_server.app import App
from tests.designer.stage import drawn
from tests.mcp_server.browser import browser

HOST = """<!doctype html><title>host</title><iframe id="flow" src="{src}" width="1000" height="700"></iframe><script>
window.heard = []; window.addEventListener("message", (event) => window.heard.push([event.origin, event.data]));
window.tell = (data) => document.getElementById("flow").contentWindow.postMessage(data, "*");</script>"""


@asynccontextmanager
async def site(src: str) -> AsyncGenerator[str]:
    """A page elsewhere that frames ours."""

    async def page(_: Request) -> HTMLResponse:
        return HTMLResponse(HOST.format(src=src))

    async with listening_server.serving(Starlette(routes=[Route("/", page)]), "127.0.0.1", 0, ()) as address:
        yield address


async def heard(page: Any, kind: str) -> Any:
    """The first message of this kind that the page around the frame gets."""
    await page.wait_for_function("(kind) => window.heard.some(([, data]) => data.type === kind)", arg=kind)
    return await page.evaluate("(kind) => window.heard.find(([, data]) => data.type === kind)", kind)


async def test_the_page_around_and_the_frame_talk_and_a_stranger_sees_nothing(app: App) -> None:
    caller = app.caller("test", "")
    draft = await drawn(app, caller)
    allowed: list[str] = []
    doors = designing.doors(app)
    async with (
        listening_server.serving(_later(doors, allowed), "127.0.0.1", 0, ()) as address,
        site(f"{address}/designer/embed/{draft}") as friend,
        site(f"{address}/designer/embed/{draft}") as other,
        browser() as page,
    ):
        allowed.append(friend)
        await page.goto(friend)
        origin, ready = await heard(page, "ready")
        assert (origin, ready["botmcp"], ready["id"]) == (address, 1, str(draft))
        await page.evaluate('window.tell({botmcp: 1, type: "source"})')
        _, told = await heard(page, "source")
        assert told["source"] == (await app.drafts.get(caller, draft)).source
        await page.evaluate('window.tell({botmcp: 1, type: "theme", theme: "dark"})')
        await page.frames[1].wait_for_selector('html[data-theme="dark"]')
        await page.frames[1].wait_for_function("document.body.dataset.watched")
        await app.drafts.replace(caller, draft, 'TALK "changed"\n')
        _, changed = await heard(page, "changed")
        assert changed["by"] == caller.subject
        await page.goto(other)
        await page.wait_for_timeout(300)
        assert await page.evaluate("window.heard.length") == 0
        assert "botmcp" not in await page.frames[1].title()


def _later(doors: Any, allowed: list[str]) -> Any:
    """The pages, once it is known whom they allow."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await Starlette(routes=pages.routes(replace(doors, embedding=tuple(allowed))))(scope, receive, send)

    return app
